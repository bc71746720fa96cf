"""What the lines leave uncovered at slanted borders and beside holes, and short strokes that close it."""

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from atalaya.plan.coverage.lines import kernels
from atalaya.plan.coverage.lines.strips import lines_at
from atalaya.plan.coverage.region import Area, edges_of, rings_of

Floats = NDArray[np.float64]
LEAST_GAP = 1e-6
_ROUNDED_M = 1e-6
SMALL = 0.02
IGNORED = 0.3


def bands(lines: Floats, swath_m: float, footprint: str) -> NDArray[np.object_]:
    """(n,) polygons seen from lines (n, 4): flat-ended bands, half discs at the ends for a disc footprint."""
    strings = shapely.linestrings(lines.reshape(-1, 2, 2))
    cap = "round" if footprint == "disc" else "flat"
    return np.asarray(shapely.buffer(strings, swath_m / 2, cap_style=cap))


def without(first: Any, second: Any) -> Any:
    """Geometries less others; slivers that GEOS cannot tell the sides of are rounded to micrometres."""
    try:
        return shapely.difference(first, second)
    except shapely.errors.GEOSException:
        return shapely.difference(_polygons(first), second, grid_size=_ROUNDED_M)


def _polygons(shapes: Any) -> Any:
    """Valid polygons: what has collapsed into lines is no ground."""
    if not isinstance(shapes, np.ndarray):
        return _polygons(np.array([shapes]))[0]
    whole = np.empty(len(shapes), object)
    for k, shape in enumerate(shapes):
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
        whole[k] = shapely.union_all(parts[shapely.get_type_id(parts) == 3], grid_size=_ROUNDED_M)
    return whole


def uncovered(area: Area, lines: Floats, swath_m: float, footprint: str) -> NDArray[np.object_]:
    """Polygons of the area outside all bands."""
    if len(lines) == 0:
        return np.asarray(shapely.get_parts(area))
    long = lines[np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) > 1e-9]
    left = without(area, shapely.union_all(bands(long, swath_m, footprint)))
    parts = shapely.get_parts(left)
    return np.asarray(parts[shapely.get_type_id(parts) == 3])


def still_uncovered(
    gaps: NDArray[np.object_], legs: Floats, swath_m: float, footprint: str
) -> NDArray[np.object_]:
    """What of the gaps more legs (k, 4) do not see either."""
    long = legs[np.hypot(legs[:, 2] - legs[:, 0], legs[:, 3] - legs[:, 1]) > 1e-9]
    if len(gaps) == 0 or len(long) == 0:
        return gaps
    seen = bands(long, swath_m, footprint)
    which_gap, which_band = shapely.STRtree(seen).query(gaps, predicate="intersects")
    left = gaps.copy()
    rank = np.arange(len(which_gap)) - np.searchsorted(which_gap, which_gap)
    for k in range(int(rank.max(initial=-1)) + 1):
        gap, band = which_gap[rank == k], which_band[rank == k]
        left[gap] = without(left[gap], seen[band])
    parts = shapely.get_parts(left)
    return np.asarray(parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)])


def strokes(gaps: NDArray[np.object_], room: Area, legs: Floats, swath_m: float, allowed_m2: float) -> Floats:
    """(k, 4) short lines over the gaps that are worth it, until at most `allowed_m2` is left.

    Args:
        gaps: polygons.
        room: where strokes may lie.
        legs: (n, 4) the path so far, to choose strokes near it.
        swath_m: metres.
        allowed_m2: gaps dearest to close are left open up to this area.
    """
    areas = shapely.area(gaps)
    found = []
    small = np.cumsum(np.sort(areas))
    least = np.sort(areas)[min(int(np.searchsorted(small, IGNORED * allowed_m2)), len(areas) - 1)]
    walls = edges_of(rings_of(room))
    for gap, size in zip(gaps, areas, strict=True):
        if size >= max(least, LEAST_GAP * swath_m**2):
            lines, detour = _strokes_over(gap, room, walls, legs, swath_m)
            found.append((detour / size, size, lines))
    found.sort(key=lambda item: -item[0])
    left = float(areas.sum()) - sum(size for _, size, _ in found)
    chosen = [np.empty((0, 4))]
    for _, size, lines in found:
        if left + size <= allowed_m2:
            left += size
        else:
            chosen.append(lines)
    return np.vstack(chosen)


def _strokes_over(
    gap: Polygon, room: Area, walls: Floats, legs: Floats, swath_m: float
) -> tuple[Floats, float]:
    """The cheapest lines found over one gap, and about how much longer they make the path."""
    small = SMALL * swath_m
    ring = np.asarray(gap.exterior.coords)[:, :2]
    single = kernels.stroke_over(ring, walls, legs, swath_m / 2, small)
    if np.isfinite(single[5]):
        return single[None, :4], float(single[4])
    step = np.diff(ring, axis=0)
    longest = int(np.hypot(step[:, 0], step[:, 1]).argmax())
    lines = lines_at(room, gap, math.atan2(step[longest, 1], step[longest, 0]), swath_m)
    return lines, small + float(sum(kernels.detour_of(a, b, c, d, legs) for a, b, c, d in lines))
