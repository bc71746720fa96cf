"""States and areas inside the body of a record."""

from collections.abc import Mapping
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.fields import Fields
from atalaya.law.records.states import known_state


def state_code(fields: Fields, name: str) -> str:
    """A State, ISO 3166-1 alpha-3, as the packaged layers call it.

    Raises:
        BadInput: LED-001; REC-010, REC-011.
    """
    return known_state(fields.text(name, most=60), fields.place(name))


def geojson_area(body: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any] | None:
    """A GeoJSON Polygon or MultiPolygon (RFC 7946: WGS 84, longitude first); None where it is absent.

    Raises:
        BadInput: LED-001, it is none, a ring is not closed, or a position is off the globe.
    """
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, Mapping) or not _is_area(value):
        raise BadInput(
            "LED-001", where=f"{where}, {name}", value=str(value)[:60], wanted="GeoJSON Polygon, MultiPolygon"
        )
    return value


def _is_area(value: Mapping[str, Any]) -> bool:
    if value.get("type") not in ("Polygon", "MultiPolygon"):
        return False
    polygons = value.get("coordinates")
    polygons = [polygons] if value["type"] == "Polygon" else polygons
    return isinstance(polygons, list) and bool(polygons) and all(map(_is_polygon, polygons))


def _is_polygon(rings: object) -> bool:
    return isinstance(rings, list) and bool(rings) and all(map(_is_ring, rings))


def _is_ring(ring: object) -> bool:
    return isinstance(ring, list) and len(ring) >= 4 and all(map(_is_position, ring)) and ring[0] == ring[-1]


def _is_position(position: object) -> bool:
    if not isinstance(position, list) or len(position) < 2:
        return False
    lon, lat = position[:2]
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (lon, lat))
    return numbers and abs(lon) <= 180.0 and abs(lat) <= 90.0
