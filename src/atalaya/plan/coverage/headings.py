"""Which headings are worth trying: along edges, and along the sides of the narrowest box, ranked by a quick estimate."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.plan.coverage import kernels
from atalaya.plan.coverage.region import Area, edges_of, rings_of
from atalaya.plan.coverage.strips import levels_of, turned

Floats = NDArray[np.float64]
CLOSE_RAD = math.radians(1.0)
MOST = 48
WEDGE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Ranked:
    """A heading with its estimated cost."""

    heading_rad: float
    estimate: float


def candidate_headings(area: Area, most: int = MOST) -> list[float]:
    """Mathematical angles in [0, pi): hull edges first (the least width of a convex set is across one), then rings'."""
    found: list[float] = []
    hull = edges_of([shapely.convex_hull(area).exterior])
    rings = edges_of(rings_of(area))
    for edges in (hull, rings):
        step = edges[:, 2:] - edges[:, :2]
        order = np.argsort(-np.hypot(step[:, 0], step[:, 1]), kind="stable")[: 4 * most]
        for angle in np.arctan2(step[order, 1], step[order, 0]) % math.pi:
            if all(abs((angle - other + math.pi / 2) % math.pi - math.pi / 2) > CLOSE_RAD for other in found):
                found.append(float(angle))
            if len(found) >= most:
                return found
    return found


def estimated(area: Area, heading_rad: float, spacing_m: float, rule: Floats) -> float:
    """About what covering at a heading costs: its lines, a hop for each, and a share of the slanted border."""
    edges = edges_of(rings_of(turned(area, heading_rad)))
    levels = levels_of(edges[:, 1].min(), edges[:, 1].max(), spacing_m, 0.0)
    rows = kernels.chords(edges, levels)
    x, y = math.cos(heading_rad), math.sin(heading_rad)
    along = (rows[:, 2] - rows[:, 1])[:, None] * np.array([[x, y]])
    zero = np.zeros_like(along)
    lines = (kernels.leg_costs(zero, along, rule) + kernels.leg_costs(along, zero, rule)).sum() / 2
    hop = np.array([[-y, x]]) * spacing_m
    zero = np.zeros_like(hop)
    hops = len(rows) * (kernels.leg_costs(zero, hop, rule)[0] + kernels.leg_costs(hop, zero, rule)[0]) / 2
    step = edges[:, 2:] - edges[:, :2]
    rising = np.abs(step[:, 1]) > 0.05 * np.abs(step[:, 0])
    wedge = WEDGE_SHARE * np.abs(step[rising, 0]).sum() / spacing_m
    return float(lines + hops + wedge * hops / max(len(rows), 1))


def ranked_headings(area: Area, spacing_m: float, rule: Floats, given: list[float] | None) -> list[Ranked]:
    """Headings with the cheapest estimate first.

    Args:
        area: metres.
        spacing_m: between lines.
        rule: the cost.
        given: only these, radians; None to look for good ones.
    """
    headings = given if given is not None else candidate_headings(area)
    ranked = [Ranked(h, estimated(area, h, spacing_m, rule)) for h in headings]
    return sorted(ranked, key=lambda r: r.estimate)
