"""The register of records at rest: append-only rows in a SQL database, SQLite now and PostgreSQL later."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, cast

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.pool import StaticPool

from atalaya.base.clock import now_us
from atalaya.base.errors import AtalayaError, BadInput
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Draft, Register, check_overlap
from atalaya.law.records.stated import ALWAYS_US, Precision, Stated
from atalaya.store.record_tables import METADATA, RECORD_SCHEMA, ROWS, SETTINGS


class RecordStore(Protocol):
    """What callers may ask of a store of records, whichever database keeps it.

    An append is all or nothing and on disk before it returns; after an error or a kill the store holds every
    row of it or none.
    """

    def append(self, drafts: Sequence[Draft]) -> list[Record]:
        """Record rows, all at one instant later than everything recorded before; the rows as stored.

        Raises:
            BadInput: REC-017 two rows of an id would surely hold at one instant; REC-018 a row to be replaced
                does not stand; REC-030 the id belongs to another kind.
            AtalayaError: REC-019 the database cannot be used now.
        """

    def history(self, record_id: str) -> list[Record]:
        """Every row of one id, in the order of recording."""

    def rows(
        self, kind: str | None = None, *, changed_since_us: int | None = None, after_row: int = 0
    ) -> list[Record]:
        """Every row, or those of a kind, or added or closed after an instant, or added after a row number."""

    def register(self) -> Register:
        """Everything, in memory, to be asked."""

    def close(self) -> None:
        """Give the database back."""


@dataclass(slots=True)
class _Ticket:
    """Rows that wait for the next commit, and what became of them."""

    drafts: Sequence[Draft]
    stored: list[Record] = field(default_factory=list)
    error: Exception | None = None
    done: bool = False


class SqlRecordStore:
    """A `RecordStore` over one SQLAlchemy engine; appends of several threads share one commit."""

    def __init__(self, engine: Engine, where: str, clock: Callable[[], int] = now_us) -> None:
        """Open, making the tables where there are none.

        Args:
            clock: the present, microseconds UTC.

        Raises:
            BadInput: REC-020, the file is not a database; REC-021, it was written by a newer program.
            AtalayaError: REC-019, the database cannot be opened or is locked.
        """
        self._engine = engine
        self._where = where
        self._clock = clock
        self._waiting: list[_Ticket] = []
        self._queue = threading.Lock()
        self._writing = threading.Lock()
        with self._readable():
            if self._version() is None:
                self._make_tables()
            if int(self._version() or 0) > RECORD_SCHEMA:
                raise BadInput("REC-021", where=where, found=self._version(), known=RECORD_SCHEMA)

    def append(self, drafts: Sequence[Draft]) -> list[Record]:
        """See `RecordStore.append`."""
        if not drafts:
            return []
        ticket = _Ticket(drafts)
        with self._queue:
            self._waiting.append(ticket)
        with self._writing:
            if not ticket.done:  # else the thread before has written it along with its own
                self._write_waiting()
        if ticket.error is not None:
            raise ticket.error
        return ticket.stored

    def history(self, record_id: str) -> list[Record]:
        """See `RecordStore.history`."""
        return self._select(ROWS.c.id == record_id)

    def rows(
        self, kind: str | None = None, *, changed_since_us: int | None = None, after_row: int = 0
    ) -> list[Record]:
        """See `RecordStore.rows`."""
        conditions = [] if kind is None else [ROWS.c.kind == kind]
        if changed_since_us is not None:
            newer = (ROWS.c.recorded_us > changed_since_us) | (ROWS.c.superseded_us > changed_since_us)
            conditions.append(newer)
        if after_row:
            conditions.append(ROWS.c.row > after_row)
        return self._select(*conditions)

    def register(self) -> Register:
        """See `RecordStore.register`."""
        return Register(self.rows())

    def close(self) -> None:
        """See `RecordStore.close`."""
        self._engine.dispose()

    def __enter__(self) -> "SqlRecordStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _version(self) -> str | None:
        with self._engine.connect() as connection:
            if not inspect(connection).has_table(SETTINGS.name):
                return None
            query = select(SETTINGS.c.value).where(SETTINGS.c.key == "schema")
            return connection.scalar(query)

    def _make_tables(self) -> None:
        """Make what is missing, all or nothing; another process may have made it just now."""
        with self._write() as connection:
            METADATA.create_all(connection)
            known = connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.key == "schema"))
            if known is None:
                connection.execute(insert(SETTINGS).values(key="schema", value=str(RECORD_SCHEMA)))

    def _write_waiting(self) -> None:
        with self._queue:
            tickets, self._waiting = self._waiting, []
        try:
            with self._readable(), self._write() as connection:
                for ticket in tickets:
                    self._write_ticket(connection, ticket)
        except Exception as error:  # noqa: BLE001  handed to every thread whose rows were in this commit
            for ticket in tickets:
                ticket.error = ticket.error or error
        for ticket in tickets:
            ticket.done = True

    def _write_ticket(self, connection: Connection, ticket: _Ticket) -> None:
        """One caller's rows; where they are refused, those of the others in this commit still stand."""
        at_us = max(self._clock(), _last_us(connection) + 1)
        try:
            with connection.begin_nested():
                ticket.stored = _insert(connection, ticket.drafts, at_us)
        except BadInput as error:
            ticket.error = error
        except IntegrityError as error:
            ticket.error = BadInput("REC-022", where=ticket.drafts[0].record.id, detail=str(error.orig))

    def _select(self, *conditions: Any) -> list[Record]:
        query = select(ROWS).where(*conditions).order_by(ROWS.c.recorded_us, ROWS.c.row)
        with self._readable(), self._engine.connect() as connection:
            return [_record(row) for row in connection.execute(query).mappings()]

    @contextlib.contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(atalaya_writes=True) as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise AtalayaError("REC-019", where=self._where, detail=str(error.orig)) from error
        except DatabaseError as error:
            raise BadInput("REC-020", where=self._where, detail=str(error.orig)) from error


