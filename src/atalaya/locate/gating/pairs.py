"""Pairs of sites and tracklets inside the gate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_LEAST_SQUARE_M = 1.0
_MOST_SQUARES = 64.0
"""Squares along the reach of the vaguest tracklet: one that could be anywhere must not cost all day."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """(p,) each, by tracklet, then site: row of the site, of the tracklet, squared Mahalanobis distance,
    and density of the tracklet's place given the site's, per square metre.
    """

    site: Index
    tracklet: Index
    distance2: Floats
    likelihood: Floats

    def __len__(self) -> int:
        return len(self.site)

    def take(self, rows: NDArray[np.bool_]) -> "Pairs":
        """Some of them."""
        return Pairs(self.site[rows], self.tracklet[rows], self.distance2[rows], self.likelihood[rows])


def near_pairs(
    place: tuple[Floats, Floats, Floats], seen: tuple[Floats, Floats, Floats], gate: float, some: Index
) -> Pairs:
    """Pairs with squared distance below the gate.

    Args:
        place: of sites: (n, 2) metres, (n, 2, 2) own covariance, (n, 2, k) metres per unit of the errors
            they share with the tracklets.
        seen: the same of tracklets. gate: squared Mahalanobis distance. some: (s,) rows of sites to try.
    """
    from atalaya.locate.gating import kernels

    x, p, a = place
    z, r, j = seen
    shared = bool(np.any(j)) or bool(np.any(a[some]))
    parts = []
    spread = np.sqrt(_trace(p[some]) + 2.0 * (a[some] ** 2).sum(axis=(1, 2)))
    own = _trace(r) + 2.0 * (j**2).sum(axis=(1, 2))
    level = np.ceil(np.log2(np.maximum(spread, _LEAST_SQUARE_M))).astype(np.int64)
    alike = len(level) > 0 and level.min() == level.max()
    for each in (level[:1] if alike else np.unique(level)) if len(z) else ():
        mine = slice(None) if alike else level == each
        members = some[mine]
        reach = np.sqrt(gate * (own + spread[mine].max() ** 2))
        square = max(float(reach.mean()), float(reach.max()) / _MOST_SQUARES, _LEAST_SQUARE_M)
        bits = max(4, int(np.ceil(np.log2(len(members) + 1))))
        start, member = kernels.hashed(x, members, square, bits)
        parts.append(kernels.gated(x, p, a, z, r, j, reach, start, member, square, gate, shared))
    if not parts:
        none = np.empty(0, np.int64)
        return Pairs(none, none, np.empty(0), np.empty(0))
    site, tracklet, distance2, likelihood = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((site, tracklet))
    return Pairs(site[order], tracklet[order], distance2[order], likelihood[order])


def _trace(covariance: Floats) -> Floats:
    return np.asarray(covariance[:, 0, 0] + covariance[:, 1, 1])
