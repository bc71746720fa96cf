"""A list of sorties is never called complete on its own word."""

from dataclasses import replace

import pytest

from atalaya.law.ledger.completeness import Completeness, CounterTotal, ListedSortie, reconcile
from tests.law_fleet import HOUR_US, START_US, fleet


@pytest.mark.proves("LAW-020")
def test_a_list_that_agrees_with_every_counter_is_complete() -> None:
    found = reconcile(*fleet())
    assert (found.verdict, found.sorties, found.not_reconciled) == (Completeness.COMPLETE, 700, 0)


@pytest.mark.proves("LAW-020")
def test_any_one_of_700_sorties_deleted_is_found() -> None:
    sorties, counters = fleet()
    for gone in range(700):
        found = reconcile(sorties[:gone] + sorties[gone + 1 :], counters)
        assert found.verdict is Completeness.NOT_RECONCILED
        assert found.not_reconciled == 1
        assert {each.airframe for each in found.discrepancies} == {sorties[gone].airframe}


@pytest.mark.proves("LAW-020")
def test_any_one_deleted_and_the_list_renumbered_is_found_by_either_counter_alone() -> None:
    sorties, counters = fleet()
    for gone in range(0, 700, 7):
        left = sorties[:gone] + sorties[gone + 1 :]
        numbered = [
            replace(
                s,
                number=s.number - (s.airframe == sorties[gone].airframe and s.number > sorties[gone].number),
            )
            for s in left
        ]
        for kind in ("sorties", "flight_s"):
            only = [counter for counter in counters if counter.counts == kind]
            assert reconcile(numbered, only).verdict is Completeness.NOT_RECONCILED


@pytest.mark.proves("LAW-021")
def test_without_counters_nothing_is_called_complete() -> None:
    sorties, _ = fleet()
    for gone in range(700):
        found = reconcile(sorties[:gone] + sorties[gone + 1 :], [])
        assert found.verdict is not Completeness.COMPLETE
    last = [s for s in sorties if s.number < 100]  # the newest of each: no gap tells
    assert reconcile(last, []).verdict is Completeness.UNVERIFIABLE
    assert reconcile([], []).verdict is Completeness.UNVERIFIABLE


@pytest.mark.proves("LAW-021")
def test_the_operators_own_counter_and_one_with_a_hole_prove_nothing() -> None:
    sorties, counters = fleet(1)
    own = [replace(counter, independent=False) for counter in counters]
    assert reconcile(sorties, own).verdict is Completeness.UNVERIFIABLE
    half = START_US + 50 * 30 * HOUR_US
    log = counters[0]
    holed = [
        replace(log, end_us=half, value=49),  # before the 50th
        replace(log, start_us=half + 40 * HOUR_US, value=49),  # from the 52nd on
    ]
    assert reconcile(sorties, holed).verdict is Completeness.UNVERIFIABLE


@pytest.mark.proves("LAW-022")
def test_a_flight_seen_from_outside_must_be_listed() -> None:
    sorties, counters = fleet(1)
    seen = CounterTotal(
        "X0", "track", START_US, START_US + HOUR_US, 0, 0, "receiver network", True, "counter/track/1"
    )
    found = reconcile(sorties, [*counters, seen])
    assert (found.verdict, found.not_reconciled) == (Completeness.NOT_RECONCILED, 1)
    assert found.discrepancies[0].record == "counter/track/1"


def test_a_number_used_twice_is_named() -> None:
    sorties, counters = fleet(1)
    doubled = [*sorties[:-1], replace(sorties[-1], number=99)]
    found = reconcile(doubled, counters)
    assert [each.what for each in found.discrepancies] == ["number twice"]


def test_cancelled_sorties_keep_their_number_and_count_nothing() -> None:
    sorties, counters = fleet(1)
    cancelled = ListedSortie("X0", 101, False, sorties[-1].end_us + 1, sorties[-1].end_us + 2)
    assert reconcile([*sorties, cancelled], counters).verdict is Completeness.COMPLETE


@pytest.mark.proves("LAW-020")
def test_a_data_link_shows_only_that_more_was_flown_than_is_listed() -> None:
    sorties, counters = fleet(1)
    hours = counters[1]
    half = replace(hours, counts="datalink_s", value=hours.value / 2)
    assert reconcile(sorties, [*counters, half]).verdict is Completeness.COMPLETE
    more = replace(hours, counts="datalink_s", value=hours.value + 3600)
    assert reconcile(sorties, [*counters, more]).verdict is Completeness.NOT_RECONCILED
