"""Sites of trials of the range: looks through the filter, held against the truth.

One trial of each of three themes by default; ATALAYA_BENCH_FULL=1 runs a hundred in all (an hour of one
core), ATALAYA_BENCH_KEEP names a folder that keeps their claims, so that it can be stopped and goes on.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from atalaya.campaign.locating.located import filtered, placed_sites, with_extent
from atalaya.campaign.locating.sign_rates import (
    ANY,
    background_per_km2,
    calibrations,
    cutpoints,
    rate_of,
    usual_model,
)
from atalaya.campaign.locating.site_score import FoundSites, SiteMatch, TrueSites, found_of, matched
from atalaya.detect import Detector
from atalaya.detect.registry import detector
from atalaya.locate.area import CONFUSERS_PER_FACILITY, Area, area_of
from atalaya.locate.looks import Coverage, scans_from
from atalaya.locate.site import Site
from atalaya.locate.tracklets import Tracklets, link
from atalaya.locate.tracklets.places import together
from atalaya.sensing.map_grid import make_grid
from atalaya.sensing.search_map import SearchMap
from bench.measure import Measure
from bench.range_flown import DETECTORS, Flown, seeds_of, trials
from bench.range_looks import BLOCK_M, Trial, places_of

Floats = NDArray[np.float64]

ROOM = "range_sites"
CAMPAIGNS = ("lab", "mine", "strip")
CELL_M, SPLIT = 250.0, 5
FIRST = 8000
"""Seeds from here on neither trained nets nor measured rates."""
PRIOR_PER_KM2 = 0.5
"""Facilities expected: near what the trials have (three in six square kilometres), not the same."""


@dataclass(frozen=True)
class Outcome:
    """Sites of one trial against its truth."""

    sought: str
    sites: tuple[Site, ...]
    found: FoundSites
    truth: TrueSites
    match: SiteMatch
    area_km2: float

    @property
    def real(self) -> NDArray[np.bool_]:
        """(n,) whether each site is a facility."""
        return (self.match.truth >= 0) & self.truth.facility[self.match.truth]


def prior_of(one: Trial) -> SearchMap:
    """The same expectation all over the block."""
    west, south, east, north = one.block_m
    corners = np.array([(west, south), (east, south), (east, north), (west, north)])
    lon, lat = one.country.lonlat(corners[:, 0], corners[:, 1])
    grid = make_grid(shapely.Polygon(np.stack((lon, lat), axis=1)), CELL_M).grid
    rate = np.full((grid.height, grid.width), PRIOR_PER_KM2 * (CELL_M / 1000.0) ** 2)
    affine = (grid.west_m, CELL_M, 0.0, grid.north_m, 0.0, -CELL_M)
    return SearchMap(rate, np.zeros_like(rate), grid.crs, affine)


def truth_of(one: Trial) -> TrueSites:
    """What stands in the country."""
    places = places_of(one)
    return TrueSites(tuple(places["id"]), places["lon"], places["lat"], places["facility"])


def tracklets_of(tables: Sequence[pa.Table]) -> Tracklets:
    """Claims of all passes, one per place and kind of sign."""
    return together(link(pa.concat_tables(tables), calibrations()))


def coverage_of(area: Area, flown: Iterable[Flown], detectors: Sequence[Detector]) -> list[Coverage]:
    """What each pass could see: the whole block, at its ground sample distance."""
    cells, found = np.arange(area.cells), []
    for each in flown:
        way, mine = each.way, [one for one in detectors if each.way.kind in one.card.kinds]
        kinds = {one.card.id: {c.evidence for c in one.card.classes if c.evidence} for one in mine}
        for kind in sorted(set().union(*kinds.values())):
            rates = [rate_of(name, kind) for name, known in kinds.items() if kind in known]
            chance = max(float(rate.chance_at(np.array([way.gsd_m]))[0]) for rate in rates)
            clutter = sum(rate.clutter_per_km2 for rate in rates) * 1e-6
            if chance > 0.0:
                full = np.full(area.cells, chance, np.float32)
                last = each.t_us + each.pictures * 1_000_000
                sortie = f"S{way.number}"
                found.append(Coverage(sortie, way.kind, kind, each.t_us, last, cells, full, clutter))
    return found


def outcome(one: Trial, flown: Sequence[Flown], detectors: Sequence[Detector], sought: str = ANY) -> Outcome:
    """Sites from the claims of some passes."""
    area = area_of(prior_of(one), split=SPLIT, background_per_km2=background_per_km2())
    tracklets, covered = tracklets_of([each.claims for each in flown]), coverage_of(area, flown, detectors)
    placed = scans_from(tracklets, covered, area, cutpoints=cutpoints())
    found = filtered([with_extent(scan, sought) for scan in placed.scans], area, sought=sought)
    sites = placed_sites(found, 0.02, sought)
    truth, columns = truth_of(one), found_of(sites)
    return Outcome(sought, sites, columns, truth, matched(columns, truth), (BLOCK_M / 1000.0) ** 2)


def independent(site: Site, sought: str = ANY) -> float:
    """What adding up log-odds of independent looks says of a site: hits and misses at mean rates."""
    model, odds = usual_model(sought), site.prior_log_odds
    share = np.array([CONFUSERS_PER_FACILITY * PRIOR_PER_KM2, background_per_km2()])
    for line in site.ledger:
        if line.evidence in ("time", "review"):
            continue
        facility, *others = (rate.mean * rate.shown for rate in model.rates.get(line.evidence, model.usual))
        other = float(share @ np.array(others) / share.sum())
        hit = bool(line.tracklet)
        odds += np.log(facility / other) if hit else np.log((1.0 - facility) / (1.0 - other))
    return float(1.0 / (1.0 + np.exp(-np.clip(odds, -50.0, 50.0))))


@dataclass(frozen=True)
class Pooled:
    """Sites of all trials: p of the filter, of independent log-odds, what they are, ellipses that hold."""

    p: Floats
    naive: Floats
    real: NDArray[np.bool_]
    alike: NDArray[np.bool_]
    held: NDArray[np.bool_]
    facilities: int
    area_km2: float

    @property
    def missed(self) -> int:
        """Facilities that no listed site is."""
        return self.facilities - int(self.real.sum())


def pooled(outcomes: Sequence[Outcome]) -> Pooled:
    """All trials as one."""
    return Pooled(
        np.concatenate([one.found.p for one in outcomes]),
        np.array([independent(site, one.sought) for one in outcomes for site in one.sites]),
        np.concatenate([one.real for one in outcomes]),
        np.concatenate([(one.match.truth >= 0) & ~one.real for one in outcomes]),
        np.concatenate([one.match.held[one.real] for one in outcomes]),
        sum(int(one.truth.facility.sum()) for one in outcomes),
        sum(one.area_km2 for one in outcomes),
    )


THRESHOLD = 0.4
"""Probability from which a place counts as declared, chosen on the seeds the rates were measured on."""


def measures_of(all_: Pooled, trials: int) -> Iterator[Measure]:
    """What the sites of trials are worth."""
    from atalaya.detect.scoring.calibration import brier, ece

    declared, truth = all_.p >= THRESHOLD, all_.real.astype(np.float64)
    note = f"{trials} trials, {all_.facilities} facilities, {all_.area_km2:.0f} km2, P >= {THRESHOLD}"
    alike = float((declared & all_.alike).sum()) / all_.area_km2
    ground = float((declared & ~all_.real & ~all_.alike).sum()) / all_.area_km2
    dense = "look-alikes stand a kilometre apart here, fifteen times as dense as in the example campaigns"
    found = float((declared & all_.real).sum()) / all_.facilities
    yield Measure(ROOM, "facilities declared after three looks", found, "", 0.8, note=note)
    yield Measure(ROOM, "false sites on ordinary ground", ground, "/km2", 0.1, "less", note=note)
    yield Measure(
        ROOM, "false sites, look-alikes among them", ground + alike, "/km2", 0.1, "less", note=dense
    )
    yield Measure(ROOM, "expected calibration error of listed sites", ece(all_.p, truth), "", 0.05, "less")
    mine, naive = brier(all_.p, truth), brier(all_.naive, truth)
    yield Measure(ROOM, "Brier score", mine, "", naive / 2.0, "less", "independent log-odds", naive)
    held = 100.0 * float(all_.held.mean()) if len(all_.held) else None
    yield Measure(ROOM, "90 % ellipses that hold the facility", held, "%", 87.0, note="not above 93")


def measures() -> Iterator[Measure]:
    """Fly, detect, locate, compare: what is sought is known, as in a campaign."""
    full = os.environ.get("ATALAYA_BENCH_FULL") == "1"
    keep = os.environ.get("ATALAYA_BENCH_KEEP")
    count = 34 if full else 1
    detectors = [detector(name) for name in DETECTORS]
    starts = {theme: FIRST + 100 * k for k, theme in enumerate(CAMPAIGNS)}
    seeds = seeds_of(f"{theme}:{start}-{start + count}" for theme, start in starts.items())
    found = [
        outcome(one, flown, detectors, theme)
        for one, theme, flown in trials(seeds, detectors, Path(keep) if keep else None)
    ]
    yield from measures_of(pooled(found), len(found))
