"""Importers: organisations in, persons out; the guard; changes told from new words."""

import json
from dataclasses import replace
from typing import Any

import pytest

from atalaya.base.errors import BadInput
from atalaya.law.records import InForce
from atalaya.law.records.as_json import record_as_json
from atalaya.law.records.designated import designated
from atalaya.law.records.importers.ftm import read_ftm
from atalaya.law.records.importers.generic import read_csv, read_json
from atalaya.law.records.importers.sdn import programmes, read_sdn
from atalaya.law.records.importers.sdn_history import HEADER, issues
from tests.law_records import NOW, Importing, at, companies, example_register, sdn_issue, sdn_text, stated

PERSON = "PEREZ LOPEZ, Juan Antonio"


def status(
    importing: Importing, organisation: str, regime: str, instant: str
) -> tuple[InForce, InForce | None]:
    answers = designated(importing.register, organisation, at(instant), NOW)
    return next((one.in_force, one.listed) for one in answers if one.regime == regime)


@pytest.mark.proves("REG-011")
def test_persons_named_in_the_list_are_left_out() -> None:
    rows = [
        (
            "1",
            "ALFA LTD",
            "-0-",
            "SDNTK",
            f"a.k.a. 'ALPHA'; a.k.a. '{PERSON}'; Linked To: {PERSON}; Linked To: BETA S.A.",
        ),
        (
            "2",
            "BETA S.A.",
            "-0-",
            "SDNTK] [TCO",
            f"Target Type Private Company; contact {PERSON}, born 1970.",
        ),
        ("3", PERSON, "individual", "SDNTK", "DOB 1970; Passport X."),
        ("4", PERSON, "-0-", "SDNTK", "-0-"),
        ("5", "JUAN PEREZ LOPEZ", "individual", "SDNTK", "-0-"),
        ("6", "GAMMA LTD", "-0-", "SDNTK", "a.k.a. 'JUAN PEREZ LOPEZ'."),
        ("7", "SHIP", "vessel", "SDNTK", "-0-"),
    ]
    issue = sdn_issue(rows, "2021-08-18")
    assert sorted(issue.entries) == ["1", "2", "6"]
    assert issue.entries["1"].names == ("ALPHA",)
    assert issue.entries["1"].linked_to == ("BETA S.A.",)
    assert issue.entries["2"].details == {"kind": "Private Company"}
    assert {found.code: found.count for found in issue.findings} == {"REC-038": 2, "REC-039": 4, "REC-040": 1}
    importing = Importing()
    importing.take(issue)
    kept = json.dumps([record_as_json(row) for row in importing.register.rows], ensure_ascii=False)
    for word in ("PEREZ", "Juan", "Antonio", "JUAN", "1970", "Passport"):
        assert word not in kept


@pytest.mark.proves("REG-022")
def test_a_text_completed_is_no_new_designation() -> None:
    importing = Importing()
    gulf = ("10386", "GULF CARTEL", "-0-", "SDNTK", "-0-")
    importing.take(sdn_issue([gulf, *companies(30)], "2021-08-18"))
    importing.take(sdn_issue([(*gulf[:3], "SDNTK] [ILLICIT-DRUGS-EO", "-0-"), *companies(30)], "2021-12-16"))
    (short,) = (row for row in importing.register.of_kind("designation") if "EO" in row.id)
    plan = importing.take(
        sdn_issue([(*gulf[:3], "SDNTK] [ILLICIT-DRUGS-EO14059", "-0-"), *companies(30)], "2022-09-22")
    )
    assert plan.events == {"change:program": 1}
    assert [found.code for found in plan.findings] == ["REC-033"]
    before, after = importing.register.history(short.id)
    assert (before.body["regime"], after.body["regime"]) == ("ILLICIT-DRUGS-EO", "ILLICIT-DRUGS-EO14059")
    assert before.valid == after.valid
    assert after.body["listed"]["first_seen"] == before.body["listed"]["first_seen"]
    found = status(importing, "organisation/ofac-sdn-10386", "ILLICIT-DRUGS-EO14059", "2022-01-01")
    assert found == (InForce.YES, InForce.YES)


