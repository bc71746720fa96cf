"""Polygons in plain metres, as people pass them around: GeoJSON, lists of rings, WKT, points line by line."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from atalaya.base.errors import BadInput, NotFound
from atalaya.campaign.planning_verbs.named_area import NamedArea
from atalaya.campaign.planning_verbs.shape_file import read_areas

MOST_BYTES = 50_000_000
GIS = (".gpkg", ".shp", ".fgb", ".gml", ".dxf")
OUTER = ("exterior", "outer", "boundary", "hull", "polygon")
INNER = ("interiors", "holes", "inner", "obstacles")


def read_planar(path: Path) -> list[NamedArea]:
    """The areas of a file whose coordinates are metres.

    Forms: GeoJSON; `[ring, hole, ...]` with rings `[[x, y], ...]`, one ring alone, or a list of such
    polygons; an object with "exterior" and "holes"; WKT; text with `x y` or `x, y` a line and an empty line
    between rings, the first the border and the others holes. Files of a GIS are read with their coordinates
    as they stand.

    Raises:
        NotFound: SNS-005. BadInput: CLI-032, none of these; SNS-020; COV-002, no polygon.
    """
    if path.suffix.lower() in GIS:
        return read_areas(path, planar=True)
    text = _text(path)
    first = text.lstrip()[:1]
    if not first:
        raise BadInput("CLI-032", where=path.name, detail="0 B")
    try:
        if first in "[{":
            found = _of_json(json.loads(text), path.stem)
        elif first.isalpha():
            found = [NamedArea(path.stem, shapely.from_wkt(text.strip()))]
        else:
            found = [NamedArea(path.stem, _polygon(_rings_of_text(text)))]
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError, shapely.GEOSException) as error:
        raise BadInput("CLI-032", where=path.name, detail=_said(error)) from error
    areas = [area for area in found if isinstance(area.geometry, Polygon | MultiPolygon)]
    if not areas:
        raise BadInput(
            "COV-002", where=path.name, detail=", ".join(a.geometry.geom_type for a in found) or "0"
        )
    return areas


def read_planar_line(path: Path) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """(n, 2) points, metres, of a line: GeoJSON LineString, `[[x, y], ...]`, WKT, or points line by line.

    Raises:
        NotFound: SNS-005. BadInput: CLI-032.
    """
    text = _text(path)
    try:
        if text.lstrip()[:1].isalpha():
            return np.asarray(shapely.from_wkt(text.strip()).coords)[:, :2]
        if text.lstrip()[:1] not in ("[", "{"):
            return _ring(_rings_of_text(text)[0])
        found = json.loads(text)
        while isinstance(found, dict):
            nested = found.get("geometry") or found.get("coordinates")
            found = found["features"][0] if found.get("features") else nested
        return _ring(found)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, shapely.GEOSException) as error:
        raise BadInput("CLI-032", where=path.name, detail=_said(error)) from error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotFound("SNS-005", where=str(path), detail=error.strerror or str(error)) from error
    if len(raw) > MOST_BYTES:
        raise BadInput("CLI-032", where=path.name, detail=f"> {MOST_BYTES} B")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("CLI-032", where=path.name, detail=str(error)[:80]) from error


def _of_json(found: Any, name: str) -> list[NamedArea]:
    if isinstance(found, list):
        depth = _depth(found)
        if depth == 4:
            return [NamedArea(str(n), _polygon(rings)) for n, rings in enumerate(found, 1)]
        if depth not in (2, 3):
            raise ValueError(f"lists {depth} deep")
        return [NamedArea(name, _polygon(found if depth == 3 else [found]))]
    kind = found.get("type")
    if kind == "FeatureCollection":
        return [each for n, feature in enumerate(found["features"], 1) for each in _of_json(feature, str(n))]
    if kind == "Feature":
        called = (found.get("properties") or {}).get("name") or found.get("id") or name
        return [NamedArea(str(called)[:80], shape(found["geometry"]))] if found.get("geometry") else []
    if "coordinates" in found:
        return [NamedArea(name, shape(found))]
    outer = next((found[key] for key in OUTER if key in found), None)
    if outer is None:
        raise ValueError("type, exterior, holes?")
    holes: list[Any] = next((found[key] for key in INNER if key in found), [])
    return [NamedArea(str(found.get("name", name))[:80], _polygon([outer, *holes]))]


def _depth(found: Any) -> int:
    depth = 0
    while isinstance(found, list) and found:
        depth, found = depth + 1, found[0]
    return depth


def _polygon(rings: Sequence[Any]) -> BaseGeometry:
    outer, *holes = [_ring(ring) for ring in rings]
    return Polygon(outer, holes)


def _ring(points: Any) -> "np.ndarray[Any, np.dtype[np.float64]]":
    rows = [(each["x"], each["y"]) if isinstance(each, dict) else each for each in points]
    ring = np.array(rows, np.float64)
    if ring.ndim != 2 or ring.shape[1] not in (2, 3):
        raise ValueError(f"{ring.shape}")
    return ring[:, :2]


def _rings_of_text(text: str) -> list[list[list[float]]]:
    rings: list[list[list[float]]] = [[]]
    for number, line in enumerate(text.splitlines(), 1):
        said = line.split("#")[0].strip()
        if not said:
            if rings[-1] and not line.strip():
                rings.append([])
            continue
        try:
            x, y = (float(part) for part in re.split(r"[\s,;]+", said.strip(",; ")))
        except ValueError as error:
            raise ValueError(f"line {number}: {said[:40]}") from error
        rings[-1].append([x, y])
    return [ring for ring in rings if ring]


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:120]
