"""A sortie as the register knows it: one flight of one airframe, under a number without gaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from atalaya.law.records.fields import Fields

Status = Literal["flown", "cancelled", "denied", "planned"]


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
    status: Status = "flown"
    flight_s: float | None = None
    video_s: float | None = None


def read_sortie(body: Mapping[str, Any], where: str = "") -> Sortie:
    """The body of a sortie record.

    Raises:
        BadInput: LAW-001, a field is absent or of the wrong kind.
    """
    fields = Fields(body, where)
    return Sortie(
        airframe=fields.text("airframe"),
        number=fields.whole("number", least=1),
        operator_state=fields.state("operator_state"),
        sensors=fields.texts("sensors"),
        purpose=fields.text("purpose", ""),
        call_sign=fields.text("call_sign", ""),
        tracks=fields.texts("tracks"),
        status=fields.choice("status", ("flown", "cancelled", "denied", "planned"), "flown"),  # type: ignore[arg-type]
        flight_s=fields.number("flight_s", None, least=0.0),
        video_s=fields.number("video_s", None, least=0.0),
    )


def sortie_id(airframe: str, number: int) -> str:
    """The record id of a sortie: `sortie/N427DF/0012`."""
    return f"sortie/{airframe}/{number:04d}"
