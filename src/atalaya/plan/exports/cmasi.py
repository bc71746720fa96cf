"""CMASI XML for OpenUxAS and OpenAMASE: mission commands, line search tasks, keep-in and keep-out zones.

Source: CMASI message library of AFRL's LMCP (version 3), as events of an OpenAMASE scenario. Altitudes are
metres above mean sea level, AltitudeType MSL. Each search leg is a LineSearchTask, which OpenUxAS may assign.
"""

from collections.abc import Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element

from atalaya.base.errors import BadInput, DatumError
from atalaya.plan.exports.fence import Fence, FenceCircle, FencePolygon
from atalaya.plan.exports.mission import HIGHEST_M
from atalaya.plan.exports.route import Route, RouteFile, checked_file
from atalaya.plan.exports.source import damaged, number, whole, xml_root
from atalaya.plan.exports.xml_text import added, local, text_at, xml_bytes
from atalaya.plan.waypoint import LegKind, Waypoint

FORMAT = "CMASI"
UNSTATED_MS = 0.0
"""Speed of a leg that states none: the message has to have one, and the reader leaves 0 out."""


def cmasi_bytes(file: RouteFile) -> bytes:
    """The file; the caller re-reads it."""
    root = Element("AMASE")
    events = added(root, "ScenarioEventList")
    areas: tuple[FencePolygon | FenceCircle, ...] = (*file.fence.polygons, *file.fence.circles)
    for zone, area in enumerate(areas, 1):
        _zone(events, zone, area)
    if areas:
        _region(events, [area.inclusion for area in areas])
    task = 0
    for vehicle, route in enumerate(file.routes, 1):
        for leg, (start, end) in enumerate(pairwise(route.waypoints)):
            if start.leg == LegKind.SEARCH:
                task += 1
                _search(events, task, f"{route.id} {leg}", start, end)
        _command(events, vehicle, route)
    return xml_bytes(root)


def _object(parent: Element, kind: str) -> Element:
    return added(parent, kind, Series="CMASI")


def _location(parent: Element, lon_deg: float, lat_deg: float, height_msl_m: float = 0.0) -> None:
    location = _object(parent, "Location3D")
    _place(location, lon_deg, lat_deg, height_msl_m)


def _place(parent: Element, lon_deg: float, lat_deg: float, height_msl_m: float) -> None:
    added(parent, "Latitude", f"{lat_deg:.7f}")
    added(parent, "Longitude", f"{lon_deg:.7f}")
    added(parent, "Altitude", f"{height_msl_m:.3f}")
    added(parent, "AltitudeType", "MSL")


def _zone(events: Element, identity: int, area: FencePolygon | FenceCircle) -> None:
    zone = _object(events, "KeepInZone" if area.inclusion else "KeepOutZone")
    for name, value in (("MinAltitude", 0.0), ("MaxAltitude", HIGHEST_M)):
        added(zone, name, value)
        added(zone, f"{name}Type", "MSL")
    for name in ("StartTime", "EndTime", "Padding"):
        added(zone, name, 0)
    added(zone, "ZoneID", identity)
    boundary = added(zone, "Boundary")
    if isinstance(area, FenceCircle):
        circle = _object(boundary, "Circle")
        _location(added(circle, "CenterPoint"), area.lon_deg, area.lat_deg)
        added(circle, "Radius", f"{area.radius_m:.2f}")
        return
    corners = added(_object(boundary, "Polygon"), "BoundaryPoints")
    for lon, lat in area.ring:
        _location(corners, lon, lat)


def _region(events: Element, inclusions: list[bool]) -> None:
    region = _object(events, "OperatingRegion")
    added(region, "ID", 1)
    for name, wanted in (("KeepInAreaList", True), ("KeepOutAreaList", False)):
        listed = added(region, name)
        for identity, inclusion in enumerate(inclusions, 1):
            if inclusion == wanted:
                added(listed, "int64", identity)


