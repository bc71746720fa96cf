"""Photographs from the air: where, when and which way they look, with the datum of every height stated."""

import math
import re
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atalaya.base.clock import EPOCH
from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.footage.exif import BODY_SERIAL, MAKE, MODEL, PhotoTags, Value, read_tags
from atalaya.footage.makers import Maker, maker_of
from atalaya.footage.source import local_path
from atalaya.footage.xmp import xmp_table

StatedDatum = Literal["hae", "msl", "take-off", "ground", "unknown"]
FocalSource = Literal["calibrated", "sensor resolution", "35 mm equivalent", "none"]

NAN = float("nan")
_DIAGONAL_35_MM = math.hypot(36.0, 24.0)
_PER_UNIT_MM = {2: 25.4, 3: 10.0, 4: 1.0}


@dataclass(frozen=True, slots=True)
class StatedHeight:
    """One height as the photograph states it.

    Args:
        metres: the number.
        datum: what it counts from, "unknown" where nothing says.
        source: the tag it came from.
        verified: False: a maker's word, nobody checked it (barometers drift, GPS heights mix datums).
    """

    metres: float
    datum: StatedDatum
    source: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Angles:
    """Attitude in degrees: yaw from north eastwards, pitch above the horizon, roll right side down."""

    yaw_deg: float = NAN
    pitch_deg: float = NAN
    roll_deg: float = NAN

    @property
    def known(self) -> bool:
        """Whether yaw and pitch are stated."""
        return not (math.isnan(self.yaw_deg) or math.isnan(self.pitch_deg))


@dataclass(frozen=True, slots=True)
class Still:
    """A photograph's account of itself.

    Args:
        path: the file.
        width, height: pixels.
        make, model: of the camera; `maker` is whose XMP was understood, "" for none.
        t_us: microseconds since 1970 UTC, -1 where the time zone is not stated.
        local_time: the camera's clock as written, "" where absent.
        lon_deg, lat_deg: WGS 84, NaN where absent.
        heights: every height that is stated, best first.
        camera: attitude of the camera, absolute (from north and the horizon), whatever the aircraft does.
        aircraft: attitude of the aircraft: never the line of sight.
        focal_px: focal length in pixels of this picture, NaN where it cannot be told.
        focal_source: how it was found; a 35 mm equivalent is good to some 5 %.
        centre_px: (column, row) of the optical centre, NaN where not stated.
        position_sd_m: (east, north, up) standard deviations of an RTK fix, NaN where not stated.
        serial: of the aircraft, else of the camera, "" where not stated.
        image_source: which of its cameras took it by the maker's word, "" where not stated.
        findings: what to know of these statements.
    """

    path: Path
    width: int
    height: int
    make: str = ""
    model: str = ""
    maker: str = ""
    t_us: int = -1
    local_time: str = ""
    lon_deg: float = NAN
    lat_deg: float = NAN
    heights: tuple[StatedHeight, ...] = ()
    camera: Angles = Angles()
    aircraft: Angles = Angles()
    focal_px: float = NAN
    focal_source: FocalSource = "none"
    centre_px: tuple[float, float] = (NAN, NAN)
    position_sd_m: tuple[float, float, float] = (NAN, NAN, NAN)
    serial: str = ""
    image_source: str = ""
    findings: tuple[Finding, ...] = field(default=())

    @property
    def above_take_off_m(self) -> float:
        """Height above the point of take-off, NaN where not stated."""
        return next((h.metres for h in self.heights if h.datum == "take-off"), NAN)


