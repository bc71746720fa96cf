"""The packs of ST 0601 that hold places or angles: horizon, airbases, waypoints, view domain.

Every `read_*` raises BadInput KLV-005 where the bytes are no such pack; the writers KLV-002 or KLV-003.
"""

from dataclasses import dataclass
from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import ber, codec, imapb, series
from atalaya.klv.item import Item, Kind
from atalaya.klv.packs import checked, write_imapb
from atalaya.klv.table import Nested
from atalaya.klv.values import UNKNOWN, State, Unknown

_LATITUDE: Final = Item(0, "horizon_latitude_deg", "", Kind.LINEAR_SIGNED, -90, 90, 4, special=State.RESERVED)
_LONGITUDE: Final = Item(
    0, "horizon_longitude_deg", "", Kind.LINEAR_SIGNED, -180, 180, 4, special=State.RESERVED
)
_HORIZON: Final = (_LATITUDE, _LONGITUDE, _LATITUDE, _LONGITUDE)


@dataclass(frozen=True, slots=True)
class ImageHorizon:
    """Item 81: where the horizon crosses the picture's border, in percent from the upper left.

    `points_deg` are start latitude and longitude, then end latitude and longitude, as far as they are given.
    """

    start_x_pct: int
    start_y_pct: int
    end_x_pct: int
    end_y_pct: int
    points_deg: tuple[object, ...] = ()


def read_horizon(data: bytes) -> ImageHorizon:
    """4 bytes, and up to four 4-byte coordinates."""
    if len(data) not in (4, 8, 12, 16, 20):
        raise BadInput("KLV-005", set="item 81")
    raws = (data[place : place + 4] for place in range(4, len(data), 4))
    points = tuple(codec.decode_value(item, raw) for item, raw in zip(_HORIZON, raws, strict=False))
    return ImageHorizon(data[0], data[1], data[2], data[3], points)


def _write_horizon(value: ImageHorizon) -> bytes:
    border = (value.start_x_pct, value.start_y_pct, value.end_x_pct, value.end_y_pct)
    if not all(0 <= part <= 255 for part in border):
        raise BadInput("KLV-002", item="image_horizon", value=border, low=0, high=100)
    points = (codec.encode_value(item, part) for item, part in zip(_HORIZON, value.points_deg, strict=False))
    return bytes(border) + b"".join(points)


@dataclass(frozen=True, slots=True)
class Place:
    """A point of items 130 and 141: WGS 84 degrees, height above the ellipsoid or None; maybe `Special`s."""

    latitude_deg: object
    longitude_deg: object
    height_hae_m: object = None


_PLACE: Final = ((-90.0, 90.0, 4), (-180.0, 180.0, 4), (-900.0, 9000.0, 3))


def read_place(data: bytes, what: str) -> Place:
    """8 or 11 bytes."""
    if len(data) not in (8, 11):
        raise BadInput("KLV-005", set=what)
    latitude, longitude = imapb.decode(data[:4], -90, 90), imapb.decode(data[4:8], -180, 180)
    return Place(latitude, longitude, imapb.decode(data[8:], -900, 9000) if len(data) == 11 else None)


def _write_place(value: Place) -> bytes:
    parts = (value.latitude_deg, value.longitude_deg, value.height_hae_m)
    return b"".join(
        write_imapb(part, low, high, length, "place")
        for part, (low, high, length) in zip(parts, _PLACE, strict=True)
        if part is not None
    )


@dataclass(frozen=True, slots=True)
class Airbases:
    """Item 130: where the aircraft took off and where it lands; `recovery` None: where it took off."""

    takeoff: Place | Unknown
    recovery: Place | Unknown | None = None


def read_airbases(data: bytes) -> Airbases:
    """One or two places behind their lengths; an empty one is unknown."""
    parts = series.split(data, "item 130")
    if len(parts) not in (1, 2):
        raise BadInput("KLV-005", set="item 130")
    return Airbases(*(read_place(part, "item 130") if part else UNKNOWN for part in parts))


