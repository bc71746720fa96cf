"""The formats by name: who writes and reads each, what it carries, how far it rounds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from atalaya.base.errors import Usage
from atalaya.plan.exports.cmasi import cmasi_bytes, read_cmasi_bytes
from atalaya.plan.exports.compare import Tolerance
from atalaya.plan.exports.geojson import geojson_bytes, read_geojson_bytes
from atalaya.plan.exports.gpx import gpx_bytes, read_gpx_routes
from atalaya.plan.exports.kml import kml_bytes, kmz_bytes
from atalaya.plan.exports.kml_read import read_kml_bytes, read_kmz_bytes
from atalaya.plan.exports.mission import Mission
from atalaya.plan.exports.qgc_plan import plan_bytes
from atalaya.plan.exports.qgc_plan_read import read_plan_bytes
from atalaya.plan.exports.route import ALL_FIELDS, RouteFile
from atalaya.plan.exports.table import csv_bytes, read_csv_bytes
from atalaya.plan.exports.wpl import read_wpl_bytes, wpl_bytes

MILLIMETRE = Tolerance(height_m=0.0011, single=False)
"""Heights written with three decimals, some of them converted between datums and back."""


@dataclass(frozen=True, slots=True)
class MissionFormat:
    """A format of what one autopilot is told.

    Args:
        name: what `format=` calls it.
        suffixes: of file names, the usual one first.
        write, read: to and from bytes; `read` also takes the name of the file for its errors.
        parts: which parts of a mission it carries.
    """

    name: str
    suffixes: tuple[str, ...]
    write: Callable[[Mission], bytes]
    read: Callable[[bytes, str], Mission]
    parts: str


@dataclass(frozen=True, slots=True)
class MapFormat:
    """A format of lines and areas; `carries` names the fields of waypoints and files it holds."""

    name: str
    suffixes: tuple[str, ...]
    write: Callable[[RouteFile], bytes]
    read: Callable[[bytes, str], RouteFile]
    carries: frozenset[str]
    tolerance: Tolerance = MILLIMETRE


FLIGHT_PLAN = "fpl"
FLIGHT_PLAN_SUFFIXES = (".fpl",)

MISSION_FORMATS = {
    found.name: found
    for found in (
        MissionFormat("plan", (".plan",), plan_bytes, read_plan_bytes, "mission home fence rally"),
        MissionFormat("wpl", (".waypoints", ".wpl", ".txt"), wpl_bytes, read_wpl_bytes, "mission home"),
    )
}

_IN_CSV = ALL_FIELDS - {"swaths", "fence", "rally"}
_IN_CMASI = frozenset({"height_msl_m", "airspeed_ms", "fence"})
_IN_GPX = frozenset({"height_msl_m", "kind", "label", "t_us", "rally"})

MAP_FORMATS = {
    found.name: found
    for found in (
        MapFormat("kml", (".kml",), kml_bytes, read_kml_bytes, ALL_FIELDS),
        MapFormat("kmz", (".kmz",), kmz_bytes, read_kmz_bytes, ALL_FIELDS),
        MapFormat("geojson", (".geojson", ".json"), geojson_bytes, read_geojson_bytes, ALL_FIELDS),
        MapFormat("gpx", (".gpx",), gpx_bytes, read_gpx_routes, _IN_GPX),
        MapFormat("csv", (".csv",), csv_bytes, read_csv_bytes, _IN_CSV),
        MapFormat("cmasi", (".xml",), cmasi_bytes, read_cmasi_bytes, _IN_CMASI),
    )
}

NAMES = (*MISSION_FORMATS, *MAP_FORMATS, FLIGHT_PLAN)


def format_named(path: Path, name: str | None) -> MissionFormat | MapFormat | None:
    """The format asked for, else the one the suffix of the file names; None for an ICAO flight plan.

    Raises:
        Usage: XPT-008, neither is known.
    """
    suffix = path.suffix.lower()
    known: dict[str, MissionFormat | MapFormat] = {**MISSION_FORMATS, **MAP_FORMATS}
    if name is not None and name.lower() in known:
        return known[name.lower()]
    if name is None:
        for found in known.values():
            if suffix in found.suffixes:
                return found
    if name == FLIGHT_PLAN or (name is None and suffix in FLIGHT_PLAN_SUFFIXES):
        return None
    raise Usage("XPT-008", where=path.name, given=name or suffix, known=", ".join(NAMES))
