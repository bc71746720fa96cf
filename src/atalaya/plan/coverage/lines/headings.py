"""Which headings are worth trying: along edges, and along the sides of the narrowest box, ranked by a quick estimate."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.plan.coverage.kernels import leg_costs
from atalaya.plan.coverage.lines import kernels
from atalaya.plan.coverage.region import Area, edges_of, rings_of

Floats = NDArray[np.float64]
CLOSE_RAD = math.radians(1.0)
MOST = 48
LONG = 1000.0


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


def ranked_headings(area: Area, spacing_m: float, rule: Floats, given: list[float] | None) -> list[Ranked]:
    """Headings with the cheapest estimate first.

    Args:
        area: metres.
        spacing_m: between lines.
        rule: the cost.
        given: only these, radians; None to look for good ones.
    """
    headings = np.array(given if given is not None else candidate_headings(area))
    costs = estimated(area, headings, spacing_m, rule)
    return [Ranked(float(headings[k]), float(costs[k])) for k in np.argsort(costs, kind="stable")]


def estimated(area: Area, headings: Floats, spacing_m: float, rule: Floats) -> Floats:
    """(k,) about what covering costs at each heading: its lines, a hop for each, a share of the slanted border."""
    along = np.column_stack([np.cos(headings), np.sin(headings)])
    across = along[:, ::-1] * np.array([-1.0, 1.0]) * spacing_m
    long, longer = _both_ways(LONG * spacing_m * along, rule), _both_ways(2 * LONG * spacing_m * along, rule)
    per_m = (longer - long) / (LONG * spacing_m)
    per_line = 2 * long - longer + _both_ways(across, rule)
    found: Floats = kernels.estimates(edges_of(rings_of(area)), headings, spacing_m, per_m, per_line)
    return found


def _both_ways(step: Floats, rule: Floats) -> Floats:
    zero = np.zeros_like(step)
    return np.asarray((leg_costs(zero, step, rule) + leg_costs(step, zero, rule)) / 2)
