"""GeoJSON (RFC 7946) and TopoJSON, tolerantly: rings left open are closed and counted."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from atalaya.base.errors import BadInput
from atalaya.law.boundary.topojson import arcs_of, polygon_of

Row = tuple[Mapping[str, Any], shapely.Geometry | None, bool]

WGS84 = "OGC:CRS84"
FEWEST = 3


def from_json(path: Path) -> tuple[list[Row], str]:
    """Features of a GeoJSON or TopoJSON file, and its coordinate system.

    Raises:
        ValueError, KeyError, TypeError, IndexError: it is neither.
    """
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(content, dict):
        raise ValueError("not an object")
    if content.get("type") == "Topology":
        return _topology(content), WGS84
    stated = content.get("crs") or {}
    crs = stated["properties"]["name"] if isinstance(stated, dict) and stated else WGS84
    features = content["features"] if content.get("type") == "FeatureCollection" else [content]
    return [_feature(feature) for feature in features], str(crs)


def _topology(content: Mapping[str, Any]) -> list[Row]:
    arcs = arcs_of(content)
    rows: list[Row] = []
    for members in content["objects"].values():
        for member in members.get("geometries", [members]):
            fields = {**(member.get("properties") or {}), "id": member.get("id")}
            shape = polygon_of(member, arcs) if member.get("type") in ("Polygon", "MultiPolygon") else None
            rows.append((fields, shape, False))
        return rows  # the first object: another one (land) repeats the same ground
    return rows


def _feature(feature: Mapping[str, Any]) -> Row:
    geometry = feature.get("geometry") if feature.get("type") == "Feature" else feature
    fields = dict(feature.get("properties") or {})
    if "id" in feature:
        fields.setdefault("id", feature["id"])
    polygons: list[shapely.Geometry] = []
    closed = [False]
    if geometry is not None:
        _collect(geometry, polygons, closed)
    return fields, shapely.MultiPolygon(polygons) if polygons else None, closed[0]


def _collect(geometry: Mapping[str, Any], polygons: list[shapely.Geometry], closed: list[bool]) -> None:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for member in geometry["geometries"]:
            _collect(member, polygons, closed)
    members = {"Polygon": [geometry.get("coordinates")], "MultiPolygon": geometry.get("coordinates")}
    for rings in members.get(kind) or ():
        usable = [ring for ring in (_ring(part, closed) for part in rings or ()) if ring is not None]
        if usable:
            polygons.append(shapely.Polygon(usable[0], usable[1:]))


def _ring(points: Sequence[Sequence[float]], closed: list[bool]) -> Any:
    ring = np.asarray([point[:2] for point in points], np.float64)
    if not np.isfinite(ring).all():
        raise BadInput("LAY-013", where=str(points[:1]), detail="NaN")
    if ring.ndim != 2 or len(ring) < FEWEST:
        return None
    if (ring[0] != ring[-1]).any():
        closed[0] = True
        ring = np.vstack((ring, ring[:1]))
    return ring if len(ring) > FEWEST else None
