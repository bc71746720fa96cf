"""A register: rows with four clocks, asked with two instants, "in force at T, as known at K".

Every version is immutable; adding rows gives a new one. Nothing is changed or deleted: a correction closes
the record interval of the row it takes the place of and adds a row. Snodgrass, Developing Time-Oriented
Database Applications in SQL (1999), ch. 8-10, calls the two axes valid and transaction time.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.law.records.record import KINDS, Record
from atalaya.law.records.stated import ALWAYS_US, NEVER_US, InForce, in_force

Longs = NDArray[np.int64]


class Standing(NamedTuple):
    """A row that holds at the instant asked, and how surely: `YES` or `INDETERMINATE`."""

    record: Record
    status: InForce


class Of(NamedTuple):
    """Rows of a kind whose body names something: `Of("designation", "organisation", "organisation/x")`.

    A field inside a part of the body is written with a dot: `Of("designation", "listed.source", "ofac-sdn")`.
    """

    kind: str
    field: str
    value: str


Wanted = str | Of | Callable[[Record], bool]
"""What a query asks for: a kind, an id ("designation/x"), an `Of`, or a test of rows."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A row to be added: `record` without row number and record time, and the row it takes the place of.

    replaces: number of the row to close; 0 for none.
    """

    record: Record
    replaces: int = 0


class _Timeline(NamedTuple):
    """Which rows stood from each instant on: `standing[i]` holds from `instants[i]` to the next."""

    instants: list[int]
    standing: list[tuple[Record, ...]]


class _Columns(NamedTuple):
    """The clocks of all rows of a kind; each array (n,) int64, microseconds UTC."""

    rows: tuple[Record, ...]
    recorded: Longs
    superseded: Longs
    from_earliest: Longs
    to_latest: Longs


class Register:
    """Rows in memory, indexed by id, kind and body field; the indexes are made when first asked for.

    rows: in the order of their recording. last_recorded_us: when the newest row was recorded or closed,
    `ALWAYS_US` for an empty register.
    """

    def __init__(self, rows: Iterable[Record] = ()) -> None:
        """Take rows as stored; their order does not matter."""
        self.rows: tuple[Record, ...] = tuple(sorted(rows, key=attrgetter("recorded_us", "row")))
        closed = (row.superseded_us for row in self.rows if row.superseded_us is not None)
        recorded = self.rows[-1].recorded_us if self.rows else ALWAYS_US
        self.last_recorded_us: int = max(recorded, max(closed, default=ALWAYS_US))
        self._by_id: dict[str, list[Record]] | None = None
        self._by_kind: dict[str, list[Record]] | None = None
        self._by_field: dict[tuple[str, str], dict[str, list[Record]]] = {}
        self._timelines: dict[str | Of, _Timeline] = {}
        self._columns: dict[str, _Columns] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def history(self, record_id: str) -> tuple[Record, ...]:
        """Every row of one id, corrected ones too, in the order they were recorded."""
        return tuple(self._ids().get(record_id, ()))

    def of_kind(self, kind: str) -> tuple[Record, ...]:
        """Every row of a kind, in the order they were recorded."""
        return tuple(self._kinds().get(kind, ()))

    def of(self, wanted: Of) -> tuple[Record, ...]:
        """Every row of a kind whose body names something, in the order they were recorded."""
        return tuple(self._field(wanted.kind, wanted.field).get(wanted.value, ()))

    def as_known(self, known_us: int, wanted: Wanted | None = None) -> list[Record]:
        """The rows that stood in the register at `known_us`, whatever time they speak of."""
        if wanted is None:
            return [row for row in self.rows if row.known(known_us)]
        if callable(wanted):
            return [row for row in self.rows if row.known(known_us) and wanted(row)]
        if isinstance(wanted, str) and wanted in KINDS:
            columns = self._columns_of(wanted)
            held = (columns.recorded <= known_us) & (known_us < columns.superseded)
            return [columns.rows[index] for index in np.flatnonzero(held)]
        return list(self._standing(wanted, known_us))

    def in_force(self, wanted: Wanted, t_us: int, known_us: int) -> list[Standing]:
        """The rows in force at `t_us` as known at `known_us`, surely or possibly; the others are left out.

        Args:
            wanted: see `Wanted`.
            t_us, known_us: microseconds UTC; the second says what the register held at the time.
        """
        if isinstance(wanted, str) and wanted in KINDS:
            rows: Iterable[Record] = self._candidates(wanted, t_us, known_us)
        elif callable(wanted):
            rows = self.as_known(known_us, wanted)
        else:
            rows = self._standing(wanted, known_us)
        found = []
        for row in rows:
            status = in_force(row.valid.start, row.valid.end, t_us)
            if status is not InForce.NO and "withdrawn" not in row.body:
                found.append(Standing(row, status))
        return found

    def added(self, drafts: Iterable[Draft], recorded_us: int) -> "Register":
        """The register with more rows, all recorded at one instant; this one stays as it is.

        Raises:
            BadInput: REC-017 two rows of an id would surely hold at one instant; REC-018 a row to be replaced
                does not stand; REC-029 `recorded_us` is not later than everything recorded before.
        """
        if recorded_us <= self.last_recorded_us:
            raise BadInput("REC-029", recorded=recorded_us, last=self.last_recorded_us)
        rows = {row.row: row for row in self.rows}
        standing: dict[str, list[Record]] = {}
        for row in self.rows:
            if row.superseded_us is None:
                standing.setdefault(row.id, []).append(row)
        number = max(rows, default=0)
        for draft in drafts:
            number += 1
            if draft.replaces:
                _close(rows, standing, draft, recorded_us)
            record = replace(draft.record, recorded_us=recorded_us, superseded_us=None, row=number)
            check_overlap(record, standing.setdefault(record.id, []))
            standing[record.id].append(record)
            rows[number] = record
        return Register(rows.values())

    def _ids(self) -> dict[str, list[Record]]:
        if self._by_id is None:
            self._by_id = _grouped(self.rows, attrgetter("id"))
        return self._by_id

    def _kinds(self) -> dict[str, list[Record]]:
        if self._by_kind is None:
            self._by_kind = _grouped(self.rows, attrgetter("kind"))
        return self._by_kind

    def _field(self, kind: str, field: str) -> dict[str, list[Record]]:
        if (kind, field) not in self._by_field:
            groups: dict[str, list[Record]] = {}
            path = field.split(".")
            for row in self._kinds().get(kind, ()):
                value = _inside(row.body, path)
                if isinstance(value, str):
                    groups.setdefault(value, []).append(row)
            self._by_field[kind, field] = groups
        return self._by_field[kind, field]

    def _standing(self, key: str | Of, known_us: int) -> tuple[Record, ...]:
        line = self._timelines.get(key)
        if line is None:
            line = self._timelines[key] = _timeline(
                self.of(key) if isinstance(key, Of) else self.history(key)
            )
        place = bisect_right(line.instants, known_us)
        return line.standing[place - 1] if place else ()

    def _columns_of(self, kind: str) -> _Columns:
        if kind not in self._columns:
            self._columns[kind] = _columns(self.of_kind(kind))
        return self._columns[kind]

    def _candidates(self, kind: str, t_us: int, known_us: int) -> Iterator[Record]:
        columns = self._columns_of(kind)
        held = (columns.recorded <= known_us) & (known_us < columns.superseded)
        held &= (columns.from_earliest <= t_us) & (t_us < columns.to_latest)
        return (columns.rows[index] for index in np.flatnonzero(held))


def check_overlap(record: Record, standing: Iterable[Record]) -> None:
    """Refuse a row that would surely hold at an instant at which another standing row of its id does too.

    Raises:
        BadInput: REC-017; REC-030 for an id that another kind already uses.
    """
    start, end = core_us(record)
    for other in standing:
        if other.kind != record.kind:
            raise BadInput("REC-030", where=record.id, kind=record.kind, other=other.kind)
        first, last = core_us(other)
        if max(start, first) < min(end, last):
            raise BadInput("REC-017", where=record.id, row=other.row)


def core_us(record: Record) -> tuple[int, int]:
    """When a row surely holds, [from, to) microseconds UTC; empty where its times are too coarse to tell."""
    if "withdrawn" in record.body:
        return 0, 0
    start = ALWAYS_US if record.valid.start is None else record.valid.start.latest_us
    end = NEVER_US if record.valid.end is None else record.valid.end.earliest_us
    return start, end


def _close(rows: dict[int, Record], standing: dict[str, list[Record]], draft: Draft, at_us: int) -> None:
    old = rows.get(draft.replaces)
    stands = old is not None and old.superseded_us is None and old.recorded_us < at_us
    if old is None or not stands or old.id != draft.record.id:
        raise BadInput("REC-018", where=draft.record.id, row=draft.replaces)
    rows[old.row] = replace(old, superseded_us=at_us)
    standing[old.id].remove(old)


def _inside(body: Mapping[str, Any], path: list[str]) -> Any:
    value: Any = body
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _grouped(rows: Iterable[Record], key: Callable[[Record], Any]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _timeline(rows: Iterable[Record]) -> _Timeline:
    """What stood when, from rows in the order of their recording."""
    kept = tuple(rows)
    opened: dict[int, list[int]] = {}
    closed: dict[int, set[int]] = {}
    for place, row in enumerate(kept):
        opened.setdefault(row.recorded_us, []).append(place)
        if row.superseded_us is not None:
            closed.setdefault(row.superseded_us, set()).add(place)
    instants = sorted(opened.keys() | closed.keys())
    standing: list[tuple[Record, ...]] = []
    now: list[int] = []
    for instant in instants:
        gone = closed.get(instant, set())
        now = [*(place for place in now if place not in gone), *opened.get(instant, ())]
        standing.append(tuple(kept[place] for place in now))
    return _Timeline(instants, standing)


def _columns(rows: tuple[Record, ...]) -> _Columns:
    def column(values: Iterable[int]) -> Longs:
        return np.fromiter(values, np.int64, len(rows))

    return _Columns(
        rows,
        column(row.recorded_us for row in rows),
        column(NEVER_US if row.superseded_us is None else row.superseded_us for row in rows),
        column(ALWAYS_US if row.valid.start is None else row.valid.start.earliest_us for row in rows),
        column(NEVER_US if row.valid.end is None else row.valid.end.latest_us for row in rows),
    )
