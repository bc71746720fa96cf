"""ST 1002.3, Range Image set: tag 97 of ST 0601, or alone; with the ST 1202 transformation in it."""

from dataclasses import dataclass
from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import ber, mdarray, series, st1010
from atalaya.klv.item import Item, Kind
from atalaya.klv.mdarray import FLOAT, MdArray
from atalaya.klv.table import Nested, Table


def _real(tag: int, name: str, title: str, unit: str = "") -> Item:
    return Item(tag, name, title, Kind.FLOAT, max_length=8, unit=unit)


TRANSFORMATION: Final = Table(
    "ST 1202",
    (
        *(
            _real(1 + place, f"coefficient_{letter}", f"Coefficient {letter}")
            for place, letter in enumerate("abcdefgh")
        ),
        Item(9, "sdcc", "SDCC-FLP", Kind.NESTED, nested="st1010"),
        Item(10, "transformation_version", "Document Version", Kind.UINT),
        Item(11, "transformation_type", "Transformation Enumeration", Kind.UINT),
    ),
    {"st1010": st1010.NESTED},
)


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a range image: its place (from 1), ranges, and their uncertainty."""

    column: int
    row: int
    ranges: MdArray
    uncertainty: MdArray | None = None
    rest: tuple[bytes, ...] = ()
    """What follows the ranges, as it came: the uncertainty, then up to three IEEE numbers of a plane."""

    @property
    def plane(self) -> tuple[bytes, ...]:
        """The plane that was taken off the ranges, IEEE numbers; senders leave trailing ones out."""
        return self.rest[1:]


def _read_section(data: bytes) -> Section:
    parts = series.split(data, "ST 1002 section")
    if not 3 <= len(parts) <= 7:
        raise BadInput("KLV-005", set="ST 1002 section")
    column, row = (series.read_oids(part, "ST 1002 section") for part in parts[:2])
    if len(column) != 1 or len(row) != 1:
        raise BadInput("KLV-005", set="ST 1002 section")
    uncertainty = mdarray.read(parts[3], FLOAT) if len(parts) > 3 and parts[3] else None
    return Section(column[0], row[0], mdarray.read(parts[2], FLOAT), uncertainty, tuple(parts[3:]))


def _write_section(value: object, _length: int) -> bytes:
    if not isinstance(value, Section):
        raise BadInput("KLV-003", item="section", value=value)
    place = (ber.write_oid(value.column), ber.write_oid(value.row))
    rest = value.rest
    if value.uncertainty:
        rest = (mdarray.write(value.uncertainty, FLOAT), *rest[1:])
    return series.join((*place, mdarray.write(value.ranges, FLOAT), *rest))


ITEMS: Final[tuple[Item, ...]] = (
    Item(1, "precision_time_stamp_us", "Range Image Precision Time Stamp", Kind.TIME, length=8, unit="us"),
    Item(11, "range_image_version", "Document Version", Kind.UINT),
    Item(12, "range_image_kind", "Range Image Enumerations", Kind.UINT, length=1),
    _real(13, "single_point_range_m", "Single Point Range Measurement", "m"),
    _real(14, "single_point_range_sigma_m", "Single Point Range Measurement Uncertainty", "m"),
    _real(15, "single_point_row_px", "Single Point Range Measurement Row", "px"),
    _real(16, "single_point_column_px", "Single Point Range Measurement Column", "px"),
    Item(17, "sections_x", "Number of Sections in X", Kind.UINT),
    Item(18, "sections_y", "Number of Sections in Y", Kind.UINT),
    Item(19, "transformation", "Generalized Transformation", Kind.NESTED, nested="st1202"),
    Item(20, "sections", "Section Data", Kind.NESTED, nested="section", multiple=True),
    Item(21, "checksum", "CRC-16-CCITT", Kind.UINT, length=2),
    Item(22, "leap_seconds_s", "Leap Seconds", Kind.INT, unit="s"),
)

TABLE: Final = Table(
    "ST 1002",
    ITEMS,
    {"st1202": series.nested_set(TRANSFORMATION), "section": Nested(_read_section, _write_section)},
)
