"""Writing to the registers: every row is in the log, also where a kill came between the two."""

import getpass
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from atalaya.base.clock import iso, now_us
from atalaya.base.errors import AtalayaError, VerificationFailed
from atalaya.base.hashing import sha256_bytes
from atalaya.law.records.as_json import record_as_json
from atalaya.law.records.record import Record
from atalaya.law.records.register import Draft, Register
from atalaya.store.journal import Journal
from atalaya.store.log_store import SqliteEntryStore
from atalaya.store.record_store import SqlRecordStore, open_record_store
from atalaya.store.workspace import Workspace
from atalaya.trust.entry import Act
from atalaya.trust.entry_store import StoredEntry

RECORDS = "records"
"""Kind and object of the log entries that name rows of the register."""

KEPT = "kept"
"""Kind of the log entries that vouch for what was worked out and kept."""

ROWS_PER_ENTRY = 400

SLACK_US = 60_000_000
"""Between a row and its entry in the log other processes may have logged for this long."""


def actor() -> str:
    """Who acts: `ATALAYA_ACTOR`, else the name of the login."""
    named = os.environ.get("ATALAYA_ACTOR", "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a process without a login
        return "unknown"


@dataclass(frozen=True)
class Registers:
    """The registers and the log of one workspace, opened together.

    workspace: the folder. store: rows. journal: the log.
    """

    workspace: Workspace
    store: SqlRecordStore
    journal: Journal

    def register(self) -> Register:
        """Everything on record."""
        return self.store.register()

    def append(self, drafts: Sequence[Draft]) -> list[Record]:
        """Record rows and log them; durable when this returns.

        Raises:
            BadInput, AtalayaError: as `RecordStore.append` and `Journal.act`; nothing is recorded then.
        """
        if now_us() < self._latest_us() - SLACK_US:
            raise AtalayaError("LED-039", at=iso(self._latest_us()))
        added = self.store.append(drafts)
        self.catch_up()
        return added

    def act(self, kind: str, body: dict[str, Any], **more: Any) -> int:
        """Log an act; its index."""
        return self.journal.act(kind, body, actor=actor(), **more).index

    def vouch(self, name: str, content: bytes) -> None:
        """Log the hash of something kept in the workspace, so that a changed file is not believed later."""
        sha256 = sha256_bytes(content)
        self.act(KEPT, {"name": name}, outputs=[sha256], about=f"{KEPT}:{name}")
        self._kept[name] = sha256

    def vouched(self, name: str, content: bytes) -> bool:
        """Whether the log holds just this content as the latest under a name."""
        return self._kept.get(name) == sha256_bytes(content)

    @cached_property
    def _kept(self) -> dict[str, str]:
        """Name of everything that was vouched for, and its latest hash."""
        logged = (json.loads(entry.entry) for entry in self.journal.entries(KEPT) if entry.entry is not None)
        return {each["body"]["name"]: each["outputs"][0] for each in logged}

    def verify(self) -> int:
        """Hold every row against the digest that the log has of it; how many agree.

        Raises:
            VerificationFailed: LED-030, rows were changed or removed behind the register's back.
        """
        agree, wrong = _compared(self.store.rows(), self.journal.entries(RECORDS))
        if wrong:
            raise VerificationFailed("LED-030", where="; ".join(wrong[:5]), count=len(wrong))
        return agree

    def catch_up(self) -> None:
        """Log the rows that no entry names yet: all that a kill, or a program of another make, left.

        Raises:
            VerificationFailed: LED-038, such a row claims to be older than what is logged already.
        """
        logged = [json.loads(entry.entry)["body"] for entry in self.journal.entries(RECORDS) if entry.entry]
        through = max((body["through"] for body in logged), default=0)
        rows = sorted(self.store.rows(after_row=through), key=lambda row: row.row)
        if not rows:
            return
        newest_us = max((body["recorded_us"] for body in logged), default=0)
        self._refuse_backdated(rows, newest_us)
        changed = self.store.rows(changed_since_us=rows[0].recorded_us - 1)
        parts = (rows[first : first + ROWS_PER_ENTRY] for first in range(0, len(rows), ROWS_PER_ENTRY))
        self.journal.acts(Act(RECORDS, _named(part, changed), actor(), about=RECORDS) for part in parts)

    def _latest_us(self) -> int:
        """When the newest entry of the log was made."""
        return self.journal.entry(self.journal.size - 1).t_us if self.journal.size else 0

    def _refuse_backdated(self, rows: Sequence[Record], newest_us: int) -> None:
        earliest_us = max(newest_us + 1, self._latest_us() - SLACK_US)
        early = [f"{row.row} {row.id}" for row in rows if row.recorded_us < earliest_us]
        if early:
            raise VerificationFailed("LED-038", where="; ".join(early[:5]), count=len(early))


@contextmanager
def open_registers(root: Path) -> Iterator[Registers]:
    """The registers of the workspace at `root`, made where there are none.

    Raises:
        BadInput, AtalayaError, VerificationFailed: what opening the workspace, the store or the log raises.
    """
    workspace = Workspace.open(root)
    with open_record_store(root / "ledger.sqlite") as store, Journal.open(root) as journal:
        registers = Registers(workspace, store, journal)
        registers.catch_up()
        yield registers


def check_rows(root: Path) -> int:
    """`Registers.verify` without opening the log for writing; 0 where the workspace has no registers.

    Raises:
        VerificationFailed: LED-030.
    """
    ledger = root / "ledger.sqlite"
    if not ledger.exists():
        return 0
    entries = SqliteEntryStore(ledger, root / "salts.sqlite")
    try:
        with open_record_store(ledger) as store:
            agree, wrong = _compared(store.rows(), entries.select(RECORDS))
    finally:
        entries.close()
    if wrong:
        raise VerificationFailed("LED-030", where="; ".join(wrong[:5]), count=len(wrong))
    return agree


def _compared(rows: Iterable[Record], entries: Iterable[StoredEntry]) -> tuple[int, list[str]]:
    """How many rows are as the log has them, and which are not: changed, gone, closed or opened again."""
    stored = {row.row: row for row in rows}
    logged = [named for entry in entries if entry.entry for named in json.loads(entry.entry)["body"]["rows"]]
    closed_by = {number: named["row"] for named in logged for number in named["closes"]}
    unlogged = [row for row in stored.values() if row.row not in {named["row"] for named in logged}]
    closed_by |= {number: row.row for row in unlogged for number in _closed(row, stored.values())}
    agree, wrong = 0, []
    for named in logged:
        row, closer = stored.get(named["row"]), stored.get(closed_by.get(named["row"], 0))
        closed_us = None if closer is None else closer.recorded_us
        if row is None or record_digest(row) != named["sha256"] or row.superseded_us != closed_us:
            wrong.append(f"{named['row']} {named['id']}")
        else:
            agree += 1
    return agree, wrong


def _closed(row: Record, rows: Iterable[Record]) -> list[int]:
    """Numbers of the rows that a row took the place of."""
    return [each.row for each in rows if each.id == row.id and each.superseded_us == row.recorded_us]


def record_digest(record: Record) -> str:
    """SHA-256 of a row as it was recorded; what closes it later is not part of it."""
    shown = {name: value for name, value in record_as_json(record).items() if name != "superseded"}
    return sha256_bytes(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode())


def _named(rows: Sequence[Record], changed: Sequence[Record]) -> dict[str, Any]:
    """The body of an entry for some rows; `changed` holds the rows that any of them closed."""
    closed: dict[tuple[str, int], list[int]] = {}
    for row in changed:
        if row.superseded_us is not None:
            closed.setdefault((row.id, row.superseded_us), []).append(row.row)
    listed = [
        {
            "row": row.row,
            "id": row.id,
            "kind": row.kind,
            "sha256": record_digest(row),
            "closes": closed.get((row.id, row.recorded_us), []),
        }
        for row in rows
    ]
    return {"rows": listed, "through": rows[-1].row, "recorded_us": rows[-1].recorded_us}
