"""How far two layers disagree: distances both ways along shared lines, ground only one of them holds."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary.facing import EVERY_M, Boundary, Box, distances_m, facing
from atalaya.law.boundary.layer import Layer
from atalaya.law.boundary.nearest.tree import Tree
from atalaya.law.boundary.reading.repair import area_km2

Floats = NDArray[np.float64]

OFFSETS_M = (500.0, 1000.0, 2000.0, 3000.0)
INSIDE_ENOUGH = 0.98
"""Share of the wanted distance a place of a parallel track must keep from the line it runs along."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Distances in metres from places of one line to another.

    Args:
        places: how many places were measured; the rest is NaN without any.
    """

    places: int
    median_m: float
    p90_m: float
    p99_m: float
    max_m: float
    rms_m: float


@dataclass(frozen=True, slots=True)
class AreaComparison:
    """Two layers over one area.

    Args:
        area: its code. line: "USA" ... where only the line towards that area was compared, "" for all of it.
        there: from the first layer's line to the second's; back: the other way.
        bound_m: the larger maximum of both, and half a step: no place between the places is farther.
        only_first_km2, only_second_km2: ground that one layer gives to the area and the other does not.
        outside: by offset in metres, the share of a track that far outside the first layer's line which the
            second layer puts inside.
    """

    area: str
    line: str
    there: Spread
    back: Spread
    bound_m: float
    only_first_km2: float
    only_second_km2: float
    outside: dict[float, float]


def compare(
    first: Layer,
    second: Layer,
    area: str,
    *,
    second_area: str | None = None,
    towards: str | None = None,
    within: Box | None = None,
    every_m: float = EVERY_M,
) -> AreaComparison:
    """Compare two layers over one area.

    Args:
        first, second: layers; the first is the yardstick of parallel tracks.
        area, second_area: the area's code in each (the same unless said).
        towards: only the line between the area and this one of the first layer; of the second layer, what
            lies over against that line.
        within: (west, south, east, north) degrees; only places inside count.

    Raises:
        NotFound: LAY-003, a layer has no such area.
    """
    shapes = [first.polygons[first.area(area)], second.polygons[second.area(second_area or area)]]
    boundaries = [Boundary.of(shape) for shape in shapes]
    trees = [boundary.tree for boundary in boundaries]
    lines = [boundary.places(every_m) for boundary in boundaries]
    if towards is not None:
        line = facing(boundaries[0], Boundary.of(first.polygons[first.area(towards)]))
        lines = [line.shared.places(every_m), line.opposite(lines[1])]
    lines = [_in_box(places, within) for places in lines]
    there, back = (_spread(distances_m(line, tree)) for line, tree in zip(lines, trees[::-1], strict=True))
    bound = float(np.nanmax([there.max_m, back.max_m, -np.inf])) + every_m / 2
    if within is not None:
        shapes = [shapely.intersection(shape, shapely.box(*within)) for shape in shapes]
    only_first, only_second = (area_km2(shapely.difference(*pair)) for pair in (shapes, shapes[::-1]))
    outside = {step: _share_inside(lines[0], trees[0], shapes, step) for step in OFFSETS_M}
    return AreaComparison(area, towards or "", there, back, bound, only_first, only_second, outside)


def _in_box(places: Floats, box: Box | None) -> Floats:
    if box is None:
        return places
    west, south, east, north = box
    lon, lat = places.T
    inside: Floats = places[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)]
    return inside


def _spread(metres: Floats) -> Spread:
    if not len(metres):
        return Spread(0, *(5 * (float("nan"),)))
    median, p90, p99 = np.percentile(metres, (50, 90, 99))
    rms = float(np.sqrt(np.mean(metres**2)))
    return Spread(len(metres), float(median), float(p90), float(p99), float(metres.max()), rms)


def _share_inside(line: Floats, tree: Tree, shapes: list[shapely.Geometry], offset_m: float) -> float:
    """Share of a track `offset_m` outside the first shape's line that is inside the second; NaN for none."""
    track = beside(line, shapes[0], offset_m)
    if len(track):
        track = track[distances_m(track, tree) >= INSIDE_ENOUGH * offset_m]
    if not len(track):
        return float("nan")
    shapely.prepare(shapes[1])
    return float(shapely.contains_xy(shapes[1], *track.T).mean())


def beside(line: Floats, shape: shapely.Geometry, offset_m: float) -> Floats:
    """Places square to the line's course, on the outer side of a shape."""
    from pyproj import Geod

    if len(line) < 2:
        return line[:0]
    geod = Geod(ellps="WGS84")
    course, _, step = geod.inv(*line[:-1].T, *line[1:].T)
    whole = np.asarray(step) < 4 * np.median(step)  # not across the jump from one ring to the next
    start, course = line[:-1][whole], np.asarray(course)[whole]
    shapely.prepare(shape)
    found = []
    for turn in (-90.0, 90.0):
        lon, lat, _ = geod.fwd(start[:, 0], start[:, 1], course + turn, np.full(len(start), offset_m))
        outside = ~shapely.contains_xy(shape, lon, lat)
        found.append(np.column_stack((lon, lat))[outside])
    return np.concatenate(found)
