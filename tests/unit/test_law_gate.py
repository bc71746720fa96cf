"""What may be done is asked beforehand, with the reasons told."""

import pytest

from atalaya.base.errors import BadInput
from atalaya.law.gate import Answer, Verdict, may_carry, may_fly, may_release
from atalaya.law.ledger.explain import terms_at
from atalaya.law.ledger.facts import SortieFacts
from atalaya.law.ledger.partition import Statements, partition
from atalaya.law.ledger.steps import Tri, constant, of_intervals
from atalaya.law.records.authorisation import read_authorisation
from atalaya.law.records.record import Record
from tests.law_facts import at, authorisation, on_record, presence, sortie, stated

FACTS = sortie(
    presence(
        (at("10:00"), at("10:30"), ("USA",), True),
        (at("10:30"), at("11:30"), ("MEX",), True),
        (at("11:30"), at("12:00"), (), True),
    ),
    sensors=("eo",),
    entries_us={"MEX": at("10:30")},
)
PAPER = authorisation("A", stated("10:00"), stated("12:00"), at("08:00"))


def asked(*rows: Record, facts: SortieFacts = FACTS, sent: str = "", inspected: bool | None = True) -> Answer:
    statements = on_record(facts, rows, at("09:00"), sent_us=at(sent) if sent else None)
    return may_fly(facts, lambda _state: statements, at("09:00"), payloads=("eo", "ir"), inspected=inspected)


@pytest.mark.proves("LAW-030")
def test_a_flight_is_allowed_only_with_a_paper_for_every_second() -> None:
    assert asked(PAPER).verdict is Verdict.ALLOWED
    refused = asked()
    assert refused.verdict is Verdict.REFUSED
    assert refused.deciding.states == ("MEX",)
    assert (refused.deciding.start_us, refused.deciding.end_us) == (at("10:30"), at("11:30"))
    short = asked(authorisation("S", stated("10:00"), stated("11:29"), at("08:00")))
    assert (short.verdict, short.deciding.start_us) == (Verdict.REFUSED, at("11:29"))


@pytest.mark.proves("LAW-030")
def test_a_paper_that_came_in_after_the_question_does_not_help() -> None:
    assert asked(authorisation("L", None, None, at("09:30"))).verdict is Verdict.REFUSED


@pytest.mark.proves("LAW-039")
def test_at_the_line_a_flight_needs_to_be_allowed_on_both_sides() -> None:
    crossing = sortie(
        presence(
            (at("10:00"), at("10:30"), ("USA",), True),
            (at("10:30"), at("10:31"), ("MEX", "USA"), False),
            (at("10:31"), at("11:30"), ("MEX",), True),
            (at("11:30"), at("11:31"), ("GTM", "MEX"), False),
        ),
        entries_us={"MEX": at("10:30")},
    )
    both = Record("authorisation/G", "authorisation", {**PAPER.body, "airspace_of": "GTM"}, PAPER.valid)

    def asked_with(*rows: Record) -> Answer:
        def of_state(state: str) -> Statements:
            mine = [row for row in rows if row.body["airspace_of"] == state]
            return on_record(crossing, mine, at("09:00"))

        return may_fly(crossing, of_state, at("09:00"), payloads=(), inspected=True)

    assert asked_with(PAPER, both).verdict is Verdict.ALLOWED
    without = asked_with(PAPER)
    assert (without.verdict, without.deciding.start_us) == (Verdict.INDETERMINATE, at("11:30"))


@pytest.mark.proves("LAW-032")
def test_only_sensors_on_record_are_carried() -> None:
    assert may_carry(("eo", "IR"), ("eo", "ir"), 0).verdict is Verdict.ALLOWED
    for kind in ("missile", "laser designator", "gun", "", "eo "):
        answer = may_carry(("eo", kind), ("eo", "ir"), 0)
        assert answer.verdict is Verdict.REFUSED
        assert answer.deciding.finding == f"payload {kind}"


@pytest.mark.proves("LAW-033")
def test_an_airframe_nobody_inspected_is_not_simply_allowed() -> None:
    assert asked(PAPER, inspected=None).verdict is Verdict.INDETERMINATE
    assert asked(PAPER, inspected=False).verdict is Verdict.REFUSED


@pytest.mark.proves("LAW-034")
@pytest.mark.parametrize("mention", ["armament", "electronic_warfare"])
def test_an_authorisation_that_mentions_arms_cannot_be_read(mention: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_authorisation({**PAPER.body, mention: True}, "paper.json")
    assert caught.value.code == "LED-003"


@pytest.mark.proves("LAW-035")
@pytest.mark.parametrize("basis", ["designation", "fto", "eo-13224", "8-usc-1189", ""])
def test_a_designation_is_no_basis_for_a_flight(basis: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_authorisation({**PAPER.body, "basis": basis}, "paper.json")
    assert caught.value.details["field"] == "basis"


@pytest.mark.proves("LAW-036")
def test_a_notice_must_be_sent_its_lead_time_before_entry() -> None:
    with_notice = authorisation("N", None, None, at("08:00"), lead_time_s=3600)
    assert asked(with_notice, sent="09:30").verdict is Verdict.ALLOWED
    late = asked(with_notice, sent="09:31")
    assert (late.verdict, late.deciding.reasons[0].term) == (Verdict.REFUSED, "notice")
    assert asked(with_notice).verdict is Verdict.REFUSED


@pytest.mark.proves("LAW-037")
def test_a_standing_rule_ends_at_its_distance() -> None:
    rule = authorisation(
        "FAA AIM 5-6-8",
        None,
        None,
        at("08:00"),
        basis="standing-rule",
        rule={"near": "MEX", "within_m": 92_600, "purposes": ["search and rescue"]},
    )
    near = of_intervals([(at("10:30"), at("11:00"), Tri.YES)], Tri.NO)
    facts = sortie(
        FACTS.presence, sensors=("eo",), purpose="search and rescue", near=lambda _state, _metres: near
    )
    answer = asked(rule, facts=facts)
    assert (answer.deciding.start_us, answer.deciding.reasons[0].term) == (at("11:00"), "standing rule")
    other = sortie(FACTS.presence, purpose="mapping", near=lambda _state, _metres: constant(Tri.YES))
    assert asked(rule, facts=other).verdict is Verdict.REFUSED
    with pytest.raises(BadInput) as caught:
        read_authorisation({**PAPER.body, "basis": "standing-rule"})
    assert caught.value.code == "LED-004"


@pytest.mark.proves("LAW-031")
def test_what_was_collected_outside_terms_is_not_released() -> None:
    statements = on_record(FACTS, [PAPER], at("13:00"))
    fine = partition(FACTS, lambda _state: statements)
    assert may_release(fine, at("13:00")).verdict is Verdict.ALLOWED
    nothing = on_record(FACTS, [], at("13:00"))
    assert may_release(partition(FACTS, lambda _state: nothing), 0).verdict is Verdict.REFUSED
    assert may_release([], 0).verdict is Verdict.INDETERMINATE


def test_why_lists_every_term_with_its_value() -> None:
    rows = [authorisation("A", stated("10:00"), stated("11:00"), at("08:00"), airframes=["X2"]), PAPER]
    found = terms_at(on_record(FACTS, rows, at("09:00")), at("11:15"))
    values = {(each.record, each.term): each.value for each in found}
    assert values["authorisation/A", "airframe"] is Tri.NO
    assert {each.as_json()["met"] for each in found} == {"yes", "no"}
