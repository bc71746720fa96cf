"""A set that was read: its items by tag or name, in order, and back to bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atalaya.base.errors import BadInput
from atalaya.klv import ber
from atalaya.klv.item import Item
from atalaya.klv.shown import shown
from atalaya.klv.values import Malformed

if TYPE_CHECKING:  # the table makes sets, a set only looks up its table
    from atalaya.klv.table import Layout, Table


@dataclass(frozen=True, slots=True)
class Field:
    """One item of one set: its row (None for an unknown tag), value, bytes, and tag and length as written."""

    tag: int
    item: Item | None
    value: object
    raw: bytes
    head: bytes

    @property
    def name(self) -> str:
        """Name in the table; `tag_<n>` for an unknown tag."""
        return self.item.name if self.item else f"tag_{self.tag}"


class LocalSet:
    """The items of one set, in the order they came; nothing of the bytes is lost."""

    __slots__ = ("data", "layout", "table", "values")

    def __init__(self, table: "Table", data: bytes, layout: "Layout", values: list[object]) -> None:
        self.table = table
        self.data = data
        self.layout = layout
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, key: int | str) -> bool:
        return key in self.layout.index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocalSet) and self.table is other.table and self.body == other.body

    def __hash__(self) -> int:
        return hash(self.body)

    def __repr__(self) -> str:
        return f"LocalSet({self.table.name}, {dict(zip(self.names, self.values, strict=True))})"

    def __getitem__(self, key: int | str) -> object:
        """Value of a tag or name, the first where it is repeated; KeyError where it is absent."""
        return self.values[self.layout.index[key]]

    def get(self, key: int | str, default: object = None) -> object:
        """Value of a tag or name, the first where it is repeated; `default` where it is absent."""
        place = self.layout.index.get(key)
        return default if place is None else self.values[place]

    def number(self, key: int | str) -> float | None:
        """Value of a tag or name where it is a number, else None (absent, unknown, special, malformed)."""
        value = self.get(key)
        return value if isinstance(value, (int, float)) else None

    def text(self, key: int | str) -> str | None:
        """Value of a tag or name where it is text, else None."""
        value = self.get(key)
        return value if isinstance(value, str) else None

    def all(self, key: int | str) -> list[object]:
        """Every value of a tag or name."""
        tag = self.table.item(key).tag
        return [value for seen, value in zip(self.layout.tags, self.values, strict=True) if seen == tag]

    @property
    def tags(self) -> tuple[int, ...]:
        """Tags in the order they came."""
        return self.layout.tags

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the order they came; `tag_<n>` for an unknown tag."""
        pairs = zip(self.layout.items, self.layout.tags, strict=True)
        return tuple(item.name if item else f"tag_{tag}" for item, tag in pairs)

    @property
    def rest(self) -> bytes:
        """Bytes at the end that are no whole item; empty in a sound set."""
        return self.data[self.layout.rest :]

    @property
    def body(self) -> bytes:
        """The items' bytes, without the set's own label and length."""
        spans, heads = self.layout.spans, self.layout.heads
        start = spans[0][0] - len(heads[0]) if spans else self.layout.rest
        return self.data[start:]

    def raw(self, key: int | str) -> bytes | None:
        """Bytes of a tag or name, the first where it is repeated; None where it is absent."""
        place = self.layout.index.get(key)
        if place is None:
            return None
        begin, end = self.layout.spans[place]
        return self.data[begin:end]

    def malformed(self) -> list[tuple[str, Malformed]]:
        """Names and bytes of the items that could not be read; `set.item` for one inside a nested set."""
        found: list[tuple[str, Malformed]] = []
        for name, value in zip(self.names, self.values, strict=True):
            if isinstance(value, Malformed):
                found.append((name, value))
                continue
            for part in value if isinstance(value, tuple) else (value,):
                inside = part if isinstance(part, LocalSet) else getattr(part, "items", None)
                if isinstance(inside, LocalSet):
                    found += [(f"{name}.{deeper}", bad) for deeper, bad in inside.malformed()]
        return found

    def fields(self) -> Iterator[Field]:
        """Every item, in order, with value, bytes and head."""
        layout = self.layout
        for place, (begin, end) in enumerate(layout.spans):
            raw = self.data[begin:end]
            yield Field(layout.tags[place], layout.items[place], self.values[place], raw, layout.heads[place])

    def to_bytes(self, *, keep_raw: bool = True) -> bytes:
        """The set's bytes: as they came, or with every item encoded anew from its value.

        Tag and length forms and the lengths the standard leaves free are kept either way. A value that could
        be read but must not be written (a code outside the item's range) keeps its bytes.
        """
        if keep_raw:
            return self.body
        out = bytearray()
        for field in self.fields():
            if field.item is None:
                out += field.head + field.raw
                continue
            try:
                body = self.table.encode(field.item, field.value, len(field.raw))
            except BadInput:
                body = field.raw
            same = len(body) == len(field.raw)
            out += (field.head if same else self.table.head(field.tag) + ber.write_length(len(body))) + body
        return bytes(out) + self.rest

    def as_json(self) -> dict[str, object]:
        """Values by item name, ready for JSON; repeated items as lists."""
        out: dict[str, object] = {}
        for field in self.fields():
            value = shown(field.value, field.item)
            if field.name in out:
                held = out[field.name]
                out[field.name] = [*held, value] if isinstance(held, list) else [held, value]
            else:
                out[field.name] = [value] if field.item and field.item.multiple else value
        return out
