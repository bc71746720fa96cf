"""From framed packets to columns: one row per packet, one float64 column and one state column per item.

An item's value is NaN wherever its state is not `State.VALUE`; the state says why (absent, unknown, out of
range, malformed ...). Nothing is held over from one packet to the next: that is the reader's business.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import Usage
from atalaya.klv import imapb, linear
from atalaya.klv.framer import Chunk, PacketTable, frame, words_of
from atalaya.klv.item import Item, Kind
from atalaya.klv.keys import Family
from atalaya.klv.st0601 import BY_NAME, BY_TAG, TIME
from atalaya.klv.values import State

if TYPE_CHECKING:
    from atalaya.klv.kernels import Table

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.uint8]
Words: TypeAlias = NDArray[np.uint64]

COMMON_TAGS: Final = (
    *(5, 6, 7, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33),
    *(40, 41, 42, 45, 46, 47, 56, 57, 65, 75, 78, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 96, 104),
)
"""What geometry and the verdict need of nearly every stream; the default of `decode_columns`."""

NUMERIC_KINDS: Final = frozenset(
    (Kind.LINEAR_UNSIGNED, Kind.LINEAR_SIGNED, Kind.IMAPB, Kind.UINT, Kind.INT, Kind.TIME)
)
_CODINGS: Final = {Kind.LINEAR_SIGNED: 1, Kind.INT: 1, Kind.IMAPB: 2}
_LENGTHS: Final = range(1, 9)


class Fault(IntFlag):
    """What is wrong with a packet as a whole (bits of `Columns.faults`)."""

    TIME_NOT_FIRST = 1
    CHECKSUM_NOT_LAST = 2
    BROKEN = 4
    """An item claims more bytes than the packet has; what precedes it is read."""
    HIGH_TAG = 8
    """A tag above 191, which no version of the standard defines."""
    REPEATED = 16
    """An item that must be single occurs again; the last one counts."""


@dataclass(frozen=True)
class Columns:
    """Packets as columns, n rows in stream order.

        t_us: (n,) int64, the time stamp as recorded (see the stream's leap-second items for its meaning)
        t_state: (n,) uint8, `State` of the time stamp; t_us is 0 where it is not VALUE
        items: the items decoded, in order
        values: name to (n,) float64 in the item's unit, NaN where the state is not VALUE
        states: name to (n,) uint8, `State`
        present: (n, 3) uint64, bit `tag & 63` of word `tag >> 6` for every tag up to 191 in the packet
        faults: (n,) uint8, `Fault` bits
        repeats: tag to number of repeated single items
        start, length: (n,) int64, where the packet lies in the stream
        checksum: (n,) uint8, `framer.Checksum`

    Columns of items that never occur share one NaN and cost no memory.
    """

    t_us: Ints
    t_state: Codes
    items: tuple[Item, ...]
    values: Mapping[str, Floats]
    states: Mapping[str, Codes]
    present: Words
    faults: Codes
    repeats: Mapping[int, int]
    start: Ints
    length: Ints
    checksum: Codes

    def __len__(self) -> int:
        return len(self.t_us)

    def __getitem__(self, name: str) -> Floats:
        return self.values[name]

    def has(self, tag: int) -> NDArray[np.bool_]:
        """(n,) whether each packet holds the tag (0 to 191), whatever its value."""
        bits: NDArray[np.bool_] = (self.present[:, tag >> 6] >> np.uint64(tag & 63)) & np.uint64(1) != 0
        return bits

    def tags(self) -> dict[int, int]:
        """Every tag that occurs and in how many packets."""
        counts = {tag: int(self.has(tag).sum()) for tag in range(192)}
        return {tag: count for tag, count in counts.items() if count}

    def to_arrow(self) -> Any:
        """A pyarrow Table: `t_us`, `start`, `length`, `checksum`, and one nullable double per item.

        Values are not copied; an item is null where its state is not VALUE.
        """
        import pyarrow as pa

        arrays = {
            "t_us": _nullable(pa, self.t_us, self.t_state),
            "start": pa.array(self.start),
            "length": pa.array(self.length),
            "checksum": pa.array(self.checksum),
        }
        for item in self.items:
            arrays[item.name] = _nullable(pa, self.values[item.name], self.states[item.name])
        return pa.table(arrays)


def _nullable(pa: Any, values: NDArray[Any], states: Codes) -> Any:
    kind = pa.from_numpy_dtype(values.dtype)
    if not states.any():
        return pa.nulls(len(values), kind)
    valid = states == State.VALUE
    bitmap = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [bitmap, pa.py_buffer(np.ascontiguousarray(values))])


def numeric_items(wanted: Iterable[int | str] | None = None) -> tuple[Item, ...]:
    """Items of ST 0601 by tag or column name, once each, in order; default `COMMON_TAGS`.

    Raises:
        Usage: KLV-110, no such item, or one that is no number (text, nested set, raw bytes).
    """
    chosen: dict[int, Item] = {}
    for key in COMMON_TAGS if wanted is None else wanted:
        item = BY_NAME.get(key) if isinstance(key, str) else BY_TAG.get(key)
        if item is None or item.kind not in NUMERIC_KINDS or item.tag == TIME:
            raise Usage("KLV-110", item=key)
        chosen[item.tag] = item
    return tuple(chosen.values())


def _table_of(items: Sequence[Item]) -> "Table":
    """The items' codings as the arrays the kernel reads."""
    from atalaya.klv.kernels import Table

    k = len(items)
    many = np.zeros(256, np.bool_)
    many[[item.tag for item in BY_TAG.values() if item.multiple]] = True
    table = Table(
        slot_of=np.full(256, -1, np.int16),
        many=many,
        coding=np.array([_CODINGS.get(item.kind, 0) for item in items], np.uint8),
        fixed=np.array([item.length for item in items], np.uint8),
        special=np.zeros(k, np.uint8),
        scale=np.ones((k, 9)),
        shift=np.zeros((k, 9)),
        low=np.zeros(k),
    )
    for slot, item in enumerate(items):
        table.slot_of[item.tag] = slot
        if item.kind is Kind.LINEAR_UNSIGNED:
            table.scale[slot, 1:] = [linear.unsigned_scale(item.low, item.high, n) for n in _LENGTHS]
            table.shift[slot, 1:] = item.low
        elif item.kind is Kind.LINEAR_SIGNED:
            table.scale[slot, 1:] = [linear.signed_scale(item.low, item.high, n) for n in _LENGTHS]
            table.special[slot] = item.special
        elif item.kind is Kind.IMAPB:
            factors = [imapb.scale(item.low, item.high, n) for n in _LENGTHS]
            table.scale[slot, 1:] = [1.0 / factor for factor, _ in factors]
            table.shift[slot, 1:] = [zero for _, zero in factors]
            table.low[slot] = item.low
    return table


def decode_columns(packets: PacketTable, items: Iterable[int | str] | None = None) -> Columns:
    """Decode the ST 0601 packets of a table, in order; packets of other families are left out.

    Args:
        packets: what the framer accepted (or `suspects`, to look into packets with a bad checksum).
        items: tags or column names of numeric items; default `COMMON_TAGS`.

    Raises:
        Usage: KLV-110, an item is unknown or no number.
    """
    from atalaya.klv.kernels import Rows, decode

    chosen = numeric_items(items)
    uas = packets if (packets.family == Family.ST0601).all() else packets.of(Family.ST0601)
    n, k = len(uas), len(chosen)
    rows = Rows(
        values=np.empty((k, n)),  # rows of items that never occur are never written: their pages stay virtual
        states=np.zeros((k, n), np.uint8),
        seen=np.zeros(k, np.bool_),
        repeats=np.zeros(256, np.int64),
        t_us=np.zeros(n, np.int64),
        t_state=np.zeros(n, np.uint8),
        present=np.zeros((n, 3), np.uint64),
        faults=np.zeros(n, np.uint8),
    )
    values = (uas.value_start - uas.base, uas.value_length)
    data = uas.buffer.view()
    data.flags.writeable = False  # one kind of array, one compiled kernel
    decode(data, words_of(data), *values, _table_of(chosen), rows)
    nothing = np.broadcast_to(np.array(np.nan), n)
    return Columns(
        t_us=rows.t_us,
        t_state=rows.t_state,
        items=chosen,
        values={
            item.name: rows.values[slot] if rows.seen[slot] else nothing for slot, item in enumerate(chosen)
        },
        states={item.name: rows.states[slot] for slot, item in enumerate(chosen)},
        present=rows.present,
        faults=rows.faults,
        repeats={int(tag): int(rows.repeats[tag]) for tag in np.flatnonzero(rows.repeats)},
        start=uas.start,
        length=uas.length,
        checksum=uas.checksum,
    )


def read_columns(data: Chunk, items: Iterable[int | str] | None = None) -> Columns:
    """Frame and decode the ST 0601 packets of a complete stream held in memory.

    Raises:
        Usage: KLV-110, an item is unknown or no number.
    """
    return decode_columns(frame(data).packets, items)
