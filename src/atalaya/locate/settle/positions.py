"""Where sites are: the joint solution with sites and sorties, tracklets weighed by share and by trust."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.bias import Solution, block_of, kernels, solve
from atalaya.locate.judgement import Judgement
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
    seen = (tracklets.z, tracklets.own, tracklets.shared)
    terms = tracklets.shared.shape[2]
    parts = [np.flatnonzero(of == s) for s in range(int(sortie.max()) + 1)]
    for number in range(rounds):
        weight = links.share * trust
        blocks = [block_of(links.site[p], row[p], weight[p], *seen, shares=terms > 0) for p in parts]
        found = solve(blocks, np.arange(count))
        if number + 1 < rounds:
            for s, p in enumerate(parts):
                d2 = kernels.distances(links.site[p], row[p], *seen, found.x_m, found.bias[s, :terms])
                trust[p] = np.minimum(1.0, _TRUST / np.sqrt(np.maximum(d2, 1e-12)))
    doubt = np.zeros((count, 2, 2))
    whole = np.minimum(links.share, 1.0)
    for s, p in enumerate(parts):
        kernels.spread(links.site[p], row[p], whole[p], *seen, found.x_m, found.bias[s, :terms], doubt)
    own = found.own_m2 + found.own_m2 @ doubt @ found.own_m2
    return replace(found, own_m2=_held_to_one_tracklet(own, links, tracklets.own[row]))


def _held_to_one_tracklet(own: Floats, links: Links, single: Floats) -> Floats:
    """Errors of sites (n, 2, 2), none larger than the mean of its tracklets' (links, 2, 2).

    A site that is left a thousandth of a tracklet would lie anywhere, claim all that lies there, and grow.
    """
    share = np.bincount(links.site, links.share, len(own))
    most = np.bincount(links.site, links.share * np.trace(single, axis1=1, axis2=2), len(own)) / share
    scale = np.minimum(1.0, most / np.trace(own, axis1=1, axis2=2))
    return np.asarray(own * scale[:, None, None])


def _enough(links: Links, count: int) -> NDArray[np.bool_]:
    """Links that weigh something; the strongest of each site is always one."""
    best = np.zeros(count)
    np.maximum.at(best, links.site, links.share)
    return (links.share >= _LEAST_SHARE) | (links.share >= best[links.site])


def of_sites(found: Solution, rows: Index) -> Solution:
    """The same for some of the sites."""
    return replace(found, x_m=found.x_m[rows], own_m2=found.own_m2[rows], shared_m2=found.shared_m2[rows])


def of_rows(
    found: Solution, links: Links, reviews: Mapping[int, Sequence[tuple[int, Judgement]]], rows: Index
) -> tuple[Solution, Links, dict[int, list[tuple[int, Judgement]]]]:
    """Places, links and reviews of some sites, numbered from 0 in the order of `rows`, which rise."""
    mine = links.take(np.isin(links.site, rows))
    new = {row: k for k, row in enumerate(rows.tolist())}
    judged = {at: [(new[row], review) for row, review in each if row in new] for at, each in reviews.items()}
    return of_sites(found, rows), replace(mine, site=np.searchsorted(rows, mine.site)), judged
