"""Rows of the registers and the log never come apart."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from atalaya.base.errors import VerificationFailed
from atalaya.campaign.registers import RECORDS, check_rows, open_registers, record_digest
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Draft
from atalaya.law.records.stated import parse_stated
from atalaya.store.journal import Journal
from atalaya.store.record_store import open_record_store


def payload(name: str) -> Draft:
    body = {"name": name, "sensor": "eo"}
    return Draft(Record(f"payload/{name}", "payload", body, Span(parse_stated("2025-01-01T00:00Z"))))


def logged_rows(root: Path) -> dict[int, str]:
    with open_registers(root) as registers:
        entries = [entry.entry for entry in registers.journal.entries(RECORDS)]
    rows = [row for entry in entries if entry for row in json.loads(entry)["body"]["rows"]]
    assert len({row["row"] for row in rows}) == len(rows)
    return {row["row"]: row["sha256"] for row in rows}


def test_every_row_is_logged_with_its_digest(tmp_path: Path) -> None:
    with open_registers(tmp_path / "w") as registers:
        stored = registers.append([payload("a"), payload("b")])
    assert logged_rows(tmp_path / "w") == {row.row: record_digest(row) for row in stored}


def test_rows_that_a_kill_left_unlogged_are_logged_at_the_next_opening(tmp_path: Path) -> None:
    with open_registers(tmp_path / "w") as registers:
        registers.append([payload("a")])
    with open_record_store(tmp_path / "w" / "ledger.sqlite") as store:
        store.append([payload("b")])
    assert set(logged_rows(tmp_path / "w")) == {1, 2}
    assert set(logged_rows(tmp_path / "w")) == {1, 2}


@pytest.mark.parametrize("count", [1, 399, 400, 401, 900])
def test_many_rows_share_entries_and_none_is_left_out(tmp_path: Path, count: int) -> None:
    with open_registers(tmp_path / "w") as registers:
        registers.append([payload(f"p{n}") for n in range(count)])
    assert set(logged_rows(tmp_path / "w")) == set(range(1, count + 1))


def test_the_digest_does_not_change_when_a_row_is_closed(tmp_path: Path) -> None:
    with open_registers(tmp_path / "w") as registers:
        (first,) = registers.append([payload("a")])
        newer = Record(first.id, "payload", {"name": "a", "sensor": "ir"}, first.valid)
        registers.append([Draft(newer, replaces=first.row)])
        closed = registers.store.history(first.id)[0]
    assert closed.superseded_us is not None
    assert record_digest(closed) == record_digest(first)


def tampered(root: Path, *statements: str) -> None:
    """Change ledger.sqlite as somebody would who goes past the program."""
    with closing(sqlite3.connect(root / "ledger.sqlite")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
        database.commit()


@pytest.mark.proves("LAW-041")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rec_rows SET body = replace(body, 'eo', 'ir') WHERE row = 2",
        "UPDATE rec_rows SET recorded_us = recorded_us - 1000000 WHERE row = 2",
        "DELETE FROM rec_rows WHERE row = 2",
        "UPDATE rec_rows SET superseded_us = recorded_us + 1 WHERE row = 2",
        "UPDATE rec_rows SET superseded_us = NULL WHERE row = 1",
    ],
    ids=["changed", "backdated", "removed", "closed", "opened again"],
)
def test_a_row_changed_behind_the_registers_back_is_found(tmp_path: Path, statement: str) -> None:
    root = tmp_path / "w"
    with open_registers(root) as registers:
        (first,) = registers.append([payload("a")])
        registers.append([payload("b")])
        registers.append([Draft(payload("a").record, replaces=first.row)])
        assert registers.verify() == 3
    assert check_rows(root) == 3
    tampered(root, statement)
    for look in (check_rows, verified_open):
        with pytest.raises(VerificationFailed) as caught:
            look(root)
        assert caught.value.code == "LED-030"


def verified_open(root: Path) -> int:
    with open_registers(root) as registers:
        return registers.verify()


@pytest.mark.proves("LAW-041")
def test_a_row_put_in_with_an_earlier_date_is_never_taken_in(tmp_path: Path) -> None:
    root = tmp_path / "w"
    with open_registers(root) as registers:
        registers.append([payload("a")])
        size = registers.journal.size
    with closing(sqlite3.connect(root / "ledger.sqlite")) as database:
        names = [row[1] for row in database.execute("PRAGMA table_info(rec_rows)") if row[1] != "row"]
    columns = ", ".join(names)
    values = ", ".join(
        {"id": "'payload/z'", "recorded_us": "recorded_us - 86400000000"}.get(name, name) for name in names
    )
    tampered(root, f"INSERT INTO rec_rows ({columns}) SELECT {values} FROM rec_rows WHERE row = 1")
    with pytest.raises(VerificationFailed) as caught, open_registers(root):
        pass
    assert caught.value.code == "LED-038"
    with Journal.open(root) as journal:
        assert journal.size == size