def _search(events: Element, identity: int, label: str, start: Waypoint, end: Waypoint) -> None:
    task = _object(events, "LineSearchTask")
    added(task, "TaskID", identity)
    added(task, "Label", label)
    points = added(task, "PointList")
    for point in (start, end):
        _location(points, point.lon_deg, point.lat_deg)
    added(task, "ViewAngleList")
    added(task, "UseInertialViewAngles", "false")
    added(task, "DesiredWavelengthBands")
    added(task, "DwellTime", 0)
    added(task, "GroundSampleDistance", 0)
    added(task, "Required", "true")


def _command(events: Element, vehicle: int, route: Route) -> None:
    command = _object(events, "MissionCommand")
    command.set("Sortie", route.id)
    added(command, "CommandID", vehicle)
    added(command, "VehicleID", vehicle)
    listed = added(command, "WaypointList")
    for n, point in enumerate(route.waypoints, 1):
        written = _object(listed, "Waypoint")
        _place(written, point.lon_deg, point.lat_deg, point.height_msl_m)
        added(written, "Number", n)
        added(written, "NextWaypoint", min(n + 1, len(route.waypoints)))
        added(written, "Speed", repr(UNSTATED_MS if point.airspeed_ms is None else point.airspeed_ms))
        added(written, "SpeedType", "Airspeed")
        added(written, "TurnType", "FlyOver")
    added(command, "FirstWaypoint", 1)


def read_cmasi_bytes(data: bytes, where: str) -> RouteFile:
    """Mission commands as routes and zones as fence.

    Raises:
        BadInput: XPT-001, no such XML; XPT-004, XPT-005, values or shapes that are not understood.
        DatumError: XPT-006, an altitude above the ground.
    """
    root = xml_root(data, FORMAT, where)
    if local(root.tag) != "AMASE":
        raise damaged(FORMAT, where, local(root.tag))
    routes: list[Route] = []
    polygons: list[FencePolygon] = []
    circles: list[FenceCircle] = []
    for n, event in enumerate(root.iter()):
        kind, place = local(event.tag), f"{where} {local(event.tag)} {n}"
        if kind == "MissionCommand":
            name = event.get("Sortie") or f"R{len(routes) + 1}"
            points = [_waypoint(element, place) for element in _all(event, "Waypoint")]
            routes.append(Route(name, tuple(points)))
        elif kind in ("KeepInZone", "KeepOutZone"):
            found = _area(event, place, inclusion=kind == "KeepInZone")
            if isinstance(found, FencePolygon):
                polygons.append(found)
            else:
                circles.append(found)
    return checked_file(RouteFile(tuple(routes), Fence(tuple(polygons), tuple(circles))), where=where)


def _all(parent: Element, name: str) -> Iterator[Element]:
    return (element for element in parent.iter() if local(element.tag) == name)


def _waypoint(element: Element, where: str) -> Waypoint:
    if text_at(element, "AltitudeType") != "MSL":
        raise DatumError("XPT-006", where=where, first=text_at(element, "AltitudeType")[:20], second="MSL")
    lon, lat, height, speed = (
        number(text_at(element, name), name, where) for name in ("Longitude", "Latitude", "Altitude", "Speed")
    )
    whole(text_at(element, "Number"), "Number", where)
    return Waypoint(lon, lat, height, airspeed_ms=speed or None)


def _area(zone: Element, where: str, *, inclusion: bool) -> FencePolygon | FenceCircle:
    places = tuple(
        (
            number(text_at(e, "Longitude"), "Longitude", where),
            number(text_at(e, "Latitude"), "Latitude", where),
        )
        for e in _all(zone, "Location3D")
    )
    circle = next(_all(zone, "Circle"), None)
    if circle is not None and len(places) == 1:
        return FenceCircle(*places[0], number(text_at(circle, "Radius"), "Radius", where), inclusion)
    if circle is None and next(_all(zone, "Polygon"), None) is not None:
        return FencePolygon(places, inclusion)
    raise BadInput("XPT-005", where=where, name="Boundary", value=len(places))
