"""One KLV packet: bytes to items and back, the same bytes for whatever a conformant sender wrote."""

from collections.abc import Iterable, Mapping
from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import ber, checksum, eg0104, nested, st0102, st0601, st0806, st0903, st1002, st1204, st1206
from atalaya.klv.keys import KEY_LENGTH, LABELS, Family, family_of
from atalaya.klv.localset import LocalSet
from atalaya.klv.shown import shown
from atalaya.klv.st0903 import VmtiReport, VmtiState
from atalaya.klv.table import Table
from atalaya.klv.values import Malformed

TABLES: Final[dict[Family, Table]] = {
    Family.ST0601: nested.TABLE,
    Family.ST0903: st0903.TABLE,
    Family.EG0104: eg0104.TABLE,
    Family.ST0102_LOCAL: st0102.TABLE,
    Family.ST0102_UNIVERSAL: st0102.UNIVERSAL_TABLE,
    Family.RVT: st0806.TABLE,
    Family.RANGE_IMAGE: st1002.TABLE,
    Family.SAR: st1206.TABLE,
}
"""Item table of each family that is a set."""

_BARE: Final = Table("bare value", ())
_TIME_TAGS: Final = {
    Family.ST0601: 2,
    Family.ST0903: 2,
    Family.EG0104: 2,
    Family.RVT: 2,
    Family.RANGE_IMAGE: 1,
}
_CHECKSUM_BYTES: Final = {Family.ST0601: 2, Family.ST0903: 2, Family.RVT: 4}
"""Families whose item 1 is a checksum that ends the packet."""


class Packet:
    """One packet, read. Values are those of `LocalSet`; nothing of the bytes is lost.

    Attributes:
        family: the standard its label names.
        data: the whole packet as it came, label first.
        items: its items, in order; empty for a family that is no set.
        checksum_ok: whether the stored checksum is right; None where the packet has none.
        value: what a family that is no set says (a core identifier); else None.
    """

    __slots__ = ("checksum_ok", "data", "family", "items", "value", "vmti")

    def __init__(
        self,
        family: Family,
        data: bytes,
        items: LocalSet,
        checksum_ok: bool | None,
        vmti: VmtiReport | None = None,
        value: object = None,
    ) -> None:
        self.family = family
        self.data = data
        self.items = items
        self.checksum_ok = checksum_ok
        self.vmti = vmti
        self.value = value

    def __contains__(self, key: int | str) -> bool:
        return key in self.items

    def __getitem__(self, key: int | str) -> object:
        """Value of a tag or name; KeyError where it is absent."""
        return self.items[key]

    def __repr__(self) -> str:
        return f"Packet({self.family.name}, {len(self.data)} bytes, {len(self.items)} items)"

    def get(self, key: int | str, default: object = None) -> object:
        """Value of a tag or name; `default` where it is absent."""
        return self.items.get(key, default)

    def number(self, key: int | str) -> float | None:
        """Value of a tag or name where it is a number."""
        return self.items.number(key)

    @property
    def time_us(self) -> int | None:
        """The time stamp's count as written (see `conformance` for what it counts), None without one."""
        tag = _TIME_TAGS.get(self.family)
        value = None if tag is None else self.items.get(tag)
        return value if isinstance(value, int) else None

    @property
    def security(self) -> LocalSet | None:
        """The ST 0102 set in force in this packet."""
        if self.family in (Family.ST0102_LOCAL, Family.ST0102_UNIVERSAL):
            return self.items
        value = self.items.get("security")
        return value if isinstance(value, LocalSet) else None

    @property
    def malformed(self) -> list[tuple[str, Malformed]]:
        """Names and bytes of the items that could not be read; `set.item` for one inside a nested set."""
        return self.items.malformed()

    def as_json(self) -> dict[str, object]:
        """Ready for JSON: family, checksum verdict, and values by item name."""
        out: dict[str, object] = {"family": self.family.name.lower(), "checksum_ok": self.checksum_ok}
        body = self.vmti.as_json() if self.family is Family.ST0903 and self.vmti else self.items.as_json()
        if self.value is not None:
            body = {"value": shown(self.value)}
        if self.items.rest:
            body["unreadable"] = {"raw": self.items.rest.hex()}
        return out | {"items": body}


def value_start(data: bytes) -> int | None:
    """Where the value of a packet begins; None where label and length are cut off or do not fit the size."""
    length = ber.read_length(data, KEY_LENGTH, len(data))
    if length is None or length[1] + length[0] != len(data):
        return None
    return length[1]


