"""Laws of the partition over random registers and sorties."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.law.ledger.entry import LegalClass
from atalaya.law.ledger.partition import partition
from tests.law_oracle import class_at
from tests.law_random import random_case


@pytest.mark.proves("LAW-001")
@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_instant_is_in_exactly_one_class(seed: int) -> None:
    case = random_case(np.random.default_rng(seed))
    entries = partition(case.facts, case.statements(case.known_us))
    assert entries[0].start_us == case.facts.start_us
    assert entries[-1].end_us == case.facts.end_us
    assert all(a.end_us == b.start_us for a, b in pairwise(entries))
    assert all(entry.end_us > entry.start_us for entry in entries)
    assert sum(e.end_us - e.start_us for e in entries) == case.facts.end_us - case.facts.start_us


@pytest.mark.proves("LAW-002")
@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_was_known_then_never_changes_when_more_is_recorded(seed: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    before = partition(case.facts, case.statements(case.known_us))
    later = case.with_more_recorded_after(rng, case.known_us)
    assert partition(later.facts, later.statements(case.known_us)) == before


@pytest.mark.proves("LAW-001", "LAW-006", "LAW-007")
@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_each_instant_has_the_class_that_a_slow_reading_of_the_records_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    entries = partition(case.facts, case.statements(case.known_us))
    for t_us in rng.integers(case.facts.start_us, case.facts.end_us, 30).tolist():
        (entry,) = [each for each in entries if each.start_us <= t_us < each.end_us]
        assert entry.legal_class is class_at(case, t_us, case.known_us)


@pytest.mark.proves("LAW-010")
@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_of_the_records_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    assert partition(case.facts, case.statements(case.known_us)) == partition(
        case.facts, case.shuffled(rng).statements(case.known_us)
    )


@pytest.mark.proves("LAW-001")
@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_without_any_authorisation_nothing_is_within_terms(seed: int) -> None:
    case = random_case(np.random.default_rng(seed)).without_authorisations()
    found = {entry.legal_class for entry in partition(case.facts, case.statements(case.known_us))}
    allowed = {
        LegalClass.ELSEWHERE,
        LegalClass.INDETERMINATE,
        LegalClass.NO_AUTHORISATION,
        LegalClass.DISPUTED,
    }
    assert found <= allowed
