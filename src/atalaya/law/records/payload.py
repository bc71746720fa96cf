"""What an aircraft may carry: sensors of known kinds. Nothing else can be described."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.fields import Fields

SENSORS = frozenset(
    {
        *("eo", "low_light", "ir", "ir_cooled", "swir", "uv", "multispectral", "hyperspectral"),
        *("sar", "lidar", "radio_altimeter", "weather_radar", "gas", "particulate", "radiation"),
        *("magnetometer", "gravimeter", "acoustic", "meteorology", "ais", "adsb", "gnss_reflectometry"),
    }
)
"""Kinds of sensor a payload can be."""

_REFUSED = re.compile(
    r"\b(weapons?|armas?|missiles?|misil(es)?|bombs?|bombas?|warheads?|ojivas?|munitions?|munici(ó|o)n(es)?|"
    r"ammunition|rockets?|cohetes?|torpedo(e?s)?|grenades?|granadas?|guns?|cannons?|cañ(ó|o)n(es)?|rifles?|"
    r"explosives?|explosivos?|hellfire|agm-?\d+\w*|gbu-?\d+\w*|mk-?8\d|jdam|paveway|ordnance|kamikaze|"
    r"fire[ -]control|laser (designator|target)\w*|designador l(á|a)ser|target(ing)? designator|"
    r"imsi|stingray|face recognition|facial|reconocimiento facial|jamm(er|ing)|spoof(er|ing))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Payload:
    """One sensor that may be carried.

    Args:
        name: what it is called. sensor: one of `SENSORS`. model, maker: as on its plate.
    """

    name: str
    sensor: str
    model: str = ""
    maker: str = ""
    note: str = ""


def read_payload(body: Mapping[str, Any], where: str) -> Payload:
    """Read and check the body of a payload.

    Raises:
        BadInput: REC-024 not a sensor of `SENSORS`, or its words name something else; REC-010, REC-012.
    """
    fields = Fields(body, where)
    payload = Payload(
        fields.text("name", most=200),
        fields.text("sensor", most=64),
        fields.text("model", "", most=200),
        fields.text("maker", "", most=200),
        fields.text("note", "", most=2000),
    )
    fields.close()
    if payload.sensor not in SENSORS:
        raise _refused(payload.sensor, where)
    for words in (payload.name, payload.model, payload.maker, payload.note):
        found = _REFUSED.search(words.replace("_", " "))
        if found:
            raise _refused(found[0], where)
    return payload


def _refused(words: str, where: str) -> BadInput:
    return BadInput("REC-024", where=where, value=words[:60], known=", ".join(sorted(SENSORS)))
