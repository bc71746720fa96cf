"""What a witness signed last, in SQLite: compared and replaced in one transaction that is durable when it
ends.
"""

import sqlite3
import threading
from pathlib import Path

from atalaya.base.errors import AtalayaError
from atalaya.trust.witness import Seen

PATIENCE_S = 30.0
_TABLE = """
CREATE TABLE IF NOT EXISTS witnessed (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, time_s INTEGER NOT NULL, note BLOB
    NOT NULL
);
"""


class SqliteWitnessMemory:
    """A `WitnessMemory` in one SQLite file; processes and threads may share it."""

    def __init__(self, path: Path) -> None:
        """Open, making the file where there is none.

        Raises:
            AtalayaError: TRU-049, it cannot be opened.
        """
        self._path = path
        self._thread = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(
                path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False
            )
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.executescript(_TABLE)
        except (OSError, sqlite3.Error) as error:
            raise AtalayaError("TRU-049", where=str(path), detail=str(error)) from error

    def latest(self, origin: str) -> Seen | None:
        """See `WitnessMemory.latest`."""
        with self._thread:
            return self._latest(origin)

    def replace(self, origin: str, before: Seen | None, after: Seen) -> bool:
        """See `WitnessMemory.replace`."""
        row = (origin, after.size, after.root, after.time_s, after.note)
        with self._thread:
            try:
                self._database.execute("BEGIN IMMEDIATE")  # from here on nobody else writes
                same = self._latest(origin) == before
                if same:
                    self._database.execute("INSERT OR REPLACE INTO witnessed VALUES (?, ?, ?, ?, ?)", row)
                self._database.execute("COMMIT" if same else "ROLLBACK")
            except sqlite3.Error as error:
                raise AtalayaError("TRU-049", where=str(self._path), detail=str(error)) from error
        return same

    def close(self) -> None:
        """Give the database back."""
        self._database.close()

    def _latest(self, origin: str) -> Seen | None:
        query = "SELECT size, root, time_s, note FROM witnessed WHERE origin = ?"
        row = self._database.execute(query, (origin,)).fetchone()
        return None if row is None else Seen(*row)