def read_still(source: str | Path) -> Still:
    """Read what a JPEG or TIFF says of itself.

    Raises:
        NotFound: FTG-001. BadInput: FTG-002 to FTG-004; FTG-090, neither a JPEG nor a TIFF with a size.
    """
    path = local_path(source)
    try:
        tags = read_tags(path)
    except OSError as error:
        raise BadInput("FTG-004", where=str(path), reason=error.strerror or str(error)) from error
    if tags.width <= 0 or tags.height <= 0:
        raise BadInput("FTG-090", where=str(path))
    table = xmp_table(tags.xmp)
    maker = maker_of(table)
    findings: list[Finding] = []
    lon, lat = _position(tags, maker)
    t_us, local = _time(tags, maker)
    focal, how = _focal(tags, maker, findings)
    camera = Angles(*maker.camera_angles())
    heights = _heights(tags, maker)
    _judge(lon, t_us, local, camera, heights, maker, findings)
    return Still(
        path=path,
        width=tags.width,
        height=tags.height,
        make=_text(tags.main.get(MAKE)),
        model=_text(tags.main.get(MODEL)),
        maker=maker.name,
        t_us=t_us,
        local_time=local,
        lon_deg=lon,
        lat_deg=lat,
        heights=heights,
        camera=camera,
        aircraft=Angles(*maker.aircraft_angles()),
        focal_px=focal,
        focal_source=how,
        centre_px=maker.centre_px(),
        position_sd_m=maker.position_sd_m(),
        serial=maker.serial() or _text(tags.exif.get(BODY_SERIAL)),
        image_source=maker.text("ImageSource"),
        findings=tuple(findings),
    )


