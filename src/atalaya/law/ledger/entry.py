"""A ledger entry: one interval of one sortie in exactly one class, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from atalaya.base.clock import iso


class LegalClass(StrEnum):
    """What the records say of an interval. Words of evidence: none of them is a judgement."""

    ELSEWHERE = "not over another State"
    INDETERMINATE = "indeterminate"
    DISPUTED = "disputed"
    WITHIN_TERMS = "within terms"
    RECORDED_AFTERWARDS = "recorded only afterwards"
    OUTSIDE_TERMS = "outside terms"
    NO_AUTHORISATION = "no authorisation on record"


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """One statement that decides an interval's class.

    Args:
        record: id of the record it rests on; "" where there is none.
        term: what of it decides; "" where the whole record does.
        row: the record's row in the register.
    """

    record: str
    term: str = ""
    row: int = 0

    def as_json(self) -> dict[str, Any]:
        """The reason as `--json` prints it."""
        return {"record": self.record, "term": self.term, "row": self.row}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One interval [start_us, end_us) of one sortie.

    Args:
        sortie: its id.
        states: States whose airspace it was, or may have been, in; empty for none.
        start_us, end_us: microseconds UTC.
        legal_class: the one class it is in.
        reasons: what decides, canonical order.
    """

    sortie: str
    states: tuple[str, ...]
    start_us: int
    end_us: int
    legal_class: LegalClass
    reasons: tuple[Reason, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end_us - self.start_us) / 1e6

    def as_json(self) -> dict[str, Any]:
        """The entry as `--json` prints it."""
        return {
            "sortie": self.sortie,
            "states": list(self.states),
            "start": iso(self.start_us),
            "end": iso(self.end_us),
            "seconds": round(self.seconds, 6),
            "class": str(self.legal_class),
            "reasons": [reason.as_json() for reason in self.reasons],
        }


def seconds_by_class(entries: Iterable[LedgerEntry]) -> dict[LegalClass, float]:
    """Seconds in each class that occurs, in the order of `LegalClass`."""
    totals_us = dict.fromkeys(LegalClass, 0)
    for entry in entries:
        totals_us[entry.legal_class] += entry.end_us - entry.start_us
    return {each: total / 1e6 for each, total in totals_us.items() if total}
