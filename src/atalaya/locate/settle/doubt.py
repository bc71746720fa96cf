"""Sites whose answer hangs on whose a tracklet is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.bias import Solution
from atalaya.locate.filter import Places, ScanField
from atalaya.locate.judgement import Judgement
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan
from atalaya.locate.settle.evaluate import evaluate
from atalaya.locate.settle.links import Links, Stacked
from atalaya.locate.settle.positions import of_rows

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_CONTESTED = 0.1
_MATTERS = 0.1
_MOST_LLR = 50.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Of sites (n,): whether the answer hangs on it, who else may have the tracklets (-1 nobody), and the
    probability of a facility if it were so.
    """

    ambiguous: NDArray[np.bool_]
    other: Index
    facility: Floats


def doubts(
    found: Solution,
    final: Places,
    links: Links,
    tracklets: Stacked,
    scans: Sequence[Scan],
    where: ScanField,
    model: SiteModel,
    reviews: Mapping[int, Sequence[tuple[int, Judgement]]],
) -> Doubt:
    """Work sites with contested tracklets through twice more: with none of those, and with all of them."""
    told = final.r * final.cls[:, 0]
    rival, contested = _rivals(links, final)
    rows = np.unique(links.site[contested])
    ambiguous, other, otherwise = np.zeros(len(told), np.bool_), np.full(len(told), -1), told.copy()
    other[links.site[contested]] = rival[contested]
    if len(rows):
        some, fewer, judged = of_rows(found, links, reviews, rows)
        mine = np.isin(links.site, rows)
        for heard in _cases(fewer, contested[mine], tracklets, scans):
            case = evaluate(some, replace(fewer, heard=heard), scans, where, model, judged)
            p = case.r * case.cls[:, 0]
            farther = np.abs(p - told[rows]) > np.abs(otherwise[rows] - told[rows])
            otherwise[rows] = np.where(farther, p, otherwise[rows])
        ambiguous[rows] = np.abs(otherwise[rows] - told[rows]) > _MATTERS
    return Doubt(ambiguous, np.where(ambiguous, other, -1), np.where(ambiguous, otherwise, np.nan))


def _cases(
    links: Links, contested: NDArray[np.bool_], tracklets: Stacked, scans: Sequence[Scan]
) -> tuple[Floats, Floats]:
    """What is heard if the contested tracklets are all somebody else's, and if they all are the site's."""
    row = tracklets.first[links.scan] + links.tracklet
    evidence = np.exp(np.clip(tracklets.llr[row], -_MOST_LLR, _MOST_LLR))
    clutter = np.array([scan.clutter_per_m2 for scan in scans])[links.scan]
    peak = evidence / (2.0 * np.pi * np.sqrt(np.linalg.det(tracklets.own[row])) * clutter)
    return np.where(contested, 0.0, links.heard), np.where(contested, peak, links.heard)


def _rivals(links: Links, final: Places) -> tuple[Index, NDArray[np.bool_]]:
    """(p,) row of the strongest other site that may have each pair's tracklet (-1 none), and whether it is
    likely enough to matter.
    """
    strength = links.share * final.r[links.site]
    order = np.lexsort((-strength, links.tracklet, links.scan))
    scan, tracklet = links.scan[order], links.tracklet[order]
    rival, by = np.full(len(order), -1), np.zeros(len(order))
    new = np.append(True, (np.diff(scan) != 0) | (np.diff(tracklet) != 0))[: len(order)]
    first = np.flatnonzero(new)
    group = np.cumsum(new) - 1
    size = np.diff(np.append(first, len(order)))
    best = first[group]
    # the strongest one's rival is the second, everybody else's is the strongest
    several = size[group] > 1
    at = np.where(np.arange(len(order)) == best, best + 1, best)
    at = np.where(several, at, 0)
    rival[order] = np.where(several, links.site[order][at], -1)
    by[order] = np.where(several, strength[order][at], 0.0)
    return rival, (by > _CONTESTED) & (strength > _CONTESTED)
