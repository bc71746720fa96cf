"""ST 0601 packets of whole arrays at once: the same bytes as `encode_st0601` writes row by row.

Rows that have the same items have the same layout: one template is filled column by column. A value that is
NaN leaves its item out of that row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.klv import ber, imapb, linear, nested, st0601
from atalaya.klv.codec import encode_value
from atalaya.klv.item import Item, Kind
from atalaya.klv.keys import LABELS, Family

Bytes = NDArray[np.uint8]
Codes = NDArray[np.uint64]

MOST_COLUMNS: Final = 62
"""Items that may be absent from single rows."""


@dataclass(frozen=True, eq=False)
class Packets:
    """n packets end to end.

    data: (m,) uint8, all bytes. starts: (n + 1,) int64, where each begins, and the end.
    """

    data: Bytes
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> bytes:
        """One packet."""
        return self.data[self.starts[row] : self.starts[row + 1]].tobytes()


@dataclass(frozen=True, eq=False)
class _Column:
    """One item: its codes, and where it is there (None: everywhere)."""

    tag: int
    length: int
    codes: Codes
    there: NDArray[np.bool_] | None


def encode_st0601_columns(
    columns: Mapping[int | str, object], rows: int, *, version: int = st0601.LATEST_VERSION
) -> Packets:
    """Packets from columns by name or tag: time first, then ascending tags, checksum last.

    Args:
        columns: an (rows,) array of numbers for an item of fixed coding (linear maps, IMAPB, time, integers
            of
            fixed length), where NaN leaves the item out; anything else stands for every row, as in
            `encode_st0601`.
        rows: how many packets.

    Raises:
        BadInput: KLV-002 outside an item's range, KLV-003 wrong type or length, KLV-004 unknown name,
            KLV-007 a store.
    """
    by_tag = {nested.TABLE.item(key).tag: value for key, value in columns.items()}
    refused = sorted(set(by_tag) & {*st0601.STORES_TAGS, 62})
    if refused:
        raise BadInput("KLV-007", tag=refused[0])
    by_tag.setdefault(st0601.VERSION, version)
    by_tag.pop(st0601.CHECKSUM, None)
    order = sorted(by_tag, key=lambda tag: (tag != st0601.TIME, tag))
    parts: list[_Column | bytes] = [_part(nested.TABLE.by_tag[tag], by_tag[tag], rows) for tag in order]
    return _assembled(parts, rows)


def interleaved(parts: Sequence[tuple[NDArray[np.intp], Packets]]) -> Packets:
    """Packets of several sets of rows, which together are all rows once, in the order of the rows."""
    if len(parts) == 1:
        return parts[0][1]
    rows = sum(len(some) for some, _ in parts)
    length = np.zeros(rows, np.int64)
    for some, packets in parts:
        length[some] = np.diff(packets.starts)
    starts = np.concatenate(([0], np.cumsum(length)))
    data = np.empty(int(starts[-1]), np.uint8)
    for some, packets in parts:
        data[np.repeat(starts[some] - packets.starts[:-1], length[some]) + np.arange(len(packets.data))] = (
            packets.data
        )
    return Packets(data, starts)


def _part(item: Item, value: object, rows: int) -> "_Column | bytes":
    if not isinstance(value, np.ndarray):
        data = encode_value(item, value)
        return ber.write_oid(item.tag) + ber.write_length(len(data)) + data
    if value.shape != (rows,):
        raise BadInput("KLV-003", item=item.name, value=f"{value.shape} / {rows}")
    there = None
    if value.dtype.kind == "f" and np.isnan(value).any():
        there = ~np.isnan(value)
        value = np.where(there, value, item.low)
    length = item.length or min(4 if item.high - item.low > 1e5 else 3, item.max_length or 8)
    return _Column(item.tag, length, _codes(item, value, length), there)


def _codes(item: Item, value: NDArray[Any], length: int) -> Codes:
    match item.kind:
        case Kind.LINEAR_UNSIGNED:
            _within(item, value, item.low, item.high)
            scale = linear.unsigned_scale(item.low, item.high, length)
            return np.rint((value - item.low) / scale).astype(np.uint64)
        case Kind.LINEAR_SIGNED:
            _within(item, value, item.low, item.high)
            largest = (1 << 8 * length - 1) - 1
            code = np.rint(value / linear.signed_scale(item.low, item.high, length))
            return np.clip(code, -largest, largest).astype(np.int64).view(np.uint64)
        case Kind.IMAPB:
            return _imapb(item, np.asarray(value, np.float64), length)
        case Kind.UINT | Kind.TIME if item.length and value.dtype.kind in "iu":
            _within(item, value, 0, (1 << 8 * length) - 1)
            return value.astype(np.uint64)
    raise BadInput("KLV-003", item=item.name, value=f"{value.dtype} array")


def _imapb(item: Item, value: NDArray[np.float64], length: int) -> Codes:
    """As `imapb.encode`, the same operations in the same order."""
    factor, zero = imapb.scale(item.low, item.high, length)
    step = 1.0 / factor
    slack = max(step, 2 * float(np.spacing(item.high - item.low)))
    _within(item, value, item.low - slack, item.high + slack)
    code = np.maximum(0.0, np.trunc(factor * (value - item.low) + zero))
    low, high = (code - zero) * step + item.low, (code + 1.0 - zero) * step + item.low
    code += (low < value) & (value == high)
    return np.minimum(code, float(1 << 8 * length - 1)).astype(np.uint64)


def _within(item: Item, value: NDArray[Any], low: float, high: float) -> None:
    bad = ~((value >= low) & (value <= high))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise BadInput(
            "KLV-002", where=f"row {row}", item=item.name, value=value[row].item(), low=low, high=high
        )


def _assembled(parts: "list[_Column | bytes]", rows: int) -> Packets:
    partial = [part for part in parts if isinstance(part, _Column) and part.there is not None]
    if len(partial) > MOST_COLUMNS:
        raise BadInput("KLV-003", item="NaN", value=f"{len(partial)} columns")
    if not partial:
        whole = _filled(parts, np.arange(rows), frozenset())
        return Packets(whole.reshape(-1), np.arange(rows + 1, dtype=np.int64) * whole.shape[1])
    pattern = np.zeros(rows, np.uint64)
    for place, column in enumerate(partial):
        pattern |= (~_there(column)).astype(np.uint64) << np.uint64(place)
    groups = []
    for kind in np.unique(pattern).tolist():
        some = np.flatnonzero(pattern == kind)
        absent = frozenset(column.tag for place, column in enumerate(partial) if kind >> place & 1)
        block = _filled(parts, some, absent)
        ends = np.arange(len(some) + 1, dtype=np.int64) * block.shape[1]
        groups.append((some, Packets(block.reshape(-1), ends)))
    return interleaved(groups)


def _there(column: _Column) -> NDArray[np.bool_]:
    return np.ones(len(column.codes), np.bool_) if column.there is None else column.there


def _filled(parts: "list[_Column | bytes]", rows: NDArray[np.intp], absent: frozenset[int]) -> Bytes:
    """(len(rows), size) packets of the rows that lack just these items."""
    body, places = bytearray(), []
    for part in parts:
        if isinstance(part, bytes):
            body += part
        elif part.tag not in absent:
            body += ber.write_oid(part.tag) + ber.write_length(part.length)
            places.append((len(body), part))
            body += bytes(part.length)
    body += bytes((st0601.CHECKSUM, 2, 0, 0))
    head = LABELS[Family.ST0601] + ber.write_length(len(body))
    packets = np.tile(np.frombuffer(head + bytes(body), np.uint8), (len(rows), 1))
    for place, column in places:
        codes = column.codes if len(rows) == len(column.codes) else column.codes[rows]
        wide = codes.astype(">u8").view(np.uint8).reshape(len(rows), 8)
        begin = len(head) + place
        packets[:, begin : begin + column.length] = wide[:, 8 - column.length :]
    summed = packets[:, :-2]
    total = 256 * summed[:, 0::2].sum(axis=1, dtype=np.uint32) + summed[:, 1::2].sum(axis=1, dtype=np.uint32)
    packets[:, -2], packets[:, -1] = (total >> 8) & 255, total & 255
    return packets