def open_record_store(path: Path | None, clock: Callable[[], int] = now_us) -> SqlRecordStore:
    """The register of a workspace, `<workspace>/ledger.sqlite`, or one in memory for None.

    Raises:
        BadInput: REC-020, REC-021. AtalayaError: REC-019.
    """
    if path is None:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine, "connect", _sqlite_settings)
    event.listen(engine, "begin", _sqlite_begin)
    return SqlRecordStore(engine, ":memory:" if path is None else str(path), clock)


def _sqlite_settings(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins too late to see what another process just wrote
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA recursive_triggers=ON")


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("atalaya_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _last_us(connection: Connection) -> int:
    """When the newest row was recorded or closed."""
    recorded = connection.scalar(select(func.max(ROWS.c.recorded_us)))
    closed = connection.scalar(select(func.max(ROWS.c.superseded_us)))
    return max(ALWAYS_US if recorded is None else recorded, ALWAYS_US if closed is None else closed)


def _insert(connection: Connection, drafts: Sequence[Draft], at_us: int) -> list[Record]:
    first = (connection.scalar(select(func.max(ROWS.c.row))) or 0) + 1
    standing = _standing(connection, {draft.record.id for draft in drafts})
    stored: list[Record] = []
    replaced: list[int] = []
    for number, draft in enumerate(drafts, first):
        mine = standing.setdefault(draft.record.id, {})
        if draft.replaces:
            if draft.replaces >= first or mine.pop(draft.replaces, None) is None:
                raise BadInput("REC-018", where=draft.record.id, row=draft.replaces)
            replaced.append(draft.replaces)
        record = replace(draft.record, recorded_us=at_us, superseded_us=None, row=number)
        check_overlap(record, mine.values())
        mine[number] = record
        stored.append(record)
    for row in replaced:
        connection.execute(update(ROWS).where(ROWS.c.row == row).values(superseded_us=at_us))
    connection.execute(insert(ROWS), [_row(record) for record in stored])
    return stored


def _standing(connection: Connection, ids: Iterable[str]) -> dict[str, dict[int, Record]]:
    """The standing rows of some ids, by row number."""
    found: dict[str, dict[int, Record]] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):  # databases limit the values of one statement
        here = ROWS.c.id.in_(wanted[start : start + 500]) & ROWS.c.superseded_us.is_(None)
        for row in connection.execute(select(ROWS).where(here)).mappings():
            found.setdefault(row["id"], {})[row["row"]] = _record(row)
    return found


def _row(record: Record) -> dict[str, Any]:
    return {
        "row": record.row,
        "id": record.id,
        "kind": record.kind,
        "body": json.dumps(record.body, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        **_stated_columns("from", record.valid.start),
        **_stated_columns("to", record.valid.end),
        **_stated_columns("issued", record.issued),
        "received_us": record.received_us,
        "recorded_us": record.recorded_us,
        "superseded_us": None,
        "evidence": record.evidence,
    }


def _stated_columns(name: str, stated: Stated | None) -> dict[str, Any]:
    values: tuple[Any, ...] = (None,) * 5 if stated is None else stated
    parts = ("earliest_us", "latest_us", "text", "precision", "zone")
    return {f"{name}_{part}": value for part, value in zip(parts, values, strict=True)}


def _record(row: RowMapping) -> Record:
    return Record(
        row["id"],
        row["kind"],
        json.loads(row["body"]),
        Span(_stated(row, "from"), _stated(row, "to")),
        _stated(row, "issued"),
        row["received_us"],
        row["recorded_us"],
        row["superseded_us"],
        row["evidence"],
        row["row"],
    )


def _stated(row: RowMapping, name: str) -> Stated | None:
    if row[f"{name}_text"] is None:
        return None
    earliest, latest = cast(int, row[f"{name}_earliest_us"]), cast(int, row[f"{name}_latest_us"])
    precision = Precision(row[f"{name}_precision"])
    return Stated(earliest, latest, row[f"{name}_text"], precision, row[f"{name}_zone"])
