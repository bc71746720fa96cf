"""The laws of a register with two times, over random histories of additions and corrections."""

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.law.records import Draft, InForce, Of, Record, Register, Span, Stated
from atalaya.law.records.register import core_us
from atalaya.law.records.stated import Precision, in_force, in_force_during
from atalaya.store.record_store import open_record_store

INSTANTS = range(0, 60, 1)


@st.composite
def stated_times(draw: st.DrawFn) -> Stated | None:
    if draw(st.booleans()):
        return None
    first = draw(st.integers(0, 50))
    return Stated(first, first + draw(st.sampled_from([0, 0, 3, 9])), "x", Precision.DAY, "UTC")


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(["reading", "counter"]))
    body = draw(st.sampled_from([{"of": "a"}, {"of": "b"}, {"withdrawn": "by mistake"}, {"of": 3}]))
    span = Span(draw(stated_times()), draw(stated_times()))
    return Record(f"{kind}/{draw(st.integers(0, 3))}", kind, body, span)


@st.composite
def histories(draw: st.DrawFn) -> list[Register]:
    """The versions of a register, each with a commit more than the one before."""
    versions = [Register()]
    for commit in range(draw(st.integers(1, 12))):
        register = versions[-1]
        drafts = []
        for record in draw(st.lists(records(), min_size=1, max_size=3)):
            standing = register.as_known(10**9, record.id)
            replaces = draw(st.sampled_from([0, *(row.row for row in standing)]))
            drafts.append(Draft(record, replaces))
        with suppress(BadInput):  # rows that would surely overlap, or replace one twice
            versions.append(register.added(drafts, 100 + 10 * commit))
    return versions


@pytest.mark.proves("REG-002")
@settings(max_examples=150, deadline=None)
@given(histories())
def test_as_known_then_never_changes(versions: list[Register]) -> None:
    last = versions[-1]
    for version in versions:
        known_us = version.last_recorded_us
        then = [replace(row, superseded_us=None) for row in version.as_known(known_us)]
        now = [replace(row, superseded_us=None) for row in last.as_known(known_us)]
        assert then == now
        for t_us in (0, 20, 55):
            before = [(one.record.row, one.status) for one in version.in_force("reading", t_us, known_us)]
            after = [(one.record.row, one.status) for one in last.in_force("reading", t_us, known_us)]
            assert before == after


@pytest.mark.proves("REG-003")
@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(-1, 70), st.integers(90, 260))
def test_every_way_of_asking_agrees_with_looking_at_each_row(
    versions: list[Register], t_us: int, known_us: int
) -> None:
    register = versions[-1]
    plain = {}
    for row in register.rows:
        status = in_force(row.valid.start, row.valid.end, t_us)
        if row.known(known_us) and status is not InForce.NO and "withdrawn" not in row.body:
            plain[row.row] = (row, status)

    def of(test: object) -> set[tuple[int, InForce]]:
        return {(row.row, status) for row, status in plain.values() if test(row)}  # type: ignore[operator]

    def found(wanted: object) -> set[tuple[int, InForce]]:
        return {(one.record.row, one.status) for one in register.in_force(wanted, t_us, known_us)}  # type: ignore[arg-type]

    assert found(lambda row: True) == of(lambda row: True)
    for kind in ("reading", "counter", "sortie"):
        assert found(kind) == of(lambda row, kind=kind: row.kind == kind)
        assert {row.row for row in register.as_known(known_us, kind)} == {
            row.row for row in register.rows if row.kind == kind and row.known(known_us)
        }
    for number in range(4):
        wanted = f"reading/{number}"
        assert found(wanted) == of(lambda row, wanted=wanted: row.id == wanted)
    for value in ("a", "b", "c"):
        wanted_of = Of("reading", "of", value)
        assert found(wanted_of) == of(
            lambda row, value=value: row.kind == "reading" and row.body.get("of") == value
        )


@pytest.mark.proves("REG-004", "REG-001")
@settings(max_examples=100, deadline=None)
@given(histories())
def test_rows_of_an_id_never_surely_overlap_and_close_once(versions: list[Register]) -> None:
    for earlier, later in pairwise(versions):
        after = {row.row: row for row in later.rows}
        for row in earlier.rows:
            assert replace(after[row.row], superseded_us=row.superseded_us) == row
            assert row.superseded_us is None or after[row.row].superseded_us == row.superseded_us
    register = versions[-1]
    for known_us in {row.recorded_us for row in register.rows}:
        for number in range(4):
            rows = register.as_known(known_us, f"reading/{number}")
            for t_us in INSTANTS:
                sure = [row for row in rows if core_us(row)[0] <= t_us < core_us(row)[1]]
                assert len(sure) <= 1


@pytest.mark.proves("REG-001")
@settings(max_examples=25, deadline=None)
@given(histories())
def test_a_store_that_is_fed_the_same_holds_the_same(versions: list[Register]) -> None:
    register = versions[-1]
    clock = iter(sorted({row.recorded_us for row in register.rows}))
    closed_by: dict[tuple[int, str], list[int]] = {}
    for row in register.rows:
        if row.superseded_us is not None:
            closed_by.setdefault((row.superseded_us, row.id), []).append(row.row)
    with open_record_store(None, lambda: next(clock)) as store:
        for moment in sorted({row.recorded_us for row in register.rows}):
            drafts = []
            for row in sorted(register.rows, key=lambda row: row.row):
                if row.recorded_us == moment:
                    gone = closed_by.get((moment, row.id), [])
                    drafts.append(Draft(replace(row, superseded_us=None), gone.pop(0) if gone else 0))
            store.append(drafts)
        assert [(row.row, row.superseded_us, row.body) for row in store.rows()] == [
            (row.row, row.superseded_us, row.body) for row in register.rows
        ]


@pytest.mark.proves("REG-003")
@given(stated_times(), stated_times(), st.integers(-5, 70), st.integers(0, 20))
def test_over_a_time_is_what_holds_at_every_instant_of_it(
    start: Stated | None, end: Stated | None, from_us: int, length: int
) -> None:
    over = in_force_during(start, end, from_us, from_us + length)
    each = {in_force(start, end, t_us) for t_us in range(from_us, from_us + length + 1)}
    if over is not InForce.INDETERMINATE:
        assert each == {over}
    if each == {InForce.YES}:
        assert over is InForce.YES
