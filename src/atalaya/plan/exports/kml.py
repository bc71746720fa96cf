"""KML 2.2 and KMZ, written: routes, waypoints, corridors, sensor strips, fence, rally points.

Source: OGC 07-147r2. Coordinates are lon,lat,alt; `absolute` counts from mean sea level (EGM96), 9.1.3.
"""

import io
import zipfile
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from atalaya.base.clock import iso
from atalaya.base.language import say
from atalaya.earth.ellipsoid import geod
from atalaya.plan.exports.fence import Fence, FenceCircle, Ring
from atalaya.plan.exports.route import Route, RouteFile, Swath
from atalaya.plan.exports.waypoint_fields import waypoint_fields
from atalaya.plan.exports.xml_text import added, xml_bytes
from atalaya.plan.waypoint import Waypoint

FORMAT = "KML"
SPACE = "http://www.opengis.net/kml/2.2"
INNER_NAME = "doc.kml"
CIRCLE_CORNERS = 72
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""A fixed stamp inside the KMZ: the same plan gives the same bytes."""

_STYLES = {  # line colour (aabbggrr), width, fill
    "route": ("ff00a5ff", "3", None),
    "corridor": ("66ffffff", "1", "22ffffff"),
    "sensor": ("6600ff00", "1", "3300ff00"),
    "inside": ("ff00ff00", "2", "00000000"),
    "outside": ("ff0000ff", "2", "330000ff"),
}


def kml_bytes(file: RouteFile) -> bytes:
    """The file; the caller re-reads it."""
    root = Element("kml", {"xmlns": SPACE})
    document = added(root, "Document")
    added(document, "name", say("exports.kml.document"))
    added(document, "description", say("exports.kml.heights"))
    for name, (line, width, fill) in _STYLES.items():
        _style(document, name, line, width, fill)
    for route in file.routes:
        _route(document, route)
    if file.fence:
        _fence(document, file.fence)
    if file.rally:
        folder = _folder(document, say("exports.kml.rally"))
        for n, point in enumerate(file.rally):
            mark = _placemark(folder, str(n + 1), {"atalaya": "rally"})
            _point(mark, point.lon_deg, point.lat_deg, point.height_msl_m)
    return xml_bytes(root)


def kmz_bytes(file: RouteFile) -> bytes:
    """The same, zipped as KMZ (one doc.kml)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            zipfile.ZipInfo(INNER_NAME, _EARLIEST), kml_bytes(file), compress_type=zipfile.ZIP_DEFLATED
        )
    return made.getvalue()


def _style(document: Element, name: str, line: str, width: str, fill: str | None) -> None:
    style = added(document, "Style", id=name)
    stroke = added(style, "LineStyle")
    added(stroke, "color", line)
    added(stroke, "width", width)
    if fill is not None:
        added(added(style, "PolyStyle"), "color", fill)


def _folder(parent: Element, name: str) -> Element:
    folder = added(parent, "Folder")
    added(folder, "name", name)
    return folder


def _placemark(
    parent: Element, name: str, data: dict[str, object], style: str = "", t_us: int | None = None
) -> Element:
    mark = added(parent, "Placemark")
    added(mark, "name", name)
    if t_us is not None:
        added(added(mark, "TimeStamp"), "when", iso(t_us))
    if style:
        added(mark, "styleUrl", f"#{style}")
    extended = added(mark, "ExtendedData")
    for key, value in data.items():
        added(added(extended, "Data", name=key), "value", value)
    return mark


def _point(mark: Element, lon_deg: float, lat_deg: float, height_msl_m: float) -> None:
    point = added(mark, "Point")
    added(point, "altitudeMode", "absolute")
    added(point, "coordinates", f"{lon_deg:.7f},{lat_deg:.7f},{height_msl_m:.3f}")


def _route(document: Element, route: Route) -> None:
    folder = _folder(document, route.id)
    mark = _placemark(folder, route.id, {"atalaya": "route", "sortie": route.id}, "route")
    line = added(mark, "LineString")
    added(line, "altitudeMode", "absolute")
    places = (f"{p.lon_deg:.7f},{p.lat_deg:.7f},{p.height_msl_m:.3f}" for p in route.waypoints)
    added(line, "coordinates", " ".join(places))
    points = _folder(folder, say("exports.kml.waypoints"))
    for index, (point, t_us) in enumerate(zip(route.waypoints, route.t_us, strict=True)):
        _waypoint(points, route.id, index, point, t_us)
    for kind in ("corridor", "sensor"):
        mine = [swath for swath in route.swaths if swath.kind == kind]
        if mine:
            title = say("exports.kml.corridor") if kind == "corridor" else say("exports.kml.sensor")
            _swaths(_folder(folder, title), route.id, mine)


def _waypoint(folder: Element, sortie: str, index: int, point: Waypoint, t_us: int | None) -> None:
    data: dict[str, object] = {"atalaya": "waypoint", "sortie": sortie, "index": index}
    data |= waypoint_fields(point) | ({} if t_us is None else {"t_us": t_us})
    mark = _placemark(folder, point.label or str(index), data, t_us=t_us)
    _point(mark, point.lon_deg, point.lat_deg, point.height_msl_m)


def _swaths(folder: Element, sortie: str, swaths: Iterable[Swath]) -> None:
    for swath in swaths:
        data: dict[str, object] = {"atalaya": "swath", "sortie": sortie, "kind": swath.kind, "leg": swath.leg}
        mark = _placemark(folder, str(swath.leg), data, swath.kind)
        _polygon(mark, swath.ring, swath.heights_msl_m)


def _polygon(mark: Element, ring: Ring, heights_msl_m: tuple[float, ...] | None = None) -> None:
    polygon = added(mark, "Polygon")
    added(polygon, "altitudeMode", "clampToGround" if heights_msl_m is None else "absolute")
    heights = ("",) * len(ring) if heights_msl_m is None else tuple(f",{h:.3f}" for h in heights_msl_m)
    corners = [f"{lon:.7f},{lat:.7f}{height}" for (lon, lat), height in zip(ring, heights, strict=True)]
    linear = added(added(polygon, "outerBoundaryIs"), "LinearRing")
    added(linear, "coordinates", " ".join([*corners, corners[0]]))


def _fence(document: Element, fence: Fence) -> None:
    folder = _folder(document, say("exports.kml.fence"))
    for area in fence.polygons:
        kind = "inside" if area.inclusion else "outside"
        _polygon(_placemark(folder, _title(kind), {"atalaya": "fence", "kind": kind}, kind), area.ring)
    for circle in fence.circles:
        kind = "inside" if circle.inclusion else "outside"
        data: dict[str, object] = {"atalaya": "fence", "kind": kind, "radius_m": circle.radius_m}
        data |= {"lon_deg": circle.lon_deg, "lat_deg": circle.lat_deg}
        _polygon(_placemark(folder, _title(kind), data, kind), _ring_of(circle))


def _title(kind: str) -> str:
    return say("exports.kml.inside") if kind == "inside" else say("exports.kml.outside")


def _ring_of(circle: FenceCircle) -> Ring:
    """A circle drawn; its centre and radius stand in the data beside it."""
    ring = []
    for n in range(CIRCLE_CORNERS):
        azimuth = n * 360.0 / CIRCLE_CORNERS
        lon, lat, _ = geod().fwd(circle.lon_deg, circle.lat_deg, azimuth, circle.radius_m)
        ring.append((float(lon), float(lat)))
    return tuple(ring)
