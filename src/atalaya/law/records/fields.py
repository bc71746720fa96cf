"""Reading the body of a statement field by field, with an error that names the field."""

import math
import re
from collections.abc import Mapping
from typing import Any

from atalaya.base.errors import BadInput

_STATE = re.compile(r"[A-Z]{3}", re.ASCII)
_LONGEST_TEXT = 20_000


class Fields:
    """A JSON object that is asked for its fields by kind.

    Args:
        body: the object.
        where: file, row and field it stands in, for errors.
    """

    def __init__(self, body: object, where: str = "") -> None:
        if not isinstance(body, Mapping):
            raise BadInput("LAW-001", where=where, field="", wanted="object")
        self._body: Mapping[str, Any] = body
        self.where = where

    def _wrong(self, name: str, wanted: str) -> BadInput:
        return BadInput("LAW-001", where=self.where, field=name, wanted=wanted)

    def text(self, name: str, default: str | None = None) -> str:
        """A text; required and not empty where there is no default."""
        value = self._body.get(name, default)
        if value is None and default is not None:
            return default
        if (
            not isinstance(value, str)
            or (default is None and not value.strip())
            or len(value) > _LONGEST_TEXT
        ):
            raise self._wrong(name, "text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Several texts; none where the field is absent. One text stands for a list of one."""
        value = self._body.get(name, ())
        value = (value,) if isinstance(value, str) else value
        if not isinstance(value, list | tuple) or not all(
            isinstance(entry, str) and entry for entry in value
        ):
            raise self._wrong(name, "list of texts")
        return tuple(value)

    def number(self, name: str, default: float | None, *, least: float = -math.inf) -> float | None:
        """A finite number."""
        value = self._body.get(name, default)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(name, "number")
        if value < least:
            raise self._wrong(name, f"number >= {least:g}")
        return float(value)

    def whole(self, name: str, *, least: int) -> int:
        """A whole number."""
        value = self._body.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self._wrong(name, f"whole number >= {least}")
        return value

    def flag(self, name: str) -> bool:
        """Yes or no; no where it is absent."""
        value = self._body.get(name, False)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of some words."""
        value = self._body.get(name, default)
        if value not in allowed:
            raise self._wrong(name, ", ".join(allowed))
        return str(value)

    def state(self, name: str) -> str:
        """A State, ISO 3166-1 alpha-3."""
        value = self._body.get(name)
        if not isinstance(value, str) or not _STATE.fullmatch(value):
            raise self._wrong(name, "ISO 3166-1 alpha-3")
        return value

    def inner(self, name: str) -> "Fields | None":
        """An object inside; None where it is absent."""
        value = self._body.get(name)
        return None if value is None else Fields(value, f"{self.where} {name}".strip())

    def polygon(self, name: str) -> Mapping[str, Any] | None:
        """A GeoJSON Polygon or MultiPolygon (RFC 7946: WGS 84, longitude first); None where it is absent."""
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping) or value.get("type") not in ("Polygon", "MultiPolygon"):
            raise self._wrong(name, "GeoJSON Polygon or MultiPolygon")
        rings = value.get("coordinates")
        rings = [rings] if value["type"] == "Polygon" else rings
        if not isinstance(rings, list) or not rings or not all(_is_polygon(polygon) for polygon in rings):
            raise self._wrong(name, "GeoJSON Polygon or MultiPolygon")
        return value


def _is_polygon(rings: object) -> bool:
    return isinstance(rings, list) and bool(rings) and all(_is_ring(ring) for ring in rings)


def _is_ring(ring: object) -> bool:
    return isinstance(ring, list) and len(ring) >= 4 and all(map(_is_position, ring)) and ring[0] == ring[-1]


def _is_position(position: object) -> bool:
    if not isinstance(position, list) or len(position) < 2:
        return False
    lon, lat = position[:2]
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (lon, lat))
    return numbers and abs(lon) <= 180.0 and abs(lat) <= 90.0