@pytest.mark.proves("REG-022")
def test_another_programme_is_another_designation() -> None:
    importing = Importing()
    importing.take(sdn_issue([("1", "X LTD", "-0-", "PEESA", "-0-"), *companies(30)], "2021-08-18"))
    plan = importing.take(
        sdn_issue([("1", "X LTD", "-0-", "PEESA-EO14039", "-0-"), *companies(30)], "2021-09-01")
    )
    assert plan.findings == ()
    assert status(importing, "organisation/ofac-sdn-1", "PEESA", "2021-08-20") == (InForce.INDETERMINATE,) * 2
    assert status(importing, "organisation/ofac-sdn-1", "PEESA", "2021-09-02")[0] is InForce.NO


@pytest.mark.proves("REG-020")
def test_leaving_the_list_and_coming_back() -> None:
    one = ("1", "X LTD", "-0-", "SDNTK", "-0-")
    importing = Importing()
    for present, day in ((True, "2021-01-01"), (False, "2021-02-01"), (True, "2021-03-01")):
        importing.take(sdn_issue([*([one] if present else []), *companies(30)], day))
    importing.take(sdn_issue([one, *companies(31)], "2021-04-01"))
    asked = {"2020-12-01": "indeterminate", "2021-01-02": "indeterminate", "2021-01-15": "indeterminate"}
    asked |= {"2021-03-02": "yes", "2021-03-15": "yes"}
    x = "organisation/ofac-sdn-1"
    register = importing.register
    for day, expected in asked.items():
        (found,) = designated(register, x, at(day), NOW)
        assert found.in_force == expected, day
    assert status(importing, x, "SDNTK", "2021-02-15")[0] is InForce.INDETERMINATE
    assert len(register.history("organisation/ofac-sdn-1")) == 3


@pytest.mark.proves("REG-031")
@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "REC-034"),
        (companies(89), "REC-035"),
        (
            [(n, f"OTHER {name}", kind, program, rest) for n, name, kind, program, rest in companies(100)],
            "REC-035",
        ),
        (companies(100, "-0-"), "REC-035"),
    ],
)
def test_a_file_cut_short_changes_nothing(rows: list[tuple[str, ...]], code: str) -> None:
    importing = Importing()
    importing.take(sdn_issue(companies(100), "2021-08-18"))
    before = importing.register
    with pytest.raises(BadInput) as refused:
        importing.take(sdn_issue(rows, "2021-08-19"))
    assert refused.value.code == code
    assert importing.register is before


@pytest.mark.proves("REG-031")
def test_only_the_exact_number_lets_a_shrunken_file_through() -> None:
    importing = Importing()
    importing.take(sdn_issue(companies(100), "2021-08-18"))
    for expected in (10, 12):
        with pytest.raises(BadInput) as refused:
            importing.take(sdn_issue(companies(89), "2021-08-19"), expect_gone=expected)
        assert refused.value.code == "REC-036"
    assert importing.take(sdn_issue(companies(89), "2021-08-19"), expect_gone=11).events == {"delete": 11}
    assert importing.take(sdn_issue(companies(88), "2021-08-20")).events == {"delete": 1}


@pytest.mark.proves("REG-032")
def test_an_older_issue_is_refused() -> None:
    importing = Importing()
    importing.take(sdn_issue(companies(20), "2021-08-18"))
    with pytest.raises(BadInput) as refused:
        importing.take(sdn_issue(companies(21), "2021-08-17"))
    assert refused.value.code == "REC-037"


def test_a_list_joins_organisations_that_carry_its_number() -> None:
    importing = Importing(example_register())
    gulf = ("10386", "GULF CARTEL", "-0-", "SDNTK", "a.k.a. 'CDG'.")
    importing.take(sdn_issue([gulf, *companies(60)], "2021-08-18"), expect_gone=0)
    rows = importing.register.as_known(NOW, "organisation/ofac-sdn-10386")
    assert [row.body["name"] for row in rows] == ["Cartel del Golfo"], "a curated name stays"
    assert rows[0].body["listed"]["ofac-sdn"]["name"] == "GULF CARTEL"
    found = status(importing, "organisation/ofac-sdn-10386", "ILLICIT-DRUGS-EO14059", "2023-01-01")
    assert found[0] is InForce.YES, "an issue older than the first sight ends nothing"


