"""ST 0903, Video Moving Target Indicator: what an automatic detector on board reported, as given.

The set says its version and frame size once and may stay silent about them afterwards; both are needed to
read the rest, so a stream's `VmtiState` goes along. Objects are shown as the sender gives them; nothing here
follows or identifies them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import ber, series
from atalaya.klv.localset import LocalSet
from atalaya.klv.location import Location
from atalaya.klv.shown import shown
from atalaya.klv.st0903_sets import LEGACY_TARGET, OFFSET_TAGS, TARGET, set_table
from atalaya.klv.table import Layout, Nested, Table

LAST_LEGACY_VERSION: Final = 3
LATEST_VERSION: Final = 6


@dataclass
class VmtiState:
    """What a stream said earlier about its VMTI sets; feed the same one to every packet, in order."""

    version: int | None = None
    frame_width: int | None = None
    frame_height: int | None = None


@dataclass(frozen=True, slots=True)
class TargetPack:
    """One VTarget pack as it stands: identifier and items."""

    target_id: int
    items: LocalSet


@dataclass(frozen=True, slots=True)
class TargetSeries:
    """The packs of item 101; `rest` are bytes at the end that are no whole pack."""

    packs: tuple[TargetPack, ...]
    rest: bytes = b""


@dataclass(frozen=True, slots=True)
class VmtiTarget:
    """One reported object.

    Rows and columns count pixels from 0 at the upper left; `box` is (first row, first column, last row, last
    column), inclusive. Offsets are degrees from the frame centre. None where the pack or the frame width is
    silent. `colour` is (red, green, blue). `items` holds everything, with specials and nested sets.
    """

    target_id: int
    row: int | None
    column: int | None
    box: tuple[int, int, int, int] | None
    confidence_pct: int | None
    priority: int | None
    offset_latitude_deg: float | None
    offset_longitude_deg: float | None
    height_hae_m: float | None
    box_offsets_deg: tuple[float, float, float, float] | None
    """Latitude and longitude offsets of the box's upper left, then of its lower right."""
    location: Location | None
    colour: tuple[int, int, int] | None
    detection_status: int | None
    items: LocalSet

    @property
    def latitude_deg(self) -> float | None:
        """Latitude of item 17 where it is a number."""
        value = self.location.latitude_deg if self.location else None
        return value if isinstance(value, float) else None

    @property
    def longitude_deg(self) -> float | None:
        """Longitude of item 17 where it is a number."""
        value = self.location.longitude_deg if self.location else None
        return value if isinstance(value, float) else None

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Width and height of the box in pixels."""
        if self.box is None:
            return None
        return self.box[3] - self.box[1] + 1, self.box[2] - self.box[0] + 1


@dataclass(frozen=True, slots=True)
class VmtiReport:
    """One VMTI set, read with what the stream said before it.

    `version` and the frame size are those in force; None where neither this set nor the stream ever said.
    """

    items: LocalSet
    version: int | None
    legacy: bool
    frame_width: int | None
    frame_height: int | None
    targets: tuple[VmtiTarget, ...]

    def to_bytes(self, *, keep_raw: bool = True) -> bytes:
        """The set's bytes, as they came or encoded anew (see `LocalSet.to_bytes`)."""
        return self.items.to_bytes(keep_raw=keep_raw)

    def as_json(self) -> dict[str, object]:
        """Ready for JSON: the set's items by name, and the targets with 0-based pixels."""
        out = self.items.as_json() | {"legacy_coding": self.legacy}
        if self.version is not None:
            out["version"] = self.version
        if "targets" in self.items:
            out["targets"] = [_target_json(target) for target in self.targets]
        return out


def _target_json(target: VmtiTarget) -> dict[str, object]:
    out: dict[str, object] = {"target_id": target.target_id}
    resolved = {"row": target.row, "column": target.column, "box": target.box, "size_px": target.size_px}
    out |= {name: shown(value) for name, value in resolved.items() if value is not None}
    return out | target.items.as_json()


def _read_series(table: Table) -> Nested:
    def read(data: bytes) -> TargetSeries:
        packs, position, end = [], 0, len(data)
        while position < end:
            length = ber.read_length(data, position, end)
            if length is None or length[1] + length[0] > end:
                break
            stop = length[1] + length[0]
            number = ber.read_oid(data, length[1], stop)
            if number is None:
                break
            packs.append(TargetPack(number[0], table.read(data[position:stop], number[1] - position)))
            position = stop
        return TargetSeries(tuple(packs), data[position:])

    def write(value: object, _length: int) -> bytes:
        if not isinstance(value, TargetSeries):
            raise BadInput("KLV-003", item="targets", value=value)
        return b"".join(_pack_bytes(pack) for pack in value.packs) + value.rest

    return Nested(read, write)


def _pack_bytes(pack: TargetPack) -> bytes:
    body, before = pack.items.to_bytes(keep_raw=False), pack.items.body
    if len(body) == len(before):
        return pack.items.data[: len(pack.items.data) - len(before)] + body
    return series.join((ber.write_oid(pack.target_id) + body,))


