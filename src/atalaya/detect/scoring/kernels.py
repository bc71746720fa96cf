"""Loops of COCO's average precision: matching of boxes, and precision along recall."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.int8]


@kernel
def overlap(claim: Floats, truth: Floats, crowd: NDArray[np.bool_], share: Floats) -> None:
    """Intersection over union of boxes into `share` (n, m); over the claim's own area for crowds.

    claim, truth: (n, 4), (m, 4) first column, first row, width, height.
    """
    for i in range(claim.shape[0]):
        mine = claim[i, 2] * claim[i, 3]
        for j in range(truth.shape[0]):
            wide = min(claim[i, 0] + claim[i, 2], truth[j, 0] + truth[j, 2]) - max(claim[i, 0], truth[j, 0])
            high = min(claim[i, 1] + claim[i, 3], truth[j, 1] + truth[j, 3]) - max(claim[i, 1], truth[j, 1])
            if wide <= 0.0 or high <= 0.0:
                share[i, j] = 0.0
                continue
            inside = wide * high
            share[i, j] = inside / (mine if crowd[j] else mine + truth[j, 2] * truth[j, 3] - inside)


@kernel
def match(
    share: Floats,
    crowd: NDArray[np.bool_],
    ignored: NDArray[np.bool_],
    order: Ints,
    outside: NDArray[np.bool_],
    least: Floats,
    taken: NDArray[np.bool_],
    state: Bytes,
) -> None:
    """Match the claims of one image and class, surest first, at every overlap asked for.

    share: (n, m)      crowd, ignored: (m,)      order: (m,) truths, those that count first
    outside: (n,) claims of an area that is not asked for      least: (t,)      taken: (m,) scratch
    state: (t, n) becomes 0 false alarm, 1 true, 2 neither
    """
    for t in range(least.shape[0]):
        taken[:] = False
        for i in range(share.shape[0]):
            best = min(least[t], 1.0 - 1e-10)
            chosen = -1
            for place in range(order.shape[0]):
                j = order[place]
                if taken[j] and not crowd[j]:
                    continue
                if chosen >= 0 and not ignored[chosen] and ignored[j]:
                    break
                if share[i, j] < best:
                    continue
                best = share[i, j]
                chosen = j
            if chosen < 0:
                state[t, i] = 2 if outside[i] else 0
            else:
                taken[chosen] = True
                state[t, i] = 2 if ignored[chosen] else 1


@kernel
def match_groups(
    claim: Floats,
    truth: Floats,
    crowd: NDArray[np.bool_],
    area: Floats,
    claim_edge: Ints,
    truth_edge: Ints,
    bins: Floats,
    least: Floats,
    state: Bytes,
) -> None:
    """Match group by group (image and class); claims of a group stand by falling score.

    claim_edge, truth_edge: (g + 1,) where groups begin      area: (m,) of truths      bins: (a, 2) area range
    state: (a, t, n) as in `match`
    """
    for g in range(claim_edge.shape[0] - 1):
        c0, c1, t0, t1 = claim_edge[g], claim_edge[g + 1], truth_edge[g], truth_edge[g + 1]
        if c1 == c0:
            continue
        share = np.empty((c1 - c0, t1 - t0))
        overlap(claim[c0:c1], truth[t0:t1], crowd[t0:t1], share)
        taken = np.empty(t1 - t0, np.bool_)
        ignored = np.empty(t1 - t0, np.bool_)
        outside = np.empty(c1 - c0, np.bool_)
        order = np.empty(t1 - t0, np.int64)
        for a in range(bins.shape[0]):
            for i in range(c1 - c0):
                size = claim[c0 + i, 2] * claim[c0 + i, 3]
                outside[i] = size < bins[a, 0] or size > bins[a, 1]
            last = 0
            for wanted in (False, True):
                for j in range(t1 - t0):
                    size = area[t0 + j]
                    ignored[j] = crowd[t0 + j] or size < bins[a, 0] or size > bins[a, 1]
                    if ignored[j] == wanted:
                        order[last] = j
                        last += 1
            match(share, crowd[t0:t1], ignored, order, outside, least, taken, state[a, :, c0:c1])


@kernel
def precision_along(state: Bytes, truths: int, at: Floats, scratch: Floats, precision: Floats) -> float:
    """Precision at recalls `at` of claims by falling score, made monotone; returns the recall reached.

    state: (n,) 0 false alarm, 1 true, 2 neither      scratch: (2, n)      precision: (r,) filled
    """
    n = state.shape[0]
    true, false = 0, 0
    for i in range(n):
        true += state[i] == 1
        false += state[i] == 0
        scratch[0, i] = true / truths
        scratch[1, i] = true / (false + true + 2.220446049250313e-16)
    for i in range(n - 1, 0, -1):
        scratch[1, i - 1] = max(scratch[1, i - 1], scratch[1, i])
    i = 0
    for r in range(at.shape[0]):
        while i < n and scratch[0, i] < at[r]:
            i += 1
        precision[r] = scratch[1, i] if i < n else 0.0
    return true / truths
