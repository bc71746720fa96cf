"""The packs of numbers ST 0903 uses: locations, velocities and accelerations with their covariance.

Since version 4 every number is IMAPB; up to version 3 it was an unsigned linear map of the same range and
length.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import imapb, linear, series
from atalaya.klv.table import Nested
from atalaya.klv.values import Special

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
    """Whether it is written in the coding of ST 0903.3 and before."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A velocity (m/s) or acceleration (m/s2), east, north, up, with its spread as in `Location`."""

    east: object
    north: object
    up: object
    sigmas: Numbers = ()
    rhos: Numbers = ()
    legacy: bool = False


_Map = tuple[float, float, int]


def _read_maps(data: bytes, maps: tuple[_Map, ...], legacy: bool) -> Numbers:
    out: list[object] = []
    position = 0
    for low, high, length in maps:
        raw = data[position : position + length]
        position += length
        if legacy:
            out.append(int.from_bytes(raw, "big") * linear.unsigned_scale(low, high, length) + low)
        else:
            out.append(imapb.decode(raw, low, high))
    return tuple(out)


def _write_maps(values: Numbers, maps: tuple[_Map, ...], legacy: bool, what: str) -> bytes:
    encode = linear.encode_unsigned if legacy else imapb.encode
    out = bytearray()
    for value, (low, high, length) in zip(values, maps, strict=False):
        if isinstance(value, Special):
            out += value.raw
        elif isinstance(value, (int, float)):
            out += encode(value, low, high, length, what)
        else:
            raise BadInput("KLV-003", item=what, value=value)
    return bytes(out)


def _read(data: bytes, maps: tuple[_Map, ...], legacy: bool, what: str) -> tuple[Numbers, Numbers, Numbers]:
    """The three numbers of `maps`, three sigmas and three correlations; the latter two empty where absent."""
    size = sum(length for _, _, length in maps)
    if len(data) - size not in (0, 6, 12):
        raise BadInput("KLV-005", set=what)
    spread = _read_maps(data[size:], _SPREAD[: (len(data) - size) // 2], legacy)
    return _read_maps(data[:size], maps, legacy), spread[:3], spread[3:]


def read_location(data: bytes, legacy: bool = False) -> Location:
    """A location.

    Raises:
        BadInput: KLV-005, not 10, 16 or 22 bytes.
    """
    place, sigmas, rhos = _read(data, _PLACE, legacy, "location")
    return Location(place[0], place[1], place[2], sigmas, rhos, legacy)


def write_location(value: object, _length: int = 0) -> bytes:
    """A location in the coding its `legacy` names.

    Raises:
        BadInput: KLV-002 outside the range, KLV-003 not a location.
    """
    if not isinstance(value, Location):
        raise BadInput("KLV-003", item="location", value=value)
    numbers = (value.latitude_deg, value.longitude_deg, value.height_hae_m, *value.sigmas_m, *value.rhos)
    return _write_maps(numbers, (*_PLACE, *_SPREAD), value.legacy, "location")


def read_motion(data: bytes, legacy: bool = False) -> Motion:
    """A velocity or acceleration.

    Raises:
        BadInput: KLV-005, not 6, 12 or 18 bytes.
    """
    parts, sigmas, rhos = _read(data, _MOTION, legacy, "motion")
    return Motion(parts[0], parts[1], parts[2], sigmas, rhos, legacy)


def write_motion(value: object, _length: int = 0) -> bytes:
    """A velocity or acceleration.

    Raises:
        BadInput: KLV-002 outside the range, KLV-003 not a motion.
    """
    if not isinstance(value, Motion):
        raise BadInput("KLV-003", item="motion", value=value)
    numbers = (value.east, value.north, value.up, *value.sigmas, *value.rhos)
    return _write_maps(numbers, (*_MOTION, *_SPREAD), value.legacy, "motion")


def read_locations(data: bytes, legacy: bool = False) -> tuple[Location, ...]:
    """A series of locations (a boundary, a contour, a history).

    Raises:
        BadInput: KLV-005, one is cut off or of no known length.
    """
    return tuple(read_location(part, legacy) for part in series.split(data, "locations"))


def write_locations(value: object, _length: int = 0) -> bytes:
    """A series of locations.

    Raises:
        BadInput: KLV-002 outside the range, KLV-003 not a tuple of locations.
    """
    if not isinstance(value, tuple):
        raise BadInput("KLV-003", item="locations", value=value)
    return series.join(write_location(part) for part in value)


def nested(legacy: bool) -> dict[str, Nested]:
    """Readers and writers by the name the item tables of ST 0903 use, in the coding of a version."""
    return {
        "location": Nested(partial(read_location, legacy=legacy), write_location),
        "locations": Nested(partial(read_locations, legacy=legacy), write_locations),
        "motion": Nested(partial(read_motion, legacy=legacy), write_motion),
    }
