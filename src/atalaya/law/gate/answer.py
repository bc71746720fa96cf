"""The answer of a gate: one word, every ground, and which one decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from atalaya.base.clock import iso
from atalaya.law.ledger.entry import Reason


class Verdict(StrEnum):
    """What a gate says; the last that any ground gives is the answer."""

    ALLOWED = "allowed"
    INDETERMINATE = "indeterminate"
    REFUSED = "refused"


_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that speaks for an answer.

    Args:
        rule: id of the requirement that it applies (docs/requirements), for example "LAW-030".
        verdict: what it leads to by itself.
        finding: what was found, a word of the records: a class of the ledger, "payload", "inspection" ...
        states: States whose airspace it concerns.
        start_us, end_us: the interval it concerns; None for the whole.
        reasons: the records and terms behind it.
    """

    rule: str
    verdict: Verdict
    finding: str
    states: tuple[str, ...] = ()
    start_us: int | None = None
    end_us: int | None = None
    reasons: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The ground as `--json` prints it."""
        return {
            "rule": self.rule,
            "verdict": str(self.verdict),
            "finding": self.finding,
            "states": list(self.states),
            "start": None if self.start_us is None else iso(self.start_us),
            "end": None if self.end_us is None else iso(self.end_us),
            "reasons": [reason.as_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gate answers.

    Args:
        verdict: allowed, indeterminate or refused.
        grounds: everything that was looked at, in order.
        deciding: the first ground that gives the verdict.
        at_us: the instant of knowledge it was asked at.
    """

    verdict: Verdict
    grounds: tuple[Ground, ...]
    deciding: Ground
    at_us: int

    def as_json(self) -> dict[str, Any]:
        """The answer as `--json` prints it."""
        return {
            "verdict": str(self.verdict),
            "as_known": iso(self.at_us),
            "deciding": self.deciding.as_json(),
            "grounds": [ground.as_json() for ground in self.grounds],
        }


def decide(grounds: Iterable[Ground], at_us: int) -> Answer:
    """The answer that several grounds give: the least favourable of them.

    Raises:
        ValueError: no ground at all; a gate never answers from nothing.
    """
    listed = tuple(grounds)
    if not listed:
        raise ValueError("a gate needs a ground")
    worst = max(listed, key=lambda ground: _RANK[ground.verdict])
    deciding = next(ground for ground in listed if ground.verdict is worst.verdict)
    return Answer(worst.verdict, listed, deciding, at_us)
