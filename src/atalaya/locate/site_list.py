"""Settled sites as the list a reader gets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.filter import ScanField
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan
from atalaya.locate.settle import Settled
from atalaya.locate.settle.evaluate import facility_log_odds, prior_of
from atalaya.locate.site import MORE_LIKELY, TIME, BestLinks, Ledger, Site
from atalaya.locate.words import at_least_two_kinds, confidence_of

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


def listed(
    settled: Settled, scans: Sequence[Scan], where: ScanField, model: SiteModel, least: float
) -> tuple[Site, ...]:
    """Sites whose existence is at least `least`, the most probable facilities first."""
    area, final = where.area, settled.places
    prior = facility_log_odds(prior_of(settled.found, area, model, ()))
    lon, lat = area.to_lon_lat(settled.found.x_m)
    best, ledgers, of_scans = _best_links(settled), _ledgers(settled), _Scans.of(scans)
    sites = []
    for row in np.flatnonzero(final.r >= least).tolist():
        mine = best.get(row, BestLinks())
        ledger = _ledger(settled, ledgers.get(row), mine, scans)
        sites.append(_site(settled, row, ledger, mine, of_scans, float(prior[row]), (lon[row], lat[row])))
    return tuple(sorted(sites, key=lambda site: (-site.facility, -site.existence, site.id)))


@dataclass(frozen=True, slots=True)
class _Scans:
    """Of each scan: evidence, sortie, time; of all tracklets, from `first` on, whether calibrated."""

    evidence: NDArray[np.str_]
    sortie: NDArray[np.str_]
    t_us: Index
    first: Index
    calibrated: NDArray[np.bool_]

    @classmethod
    def of(cls, scans: Sequence[Scan]) -> "_Scans":
        counts = np.array([len(scan) for scan in scans], np.int64)
        return cls(
            np.array([scan.evidence for scan in scans]),
            np.array([scan.sortie for scan in scans]),
            np.array([scan.t_us for scan in scans], np.int64),
            np.cumsum(counts) - counts,
            np.concatenate([scan.llr for scan in scans]) != 0.0,
        )


def _best_links(settled: Settled) -> dict[int, BestLinks]:
    """By row: of each scan the tracklet most likely the site's, and how likely."""
    links = settled.links
    order = np.argsort(links.share, kind="stable")
    order = order[np.argsort(links.scan[order], kind="stable")]
    order = order[np.argsort(links.site[order], kind="stable")]
    site, scan = links.site[order], links.scan[order]
    last = np.append((np.diff(site) != 0) | (np.diff(scan) != 0), True)[: len(order)]
    chosen = order[last]
    rows, first = np.unique(site[last], return_index=True)
    columns = (links.scan[chosen], links.tracklet[chosen], links.share[chosen])
    edge = np.append(first, len(chosen))
    return {
        row: BestLinks(*(column[a:b] for column in columns))
        for row, a, b in zip(rows.tolist(), edge[:-1].tolist(), edge[1:].tolist(), strict=True)
    }


def _ledgers(settled: Settled) -> dict[int, tuple[Index, Floats, Floats]]:
    """By row: look, change, chance; time passing is one line, at the end."""
    look, site, change, chance = settled.record.columns()
    passing = look == TIME
    late, moved = np.unique(site[passing]), np.bincount(site[passing], change[passing])
    look, site = np.append(look[~passing], np.full(len(late), TIME)), np.append(site[~passing], late)
    change = np.append(change[~passing], moved[late] if len(late) else late.astype(np.float64))
    chance = np.append(chance[~passing], np.ones(len(late)))
    order = np.argsort(site, kind="stable")
    rows, first = np.unique(site[order], return_index=True)
    edge = np.append(first, len(order))
    columns = (look[order], change[order], chance[order])
    return {
        row: (columns[0][a:b], columns[1][a:b], columns[2][a:b])
        for row, a, b in zip(rows.tolist(), edge[:-1].tolist(), edge[1:].tolist(), strict=True)
    }


def _ledger(
    settled: Settled, columns: tuple[Index, Floats, Floats] | None, best: BestLinks, scans: Sequence[Scan]
) -> Ledger:
    look, change, chance = columns or (np.empty(0, np.int64), np.empty(0), np.empty(0))
    reviews = {review.number: review for each in settled.reviews.values() for _, review in each}
    return Ledger(look, change, chance, best, scans, reviews)


def _site(
    settled: Settled,
    row: int,
    ledger: Ledger,
    best: BestLinks,
    scans: _Scans,
    prior: float,
    lon_lat: tuple[float, float],
) -> Site:
    final, found, doubt = settled.places, settled.found, settled.doubt
    hit = best.share > MORE_LIKELY
    scan = best.scan[hit]
    kinds = tuple(str(kind) for kind in np.unique(scans.evidence[scan]))
    seen = ledger.look[ledger.look >= 0]
    sorties = len(np.unique(scans.sortie[seen]))
    calibrated = bool(len(scan)) and bool(scans.calibrated[scans.first[scan] + best.tracklet[hit]].all())
    facility = float(final.r[row] * final.cls[row, 0])
    word = at_least_two_kinds(facility, len(kinds))
    other = int(doubt.other[row])
    return Site(
        id=settled.names[row],
        existence=float(final.r[row]),
        classes=tuple(float(p) for p in final.cls[row]),
        facility=facility,
        z_m=found.x_m[row],
        lon_deg=float(lon_lat[0]),
        lat_deg=float(lon_lat[1]),
        own_m2=found.own_m2[row],
        shared_m2=found.shared_m2[row],
        kinds=kinds,
        word=word.key,
        capped=word.capped,
        confidence=confidence_of(sorties, len(kinds), calibrated),
        looks=len(seen),
        hits=len(scan),
        sorties=sorties,
        first_us=int(scans.t_us[scan].min()) if len(scan) else -1,
        last_us=int(scans.t_us[scan].max(initial=-1)),
        prior_log_odds=prior,
        ledger=ledger,
        ambiguous=bool(doubt.ambiguous[row]),
        alternative=settled.names[other] if other >= 0 else "",
        alternative_facility=float(doubt.facility[row]),
        reviews=int(((ledger.look < 0) & (ledger.look != TIME)).sum()),
    )
