"""The worked partition: inside 10:00-12:00, authorisation A 10:15-11:30 FL180-250, B recorded afterwards."""

import pytest

from atalaya.law.ledger.entry import LegalClass, seconds_by_class
from atalaya.law.ledger.partition import partition
from atalaya.law.records.record import Record, Span
from tests.law_facts import at, authorisation, levels, on_record, presence, sortie, stated

FACTS = sortie(
    presence((at("10:00"), at("12:00"), ("MEX",), True)),
    **levels((at("10:00"), 200), (at("11:00"), 260), (at("11:10"), 220)),
)
A = authorisation("A", stated("10:15"), stated("11:30"), at("09:00"), band="FL180-FL250")
B = authorisation("B", stated("11:30"), stated("12:30"), at("12:40"))


def spent(known: str, *revocations: Record) -> dict[LegalClass, float]:
    statements = on_record(FACTS, [A, B], at(known), revocations)
    return seconds_by_class(partition(FACTS, lambda _state: statements))


@pytest.mark.proves("LAW-001", "LAW-002")
def test_as_known_afterwards() -> None:
    assert spent("13:00") == {
        LegalClass.NO_AUTHORISATION: 900,
        LegalClass.WITHIN_TERMS: 2700 + 1200,
        LegalClass.OUTSIDE_TERMS: 600,
        LegalClass.RECORDED_AFTERWARDS: 1800,
    }


@pytest.mark.proves("LAW-002")
def test_as_known_before_the_second_paper_was_recorded() -> None:
    assert spent("12:00")[LegalClass.NO_AUTHORISATION] == 900 + 1800


@pytest.mark.proves("LAW-003")
def test_the_term_not_met_is_named() -> None:
    statements = on_record(FACTS, [A, B], at("13:00"))
    (outside,) = [
        entry
        for entry in partition(FACTS, lambda _state: statements)
        if entry.legal_class is LegalClass.OUTSIDE_TERMS
    ]
    assert [(reason.record, reason.term) for reason in outside.reasons] == [("authorisation/A", "altitude")]
    assert (outside.start_us, outside.end_us) == (at("11:00"), at("11:10"))


@pytest.mark.proves("LAW-004")
def test_revoked_in_flight_counts_what_was_received_apart() -> None:
    revoked = Record(
        "revocation/A",
        "revocation",
        {"authorisation": A.id, "by": "MEX, SRE"},
        Span(stated("11:15"), None),
        stated("11:15"),
        at("11:22"),
        at("11:22"),
    )
    statements = on_record(FACTS, [A], at("13:00"), [revoked])
    entries = partition(FACTS, lambda _state: statements)
    covered = [e.seconds for e in entries if e.legal_class is LegalClass.WITHIN_TERMS]
    terms = {
        tuple(reason.term for reason in e.reasons): e.seconds
        for e in entries
        if e.legal_class is LegalClass.OUTSIDE_TERMS
    }
    assert covered == [2700, 300]
    assert terms == {("altitude",): 600, ("revoked, not yet received",): 420, ("revoked",): 480}


@pytest.mark.proves("LAW-005")
def test_a_party_with_standing_contests_what_a_paper_covers() -> None:
    contested = Record(
        "attestation/1", "attestation", {}, Span(stated("10:30"), stated("10:40")), None, None, at("12:00")
    )
    statements = on_record(FACTS, [A], at("13:00"), disputes=[contested])
    entries = partition(FACTS, lambda _state: statements)
    (disputed,) = [e for e in entries if e.legal_class is LegalClass.DISPUTED]
    assert disputed.seconds == 600
    assert disputed.reasons[0].record == "attestation/1"


@pytest.mark.proves("LAW-006")
def test_a_date_without_a_zone_leaves_the_class_open_only_where_it_matters() -> None:
    from atalaya.law.records.stated import parse_stated

    day = authorisation("D", parse_stated("2025-02-20"), None, at("09:00", "2025-02-18"))
    statements = on_record(FACTS, [day], at("13:00"))
    (entry,) = partition(FACTS, lambda _state: statements)
    assert entry.legal_class is LegalClass.INDETERMINATE
    assert [(r.record, r.term) for r in entry.reasons] == [("authorisation/D", "validity")]
    both = on_record(FACTS, [day, authorisation("E", None, None, at("09:00"))], at("13:00"))
    (entry,) = partition(FACTS, lambda _state: both)
    assert entry.legal_class is LegalClass.WITHIN_TERMS


@pytest.mark.proves("LAW-007")
def test_an_altitude_nobody_recorded_is_unknown_never_met() -> None:
    other = authorisation("M", None, None, at("09:00"), band="3000-9000 m hae")
    statements = on_record(FACTS, [other], at("13:00"))
    (entry,) = partition(FACTS, lambda _state: statements)
    assert entry.legal_class is LegalClass.INDETERMINATE
    assert [reason.term for reason in entry.reasons] == ["altitude"]


@pytest.mark.proves("LAW-008")
def test_a_place_that_is_not_certain_is_indeterminate_whatever_the_papers_say() -> None:
    facts = sortie(
        presence(
            (at("10:00"), at("10:10"), (), True),
            (at("10:10"), at("10:20"), ("MEX", "USA"), False),
            (at("10:20"), at("10:30"), ("MEX",), True),
            (at("10:30"), at("10:40"), ("USA",), True),
        )
    )
    statements = on_record(facts, [authorisation("W", None, None, at("09:00"))], at("13:00"))
    classes = [entry.legal_class for entry in partition(facts, lambda _state: statements)]
    assert classes == [
        LegalClass.ELSEWHERE,
        LegalClass.INDETERMINATE,
        LegalClass.WITHIN_TERMS,
        LegalClass.ELSEWHERE,
    ]


@pytest.mark.proves("LAW-009")
def test_a_correction_after_the_flight_does_not_rewrite_what_was_known() -> None:
    first = authorisation("C", None, None, at("09:00"))
    first = Record(**{**{s: getattr(first, s) for s in first.__slots__}, "superseded_us": at("12:30")})
    second = authorisation("C", None, None, at("12:30"), band="FL180-FL250")
    statements = on_record(FACTS, [first, second], at("13:00"))
    spent_now = seconds_by_class(partition(FACTS, lambda _state: statements))
    assert spent_now == {LegalClass.WITHIN_TERMS: 6600, LegalClass.OUTSIDE_TERMS: 600}
    then = on_record(FACTS, [first, second], at("12:10"))
    assert seconds_by_class(partition(FACTS, lambda _state: then)) == {LegalClass.WITHIN_TERMS: 7200}
