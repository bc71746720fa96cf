"""Settled sites as the list a reader gets."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.filter import ScanField
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan
from atalaya.locate.settle import Settled
from atalaya.locate.settle.evaluate import facility_log_odds, prior_of
from atalaya.locate.site import MORE_LIKELY, TIME, Ledger, Site
from atalaya.locate.words import at_least_two_kinds, confidence_of

Floats = NDArray[np.float64]
Index = NDArray[np.int64]
Best = Mapping[int, tuple[int, float]]


def listed(
    settled: Settled, scans: Sequence[Scan], where: ScanField, model: SiteModel, least: float
) -> tuple[Site, ...]:
    """Sites whose existence is at least `least`, the most probable facilities first."""
    area, final = where.area, settled.places
    prior = facility_log_odds(prior_of(settled.found, area, model, ()))
    lon, lat = area.to_lon_lat(settled.found.x_m)
    best, ledgers = _best_links(settled), _ledgers(settled)
    sites = []
    for row in np.flatnonzero(final.r >= least).tolist():
        mine = best.get(row, {})
        ledger = _ledger(settled, ledgers.get(row), mine, scans)
        sites.append(_site(settled, row, ledger, mine, scans, float(prior[row]), (lon[row], lat[row])))
    return tuple(sorted(sites, key=lambda site: (-site.facility, -site.existence, site.id)))


def _best_links(settled: Settled) -> dict[int, dict[int, tuple[int, float]]]:
    """By row, by scan: the tracklet most likely the site's, and how likely."""
    links = settled.links
    order = np.argsort(links.share, kind="stable")
    columns = (links.site, links.scan, links.tracklet, links.share)
    found: dict[int, dict[int, tuple[int, float]]] = {}
    for site, scan, tracklet, share in zip(*(column[order].tolist() for column in columns), strict=True):
        found.setdefault(site, {})[scan] = (tracklet, share)
    return found


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
    settled: Settled, columns: tuple[Index, Floats, Floats] | None, best: Best, scans: Sequence[Scan]
) -> Ledger:
    look, change, chance = columns or (np.empty(0, np.int64), np.empty(0), np.empty(0))
    reviews = {review.number: review for each in settled.reviews.values() for _, review in each}
    return Ledger(look, change, chance, best, scans, reviews)


def _site(
    settled: Settled,
    row: int,
    ledger: Ledger,
    best: Best,
    scans: Sequence[Scan],
    prior: float,
    lon_lat: tuple[float, float],
) -> Site:
    final, found, doubt = settled.places, settled.found, settled.doubt
    hits = [(scans[number], tracklet) for number, (tracklet, share) in best.items() if share > MORE_LIKELY]
    kinds = tuple(sorted({scan.evidence for scan, _ in hits}))
    seen = ledger.look[ledger.look >= 0]
    sorties = len({scans[number].sortie for number in seen.tolist()})
    calibrated = bool(hits) and all(scan.llr[tracklet] != 0.0 for scan, tracklet in hits)
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
        hits=len(hits),
        sorties=sorties,
        first_us=min((scan.t_us for scan, _ in hits), default=-1),
        last_us=max((scan.t_us for scan, _ in hits), default=-1),
        prior_log_odds=prior,
        ledger=ledger,
        ambiguous=bool(doubt.ambiguous[row]),
        alternative=settled.names[other] if other >= 0 else "",
        alternative_facility=float(doubt.facility[row]),
        reviews=int(((ledger.look < 0) & (ledger.look != TIME)).sum()),
    )