def _write_airbases(value: Airbases) -> bytes:
    places = [place for place in (value.takeoff, value.recovery) if place is not None]
    return series.join(_write_place(place) if isinstance(place, Place) else b"" for place in places)


CANCELLED: Final = 32767
"""Order of a waypoint that was given up."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """One waypoint of item 141: `order` counts up to the next, negative is past; info bits manual, ad hoc."""

    waypoint_id: int
    order: int
    info: int | None = None
    place: Place | None = None


def read_waypoints(data: bytes) -> tuple[Waypoint, ...]:
    """Records behind their lengths."""
    return tuple(_read_waypoint(part) for part in series.split(data, "item 141"))


def _read_waypoint(data: bytes) -> Waypoint:
    number, at = series.oid(data, 0, "item 141")
    if len(data) < at + 2:
        raise BadInput("KLV-005", set="item 141")
    order = int.from_bytes(data[at : at + 2], "big", signed=True)
    if len(data) == at + 2:
        return Waypoint(number, order)
    info, at = series.oid(data, at + 2, "item 141")
    return Waypoint(number, order, info, read_place(data[at:], "item 141") if at < len(data) else None)


def _write_waypoints(value: tuple[Waypoint, ...]) -> bytes:
    return series.join(_write_waypoint(one) for one in value)


def _write_waypoint(one: Waypoint) -> bytes:
    info = b"" if one.info is None else ber.write_oid(one.info)
    place = b"" if one.place is None else _write_place(one.place)
    return ber.write_oid(one.waypoint_id) + one.order.to_bytes(2, "big", signed=True) + info + place


@dataclass(frozen=True, slots=True)
class Turn:
    """An angle to start at and the angle from there to the end, degrees or `Special`; bytes of each."""

    start_deg: object
    range_deg: object
    length: int = 3


@dataclass(frozen=True, slots=True)
class ViewDomain:
    """Item 142: what the mount can reach; None where the pack ends earlier."""

    azimuth: Turn | Unknown
    elevation: Turn | Unknown | None = None
    roll: Turn | Unknown | None = None


_DOMAINS: Final = (
    ((0.0, 360.0), (0.0, 360.0)),
    ((-180.0, 180.0), (0.0, 360.0)),
    ((0.0, 360.0), (0.0, 360.0)),
)


def read_view_domain(data: bytes) -> ViewDomain:
    """Up to three pairs behind their lengths; an empty one is unknown."""
    parts = series.split(data, "item 142")
    if not 1 <= len(parts) <= 3:
        raise BadInput("KLV-005", set="item 142")
    turns: list[Turn | Unknown] = []
    for part, (start, extent) in zip(parts, _DOMAINS, strict=False):
        half = len(part) // 2
        if len(part) % 2 or half > imapb.MAX_LENGTH:
            raise BadInput("KLV-005", set="item 142")
        turn = (
            Turn(imapb.decode(part[:half], *start), imapb.decode(part[half:], *extent), half)
            if half
            else UNKNOWN
        )
        turns.append(turn)
    return ViewDomain(*turns)


def _write_view_domain(value: ViewDomain) -> bytes:
    parts = []
    for turn, (start, extent) in zip((value.azimuth, value.elevation, value.roll), _DOMAINS, strict=True):
        if turn is None:
            break
        if isinstance(turn, Unknown):
            parts.append(b"")
            continue
        first = write_imapb(turn.start_deg, *start, turn.length, "item 142")
        parts.append(first + write_imapb(turn.range_deg, *extent, turn.length, "item 142"))
    return series.join(parts)


NESTED: Final = {
    "horizon": Nested(read_horizon, checked(ImageHorizon, "item 81", _write_horizon)),
    "airbases": Nested(read_airbases, checked(Airbases, "item 130", _write_airbases)),
    "waypoints": Nested(read_waypoints, checked(tuple, "item 141", _write_waypoints)),
    "view_domain": Nested(read_view_domain, checked(ViewDomain, "item 142", _write_view_domain)),
}
"""Readers and writers, by the `nested` name of the item table."""
