"""How far the coasts of a coarse land layer may be wrong: measured against precise land, State by State."""

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary.edges import edges_of
from atalaya.law.boundary.facing import Boundary, facing, straight_m
from atalaya.law.boundary.grid.grid import grid_of
from atalaya.law.boundary.polygons import polygons_in
from atalaya.law.boundary.record import Section
from tools.measure_boundaries import Shapes, pairs, rounded_up

Floats = NDArray[np.float64]
Coasts = dict[str, Boundary]

EVERY_M = 500.0
APART_M = 10_000.0
"""A drawn island farther than this from all land of the yardstick is not in it."""

AROUND_DEG = 0.01


def unmeasured_lines(
    shapes: Shapes, sections: list[Section], bound_m: float, sigma_m: float
) -> list[Section]:
    """A section for every land line that has none yet: what is assumed there."""
    known = {section.areas for section in sections}
    why = "not measured: the yardstick has no such line; the worst of all measured land lines is assumed"
    return [
        Section(f"{one}-{other}", (one, other), bound_m, sigma_m, why)
        for one, other in pairs(shapes)
        if (one, other) not in known and _meet(shapes, one, other)
    ]


def coast_sections(
    drawn: Shapes, yardstick: Shapes, against: str, assumed: tuple[float, float]
) -> tuple[list[Section], list[str]]:
    """Bounds of the coast of every area that the yardstick knows.

    From each drawn place to the yardstick's coast, and from each place of the yardstick that lies outside all
    drawn land to the drawn coast. Whose land it is plays no part: places are measured to the coast itself.
    Lakes are no coast, nor is water that the layer draws as land (rivers, lagoons, inlets).

    Args:
        drawn: the layer's shapes by area code; yardstick: the precise land by its own codes.
        against: what the yardstick is, for the record.
        assumed: bound and sigma in metres for islands the yardstick does not have.

    Returns:
        the sections, and the codes of areas of which the yardstick has nothing.
    """
    land = {code: shapely.multipolygons(_shells(shape)) for code, shape in yardstick.items()}
    precise = _joined(_coasts(land))
    print("coast of the yardstick ready", flush=True)
    own = _coasts(drawn)
    islands = _islands(drawn, precise)
    back, omitted = _beyond(drawn, own, land)
    found: list[Section] = []
    nothing: list[str] = []
    for code, coast in own.items():
        boxes = islands[code]
        measured = coast
        for box in boxes:
            measured = Boundary(measured.edges[~measured.inside(box)])
        places = measured.places(EVERY_M)
        if not len(places):
            nothing += [code] if len(coast.edges) else []
            continue
        metres = np.concatenate((straight_m(places, precise.tree), back.get(code, np.empty(0))))
        median, p99 = np.percentile(metres, (50, 99))
        text = (
            f"both directions every {EVERY_M:.0f} m against {against}, whose land it is set aside: median "
            f"{median:.0f}, p99 {p99:.0f}, max {metres.max():.0f} m"
        )
        bound = rounded_up(float(metres.max()) + EVERY_M / 2)
        far = omitted.get(code, np.empty(0))
        if (far > bound).any():
            count = int((far > bound).sum())
            text += f"; not covered: {count} islets that are not drawn, up to {far.max() / 1000:.0f} km off"
        rms = round(float(np.sqrt(np.mean(metres**2))), 1)
        found.append(Section(f"{code} coast", (code,), bound, rms, text))
        why = f"not in {against}: not measured, the worst of all measured land lines is assumed"
        found += [Section(f"{code} islands", (code,), *assumed, why, box) for box in boxes]
        print(found[-1 - len(boxes)].name, bound, len(boxes), flush=True)
    return found, nothing


def _shells(shape: shapely.Geometry) -> NDArray[np.object_]:
    rings: NDArray[np.object_] = shapely.polygons(shapely.get_exterior_ring(polygons_in(shape)))
    return rings


