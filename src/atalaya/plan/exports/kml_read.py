"""KML and KMZ, read: ours whole, of others every LineString as a route."""

import io
import lzma
import math
import zipfile
import zlib
from xml.etree.ElementTree import Element

from atalaya.base.errors import BadInput, DatumError
from atalaya.plan.exports.fence import Fence, FenceCircle, FencePolygon, RallyPoint
from atalaya.plan.exports.kml import FORMAT
from atalaya.plan.exports.route import Route, RouteFile, Swath, checked_file, unused_name
from atalaya.plan.exports.source import LARGEST, MOST_ITEMS, damaged, number, whole, xml_root
from atalaya.plan.exports.waypoint_fields import waypoint_of_fields
from atalaya.plan.exports.xml_text import local, text_at
from atalaya.plan.waypoint import Waypoint

KMZ = "KMZ"
MOST_MEMBERS = 2_000
Place = tuple[float, float, float]


def read_kmz_bytes(data: bytes, where: str) -> RouteFile:
    """The first KML of a KMZ.

    Raises:
        BadInput: XPT-001, no such archive; XPT-003, it unpacks to far too much; more as `read_kml_bytes`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise BadInput("XPT-003", where=where, limit=LARGEST >> 20)
            inner = next((m for m in members if m.filename.lower().endswith(".kml")), None)
            if inner is None:
                raise damaged(KMZ, where, "doc.kml")
            with archive.open(inner) as stream:
                text = stream.read(LARGEST + 1)
    # a hostile archive fails in many ways: RuntimeError is an encrypted member, NotImplementedError
    # an unknown compression, ValueError a broken name; all of them are one damaged file to the reader
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise damaged(KMZ, where, str(error) or type(error).__name__) from error
    if len(text) > LARGEST:
        raise BadInput("XPT-003", where=where, limit=LARGEST >> 20)
    return read_kml_bytes(text, where)


def read_kml_bytes(data: bytes, where: str) -> RouteFile:
    """Routes, areas, fence and rally points.

    Raises:
        BadInput: XPT-001, no KML; XPT-004, XPT-005, values that are not understood.
        DatumError: XPT-006, heights above the ground, which no file can turn into heights above the sea.
    """
    root = xml_root(data, FORMAT, where)
    if local(root.tag) != "kml":
        raise damaged(FORMAT, where, local(root.tag))
    reader = _Reader(where)
    for count, mark in enumerate(element for element in root.iter() if local(element.tag) == "Placemark"):
        if count > MOST_ITEMS:
            raise BadInput("XPT-003", where=where, limit=LARGEST >> 20)
        reader.placemark(mark, f"{where} Placemark {count + 1}")
    return reader.file()


class _Reader:
    """Placemarks gathered by route."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._lines: dict[str, list[Place]] = {}
        self._points: dict[str, list[tuple[Waypoint, int | None]]] = {}
        self._swaths: dict[str, list[Swath]] = {}
        self._polygons: list[FencePolygon] = []
        self._circles: list[FenceCircle] = []
        self._rally: list[RallyPoint] = []

    def placemark(self, mark: Element, where: str) -> None:
        data = _data(mark)
        kind = data.get("atalaya")
        for shape in mark.iter():
            name = local(shape.tag)
            if name == "LineString":
                self._lines[self._title(mark, data, where)] = _places(shape, where)
            elif name == "Point" and kind == "waypoint":
                self._waypoint(data, _places(shape, where), where)
            elif name == "Point" and kind == "rally":
                self._rally += [RallyPoint(*place) for place in _places(shape, where)]
            elif name == "Polygon" and kind in ("swath", "fence"):
                self._area(kind, data, shape, where)

    def _title(self, mark: Element, data: dict[str, str], where: str) -> str:
        ours = data.get("sortie")
        if ours in self._lines:
            raise BadInput("XPT-005", where=where, name="sortie", value=str(ours)[:60])
        return ours or unused_name(text_at(mark, "name") or f"R{len(self._lines) + 1}", self._lines)

    def _waypoint(self, data: dict[str, str], places: list[Place], where: str) -> None:
        mine = self._points.setdefault(data.get("sortie", ""), [])
        if len(places) != 1 or whole(data.get("index"), "index", where) != len(mine):
            raise BadInput("XPT-005", where=where, name="waypoint", value=data.get("index"))
        t_us = whole(data["t_us"], "t_us", where) if "t_us" in data else None
        mine.append((waypoint_of_fields(*places[0], data, where), t_us))

    def _area(self, kind: str, data: dict[str, str], shape: Element, where: str) -> None:
        if kind == "fence" and "radius_m" in data:
            lon, lat, radius = (number(data.get(n), n, where) for n in ("lon_deg", "lat_deg", "radius_m"))
            self._circles.append(FenceCircle(lon, lat, radius, data.get("kind") == "inside"))
            return
        mode = text_at(shape, "altitudeMode")
        corners = [
            place
            for ring in shape.iter()
            if local(ring.tag) == "LinearRing"
            for place in _places(ring, where, mode)
        ][:-1]
        ring = tuple((lon, lat) for lon, lat, _ in corners)
        if kind == "fence":
            self._polygons.append(FencePolygon(ring, data.get("kind") == "inside"))
            return
        heights = tuple(height for _, _, height in corners)
        known = heights if heights and not any(map(math.isnan, heights)) else None
        leg = whole(data.get("leg"), "leg", where)
        self._swaths.setdefault(data.get("sortie", ""), []).append(
            Swath(data.get("kind", ""), leg, ring, known)
        )

    def file(self) -> RouteFile:
        routes = tuple(self._route(name, line) for name, line in self._lines.items())
        fence = Fence(tuple(self._polygons), tuple(self._circles))
        return checked_file(RouteFile(routes, fence, tuple(self._rally)), where=self._where)

    def _route(self, name: str, line: list[Place]) -> Route:
        known = self._points.get(name)
        if known is None:
            known = [(Waypoint(*place), None) for place in line]
        places = [(p.lon_deg, p.lat_deg, p.height_msl_m) for p, _ in known]
        if str(places) != str(line):  # as text: heights may be NaN
            raise BadInput("XPT-005", where=f"{self._where} {name}", name="waypoint", value=len(known))
        swaths = tuple(self._swaths.get(name, ()))
        return Route(name, tuple(p for p, _ in known), tuple(t for _, t in known), swaths)


def _data(mark: Element) -> dict[str, str]:
    return {
        entry.get("name", ""): text_at(entry, "value") for entry in mark.iter() if local(entry.tag) == "Data"
    }


def _places(shape: Element, where: str, mode: str = "") -> list[Place]:
    """(lon, lat, height above mean sea level); NaN where the heights of a file mean nothing."""
    mode = mode or text_at(shape, "altitudeMode") or "clampToGround"
    if mode not in ("absolute", "clampToGround", "clampToSeaFloor"):
        raise DatumError("XPT-006", where=where, first=mode[:40], second="absolute")
    places = []
    for text in text_at(shape, "coordinates").split():
        parts = [number(part, "coordinates", where) for part in text.split(",")]
        if len(parts) not in (2, 3):
            raise BadInput("XPT-002", where=where, name="coordinates", found=len(parts), known="2, 3")
        height = parts[2] if mode == "absolute" and len(parts) == 3 else math.nan
        places.append((parts[0], parts[1], height))
    return places
