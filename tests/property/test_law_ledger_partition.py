"""Laws of the partition over random registers and sorties."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.law.ledger.entry import LegalClass
from atalaya.law.ledger.partition import partition
from tests.law_random import random_case


def classes_at(entries: list, instants: list[int]) -> list[LegalClass]:
    return [next(e.legal_class for e in entries if e.start_us <= t < e.end_us) for t in instants]


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
