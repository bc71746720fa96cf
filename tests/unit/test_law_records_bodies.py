"""Bodies of records: a worked one of each kind, and what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from atalaya.base.errors import BadInput
from atalaya.law.records import KINDS, Record, Span, parse_stated
from atalaya.law.records.bodies import READERS, read_body
from atalaya.law.records.notification import STEPS, chains
from atalaya.law.records.payload import SENSORS
from atalaya.law.records.persons import is_personal_form
from tests.law_records import at

BODIES: Mapping[str, dict[str, Any]] = {
    "organisation": {"name": "Cartel del Golfo", "country": "mx", "refs": {"ofac-sdn": "10386"}},
    "alias": {"organisation": "organisation/x", "text": "CDG", "language": "es", "former": "no"},
    "designation": {"organisation": "organisation/x", "regime": "FTO", "dates": {"decided": "2025-02-06"}},
    "notification": {"notice": "n/1", "step": "sent", "to": "AFAC", "about": {"sortie": "sortie/XA/1"}},
    "attestation": {"speaker": "Presidency of Mexico", "wording": "...", "about": {"state": "MEX"}},
    "request": {"asked_of": "SRE, Mexico", "outcome": "denied", "answered": "2025-02-18"},
    "reading": {"of": "designation/x", "reader": "legal adviser", "wording": "from 00:00 local"},
    "airframe": {"registration": "N427DF", "icao_hex": "A51D4B", "state": "usa", "state_aircraft": True},
    "inspection": {"airframe": "N427DF", "inspector": "AFAC", "unarmed": "yes", "software_sha256": "a" * 64},
    "payload": {"name": "turret", "sensor": "ir_cooled", "model": "MX-15"},
    "counter": {
        "counter": "airframe_hours",
        "value": "12.5",
        "unit": "h",
        "kept_by": "hangar",
        "of": "fleet",
    },
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_worked_body_of_each_kind_is_read(kind: str) -> None:
    assert read_body(kind, BODIES[kind], kind) is not None


def test_every_kind_has_a_reader() -> None:
    assert READERS.keys() == KINDS


@pytest.mark.proves("REG-013")
@pytest.mark.parametrize("kind", BODIES)
def test_an_unknown_field_is_refused(kind: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_body(kind, {**BODIES[kind], "nmae": "x"}, kind)
    assert refused.value.code == "REC-012"
    assert "nmae" in str(refused.value)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_withdrawn_row_of_any_kind(kind: str) -> None:
    assert read_body(kind, {"withdrawn": "wrong airframe"}, kind) == {"withdrawn": "wrong airframe"}


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("organisation", {"name": ""}, "REC-010"),
        ("organisation", {"name": 5}, "REC-011"),
        ("organisation", {"name": "a\x00b"}, "REC-011"),
        ("organisation", {"name": "n" * 2000}, "REC-011"),
        ("organisation", {"refs": {"ofac-sdn": 10386}}, "REC-011"),
        ("alias", {"basis": "likely"}, "REC-011"),
        ("designation", {"dates": {"decided": "last week"}}, "REC-001"),
        ("designation", {"dates": {"signed": "2025-02-06"}}, "REC-012"),
        ("notification", {"step": "received"}, "REC-011"),
        ("notification", {"failed": True}, "REC-016"),
        ("attestation", {"about": {}}, "REC-023"),
        ("attestation", {"about": {"state": "MX"}}, "REC-011"),
        ("attestation", {"stance": "true"}, "REC-011"),
        ("attestation", {"about": {"place": {"lon_deg": 200, "lat_deg": 0}}}, "REC-011"),
        ("attestation", {"about": {"place": {"lon_deg": 20}}}, "REC-010"),
        ("airframe", {"icao_hex": "xyz"}, "REC-011"),
        ("inspection", {"unarmed": "perhaps"}, "REC-011"),
        ("inspection", {"software_sha256": "abc"}, "REC-011"),
        ("counter", {"value": "many"}, "REC-011"),
        ("counter", {"value": -1}, "REC-011"),
        ("counter", {"value": True}, "REC-011"),
        ("counter", {"unit": "min"}, "REC-011"),
        ("counter", {"of": ""}, "REC-010"),
    ],
)
@pytest.mark.proves("REG-052", "REG-050")
def test_what_is_wrong_is_said(kind: str, change: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_body(kind, {**BODIES[kind], **change}, kind)
    assert refused.value.code == code


@pytest.mark.parametrize("body", [{"a": float("nan")}, {"a": {1: 2}}, {"a": object()}, [], "x", None])
def test_what_is_no_json_object_is_refused(body: Any) -> None:
    with pytest.raises(BadInput) as refused:
        read_body("reading", body, "x")
    assert refused.value.code == "REC-014"


def test_a_body_nested_without_end_is_refused() -> None:
    body: dict[str, Any] = {}
    body["note"] = body
    with pytest.raises(BadInput) as refused:
        read_body("reading", body, "x")
    assert refused.value.code == "REC-014"


@pytest.mark.proves("REG-010")
@pytest.mark.parametrize(
    "change",
    [
        {"schema": "Person"},
        {"schema": "LegalEntity"},
        {"birthDate": "1970-01-01"},
        {"passportNumber": "X"},
        {"name": "PEREZ LOPEZ, Juan"},
        {"name": "Pérez, Juan Antonio"},
        {"listed": {"l": {"entry": "1", "name": "X LTD", "names": ["AL-AGHA, Abu Ubaydah"]}}},
    ],
)
def test_a_person_cannot_be_entered(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as refused:
        read_body("organisation", {**BODIES["organisation"], **change}, "organisation/x")
    assert refused.value.code == "REC-015"
    assert "Juan" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "personal"),
    [
        ("TIMCHENKO, Gennady Nikolayevich", True),
        ("BEN KHALIFA, Fahmi", True),
        ("RAHMAN, Inayat ur", True),
        ("García Márquez, Ana", True),
        ("INSTITUT STROIPROEKT, AO", False),
        ("Solid, OOO", False),
        ("Obras, Servicios y Mantenimientos C.A.", False),
        ("Hotel Holding, s.r.o.", False),
        ("Cartel del Golfo", False),
        ("Party of Work, Department of Agitation", False),
    ],
)
def test_how_lists_write_persons(name: str, *, personal: bool) -> None:
    assert is_personal_form(name) is personal


@pytest.mark.proves("REG-012")
@pytest.mark.parametrize("sensor", ["missile", "gun", "laser_designator", "imsi_catcher", "EO", "camera", ""])
def test_only_known_sensors_are_payloads(sensor: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_body("payload", {"name": "x", "sensor": sensor}, "payload/x")
    assert refused.value.code in {"REC-024", "REC-010"}


@pytest.mark.proves("REG-012")
@pytest.mark.parametrize(
    "words",
    [
        *(
            "AGM-114 launcher",
            "two Hellfire missiles",
            "GBU12",
            "laser designator",
            "fire-control radar",
            "bombas",
        ),
        *("munición merodeadora", "IMSI catcher", "face recognition camera", "GPS jammer", "weapon_bay"),
    ],
)
def test_no_weapon_can_be_described_as_a_sensor(words: str) -> None:
    for field in ("name", "model", "maker", "note"):
        with pytest.raises(BadInput) as refused:
            read_body("payload", {"name": "x", "sensor": "eo", field: words}, "payload/x")
        assert refused.value.code == "REC-024"


def test_every_kind_of_sensor_can_be_entered() -> None:
    for sensor in SENSORS:
        read_body("payload", {"name": f"{sensor} pod", "sensor": sensor}, "payload/x")


def step(name: str, when: str, **changes: Any) -> Record:
    body = {"notice": "notice/1", "step": name, "to": "AFAC", **changes}
    return Record(f"notification/{name}-{when}", "notification", body, Span(parse_stated(when, "UTC")))


@pytest.mark.proves("REG-050")
def test_steps_of_a_notice_are_facts_of_their_own() -> None:
    rows = [
        step("composed", "2025-02-18T09:00"),
        step("sent", "2025-02-18T10:00"),
        step("sent", "2025-02-18T09:30", failed=True, not_reached=["SEDENA"], to="SEDENA"),
        step("acknowledged", "2025-02-18", by="duty officer"),
    ]
    (chain,) = chains(rows)
    composed, sent, delivered, acknowledged = chain.steps
    assert (composed, sent, acknowledged) == tuple(rows[n].valid.start for n in (0, 1, 3))
    assert delivered is None, "that it was acknowledged does not say when it was delivered"
    assert chain.not_reached == ("SEDENA",)
    assert chain.lead_us(at("2025-02-18T12:00")) == (7_200_000_000, 7_200_000_000)
    assert len(chain.steps) == len(STEPS)
    (later,) = chains([*rows, step("sent", "2025-02-18T11:00", to="SEDENA")])
    assert later.not_reached == ()


def test_a_notice_that_was_never_sent_has_no_lead() -> None:
    (chain,) = chains([step("composed", "2025-02-18T09:00")])
    assert chain.lead_us(at("2025-02-18T12:00")) is None
