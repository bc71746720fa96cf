"""GeoJSON (RFC 7946), written and read: positions (lon, lat, height above the ellipsoid), every datum stated.

Many programs write heights above mean sea level in the third place. Ours states in `height_datum` of every
feature what its third coordinate is; a file of others that does not is read only with the reader's word.
"""

import json
import math
from collections.abc import Iterable
from typing import Any

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput, DatumError
from atalaya.plan.exports.fence import Fence, FenceCircle, FencePolygon, RallyPoint
from atalaya.plan.exports.heights import hae_of_msl, msl_of_hae
from atalaya.plan.exports.route import Route, RouteFile, Swath, checked_file, unused_name
from atalaya.plan.exports.source import Object, json_object, listing, number, require, table, whole
from atalaya.plan.exports.waypoint_fields import waypoint_fields, waypoint_of_fields
from atalaya.plan.waypoint import Waypoint

FORMAT = "GeoJSON"
HAE = "WGS 84 ellipsoid (HAE)"
MSL = "mean sea level (EGM96)"
DATUMS = {"hae": HAE, "msl": MSL}


def geojson_bytes(file: RouteFile) -> bytes:
    """The file; the caller re-reads it."""
    features = [feature for route in file.routes for feature in _route(route)]
    features += _fence(file.fence)
    features += [
        _feature("rally", {"index": n}, "Point", _position(p.lon_deg, p.lat_deg, p.height_msl_m))
        for n, p in enumerate(file.rally)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return (json.dumps(collection, allow_nan=False, ensure_ascii=False) + "\n").encode()


def _position(lon_deg: float, lat_deg: float, height_msl_m: float) -> list[float]:
    return [lon_deg, lat_deg, round(hae_of_msl(lon_deg, lat_deg, height_msl_m), 3)]


def _feature(kind: str, properties: Object, shape: str, coordinates: object) -> Object:
    stated = {"atalaya": kind, "height_datum": HAE, **properties}
    return {
        "type": "Feature",
        "properties": stated,
        "geometry": {"type": shape, "coordinates": coordinates},
    }


def _route(route: Route) -> Iterable[Object]:
    positions = [_position(p.lon_deg, p.lat_deg, p.height_msl_m) for p in route.waypoints]
    heights = {"heights_msl_m": [p.height_msl_m for p in route.waypoints], "heights_msl_datum": MSL}
    yield _feature("route", {"sortie": route.id, **heights}, "LineString", positions)
    for index, (point, position, t_us) in enumerate(zip(route.waypoints, positions, route.t_us, strict=True)):
        stated: Object = {"sortie": route.id, "index": index, **waypoint_fields(point)}
        stated |= {} if t_us is None else {"t_us": t_us, "time": iso(t_us)}
        stated |= {"height_msl_m": point.height_msl_m, "height_msl_datum": MSL}
        yield _feature("waypoint", stated, "Point", position)
    for swath in route.swaths:
        stated = {"sortie": route.id, "kind": swath.kind, "leg": swath.leg}
        heights_m = swath.heights_msl_m
        corners: list[list[float]] = [
            [lon, lat] if heights_m is None else _position(lon, lat, heights_m[n])
            for n, (lon, lat) in enumerate(swath.ring)
        ]
        yield _feature("swath", stated, "Polygon", [[*corners, corners[0]]])


def _fence(fence: Fence) -> list[Object]:
    polygons = [
        _feature(
            "fence",
            {"inclusion": area.inclusion},
            "Polygon",
            [[[lon, lat] for lon, lat in (*area.ring, area.ring[0])]],
        )
        for area in fence.polygons
    ]
    circles = [
        _feature(
            "fence",
            {"inclusion": area.inclusion, "radius_m": area.radius_m},
            "Point",
            [area.lon_deg, area.lat_deg],
        )
        for area in fence.circles
    ]
    return [*polygons, *circles]


def read_geojson_bytes(data: bytes, where: str, *, datum: str | None = None) -> RouteFile:
    """Routes, areas, fence and rally points of a file; of others, each LineString is a route.

    Args:
        datum: "hae" or "msl", what the third coordinate is in features that do not say so themselves.

    Raises:
        BadInput: XPT-001, no GeoJSON; XPT-002, XPT-004, XPT-005, what is not understood.
        DatumError: XPT-006, heights without a datum, or two heights of a waypoint that do not agree.
    """
    collection = json_object(data, FORMAT, where)
    require(collection.get("type"), "FeatureCollection", "type", where)
    reader = _Reader(where, DATUMS.get(datum or ""))
    for position, feature in enumerate(listing(collection.get("features"), "features", where)):
        reader.feature(table(feature, "feature", where), f"{where} feature {position}")
    return reader.file()


class _Reader:
    """Features gathered by route."""

    def __init__(self, where: str, datum: str | None) -> None:
        self._where, self._datum = where, datum
        self._lines: dict[str, list[Waypoint]] = {}
        self._points: dict[str, dict[int, tuple[Waypoint, int | None]]] = {}
        self._swaths: dict[str, list[Swath]] = {}
        self._polygons: list[FencePolygon] = []
        self._circles: list[FenceCircle] = []
        self._rally: list[RallyPoint] = []

    def feature(self, feature: Object, where: str) -> None:
        properties = table(feature.get("properties") or {}, "properties", where)
        if feature.get("geometry") is None:  # RFC 7946, 3.2: a feature without a place
            return
        geometry = table(feature["geometry"], "geometry", where)
        kind, shape = properties.get("atalaya"), geometry.get("type")
        coordinates = listing(geometry.get("coordinates"), "coordinates", where)
        datum = properties.get("height_datum", self._datum)
        if shape == "LineString":
            self._line(properties, coordinates, datum, where)
        elif shape == "Point" and kind in ("waypoint", "rally", "fence"):
            self._point(kind, properties, coordinates, datum, where)
        elif shape == "Polygon" and kind in ("swath", "fence"):
            self._polygon(kind, properties, coordinates, datum, where)
        elif kind is not None:
            raise BadInput("XPT-005", where=where, name="feature", value=f"{kind} {shape}"[:60])

    def _line(self, properties: Object, coordinates: list[Any], datum: object, where: str) -> None:
        ours = properties.get("sortie")
        if ours is not None and str(ours) in self._lines:
            raise BadInput("XPT-005", where=where, name="sortie", value=str(ours)[:60])
        other = str(properties.get("name", f"R{len(self._lines) + 1}"))[:80]
        name = unused_name(other, self._lines) if ours is None else str(ours)
        self._lines[name] = [Waypoint(*_read_position(position, datum, where)) for position in coordinates]

    def _point(self, kind: str, properties: Object, position: list[Any], datum: object, where: str) -> None:
        lon, lat, height = _read_position(position, datum, where)
        if kind == "fence":
            radius = number(properties.get("radius_m"), "radius_m", where)
            self._circles.append(FenceCircle(lon, lat, radius, properties.get("inclusion") is True))
        elif kind == "rally":
            self._rally.append(RallyPoint(lon, lat, height))
        else:
            index = whole(properties.get("index"), "index", where)
            t_us = properties.get("t_us")
            known = None if t_us is None else whole(t_us, "t_us", where)
            point = waypoint_of_fields(lon, lat, height, properties, where)
            _agree(point, properties, where)
            self._points.setdefault(str(properties.get("sortie")), {})[index] = (point, known)

    def _polygon(self, kind: str, properties: Object, rings: list[Any], datum: object, where: str) -> None:
        if len(rings) != 1:
            raise BadInput("XPT-005", where=where, name="rings", value=len(rings))
        corners = [_read_position(p, datum, where) for p in listing(rings[0], "ring", where)][:-1]
        ring = tuple((lon, lat) for lon, lat, _ in corners)
        if kind == "fence":
            self._polygons.append(FencePolygon(ring, properties.get("inclusion") is True))
            return
        heights = tuple(height for _, _, height in corners)
        known = heights if heights and not any(map(math.isnan, heights)) else None
        leg = whole(properties.get("leg"), "leg", where)
        swath = Swath(str(properties.get("kind")), leg, ring, known)
        self._swaths.setdefault(str(properties.get("sortie")), []).append(swath)

    def file(self) -> RouteFile:
        routes = tuple(self._route(name, line) for name, line in self._lines.items())
        fence = Fence(tuple(self._polygons), tuple(self._circles))
        return checked_file(RouteFile(routes, fence, tuple(self._rally)), where=self._where)

    def _route(self, name: str, line: list[Waypoint]) -> Route:
        points = self._points.get(name, {})
        if points and sorted(points) != list(range(len(line))):
            raise BadInput("XPT-005", where=f"{self._where} {name}", name="waypoint", value=len(points))
        known = [points.get(n, (waypoint, None)) for n, waypoint in enumerate(line)]
        for n, ((point, _), waypoint) in enumerate(zip(known, line, strict=True)):
            if (point.lon_deg, point.lat_deg) != (waypoint.lon_deg, waypoint.lat_deg):
                raise BadInput("XPT-005", where=f"{self._where} {name}", name="waypoint", value=n)
        swaths = tuple(self._swaths.get(name, ()))
        return Route(name, tuple(p for p, _ in known), tuple(t for _, t in known), swaths)


def _agree(point: Waypoint, properties: Object, where: str) -> None:
    stated = properties.get("height_msl_m")
    if stated is None or math.isnan(point.height_msl_m):
        return
    if abs(number(stated, "height_msl_m", where) - point.height_msl_m) > 0.05:
        raise DatumError("XPT-006", where=where, first=f"{point.height_msl_m:.3f} m", second=f"{stated} m")


def _read_position(value: object, datum: object, where: str) -> tuple[float, float, float]:
    """(lon, lat, height above mean sea level); NaN for a position without a height."""
    parts = [number(part, "coordinates", where) for part in listing(value, "coordinates", where)]
    if len(parts) not in (2, 3):
        raise BadInput("XPT-002", where=where, name="coordinates", found=len(parts), known="2, 3")
    if len(parts) == 2:
        return parts[0], parts[1], math.nan
    if abs(parts[1]) > 90.0:
        raise BadInput("XPT-004", where=where, name="latitude", value=parts[1])
    if datum not in (HAE, MSL):
        raise DatumError("XPT-006", where=where, first="?", second=f"{parts[2]} m")
    height = msl_of_hae(*parts) if datum == HAE else parts[2]
    return parts[0], parts[1], height
