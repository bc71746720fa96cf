"""Sorties and authorisations for tests of the ledger, without geometry."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from atalaya.law.ledger.facts import Presence, SortieFacts
from atalaya.law.ledger.partition import Statements
from atalaya.law.ledger.steps import Steps, Tri, of_runs
from atalaya.law.ledger.terms import judge
from atalaya.law.records.altitude_band import FLIGHT_LEVEL_M, AltitudeBand
from atalaya.law.records.authorisation import read_authorisation
from atalaya.law.records.record import Record, Span
from atalaya.law.records.stated import Stated, parse_stated


def at(clock: str, day: str = "2025-02-20") -> int:
    """`10:15` of a day, microseconds UTC."""
    return int(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC).timestamp()) * 1_000_000


def stated(clock: str, day: str = "2025-02-20") -> Stated:
    return parse_stated(f"{day}T{clock}Z")


def presence(*pieces: tuple[int, int, tuple[str, ...], bool]) -> Presence:
    starts = [piece[0] for piece in pieces] + [pieces[-1][1]]
    return Presence(
        np.array(starts, np.int64),
        tuple(piece[2] for piece in pieces),
        np.array([piece[3] for piece in pieces], np.bool_),
    )


def levels(*changes: tuple[int, float]) -> Mapping[str, Any]:
    """`in_band` of a flight that changes its flight level at once, at given instants."""
    times = np.array([change[0] for change in changes], np.int64)
    heights = np.array([change[1] for change in changes]) * FLIGHT_LEVEL_M

    def in_band(band: AltitudeBand) -> Steps:
        inside = (heights >= band.lowest_m) & (heights <= band.highest_m)
        value = np.where(inside, Tri.YES, Tri.NO) if band.datum == "pressure" else np.full(len(times), 1)
        return of_runs(times, value.astype(np.uint8))

    return {"in_band": in_band}


def sortie(pieces: Presence, **more: Any) -> SortieFacts:
    settings = {"sortie": "sortie/X1/0001", "airframe": "X1", "operator_state": "USA", "presence": pieces}
    return SortieFacts(**{**settings, **more})


def authorisation(
    name: str, start: Stated | None, end: Stated | None, recorded_us: int, **body: Any
) -> Record:
    terms = {
        "airspace_of": "MEX",
        "granted_by": "MEX, SRE",
        "instrument": name,
        "basis": "chicago-3c",
        "armament": False,
    }
    return Record(
        f"authorisation/{name}",
        "authorisation",
        terms | body,
        Span(start, end),
        None,
        recorded_us,
        recorded_us,
    )


def on_record(
    facts: SortieFacts,
    rows: Sequence[Record],
    known_us: int,
    revocations: Sequence[Record] = (),
    disputes: Sequence[Record] = (),
    sent_us: int | None = None,
) -> Statements:
    """The statements that `partition` asks for, one set for every State."""
    known = [row for row in rows if row.recorded_us <= known_us]
    judged = tuple(
        judge(
            row,
            read_authorisation(row.body),
            facts,
            [each for each in revocations if each.body["authorisation"] == row.id and each.known(known_us)],
            sent_us,
        )
        for row in known
    )
    return Statements(judged, tuple(each for each in disputes if each.known(known_us)), known_us)
