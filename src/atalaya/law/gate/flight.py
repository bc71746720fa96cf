"""May this leg or sortie be flown? Asked with what is known now, answered piece by piece."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from atalaya.law.gate.answer import Answer, Ground, Verdict, decide
from atalaya.law.gate.sensor import sensor_grounds
from atalaya.law.ledger.entry import LedgerEntry, LegalClass
from atalaya.law.ledger.facts import Presence, SortieFacts
from atalaya.law.ledger.partition import POSITION, Statements, partition

VERDICTS = {
    LegalClass.ELSEWHERE: Verdict.ALLOWED,
    LegalClass.WITHIN_TERMS: Verdict.ALLOWED,
    LegalClass.INDETERMINATE: Verdict.INDETERMINATE,
    LegalClass.DISPUTED: Verdict.REFUSED,
    LegalClass.RECORDED_AFTERWARDS: Verdict.REFUSED,
    LegalClass.OUTSIDE_TERMS: Verdict.REFUSED,
    LegalClass.NO_AUTHORISATION: Verdict.REFUSED,
}
"""What each class of the ledger means to somebody who asks beforehand."""


def may_fly(
    facts: SortieFacts,
    statements: Callable[[str], Statements],
    known_us: int,
    *,
    payloads: Sequence[str],
    inspected: bool | None,
) -> Answer:
    """Whether a leg or sortie may be flown.

    Args:
        facts: where and when it would be, with what.
        statements: what is on record about a State's airspace as known at `known_us`.
        payloads: kinds of sensor the register knows.
        inspected: whether an inspection that found the airframe unarmed is in force; None where none is on
            record.
    """
    grounds = [*_flight_grounds(facts, statements), *sensor_grounds(facts.sensors, payloads)]
    if inspected is not True:
        verdict = Verdict.INDETERMINATE if inspected is None else Verdict.REFUSED
        grounds.append(Ground("LAW-033", verdict, "inspection"))
    return decide(grounds, known_us)


def _flight_grounds(facts: SortieFacts, statements: Callable[[str], Statements]) -> list[Ground]:
    """One ground per piece; where the place is not certain, every reading of it must be allowed.

    A flight across a line is nowhere certain for the seconds it takes; if it may be on both sides, it may be
    there.
    """
    entries = partition(facts, statements)
    if all(entry.legal_class is not LegalClass.INDETERMINATE for entry in entries):
        return entry_grounds(entries)
    abroad = {state for states in facts.presence.states for state in states} - {facts.operator_state}
    readings = {state: partition(_read_as(facts, state), statements) for state in abroad}
    return [
        ground
        if entry.reasons != POSITION or not _all_allowed(entry, readings)
        else replace(ground, verdict=Verdict.ALLOWED, finding="on either side of the line")
        for entry, ground in zip(entries, entry_grounds(entries), strict=True)
    ]


def _read_as(facts: SortieFacts, state: str) -> SortieFacts:
    """The same flight, were it in a State's airspace wherever it may have been."""
    presence = facts.presence
    states = tuple(
        (state,) if not certain and state in states else states
        for states, certain in zip(presence.states, presence.certain.tolist(), strict=True)
    )
    forced = [
        not certain and state in old for old, certain in zip(presence.states, presence.certain, strict=True)
    ]
    certain = presence.certain | np.array(forced, np.bool_)
    return replace(facts, presence=Presence(presence.start_us, states, certain))


def _all_allowed(entry: LedgerEntry, readings: Mapping[str, Sequence[LedgerEntry]]) -> bool:
    """Whether a piece is allowed in the airspace of each State it may be in."""
    return all(
        VERDICTS[other.legal_class] is Verdict.ALLOWED
        for state in entry.states
        for other in readings.get(state, ())
        if other.start_us < entry.end_us and other.end_us > entry.start_us
    )


def entry_grounds(entries: Iterable[LedgerEntry]) -> list[Ground]:
    """One ground per entry of a partition."""
    return [
        Ground(
            "LAW-030",
            VERDICTS[entry.legal_class],
            str(entry.legal_class),
            entry.states,
            entry.start_us,
            entry.end_us,
            entry.reasons,
        )
        for entry in entries
    ]
