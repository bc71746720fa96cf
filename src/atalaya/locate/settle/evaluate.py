"""Existence, class and hit rates of sites whose places are known, from all scans in order, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.area import Area
from atalaya.locate.bias import Solution
from atalaya.locate.conspicuity import heard_by, typical
from atalaya.locate.filter import Places, ScanField
from atalaya.locate.judgement import Judgement
from atalaya.locate.model import CLASSES, SiteModel
from atalaya.locate.scan import Scan
from atalaya.locate.settle.links import Links
from atalaya.locate.site import TIME

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_MOST_PRIOR = 0.5


@dataclass(slots=True)
class Record:
    """What looks did to the log-odds of "a facility is here": (k,) each, one row per look and site.

    look: number of the scan, or -1 - number of the review, or `TIME`
    """

    look: list[Index] = field(default_factory=list)
    site: list[Index] = field(default_factory=list)
    change: list[Floats] = field(default_factory=list)
    chance: list[Floats] = field(default_factory=list)

    def put(self, look: int, site: Index, change: Floats, chance: Floats) -> None:
        """Add one look of some sites."""
        self.look.append(np.full(len(site), look, np.int64))
        self.site.append(site)
        self.change.append(change)
        self.chance.append(chance)

    def columns(self) -> tuple[Index, Index, Floats, Floats]:
        """All as four columns."""
        if not self.look:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0)
        look, site = np.concatenate(self.look), np.concatenate(self.site)
        return look, site, np.concatenate(self.change), np.concatenate(self.chance)


def prior_of(found: Solution, area: Area, model: SiteModel, kinds: Sequence[str]) -> Places:
    """Sites before any look: what the prior expects in the ground their error leaves open.

    A site founded where its tracklets lie has been chosen by them: its prior is the density times
    2 pi sqrt|own|, which makes the product of its tracklets' densities at its place the integral over all
    places (Laplace; exact for Gaussians).
    """
    cell = area.cell_of(found.x_m)
    density = np.where(cell >= 0, area.density[:, cell], 0.0).T
    total = density.sum(axis=1)
    ground = 2.0 * np.pi * np.sqrt(np.linalg.det(found.own_m2))
    r = np.minimum(total * ground, _MOST_PRIOR)
    even = np.full(len(CLASSES), 1.0 / len(CLASSES))
    cls = np.where(total[:, None] > 0.0, density / np.where(total > 0.0, total, 1.0)[:, None], even)
    places = Places(
        serial=np.arange(len(r)),
        founder=np.zeros((len(r), 2), np.int64),
        r=r,
        cls=cls,
        x=found.x_m,
        p=found.covariance_m2,
        a=np.zeros((len(r), 2, 0)),
    )
    for kind in kinds:
        places.know(kind, model.nodes_of(kind).weight)
    return places


def facility_log_odds(places: Places) -> Floats:
    """(n,) log-odds of "a facility is here"."""
    p = np.clip(places.r * places.cls[:, 0], 1e-300, 1.0)
    rest = np.clip(1.0 - places.r + places.r * places.cls[:, 1:].sum(axis=1), 1e-300, 1.0)
    return np.asarray(np.log(p) - np.log(rest))


def evaluate(
    found: Solution,
    links: Links,
    scans: Sequence[Scan],
    where: ScanField,
    model: SiteModel,
    reviews: Mapping[int, Sequence[tuple[int, Judgement]]] | None = None,
    record: Record | None = None,
) -> Places:
    """Walk through all scans.

    Args:
        links: of these sites, with what each heard. where: a field to fill.
        reviews: by the number of the scan they come before (the count of scans: after all), with the row
            they judge.
        record: to fill with what each look changed.
    """
    from atalaya.locate.filter import kernels

    kinds = sorted({scan.evidence for scan in scans})
    places = prior_of(found, where.area, model, kinds)
    prior = prior_of(found, where.area, model, kinds)
    spans = links.of_scans(len(scans))
    before_us = scans[0].t_us if scans else 0
    for number, scan in enumerate(scans):
        _judge(places, (reviews or {}).get(number, ()), model, record)
        _pass_time(places, prior, model, scan.t_us - before_us, record)
        before_us = max(before_us, scan.t_us)
        where.fill(scan)
        mine = spans[number]
        site, tracklet = links.site[mine], links.tracklet[mine]
        chance = where.at_sites(places.x, places.p, places.a)
        if len(site):
            np.maximum.at(chance, site, where.at_tracklets(scan.z_m)[tracklet])
        told = np.bincount(site, links.heard[mine], len(places))
        nodes = model.nodes_of(scan.evidence)
        old = facility_log_odds(places) if record is not None else None
        strong = heard_by(site, links.heard[mine], scan.cutpoint[tracklet], len(places))
        kernels.learn(
            chance, told, strong, typical(strong, scan.evidence, model), model.reference_odds, nodes.odds,
            places.r, places.cls, places.node[scan.evidence],
        )  # fmt: skip
        if record is not None and old is not None:
            seen = np.flatnonzero(chance > 0.0)
            record.put(number, seen, (facility_log_odds(places) - old)[seen], chance[seen])
    _judge(places, (reviews or {}).get(len(scans), ()), model, record)
    return places


def _judge(
    places: Places,
    reviews: Sequence[tuple[int, Judgement]],
    model: SiteModel,
    record: Record | None,
) -> None:
    for row, review in reviews:
        old = facility_log_odds(places)[row]
        likelihood = review.likelihood(model)
        mixed = places.cls[row] * likelihood[:-1]
        whole = mixed.sum()
        r = places.r[row]
        places.r[row] = r * whole / ((1.0 - r) * likelihood[-1] + r * whole)
        places.cls[row] = mixed / whole
        if record is not None:
            change = facility_log_odds(places)[row] - old
            record.put(-1 - review.number, np.array([row]), np.array([change]), np.array([1.0]))


def _pass_time(
    places: Places, prior: Places, model: SiteModel, elapsed_us: int, record: Record | None
) -> None:
    """Sites close; where one could open, its prior stays."""
    chance = model.survival(elapsed_us)
    if (chance == 1.0).all():
        return
    old = facility_log_odds(places) if record is not None else None
    places.survive(chance)
    opened = prior.r * (prior.cls * (1.0 - chance)).sum(axis=1) * (1.0 - places.r)
    whole = places.r + opened
    share = (opened / np.where(whole > 0.0, whole, 1.0))[:, None]
    places.cls += share * (prior.cls - places.cls)
    for kind, node in places.node.items():
        node += share[:, :, None] * (prior.node[kind] - node)
    places.r = whole
    if record is not None and old is not None:
        everyone = np.arange(len(places))
        record.put(TIME, everyone, facility_log_odds(places) - old, np.ones(len(places)))
