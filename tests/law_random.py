"""Random sorties and registers: the ledger's laws hold over all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from atalaya.law.ledger.facts import SortieFacts
from atalaya.law.ledger.partition import Statements
from atalaya.law.records.record import Record, Span
from atalaya.law.records.stated import Stated, exactly, parse_stated
from tests.law_facts import at, authorisation, levels, on_record, presence, sortie

START_US = at("06:00")
DAY_S = 12 * 3600
STATES = ((), ("MEX",), ("GTM",), ("USA",), ("MEX", "USA"), ("GTM", "MEX"))
BANDS = ("FL180-FL250", "FL245-UNL", "3000-9000 m hae")


@dataclass(frozen=True)
class Case:
    facts: SortieFacts
    rows: tuple[Record, ...]
    revocations: tuple[Record, ...]
    disputes: tuple[Record, ...]
    known_us: int
    levels: tuple[tuple[int, float], ...]

    def statements(self, known_us: int) -> Callable[[str], Statements]:
        def of_state(state: str) -> Statements:
            rows = [row for row in self.rows if row.body["airspace_of"] == state]
            return on_record(self.facts, rows, known_us, self.revocations, self.disputes)

        return of_state

    def with_more_recorded_after(self, rng: np.random.Generator, known_us: int) -> Case:
        more = tuple(
            replace(row, recorded_us=known_us + 1 + n) for n, row in enumerate(random_rows(rng, 3, 50))
        )
        closed = tuple(
            replace(row, superseded_us=known_us + 5) if row.known(known_us) else row for row in self.rows
        )
        return replace(self, rows=closed + more)

    def shuffled(self, rng: np.random.Generator) -> Case:
        order = rng.permutation(len(self.rows))
        return replace(self, rows=tuple(self.rows[n] for n in order), disputes=self.disputes[::-1])

    def without_authorisations(self) -> Case:
        return replace(self, rows=(), revocations=())


def random_case(rng: np.random.Generator) -> Case:
    count = int(rng.integers(1, 12))
    marks = np.unique(rng.integers(0, DAY_S, count + 1)) * 1_000_000 + START_US
    if len(marks) < 2:
        marks = np.array([START_US, START_US + 1_000_000])
    pieces = []
    for start, end in zip(marks[:-1].tolist(), marks[1:].tolist(), strict=True):
        states = STATES[rng.integers(len(STATES))]
        pieces.append((start, end, states, len(states) < 2 and bool(rng.random() < 0.8)))
    changes = [(int(t), float(rng.choice([100, 200, 260]))) for t in marks[:: int(rng.integers(1, 4))]]
    facts = sortie(presence(*pieces), sensors=("eo",), **levels(*changes))
    rows = random_rows(rng, int(rng.integers(0, 6)), 0)
    known_us = START_US + _second(rng) * 2
    return Case(facts, rows, _revocations(rng, rows), _disputes(rng), known_us, tuple(changes))


def random_rows(rng: np.random.Generator, count: int, first: int) -> tuple[Record, ...]:
    rows = []
    for number in range(first, first + count):
        body: dict[str, object] = {"airspace_of": str(rng.choice(["MEX", "GTM"]))}
        if rng.random() < 0.4:
            body["band"] = str(rng.choice(BANDS))
        if rng.random() < 0.2:
            body["airframes"] = [str(rng.choice(["X1", "X2"]))]
        if rng.random() < 0.2:
            body["sensors"] = ["eo"]
        if rng.random() < 0.2:
            body["lead_time_s"] = 3600
        start, end = sorted((START_US + _second(rng), START_US + _second(rng)))
        row = authorisation(
            f"R{number}", _stated(rng, start), _stated(rng, end), START_US + _second(rng), **body
        )
        if rng.random() < 0.2:
            row = replace(row, superseded_us=row.recorded_us + _second(rng))
        rows.append(row)
    return tuple(rows)


def _revocations(rng: np.random.Generator, rows: tuple[Record, ...]) -> tuple[Record, ...]:
    found = []
    for row in rows:
        if rng.random() < 0.3:
            had = START_US + _second(rng)
            body = {"authorisation": row.id, "by": "MEX"}
            span = Span(exactly(START_US + _second(rng)), None)
            found.append(Record(f"revocation/{row.id}", "revocation", body, span, None, had, had))
    return tuple(found)


def _disputes(rng: np.random.Generator) -> tuple[Record, ...]:
    if rng.random() < 0.7:
        return ()
    start, end = sorted((START_US + _second(rng), START_US + _second(rng)))
    span = Span(_stated(rng, start), exactly(end))
    return (Record("attestation/D", "attestation", {}, span, None, None, START_US + _second(rng)),)


def _stated(rng: np.random.Generator, t_us: int) -> Stated | None:
    kind = rng.random()
    if kind < 0.2:
        return None
    if kind < 0.35:
        return parse_stated("2025-02-20", "America/New_York")
    return exactly(t_us)


def _second(rng: np.random.Generator) -> int:
    return int(rng.integers(0, DAY_S)) * 1_000_000
