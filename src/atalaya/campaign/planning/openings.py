"""Which ground is open when: the gates asked for every region, before anything is routed.

A region is asked for as a flight that stays in it for the whole period. What comes back is when it is open,
and where it is not, the grounds: these say what authorisation or notice would open it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from atalaya.campaign.planning.regions import Region, area_key
from atalaya.law.gate import Answer, Ground, Verdict, may_fly
from atalaya.law.ledger.facts import Presence, SortieFacts
from atalaya.law.ledger.on_record import statements_for
from atalaya.law.ledger.steps import Steps, Tri, constant
from atalaya.law.records.altitude_band import AltitudeBand
from atalaya.law.records.register import Register
from atalaya.plan.flight.windows import Windows

AIRSPACE = "LAW-030"
"""Rule of the grounds that speak of airspace: these decide whether a region is open."""


@dataclass(frozen=True)
class AskedFlight:
    """Who would fly, with what, how high and when.

    Args:
        airframe: registration. operator_state: ISO 3166-1 alpha-3. sensors: kinds carried. purpose: mission.
        heights_m: datum ("msl", "hae", "pressure") to the lowest and highest altitude, where known.
        start_us, end_us: period, microseconds UTC.
    """

    airframe: str
    operator_state: str
    sensors: tuple[str, ...]
    purpose: str
    heights_m: Mapping[str, tuple[float, float]]
    start_us: int
    end_us: int


@dataclass(frozen=True)
class Opening:
    """What the gates say of one region.

    Args:
        open_us: intervals [start, end) in which it may be flown.
        closed: grounds of airspace that keep it closed at some time, worst first.
        answer: everything they said.
    """

    open_us: tuple[tuple[int, int], ...]
    closed: tuple[Ground, ...]
    answer: Answer

    def covers(self, start_us: int, end_us: int) -> bool:
        """Whether it is open all through a period."""
        return any(first <= start_us and end_us <= last for first, last in self.open_us)


def opening_of(
    region: Region,
    flight: AskedFlight,
    register: Register,
    known_us: int,
    *,
    payloads: Sequence[str],
    inspected: bool | None,
) -> Opening:
    """Ask the gates about staying in a region for a period."""
    facts = _facts(region, flight)
    statements = statements_for(register, facts, known_us)
    answer = may_fly(facts, statements, known_us, payloads=payloads, inspected=inspected)
    grounds = [ground for ground in answer.grounds if ground.rule == AIRSPACE]
    allowed = [
        (ground.start_us, ground.end_us)
        for ground in grounds
        if ground.verdict is Verdict.ALLOWED and ground.start_us is not None and ground.end_us is not None
    ]
    closed = sorted(
        (ground for ground in grounds if ground.verdict is not Verdict.ALLOWED),
        key=lambda ground: (ground.verdict is not Verdict.REFUSED, ground.start_us or 0),
    )
    return Opening(Windows(tuple(allowed)).intervals, tuple(closed), answer)


def _facts(region: Region, flight: AskedFlight) -> SortieFacts:
    start_us = np.array([flight.start_us, flight.end_us], np.int64)
    presence = Presence(start_us, (region.states,), np.array([region.certain], np.bool_))

    def within(area: Mapping[str, Any]) -> Steps:
        return constant(region.areas.get(area_key(area), Tri.UNKNOWN))

    def near(state: str, within_m: float) -> Steps:
        return constant(region.rules.get((state, within_m), Tri.UNKNOWN))

    return SortieFacts(
        sortie="",
        airframe=flight.airframe,
        operator_state=flight.operator_state,
        presence=presence,
        sensors=flight.sensors,
        purpose=flight.purpose,
        within=within,
        near=near,
        in_band=_band(flight.heights_m),
        entries_us=dict.fromkeys(region.states, flight.start_us),
    )


def _band(heights_m: Mapping[str, tuple[float, float]]) -> Callable[[AltitudeBand], Steps]:
    """Whether the altitudes lie in a band; not known where none is stated in its datum."""

    def in_band(band: AltitudeBand) -> Steps:
        if band.datum not in heights_m:
            return constant(Tri.UNKNOWN)
        low, high = heights_m[band.datum]
        return constant(Tri.YES if band.lowest_m <= low and high <= band.highest_m else Tri.NO)

    return in_band
