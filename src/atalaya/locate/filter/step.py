"""One scan: who gave which tracklet, what that says of every site seen, and what was founded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.association import marginals
from atalaya.locate.conspicuity import heard_by, relative, typical
from atalaya.locate.filter.field import ScanField
from atalaya.locate.filter.places import Places
from atalaya.locate.filter.undetected import Undetected
from atalaya.locate.gating import Pairs, near_pairs
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import MOST_CHANCE, Scan

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_MOST_LLR = 50.0
_LEAST_WEIGHT = 1e-4
_MOST_GONE = 0.2


@dataclass(frozen=True, slots=True)
class Met:
    """What a scan had to do with sites: pairs that count, the founded ones with share 1 among them.

    site: (p,) serial number      tracklet: (p,)
    share: (p,) that the tracklet is the site's, given that the site exists
    heard: (p,) the pair's part of T: its evidence against a miss
    """

    site: Index
    tracklet: Index
    share: Floats
    heard: Floats


def step(
    places: Places, undetected: Undetected, field: ScanField, scan: Scan, number: int, model: SiteModel
) -> Met:
    """Take one scan in; places and undetected are changed.

    Args:
        number: of the scan, for the record of what it founds.
    """
    from atalaya.locate.filter import kernels

    kind, nodes = scan.evidence, model.nodes_of(scan.evidence)
    places.know(kind, nodes.weight)
    undetected.know(kind, nodes.weight)
    field.fill(scan)
    a, shared = places.terms(scan.shared_m)
    chance = field.at_sites(places.x, places.p, a)
    cell = undetected.area.cell_of(scan.z_m)
    at_tracklet = field.at_tracklets(scan.z_m, cell)
    possible = np.flatnonzero(places.r > 0.0)
    seen = (scan.z_m, scan.own_m2, shared)
    pairs = near_pairs((places.x, places.p, a), seen, model.gate, possible)
    # a site whose tracklet may be here was in sight, whatever the edge of the footprint says
    np.maximum.at(chance, pairs.site, at_tracklet[pairs.tracklet])
    evidence = np.exp(np.clip(scan.llr, -_MOST_LLR, _MOST_LLR))
    odds = node_odds(at_tracklet, nodes.odds, model)
    told_of = odds / (1.0 + odds) * relative(scan.cutpoint, kind, odds, model)
    founding, density = undetected.at(cell, kind, told_of)
    g = evidence * density
    q = g + scan.clutter_per_m2
    hit = kernels.hit_chance(chance, model.reference_odds, nodes.odds, places.cls, places.node[kind])
    heard = pairs.likelihood * evidence[pairs.tracklet]
    message, new = _solved(pairs, heard, places.r, hit, q)
    heard = heard * message
    share = _shares(pairs, heard, hit)
    told = np.bincount(pairs.site, heard, len(places))
    strong = heard_by(pairs.site, heard, scan.cutpoint[pairs.tracklet], len(places))
    kernels.learn(
        chance, told, strong, typical(strong, kind, model), model.reference_odds, nodes.odds,
        places.r, places.cls, places.node[kind],
    )  # fmt: skip
    order = np.lexsort((pairs.tracklet, pairs.site))
    kernels.move(
        pairs.site[order],
        pairs.tracklet[order],
        share[order],
        places.x,
        places.p,
        a,
        *seen,
    )
    kept = share > _LEAST_WEIGHT
    met = (places.serial[pairs.site[kept]], pairs.tracklet[kept], share[kept], heard[kept])
    founded, of = _found(places, undetected, scan, cell, number, model, new * g / q, founding)
    undetected.thin(scan, model)
    # founded sites have been told of by their own tracklet: its T stands in for clutter alone
    own = evidence[of] / q[of]
    columns = (founded, of, np.ones(len(of)), own)
    return Met(*(np.concatenate(both) for both in zip(met, columns, strict=True)))


def node_odds(chance: Floats, odds: Floats, model: SiteModel) -> Floats:
    """(n, classes, nodes) odds of a hit in looks (n,): those of each node, moved as the look's are."""
    u = np.minimum(chance, MOST_CHANCE)
    return np.asarray((u / (1.0 - u) / model.reference_odds)[:, None, None] * odds)


def _solved(pairs: Pairs, heard: Floats, r: Floats, hit: Floats, q: Floats) -> tuple[Floats, Floats]:
    rows, row = np.unique(pairs.site, return_inverse=True)
    given = r[rows] * hit[rows]
    w = (given / (1.0 - given))[row] * heard
    found = marginals(row, pairs.tracklet, w, q, len(rows))
    return found.message, found.new


def _shares(pairs: Pairs, heard: Floats, hit: Floats) -> Floats:
    """(p,) that the tracklet is the site's, given that the site exists."""
    mine = hit[pairs.site] * heard
    told = np.bincount(pairs.site, mine, len(hit))
    return np.asarray(mine / (1.0 - hit[pairs.site] + told[pairs.site]))


def _found(
    places: Places,
    undetected: Undetected,
    scan: Scan,
    cell: Index,
    number: int,
    model: SiteModel,
    r: Floats,
    founding: Floats,
) -> tuple[Index, Index]:
    """Sites founded by tracklets; those that hardly exist stay with the undetected, in expectation."""
    prior = np.broadcast_to(model.nodes_of(scan.evidence).weight, founding.shape)
    totals = founding.sum(axis=2)
    by_class = _shares_of(totals, np.zeros_like(totals))
    looked = _shares_of(founding, prior)
    node: dict[str, Floats] = {}
    for kind, known in undetected.node.items():
        node[kind] = looked if kind == scan.evidence else known[cell].astype(np.float64)
    for kind in places.node.keys() - node.keys():
        weight = model.nodes_of(kind).weight
        node[kind] = np.broadcast_to(weight, (len(r), *weight.shape)).copy()
    strong = r >= model.least_r
    few = ~strong & (r > 0.0)
    undetected.recycle(cell[few], (r[:, None] * by_class)[few], {k: v[few] for k, v in node.items()})
    of = np.flatnonzero(strong)
    founder = np.stack((np.full(len(of), number), of), axis=1)
    place = (scan.z_m[of], scan.own_m2[of], scan.shared_m[of])
    serial = places.add(founder, r[of], by_class[of], {k: v[of] for k, v in node.items()}, place)
    return serial, of


def _shares_of(parts: Floats, otherwise: Floats) -> Floats:
    """Parts by their sum along the last axis; others where the sum is 0."""
    total = parts.sum(axis=-1, keepdims=True)
    if total.all():
        return np.asarray(parts / total)
    return np.where(total > 0.0, parts / np.where(total > 0.0, total, 1.0), otherwise)


def drop_weak(places: Places, undetected: Undetected, model: SiteModel) -> None:
    """Sites that hardly exist go back to the undetected (recycling, Williams 2012)."""
    weak = (places.r > 0.0) & (places.r < model.least_r)
    if weak.any():
        node = {kind: values[weak] for kind, values in places.node.items()}
        expected = places.r[weak, None] * places.cls[weak]
        undetected.recycle(undetected.area.cell_of(places.x[weak]), expected, node)
        places.r[weak] = 0.0
    gone = places.r <= 0.0
    if len(gone) and gone.mean() > _MOST_GONE:
        places.keep(~gone)
