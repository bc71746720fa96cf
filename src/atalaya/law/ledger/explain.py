"""Why an instant is in its class: each term of each authorisation of that airspace, at that instant."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from atalaya.base.clock import iso
from atalaya.law.ledger.partition import Statements
from atalaya.law.ledger.steps import Tri, of_span


@dataclass(frozen=True, slots=True)
class TermAt:
    """One term of one authorisation at one instant: met, not met, or not known."""

    record: str
    row: int
    term: str
    value: Tri
    known_now: bool
    recorded_us: int

    def as_json(self) -> dict[str, Any]:
        """The term as `--json` prints it."""
        return {
            "record": self.record,
            "row": self.row,
            "term": self.term,
            "met": {Tri.YES: "yes", Tri.NO: "no", Tri.UNKNOWN: "unknown"}[self.value],
            "stands": self.known_now,
            "recorded": iso(self.recorded_us),
        }


def terms_at(statements: Statements, t_us: int) -> list[TermAt]:
    """Every term of every authorisation on record for a State's airspace, at an instant, in order of rows.

    A row that a later one replaced is listed too, with `known_now` false: it may be what was known then.
    """
    instant = np.array([t_us], np.int64)
    found = []
    for judged in sorted(statements.authorisations, key=lambda each: (each.record.row, each.record.id)):
        record = judged.record
        for term, steps in judged.terms.items():
            value = Tri(int(steps.at(instant)[0]))
            stands = record.known(statements.known_us)
            found.append(TermAt(record.id, record.row, str(term), value, stands, record.recorded_us))
    for record in statements.disputes:
        value = Tri(int(of_span(record.valid).at(instant)[0]))
        found.append(TermAt(record.id, record.row, "contests", value, True, record.recorded_us))
    return found