def still_pixels(
    still: Still, pixels: Literal["grey", "rgb"] = "grey", *, reduced: int = 1
) -> NDArray[np.uint8]:
    """The picture, (h, w) or (h, w, 3) uint8, as stored (an orientation tag is not applied).

    Args:
        reduced: pixels of the file across one of the answer, each the mean of a block; those of an edge may
            be of fewer. A JPEG is decoded small where that can be, so that memory shrinks with it.

    Raises:
        BadInput: FTG-099, it cannot be decoded, or has more than some 180 million pixels.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(still.path, formats=("JPEG", "MPO", "TIFF")) as picture:
                return _decoded(picture, "L" if pixels == "grey" else "RGB", reduced)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise BadInput("FTG-099", where=str(still.path), reason=str(error)) from error


def _decoded(picture: Image.Image, mode: str, reduced: int) -> NDArray[np.uint8]:
    whole = picture.size
    halved = math.gcd(reduced, 8)  # what the decoder of a JPEG can leave out
    if min(whole) >= halved:
        picture.draft(mode, (whole[0] // halved, whole[1] // halved))
    left = reduced if picture.size == whole else reduced // halved
    shown = picture if picture.mode == mode else picture.convert(mode)
    return np.asarray(shown if left == 1 else shown.reduce(left))


def _text(value: Value | None) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Value | None) -> float:
    return float(value) if isinstance(value, (int, float)) else NAN


def _position(tags: PhotoTags, maker: Maker) -> tuple[float, float]:
    """Longitude and latitude, the maker's (more digits) before EXIF's; 0, 0 means "no fix"."""
    for lon, lat in (maker.position(), (_degrees(tags, 4, 3, "W"), _degrees(tags, 2, 1, "S"))):
        if abs(lon) <= 180 and abs(lat) <= 90 and (lon, lat) != (0.0, 0.0):
            return lon, lat
    return NAN, NAN


def _degrees(tags: PhotoTags, tag: int, reference: int, negative: str) -> float:
    parts = tags.gps.get(tag)
    if not isinstance(parts, tuple) or len(parts) != 3:
        return NAN
    value = parts[0] + parts[1] / 60 + parts[2] / 3600
    return -value if _text(tags.gps.get(reference)).upper().startswith(negative) else value


def _heights(tags: PhotoTags, maker: Maker) -> tuple[StatedHeight, ...]:
    found = [StatedHeight(*stated) for stated in maker.heights()]
    altitude = _number(tags.gps.get(6))
    if not math.isnan(altitude):
        reference = tags.gps.get(5)
        code = reference[0] if isinstance(reference, bytes) else reference
        sign = -1.0 if code in (1, 3) else 1.0
        datum: StatedDatum = "hae" if code in (2, 3) else maker.exif_height_datum
        found.append(StatedHeight(sign * altitude, datum, "EXIF GPSAltitude"))
    return tuple(found)


def _time(tags: PhotoTags, maker: Maker) -> tuple[int, str]:
    local = _text(tags.exif.get(0x9003)) or _text(tags.main.get(0x0132))
    exposed = _moment(maker.utc_time(), UTC)
    if exposed is None:
        exposed = _gps_moment(tags)
    if exposed is None:
        exposed = _moment(local, _zone(_text(tags.exif.get(0x9011)) or _text(tags.exif.get(0x9010))))
    if exposed is None:
        return -1, local
    fraction = _text(tags.exif.get(0x9291)) if exposed.microsecond == 0 else ""
    if fraction.isdigit() and not maker.utc_time():
        exposed += timedelta(seconds=float(f"0.{fraction}"))
    return (exposed - EPOCH) // timedelta(microseconds=1), local


def _gps_moment(tags: PhotoTags) -> datetime | None:
    clock = tags.gps.get(7)
    day = _text(tags.gps.get(29))
    if not isinstance(clock, tuple) or len(clock) != 3 or not day or any(math.isnan(part) for part in clock):
        return None
    start = _moment(f"{day} 00:00:00", UTC)
    seconds = clock[0] * 3600 + clock[1] * 60 + clock[2]
    return None if start is None or not 0 <= seconds < 86_401 else start + timedelta(seconds=seconds)


def _moment(text: str, zone: timezone | None) -> datetime | None:
    found = re.match(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?", text)
    if found is None or zone is None:
        return None
    fraction = int((found[7] or "").ljust(6, "0"))
    try:
        return datetime(*(int(found[i]) for i in range(1, 7)), fraction, tzinfo=zone)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def _zone(text: str) -> timezone | None:
    found = re.fullmatch(r"([+-])(\d\d):(\d\d)", text.strip())
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes)) if minutes < 1440 else None


def _focal(tags: PhotoTags, maker: Maker, findings: list[Finding]) -> tuple[float, FocalSource]:
    """Focal length in pixels of the picture as stored."""
    calibrated = maker.focal_px()
    if calibrated > 0:
        return calibrated, "calibrated"
    length, resolution = _number(tags.exif.get(0x920A)), _number(tags.exif.get(0xA20E))
    per_mm = _PER_UNIT_MM.get(int(_number(tags.exif.get(0xA210)) or 2) if 0xA210 in tags.exif else 2, 0.0)
    stored = _number(tags.exif.get(0xA002))
    if length > 0 and resolution > 0 and per_mm and (math.isnan(stored) or stored == tags.width):
        return length * resolution / per_mm, "sensor resolution"
    equivalent = _number(tags.exif.get(0xA405))
    if equivalent > 0:
        long, short = max(tags.width, tags.height), min(tags.width, tags.height)
        cropped = long / short > 1.6
        diagonal = math.hypot(long, 0.75 * long if cropped else short)
        findings.append(Finding("FTG-094" if cropped else "FTG-093", Severity.INFO))
        return equivalent * diagonal / _DIAGONAL_35_MM, "35 mm equivalent"
    findings.append(Finding("FTG-095", Severity.WARNING))
    return NAN, "none"


def _judge(
    lon: float,
    t_us: int,
    local: str,
    camera: Angles,
    heights: tuple[StatedHeight, ...],
    maker: Maker,
    findings: list[Finding],
) -> None:
    if math.isnan(lon):
        findings.append(Finding("FTG-091", Severity.WARNING))
    if not camera.known:
        code = "FTG-097" if maker.ambiguous_pitch else "FTG-092"
        findings.append(Finding(code, Severity.WARNING))
    if heights and all(height.datum in ("unknown", "take-off", "ground") for height in heights):
        findings.append(Finding("FTG-096", Severity.WARNING))
    if t_us < 0:
        findings.append(Finding("FTG-098", Severity.WARNING, details={"local": local or "-"}))