TABLE: Final = set_table("ST 0903", False, _read_series(TARGET))
LEGACY_TABLE: Final = set_table("ST 0903.3", True, _read_series(LEGACY_TARGET))


def read(data: bytes, state: VmtiState | None = None, start: int = 0) -> VmtiReport:
    """The VMTI set in `data[start:]`; `state` is read and brought up to date. Never raises."""
    state = state if state is not None else VmtiState()
    layout = TABLE.layout(data, start)
    state.version = _stated(layout, data, 4) or state.version
    state.frame_width = _stated(layout, data, 8) or state.frame_width
    state.frame_height = _stated(layout, data, 9) or state.frame_height
    legacy = state.version is not None and state.version <= LAST_LEGACY_VERSION
    items = (LEGACY_TABLE if legacy else TABLE).read(data, start)
    if state.version is None and _looks_legacy(items):
        legacy, items = True, LEGACY_TABLE.read(data, start)
    listed = items.get(101)
    packs = listed.packs if isinstance(listed, TargetSeries) else ()
    targets = tuple(_target(pack, state.frame_width) for pack in packs)
    return VmtiReport(items, state.version, legacy, state.frame_width, state.frame_height, targets)


def _stated(layout: Layout, data: bytes, tag: int) -> int:
    """A small integer item, 0 where it is absent, unknown or absurd."""
    place = layout.index.get(tag)
    if place is None:
        return 0
    begin, end = layout.spans[place]
    return int.from_bytes(data[begin:end], "big") if end - begin <= 4 else 0


def _integer(items: LocalSet, key: int) -> int | None:
    value = items.get(key)
    return value if isinstance(value, int) else None


def _looks_legacy(items: LocalSet) -> bool:
    """Whether a set of unknown version has offsets of a length other than the current coding's 3 bytes."""
    listed = items.get(101)
    packs = listed.packs if isinstance(listed, TargetSeries) else ()
    lengths = (len(pack.items.raw(tag) or b"123") for pack in packs for tag in OFFSET_TAGS)
    return any(length != 3 for length in lengths)


def _target(pack: TargetPack, width: int | None) -> VmtiTarget:
    items = pack.items
    row, column = _centroid(items, width)
    first, last = _pixel(items, 2, width), _pixel(items, 3, width)
    offsets = tuple(items.number(tag) for tag in (13, 14, 15, 16))
    colour, location = items.get(8), items.get(17)
    return VmtiTarget(
        pack.target_id,
        row,
        column,
        (*first, *last) if first and last else None,
        _integer(items, 5),
        _integer(items, 4),
        items.number(10),
        items.number(11),
        items.number(12),
        offsets if None not in offsets else None,  # type: ignore[arg-type]
        location if isinstance(location, Location) else None,
        (colour[0], colour[1], colour[2]) if isinstance(colour, bytes) and len(colour) == 3 else None,
        _integer(items, 23),
        items,
    )


def _centroid(items: LocalSet, width: int | None) -> tuple[int | None, int | None]:
    """Row and column from items 19 and 20, else from the pixel number of item 1."""
    row, column = _integer(items, 19), _integer(items, 20)
    if row and column:
        return row - 1, column - 1
    return _pixel(items, 1, width) or (None, None)


def _pixel(items: LocalSet, tag: int, width: int | None) -> tuple[int, int] | None:
    number = _integer(items, tag)
    return divmod(number - 1, width) if number and width else None


def build(
    values: Mapping[int | str, object],
    targets: Iterable[tuple[int, Mapping[int | str, object]]] = (),
    *,
    version: int = LATEST_VERSION,
) -> bytes:
    """A VMTI set: time first, then version, items and target packs; no checksum (as tag 74 wants it).

    Args:
        values: items of the set by tag or name, without version, counts and targets.
        targets: (identifier, items by tag or name) of each object; see `pixel_number`.
        version: of ST 0903; up to 3 the legacy integer coding is written.

    Raises:
        BadInput: KLV-002, KLV-003 or KLV-004 for an item.
    """
    legacy = version <= LAST_LEGACY_VERSION
    table, target_table = (LEGACY_TABLE, LEGACY_TARGET) if legacy else (TABLE, TARGET)
    packs = [ber.write_oid(number) + target_table.build(items.items()) for number, items in targets]
    by_tag: dict[int, object] = {table.item(key).tag: value for key, value in values.items()}
    by_tag |= {4: version, 6: len(packs)}
    if packs:
        by_tag[101] = series.join(packs)
    order = sorted(by_tag, key=lambda tag: (tag != 2, tag))
    return table.build((tag, by_tag[tag]) for tag in order)


def pixel_number(row: int, column: int, frame_width: int) -> int:
    """The 1-based, row-major pixel number of a 0-based row and column."""
    return row * frame_width + column + 1