def decode_packet(data: bytes, *, vmti: VmtiState | None = None) -> Packet:
    """Read one whole packet, label first.

    An item that cannot be read becomes `Malformed` and costs nothing else. `vmti` carries what a stream's
    VMTI sets said earlier; pass the same one for every packet of a stream, in order.

    Raises:
        BadInput: KLV-001, the bytes are no label, length and value of exactly that length.
    """
    start = value_start(data)
    if start is None:
        raise BadInput("KLV-001", size=len(data))
    family = family_of(data[:KEY_LENGTH])
    if family is Family.ST0903:
        report = st0903.read(data, vmti, start)
        return Packet(family, data, report.items, _checksum_ok(family, data, report.items), report)
    table = TABLES.get(family)
    if table is None:
        return _bare(family, data, start)
    items = table.read(data, start)
    report_in: VmtiReport | None = None
    for place in items.layout.late:
        begin, end = items.layout.spans[place]
        report_in = st0903.read(data[begin:end], vmti)
        items.values[place] = report_in
    return Packet(family, data, items, _checksum_ok(family, data, items), report_in)


def _bare(family: Family, data: bytes, start: int) -> Packet:
    value: object = data[start:]
    if family is Family.MIIS:
        try:
            value = st1204.read(data[start:])
        except BadInput:
            value = Malformed(data[start:], "nested")
    return Packet(family, data, _BARE.read(data, len(data)), None, value=value)


def _checksum_ok(family: Family, data: bytes, items: LocalSet) -> bool | None:
    """Compare a checksum that is the last item with the one computed; None where there is none to compare."""
    tags = items.layout.tags
    if family is Family.RVT:
        if not tags or tags[-1] != 1 or len(data) < 4:
            return None
        return checksum.crc32_mpeg2(data[:-4]) == int.from_bytes(data[-4:], "big")
    if family not in (Family.ST0601, Family.ST0903) or not tags or tags[-1] != st0601.CHECKSUM:
        return None
    begin, end = items.layout.spans[-1]
    if end - begin != 2 or end != len(data):
        return None
    return checksum.running_sum(data[:-2]) == data[-2] << 8 | data[-1]


def encode_packet(packet: Packet, *, keep_raw: bool = True) -> bytes:
    """The bytes of a packet: exactly as they came, or with every item encoded anew from its value."""
    if keep_raw or packet.value is not None:
        return packet.data
    body, before = packet.items.to_bytes(keep_raw=False), packet.items.body
    if packet.vmti is not None and packet.family is Family.ST0903:
        body = packet.vmti.to_bytes(keep_raw=False)
    if len(body) == len(before):
        return packet.data[: len(packet.data) - len(before)] + body
    return packet.data[:KEY_LENGTH] + ber.write_length(len(body)) + body


def encode_set(family: Family, values: Mapping[int | str, object]) -> bytes:
    """A packet of any family that is a set: time first, items as ordered, checksum last if it has one.

    A list or tuple under an item that may repeat is written as that many items.

    Raises:
        BadInput: KLV-002 outside an item's range, KLV-003 wrong type, KLV-004 unknown name.
    """
    table = TABLES[family]
    by_tag = {table.item(key).tag: value for key, value in values.items()}
    if family in _CHECKSUM_BYTES:
        by_tag.pop(st0601.CHECKSUM, None)
    time = _TIME_TAGS.get(family)
    ordered = sorted(by_tag.items(), key=lambda pair: pair[0] != time)
    body = table.build(_repeated(table, ordered))
    return _sealed(family, body)


def encode_st0601(values: Mapping[int | str, object], *, version: int = st0601.LATEST_VERSION) -> bytes:
    """An ST 0601 packet from values by name or tag: time first, then ascending tags, checksum last.

    The version item is added unless given. Values are numbers, text, `UNKNOWN`, a `State` the item has a code
    for, nested sets and packs, or bytes for nested items and raw ones. Items 60 to 62 and 140 are refused:
    this software writes for unarmed aircraft. Where order matters (item 102 speaks of the items right before
    it), use `encode_set`.

    Raises:
        BadInput: KLV-002 outside an item's range, KLV-003 wrong type, KLV-004 unknown name, KLV-007 a store.
    """
    by_tag = {nested.TABLE.item(key).tag: value for key, value in values.items()}
    refused = sorted(set(by_tag) & {*st0601.STORES_TAGS, 62})
    if refused:
        raise BadInput("KLV-007", tag=refused[0])
    by_tag.setdefault(st0601.VERSION, version)
    return encode_set(Family.ST0601, {tag: by_tag[tag] for tag in sorted(by_tag)})


def _repeated(table: Table, pairs: Iterable[tuple[int, object]]) -> Iterable[tuple[int, object]]:
    for tag, value in pairs:
        item = table.by_tag.get(tag)
        if item is not None and item.multiple and isinstance(value, (list, tuple)):
            yield from ((tag, one) for one in value)
        else:
            yield tag, value


def _sealed(family: Family, body: bytes) -> bytes:
    """A body behind its label and length, and with the checksum the family has."""
    size = _CHECKSUM_BYTES.get(family, 0)
    if size:
        body += bytes((st0601.CHECKSUM, size)) + bytes(size)
    packet = LABELS[family] + ber.write_length(len(body)) + body
    if not size:
        return packet
    compute = checksum.crc32_mpeg2 if family is Family.RVT else checksum.running_sum
    return packet[:-size] + compute(packet[:-size]).to_bytes(size, "big")
