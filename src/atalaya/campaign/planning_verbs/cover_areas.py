"""Areas covered one by one, each path beside a bound and beside the best that lines in one direction do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from atalaya.base.clock import monotonic_s
from atalaya.base.errors import AtalayaError
from atalaya.base.finding import Finding
from atalaya.campaign.planning_verbs.flown_line import FlownLine
from atalaya.campaign.planning_verbs.line_files import rounded
from atalaya.campaign.planning_verbs.named_area import NamedArea
from atalaya.plan.coverage import (
    Cost,
    CoveragePath,
    Ramped,
    Time,
    best_single_direction,
    cover,
    cover_geodetic,
)
from atalaya.plan.coverage.geodetic import on_plane

Place = tuple[float, float]


@dataclass(frozen=True)
class CoverAsk:
    """What is asked of every area.

    Args:
        swath_m, overlap, cost, footprint, keep_inside, seed: as `plan.coverage.cover`.
        start, end: longitude and latitude, or metres where planar.
        planar: areas are metres in a plane.
        compared: whether the best single direction is worked out too.
    """

    swath_m: float
    overlap: float
    cost: Cost
    start: Place | None = None
    end: Place | None = None
    footprint: str = "band"
    keep_inside: bool = True
    seed: int = 0
    planar: bool = False
    compared: bool = True

    def options(self) -> dict[str, Any]:
        """What both planners take alike."""
        return {
            "swath_m": self.swath_m,
            "overlap": self.overlap,
            "cost": self.cost,
            "footprint": self.footprint,
            "keep_inside": self.keep_inside,
        }


@dataclass(frozen=True)
class Covered:
    """One area and its path.

    Args:
        line: to fly. path: in a plane, metres.
        area_m2: of the area. left: what no leg sees, as the line's points are.
        single: cost of the best lines in one direction; None where not asked for.
        bound: no path that covers as much costs less, in the unit of the cost.
        seconds: it took to plan, without the comparison.
    """

    line: FlownLine
    path: CoveragePath
    area_m2: float
    left: BaseGeometry
    single: float | None
    bound: float
    seconds: float

    @property
    def name(self) -> str:
        """Of the area."""
        return self.line.name

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a reader should know."""
        return self.path.findings

    @property
    def unreachable_m2(self) -> float:
        """Of the area, not seen by any leg."""
        return float(self.path.left.area)

    def as_json(self) -> dict[str, Any]:
        """One entry of `atalaya.plan-cover/1`."""
        path = self.path
        return {
            "name": self.name,
            "cost": path.cost,
            "unit": path.unit,
            "length_m": path.length_m,
            "lower_bound": self.bound,
            "best_single_direction": self.single,
            "lines": path.lines,
            "headings_deg": [round(h, 3) for h in path.headings_deg],
            "area_m2": self.area_m2,
            "covered_share": path.covered_share,
            "unreachable_m2": self.unreachable_m2,
            "unreachable": mapping(self.left) if not self.left.is_empty else None,
            "seconds": round(self.seconds, 3),
            "points": rounded(self.line.points, planar=self.line.planar),
            "sweep": self.line.sweep.tolist(),
            "findings": [finding.as_json() for finding in path.findings],
        }


def cover_all(
    areas: Iterable[NamedArea], ask: CoverAsk, refused: Callable[[NamedArea, AtalayaError], None]
) -> list[Covered]:
    """Cover areas one after another; one that cannot be covered is handed to `refused`, the rest goes on."""
    found = []
    for area in areas:
        try:
            found.append(cover_one(area, ask))
        except AtalayaError as error:
            refused(area, error)
    return found


def cover_one(area: NamedArea, ask: CoverAsk) -> Covered:
    """Cover one area.

    Raises:
        BadInput: COV-001 to COV-012, see `plan.coverage.cover`.
    """
    began = monotonic_s()
    common = ask.options()
    if ask.planar:
        path = cover(area.geometry, start=ask.start, end=ask.end, seed=ask.seed, **common)
        took = monotonic_s() - began
        line = FlownLine(area.name, path.points, path.sweep, planar=True)
        flat, left = area.geometry, path.left
    else:
        found = cover_geodetic(area.geometry, start=ask.start, end=ask.end, seed=ask.seed, **common)
        took = monotonic_s() - began
        path = found.plane
        line = FlownLine(area.name, np.column_stack((found.lon_deg, found.lat_deg)), found.sweep)
        flat, left = (
            on_plane(area.geometry, found.crs, swath_m=ask.swath_m),
            _in_degrees(path.left, found.crs),
        )
    single = _single(flat, ask, path) if ask.compared else None
    return Covered(line, path, float(flat.area), left, single, lower_bound(path, ask.cost), took)


def lower_bound(path: CoveragePath, cost: Cost) -> float:
    """The path's bound of length as a cost: every metre at the highest speed there is."""
    if isinstance(cost, Time):
        return path.lower_bound_m / (cost.airspeed_ms + float(np.hypot(*cost.wind_ms)))
    if isinstance(cost, Ramped):
        return path.lower_bound_m / cost.speed_ms
    return path.lower_bound_m


def _single(flat: BaseGeometry, ask: CoverAsk, path: CoveragePath) -> float:
    """The cost of the best single direction between the same ends."""
    start = None if ask.start is None else (float(path.points[0, 0]), float(path.points[0, 1]))
    end = None if ask.end is None else (float(path.points[-1, 0]), float(path.points[-1, 1]))
    return best_single_direction(flat, start=start, end=end, **ask.options()).cost


def _in_degrees(left: BaseGeometry, crs: str) -> BaseGeometry:
    back = Transformer.from_crs(CRS.from_proj4(crs), "EPSG:4326", always_xy=True)
    turned: BaseGeometry = shapely.transform(
        left, lambda xy: np.round(np.column_stack(back.transform(xy[:, 0], xy[:, 1])), 8)
    )
    return turned
