"""Settled sites as the list a reader gets."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.filter import ScanField
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan
from atalaya.locate.settle import Settled
from atalaya.locate.settle.evaluate import TIME, facility_log_odds, prior_of
from atalaya.locate.site import LedgerLine, Site
from atalaya.locate.words import at_least_two_kinds, confidence_of

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_MORE_LIKELY = 0.5


def listed(
    settled: Settled, scans: Sequence[Scan], where: ScanField, model: SiteModel, least: float
) -> tuple[Site, ...]:
    """Sites whose existence is at least `least`, the most probable facilities first."""
    area, final = where.area, settled.places
    chosen = np.flatnonzero(final.r >= least)
    prior = facility_log_odds(prior_of(settled.found, area, model, ()))
    lon, lat = area.to_lon_lat(settled.found.x_m)
    best = _best_links(settled)
    lines = _lines(settled, best, scans)
    sites = [
        _site(settled, row, lines.get(row, []), float(prior[row]), (float(lon[row]), float(lat[row])))
        for row in chosen.tolist()
    ]
    return tuple(sorted(sites, key=lambda site: (-site.facility, -site.existence, site.id)))


def _best_links(settled: Settled) -> dict[tuple[int, int], tuple[int, float]]:
    """By row and scan: the tracklet most likely the site's, and how likely."""
    links = settled.links
    order = np.argsort(links.share, kind="stable")
    keys = zip(links.site[order].tolist(), links.scan[order].tolist(), strict=True)
    values = zip(links.tracklet[order].tolist(), links.share[order].tolist(), strict=True)
    return dict(zip(keys, values, strict=True))


def _lines(
    settled: Settled, best: dict[tuple[int, int], tuple[int, float]], scans: Sequence[Scan]
) -> dict[int, list[LedgerLine]]:
    """By row, what each look and review changed, in order; time passing as one line at the end."""
    look, site, change, chance = settled.record.columns()
    reviews = {review.number: review for each in settled.reviews.values() for _, review in each}
    found: dict[int, list[LedgerLine]] = {}
    passed: dict[int, float] = {}
    columns = (look.tolist(), site.tolist(), change.tolist(), chance.tolist())
    for number, row, moved, seen in zip(*columns, strict=True):
        if number == TIME:
            passed[row] = passed.get(row, 0.0) + moved
        elif number < 0:
            one = reviews[-1 - number]
            line = LedgerLine(one.verdict, one.t_us, "", "review", one.by, "", 1.0, 1.0, moved)
            found.setdefault(row, []).append(line)
        else:
            scan = scans[number]
            tracklet, share = best.get((row, number), (-1, 0.0))
            name = scan.tracklet[tracklet] if share > _MORE_LIKELY else ""
            weighed = bool(name) and bool(scan.llr[tracklet] != 0.0)
            head = (scan.id, scan.t_us, scan.sortie, scan.evidence, scan.sensor, name)
            found.setdefault(row, []).append(LedgerLine(*head, share, seen, moved, weighed))
    for row, moved in passed.items():
        found.setdefault(row, []).append(LedgerLine("", scans[-1].t_us, "", "time", "", "", 1.0, 1.0, moved))
    return found


def _site(
    settled: Settled,
    row: int,
    lines: list[LedgerLine],
    prior: float,
    lon_lat: tuple[float, float],
) -> Site:
    final, found, doubt = settled.places, settled.found, settled.doubt
    looks = [line for line in lines if line.evidence not in ("time", "review")]
    hits = [line for line in looks if line.tracklet]
    kinds = tuple(sorted({line.evidence for line in hits}))
    sorties = len({line.sortie for line in looks})
    facility = float(final.r[row] * final.cls[row, 0])
    word = at_least_two_kinds(facility, len(kinds))
    other = int(doubt.other[row])
    return Site(
        id=settled.names[row],
        existence=float(final.r[row]),
        classes=tuple(float(p) for p in final.cls[row]),
        facility=facility,
        z_m=found.x_m[row],
        lon_deg=lon_lat[0],
        lat_deg=lon_lat[1],
        own_m2=found.own_m2[row],
        shared_m2=found.shared_m2[row],
        kinds=kinds,
        word=word.key,
        capped=word.capped,
        confidence=confidence_of(sorties, len(kinds), all(line.calibrated for line in hits) and bool(hits)),
        looks=len(looks),
        hits=len(hits),
        sorties=sorties,
        first_us=min((line.t_us for line in hits), default=-1),
        last_us=max((line.t_us for line in hits), default=-1),
        prior_log_odds=prior,
        ledger=tuple(lines),
        ambiguous=bool(doubt.ambiguous[row]),
        alternative=settled.names[other] if other >= 0 else "",
        alternative_facility=float(doubt.facility[row]),
        reviews=sum(line.evidence == "review" for line in lines),
    )