@pytest.mark.proves("REG-033")
def test_rows_that_cannot_be_read_are_counted() -> None:
    text = sdn_text(companies(5)) + "7,too,short\r\nx,y,-0-,p,,,,,,,,\r\n1000,AGAIN,-0-,p,,,,,,,,\r\n\x1a"
    issue = read_sdn(text, "ofac-sdn", stated("2021-08-18"))
    assert len(issue.entries) == 5
    assert {found.code: found.count for found in issue.findings} == {"REC-032": 3}
    with pytest.raises(BadInput) as refused:
        read_sdn("a,b\nc,d\n", "ofac-sdn", stated("2021"))
    assert refused.value.code == "REC-031"


def test_programmes_with_and_without_their_outer_brackets() -> None:
    assert programmes("SDNTK] [TCO") == programmes("[SDNTK] [TCO]") == ("SDNTK", "TCO")
    assert programmes("-0-") == programmes("") == programmes(" ") == ()


@pytest.mark.proves("REG-032")
def test_events_that_do_not_fit_are_refused() -> None:
    first = sdn_issue(companies(3), "2021-08-18").entries
    for event, number in (("add", "1000"), ("delete", "77"), ("change:name", "77")):
        text = ",".join(HEADER) + f"\n2021-08-20T00:00:00+00:00,{event},{number},X LTD,-0-,SDNTK,\n"
        with pytest.raises(BadInput) as refused:
            list(issues(text, "ofac-sdn", first))
        assert refused.value.code == "REC-042"


def entity(number: str, schema: str, **properties: Any) -> str:
    shown = {name: [value] if isinstance(value, str) else value for name, value in properties.items()}
    return json.dumps({"id": number, "schema": schema, "properties": shown}, ensure_ascii=False)


FTM = [
    entity(
        "NK-1", "Organization", name="Cartel X", alias=["CX", "Juan Perez"], country="mx", notes="Juan Perez"
    ),
    entity("NK-2", "Person", name="Juan Perez", birthDate="1970"),
    entity("NK-3", "LegalEntity", name="Somebody"),
    entity("NK-4", "Company", name="Firma, S.A.", topics="sanction", summary="owned by Juan Perez"),
    entity("S-1", "Sanction", entity="NK-1", program="FTO", startDate="2025-02-20", authority="Juan Perez"),
    entity("S-2", "Sanction", entity="NK-2", program="SDNTK"),
    entity("S-3", "Sanction", entity="NK-4", programId="US-X", listingDate="20 Feb 2025"),
    entity("NK-5", "Company", name="Juan Perez"),
    entity("NK-6", "Organization", name="X", firstName="Y"),
    "not json",
]


@pytest.mark.proves("REG-011")
@pytest.mark.parametrize("lines", [FTM, FTM[::-1]])
def test_entities_of_followthemoney(lines: list[str]) -> None:
    issue = read_ftm(lines, "opensanctions", stated("2025-03-01"))
    assert sorted(issue.entries) == ["NK-1", "NK-4"]
    assert issue.entries["NK-1"].names == ("CX",)
    (fto,) = issue.entries["NK-1"].statuses
    assert (fto.programme, fto.authority) == ("FTO", "")
    assert fto.effective is not None
    assert fto.effective.zone == ""
    kept = repr(issue.entries)
    assert "Juan" not in kept
    assert "owned" not in kept
    counts = {found.code: found.count for found in issue.findings}
    assert counts == {"REC-038": 3, "REC-039": 2, "REC-040": 2, "REC-043": 1, "REC-032": 1}


