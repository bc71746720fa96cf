"""The item tables of ST 0903: VMTI set, VTarget pack, and the sets inside them, current and legacy coding.

Up to version 3 of the standard, offsets, heights, fields of view and locations were plain integers of varying
width; from version 4 on they are IMAPB. Item numbers did not change.
"""

from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import location, series, st1204
from atalaya.klv.item import Item, Kind
from atalaya.klv.table import Nested, Table

OFFSET_LIMIT: Final = 19.2
_LEGACY_OFFSET_STEP: Final = OFFSET_LIMIT / 8_388_607


def _uint(tag: int, name: str, title: str, longest: int, length: int = 0, high: float = 0) -> Item:
    return Item(tag, name, title, Kind.UINT, 0, high, length, longest)


def _text(tag: int, name: str, title: str, longest: int = 0) -> Item:
    return Item(tag, name, title, Kind.TEXT, max_length=longest)


def _nested(tag: int, name: str, title: str, nested: str) -> Item:
    return Item(tag, name, title, Kind.NESTED, nested=nested)


def _time(tag: int, name: str, title: str) -> Item:
    """A time; the standard wants 8 bytes, senders leave leading zeros out, and both say the same."""
    return Item(tag, name, title, Kind.TIME, max_length=8, unit="us", datum="MISP time")


def read_legacy_offset(data: bytes) -> float:
    """An offset of ST 0903.3 and before: a signed integer of 1 to 4 bytes, 19.2/8388607 degrees a step.

    Raises:
        BadInput: KLV-005, more than 4 bytes.
    """
    if len(data) > 4:
        raise BadInput("KLV-005", set="ST 0903 offset")
    return int.from_bytes(data, "big", signed=True) * _LEGACY_OFFSET_STEP


def _write_legacy_offset(value: object, length: int) -> bytes:
    if not isinstance(value, (int, float)):
        raise BadInput("KLV-003", item="offset", value=value)
    if not -OFFSET_LIMIT <= value <= OFFSET_LIMIT:
        raise BadInput("KLV-002", item="offset", value=value, low=-OFFSET_LIMIT, high=OFFSET_LIMIT)
    code = round(value / _LEGACY_OFFSET_STEP)
    needed = (code if code >= 0 else ~code).bit_length() // 8 + 1
    return code.to_bytes(max(length, needed), "big", signed=True)


_OFFSET_ITEMS: Final = (
    (10, "offset_latitude_deg", "Target Location Offset Latitude"),
    (11, "offset_longitude_deg", "Target Location Offset Longitude"),
    (13, "box_top_left_offset_latitude_deg", "Bounding Box Top Left Latitude Offset"),
    (14, "box_top_left_offset_longitude_deg", "Bounding Box Top Left Longitude Offset"),
    (15, "box_bottom_right_offset_latitude_deg", "Bounding Box Bottom Right Latitude Offset"),
    (16, "box_bottom_right_offset_longitude_deg", "Bounding Box Bottom Right Longitude Offset"),
)
OFFSET_TAGS: Final = tuple(tag for tag, _, _ in _OFFSET_ITEMS)


def _target_items(legacy: bool) -> tuple[Item, ...]:
    offsets = tuple(
        Item(tag, name, title, Kind.NESTED, unit="deg", nested="legacy_offset")
        if legacy
        else Item(tag, name, title, Kind.IMAPB, -OFFSET_LIMIT, OFFSET_LIMIT, 3, unit="deg")
        for tag, name, title in _OFFSET_ITEMS
    )
    height = Kind.LINEAR_UNSIGNED if legacy else Kind.IMAPB
    return (
        _uint(1, "centroid_pixel", "Target Centroid Pixel Number", 6),
        _uint(2, "box_top_left_pixel", "Bounding Box Top Left Pixel Number", 6),
        _uint(3, "box_bottom_right_pixel", "Bounding Box Bottom Right Pixel Number", 6),
        _uint(4, "priority", "Target Priority", 1, 1),
        _uint(5, "confidence_pct", "Target Confidence Level", 1, 1, 100),
        _uint(6, "history", "Target History", 2),
        _uint(7, "target_pixels_pct", "Percentage of Target Pixels", 1, 1, 100),
        Item(8, "colour", "Target Color", Kind.BYTES, length=3),
        _uint(9, "intensity", "Target Intensity", 3),
        *offsets,
        Item(12, "height_hae_m", "Target HAE", height, -900, 19_000, 2, unit="m", datum="HAE"),
        _nested(17, "location", "Target Location", "location"),
        _nested(18, "contour", "Geospatial Contour Series", "locations"),
        _uint(19, "centroid_row", "Centroid Pixel Row", 4),
        _uint(20, "centroid_column", "Centroid Pixel Column", 4),
        Item(21, "fpa_index", "FPA Index", Kind.BYTES, length=2),
        _uint(22, "algorithm_id", "Algorithm Id", 3),
        Item(
            23,
            "detection_status",
            "Detection Status",
            Kind.UINT,
            0,
            4,
            1,
            codes=tuple(
                enumerate(("inactive", "active moving", "dropped", "active stopped", "active coasting"))
            ),
        ),
        _nested(101, "mask", "VMask Local Set", "mask"),
        _nested(102, "object", "VObject Local Set", "object"),
        _nested(103, "feature", "VFeature Local Set", "feature"),
        _nested(104, "tracker", "VTracker Local Set", "tracker"),
        _nested(105, "chip", "VChip Local Set", "chip"),
        _nested(106, "chips", "VChip Series", "chips"),
        _nested(107, "objects", "VObject Series", "objects"),
    )


