"""Log entries in SQLite: bodies in ledger.sqlite, their salts in a file of their own.

A commit is on the disk before it is acknowledged (write-ahead log, synchronous=FULL); what is erased is
overwritten (secure_delete) and the write-ahead log cut, so that no copy stays in either file.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.trust.entry_store import StoredEntry

PATIENCE_S = 30.0
PAGE = 1000
"""Rows read at once."""

_LEDGER = """
CREATE TABLE IF NOT EXISTS log_entries (
    idx INTEGER PRIMARY KEY, kind TEXT NOT NULL, about TEXT NOT NULL, t_us INTEGER NOT NULL,
    commitment BLOB NOT NULL, entry BLOB
);
CREATE INDEX IF NOT EXISTS log_entries_kind ON log_entries (kind, idx);
CREATE INDEX IF NOT EXISTS log_entries_about ON log_entries (about, idx) WHERE about <> '';
"""
_SALTS = "CREATE TABLE IF NOT EXISTS log_salts (idx INTEGER PRIMARY KEY, salt BLOB NOT NULL);"
_COLUMNS = "idx, kind, about, t_us, commitment, entry"


class SqliteEntryStore:
    """An `EntryStore` over two SQLite files."""

    def __init__(self, ledger: Path, salts: Path, *, writable: bool = True) -> None:
        """Open, making files and tables where there are none and `writable`.

        Raises:
            AtalayaError: TRU-049, a database cannot be opened or is locked.
            BadInput: TRU-048, a file is not a database.
        """
        self._where = str(ledger)
        with self._told():
            self._ledger = _connect(ledger, _LEDGER if writable else "")
            self._salts = _connect(salts, _SALTS if writable else "")

    def count(self) -> int:
        """See `EntryStore.count`."""
        with self._told():
            row = self._ledger.execute("SELECT max(idx) FROM log_entries").fetchone()
        return 0 if row[0] is None else int(row[0]) + 1

    def append(self, entries: Sequence[StoredEntry]) -> None:
        """See `EntryStore.append`.

        Salts go first: a kill between the two commits leaves salts of entries that do not exist, which the
        next entries of those places overwrite.
        """
        rows = [(e.index, e.kind, e.about, e.t_us, e.commitment, e.entry) for e in entries]
        salts = [(e.index, e.salt) for e in entries]
        with self._told():
            with self._salts:
                self._salts.executemany("INSERT OR REPLACE INTO log_salts VALUES (?, ?)", salts)
            with self._ledger:
                self._ledger.executemany("INSERT INTO log_entries VALUES (?, ?, ?, ?, ?, ?)", rows)

    def get(self, index: int) -> StoredEntry | None:
        """See `EntryStore.get`."""
        return next(iter(self._rows("idx = ?", (index,))), None)

    def commitments(self, start: int, end: int) -> list[bytes]:
        """See `EntryStore.commitments`."""
        query = "SELECT commitment FROM log_entries WHERE idx >= ? AND idx < ? ORDER BY idx"
        with self._told():
            return [bytes(row[0]) for row in self._ledger.execute(query, (start, end))]

    def select(
        self, kind: str | None = None, about: str | None = None, start: int = 0
    ) -> Iterator[StoredEntry]:
        """See `EntryStore.select`."""
        wanted = {name: value for name, value in (("kind", kind), ("about", about)) if value is not None}
        where = " AND ".join(["idx >= ?", *(f"{name} = ?" for name in wanted)])
        page = self._rows(where, (start, *wanted.values()))
        while page:
            yield from page
            page = self._rows(where, (page[-1].index + 1, *wanted.values())) if len(page) == PAGE else []

    def last_about(self, about: str) -> int | None:
        """See `EntryStore.last_about`."""
        query = "SELECT max(idx) FROM log_entries WHERE about = ? AND about <> ''"
        with self._told():
            row = self._ledger.execute(query, (about,)).fetchone()
        return None if row[0] is None else int(row[0])

    def erase(self, index: int) -> None:
        """See `EntryStore.erase`.

        Raises:
            AtalayaError: TRU-046, another program is reading an older copy; the rest is done, erase again.
        """
        with self._told():
            with self._salts:
                self._salts.execute("DELETE FROM log_salts WHERE idx = ?", (index,))
            with self._ledger:
                query = "UPDATE log_entries SET entry = NULL, about = '' WHERE idx = ?"
                self._ledger.execute(query, (index,))
            for connection in (self._salts, self._ledger):
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                if busy:
                    raise AtalayaError("TRU-046", where=self._where)

    def close(self) -> None:
        """See `EntryStore.close`."""
        self._ledger.close()
        self._salts.close()

    def _rows(self, where: str, values: tuple[object, ...]) -> list[StoredEntry]:
        """One page of entries: read at once, so that nothing stays open that an erasing would wait for."""
        query = f"SELECT {_COLUMNS} FROM log_entries WHERE {where} ORDER BY idx LIMIT {PAGE}"
        with self._told():
            return [self._salted(row) for row in self._ledger.execute(query, values).fetchall()]

    def _salted(self, row: tuple[int, str, str, int, object, object]) -> StoredEntry:
        index, kind, about, t_us, committed, entry = row
        salt = self._salts.execute("SELECT salt FROM log_salts WHERE idx = ?", (index,)).fetchone()
        return StoredEntry(
            index,
            kind,
            about,
            t_us,
            _as_bytes(committed),
            None if entry is None else _as_bytes(entry),
            None if salt is None else _as_bytes(salt[0]),
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the database's errors into ours."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise AtalayaError("TRU-049", where=self._where, detail=str(error)) from error
        except sqlite3.DatabaseError as error:
            raise BadInput("TRU-048", where=self._where, detail=str(error)) from error


def _as_bytes(value: object) -> bytes:
    """Whatever a cell holds: SQLite keeps any type in any column, and somebody may have edited it."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def _connect(path: Path, schema: str) -> sqlite3.Connection:
    if schema:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=PATIENCE_S, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")
        connection.executescript(schema)
    else:
        place = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(place, timeout=PATIENCE_S, check_same_thread=False, uri=True)
    return connection
