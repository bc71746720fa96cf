"""Contour search: level after level around the heights of a terrain, inside a polygon.

IAMSAR Manual, vol. II ch. 5: for mountains and valleys, from the highest level downwards (paraphrased).
"""

import math
from typing import cast

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from atalaya.base.errors import BadInput
from atalaya.plan.patterns.pattern import Pattern, positive

Floats = NDArray[np.float64]


def contour_search(
    x_m: Floats,
    y_m: Floats,
    height_m: Floats,
    *,
    step_m: float,
    area: BaseGeometry | None = None,
    descending: bool = True,
    shortest_m: float = 0.0,
) -> tuple[Pattern, Floats]:
    """Lines of equal ground height, one level after another, each level's pieces by nearest next.

    Args:
        x_m: (c,) ascending; y_m: (r,) ascending; height_m: (r, c) ground heights; NaN where unknown.
        step_m: between levels; the highest lies half a step below the top.
        area: polygon the lines are cut to.
        descending: from the top downwards, as the manual advises; False upwards.
        shortest_m: shorter pieces are left out.

    Returns:
        The pattern (transits between pieces are straight), and (k,) the level of each point.

    Raises:
        BadInput: COV-002 no height in the area or no level; COV-003.
    """
    positive("step_m", step_m)
    if np.shape(height_m) != (len(y_m), len(x_m)) or not np.isfinite(height_m).any():
        raise BadInput("COV-002", where="height_m", detail="no heights on this grid")
    low, high = float(np.nanmin(height_m)), float(np.nanmax(height_m))
    levels = high - step_m * (np.arange(max(math.ceil((high - low) / step_m), 1)) + 0.5)
    levels = levels[levels > low]
    lines_at = contourpy.contour_generator(x_m, y_m, np.ma.masked_invalid(height_m), line_type="Separate")
    points: list[Floats] = []
    sweep: list[NDArray[np.bool_]] = []
    heights: list[Floats] = []
    for level in levels if descending else levels[::-1]:
        pieces = _pieces(cast(list[Floats], lines_at.lines(float(level))), area, shortest_m)
        while pieces:
            piece = pieces.pop(_nearest(pieces, points[-1][-1] if points else None))
            if points:
                piece = _entered(piece, points[-1][-1])
                sweep.append(np.zeros(1, dtype=bool))
            points.append(piece)
            sweep.append(np.ones(len(piece) - 1, dtype=bool))
            heights.append(np.full(len(piece), level))
    if not points:
        raise BadInput("COV-002", where="area", detail="no contour inside")
    return Pattern(np.vstack(points), np.concatenate(sweep)), np.concatenate(heights)


def _pieces(lines: list[Floats], area: BaseGeometry | None, shortest_m: float) -> list[Floats]:
    strings = [LineString(line) for line in lines if len(line) > 1]
    if area is not None:
        cut = [p for s in strings for p in shapely.get_parts(shapely.intersection(s, area))]
        merged = shapely.line_merge(shapely.union_all([p for p in cut if p.geom_type == "LineString"]))
        strings = list(shapely.get_parts(merged))
    return [np.asarray(s.coords) for s in strings if s.length > max(shortest_m, 0.0)]


def _nearest(pieces: list[Floats], at: Floats | None) -> int:
    if at is None:
        return int(np.argmax([len(p) for p in pieces]))
    return int(np.argmin([np.hypot(*(_ends(p) - at).T).min() for p in pieces]))


def _ends(piece: Floats) -> Floats:
    closed = bool(np.allclose(piece[0], piece[-1]))
    return piece if closed else piece[[0, -1]]


def _entered(piece: Floats, at: Floats) -> Floats:
    """The piece begun where it is nearest: a ring anywhere, a line at either end."""
    if np.allclose(piece[0], piece[-1]):
        k = int(np.hypot(*(piece[:-1] - at).T).argmin())
        return np.vstack([piece[k:-1], piece[: k + 1]])
    return piece if np.hypot(*(piece[0] - at)) <= np.hypot(*(piece[-1] - at)) else piece[::-1]
