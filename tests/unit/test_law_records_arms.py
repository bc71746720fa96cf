"""What speaks of arms is refused in any field; what denies them, or only sounds like them, stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.law.records.arms import arms_in
from atalaya.law.records.bodies import read_body

SPEAKS = (
    "misiles Hellfire",
    "armed flight, weapons release authorised",
    "kinetic strike support, guerra electrónica, bombardeo, munición",
    "vuelo armado",
    "aeronave armada con misiles",
    "Aircraft will be armed.",
    "small arms on board",
    "se autoriza el uso de armas",
    "close air support",
    "electronic warfare suite",
    "Electronic Attack pod",
    "target designation for the army",
    "designación de blancos",
    "laser designator",
    "kinetic action",
    "strike coordination and reconnaissance",
    "apoyo de fuego",
    "fire support to ground troops",
    "live-fire exercise",
    "no restriction on weapons",
    "no limits: missiles may be used",
    "not without weapons",
    "no flight without weapons",
    "not only armed flights",
    "the aircraft is not unarmed",
    "no va desarmada",
    "weapons: not restricted",
    "armament: none but two missiles",
    "weapons are not prohibited",
    "ammunition: none prohibited",
    "no cameras and weapons release authorised",
    "no bombs, missiles authorised",
    "unarmed search. Strike on request.",
    "sin personas a bordo; munición merodeadora",
    "no armas nucleares, pero misiles",
    "weapon_bay",
    "non-lethal weapons",
    "un arma a bordo",
    "cañón de 20 mm",
    "jamming of radars",
    "inhibidor de señal",
    "IMSI catcher",
    "explosivos",
    "attack mission",
    "GBU-12",
    "air strikes",
    "AIRSTRIKE",
    "ataque aéreo",
    "Exercise with torpedoes",
)
STAYS = (
    "",
    "no weapons on board",
    "No weapons, munitions or explosives are permitted",
    "no weapons and no missiles",
    "without weapons and munitions",
    "sin armas",
    "sin armamento",
    "sin armas ni municiones a bordo",
    "unarmed",
    "Unarmed search flight, un-armed aircraft",
    "non-armed aircraft",
    "armament: none",
    "Armament - none.",
    "armamento: ninguno",
    "armas: no",
    "weapons on board: none; cameras: two",
    "weapons, munitions and explosives: none",
    "Armed: no",
    "The aircraft shall not carry weapons of any kind.",
    "The aircraft is not armed",
    "it must not be armed",
    "carriage of weapons is prohibited",
    "weapons not permitted",
    "Weapons are strictly prohibited.",
    "neither armed nor equipped with jammers",
    "free of weapons",
    "no armada",
    "aeronave no armada, sin explosivos",
    "la aeronave no lleva armas ni bombas",
    "No se permite el transporte de armas",
    "no se permiten armas",
    "queda prohibido: armas prohibidas",
    "desarmado",
    "vuelo desarmado de búsqueda",
    "prohíbe el transporte de armas",
    "ningún tipo de arma",
    "no passengers, weapons or cargo",
    "Secretaría de Marina - Armada de México",
    "Fuerzas Armadas Mexicanas",
    "the Armed Forces of the State",
    "combate al tráfico de armas",
    "weapons trafficking",
    "arms and drug smuggling routes",
    "forest fire control",
    "lightning strike damage",
    "bird strikes",
    "Cañón del Sumidero",
    "Armería, Colima",
    "bombas de agua",
    "bomberos",
    "mapping of target areas",
    "search and rescue",
    "kinetic energy",
    "Oficio No. 12/2025",
)


@pytest.mark.proves("LAW-034")
@pytest.mark.parametrize("text", SPEAKS)
def test_words_of_arms_are_found(text: str) -> None:
    assert arms_in(text)
    assert arms_in(f"Under the terms agreed. {text.upper()}")


@pytest.mark.parametrize("text", STAYS)
def test_a_denial_and_what_only_sounds_so_stay(text: str) -> None:
    assert arms_in(text) == ""
    assert arms_in(f"Under the terms agreed: {text}; photographs allowed.") == ""


@given(
    st.text(max_size=400)
    | st.lists(st.sampled_from((*SPEAKS, *STAYS, "no", "sin", ",", "and"))).map(" ".join)
)
def test_any_text_has_an_answer(text: str) -> None:
    found = arms_in(text)
    assert found in text.replace("_", " ")


PAPER = {"airspace_of": "MEX", "granted_by": "SRE", "instrument": "note 12", "basis": "host-request"}


@pytest.mark.proves("LAW-034")
@pytest.mark.parametrize(
    ("change"),
    [
        {"instrument": "misiles Hellfire"},
        {"granted_by": "strike command"},
        {"conditions": ["day only", "armed flight, weapons release authorised"]},
        {"purposes": ["kinetic strike support"]},
        {"sensors": ["eo", "missile"]},
        {"electronic_warfare": True},
    ],
)
def test_no_field_of_an_authorisation_may_speak_of_arms(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as refused:
        read_body("authorisation", {**PAPER, **change}, "authorisation/x")
    assert refused.value.code == "LED-003"


def test_an_authorisation_may_deny_arms() -> None:
    read_body("authorisation", {**PAPER, "conditions": ["no weapons on board", "armamento: ninguno"]}, "")


SORTIE = {"airframe": "N1", "number": 1, "operator_state": "USA"}


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("sortie", {**SORTIE, "purpose": "strike support"}, "LED-003"),
        ("sortie", {**SORTIE, "sensors": ["eo", "video"]}, "REC-024"),
        ("sortie", {**SORTIE, "sensors": ["laser designator"]}, "REC-024"),
        ("request", {"asked_of": "SRE", "purpose": "vuelo armado"}, "LED-003"),
    ],
)
def test_sorties_and_requests_are_read_likewise(kind: str, body: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_body(kind, body, f"{kind}/x")
    assert refused.value.code == code


def test_a_sortie_with_known_sensors_and_an_unarmed_purpose_is_read() -> None:
    body = {**SORTIE, "sensors": ["eo", "ir"], "purpose": "unarmed search for airstrips, sin armas"}
    read_body("sortie", body, "sortie/x")
