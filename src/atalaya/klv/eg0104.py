"""EG 0104.5, Predator UAV Basic Universal Metadata Set: what motion imagery carried before ST 0601.

Every item is a 16-byte label, a BER length and a big-endian value; reals are 4 or 8 bytes long. Item numbers
are those of ST 0601 where the meaning is the same, 201 and up otherwise; names are the same in both. There is
no checksum. Two items do not mean what ST 0601 means:

* "Angle to North" is the absolute bearing of the line of sight: `sensor_azimuth_true_deg`, not relative to
  the platform.
* "Obliquity Angle" is defined as the inverse of the elevation, but recordings hold plain elevation, negative
  down; it is read as `sensor_rel_elevation_deg`, and the geometry decides.
"""

from typing import Final

from atalaya.klv import series, st0102
from atalaya.klv.item import Item, Kind
from atalaya.klv.table import Nested, Table


def _real(tag: int, name: str, title: str, unit: str = "deg", datum: str = "", length: int = 0) -> Item:
    return Item(tag, name, title, Kind.FLOAT, length=length, max_length=8, unit=unit, datum=datum)


def _text(tag: int, name: str, title: str) -> Item:
    return Item(tag, name, title, Kind.TEXT, max_length=127)


_CORNERS: Final = tuple(
    _real(
        80 + 2 * corner + lon,
        f"corner_{axis}_{corner}_deg",
        f"Corner {axis.title()} Point {corner}",
        "deg",
        "WGS84",
    )
    for corner in (1, 2, 3, 4)
    for lon, axis in enumerate(("latitude", "longitude"))
)

ITEMS: Final[tuple[Item, ...]] = (
    Item(
        2, "precision_time_stamp_us", "User Defined Time Stamp", Kind.TIME, length=8, unit="us", datum="UTC"
    ),
    _text(3, "mission_id", "Episode Number"),
    _real(5, "platform_heading_true_deg", "Platform Heading Angle", datum="true north"),
    _real(6, "platform_pitch_deg", "Platform Pitch Angle"),
    _real(7, "platform_roll_deg", "Platform Roll Angle"),
    _text(10, "platform_designation", "Device Designation"),
    _text(11, "image_source_sensor", "Image Source Device"),
    _text(12, "image_coordinate_system", "Image Coordinate System"),
    _real(13, "sensor_latitude_deg", "Device Latitude", datum="WGS84"),
    _real(14, "sensor_longitude_deg", "Device Longitude", datum="WGS84"),
    _real(15, "sensor_altitude_msl_m", "Device Altitude", "m", "MSL"),
    _real(16, "sensor_hfov_deg", "Horizontal Field of View"),
    _real(17, "sensor_vfov_deg", "Vertical Field of View"),
    _real(19, "sensor_rel_elevation_deg", "Obliquity Angle"),
    _real(20, "sensor_rel_roll_deg", "Sensor Roll Angle"),
    _real(21, "slant_range_m", "Slant Range", "m"),
    _real(22, "target_width_m", "Target Width", "m"),
    _real(23, "frame_centre_latitude_deg", "Frame Center Latitude", datum="WGS84"),
    _real(24, "frame_centre_longitude_deg", "Frame Center Longitude", datum="WGS84"),
    _real(25, "frame_centre_elevation_msl_m", "Frame Center Elevation", "m", "MSL"),
    Item(48, "security", "Security Local Set", Kind.NESTED, nested="st0102"),
    *_CORNERS,
    _text(201, "start_date_time", "Start Date Time - UTC"),
    _text(202, "event_start_date_time", "Event Start Date Time - UTC"),
    _real(203, "sensor_azimuth_true_deg", "Angle to North", datum="true north"),
)
"""Every item of the set, in order of number."""

_TAILS: Final = {
    2: "030702010101050000",
    3: "010105050000000000",
    5: "070701100106000000",
    6: "070701100105000000",
    7: "070701100104000000",
    10: "010101200100000000",
    11: "010420010201010000",
    12: "010701010100000000",
    13: "030701020102040200",
    14: "030701020102060200",
    15: "010701020102020000",
    16: "020420020101080000",
    17: "0704200201010A0100",
    19: "010701100103000000",
    20: "010701100101000000",
    21: "010701080101000000",
    22: "010701090201000000",
    23: "010701020103020000",
    24: "010701020103040000",
    25: "0A0701020103160000",
    82: "030701020103070100",
    83: "0307010201030B0100",
    84: "030701020103080100",
    85: "0307010201030C0100",
    86: "030701020103090100",
    87: "0307010201030D0100",
    88: "0307010201030A0100",
    89: "0307010201030E0100",
    201: "010702010201010000",
    202: "010702010207010000",
    203: "010701100102000000",
}
LABELS: Final = {
    48: bytes.fromhex("060E2B34020301010E01030302000000"),
    **{tag: bytes.fromhex("060E2B34010101" + tail) for tag, tail in _TAILS.items()},
}
"""Label of each item, by number."""


TABLE: Final = Table("EG 0104", ITEMS, {"st0102": Nested(st0102.read, series.write_set)}, LABELS)
BY_TAG: Final = TABLE.by_tag
BY_NAME: Final = TABLE.by_name
