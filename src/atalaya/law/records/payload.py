"""What an aircraft may carry: sensors of known kinds. Nothing else can be described."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.arms import arms_in
from atalaya.law.records.fields import Fields

SENSORS = frozenset(
    {
        *("eo", "low_light", "ir", "ir_cooled", "swir", "uv", "multispectral", "hyperspectral"),
        *("sar", "lidar", "radio_altimeter", "weather_radar", "gas", "particulate", "radiation"),
        *("magnetometer", "gravimeter", "acoustic", "meteorology", "ais", "adsb", "gnss_reflectometry"),
    }
)
"""Kinds of sensor a payload can be."""


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
        raise not_a_sensor(payload.sensor, where)
    for words in (payload.name, payload.model, payload.maker, payload.note):
        found = arms_in(words)
        if found:
            raise not_a_sensor(found, where)
    return payload


def not_a_sensor(words: str, where: str) -> BadInput:
    """The refusal of what is no sensor."""
    return BadInput("REC-024", where=where, value=words[:60], known=", ".join(sorted(SENSORS)))
