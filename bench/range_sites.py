"""Sites of trials of the range: looks through the filter, held against the truth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from atalaya.campaign.locating.located import filtered, placed_sites, with_extent
from atalaya.campaign.locating.sign_rates import background_per_km2, calibrations, rate_of
from atalaya.campaign.locating.site_score import FoundSites, SiteMatch, TrueSites, found_of, matched
from atalaya.detect import Detector
from atalaya.locate.area import Area, area_of
from atalaya.locate.looks import Coverage, scans_from
from atalaya.locate.site import Site
from atalaya.locate.tracklets import Tracklets, link
from atalaya.locate.tracklets.places import together
from atalaya.sensing.map_grid import make_grid
from atalaya.sensing.search_map import SearchMap
from bench.range_looks import BLOCK_M, FACILITIES, Pass, Trial, places_of

Floats = NDArray[np.float64]

CELL_M, SPLIT = 250.0, 5
PRIOR_PER_KM2 = 0.5
"""Facilities expected: near what the trials have (three in six square kilometres), not the same."""


@dataclass(frozen=True)
class Outcome:
    """Sites of one trial against its truth."""

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


def coverage_of(
    area: Area, passes: Iterable[tuple[Pass, int]], detectors: Sequence[Detector], pictures: int
) -> list[Coverage]:
    """What each pass could see: the whole block, at its ground sample distance."""
    cells = np.arange(area.cells)
    found = []
    for way, t_us in passes:
        mine = [each for each in detectors if way.kind in each.card.kinds]
        for kind in sorted({one.evidence for each in mine for one in each.card.classes if one.evidence}):
            rates = [
                rate_of(each.card.id, kind)
                for each in mine
                if kind in {one.evidence for one in each.card.classes}
            ]
            chance = max(float(rate.chance_at(np.array([way.gsd_m]))[0]) for rate in rates)
            clutter = sum(rate.clutter_per_km2 for rate in rates) * 1e-6
            if chance > 0.0:
                full = np.full(area.cells, chance, np.float32)
                found.append(
                    Coverage(
                        f"S{way.number}",
                        way.kind,
                        kind,
                        t_us,
                        t_us + pictures * 1_000_000,
                        cells,
                        full,
                        clutter,
                    )
                )
    return found


def outcome(
    one: Trial,
    passes: Sequence[tuple[Pass, int]],
    tables: Sequence[pa.Table],
    detectors: Sequence[Detector],
    pictures: int = 200,
) -> Outcome:
    """Sites from the claims of some passes."""
    area = area_of(prior_of(one), split=SPLIT, background_per_km2=background_per_km2())
    placed = scans_from(tracklets_of(tables), coverage_of(area, passes, detectors, pictures), area)
    found = filtered([with_extent(scan) for scan in placed.scans], area)
    sites = placed_sites(found, 0.02)
    truth, columns = truth_of(one), found_of(sites)
    return Outcome(sites, columns, truth, matched(columns, truth), (BLOCK_M / 1000.0) ** 2)


def expected_facilities() -> int:
    """In each trial."""
    return FACILITIES
