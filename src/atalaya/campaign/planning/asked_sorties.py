"""A planned sortie before the gates: its whole flight, turns and transits included, as it is expected."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atalaya.campaign.overflights import Assumptions, account_track, sortie_facts
from atalaya.campaign.planned_track import planned_track
from atalaya.campaign.planning.openings import AIRSPACE, AskedFlight
from atalaya.earth.track import Track, track_of
from atalaya.law.gate import Answer, Verdict, may_fly
from atalaya.law.ledger.on_record import statements_for
from atalaya.law.records.register import Register
from atalaya.law.records.sortie import Sortie, Status
from atalaya.plan.flight_path import FlightPath


@dataclass(frozen=True)
class Law:
    """What the gates are asked with.

    Args:
        register: everything on record, and what the campaign file states.
        known_us: instant of knowledge.
        assumptions: boundary layers, thresholds of accounts.
        root: workspace whose layers are known too; None for none.
        payloads: kinds of sensor that the register knows.
        inspected: registration to whether an inspection in force found it unarmed; None for none on record.
    """

    register: Register
    known_us: int
    assumptions: Assumptions
    root: Path | None
    payloads: tuple[str, ...]
    inspected: dict[str, bool | None]


def ask_path(path: FlightPath, flight: AskedFlight, law: Law, off_track_m: float, sortie_id: str) -> Answer:
    """May this be flown, all of it, when it is planned?"""
    track = path_track(path, flight, off_track_m)
    planned = Sortie(
        flight.airframe,
        1,
        flight.operator_state,
        flight.sensors,
        flight.purpose,
        status=Status.PLANNED,
    )
    account = account_track(track, law.root, law.assumptions)
    facts = sortie_facts(f"sortie/{sortie_id}", planned, account, lambda: track, law.assumptions, law.root)
    return may_fly(
        facts,
        statements_for(law.register, facts, law.known_us),
        law.known_us,
        payloads=law.payloads,
        inspected=law.inspected.get(flight.airframe),
    )


def path_track(path: FlightPath, flight: AskedFlight, off_track_m: float) -> Track:
    """A planned path as a track with a place every ten seconds.

    Its pressure altitude is stated only where the flight is planned by flight level.
    """
    by_level = "pressure" in flight.heights_m
    times, first = np.unique(path.t_us, return_index=True)
    heights = path.height_msl_m[first]
    track = track_of(
        times,
        path.lon_deg[first],
        path.lat_deg[first],
        aircraft=flight.airframe,
        height_msl_m=heights,
        height_pressure_m=heights if by_level else np.full(len(times), np.nan),
        source="plan",
    )
    return planned_track(track, off_track_m)


def barred_us(answer: Answer) -> list[tuple[int, int]]:
    """When a flight would be where no authorisation in force lets it be, or nobody can say."""
    return [
        (ground.start_us, ground.end_us)
        for ground in answer.grounds
        if ground.rule == AIRSPACE
        and ground.verdict is not Verdict.ALLOWED
        and ground.start_us is not None
        and ground.end_us is not None
    ]
