"""How far a packaged layer's lines may be wrong: measured against another layer, stretch by stretch."""

from collections.abc import Iterator, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary.facing import Boundary, distances_m, facing, straight_m
from atalaya.law.boundary.inspection import aside_m
from atalaya.law.boundary.record import Section

Floats = NDArray[np.float64]
Shapes = Mapping[str, shapely.Geometry]

EVERY_M = 250.0
TOLERANCE_M, STEP_M = 10.0, 1.2
"""Of the source's simplification, and of five decimals of a degree."""

BASELINES_M = 1_852.0
"""Allowance for baselines that nobody publishes with the data: one nautical mile, agreed, not measured."""

SHORTEST_M = 2000.0
"""Shortest line worth a bound of its own."""

TOUCHING_M = 1.0

OFF_SHORE_M, OFF_LINE_M = 1_000.0, 2_000.0
"""What is nearer to the shore is no limit at sea; what is nearer to a neighbour's line is shared with it."""


def pairs(shapes: Shapes) -> Iterator[tuple[str, str]]:
    """Areas whose boxes touch, each pair once."""
    names = sorted(shapes)
    boxes = [shapely.box(*(shapes[name].bounds)) for name in names]
    tree = shapely.STRtree(boxes)
    for first, second in tree.query(boxes, predicate="dwithin", distance=0.01).T:
        if first < second:
            yield names[first], names[second]


def land_sections(
    yardstick: Shapes, measured: Shapes, against: str, *, every_m: float, at_sea: bool
) -> list[Section]:
    """Bounds of every land line both sets of shapes have.

    Args:
        yardstick: by area code, the shapes whose land lines are the measure.
        measured: by area code, the shapes that are measured.
        against: what the yardstick is, for the record.
        every_m: step along the lines.
        at_sea: whether the yardstick's lines run on at sea; then only places on the measured land count.
    """
    known = sorted(set(yardstick) & set(measured))
    first = {name: Boundary.of(yardstick[name]) for name in known}
    second = {name: Boundary.of(measured[name]) for name in known}
    shapely.prepare([measured[name] for name in known])
    found = []
    for one, other in pairs({name: measured[name] for name in known}):
        line = facing(first[one], first[other])
        there = line.shared.places(every_m)
        if at_sea:
            ashore = [shapely.contains_xy(measured[name], *there.T) for name in (one, other)]
            there = there[ashore[0] | ashore[1]]
            back = facing(second[one], second[other], within_m=TOUCHING_M).shared.places(every_m)
        else:
            back = line.opposite(second[one].places(every_m))
        if min(len(there), len(back)) * every_m < SHORTEST_M:
            continue
        metres = (distances_m(there, second[one].tree), distances_m(back, first[one].tree))
        places = there if not at_sea else np.concatenate((there, back))
        found.append(_section(one, other, np.concatenate(metres), places, against, every_m))
        print(found[-1].name, found[-1].bound_m, flush=True)
    return found


def _section(one: str, other: str, metres: Floats, places: Floats, against: str, every_m: float) -> Section:
    median, p99 = np.percentile(metres, (50, 99))
    west, south, east, north = (float(x) for x in (*places.min(axis=0), *places.max(axis=0)))
    return Section(
        f"{one}-{other}",
        (one, other),
        rounded_up(float(metres.max()) + every_m / 2),
        round(float(np.sqrt(np.mean(metres**2))), 1),
        f"both directions every {every_m:.0f} m against {against}: median {median:.0f}, p99 {p99:.0f}, "
        f"max {metres.max():.0f} m",
        (round(west, 5), round(south, 5), round(east, 5), round(north, 5)),
    )


def sea_sections(sovereign: Shapes, land: Shapes) -> list[Section]:
    """Bounds of limits at sea: the source's own tolerance, edges, an allowance for baselines.

    How far the limit lies from the area's own land is told beside it. It is no bound: 12 nautical miles off
    the land is another construction, without straight baselines, closing lines and agreed limits.
    """
    boundaries = {name: Boundary.of(shape) for name, shape in sovereign.items()}
    found = []
    for name, boundary in boundaries.items():
        if name not in land:
            continue
        places = boundary.places(EVERY_M)
        for one, other in pairs(sovereign):
            if name in (one, other):
                neighbour = boundaries[other if name == one else one]
                places = places[straight_m(places, neighbour.tree) > OFF_LINE_M]
        metres = straight_m(places, Boundary.of(land[name]).tree)
        metres = metres[metres > OFF_SHORE_M]
        if not len(metres):
            continue
        longest = np.argsort(np.hypot(*(boundary.edges[:, 2:] - boundary.edges[:, :2]).T))[-20:]
        aside = float(aside_m(*boundary.edges[longest].T).max())
        bound = rounded_up(TOLERANCE_M + STEP_M + aside + BASELINES_M)
        found.append(
            Section(
                f"{name} at sea",
                (name,),
                bound,
                round(bound / 3.0, 1),
                f"stated, not measured: tolerance of the source {TOLERANCE_M:.0f} m, step {STEP_M} m, "
                f"longest edge up to {aside:.0f} m beside its geodesic, allowance for unknown baselines "
                f"{BASELINES_M:.0f} m (1 NM). Compared, no bound: nearest to own land {metres.min():.0f} "
                f"m, median {np.median(metres):.0f} m; 12 NM are 22224 m",
            )
        )
        print(found[-1].name, found[-1].bound_m, flush=True)
    return found


def rounded_up(metres: float) -> float:
    """The next ten metres."""
    return float(10 * np.ceil(metres / 10))
