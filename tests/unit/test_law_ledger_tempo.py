"""When did this begin, when was it stepped up."""

from itertools import pairwise

import numpy as np
import pytest

from atalaya.law.ledger.entry import LegalClass
from atalaya.law.ledger.tempo import FlownSortie, step_up, stepped_up, tempo
from tests.law_facts import at


def flown(day: str, hours: float = 2.0, depth_m: float = 0.0) -> FlownSortie:
    start = at("22:00", day)
    seconds = hours * 3600
    return FlownSortie(
        f"sortie/{day}",
        start,
        start + round(seconds * 1e6),
        {"MEX": seconds / 2},
        {LegalClass.WITHIN_TERMS: seconds / 2, LegalClass.ELSEWHERE: seconds / 2},
        {"MEX": depth_m},
    )


@pytest.mark.proves("LAW-023")
def test_weeks_begin_on_monday_and_empty_ones_are_listed() -> None:
    rows = tempo(
        [flown("2025-02-02"), flown("2025-02-03", depth_m=5), flown("2025-02-19", depth_m=9)], "week"
    )
    assert [(row.label, row.sorties) for row in rows] == [
        ("2025-W05", 1),
        ("2025-W06", 1),
        ("2025-W07", 0),
        ("2025-W08", 1),
    ]
    assert rows[3].deepest_m == {"MEX": 9}
    assert rows[0].hours_by_state == {"MEX": 1.0}
    assert rows[0].hours_by_class == {"within terms": 1.0, "not over another State": 1.0}


def test_months_and_years_follow_the_calendar() -> None:
    rows = tempo([flown("2024-12-31"), flown("2025-02-01")], "month")
    assert [row.label for row in rows] == ["2024-12", "2025-01", "2025-02"]


def test_hours_and_sorties_add_up() -> None:
    rng = np.random.default_rng(0)
    days = [
        f"2025-{m:02d}-{d:02d}"
        for m, d in zip(rng.integers(1, 13, 200), rng.integers(1, 29, 200), strict=True)
    ]
    for period in ("week", "month"):
        rows = tempo([flown(day, 3.0) for day in days], period)
        assert sum(row.sorties for row in rows) == 200
        assert sum(row.hours for row in rows) == pytest.approx(600)
        assert all(a.end_us == b.start_us for a, b in pairwise(rows))


@pytest.mark.proves("LAW-023")
def test_the_week_it_was_stepped_up_is_found_and_an_even_pace_shows_none() -> None:
    assert stepped_up([2, 1, 2, 3, 2, 1, 9, 11, 10, 12]) == (6, pytest.approx(11 / 6), 10.5)
    assert stepped_up([3, 2, 3, 4, 3, 2, 3, 3]) is None
    assert stepped_up([5]) is None
    assert stepped_up([]) is None
    rng = np.random.default_rng(1)
    false = sum(stepped_up(rng.poisson(4, 52).tolist()) is not None for _ in range(500))
    assert false <= 40


def test_nothing_flown_has_no_tempo() -> None:
    assert tempo([], "week") == []
    assert step_up([]) is None
