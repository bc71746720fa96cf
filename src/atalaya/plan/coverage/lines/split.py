"""Areas cut in parts with headings of their own, where that is estimated to be cheaper.

A cut runs along an edge at a reflex corner, extended to the border on both sides (interior extension of edges);
of all cuts the one that saves most is made, again and again, until none saves enough.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from atalaya.plan.coverage.lines import kernels
from atalaya.plan.coverage.lines.headings import estimated
from atalaya.plan.coverage.lines.strips import turned
from atalaya.plan.coverage.region import Area, Floats, edges_of, parts_of, rings_of

MOST_CUTS_TRIED, MOST_PARTS = 14, 5
LEAST_SAVING = 0.01
SEVERAL = 10


@dataclass(frozen=True, slots=True)
class Part:
    """A polygon with the heading of its lines and what covering it is estimated to cost."""

    area: Polygon
    heading_rad: float
    estimate: float


def parts_with_headings(area: Area, headings: list[float], spacing_m: float, rule: Floats) -> list[Part]:
    """The area as one part or several, each at its best heading.

    Args:
        area: metres.
        headings: radians, the promising ones of the whole area.
        spacing_m: between lines.
        rule: the cost.
    """
    tried = np.array(headings[:SEVERAL])
    parts = [_best(part, tried, spacing_m, rule) for part in parts_of(area)]
    total = sum(part.estimate for part in parts)
    closed: set[int] = set()
    while len(parts) < MOST_PARTS + len(parts_of(area)) - 1:
        open_parts = [part for part in parts if id(part) not in closed]
        if not open_parts:
            break
        dearest = max(open_parts, key=lambda part: part.estimate)
        pieces = _cheapest_cut(dearest, tried, spacing_m, rule)
        if dearest.estimate - sum(p.estimate for p in pieces) < LEAST_SAVING * total:
            closed.add(id(dearest))
            continue
        parts = [part for part in parts if part is not dearest] + pieces
    return parts


def _best(area: Polygon, headings: Floats, spacing_m: float, rule: Floats) -> Part:
    edges = edges_of(rings_of(area))
    step = edges[:, 2:] - edges[:, :2]
    own = np.arctan2(step[:, 1], step[:, 0])[np.argsort(-np.hypot(step[:, 0], step[:, 1]), kind="stable")[:4]]
    tried = np.concatenate([headings, own % math.pi])
    costs = estimated(area, tried, spacing_m, rule)
    k = int(costs.argmin())
    return Part(area, float(tried[k]), float(costs[k]))


def _cheapest_cut(part: Part, headings: Floats, spacing_m: float, rule: Floats) -> list[Part]:
    best = [part]
    for edge in _cutting_edges(part.area)[:MOST_CUTS_TRIED]:
        pieces = [p for p in cut_along(part.area, edge) if p.area > 0]
        if len(pieces) > 1:
            tried = [_best(p, headings, spacing_m, rule) for p in pieces]
            if sum(p.estimate for p in tried) < sum(p.estimate for p in best):
                best = tried
    return best


def _cutting_edges(area: Polygon) -> Floats:
    """(n, 4) edges with a reflex corner at an end, longest first."""
    found = [np.empty((0, 4))]
    area = shapely.orient_polygons(area)
    for ring in (area.exterior, *area.interiors):
        xy = np.asarray(ring.coords)[:-1, :2]
        before, after = xy - np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0) - xy
        reflex = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] < 0
        edges = np.hstack([xy, np.roll(xy, -1, axis=0)])
        found.append(edges[reflex | np.roll(reflex, -1)])
    edges = np.vstack(found)
    return np.asarray(edges[np.argsort(-np.hypot(*(edges[:, 2:] - edges[:, :2]).T), kind="stable")])


def cut_along(area: Polygon, edge: Floats) -> list[Polygon]:
    """The polygon cut along one chord that contains an edge; itself if the chord does not separate it."""
    heading = math.atan2(edge[3] - edge[1], edge[2] - edge[0])
    flat = turned(area, heading)
    x = np.sort(turned(shapely.linestrings(edge.reshape(2, 2)), heading).xy[0])
    y = float(turned(shapely.points(edge[:2]), heading).y)
    west, south, east, north = flat.bounds
    halves = [shapely.box(west - 1, y, east + 1, north + 1), shapely.box(west - 1, south - 1, east + 1, y)]
    sides = [parts_of(shapely.intersection(flat, half)) for half in halves]
    pieces = sides[0] + sides[1]
    joined = list(range(len(pieces)))
    nudge = 1e-7 * (east - west)
    for _, x0, x1 in kernels.chords(edges_of(rings_of(flat)), np.array([y + nudge])):
        if x1 >= x[0] - nudge and x0 <= x[1] + nudge:
            continue
        middle = (x0 + x1) / 2
        above = _holder(pieces, range(len(sides[0])), middle, y + nudge)
        below = _holder(pieces, range(len(sides[0]), len(pieces)), middle, y - nudge)
        if above is not None and below is not None:
            joined = [joined[above] if j == joined[below] else j for j in joined]
    groups = [[p for p, j in zip(pieces, joined, strict=True) if j == g] for g in sorted(set(joined))]
    merged = [piece for group in groups for piece in parts_of(shapely.union_all(group))]
    return [turned(piece, -heading) for piece in merged]


def _holder(pieces: list[Polygon], among: range, x: float, y: float) -> int | None:
    return next((k for k in among if shapely.contains_xy(pieces[k], x, y)), None)


