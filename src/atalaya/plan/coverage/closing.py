"""What the lines leave uncovered at slanted borders and beside holes, and short strokes that close it."""

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from atalaya.plan.coverage import kernels
from atalaya.plan.coverage.region import Area, edges_of, rings_of
from atalaya.plan.coverage.strips import lines_at, turned, turned_back

Floats = NDArray[np.float64]
LEAST_GAP = 1e-6
SHARES = (0.5, 0.05, 0.95, 0.25, 0.75)


def bands(lines: Floats, swath_m: float, footprint: str) -> NDArray[np.object_]:
    """(n,) polygons seen from lines (n, 4): flat-ended bands, or with half discs at the ends for a disc footprint."""
    strings = shapely.linestrings(lines.reshape(-1, 2, 2))
    cap = "round" if footprint == "disc" else "flat"
    return np.asarray(shapely.buffer(strings, swath_m / 2, cap_style=cap))


def uncovered(area: Area, lines: Floats, swath_m: float, footprint: str) -> NDArray[np.object_]:
    """Polygons of the area outside all bands."""
    if len(lines) == 0:
        return shapely.get_parts(area)
    long = lines[np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) > 1e-9]
    left = shapely.difference(area, shapely.union_all(bands(long, swath_m, footprint)))
    parts = shapely.get_parts(left)
    return np.asarray(parts[shapely.get_type_id(parts) == 3])


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
    for gap, size in zip(gaps, areas, strict=True):
        if size > LEAST_GAP * swath_m**2:
            lines, detour = _strokes_over(gap, room, legs, swath_m)
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


def _strokes_over(gap: Polygon, room: Area, legs: Floats, swath_m: float) -> tuple[Floats, float]:
    """The cheapest lines found over one gap, and about how much longer they make the path."""
    best: tuple[Floats, float, float] = (np.empty((0, 4)), 0.0, math.inf)
    for heading in _headings(gap):
        west, south, east, north = turned(gap, heading).bounds
        if north - south > swath_m * (1 - 1e-6):
            lines = lines_at(room, gap, heading, swath_m)
            tried = [(lines, 1.0)] if len(lines) else []
        else:
            tried = _single(turned(room, heading), heading, (west, south, east, north), swath_m)
        for lines, share in tried:
            detour = sum(_detour(line, legs) for line in lines)
            score = (detour + 0.02 * swath_m) / share**3
            if score < best[2]:
                best = (lines, detour + 0.02 * swath_m, score)
    return best[0], best[1]


def _single(
    room: Area, heading: float, box: tuple[float, float, float, float], swath_m: float
) -> list[tuple[Floats, float]]:
    """Single strokes at several levels whose band holds the whole box across, and the share of its length each has."""
    west, south, east, north = box
    low, high = north - swath_m / 2, south + swath_m / 2
    levels = np.array([low + share * (high - low) for share in SHARES])
    chords = kernels.chords(edges_of(rings_of(room)), levels)
    found = []
    for k, x0, x1 in chords:
        a, b = max(x0, west), min(x1, east)
        if b - a > 1e-6 * swath_m:
            line = turned_back(np.array([[a, levels[int(k)], b, levels[int(k)]]]), heading)
            found.append((line, min(1.0, (b - a) / (east - west))))
    return found


def _headings(gap: Polygon) -> list[float]:
    """Directions of the longest edges of a gap."""
    xy = np.asarray(gap.exterior.coords)[:, :2]
    step = np.diff(xy, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    found: list[float] = []
    for k in np.argsort(-length)[:6]:
        heading = math.atan2(step[k, 1], step[k, 0]) % math.pi
        if all(abs((heading - other + math.pi / 2) % math.pi - math.pi / 2) > 0.05 for other in found):
            found.append(heading)
    return found[:4]


def _detour(line: Floats, legs: Floats) -> float:
    """About how much longer the path becomes by flying the line between two of its legs or within one."""
    p, q = legs[:, :2], legs[:, 2:]
    length = np.hypot(*(q - p).T)
    a, b = line[:2], line[2:]
    own = math.hypot(*(b - a))
    one = np.hypot(*(p - a).T) + np.hypot(*(q - b).T)
    two = np.hypot(*(p - b).T) + np.hypot(*(q - a).T)
    within = float((np.minimum(one, two) - length).min()) + own
    points = np.vstack([p, q])
    aside = float((np.hypot(*(points - a).T) + np.hypot(*(points - b).T)).min()) + own
    return max(min(within, aside), 0.0)
