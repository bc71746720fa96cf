"""The catalogue kept in a SQL database: the same statements for SQLite now and PostgreSQL later."""

import contextlib
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, insert, select
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.pool import StaticPool

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.store.catalogue import ClipRecord, ExploitRecord, OutputRecord
from atalaya.store.file_lock import locked
from atalaya.store.tables import CLIPS, EXPLOITS, METADATA, OUTPUTS, SCHEMA_VERSION, SETTINGS


class SqlCatalogue:
    """A `Catalogue` over one SQLAlchemy engine."""

    def __init__(self, engine: Engine, where: str) -> None:
        """Open, making the tables where there are none.

        Raises:
            BadInput: STO-001, the file is not a database; STO-002, it was written by a newer program.
            AtalayaError: STO-003, the database cannot be opened or is locked.
        """
        self._engine = engine
        self._where = where
        try:
            self._make_tables()
            self._check_version()
        except OperationalError as error:
            raise AtalayaError("STO-003", where=where, detail=str(error.orig)) from error
        except DatabaseError as error:
            raise BadInput("STO-001", where=where, detail=str(error.orig)) from error

    def _make_tables(self) -> None:
        """Make what is missing; another process may be making the same tables at this moment, one by one."""
        for _ in METADATA.tables:
            try:
                METADATA.create_all(self._engine)
                return
            except OperationalError as error:
                if "already exists" not in str(error.orig):
                    raise
        METADATA.create_all(self._engine)  # each round finds at least one more of them made

    def _check_version(self) -> None:
        with self._engine.connect() as connection:
            known = connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.key == "schema_version"))
        if known is None:
            self._set_version()
        elif int(known) > SCHEMA_VERSION:
            raise BadInput("STO-002", where=self._where, found=known, known=SCHEMA_VERSION)

    def _set_version(self) -> None:
        """Write the version once; losing the race against another process is as good."""
        with self._engine.begin() as connection, contextlib.suppress(IntegrityError):
            connection.execute(insert(SETTINGS).values(key="schema_version", value=str(SCHEMA_VERSION)))

    def register(self, clip: ClipRecord, exploit: ExploitRecord) -> bool:
        """See `Catalogue.register`."""
        try:
            with self._engine.begin() as connection:
                return _register(connection, clip, exploit)
        except OperationalError as error:
            raise AtalayaError("STO-003", where=self._where, detail=str(error.orig)) from error

    def clip(self, sha256: str) -> ClipRecord | None:
        """See `Catalogue.clip`."""
        with self._engine.connect() as connection:
            row = connection.execute(select(CLIPS).where(CLIPS.c.sha256 == sha256)).mappings().first()
        return _clip(dict(row)) if row else None

    def clips(self) -> list[ClipRecord]:
        """See `Catalogue.clips`."""
        query = select(CLIPS).order_by(CLIPS.c.received_us, CLIPS.c.sha256)
        with self._engine.connect() as connection:
            return [_clip(dict(row)) for row in connection.execute(query).mappings()]

    def clips_between(self, start_us: int, end_us: int) -> list[ClipRecord]:
        """See `Catalogue.clips_between`."""
        overlaps = (CLIPS.c.start_us <= end_us) & (CLIPS.c.end_us >= start_us)
        query = select(CLIPS).where(overlaps).order_by(CLIPS.c.start_us, CLIPS.c.sha256)
        with self._engine.connect() as connection:
            return [_clip(dict(row)) for row in connection.execute(query).mappings()]

    def exploit(self, sha256: str, variant: str) -> ExploitRecord | None:
        """See `Catalogue.exploit`."""
        with self._engine.connect() as connection:
            return _exploit(connection, sha256, variant)

    def close(self) -> None:
        """See `Catalogue.close`."""
        self._engine.dispose()

    def __enter__(self) -> "SqlCatalogue":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_sqlite(path: Path | None) -> SqlCatalogue:
    """A catalogue in one file (write-ahead log: readers never wait), or in memory for None."""
    if path is None:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        return SqlCatalogue(engine, ":memory:")
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine, "connect", _sqlite_settings)
    # SQLite waits for nobody while a new file is turned to its write-ahead log: one process at a time
    with locked(path.with_name(f".{path.stem}.lock")):
        return SqlCatalogue(engine, str(path))


def _sqlite_settings(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _register(connection: Connection, clip: ClipRecord, exploit: ExploitRecord) -> bool:
    known = connection.scalar(select(CLIPS.c.sha256).where(CLIPS.c.sha256 == clip.sha256))
    if known is None:
        connection.execute(insert(CLIPS).values(**_clip_row(clip)))
    elif _exploit(connection, exploit.sha256, exploit.variant) == exploit:
        return False
    same = (OUTPUTS.c.sha256 == exploit.sha256) & (OUTPUTS.c.variant == exploit.variant)
    connection.execute(delete(OUTPUTS).where(same))
    same = (EXPLOITS.c.sha256 == exploit.sha256) & (EXPLOITS.c.variant == exploit.variant)
    connection.execute(delete(EXPLOITS).where(same))
    key = {"sha256": exploit.sha256, "variant": exploit.variant}
    connection.execute(insert(EXPLOITS).values(**key, version=exploit.version, result=exploit.result))
    for output in exploit.outputs:
        connection.execute(
            insert(OUTPUTS).values(
                **key, kind=output.kind, path=output.path, content_sha256=output.content_sha256
            )
        )
    return True


def _clip_row(clip: ClipRecord) -> dict[str, Any]:
    west, south, east, north = clip.bounds_deg or (None, None, None, None)
    return {
        "sha256": clip.sha256,
        "name": clip.name,
        "bytes": clip.bytes,
        "kind": clip.kind,
        "received_us": clip.received_us,
        "start_us": clip.start_us,
        "end_us": clip.end_us,
        "frames": clip.frames,
        "west_deg": west,
        "south_deg": south,
        "east_deg": east,
        "north_deg": north,
    }


def _clip(row: dict[str, Any]) -> ClipRecord:
    bounds = tuple(row.pop(name) for name in ("west_deg", "south_deg", "east_deg", "north_deg"))
    return ClipRecord(**row, bounds_deg=None if None in bounds else bounds)


def _exploit(connection: Connection, sha256: str, variant: str) -> ExploitRecord | None:
    here = (EXPLOITS.c.sha256 == sha256) & (EXPLOITS.c.variant == variant)
    row = connection.execute(select(EXPLOITS).where(here)).mappings().first()
    if row is None:
        return None
    query = (
        select(OUTPUTS.c.kind, OUTPUTS.c.path, OUTPUTS.c.content_sha256)
        .where((OUTPUTS.c.sha256 == sha256) & (OUTPUTS.c.variant == variant))
        .order_by(OUTPUTS.c.kind)
    )
    outputs = tuple(OutputRecord(*output) for output in connection.execute(query))
    return ExploitRecord(**row, outputs=outputs)
