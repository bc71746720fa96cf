"""Where sites are: the joint solution with sites and sorties, tracklets weighed by share and by trust."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.bias import Solution, block_of, kernels, solve
from atalaya.locate.scan import Scan
from atalaya.locate.settle.links import Links, Stacked

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_TRUST = 3.0
"""Deviations beyond which a tracklet weighs less (Huber)."""

_LEAST_SHARE = 1e-3


def sortie_numbers(scans: Sequence[Scan]) -> Index:
    """(scans,) number of each scan's sortie, in order of appearance."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(scan.sortie, len(numbers)) for scan in scans], np.int64)


def settle_positions(
    links: Links, count: int, tracklets: Stacked, sortie: Index, *, rounds: int = 2
) -> Solution:
    """Solve sites and sorties together.

    Args:
        links: of sites 0 ... count - 1, each with at least one. sortie: number of each scan's sortie.
        rounds: of weighing; 1 for none.
    """
    links = links.take(_enough(links, count))
    row = tracklets.first[links.scan] + links.tracklet
    of = sortie[links.scan]
    trust = np.ones(len(links))
    seen = (tracklets.z[row], tracklets.own[row], tracklets.shared[row])
    parts = [np.flatnonzero(of == s) for s in range(int(sortie.max()) + 1)]
    for number in range(rounds):
        blocks = [
            block_of(links.site[p], (links.share * trust)[p], *(column[p] for column in seen)) for p in parts
        ]
        found = solve(blocks, np.arange(count))
        if number + 1 < rounds:
            for s, p in enumerate(parts):
                z, own, shared = (column[p] for column in seen)
                d2 = kernels.distances(links.site[p], z, own, shared, found.x_m, found.bias[s])
                trust[p] = np.minimum(1.0, _TRUST / np.sqrt(np.maximum(d2, 1e-12)))
    return found


def _enough(links: Links, count: int) -> NDArray[np.bool_]:
    """Links that weigh something; the strongest of each site is always one."""
    best = np.zeros(count)
    np.maximum.at(best, links.site, links.share)
    return (links.share >= _LEAST_SHARE) | (links.share >= best[links.site])


def of_sites(found: Solution, rows: Index) -> Solution:
    """The same for some of the sites."""
    return replace(found, x_m=found.x_m[rows], own_m2=found.own_m2[rows], shared_m2=found.shared_m2[rows])
