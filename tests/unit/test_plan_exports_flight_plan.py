"""ICAO flight plans: the worked sortie as a message, its strict reader, what is never made up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError
from atalaya.plan.exports import FlightPlanFields, flight_plan_of, flight_plan_text, read_flight_plan
from atalaya.plan.exports.flight_plan import coordinates
from atalaya.plan.exports.flight_plan_text import LINE, RouteElement
from tests.export_sorties import FIELDS, worked

OTHERS = """(FPL-ACF402-IS
-A320/M-SDE3FGHIJ1RWXY/LB1
-EHAM0940
-K0830F290 LEKO2B LEKKO UM25 FUN UN490 REGHI DCT 3200N00030W/K0820F330 DCT ENTRA
-LFPB0110 LFPG
-PBN/A1B1 DOF/260101 REG/PHAAA EET/EBUR0010 LFFF0028 RMK/TEST FLIGHT
-E/0730 P/TBN R/UV C/DENKE)
"""
"""In the manner of the examples of ICAO Doc 4444, Appendix 3: ways, named points, a change on the way."""


def message(**changes: object) -> str:
    plan, _ = flight_plan_of(worked(), replace(FIELDS, **changes))  # type: ignore[arg-type]
    return flight_plan_text(plan)


@pytest.mark.proves("XPT-004")
def test_the_worked_sortie_as_a_message() -> None:
    assert message() == (
        "(FPL-ATLY01-IX\n"
        "-Q9/M-SDGRY/S\n"
        "-KFHU1056\n"
        "-N0156A197 DCT 3130N11015W DCT 3130N11003W/N0156A200 DCT\n"
        "3131N11003W/N0136A197 DCT 3131N11015W/N0156A098 DCT 3135N11017W DCT\n"
        "-ZZZZ0100\n"
        "-STS/STATE SAR DEST/RANCHO 3136N11018W DOF/261118 DLE/3131N11015W0030\n"
        "RMK/UNMANNED AIRCRAFT DIPLOMATIC CLEARANCE GUATEMALA NOT GIVEN\n"
        "DIPLOMATIC CLEARANCE MEXICO DGN 12345\n"
        "-E/2000 P/000)\n"
    )


@pytest.mark.proves("XPT-004")
def test_a_clearance_that_is_not_there_is_said_and_never_made_up() -> None:
    plan, findings = flight_plan_of(worked(), FIELDS)
    assert [f.details["state"] for f in findings if f.code == "XPT-023"] == ["Guatemala"]
    remark = dict(plan.other)["RMK"]
    assert "GUATEMALA NOT GIVEN" in remark
    digits = [letter for letter in remark if letter.isdigit()]
    assert "".join(digits) == "12345"
    plan, findings = flight_plan_of(worked(), replace(FIELDS, clearances={"Belize": " "}))
    assert "BELIZE NOT GIVEN" in dict(plan.other)["RMK"]


def test_letters_the_message_has_not_are_said() -> None:
    _, findings = flight_plan_of(worked(), replace(FIELDS, clearances={"Peru": "12/A-3"}))
    (changed,) = [f for f in findings if f.code == "XPT-024"]
    assert (changed.details["text"], changed.details["shown"]) == ("12/A-3", "12 A 3")


def test_levels_from_a_transition_height_are_flight_levels() -> None:
    text = message(flight_levels_from_ft=18_000.0)
    assert "N0156F197" in text
    assert "N0156A098" in text


def test_a_searched_area_may_be_filed_as_entry_exit_and_delay() -> None:
    text = " ".join(message(search="delay").split())
    assert "DLE/3130N11015W0020 3131N11015W0030" in text or "DLE/3130N11015W0020" in text
    assert text.count(" DCT") < message().count("DCT")


def test_a_message_of_others_is_read_whole() -> None:
    plan = read_flight_plan(OTHERS)
    assert plan.route[6:9] == (
        RouteElement("DCT"), RouteElement("3200N00030W", "K0820", "F330"), RouteElement("DCT"),
    )  # fmt: skip
    assert plan.alternates == ("LFPG",)
    assert dict(plan.other)["EET"] == "EBUR0010 LFFF0028"
    assert dict(plan.supplement)["C"] == "DENKE"
    assert read_flight_plan(flight_plan_text(plan)) == plan


@pytest.mark.proves("XPT-004")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(FPL-", "(CHG-"),
        ("ATLY01", "ATLY0123"),
        ("-IX", "-QX"),
        ("Q9/M", "Q9/X"),
        ("KFHU1056", "KFHU2456"),
        ("KFHU1056", "KFH1056"),
        ("N0156A197 ", "N156A197 "),
        ("3130N11003W", "3160N11003W"),
        ("3130N11003W", "9130N11003W"),
        ("/N0156A200", "/N0156"),
        ("-ZZZZ0100", "-ZZZZ0160"),
        ("DEST/RANCHO 3136N11018W", ""),
        ("STS/STATE", "STS/STATES"),
        ("DOF/261118", "DOF/261118 DOF/261119"),
        ("STS/STATE SAR DEST/", "DEST/A STS/STATE DEST/"),
        ("RMK/UNMANNED", "RMK/UN/MANNED"),
        ("RMK/UNMANNED", "RMK/UN(MANNED"),
        ("RMK/UNMANNED", "RMK/UN-MANNED"),
        ("RMK/UNMANNED", "RMK/unmanned"),
        ("P/000)", "P/000"),
        ("E/2000 P/000", "P/000 E/2000"),
        (" DCT\n", " dct\n"),
    ],
)
def test_a_message_of_another_form_is_refused(old: str, new: str) -> None:
    text = message()
    assert old in text
    with pytest.raises(AtalayaError) as caught:
        read_flight_plan(text.replace(old, new))
    assert caught.value.code == "XPT-015"


@pytest.mark.parametrize(
    "change",
    [
        {"aircraft_id": "ATALAYA-1"},
        {"rules": "Q"},
        {"departure": "FORT"[:3]},
        {"sts": ("SECRET",)},
        {"aircraft_type": "ZZZZ"},
        {"other": {"ABC": "X"}},
        {"alternates": ("KTUS", "KDMA", "KPHX")},
        {"cruise_ms": 1e6},
        {"endurance_min": 9999},
    ],
    ids=str,
)
def test_fields_of_a_wrong_form_are_named(change: dict[str, object]) -> None:
    with pytest.raises(AtalayaError) as caught:
        flight_plan_of(worked(), replace(FIELDS, **change))  # type: ignore[arg-type]
    assert caught.value.code == "XPT-015"


def test_a_type_of_no_designator_is_named_behind_typ() -> None:
    fields: FlightPlanFields = replace(FIELDS, aircraft_type="ZZZZ", type_name="Heron 1")
    plan, _ = flight_plan_of(worked(), fields)
    assert dict(plan.other)["TYP"] == "HERON 1"


def test_a_message_too_long_for_the_network_is_refused() -> None:
    sortie = worked()
    middle = sortie.waypoints[1:-1] * 40
    spread = tuple(replace(p, lon_deg=p.lon_deg + n / 30.0) for n, p in enumerate(middle))
    long = replace(sortie, waypoints=(sortie.waypoints[0], *spread, sortie.waypoints[-1]))
    plan, _ = flight_plan_of(long, FIELDS)
    with pytest.raises(AtalayaError) as caught:
        flight_plan_text(plan)
    assert caught.value.code == "XPT-014"


def test_lines_fit_the_network() -> None:
    assert max(len(line) for line in message(remarks="A " * 200).splitlines()) <= LINE


@given(lon=st.floats(-180.0, 180.0), lat=st.floats(-90.0, 90.0))
def test_points_are_within_half_a_minute(lon: float, lat: float) -> None:
    text = coordinates(lon, lat)
    assert len(text) == 11
    back_lat = (int(text[:2]) + int(text[2:4]) / 60.0) * (1 if text[4] == "N" else -1)
    back_lon = (int(text[5:8]) + int(text[8:10]) / 60.0) * (1 if text[10] == "E" else -1)
    assert abs(back_lat - lat) <= 0.5 / 60.0 + 1e-9
    assert abs(back_lon - lon) <= 0.5 / 60.0 + 1e-9
