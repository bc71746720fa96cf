"""ST 1010 SDCC-FLP: standard deviations and correlations of the items that stand before it in a set.

Tag 102 of ST 0601 refers to the items right before it, in their order: element i of `deviations` is the
one-sigma of the i-th of them, in its unit.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import ber, imapb, series
from atalaya.klv.table import Nested
from atalaya.klv.values import Special

MAX_SIZE: Final = 256
_WHAT: Final = "ST 1010"
_IEEE: Final = {2: ">e", 4: ">f", 8: ">d"}

SOURCE_TAGS: Final = frozenset(
    {*range(5, 23), 50, 51, 52, 64, 75, 79, 80, 90, 91, 92, 93, 96, 104, 113, 114, 117, 118, 119}
)
"""Items of ST 0601 whose uncertainty tag 102 may state (ST 0601.19 Table 1)."""


@dataclass(frozen=True, slots=True)
class Sdcc:
    """Uncertainty of `size` values.

    Args:
        size: number of values.
        deviations: one-sigma each; raw bytes where the mapping is not ours to know; may be empty.
        correlations: upper triangle, row by row; None where a sparse matrix leaves one out; may be empty.
        control: the parse control bytes, which say how numbers are coded.
    """

    size: int
    deviations: tuple[object, ...]
    correlations: tuple[object | None, ...]
    control: bytes

    def deviation(self, place: int) -> float | None:
        """One-sigma of a value where it is a number."""
        value = self.deviations[place] if place < len(self.deviations) else None
        return value if isinstance(value, float) else None

    def correlation(self, row: int, column: int) -> float | None:
        """Correlation of two values where it is a number; 0 where a sparse matrix leaves it out."""
        row, column = min(row, column), max(row, column)
        place = row * (2 * self.size - row - 1) // 2 + column - row - 1
        value = self.correlations[place] if place < len(self.correlations) else None
        if value is None and self.correlations:
            return 0.0
        return value if isinstance(value, float) else None


@dataclass(frozen=True, slots=True)
class _Control:
    sparse: bool
    deviation_bytes: int
    correlation_bytes: int
    deviation_ieee: bool
    correlation_ieee: bool


def _control(data: bytes) -> _Control:
    first = data[0]
    if not first & 0x80:
        return _Control(bool(first & 8), first >> 4 & 7, first & 7, False, False)
    second = data[1]
    return _Control(bool(first & 0x20), second & 15, first & 15, not second & 0x10, not first & 0x10)


def read(data: bytes) -> Sdcc:
    """The pack in some bytes.

    Raises:
        BadInput: KLV-005, lengths do not agree or the matrix is larger than 256.
    """
    size, at = series.oid(data, 0, _WHAT)
    stop = at + (2 if at < len(data) and data[at] & 0x80 else 1)
    if not 1 <= size <= MAX_SIZE or stop > len(data):
        raise BadInput("KLV-005", set=_WHAT)
    control = _control(data[at:stop])
    pairs = size * (size - 1) // 2
    present, place = [True] * pairs, stop
    if control.sparse:
        place += (pairs + 7) // 8
        bits = data[stop:place].ljust((pairs + 7) // 8, b"\0")
        present = [bool(bits[pair // 8] >> 7 - pair % 8 & 1) for pair in range(pairs)]
    count, length = size if control.deviation_bytes else 0, control.correlation_bytes
    middle = place + count * control.deviation_bytes
    if len(data) != middle + (sum(present) * length):
        raise BadInput("KLV-005", set=_WHAT)
    deviations = tuple(
        _deviation(part, control) for part in _cut(data[place:middle], control.deviation_bytes)
    )
    coded = iter(_cut(data[middle:], length))
    correlations = (
        tuple(_correlation(next(coded), control) if here else None for here in present) if length else ()
    )
    return Sdcc(size, deviations, correlations, data[at:stop])


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[place : place + size] for place in range(0, len(data), size)] if size else []


def _deviation(data: bytes, control: _Control) -> object:
    """IEEE numbers are read; a mapped deviation needs bounds the parent never states, so it stays bytes."""
    return _ieee(data) if control.deviation_ieee else data


def _correlation(data: bytes, control: _Control) -> object:
    if control.correlation_ieee:
        return _ieee(data)
    if len(data) > imapb.MAX_LENGTH:
        raise BadInput("KLV-005", set=_WHAT)
    return imapb.decode(data, -1.0, 1.0)


def _ieee(data: bytes) -> float:
    form = _IEEE.get(len(data))
    if form is None:
        raise BadInput("KLV-005", set=_WHAT)
    value: float = struct.unpack(form, data)[0]
    return value


def write(value: Sdcc) -> bytes:
    """The bytes of a pack, coded as its `control` says.

    Raises:
        BadInput: KLV-002 or KLV-003, a value does not fit.
    """
    control = _control(value.control)
    out = bytearray(ber.write_oid(value.size) + value.control)
    if control.sparse:
        bits = bytearray((len(value.correlations) + 7) // 8)
        for place, one in enumerate(value.correlations):
            bits[place // 8] |= (one is not None) << 7 - place % 8
        out += bits
    out += _write_all(value.deviations, control.deviation_bytes, control.deviation_ieee)
    present = [one for one in value.correlations if one is not None]
    return bytes(out) + _write_all(present, control.correlation_bytes, control.correlation_ieee)


def _write_all(values: Sequence[object], length: int, ieee: bool) -> bytes:
    return b"".join(_write_one(value, length, ieee) for value in values)


def _write_one(value: object, length: int, ieee: bool) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, Special):
        return value.raw
    if not isinstance(value, (int, float)):
        raise BadInput("KLV-003", item=_WHAT, value=value)
    return struct.pack(_IEEE[length], value) if ieee else imapb.encode(value, -1.0, 1.0, length, _WHAT)


def standard_deviations(deviations: Sequence[float]) -> Sdcc:
    """A pack of independent one-sigmas, 4-byte IEEE, no correlations: what a simple sender can state."""
    return Sdcc(len(deviations), tuple(float(one) for one in deviations), (), bytes((0x80, 0x04)))


def _write_item(value: object, _length: int) -> bytes:
    if not isinstance(value, Sdcc):
        raise BadInput("KLV-003", item="sdcc", value=value)
    return write(value)


NESTED: Final = Nested(read, _write_item)
