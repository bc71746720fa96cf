"""Local and universal sets: bytes split into items by a table, read fast where the layout was seen before.

Streams repeat the same sequence of tags and lengths packet after packet. A `Layout` remembers one such
sequence: whether it fits another packet is one masked comparison, and all its values come from one `struct`
call.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import ber, codec
from atalaya.klv.item import Item, Kind
from atalaya.klv.keys import KEY_LENGTH, PREFIX, masked
from atalaya.klv.localset import LocalSet
from atalaya.klv.values import Malformed, Reason

__all__ = ["Layout", "LocalSet", "Nested", "Table"]

_MAX_LAYOUTS: Final = 512
_MAX_CACHED_SIZE: Final = 4096
_UNKNOWN_TAG: Final = Item(0, "", "Unknown item", Kind.BYTES)


@dataclass(frozen=True, slots=True)
class Nested:
    """How a nested set or pack is read and written.

    `read` raises BadInput where it cannot; `write` gets the length the bytes had before (0: new), for codings
    that leave it free.
    """

    read: Callable[[bytes], object]
    write: Callable[[object, int], bytes]
    late: bool = False
    """Whether reading needs state of the stream: the bytes are left for the caller of the table."""


class Layout:
    """One sequence of tags and lengths, and the compiled way to all its values."""

    __slots__ = (
        "heads",
        "index",
        "items",
        "late",
        "mask",
        "pattern",
        "readers",
        "rest",
        "spans",
        "tags",
        "unpack",
    )

    def __init__(self, table: "Table", data: bytes, start: int) -> None:
        tags, spans, rest = table.split(data, start)
        self.tags = tags
        self.spans = spans
        self.rest = rest
        self.items = tuple(table.by_tag.get(tag) for tag in tags)
        self.index: dict[int | str, int] = {}
        for place, (tag, item) in enumerate(zip(tags, self.items, strict=True)):
            self.index.setdefault(tag, place)
            if item:
                self.index.setdefault(item.name, place)
        self.heads = self._heads(data, start)
        self._compile(table, len(data), start)

    def _heads(self, data: bytes, start: int) -> tuple[bytes, ...]:
        heads, position = [], start
        for begin, end in self.spans:
            heads.append(data[position:begin])
            position = end
        return tuple(heads)

    def _compile(self, table: "Table", size: int, start: int) -> None:
        mask, pattern = bytearray(size), bytearray(size)
        form, readers, late, position = [">"], [], [], start
        if start:
            form.append(f"{start}x")
        for place, (item, (begin, end)) in enumerate(zip(self.items, self.spans, strict=True)):
            mask[position:begin] = b"\xff" * (begin - position)
            pattern[position:begin] = self.heads[place]
            code, read, is_late = table.reader(item or _UNKNOWN_TAG, end - begin)
            form.append(f"{begin - position}x{code}")
            readers.append(read)
            if is_late:
                late.append(place)
            position = end
        form.append(f"{size - position}x")
        self.unpack = struct.Struct("".join(form)).unpack
        self.readers = tuple(readers)
        self.late = tuple(late)
        self.mask = int.from_bytes(mask, "big")
        self.pattern = int.from_bytes(pattern, "big")

    def values(self, data: bytes) -> list[object]:
        """Every value of `data`, which must have this layout."""
        return [read(raw) for read, raw in zip(self.readers, self.unpack(data), strict=True)]


class Table:
    """The items of one set, ready to read and write.

    Args:
        name: of the set, for people ("ST 0601").
        items: its rows.
        nested: codecs of the nested sets and packs its items name.
        labels: for a universal set, the 16-byte label of each item's tag; items are then keyed by labels.
    """

    def __init__(
        self,
        name: str,
        items: Iterable[Item],
        nested: Mapping[str, Nested] | None = None,
        labels: Mapping[int, bytes] | None = None,
    ) -> None:
        self.name = name
        self.items = tuple(items)
        self.by_tag = {item.tag: item for item in self.items}
        self.by_name = {item.name: item for item in self.items}
        self.nested = dict(nested or {})
        self.labels = dict(labels or {})
        self._tag_of_label = {masked(label): tag for tag, label in self.labels.items()}
        self._layouts: dict[tuple[int, int], list[Layout]] = {}
        self._layout_count = 0

    def read(self, data: bytes, start: int = 0) -> LocalSet:
        """The set in `data[start:]`. Never raises: a bad item is Malformed, an unreadable end is `rest`."""
        layout = self.layout(data, start)
        return LocalSet(self, data, layout, layout.values(data))

    def layout(self, data: bytes, start: int) -> Layout:
        """The layout of `data[start:]`, remembered from an earlier packet where one fits."""
        size = len(data)
        if size > _MAX_CACHED_SIZE:
            return Layout(self, data, start)
        known = self._layouts.get((size, start))
        if known:
            number = int.from_bytes(data, "big")
            for layout in known:
                if number & layout.mask == layout.pattern:
                    return layout
        layout = Layout(self, data, start)
        if layout.rest == size:
            self._remember(layout, size, start)
        return layout

    def _remember(self, layout: Layout, size: int, start: int) -> None:
        if self._layout_count >= _MAX_LAYOUTS:
            self._layouts.clear()
            self._layout_count = 0
        self._layouts.setdefault((size, start), []).append(layout)
        self._layout_count += 1

    def split(self, data: bytes, start: int) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...], int]:
        """Tags, value spans, and where the readable part ends (len(data) when all of it is readable).

        In a universal set an unknown label has a negative tag made from its position.
        """
        read_tag = self._read_label if self.labels else ber.read_oid
        tags: list[int] = []
        spans: list[tuple[int, int]] = []
        position, end = start, len(data)
        while position < end:
            tag = read_tag(data, position, end)
            length = ber.read_length(data, tag[1], end) if tag else None
            if tag is None or length is None or length[1] + length[0] > end:
                break
            begin = length[1]
            position = begin + length[0]
            tags.append(tag[0])
            spans.append((begin, position))
        return tuple(tags), tuple(spans), position

    def _read_label(self, data: bytes, position: int, end: int) -> tuple[int, int] | None:
        after = position + KEY_LENGTH
        label = data[position:after]
        if after > end or not label.startswith(PREFIX):
            return None
        return self._tag_of_label.get(masked(label), -1 - position), after

    def reader(self, item: Item, length: int) -> tuple[str, codec.Reader, bool]:
        """`struct` format, reader, and whether the value needs state of the stream."""
        form, read = codec.reader(item, length)
        if item.kind is not Kind.NESTED or length == 0:
            return form, read, False
        nested = self.nested.get(item.nested)
        if nested is None:
            return form, read, False
        if nested.late:
            return form, read, True
        return form, _guarded(nested.read), False

    def encode(self, item: Item, value: object, length: int = 0) -> bytes:
        """The bytes of one value.

        Raises:
            BadInput: KLV-002 outside the range, KLV-003 of the wrong type.
        """
        if item.kind is Kind.NESTED and not isinstance(value, (bytes, Malformed)):
            nested = self.nested.get(item.nested)
            if isinstance(value, LocalSet):
                return value.to_bytes(keep_raw=False)
            if nested is not None and codec.is_plain(value):
                return nested.write(value, length)
        return codec.encode_value(item, value, length)

    def build(self, values: Iterable[tuple[int | str, object]]) -> bytes:
        """A set from (tag or name, value) pairs, in the order given, with shortest lengths.

        Raises:
            BadInput: KLV-004 unknown name, KLV-002 or KLV-003 for a value.
        """
        out = bytearray()
        for key, value in values:
            item = self.item(key)
            body = self.encode(item, value)
            out += self.head(item.tag) + ber.write_length(len(body)) + body
        return bytes(out)

    def item(self, key: int | str) -> Item:
        """The row of a tag or name; an unknown tag gives a row of raw bytes.

        Raises:
            BadInput: KLV-004, no item has that name.
        """
        if isinstance(key, int):
            return self.by_tag.get(key) or Item(key, f"tag_{key}", "Unknown item", Kind.BYTES)
        found = self.by_name.get(key)
        if found is None:
            raise BadInput("KLV-004", name=key, set=self.name)
        return found

    def head(self, tag: int) -> bytes:
        """The tag or label bytes of an item."""
        return self.labels[tag] if self.labels else ber.write_oid(tag)


def _guarded(read: Callable[[bytes], object]) -> codec.Reader:
    def guarded(raw: bytes) -> object:
        try:
            return read(raw)
        except BadInput:
            return Malformed(raw, Reason.NESTED)

    return guarded
