"""All tracklets associated once more, against the sites as they are known at the end.

The walk through the scans decides early with little knowledge. Here each scan meets the sites as all other
scans know them: what this scan itself said is taken out first, so that nothing is used twice, and the order
of scans plays no part.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.association import marginals
from atalaya.locate.bias import Solution
from atalaya.locate.conspicuity import heard_by, relative
from atalaya.locate.filter import Places, ScanField, node_odds
from atalaya.locate.gating import Pairs, near_pairs
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan
from atalaya.locate.settle.links import Links

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_MOST_LLR = 50.0


def reassociate(
    found: Solution,
    final: Places,
    links: Links,
    scans: Sequence[Scan],
    sortie: Index,
    where: ScanField,
    model: SiteModel,
    barred: Sequence[tuple[int, int, int]] = (),
) -> Links:
    """Links of all scans anew.

    Args:
        found: places of sites and biases of sorties. final: the sites after all scans, by `links`.
        barred: scan, tracklet and row of pairs that a reader ruled out.
    """
    spans, parts = links.of_scans(len(scans)), []
    for number, scan in enumerate(scans):
        if len(scan) == 0:
            continue
        old = links.take(np.arange(spans[number].start, spans[number].stop))
        seen = _corrected(found, scan, int(sortie[number]))
        pairs = _pairs(found, scan, seen, model)
        for at, tracklet, row in barred:
            if at == number:
                pairs = pairs.take((pairs.tracklet != tracklet) | (pairs.site != row))
        if len(pairs) == 0:
            continue
        where.fill(scan)
        parts.append(_of_scan(number, scan, seen, pairs, old, found, final, where, model))
    if not parts:
        return links.take(np.zeros(len(links), np.bool_))
    return Links(*(np.concatenate(column) for column in zip(*parts, strict=True))).sorted()


@dataclass(frozen=True, slots=True)
class _Seen:
    """Tracklets of a scan with the known errors of its sortie taken off: places (m, 2), and (m, 2, 2) what
    is left of them.
    """

    z: Floats
    open: Floats


def _corrected(found: Solution, scan: Scan, sortie: int) -> _Seen:
    covariance = found.bias_covariance[sortie]
    turned = np.einsum("mik,kl->mil", scan.shared_m, covariance)
    left = np.einsum("mil,mjl->mij", turned, scan.shared_m)
    return _Seen(scan.z_m - scan.shared_m @ found.bias[sortie], left)


def _pairs(found: Solution, scan: Scan, seen: _Seen, model: SiteModel) -> Pairs:
    none = np.zeros((len(found.x_m), 2, 1))
    place = (found.x_m, found.covariance_m2, none)
    here = (seen.z, scan.own_m2 + seen.open, np.zeros((len(scan), 2, 1)))
    return near_pairs(place, here, model.gate, np.arange(len(found.x_m)))


def _of_scan(
    number: int,
    scan: Scan,
    seen: _Seen,
    pairs: Pairs,
    old: Links,
    found: Solution,
    final: Places,
    where: ScanField,
    model: SiteModel,
) -> tuple[Index, Index, Index, Floats, Floats]:
    rows, row = np.unique(pairs.site, return_inverse=True)
    chance = where.at_sites(final.x[rows], final.p[rows], final.a[rows])
    np.maximum.at(chance, row, where.at_tracklets(scan.z_m)[pairs.tracklet])
    told = np.asarray(np.bincount(old.site, old.heard, len(final))[rows], np.float64)
    strong = heard_by(old.site, old.heard, scan.cutpoint[old.tracklet], len(final))
    strong = strong[rows] if len(strong) else np.full(len(rows), np.nan)
    r, hit = _without(final, rows, scan.evidence, chance, (told, strong), model)
    likelihood = _left_out(pairs, old, scan, seen, found)
    evidence = np.exp(np.clip(scan.llr, -_MOST_LLR, _MOST_LLR))
    heard = likelihood * evidence[pairs.tracklet]
    given = r * hit
    clutter = np.full(len(scan), scan.clutter_per_m2)
    w = (given / (1.0 - given))[row] * heard
    solved = marginals(row, pairs.tracklet, w, clutter, len(rows))
    heard = heard * solved.message
    mine = hit[row] * heard
    share = mine / (1.0 - hit[row] + np.bincount(row, mine, len(rows))[row])
    return np.full(len(pairs), number), pairs.site, pairs.tracklet, share, heard


def _without(
    final: Places,
    rows: Index,
    kind: str,
    chance: Floats,
    heard: tuple[Floats, Floats],
    model: SiteModel,
) -> tuple[Floats, Floats]:
    """Existence and chance of a hit of sites (k,) as all other scans know them.

    heard: (k,) T of each in this scan, and how strong its tracklets are.
    """
    told, strong = heard
    odds = node_odds(chance, model.nodes_of(kind).odds, model)
    u = odds / (1.0 + odds)
    likely = told[:, None, None] * relative(strong, kind, odds, model)
    said = np.maximum(1.0 + u * (likely - 1.0), 1e-12)
    node = final.node[kind][rows] / said
    totals = node.sum(axis=2)
    cls = final.cls[rows] * totals
    whole = cls.sum(axis=1)
    r = final.r[rows]
    odds = r * whole
    by_class = np.divide((node * u).sum(axis=2), totals, out=np.zeros_like(totals), where=totals > 0.0)
    hit = (cls * by_class).sum(axis=1) / whole
    return np.clip(odds / (1.0 - r + odds), 0.0, 1.0 - 1e-9), hit


def _left_out(pairs: Pairs, old: Links, scan: Scan, seen: _Seen, found: Solution) -> Floats:
    """(p,) density of each tracklet's place: by its own error alone as far as it helped to place the site,
    by the site's error too as far as it did not.
    """
    key = old.site * len(scan) + old.tracklet
    wanted = pairs.site * len(scan) + pairs.tracklet
    share = np.zeros(len(wanted))
    if len(key):
        at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
        share = np.where(key[at] == wanted, np.minimum(old.share[at], 1.0), 0.0)
    v = seen.z[pairs.tracklet] - found.x_m[pairs.site]
    left = found.covariance_m2[pairs.site] + seen.open[pairs.tracklet]
    s = scan.own_m2[pairs.tracklet] + (1.0 - share)[:, None, None] * left
    ee, en, nn = s[:, 0, 0], s[:, 0, 1], s[:, 1, 1]
    det = ee * nn - en**2
    d2 = (nn * v[:, 0] ** 2 - 2.0 * en * v[:, 0] * v[:, 1] + ee * v[:, 1] ** 2) / det
    return np.asarray(np.exp(-0.5 * d2) / (2.0 * np.pi * np.sqrt(det)))
