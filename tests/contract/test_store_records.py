"""What every store of records promises: rows added, closed once, never changed or deleted."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.law.records import Draft, InForce, Record, Register, Span, parse_stated
from atalaya.store.record_store import RecordStore, SqlRecordStore, open_record_store
from atalaya.store.record_tables import TRIGGERS

DAY = parse_stated("2025-02-20", "America/New_York")
ROW = Record(
    "reading/a",
    "reading",
    {"wording": "«desde las 00:00»", "n": [1, None, 2.5]},
    Span(DAY, None),
    parse_stated("2025-02-06"),
    1_740_000_000_000_000,
    evidence="e" * 64,
)


INTO = "INTO rec_rows (row, id, kind, body, recorded_us, evidence) VALUES"


class Clock:
    """A clock a test moves; by itself it goes on one second at each look."""

    def __init__(self) -> None:
        self.t_us = 1_750_000_000_000_000

    def __call__(self) -> int:
        self.t_us += 1_000_000
        return self.t_us


ADAPTERS: dict[str, Callable[[Path, Clock], SqlRecordStore]] = {
    "sqlite-file": lambda folder, clock: open_record_store(folder / "ledger.sqlite", clock),
    "sqlite-memory": lambda folder, clock: open_record_store(None, clock),
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=sorted(ADAPTERS))
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[RecordStore]:
    opened = ADAPTERS[request.param](tmp_path, clock)
    yield opened
    opened.close()


def test_what_was_recorded_is_read_back_whole(store: RecordStore, clock: Clock) -> None:
    (stored,) = store.append([Draft(ROW)])
    assert stored == replace(ROW, recorded_us=clock.t_us, row=1)
    assert store.history(ROW.id) == [stored]
    assert store.rows("reading") == [stored]
    assert store.rows("sortie") == []


def test_a_correction_closes_the_row_and_adds_one(store: RecordStore) -> None:
    (first,) = store.append([Draft(ROW)])
    corrected = replace(ROW, body={"wording": "from 09:00"})
    (second,) = store.append([Draft(corrected, replaces=first.row)])
    assert store.history(ROW.id) == [replace(first, superseded_us=second.recorded_us), second]
    register = store.register()
    t_us = DAY.latest_us
    (then,) = register.in_force(ROW.id, t_us, first.recorded_us)
    (now,) = register.in_force(ROW.id, t_us, second.recorded_us)
    assert (then.record.body["wording"], now.record.body["wording"]) == (ROW.body["wording"], "from 09:00")
    assert then.status is now.status is InForce.YES


def test_rows_that_surely_overlap_are_refused_whole(store: RecordStore) -> None:
    store.append([Draft(ROW)])
    other = replace(ROW, id="reading/b")
    with pytest.raises(BadInput) as refused:
        store.append([Draft(other), Draft(ROW)])
    assert refused.value.code == "REC-017"
    assert [row.id for row in store.rows()] == ["reading/a"]


def test_one_after_the_other_and_possible_overlaps_stand(store: RecordStore) -> None:
    store.append([Draft(replace(ROW, valid=Span(None, DAY)))])
    store.append([Draft(ROW)])
    assert len(store.register().in_force(ROW.id, DAY.earliest_us + 1, 2**62)) == 2


def test_only_a_standing_row_of_the_same_id_is_replaced(store: RecordStore) -> None:
    (first,) = store.append([Draft(ROW)])
    store.append([Draft(ROW, replaces=first.row)])
    for draft in (Draft(ROW, replaces=first.row), Draft(ROW, replaces=99)):
        with pytest.raises(BadInput) as refused:
            store.append([draft])
        assert refused.value.code == "REC-018"


def test_an_id_keeps_its_kind(store: RecordStore) -> None:
    store.append([Draft(replace(ROW, valid=Span(None, DAY)))])
    with pytest.raises(BadInput) as refused:
        store.append([Draft(replace(ROW, kind="sortie"))])
    assert refused.value.code == "REC-030"


def test_a_clock_set_back_does_not_set_back_the_register(store: RecordStore, clock: Clock) -> None:
    (first,) = store.append([Draft(ROW)])
    clock.t_us -= 3_600_000_000
    (second,) = store.append([Draft(replace(ROW, id="reading/b"))])
    assert second.recorded_us == first.recorded_us + 1


def test_changes_since_an_instant_are_those_added_or_closed(store: RecordStore) -> None:
    (first,) = store.append([Draft(ROW)])
    (other,) = store.append([Draft(replace(ROW, id="reading/b"))])
    (second,) = store.append([Draft(ROW, replaces=first.row)])
    changed = store.rows(changed_since_us=other.recorded_us)
    assert changed == [replace(first, superseded_us=second.recorded_us), second]


def test_a_register_in_memory_and_a_store_agree(store: RecordStore, clock: Clock) -> None:
    register = Register()
    for drafts in ([Draft(ROW), Draft(replace(ROW, id="reading/b"))], [Draft(ROW, replaces=1)]):
        store.append(drafts)
        register = register.added(drafts, clock.t_us)
    assert list(register.rows) == store.rows()
    with pytest.raises(BadInput) as refused:
        register.added([Draft(replace(ROW, id="reading/c"))], clock.t_us)
    assert refused.value.code == "REC-029"


def test_threads_share_commits_and_keep_their_own_errors(tmp_path: Path) -> None:
    store = open_record_store(tmp_path / "ledger.sqlite")
    refused: list[int] = []

    def write(number: int) -> None:
        for turn in range(20):
            row = replace(ROW, id=f"reading/{number}-{turn}")
            try:
                store.append([Draft(row), Draft(row)] if turn == 7 else [Draft(row)])
            except BadInput:
                refused.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(refused) == list(range(6))
    rows = store.rows()
    assert len({row.id for row in rows}) == len(rows) == 6 * 19
    assert len({row.recorded_us for row in rows}) == len(rows)
    store.close()


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A register with a standing and a closed row, opened by another program."""
    with open_record_store(tmp_path / "ledger.sqlite") as store:
        store.append([Draft(ROW)])
        store.append([Draft(ROW, replaces=1)])
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM rec_rows",
        "UPDATE rec_rows SET body = '{}' WHERE row = 2",
        "UPDATE rec_rows SET superseded_us = NULL WHERE row = 1",
        "UPDATE rec_rows SET superseded_us = superseded_us + 1 WHERE row = 1",
        "UPDATE rec_rows SET superseded_us = recorded_us - 5 WHERE row = 2",
        "UPDATE rec_rows SET superseded_us = 9e18, recorded_us = 3 WHERE row = 2",
        "INSERT OR REPLACE INTO rec_rows SELECT * FROM rec_rows WHERE row = 2",
        f"REPLACE {INTO} (1, 'x', 'y', '{{}}', 9e18, '')",
        f"INSERT {INTO} (NULL, 'reading/z', 'reading', '{{}}', 5, '')",
        f"INSERT {INTO} (NULL, 'reading/a', 'sortie', '{{}}', 3e18, '')",
        f"INSERT {INTO} (NULL, 'reading/a', 'reading', '{{}}', 3e18, '')",
    ],
)
def test_the_database_itself_refuses_to_change_rows(raw: sqlite3.Connection, statement: str) -> None:
    before = raw.execute("SELECT * FROM rec_rows").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="rec:"):
        raw.execute(statement)
    raw.rollback()
    assert raw.execute("SELECT * FROM rec_rows").fetchall() == before


def test_the_triggers_are_there(raw: sqlite3.Connection) -> None:
    found = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert found >= set(TRIGGERS)


def test_written_ahead_and_flushed_at_each_commit(tmp_path: Path) -> None:
    store = open_record_store(tmp_path / "ledger.sqlite")
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 40)
    with pytest.raises(BadInput) as refused:
        open_record_store(path)
    assert refused.value.code == "REC-020"
    with pytest.raises(AtalayaError) as refused:
        open_record_store(tmp_path / "nowhere" / "ledger.sqlite")
    assert refused.value.code == "REC-019"


def test_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    open_record_store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE rec_settings SET value = '99'")
    connection.commit()
    connection.close()
    with pytest.raises(BadInput) as refused:
        open_record_store(path)
    assert refused.value.code == "REC-021"


def test_tables_of_others_in_the_same_file_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE log_leaves (n INTEGER)")
    connection.commit()
    connection.close()
    with open_record_store(path) as store:
        store.append([Draft(ROW)])
        assert json.loads(json.dumps(store.rows()[0].body)) == ROW.body