def test_dates_that_a_list_states_are_legal_dates() -> None:
    importing = Importing()
    importing.holding.source = "opensanctions"
    importing.take(read_ftm(FTM, "opensanctions", stated("2025-03-01")))
    (fto,) = designated(importing.register, "organisation/opensanctions-NK-1", at("2025-02-20T12:00Z"), NOW)
    assert fto.by_dates
    assert fto.in_force is InForce.INDETERMINATE
    ended = [
        entity("S-1", "Sanction", entity="NK-1", program="FTO", startDate="2025-02-20", endDate="2025-03-05")
    ]
    plan = importing.take(read_ftm([*FTM[:4], *ended, *FTM[5:]], "opensanctions", stated("2025-03-08")))
    assert plan.events == {"change:remarks": 1}
    (fto,) = designated(importing.register, "organisation/opensanctions-NK-1", at("2025-03-08"), NOW)
    assert fto.in_force is InForce.NO


FORM = {
    "id": "inspection/n427df-2025",
    "kind": "inspection",
    "valid_from": "2025-02-18T09:30",
    "zone": "America/Mexico_City",
    "received": "2025-02-19",
    "evidence": "A" * 64,
    "body": {"airframe": "N427DF", "inspector": "AFAC", "unarmed": True},
}


def test_json_of_every_shape_and_csv_say_the_same() -> None:
    columns = ["id", "kind", "valid_from", "zone", "received", "evidence"]
    head = ";".join([*columns, *(f"body.{name}" for name in FORM["body"])])
    row = ";".join([*(str(FORM[name]) for name in columns), "N427DF", "AFAC", "yes"])
    shapes = [json.dumps(FORM), json.dumps([FORM]), json.dumps({"title": "x", "records": [FORM]})]
    reads = [read_json(text) for text in (*shapes, "\ufeff" + shapes[0])]
    (expected,) = reads[0].records
    assert all(read.records == (expected,) for read in reads)
    (from_table,) = read_csv(f"\ufeff{head}\r\n{row}\r\n").records
    assert from_table == replace(expected, body={**expected.body, "unarmed": "yes"})
    assert expected.valid.start is not None
    assert expected.valid.start.earliest_us == at("2025-02-18T15:30Z")
    assert expected.received_us == at("2025-02-20T06:00Z"), (
        "a day means its last instant: it was there by then"
    )


def test_what_is_written_is_read_back() -> None:
    (record,) = read_json(json.dumps(FORM)).records
    assert read_json(json.dumps(record_as_json(record))).records == (record,)


@pytest.mark.proves("REG-033")
def test_one_bad_record_does_not_stop_the_others() -> None:
    bad = [
        {**FORM, "id": "wrong/x"},
        {**FORM, "kind": "weapon"},
        {**FORM, "body": []},
        5,
        {**FORM, "vaild_to": "x"},
    ]
    read = read_json(json.dumps([FORM, *bad, {**FORM, "id": "inspection/b"}]), "f.json")
    assert [record.id for record in read.records] == [FORM["id"], "inspection/b"]
    assert [error.code for error in read.errors] == ["REC-025", "REC-013", "REC-010", "REC-014", "REC-012"]
    assert all(error.where.startswith("f.json, ") for error in read.errors)


@pytest.mark.parametrize("text", ["", "{", "[1,", "nonsense", "[" * 100_000])
def test_what_is_no_json_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_json(text, "f.json")
    assert refused.value.code == "REC-041"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "REC-054"),
        ("a,b\n1,2\n", "REC-054"),
        ("id,kind,id\n", "REC-054"),
        ('id,kind\n"a', "REC-041"),
        ("id,kind,colour\nx,y,z\n", "REC-053"),
        ("id,kind,body\nx,y,z\n", "REC-053"),
    ],
)
def test_what_is_no_table_of_records_is_said_to_be_none(text: str, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_csv(text, "f.csv")
    assert refused.value.code == code


def test_an_unknown_column_is_named_with_those_that_are_known() -> None:
    with pytest.raises(BadInput) as refused:
        read_csv("id,kind,airframe_name\nx,y,z\n", "f.csv")
    text = refused.value.text
    assert "airframe_name" in text.what
    assert "valid_from" in text.why
    assert "body.airframe_name" in text.remedy
