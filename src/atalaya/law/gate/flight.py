"""May this leg or sortie be flown? Asked with what is known now, answered piece by piece."""

from collections.abc import Callable, Iterable, Sequence

from atalaya.law.gate.answer import Answer, Ground, Verdict, decide
from atalaya.law.gate.sensor import sensor_grounds
from atalaya.law.ledger.entry import LedgerEntry, LegalClass
from atalaya.law.ledger.facts import SortieFacts
from atalaya.law.ledger.partition import Statements, partition

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
    grounds = [*entry_grounds(partition(facts, statements)), *sensor_grounds(facts.sensors, payloads)]
    if inspected is not True:
        verdict = Verdict.INDETERMINATE if inspected is None else Verdict.REFUSED
        grounds.append(Ground("LAW-033", verdict, "inspection"))
    return decide(grounds, known_us)


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
