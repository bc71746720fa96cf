"""A sortie as the register knows it: one flight of one airframe, under a number without gaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.area import state_code
from atalaya.law.records.arms import arms_in
from atalaya.law.records.fields import Fields
from atalaya.law.records.payload import SENSORS, not_a_sensor


class Status(StrEnum):
    """Whether a sortie took place; those that did not keep their number."""

    FLOWN = "flown"
    PLANNED = "planned"
    CANCELLED = "cancelled"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Sortie:
    """One flight.

    Args:
        airframe: registration.
        number: counts this airframe's sorties from 1, without gaps; cancelled and denied ones keep theirs.
        operator_state: State that operates it, ISO 3166-1 alpha-3.
        sensors: kinds of payload carried and used.
        purpose: what it was flown for.
        call_sign: as filed.
        tracks: SHA-256 of the files its track was read from, best first.
        clips: SHA-256 of the recordings made on it.
        status: whether it took place.
        flight_s, video_s: duration and video of it, for reconciling with counters; None where not known.
    """

    airframe: str
    number: int
    operator_state: str
    sensors: tuple[str, ...] = ()
    purpose: str = ""
    call_sign: str = ""
    tracks: tuple[str, ...] = ()
    clips: tuple[str, ...] = ()
    status: Status = Status.FLOWN
    flight_s: float | None = None
    video_s: float | None = None


def read_sortie(body: Mapping[str, Any], where: str = "") -> Sortie:
    """The body of a sortie record.

    Raises:
        BadInput: LED-001, LED-003, LED-005; REC-010, REC-011, REC-012; REC-024 a sensor that is none.
    """
    fields = Fields(body, where)
    number = fields.number("number", least=1)
    if number is None or number != int(number):
        raise BadInput("LED-005", where=where, value=body.get("number"))
    sortie = Sortie(
        airframe=fields.text("airframe", most=32),
        number=int(number),
        operator_state=state_code(fields, "operator_state"),
        sensors=fields.texts("sensors"),
        purpose=fields.text("purpose", "", most=1000),
        call_sign=fields.text("call_sign", "", most=32),
        tracks=fields.texts("tracks"),
        clips=fields.texts("clips"),
        status=Status(fields.choice("status", tuple(Status), Status.FLOWN)),
        flight_s=fields.number("flight_s", least=0.0),
        video_s=fields.number("video_s", least=0.0),
    )
    fields.close()
    for sensor in sortie.sensors:
        if sensor.casefold() not in SENSORS:
            raise not_a_sensor(sensor, fields.place("sensors"))
    found = arms_in(sortie.purpose)
    if found:
        raise BadInput("LED-003", where=fields.place("purpose"), value=found)
    return sortie


def sortie_id(airframe: str, number: int) -> str:
    """The record id of a sortie: `sortie/N427DF/0012`."""
    return f"sortie/{airframe}/{number:04d}"
