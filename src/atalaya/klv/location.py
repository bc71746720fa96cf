"""Packs of IMAPB numbers that ST 0903 uses: locations, velocities and accelerations with their covariance."""

import struct
from dataclasses import dataclass
from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import imapb, linear, series
from atalaya.klv.table import Nested

Numbers = tuple[object, ...]
"""Floats, or `Special` where the code is one."""

_SIGMA: Final = (0.0, 650.0, 2)
_RHO: Final = (-1.0, 1.0, 2)
_SPREAD: Final = (_SIGMA, _SIGMA, _SIGMA, _RHO, _RHO, _RHO)
_PLACE: Final = ((-90.0, 90.0, 4), (-180.0, 180.0, 4), (-900.0, 19000.0, 2))
_MOTION: Final = ((-900.0, 900.0, 2),) * 3


@dataclass(frozen=True, slots=True)
class Location:
    """A point on WGS 84 with the spread its sender states.

    `sigmas_m` are one-sigma in east, north, up, metres; `rhos` the correlations east-north, east-up and
    north-up; both empty where not given. Any number may be a `Special`.
    """

    latitude_deg: object
    longitude_deg: object
    height_hae_m: object
    sigmas_m: Numbers = ()
    rhos: Numbers = ()
    legacy: bool = False
    """Whether it is written in the integer coding of ST 0903.3 and before."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A velocity (m/s) or acceleration (m/s2), east, north, up, with its spread as in `Location`."""

    east: object
    north: object
    up: object
    sigmas: Numbers = ()
    rhos: Numbers = ()


_Map = tuple[float, float, int]


def _read_maps(data: bytes, maps: tuple[_Map, ...]) -> Numbers:
    out, position = [], 0
    for low, high, length in maps:
        out.append(imapb.decode(data[position : position + length], low, high))
        position += length
    return tuple(out)


def _write_maps(values: Numbers, maps: tuple[_Map, ...], what: str) -> bytes:
    out = bytearray()
    for value, (low, high, length) in zip(values, maps, strict=False):
        raw = getattr(value, "raw", None)
        if raw is None and not isinstance(value, (int, float)):
            raise BadInput("KLV-003", item=what, value=value)
        out += raw if raw is not None else imapb.encode(value, low, high, length, what)  # type: ignore[arg-type]
    return bytes(out)


def _spread(data: bytes, start: int, what: str) -> tuple[Numbers, Numbers]:
    rest = data[start:]
    if len(rest) not in (0, 6, 12):
        raise BadInput("KLV-005", set=what)
    numbers = _read_maps(rest, _SPREAD[: len(rest) // 2])
    return numbers[:3], numbers[3:]


def read_location(data: bytes) -> Location:
    """A location in the coding of ST 0903.4 and later.

    Raises:
        BadInput: KLV-005, not 10, 16 or 22 bytes.
    """
    sigmas, rhos = _spread(data, 10, "location")
    latitude, longitude, height = _read_maps(data[:10].ljust(10, b"\0"), _PLACE)
    if len(data) < 10:
        raise BadInput("KLV-005", set="location")
    return Location(latitude, longitude, height, sigmas, rhos)


_LATITUDE_STEP: Final = linear.unsigned_scale(-90, 90, 4)
_LONGITUDE_STEP: Final = linear.unsigned_scale(-180, 180, 4)
_HEIGHT_STEP: Final = linear.unsigned_scale(-900, 19000, 2)


def read_legacy_location(data: bytes) -> Location:
    """A location in the integer coding of ST 0903.3 and before: u32 latitude, u32 longitude, u16 height.

    Raises:
        BadInput: KLV-005, not 10, 16 or 22 bytes.
    """
    sigmas, rhos = _spread(data, 10, "location")
    if len(data) < 10:
        raise BadInput("KLV-005", set="location")
    latitude, longitude, height = struct.unpack_from(">IIH", data)
    return Location(
        latitude * _LATITUDE_STEP - 90,
        longitude * _LONGITUDE_STEP - 180,
        height * _HEIGHT_STEP - 900,
        sigmas,
        rhos,
        True,
    )


def write_location(value: object, _length: int = 0) -> bytes:
    """A location in the coding its `legacy` names.

    Raises:
        BadInput: KLV-002 outside the range, KLV-003 not a location.
    """
    if not isinstance(value, Location):
        raise BadInput("KLV-003", item="location", value=value)
    place = (value.latitude_deg, value.longitude_deg, value.height_hae_m)
    spread = _write_maps((*value.sigmas_m, *value.rhos), _SPREAD, "location")
    if not value.legacy:
        return _write_maps(place, _PLACE, "location") + spread
    out = bytearray()
    for number, (low, high, length) in zip(place, _PLACE, strict=True):
        if not isinstance(number, (int, float)):
            raise BadInput("KLV-003", item="location", value=number)
        out += linear.encode_unsigned(number, low, high, length, "location")
    return bytes(out) + spread


def read_motion(data: bytes) -> Motion:
    """A velocity or acceleration.

    Raises:
        BadInput: KLV-005, not 6, 12 or 18 bytes.
    """
    sigmas, rhos = _spread(data, 6, "motion")
    if len(data) < 6:
        raise BadInput("KLV-005", set="motion")
    return Motion(*_read_maps(data, _MOTION), sigmas, rhos)


def write_motion(value: object, _length: int = 0) -> bytes:
    """A velocity or acceleration.

    Raises:
        BadInput: KLV-002 outside the range, KLV-003 not a motion.
    """
    if not isinstance(value, Motion):
        raise BadInput("KLV-003", item="motion", value=value)
    spread = _write_maps((*value.sigmas, *value.rhos), _SPREAD, "motion")
    return _write_maps((value.east, value.north, value.up), _MOTION, "motion") + spread


def read_locations(data: bytes) -> tuple[Location, ...]:
    """A series of locations (a boundary, a contour, a history).

    Raises:
        BadInput: KLV-005, one is cut off or of no known length.
    """
    return tuple(read_location(part) for part in series.split(data, "locations"))


def write_locations(value: object, _length: int = 0) -> bytes:
    """A series of locations.

    Raises:
        BadInput: KLV-002 outside the range, KLV-003 not a tuple of locations.
    """
    if not isinstance(value, tuple):
        raise BadInput("KLV-003", item="locations", value=value)
    return series.join(write_location(part) for part in value)


LOCATION: Final = Nested(read_location, write_location)
LEGACY_LOCATION: Final = Nested(read_legacy_location, write_location)
LOCATIONS: Final = Nested(read_locations, write_locations)
MOTION: Final = Nested(read_motion, write_motion)
