"""GPX 1.1: each sortie a route; heights above mean sea level, with the geoid's height beside each.

Source: GPX 1.1 schema (topografix). `ele` has no datum in the schema; `geoidheight` says it: height above the
ellipsoid = ele + geoidheight.
"""

import math
from xml.etree.ElementTree import Element

from atalaya.base.clock import EPOCH, iso
from atalaya.base.errors import BadInput
from atalaya.base.language import say
from atalaya.earth.geoid import undulation_m
from atalaya.plan.exports.fence import RallyPoint
from atalaya.plan.exports.route import Route, RouteFile, checked_file
from atalaya.plan.exports.source import MOST_ITEMS, damaged, number, xml_root
from atalaya.plan.exports.xml_text import added, local, text_at, xml_bytes
from atalaya.plan.waypoint import Waypoint, WaypointKind

FORMAT = "GPX"
SPACE = "http://www.topografix.com/GPX/1/1"
RALLY = "rally"


def gpx_bytes(file: RouteFile) -> bytes:
    """The file; the caller re-reads it."""
    root = Element("gpx", {"xmlns": SPACE, "version": "1.1", "creator": "Atalaya"})
    added(added(root, "metadata"), "desc", say("exports.gpx.heights"))
    for n, place in enumerate(file.rally, 1):
        point = Waypoint(place.lon_deg, place.lat_deg, place.height_msl_m, label=str(n))
        _point(root, "wpt", point, RALLY, None)
    for route in file.routes:
        written = added(root, "rte")
        added(written, "name", route.id)
        for point, t_us in zip(route.waypoints, route.t_us, strict=True):
            _point(written, "rtept", point, str(point.kind), t_us)
    return xml_bytes(root)


def _point(parent: Element, tag: str, point: Waypoint, kind: str, t_us: int | None) -> None:
    element = added(parent, tag, lat=f"{point.lat_deg:.7f}", lon=f"{point.lon_deg:.7f}")
    added(element, "ele", f"{point.height_msl_m:.3f}")
    if t_us is not None:
        added(element, "time", iso(t_us))
    added(element, "geoidheight", f"{float(undulation_m(point.lon_deg, point.lat_deg)):.2f}")
    if point.label:
        added(element, "name", point.label)
    added(element, "type", kind)


def read_gpx_routes(data: bytes, where: str) -> RouteFile:
    """Routes (`rte`) and our rally points; flown tracks (`trk`) are read by `atalaya.earth.track`.

    Raises:
        BadInput: XPT-001, no GPX; XPT-002, another version; XPT-004, impossible values.
    """
    root = xml_root(data, FORMAT, where)
    if local(root.tag) != "gpx":
        raise damaged(FORMAT, where, local(root.tag))
    if root.get("version") not in ("1.0", "1.1"):
        raise BadInput("XPT-002", where=where, name="version", found=root.get("version"), known="1.0, 1.1")
    routes = [_route(rte, n, where) for n, rte in enumerate(_children(root, "rte"), 1)]
    marks = [point for point in _children(root, "wpt") if text_at(point, "type") == RALLY]
    rally = tuple(
        RallyPoint(point.lon_deg, point.lat_deg, point.height_msl_m)
        for point, _ in (_read_point(mark, where) for mark in marks)
    )
    return checked_file(RouteFile(tuple(routes), rally=rally), where=where)


def _children(parent: Element, name: str) -> list[Element]:
    return [child for child in parent if local(child.tag) == name]


def _route(rte: Element, position: int, where: str) -> Route:
    place = f"{where} rte {position}"
    points = _children(rte, "rtept")
    if len(points) > MOST_ITEMS:
        raise BadInput("XPT-003", where=place, limit=64)
    read = [_read_point(point, f"{place} rtept {n}") for n, point in enumerate(points, 1)]
    name = text_at(rte, "name") or f"R{position}"
    return Route(name, tuple(p for p, _ in read), tuple(t for _, t in read))


def _read_point(point: Element, where: str) -> tuple[Waypoint, int | None]:
    lon, lat = number(point.get("lon"), "lon", where), number(point.get("lat"), "lat", where)
    ele = text_at(point, "ele")
    height = number(ele, "ele", where) if ele else math.nan
    kind = text_at(point, "type")
    known = WaypointKind(kind) if kind in set(WaypointKind) else WaypointKind.FLY
    waypoint = Waypoint(lon, lat, height, known, label=text_at(point, "name"))
    return waypoint, _microseconds(text_at(point, "time"), where)


def _microseconds(text: str, where: str) -> int | None:
    """xsd:dateTime as microseconds UTC; a time without a zone is UTC by the schema."""
    if not text:
        return None
    try:
        moment = EPOCH.fromisoformat(text)
    except ValueError as error:
        raise BadInput("XPT-004", where=where, name="time", value=text[:40]) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=EPOCH.tzinfo)
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
