"""Records of law: queries at two instants, rows written, the OFAC history replayed, spellings, imports."""

import gzip
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from atalaya.law.records.example import DESIGNATIONS, example_records
from atalaya.law.records.importers.issue import Holding, plan_issue
from atalaya.law.records.importers.sdn import read_sdn
from atalaya.law.records.importers.sdn_history import issues
from atalaya.law.records.names import NameTable, normalised
from atalaya.law.records.organisation import read_organisation
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Draft, Of, Register
from atalaya.law.records.stated import NEVER_US, exactly, parse_stated
from atalaya.store.record_store import open_record_store
from bench.measure import Measure, best_of
from bench.shared import ROOT as SHARED

ROOM = "law"
FOLDER = SHARED / "airspace" / "ofac-sdn-history"
QUERIES, INSERTED, SINGLE = 100_000, 20_000, 300
ABSENT = "shared data airspace/ofac-sdn-history is absent"
SPELLINGS = {
    "organisation/tren-de-aragua": "Tren de Aragua|TdA",
    "organisation/ofac-sdn-15412": "Mara Salvatrucha|MS-13",
    "organisation/ofac-sdn-11440": "Cartel de Sinaloa|Cártel de Sinaloa|Sinaloa Cartel",
    "organisation/ofac-sdn-17671": "Cartel de Jalisco Nueva Generacion|Cártel de Jalisco Nueva Generación|"
    "CJNG|Jalisco New Generation Cartel|New Generation Cartel of Jalisco",
    "organisation/carteles-unidos": "Carteles Unidos|Cárteles Unidos|CU|United Cartels",
    "organisation/ofac-sdn-11438": "Cartel del Noreste|Cártel del Noreste|CDN|Northeast Cartel|Los Zetas",
    "organisation/ofac-sdn-10386": "Cartel del Golfo|Cártel del Golfo|Cártel de Golfo|CDG|Gulf Cartel",
    "organisation/ofac-sdn-39376": "La Nueva Familia Michoacana|LNFM",
}


def measures() -> Iterator[Measure]:
    """Every measure of the register."""
    yield from queries()
    yield from writing()
    if not FOLDER.is_dir():
        yield Measure(ROOM, "replay of the OFAC history", None, "differences", 0, "less", note=ABSENT)
        return
    yield from replaying()
    yield from spellings()
    yield from importing()


@cache
def corrected_register() -> Register:
    """8,000 rows of 2,000 ids, each corrected three times, as of 8,000 instants."""
    day = 86_400_000_000
    rows = []
    for number in range(8_000):
        turn, item = divmod(number, 2_000)
        start, end = exactly((item + turn) * day), exactly((item + turn + 400) * day)
        closed = None if turn == 3 else (number + 2_000) * 1000
        body = {"organisation": f"organisation/{item % 500}", "regime": "FTO"}
        record = Record(f"designation/{item}", "designation", body, Span(start, end))
        rows.append(replace(record, recorded_us=number * 1000, superseded_us=closed, row=number + 1))
    return Register(rows)


def queries() -> Iterator[Measure]:
    """Queries per second, in force at T as known at K, against plain SQL on the same rows."""
    register, rng = corrected_register(), np.random.default_rng(1)
    items = rng.integers(0, 2_000, QUERIES).tolist()
    times = (rng.integers(0, 2_400, QUERIES) * 86_400_000_000).tolist()
    known = rng.integers(0, 9_000_000, QUERIES).tolist()
    ids = [f"designation/{item}" for item in items]
    named = [Of("designation", "organisation", f"organisation/{item % 500}") for item in items]
    connection = _as_sql(register)
    query = "SELECT row FROM r WHERE id = ? AND recorded <= ? AND ? < superseded AND first <= ? AND ? < last"

    def ours() -> list[int]:
        return [len(register.in_force(*asked)) for asked in zip(ids, times, known, strict=True)]

    def theirs() -> list[int]:
        return [
            len(connection.execute(query, (name, k, k, t, t)).fetchall())
            for name, t, k in zip(ids, times, known, strict=True)
        ]

    same = ours() == theirs()
    seconds, plain = best_of(3, ours), best_of(2, theirs)
    note = "same rows found" if same else "ROWS DIFFER"
    yield Measure(
        ROOM, "in force at T as known at K, by id", QUERIES / seconds, "queries/s", 100e3,
        peer=f"SQLite {sqlite3.sqlite_version} in memory", peer_value=QUERIES / plain, note=note,
    )  # fmt: skip
    asked = list(zip(named, times, known, strict=True))
    seconds = best_of(3, lambda: [register.in_force(*one) for one in asked])
    yield Measure(ROOM, "in force at T as known at K, by organisation", QUERIES / seconds, "queries/s", 100e3)
    few = asked[:1000]
    seconds = best_of(3, lambda: [register.in_force("designation", t, k) for _, t, k in few])
    yield Measure(
        ROOM, "in force at T as known at K, all 8,000 rows of a kind", len(few) / seconds, "queries/s"
    )


