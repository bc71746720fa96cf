"""Aircraft: registration, address, State of registry, what they carry (sensors only), who inspected them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.fields import Fields

_ICAO = re.compile(r"[0-9a-f]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Airframe:
    """One aircraft.

    Args:
        registration: as painted. icao_hex: its 24-bit address, six hex digits; "" where not known.
        type: designator or name of the type. state: ISO 3166-1 alpha-3 code of the State of registry.
        operator: who flies it.
        state_aircraft: military, customs or police (Chicago Convention Art. 3); None where not stated.
        payloads: ids of the payloads it may carry.
    """

    registration: str
    icao_hex: str = ""
    type: str = ""
    state: str = ""
    operator: str = ""
    state_aircraft: bool | None = None
    payloads: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """One look at one airframe by somebody else, at the start of its record's validity.

    Args:
        airframe: registration or id. inspector: office that looked.
        unarmed: what was found; None where it was not looked at.
        software_sha256: of the build that flew. method: what was opened, seen, compared.
    """

    airframe: str
    inspector: str
    unarmed: bool | None = None
    software_sha256: str = ""
    method: str = ""
    wording: str = ""
    note: str = ""


def read_airframe(body: Mapping[str, Any], where: str) -> Airframe:
    """Read and check the body of an airframe.

    Raises:
        BadInput: REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    airframe = Airframe(
        fields.text("registration", most=32),
        fields.text("icao_hex", "", most=6).lower(),
        fields.text("type", "", most=200),
        fields.state("state"),
        fields.text("operator", "", most=1000),
        fields.flag("state_aircraft"),
        fields.texts("payloads"),
        fields.text("note", ""),
    )
    fields.close()
    if airframe.icao_hex and not _ICAO.fullmatch(airframe.icao_hex):
        raise BadInput("REC-011", where=where, field="icao_hex", value=airframe.icao_hex, expected="ac671b")
    return airframe


def read_inspection(body: Mapping[str, Any], where: str) -> Inspection:
    """Read and check the body of an inspection.

    Raises:
        BadInput: REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    inspection = Inspection(
        fields.text("airframe", most=256),
        fields.text("inspector", most=1000),
        fields.flag("unarmed"),
        fields.sha256("software_sha256"),
        fields.text("method", "", most=2000),
        fields.text("wording", ""),
        fields.text("note", ""),
    )
    fields.close()
    return inspection
