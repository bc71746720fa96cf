"""The eight organisations designated on 20 February 2025: no before it, indeterminate on it, then yes."""

import pytest

from atalaya.base.errors import BadInput
from atalaya.law.records import Draft, InForce, Register, parse_stated
from atalaya.law.records.as_json import read_record
from atalaya.law.records.attestation import matters
from atalaya.law.records.designated import designated
from atalaya.law.records.example import ATTESTATIONS, example_records
from tests.law_records import NOW, RECORDED_US, at, example_register, record

NO, MAYBE, YES = InForce.NO, InForce.INDETERMINATE, InForce.YES
EIGHT = {
    "organisation/tren-de-aragua": set(),
    "organisation/ofac-sdn-15412": {"TCO"},
    "organisation/ofac-sdn-11440": {"SDNTK", "ILLICIT-DRUGS-EO14059"},
    "organisation/ofac-sdn-17671": {"SDNTK", "ILLICIT-DRUGS-EO14059"},
    "organisation/carteles-unidos": set(),
    "organisation/ofac-sdn-11438": {"SDNTK", "TCO", "ILLICIT-DRUGS-EO14059"},
    "organisation/ofac-sdn-10386": {"SDNTK", "ILLICIT-DRUGS-EO14059"},
    "organisation/ofac-sdn-39376": {"ILLICIT-DRUGS-EO14059"},
}


def statuses(organisation: str, instant: str, known_us: int = NOW) -> dict[str, InForce]:
    answers = designated(example_register(), organisation, at(instant), known_us)
    return {answer.regime: answer.in_force for answer in answers}


@pytest.mark.proves("REG-021")
@pytest.mark.parametrize("organisation", EIGHT)
@pytest.mark.parametrize(
    ("instant", "status"),
    [
        ("2025-02-19T12:00Z", NO),
        ("2025-02-20T03:00Z", NO),
        ("2025-02-20T12:00Z", MAYBE),
        ("2025-02-21T05:00Z", YES),
        ("2026-01-01T00:00Z", YES),
    ],
)
def test_the_eight_on_their_day(organisation: str, instant: str, status: InForce) -> None:
    found = statuses(organisation, instant)
    assert found["FTO"] is found["SDGT"] is status
    assert found.keys() - {"FTO", "SDGT"} == EIGHT[organisation]
    assert all(found[regime] is YES for regime in EIGHT[organisation])


@pytest.mark.proves("REG-020")
def test_earlier_regimes_begin_some_time_before_the_list_first_showed_them() -> None:
    sinaloa = "organisation/ofac-sdn-11440"
    assert statuses(sinaloa, "2021-08-18T00:00Z")["SDNTK"] is YES
    assert statuses(sinaloa, "2021-08-17T00:00Z")["SDNTK"] is MAYBE
    assert statuses(sinaloa, "2021-12-16T01:42Z")["ILLICIT-DRUGS-EO14059"] is MAYBE
    assert statuses(sinaloa, "2021-12-16T01:43Z")["ILLICIT-DRUGS-EO14059"] is YES
    assert statuses("organisation/ofac-sdn-39376", "2022-11-17T18:50Z")["ILLICIT-DRUGS-EO14059"] is YES
    (answer,) = (
        one
        for one in designated(example_register(), sinaloa, at("2023-01-01T00:00Z"), NOW)
        if one.regime == "SDNTK"
    )
    assert not answer.by_dates
    assert answer.listed is YES
    assert not answer.statements[0].designation.dates.known()


@pytest.mark.proves("REG-020")
def test_dates_that_are_not_known_stay_empty() -> None:
    answers = designated(example_register(), "organisation/tren-de-aragua", at("2025-03-01T00:00Z"), NOW)
    dates = answers[0].statements[0].designation.dates
    assert (dates.congress_notified, dates.public_inspection, dates.amended, dates.revoked) == (None,) * 4
    assert dates.decided is not None
    assert dates.decided.text == "2025-02-06"
    assert dates.published == dates.effective == parse_stated("2025-02-20", "America/New_York")


@pytest.mark.proves("REG-002")
def test_what_was_not_yet_recorded_was_not_known() -> None:
    assert statuses("organisation/tren-de-aragua", "2025-03-01T00:00Z", RECORDED_US - 1) == {}


@pytest.mark.proves("REG-021")
def test_over_a_whole_day_yes_means_all_of_it() -> None:
    day = parse_stated("2025-02-21", "UTC")
    fto, *_ = designated(
        example_register(), "organisation/carteles-unidos", day.earliest_us, NOW, until_us=day.latest_us - 1
    )
    assert fto.in_force is MAYBE  # until 05:00Z it was still the 20th in Washington


@pytest.mark.proves("REG-023")
def test_a_reading_stands_beside_and_decides_nothing() -> None:
    reading = record(
        "reading/midnight",
        body={
            "of": "designation/fto/carteles-unidos",
            "reader": "legal adviser",
            "wording": "from 00:00 local",
            "start": {"at": "2025-02-20T00:00", "zone": "America/New_York"},
        },
    )
    register = example_register().added([Draft(reading)], RECORDED_US + 1)
    fto, _ = designated(register, "organisation/carteles-unidos", at("2025-02-20T12:00Z"), NOW)
    assert fto.in_force is MAYBE
    assert [said.reader for _, said in fto.readings] == ["legal adviser"]


@pytest.mark.proves("REG-006")
def test_a_withdrawn_designation_holds_no_more_and_stays_in_the_history() -> None:
    register = example_register()
    (row,) = register.history("designation/fto/carteles-unidos")
    gone = record(row.id, body={"withdrawn": "wrong organisation"})
    later = register.added([Draft(gone, row.row)], RECORDED_US + 5)
    assert [
        one.regime for one in designated(later, "organisation/carteles-unidos", at("2025-03-01"), NOW)
    ] == ["SDGT"]
    assert len(designated(later, "organisation/carteles-unidos", at("2025-03-01"), RECORDED_US + 4)) == 2
    assert len(later.history(row.id)) == 2


def test_dates_and_validity_that_contradict_each_other_are_refused() -> None:
    form = {
        "id": "designation/x",
        "kind": "designation",
        "valid_from": "2025-03-01",
        "body": {"organisation": "organisation/x", "regime": "FTO", "dates": {"effective": "2025-02-20"}},
    }
    with pytest.raises(BadInput) as refused:
        read_record(form)
    assert refused.value.code == "REC-026"
    form["valid_from"], form["valid_to"] = "2025-02-20", "2024-01-01"
    with pytest.raises(BadInput) as refused:
        read_record(form)
    assert refused.value.code == "REC-027"


@pytest.mark.proves("REG-051")
def test_statements_of_february_2025_are_grouped_and_not_resolved() -> None:
    rows = Register().added([Draft(said) for said in example_records(ATTESTATIONS)], RECORDED_US).rows
    entry, informed = sorted(matters(rows), key=lambda matter: matter.subject, reverse=True)
    assert entry.contradictory
    assert {stance: len(said) for stance, said in entry.by_stance.items()} == {
        "affirms": 1,
        "denies": 3,
        "states": 1,
    }
    assert not informed.contradictory
    places = [said.about.place for _, said in entry.by_stance["denies"] if said.about.place]
    assert [(place.lon_deg, place.lat_deg) for place in places] == [(-110.486499, 22.359498)]