def writing() -> Iterator[Measure]:
    """Rows per second into a file, flushed at each commit."""
    record = Record("reading/x", "reading", {"of": "x", "reader": "y", "wording": "z"})
    drafts = [Draft(replace(record, id=f"reading/{number}")) for number in range(INSERTED)]
    with tempfile.TemporaryDirectory() as folder, open_record_store(Path(folder) / "ledger.sqlite") as store:
        seconds = best_of(1, lambda: store.append(drafts))
        yield Measure(ROOM, "rows appended, one commit", INSERTED / seconds, "rows/s")
        more = [Draft(replace(record, id=f"reading/s{number}")) for number in range(SINGLE)]
        seconds = best_of(1, lambda: [store.append([draft]) for draft in more])
        yield Measure(ROOM, "rows appended, a flushed commit each", SINGLE / seconds, "rows/s")
        seconds = best_of(2, store.register)
        yield Measure(ROOM, "rows loaded into memory", (INSERTED + SINGLE) / seconds, "rows/s")


@cache
def replayed() -> tuple[Register, Counter[str], int]:
    """The register after example, first list and all events; events by kind; differences at the end."""
    first = read_sdn(_text("sdn_2021-first_orgs.csv"), "ofac-sdn", parse_stated("2021-08-18", "UTC"))
    last = read_sdn(_text("sdn_2024-05-03_orgs.csv"), "ofac-sdn", parse_stated("2024-05-04", "UTC"))
    events: Counter[str] = Counter()
    with open_record_store(None) as store:
        store.append([Draft(record) for record in example_records(DESIGNATIONS)])
        holding = Holding.of(store.register(), "ofac-sdn")
        holding.take(store.append(plan_issue(holding, first).drafts))
        for issue in issues(_text("events_orgs.csv.gz"), "ofac-sdn", first.entries):
            plan = plan_issue(holding, issue)
            events.update(plan.events)
            holding.take(store.append(plan.drafts))
        left = sum(plan_issue(holding, last).events.values())
        return store.register(), events, left


def replaying() -> Iterator[Measure]:
    """Whether the recorded history is found again, event for event."""
    _, events, left = replayed()
    yield Measure(ROOM, "replay: differences from the last list (6,884)", left, "entries", 0, "less")
    missed = abs(4_410 - sum(events.values()))
    yield Measure(ROOM, "replay: events missed or invented of 4,410", missed, "events", 0, "less")


def spellings() -> Iterator[Measure]:
    """Spellings to their id, by table and by likeness, among all organisations of the list."""
    from rapidfuzz import __version__, fuzz, process

    register, _, _ = replayed()
    names = NameTable(register, NEVER_US - 1)
    pairs = [(text, key) for key, texts in SPELLINGS.items() for text in texts.split("|")]
    right = sum(names.resolve(text).organisation == key for text, key in pairs)
    rows = register.as_known(NEVER_US - 1, "organisation")
    listed = [
        (normalised(entry.name), row.id)
        for row in rows
        for entry in read_organisation(row.body, row.id).listed.values()
    ]
    likely = 0
    for text, key in pairs:
        found = process.extractOne(
            normalised(text), [name for name, _ in listed], scorer=fuzz.token_sort_ratio
        )
        likely += listed[found[2]][1] == key
    yield Measure(
        ROOM, f"spellings of the note to their id, of {len(pairs)}", right, "right", len(pairs),
        peer=f"rapidfuzz {__version__} top-1 of {len(listed):,} names", peer_value=likely,
    )  # fmt: skip
    apart = [("La Familia Michoacana", 11439), ("La Nueva Familia Michoacana", 39376)]
    apart += [("Clan del Golfo", 15871), ("Cartel del Golfo", 10386)]
    merged = sum(
        names.resolve(text).organisation != f"organisation/ofac-sdn-{entry}" for text, entry in apart
    )
    yield Measure(ROOM, "Familia / Nueva Familia, Clan / Cartel merged", merged, "merges", 0, "less")


def importing() -> Iterator[Measure]:
    """Rows of a list read, compared and planned per second."""
    text, time = _text("sdn_2024-05-03_orgs.csv"), parse_stated("2024-05-03", "UTC")
    rows = text.count("\n")
    seconds = best_of(3, lambda: plan_issue(Holding("ofac-sdn"), read_sdn(text, "ofac-sdn", time)))
    yield Measure(ROOM, "SDN rows read and planned", rows / seconds, "rows/s")


def _text(name: str) -> str:
    data = (FOLDER / name).read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")


def _as_sql(register: Register) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE r (row, id, recorded, superseded, first, last)")
    connection.execute("CREATE INDEX i ON r (id, recorded)")
    rows = []
    for row in register.rows:
        assert row.valid.start is not None
        assert row.valid.end is not None
        closed = NEVER_US if row.superseded_us is None else row.superseded_us
        bounds = (row.valid.start.earliest_us, row.valid.end.latest_us)
        rows.append((row.row, row.id, row.recorded_us, closed, *bounds))
    connection.executemany("INSERT INTO r VALUES (?, ?, ?, ?, ?, ?)", rows)
    return connection
