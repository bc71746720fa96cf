"""Layers of country.gpkg: their columns, and the things they hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sim.country.country import Country, GroundLine, Settlement
from atalaya.sim.material import materials
from atalaya.sim.scene.things import Decal, Solid

WAYS = ("road", "track", "path")
WATERS = ("stream", "river")
_PLACES = ("town", "village", "farm")


@dataclass(frozen=True)
class Column:
    """A column of a layer.

    Args:
        name: as in the file, and of the field.
        kind: "text", "number", "count" or "material".
        default: for a layer without it; None where it must be there.
        least, most: of a number. known: of a text, all it may be; empty for anything.
    """

    name: str
    kind: str
    default: str | float | None = None
    least: float = -1e6
    most: float = 1e6
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayerKind:
    """A layer: its name, what its geometries are, its columns."""

    name: str
    geometry: str
    columns: tuple[Column, ...]


_NAMED = (Column("id", "text", ""), Column("evidence", "text", ""), Column("site", "text", ""))
_HEAT = Column("heat_k", "number", 0.0, -100.0, 2000.0)

ROADS = LayerKind(
    "roads",
    "LineString",
    (
        Column("kind", "text", known=WAYS),
        Column("width_m", "number", least=0.1, most=200.0),
        Column("material", "material", "bare_soil"),
    ),
)
STREAMS = LayerKind(
    "streams",
    "LineString",
    (
        Column("kind", "text", known=WATERS),
        Column("width_m", "number", least=0.1, most=5000.0),
        Column("material", "material", "water"),
    ),
)
PATCHES = LayerKind("patches", "Polygon", (*_NAMED, Column("material", "material"), _HEAT))
SETTLEMENTS = LayerKind(
    "settlements",
    "Point",
    (
        Column("name", "text"),
        Column("kind", "text", known=_PLACES),
        Column("radius_m", "number", 100.0, 0.0, 50_000.0),
        Column("houses", "count", 0.0, 0.0, 1e6),
    ),
)
HOUSES = LayerKind(
    "houses",
    "Point",
    (
        *_NAMED,
        Column("length_m", "number", least=0.05, most=1000.0),
        Column("width_m", "number", least=0.05, most=1000.0),
        Column("bearing_deg", "number", 0.0, -360.0, 360.0),
        Column("bottom_m", "number", 0.0, 0.0, 500.0),
        Column("top_m", "number", least=0.0, most=500.0),
        Column("material", "material"),
        Column("side", "material", "adobe"),
        _HEAT,
        Column("concealment", "number", 0.0, 0.0, 1.0),
        Column("canopy_m", "number", 8.0, 0.0, 100.0),
    ),
)
LAYERS = (ROADS, STREAMS, PATCHES, SETTLEMENTS, HOUSES)

Row = dict[str, Any]
Things = Sequence[Any]


def rows_of(country: Country) -> dict[str, tuple[NDArray[np.object_], Things]]:
    """By layer: geometries in the country's projection, and the things whose fields are the columns."""
    ways = [line for line in country.lines if line.kind in WAYS]
    waters = [line for line in country.lines if line.kind in WATERS]
    return {
        "roads": (_shapes(ways, lambda line: shapely.LineString(line.points_m)), ways),
        "streams": (_shapes(waters, lambda line: shapely.LineString(line.points_m)), waters),
        "patches": (_shapes(country.patches, lambda patch: shapely.Polygon(patch.ring_m)), country.patches),
        "settlements": (_shapes(country.settlements, _point), country.settlements),
        "houses": (_shapes(country.solids, _point), country.solids),
    }


def _shapes(things: Things, shape: Callable[[Any], shapely.Geometry]) -> NDArray[np.object_]:
    made = np.empty(len(things), object)
    made[:] = [shape(thing) for thing in things]
    return made


def _point(thing: Settlement | Solid) -> shapely.Geometry:
    return shapely.Point(thing.east_m, thing.north_m)


def ground_line(shape: shapely.Geometry, row: Row) -> GroundLine:
    """A line of the layers roads and streams."""
    return GroundLine(row["kind"], row["width_m"], row["material"], shapely.get_coordinates(shape))


def decal(shape: shapely.Geometry, row: Row) -> Decal:
    """An area of the layer patches."""
    ring = shapely.get_coordinates(shape.exterior)[:-1]
    return Decal(row["id"], row["evidence"], row["site"], row["material"], ring, row["heat_k"])


def settlement(shape: shapely.Geometry, row: Row) -> Settlement:
    """A place of the layer settlements."""
    return Settlement(row["name"], row["kind"], shape.x, shape.y, row["radius_m"], row["houses"])


def solid(shape: shapely.Geometry, row: Row) -> Solid:
    """A building of the layer houses."""
    return Solid(east_m=shape.x, north_m=shape.y, **row)


def checked_column(values: NDArray[Any], column: Column, layer: str, where: str) -> list[Any]:
    """The values of a column as its kind.

    Raises:
        BadInput: CTY-012, one that does not serve, with its row.
    """
    made = [_value(value, column) for value in values]
    for row, value in enumerate(made):
        if value is None:
            detail = f"{str(values[row])[:40]!r}, {row + 1}"
            raise BadInput("CTY-012", where=where, layer=layer, column=column.name, detail=detail)
    return made


def _value(value: Any, column: Column) -> str | float | int | None:
    """None for what does not serve."""
    if column.kind in ("text", "material"):
        if value is None and column.default is not None:
            return str(column.default)
        if not isinstance(value, str):
            return None
        known = tuple(materials()) if column.kind == "material" else column.known
        return value if not known or value in known else None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if np.isnan(number) and column.default is not None:
        number = float(column.default)
    if not column.least <= number <= column.most:
        return None
    return int(number) if column.kind == "count" else number
