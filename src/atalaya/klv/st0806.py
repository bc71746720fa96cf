"""ST 0806.4, Remote Video Terminal set: tag 73 of ST 0601, or alone with a CRC-32."""

from typing import Final

from atalaya.klv import series
from atalaya.klv.item import Item, Kind
from atalaya.klv.table import Table
from atalaya.klv.values import State


def _uint(tag: int, name: str, title: str, length: int, high: float = 0, unit: str = "") -> Item:
    return Item(tag, name, title, Kind.UINT, 0, high, length, unit=unit)


def _text(tag: int, name: str, title: str, longest: int) -> Item:
    return Item(tag, name, title, Kind.TEXT, max_length=longest)


def _angle(tag: int, name: str, title: str, high: float) -> Item:
    kind, special = Kind.LINEAR_SIGNED, State.RESERVED
    return Item(tag, name, title, kind, -high, high, 4, unit="deg", datum="WGS84", special=special)


_TYPES: Final = ((1, "friendly"), (2, "hostile"), (3, "target"), (4, "unknown"))

_POINT: Final = Table(
    "ST 0806 point of interest",
    (
        _uint(1, "number", "POI Number", 2),
        _angle(2, "latitude_deg", "POI Latitude", 90),
        _angle(3, "longitude_deg", "POI Longitude", 180),
        Item(
            4, "altitude_msl_m", "POI Altitude", Kind.LINEAR_UNSIGNED, -900, 19_000, 2, unit="m", datum="MSL"
        ),
        Item(5, "type", "POI Type", Kind.UINT, 1, 4, 1, codes=_TYPES),
        _text(6, "text", "POI Text", 2048),
        _text(7, "source_icon", "POI Source Icon", 127),
        _text(8, "source_id", "POI Source ID", 255),
        _text(9, "label", "POI Label", 16),
        _text(10, "operation_id", "Operation ID", 127),
    ),
)
_AREA: Final = Table(
    "ST 0806 area of interest",
    (
        _uint(1, "number", "AOI Number", 2),
        _angle(2, "corner_latitude_1_deg", "Corner Latitude Point 1", 90),
        _angle(3, "corner_longitude_1_deg", "Corner Longitude Point 1", 180),
        _angle(4, "corner_latitude_3_deg", "Corner Latitude Point 3", 90),
        _angle(5, "corner_longitude_3_deg", "Corner Longitude Point 3", 180),
        Item(6, "type", "AOI Type", Kind.UINT, 1, 4, 1, codes=_TYPES),
        _text(7, "text", "AOI Text", 2048),
        _text(8, "source_id", "AOI Source ID", 255),
        _text(9, "label", "AOI Label", 16),
        _text(10, "operation_id", "Operation ID", 127),
    ),
)
_USER: Final = Table(
    "ST 0806 user data",
    (
        _uint(1, "kind_and_number", "Numeric ID for Data Type", 1),
        Item(2, "data", "User Data", Kind.BYTES),
    ),
)

ITEMS: Final[tuple[Item, ...]] = (
    _uint(1, "checksum", "CRC-32", 4),
    Item(
        2,
        "precision_time_stamp_us",
        "Precision Time Stamp",
        Kind.TIME,
        length=8,
        unit="us",
        datum="MISP time",
    ),
    _uint(3, "platform_true_airspeed_mps", "Platform True Airspeed", 2, unit="m/s"),
    _uint(4, "platform_indicated_airspeed_mps", "Platform Indicated Airspeed", 2, unit="m/s"),
    _uint(5, "telemetry_accuracy", "Telemetry Accuracy Indicator", 1),
    _uint(6, "circle_radius_m", "Frag Circle Radius", 2, unit="m"),
    _uint(7, "frame_code", "Frame Code", 4),
    _uint(8, "rvt_version", "RVT LS Version Number", 1),
    _uint(9, "video_data_rate_bps", "Video Data Rate", 4, unit="bit/s"),
    _text(10, "video_file_format", "Digital Video File Format", 127),
    Item(11, "user_data", "User Defined Local Set", Kind.NESTED, nested="user", multiple=True),
    Item(12, "points_of_interest", "Point of Interest Local Set", Kind.NESTED, nested="point", multiple=True),
    Item(13, "areas_of_interest", "Area of Interest Local Set", Kind.NESTED, nested="area", multiple=True),
    _uint(14, "mgrs_zone", "MGRS Zone", 1, 60),
    _text(15, "mgrs_square", "MGRS Latitude Band and Grid Square", 3),
    _uint(16, "mgrs_easting_m", "MGRS Easting", 3, 99_999, "m"),
    _uint(17, "mgrs_northing_m", "MGRS Northing", 3, 99_999, "m"),
    _uint(18, "mgrs_zone_2", "MGRS Zone Second Value", 1, 60),
    _text(19, "mgrs_square_2", "MGRS Latitude Band and Grid Square Second Value", 3),
    _uint(20, "mgrs_easting_2_m", "MGRS Easting Second Value", 3, 99_999, "m"),
    _uint(21, "mgrs_northing_2_m", "MGRS Northing Second Value", 3, 99_999, "m"),
)

TABLE: Final = Table(
    "ST 0806",
    ITEMS,
    {
        "user": series.nested_set(_USER),
        "point": series.nested_set(_POINT),
        "area": series.nested_set(_AREA),
    },
)