def _meet(shapes: Shapes, one: str, other: str) -> bool:
    line = facing(Boundary.of(shapes[one]), Boundary.of(shapes[other]))
    return len(line.shared.edges) > 0


def _coasts(shapes: Shapes) -> Coasts:
    """What is left of every boundary when the lines towards neighbours are taken out."""
    whole = {code: Boundary.of(shape) for code, shape in shapes.items()}
    coasts = dict(whole)
    for one, other in pairs(shapes):
        coasts[one] = facing(coasts[one], whole[other]).rest
        coasts[other] = facing(coasts[other], whole[one]).rest
    return coasts


def _joined(coasts: Mapping[str, Boundary]) -> Boundary:
    return Boundary(np.concatenate([coast.edges for coast in coasts.values()]))


def _islands(drawn: Shapes, precise: Boundary) -> dict[str, list[tuple[float, float, float, float]]]:
    """Boxes around drawn islands of which the yardstick has nothing, by area."""
    found = {}
    for code, shape in drawn.items():
        parts = polygons_in(shape)
        points, part = shapely.get_coordinates(parts, return_index=True)
        metres = np.full(len(parts), np.inf)
        np.minimum.at(metres, part, straight_m(np.ascontiguousarray(points), precise.tree))
        west, south, east, north = shapely.bounds(parts[metres > APART_M]).T
        grown = shapely.box(west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG)
        clusters = shapely.get_parts(shapely.union_all(grown)) if len(grown) else grown
        found[code] = [_box(cluster) for cluster in clusters]
    return found


def _box(cluster: shapely.Geometry) -> tuple[float, float, float, float]:
    west, south, east, north = (round(float(x), 5) for x in cluster.bounds)
    return west, south, east, north


def _beyond(drawn: Shapes, own: Coasts, land: Shapes) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Metres by area from the yardstick's places beyond all drawn land, and from islands nobody drew."""
    whole = [Boundary.of(shape) for shape in drawn.values()]
    lines = Boundary(np.concatenate([part.edges for part in whole]))
    area = np.repeat(np.arange(len(whole)), [len(part.edges) for part in whole])
    coast = _joined(own)
    codes = list(drawn)
    shapes = np.array(list(drawn.values()), dtype=object)
    grid = grid_of(shapes, edges_of(shapes))
    everything = shapely.STRtree(np.concatenate([polygons_in(shape) for shape in shapes]))
    back: dict[str, list[Floats]] = {}
    omitted: dict[str, list[Floats]] = {}
    for code, shape in land.items():
        parts = polygons_in(shape)
        drawn_too = np.zeros(len(parts), np.bool_)
        points, part = shapely.get_coordinates(parts, return_index=True)
        drawn_too[part[grid.area_at(*np.ascontiguousarray(points.T)) >= 0]] = True
        rest = np.flatnonzero(~drawn_too)
        drawn_too[rest[everything.query(parts[rest], predicate="intersects")[0]]] = True
        places = Boundary.of(shapely.multipolygons(parts[drawn_too])).places(EVERY_M)
        places = places[grid.area_at(*np.ascontiguousarray(places.T)) < 0]
        piece, _, metres = lines.tree.chords(*np.ascontiguousarray(places.T))
        to_coast = straight_m(places, coast.tree)
        near = area[lines.tree.edge[piece]]
        by_sea = to_coast <= metres + 1.0  # not where a land line is nearer
        for number in np.unique(near[by_sea]):
            back.setdefault(codes[number], []).append(metres[by_sea & (near == number)])
        points, part = shapely.get_coordinates(parts[~drawn_too], return_index=True)
        if len(points) and code in own:
            far = np.zeros(part[-1] + 1)
            np.maximum.at(far, part, straight_m(np.ascontiguousarray(points), coast.tree))
            omitted.setdefault(code, []).append(far)
    return (
        {code: np.concatenate(parts) for code, parts in back.items()},
        {code: np.concatenate(parts) for code, parts in omitted.items()},
    )
