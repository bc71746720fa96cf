"""ST 1206.1, SAR Motion Imagery set: tag 95 of ST 0601, or alone."""

from typing import Final

from atalaya.klv import mdarray
from atalaya.klv.item import Item, Kind
from atalaya.klv.table import Table


def _imapb(tag: int, name: str, title: str, low: float, high: float, length: int, unit: str) -> Item:
    return Item(tag, name, title, Kind.IMAPB, low, high, length, unit=unit)


def _uint(tag: int, name: str, title: str, length: int, unit: str = "") -> Item:
    return Item(tag, name, title, Kind.UINT, length=length, unit=unit)


ITEMS: Final[tuple[Item, ...]] = (
    _imapb(1, "grazing_deg", "Grazing Angle", 0, 90, 2, "deg"),
    _imapb(2, "ground_squint_deg", "Ground Plane Squint Angle", -90, 90, 2, "deg"),
    Item(3, "look_direction", "Look Direction", Kind.UINT, 0, 1, 1, codes=((0, "left"), (1, "right"))),
    Item(
        4, "image_plane", "Image Plane", Kind.UINT, 0, 2, 1, codes=((0, "slant"), (1, "ground"), (2, "other"))
    ),
    _imapb(5, "range_resolution_m", "Range Resolution", 0, 1e6, 4, "m"),
    _imapb(6, "cross_range_resolution_m", "Cross-Range Resolution", 0, 1e6, 4, "m"),
    _imapb(7, "range_pixel_m", "Range Image Plane Pixel Size", 0, 1e6, 4, "m"),
    _imapb(8, "cross_range_pixel_m", "Cross-Range Image Plane Pixel Size", 0, 1e6, 4, "m"),
    _uint(9, "image_rows_px", "Image Rows", 2, "px"),
    _uint(10, "image_columns_px", "Image Columns", 2, "px"),
    _imapb(11, "range_direction_deg", "Range Direction Angle", 0, 360, 2, "deg"),
    _imapb(12, "true_north_deg", "True North Direction", 0, 360, 2, "deg"),
    _imapb(13, "range_layover_deg", "Range Layover Angle", 0, 360, 2, "deg"),
    _imapb(14, "ground_aperture_deg", "Ground Aperture Angular Extent", 0, 90, 2, "deg"),
    _uint(15, "aperture_duration_us", "Aperture Duration", 4, "us"),
    _imapb(16, "ground_track_deg", "Ground Track Angle", 0, 360, 2, "deg"),
    _imapb(17, "minimum_detectable_velocity_mps", "Minimum Detectable Velocity", 0, 100, 2, "m/s"),
    _imapb(18, "pulse_rate_hz", "True Pulse Repetition Frequency", 0, 1e6, 4, "Hz"),
    _imapb(19, "pulse_rate_scale", "PRF Scale Factor", 0, 1, 2, ""),
    _imapb(20, "centre_frequency_hz", "Transmit RF Center Frequency", 0, 1e12, 4, "Hz"),
    _imapb(21, "bandwidth_hz", "Transmit RF Bandwidth", 0, 1e11, 4, "Hz"),
    Item(22, "cross_section_polynomial", "Radar Cross Section Polynomial", Kind.NESTED, nested="array"),
    Item(23, "reference_time_us", "Reference Frame Precision Time Stamp", Kind.TIME, length=8, unit="us"),
    _imapb(24, "reference_grazing_deg", "Reference Frame Grazing Angle", 0, 90, 2, "deg"),
    _imapb(25, "reference_ground_squint_deg", "Reference Frame Ground Plane Squint Angle", -90, 90, 2, "deg"),
    _imapb(26, "reference_range_direction_deg", "Reference Frame Range Direction Angle", 0, 360, 2, "deg"),
    _imapb(27, "reference_range_layover_deg", "Reference Frame Range Layover Angle", 0, 360, 2, "deg"),
    _uint(28, "sar_version", "Document Version", 1),
)

TABLE: Final = Table("ST 1206", ITEMS, {"array": mdarray.nested(mdarray.UINT)})