_ALGORITHM: Final = Table(
    "ST 0903 Algorithm",
    (
        _uint(1, "algorithm_id", "Algorithm Id", 3),
        _text(2, "name", "Algorithm Name"),
        _text(3, "version", "Algorithm Version"),
        _text(4, "algorithm_class", "Algorithm Class"),
        _uint(5, "frames", "Number of Frames", 3),
    ),
)
_ONTOLOGY: Final = Table(
    "ST 0903 Ontology",
    (
        _uint(1, "ontology_id", "Ontology Id", 3),
        _uint(2, "parent_id", "Parent Id", 3),
        _text(3, "ontology_iri", "Ontology IRI"),
        _text(4, "entity_iri", "Entity IRI"),
        _text(5, "version_iri", "Version IRI"),
        _text(6, "label", "Label"),
    ),
)
_FEATURE: Final = Table(
    "ST 0903 VFeature",
    (
        _text(1, "schema_iri", "Schema IRI (withdrawn)"),
        _text(2, "schema_feature", "Schema Feature (withdrawn)"),
        _uint(3, "ontology_id", "Ontology Id", 3),
        Item(4, "confidence_pct", "Confidence", Kind.IMAPB, 0, 100, max_length=3, unit="%"),
    ),
)
_OBJECT: Final = Table(
    "ST 0903 VObject",
    (
        _text(1, "ontology_iri", "Ontology IRI (withdrawn)"),
        _text(2, "ontology_class", "Ontology Class (withdrawn)"),
        _uint(3, "ontology_id", "Ontology Id", 3),
        Item(4, "confidence_pct", "Confidence", Kind.IMAPB, 0, 100, max_length=3, unit="%"),
        _nested(5, "features", "VFeature Series", "features"),
    ),
    {"features": series.nested_series(_FEATURE)},
)
_CHIP: Final = Table(
    "ST 0903 VChip",
    (
        _text(1, "image_type", "Image Type"),
        _text(2, "image_iri", "Image IRI"),
        Item(3, "image", "Embedded Image", Kind.BYTES),
    ),
)
_MASK: Final = Table(
    "ST 0903 VMask",
    (
        Item(1, "contour_pixels", "Pixel Contour", Kind.BYTES),
        Item(2, "runs", "Bit Mask Series", Kind.BYTES),
    ),
)
_TRACKER_ITEMS: Final = (
    Item(1, "track_id", "Track Id", Kind.BYTES, length=16),
    _uint(2, "detection_status", "Detection Status (withdrawn)", 1),
    _time(3, "first_time_us", "First Observation Time"),
    _time(4, "latest_time_us", "Latest Observation Time"),
    _nested(5, "boundary", "Track Boundary Series", "locations"),
    _text(6, "algorithm", "Algorithm (withdrawn)"),
    _uint(7, "confidence_pct", "Confidence Level", 1, 1, 100),
    _uint(8, "history_points", "Number of Track Points (withdrawn)", 2),
    _nested(9, "history", "Track History Series", "locations"),
    _nested(10, "velocity_mps", "Velocity", "motion"),
    _nested(11, "acceleration_mps2", "Acceleration", "motion"),
    _uint(12, "algorithm_id", "Algorithm Id", 3),
)


def _target_table(name: str, legacy: bool) -> Table:
    places = location.nested(legacy)
    inside = {
        **places,
        "mask": series.nested_set(_MASK),
        "object": series.nested_set(_OBJECT),
        "feature": series.nested_set(_FEATURE),
        "tracker": series.nested_set(Table("ST 0903 VTracker", _TRACKER_ITEMS, places)),
        "chip": series.nested_set(_CHIP),
        "chips": series.nested_series(_CHIP),
        "objects": series.nested_series(_OBJECT),
        "legacy_offset": Nested(read_legacy_offset, _write_legacy_offset),
    }
    return Table(name, _target_items(legacy), inside)


TARGET: Final = _target_table("ST 0903 VTarget", legacy=False)
LEGACY_TARGET: Final = _target_table("ST 0903.3 VTarget", legacy=True)


def _set_items(legacy: bool) -> tuple[Item, ...]:
    angle = Kind.LINEAR_UNSIGNED if legacy else Kind.IMAPB
    return (
        _uint(1, "checksum", "Checksum", 2, 2),
        _time(2, "precision_time_stamp_us", "Precision Time Stamp"),
        _text(3, "system_name", "VMTI System Name", 128),
        _uint(4, "version", "VMTI LS Version Number", 2),
        _uint(5, "targets_detected", "Total Number of Targets Detected", 3),
        _uint(6, "targets_reported", "Number of Targets Reported", 3),
        _uint(7, "frame_number", "Motion Imagery Frame Number", 3),
        _uint(8, "frame_width_px", "Frame Width", 3),
        _uint(9, "frame_height_px", "Frame Height", 3),
        _text(10, "source_sensor", "VMTI Source Sensor", 512),
        Item(11, "hfov_deg", "VMTI Horizontal Field of View", angle, 0, 180, 2, unit="deg"),
        Item(12, "vfov_deg", "VMTI Vertical Field of View", angle, 0, 180, 2, unit="deg"),
        _nested(13, "miis_core_id", "MIIS Core Identifier", "st1204"),
        _nested(101, "targets", "VTarget Series", "targets"),
        _nested(102, "algorithms", "Algorithm Series", "algorithms"),
        _nested(103, "ontologies", "Ontology Series", "ontologies"),
    )


def set_table(name: str, legacy: bool, targets: Nested) -> Table:
    """The table of the VMTI set itself, with its coding and the reader of its target packs."""
    nested = {
        "st1204": st1204.NESTED,
        "targets": targets,
        "algorithms": series.nested_series(_ALGORITHM),
        "ontologies": series.nested_series(_ONTOLOGY),
    }
    return Table(name, _set_items(legacy), nested)
