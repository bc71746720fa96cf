"""Rows of the registers and the log never come apart."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from atalaya.base.errors import VerificationFailed
from atalaya.campaign.registers import RECORDS, open_registers, record_digest
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Draft
from atalaya.law.records.stated import parse_stated
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


def test_a_row_changed_behind_the_registers_back_is_found(tmp_path: Path) -> None:
    root = tmp_path / "w"
    with open_registers(root) as registers:
        registers.append([payload("a"), payload("b")])
        assert registers.verify() == 2
    with closing(sqlite3.connect(root / "ledger.sqlite")) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE rec_rows SET body = replace(body, 'eo', 'ir') WHERE row = 2")
        database.commit()
    with open_registers(root) as registers, pytest.raises(VerificationFailed) as caught:
        registers.verify()
    assert caught.value.code == "LED-030"
    assert "payload/b" in caught.value.where
