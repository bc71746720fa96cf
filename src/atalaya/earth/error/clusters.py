"""Several hits of one look: a cloud that falls apart in range (near slope, far slope) and its parts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_PARTS = 4
"""Parts of one cloud: more would be fewer than a hundred draws each."""

_SIDE = 8
_LEAST_SHARE = 0.025
_LOCAL = 8.0
_OF_SPREAD = 0.3
_LEAST_GAP_M = 1.0


def parts_by_range(range_m: Floats) -> NDArray[np.int8]:
    """(n, s) number of the part each draw belongs to, from 0 near to 3 far; -1 where nothing was met.

    A cloud is cut where neighbouring ranges lie apart by more than 8 times the mean spacing of the 8 draws
    on either side, by 0.3 of the spread of all, and by a metre; each part holds 2.5 % of the draws or more.
    Of more than three such gaps the widest three are taken. Draws on one slope leave no such gap: behind a
    ridge the ground that cannot be seen does.
    """
    n, samples = range_m.shape
    order = np.argsort(range_m, axis=1)  # NaN last
    ranges = np.take_along_axis(range_m, order, axis=1)
    count = np.count_nonzero(np.isfinite(range_m), axis=1)
    gap = np.nan_to_num(np.diff(ranges, axis=1))
    score = np.where(_is_gap(gap, ranges, count), gap, 0.0)
    label = np.zeros((n, samples), np.int8)
    for row in np.flatnonzero(score.any(axis=1)):
        label[row] = _cut(score[row], int(count[row]), samples)
    label[np.arange(samples)[None, :] >= count[:, None]] = -1
    out = np.empty_like(label)
    np.put_along_axis(out, order, label, axis=1)
    return out


def _is_gap(gap: Floats, ranges: Floats, count: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(n, s - 1) whether a spacing of sorted ranges is a gap."""
    running = np.concatenate((np.zeros((len(gap), 1)), np.cumsum(gap, axis=1)), axis=1)
    at = np.arange(gap.shape[1])
    low, high = np.maximum(at - _SIDE, 0), np.minimum(at + 1 + _SIDE, gap.shape[1])
    around = running[:, high] - running[:, low] - gap
    local = around / np.maximum(high - low - 1, 1)
    known, some = np.isfinite(ranges), np.maximum(count, 1)
    middle = np.sum(ranges, axis=1, where=known) / some
    off = np.subtract(ranges, middle[:, None], out=np.zeros_like(ranges), where=known)
    spread = np.sqrt(np.sum(off**2, axis=1) / some)
    least = np.maximum(_OF_SPREAD * spread, _LEAST_GAP_M)
    sides = np.maximum(_SIDE + 1, np.ceil(_LEAST_SHARE * count).astype(np.intp))[:, None]
    inner = (at + 1 >= sides) & (count[:, None] - at - 1 >= sides)
    return np.asarray(inner & (gap > _LOCAL * local) & (gap > least[:, None]))


def _cut(score: Floats, count: int, samples: int) -> NDArray[np.int8]:
    """Numbers of the parts along the sorted draws: the widest gaps that leave no part too small."""
    least = max(_SIDE + 1, int(np.ceil(_LEAST_SHARE * count)))
    ends = [0, count]
    for place in np.argsort(-score):
        if score[place] <= 0.0 or len(ends) > MOST_PARTS:
            break
        cut = int(place) + 1
        if all(abs(cut - end) >= least for end in ends):
            ends.append(cut)
    inner = np.sort(ends)[1:-1]
    return np.searchsorted(inner, np.arange(samples), side="right").astype(np.int8)


@dataclass(frozen=True)
class Parts:
    """Moments of the parts of n clouds; weight 0 where there is no such part.

    weight: (n, 4) of the draws that met the ground, sums to 1   mean: (n, 4, 3) metres ENU from the anchor
    covariance: (n, 4, 3, 3) square metres                       range_m: (n, 4) mean
    """

    weight: Floats
    mean: Floats
    covariance: Floats
    range_m: Floats
    range_variance: Floats
    range_covariance: Floats


def moments(enu_m: Floats, range_m: Floats, weight: Floats, part: NDArray[np.int8]) -> Parts:
    """Weighted mean and covariance of each part.

    Args:
        enu_m: (n, s, 3). range_m, weight, part: (n, s).
    """
    n, samples = part.shape
    most = int(part.max(initial=0)) + 1
    member = np.zeros((n, most, samples))
    for number in range(most):
        member[:, number] = np.where(part == number, weight, 0.0)
    total = member.sum(axis=2)
    data = np.concatenate((enu_m, np.nan_to_num(range_m)[..., None]), axis=2)
    safe = np.where(total > 0.0, total, 1.0)
    mean = (member @ data) / safe[..., None]
    covariance = np.empty((n, most, 4, 4))
    for number in range(most):
        off = data - mean[:, number, None, :]
        covariance[:, number] = (off * member[:, number, :, None]).transpose(0, 2, 1) @ off
    covariance /= safe[..., None, None]
    everything = total.sum(axis=1, keepdims=True)
    share = np.divide(total, everything, out=np.zeros_like(total), where=everything > 0.0)
    wide = [_padded(a) for a in (share, mean, covariance)]
    return Parts(
        wide[0],
        wide[1][..., :3],
        wide[2][..., :3, :3],
        wide[1][..., 3],
        wide[2][..., 3, 3],
        wide[2][..., :3, 3],
    )


def _padded(array: Floats) -> Floats:
    """To four parts: zeros behind."""
    width = [(0, 0)] * array.ndim
    width[1] = (0, MOST_PARTS - array.shape[1])
    return np.pad(array, width)
