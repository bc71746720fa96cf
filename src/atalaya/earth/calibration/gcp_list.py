"""Ground control as OpenDroneMap writes it: gcp_list.txt.

First line: the coordinate system ("EPSG:4326", a PROJ string, "WGS84 UTM 33N"). Then one mark a line:
geo_x geo_y geo_z pixel_x pixel_y image [point] [anything]. x is longitude or easting. An integer pixel is
the middle of a pixel, as everywhere here (OpenSfM, `normalized_image_coordinates`). The format has no word
for the datum of geo_z: the caller states it, unless the coordinate system does.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.base.errors import BadInput, DatumError, NotFound
from atalaya.base.finding import Finding, Severity
from atalaya.earth.calibration.statements import CalibrationPoint, Mark
from atalaya.earth.geoid import HeightDatum, converted_height_m

_UTM = re.compile(r"WGS\s*84\s+UTM\s+(\d{1,2})\s*([NS])", re.IGNORECASE)
_LARGEST = 32 * 1024 * 1024
_VERTICAL: dict[int, HeightDatum] = {5773: "msl"}
"""Vertical systems that are understood: EGM96. Others are refused, not guessed."""


@dataclass(frozen=True)
class ControlList:
    """points: each once, with the given sigma; marks: of those; findings: lines left out, doubtful frames."""

    points: tuple[CalibrationPoint, ...]
    marks: tuple[Mark, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Line:
    number: int
    x: float
    y: float
    z: float
    column: float
    row: float
    image: str
    point: str


def read_gcp_list(
    source: str | Path,
    *,
    height_datum: HeightDatum = "unknown",
    sd_m: tuple[float, float, float] = (0.03, 0.03, 0.05),
    mark_sd_px: float = 1.0,
) -> ControlList:
    """Control points and marks of a gcp_list.txt.

    Lines that cannot be read are counted (EAR-042) and the rest is used; a point given at two places is left
    out (EAR-045). Heights above mean sea level are brought to the ellipsoid by EGM96.

    Args:
        source: the file.
        height_datum: what geo_z counts from; only asked where the coordinate system does not say.
        sd_m: (east, north, up) 1 sigma of the survey.
        mark_sd_px: 1 sigma of a mark.

    Raises:
        NotFound: EAR-040. BadInput: EAR-041, no such coordinate system; EAR-043, no usable line; EAR-044, not
        a text file. DatumError: EAR-002, nothing says what heights count from; EAR-046, its way to WGS 84
        or its height system is not known here.
    """
    path = Path(source)
    lines = _text(path).splitlines()
    header = lines[0].strip() if lines else ""
    to_wgs84, stated, accuracy = _frame(header, str(path))
    findings: list[Finding] = []
    read = list(_lines(lines[1:], str(path), findings))
    if not read:
        raise BadInput("EAR-043", where=str(path))
    datum: HeightDatum = stated if stated != "unknown" else height_datum
    if datum == "unknown":
        raise DatumError("EAR-002", where=str(path), have="unknown", want="hae")
    x, y, z = (np.array([getattr(line, axis) for line in read]) for axis in ("x", "y", "z"))
    lon, lat = (np.asarray(part, np.float64) for part in to_wgs84.transform(x, y))
    outside = ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90.0) & (np.abs(lon) <= 360.0))
    height = converted_height_m(z, np.where(outside, np.nan, lon), lat, have=datum, want="hae")
    wrong = outside | ~np.isfinite(height)
    if wrong.any():
        number = read[int(np.argmax(wrong))].number
        findings.append(Finding("EAR-042", Severity.WARNING, int(wrong.sum()), f"{path}:{number}"))
    if accuracy > 0.1:
        findings.append(Finding("EAR-055", Severity.WARNING, details={"accuracy_m": accuracy, "crs": header}))
    good = [
        (line, place)
        for line, place, bad in zip(read, zip(lon, lat, height, strict=True), wrong, strict=True)
        if not bad
    ]
    return _collected(good, str(path), findings, sd_m, accuracy, mark_sd_px)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            data = handle.read(_LARGEST + 1)
    except FileNotFoundError as error:
        raise NotFound("EAR-040", where=str(path)) from error
    except OSError as error:
        raise BadInput("EAR-044", where=str(path), reason=error.strerror or str(error)) from error
    if len(data) > _LARGEST:
        raise BadInput("EAR-044", where=str(path), reason="> 32 MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("EAR-044", where=str(path), reason=str(error)) from error


def _frame(header: str, where: str) -> tuple[Any, HeightDatum, float]:
    """Transformer of (x, y) to (lon, lat) WGS 84, what heights count from, and its accuracy in metres."""
    from pyproj import CRS
    from pyproj.exceptions import ProjError
    from pyproj.transformer import TransformerGroup

    utm = _UTM.fullmatch(header)
    name = f"EPSG:{(32600 if utm[2].upper() == 'N' else 32700) + int(utm[1])}" if utm else header
    try:
        system = CRS.from_user_input(name)
        flat, datum = _split(system, header, where)
        group = TransformerGroup(flat, CRS.from_epsg(4326), always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise BadInput("EAR-041", where=f"{where}:1", crs=header) from error
    if not group.transformers:
        raise DatumError("EAR-046", where=f"{where}:1", crs=header)
    way = group.transformers[0]
    accuracy = float(way.accuracy) if way.accuracy is not None and way.accuracy > 0 else 0.0
    return way, datum, accuracy


def _split(system: Any, header: str, where: str) -> tuple[Any, HeightDatum]:
    """Horizontal part of a coordinate system, and what its heights count from."""
    if not (system.is_geographic or system.is_projected):
        raise BadInput("EAR-041", where=f"{where}:1", crs=header)
    if system.is_compound:
        flat, vertical = system.sub_crs_list[0], system.sub_crs_list[1]
        datum = _VERTICAL.get(vertical.to_epsg() or 0)
        if datum is None:
            raise DatumError("EAR-046", where=f"{where}:1", crs=header)
        return flat, datum
    if len(system.axis_info) == 3:
        return system.to_2d(), "hae"
    return system, "unknown"


def _lines(lines: Iterable[str], where: str, findings: list[Finding]) -> Iterable[_Line]:
    bad: list[int] = []
    for number, line in enumerate(lines, start=2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parsed = _line(number, line)
        if parsed is None:
            bad.append(number)
        else:
            yield parsed
    if bad:
        findings.append(Finding("EAR-042", Severity.WARNING, len(bad), f"{where}:{bad[0]}"))


def _line(number: int, line: str) -> _Line | None:
    words = line.split("\t") if line.count("\t") >= 5 else line.split()
    words = [word.strip() for word in words]
    if len(words) < 6 or not words[5]:
        return None
    try:
        x, y, z, column, row = (float(word) for word in words[:5])
    except ValueError:
        return None
    if not all(math.isfinite(value) for value in (x, y, z, column, row)):
        return None
    point = words[6] if len(words) > 6 and words[6] else f"{words[0]} {words[1]} {words[2]}"
    return _Line(number, x, y, z, column, row, words[5], point)


def _collected(
    good: list[tuple[_Line, tuple[float, float, float]]],
    where: str,
    findings: list[Finding],
    sd_m: tuple[float, float, float],
    accuracy_m: float,
    mark_sd_px: float,
) -> ControlList:
    places: dict[str, tuple[_Line, tuple[float, float, float]]] = {}
    torn: set[str] = set()
    for line, place in good:
        first, _ = places.setdefault(line.point, (line, place))
        if (first.x, first.y, first.z) != (line.x, line.y, line.z):
            torn.add(line.point)
    for name in sorted(torn):
        line = places.pop(name)[0]
        findings.append(
            Finding("EAR-045", Severity.ERROR, where=f"{where}:{line.number}", details={"point": name})
        )
    level = accuracy_m if accuracy_m > 0.1 else 0.0
    sd = (math.hypot(sd_m[0], level), math.hypot(sd_m[1], level), sd_m[2])
    points = tuple(
        CalibrationPoint(name, float(place[0]), float(place[1]), float(place[2]), sd)
        for name, (_, place) in places.items()
    )
    marks = tuple(
        Mark(line.image, line.point, line.column, line.row, mark_sd_px)
        for line, _ in good
        if line.point in places
    )
    if not marks:
        raise BadInput("EAR-043", where=where)
    return ControlList(points, marks, tuple(findings))
