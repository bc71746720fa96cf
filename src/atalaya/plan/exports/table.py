"""CSV: one row per waypoint with all a sortie plans, every column named with unit and datum (RFC 4180)."""

import csv
import io
import math
from collections.abc import Iterator

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput
from atalaya.plan.exports.heights import hae_of_msl
from atalaya.plan.exports.route import Route, RouteFile, checked_file
from atalaya.plan.exports.source import MOST_ITEMS, damaged, number, text_of_bytes, whole
from atalaya.plan.exports.waypoint_fields import NAMES, waypoint_fields, waypoint_of_fields
from atalaya.plan.waypoint import Waypoint

FORMAT = "CSV"
PLACE = ("sortie", "index", "lon_deg", "lat_deg", "height_msl_m", "height_hae_m", "t_us", "time")
COLUMNS = (*PLACE, *NAMES)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""First letters that make spreadsheets run a text as a formula; such texts get an apostrophe in front."""


def csv_bytes(file: RouteFile) -> bytes:
    """The file; the caller re-reads it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for route in file.routes:
        writer.writerows(_rows(route))
    return text.getvalue().encode()


def _rows(route: Route) -> Iterator[dict[str, object]]:
    for index, (point, t_us) in enumerate(zip(route.waypoints, route.t_us, strict=True)):
        named = {k: _guarded(v) if isinstance(v, str) else v for k, v in waypoint_fields(point).items()}
        height_hae_m = round(hae_of_msl(point.lon_deg, point.lat_deg, point.height_msl_m), 3)
        yield {
            "sortie": _guarded(route.id),
            "index": index,
            "lon_deg": f"{point.lon_deg:.7f}",
            "lat_deg": f"{point.lat_deg:.7f}",
            "height_msl_m": f"{point.height_msl_m:.3f}",
            "height_hae_m": f"{height_hae_m:.3f}",
            **({} if t_us is None else {"t_us": t_us, "time": iso(t_us)}),
            **named,
        }


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") else text


def read_csv_bytes(data: bytes, where: str) -> RouteFile:
    """Routes of a table that has at least sortie, lon_deg, lat_deg and height_msl_m.

    Raises:
        BadInput: XPT-001, no such table; XPT-003, too many rows; XPT-004, XPT-005, impossible values.
    """
    reader = csv.DictReader(io.StringIO(text_of_bytes(data, FORMAT, where), newline=""), strict=True)
    routes: dict[str, list[tuple[Waypoint, int | None]]] = {}
    try:
        missing = {"sortie", "lon_deg", "lat_deg", "height_msl_m"} - set(reader.fieldnames or ())
        if missing:
            raise damaged(FORMAT, where, ", ".join(sorted(missing)))
        for count, row in enumerate(reader, 1):
            if count > MOST_ITEMS:
                raise BadInput("XPT-003", where=where, limit=64)
            _add(row, routes, f"{where} row {count}")
    except csv.Error as error:
        raise damaged(FORMAT, where, str(error)) from error
    found = tuple(
        Route(name, tuple(p for p, _ in rows), tuple(t for _, t in rows)) for name, rows in routes.items()
    )
    return checked_file(RouteFile(found), where=where)


def _add(
    row: dict[str, str | None], routes: dict[str, list[tuple[Waypoint, int | None]]], where: str
) -> None:
    given = {name: _unguarded(value) for name, value in row.items() if name in COLUMNS and value}
    if None in row or "sortie" not in given:
        raise BadInput("XPT-005", where=where, name="columns", value=len(row))
    lon, lat = (number(given.get(name), name, where) for name in ("lon_deg", "lat_deg"))
    height = number(given["height_msl_m"], "height_msl_m", where) if "height_msl_m" in given else math.nan
    rows = routes.setdefault(given["sortie"], [])
    if "index" in given and whole(given["index"], "index", where) != len(rows):
        raise BadInput("XPT-005", where=where, name="index", value=given["index"][:60])
    t_us = whole(given["t_us"], "t_us", where) if "t_us" in given else None
    rows.append((waypoint_of_fields(lon, lat, height, given, where), t_us))
