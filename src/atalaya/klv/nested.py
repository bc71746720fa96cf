"""Which reader and writer every nested item of ST 0601 has, and the ST 0601 table itself.

Segments and amendments (ST 1607) hold ST 0601 items again, with an identifier of their own; one level of them
is read, deeper ones stay bytes.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from atalaya.base.errors import BadInput
from atalaya.klv import (
    ber,
    packs,
    packs_geo,
    series,
    st0102,
    st0601,
    st0806,
    st0903,
    st1002,
    st1010,
    st1204,
    st1206,
    st1601,
    st1602,
)
from atalaya.klv.item import Item, Kind
from atalaya.klv.table import Nested, Table


@dataclass(frozen=True, slots=True)
class SubstreamId:
    """Item 143: the number of a metadata substream, or 0 and a universal identifier."""

    local_id: int
    universal_id: UUID | None = None


def _read_substream(data: bytes) -> SubstreamId:
    number, at = series.oid(data, 0, "item 143")
    if len(data) - at not in (0, 16):
        raise BadInput("KLV-005", set="item 143")
    return SubstreamId(number, UUID(bytes=data[at:]) if at < len(data) else None)


def _write_substream(value: object, _length: int) -> bytes:
    if not isinstance(value, SubstreamId):
        raise BadInput("KLV-003", item="substream_id", value=value)
    return ber.write_oid(value.local_id) + (value.universal_id.bytes if value.universal_id else b"")


def _read_vmti(data: bytes) -> st0903.VmtiReport:
    return st0903.read(data)


def _write_vmti(value: object, _length: int) -> bytes:
    if not isinstance(value, st0903.VmtiReport):
        raise BadInput("KLV-003", item="vmti", value=value)
    return value.to_bytes(keep_raw=False)


_SETS: Final = {
    "st0102": Nested(st0102.read, series.write_set),
    "st0806": series.nested_set(st0806.TABLE),
    "st1002": series.nested_set(st1002.TABLE),
    "st1010": st1010.NESTED,
    "st1204": st1204.NESTED,
    "st1206": series.nested_set(st1206.TABLE),
    "st1601": series.nested_set(st1601.TABLE),
    "st1602": series.nested_set(st1602.TABLE),
    "substream": Nested(_read_substream, _write_substream),
    **packs.NESTED,
    **packs_geo.NESTED,
}

_SUBSTREAM: Final = Item(
    143, "substream_id", "Metadata Substream Identifier", Kind.NESTED, nested="substream"
)
SEGMENT_TABLE: Final = Table(
    "ST 1607", (*st0601.ITEMS, _SUBSTREAM), {**_SETS, "st0903": Nested(_read_vmti, _write_vmti)}
)
_SEGMENT: Final = series.nested_set(SEGMENT_TABLE)

TABLE: Final = Table(
    "ST 0601",
    st0601.ITEMS,
    {
        **_SETS,
        "st0903": Nested(_read_vmti, _write_vmti, late=True),
        "st1607_segment": _SEGMENT,
        "st1607_amend": _SEGMENT,
    },
)
"""ST 0601. Its VMTI item needs what the stream said before and is left as bytes for the packet reader."""
