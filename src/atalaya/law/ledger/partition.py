"""Every instant of a sortie in exactly one class, by the records as known at one instant.

The first that applies: indeterminate, disputed, within terms, recorded only afterwards, outside terms, none.
"Within terms" asks twice: do the records known now allow it, and did those known at that second? A class that
hangs on something not known (a date without a zone, an altitude in another datum) is indeterminate: both
answers are worked out, and where they differ neither is given.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.law.ledger.entry import LedgerEntry, LegalClass, Reason
from atalaya.law.ledger.facts import SortieFacts
from atalaya.law.ledger.steps import Times, Tri, Values, of_span
from atalaya.law.ledger.terms import Judged, Term
from atalaya.law.records.record import Record
from atalaya.law.records.stated import NEVER_US

Bools = NDArray[np.bool_]

_DECIDED = (
    LegalClass.DISPUTED,
    LegalClass.WITHIN_TERMS,
    LegalClass.RECORDED_AFTERWARDS,
    LegalClass.OUTSIDE_TERMS,
    LegalClass.NO_AUTHORISATION,
)
POSITION = (Reason("", "position"),)
"""Why a piece is indeterminate whose place is not certain."""

_NONE = len(_DECIDED) - 1
_UNDECIDED = len(_DECIDED)


@dataclass(frozen=True)
class Statements:
    """What the register holds about one State's airspace and a sortie, as known at `known_us`.

    Args:
        authorisations: every row of an authorisation for this State recorded by then, corrected ones too.
        disputes: attestations by a party with standing that contest the sortie or the period.
        known_us: the instant of knowledge, microseconds UTC.
    """

    authorisations: tuple[Judged, ...]
    disputes: tuple[Record, ...]
    known_us: int


@dataclass(frozen=True)
class _Row:
    """One authorisation on the pieces of time: (n,) arrays."""

    judged: Judged
    terms: dict[Term, Values]
    met: Values
    in_play: Values
    known_then: Bools
    known_now: bool


def partition(facts: SortieFacts, statements: Callable[[str], Statements]) -> list[LedgerEntry]:
    """The sortie cut into entries: no gap, no overlap, their lengths sum to it exactly.

    Args:
        statements: what is on record about a State's airspace, by State.
    """
    abroad = sorted({state for states in facts.presence.states for state in states} - {facts.operator_state})
    by_state = {state: statements(state) for state in abroad}
    pieces = _pieces(facts, by_state.values())
    judged = {state: _Verdicts(pieces[:-1], found) for state, found in by_state.items()}
    place = np.searchsorted(facts.presence.start_us, pieces[:-1], side="right") - 1
    entries: list[LedgerEntry] = []
    for number, (start_us, end_us) in enumerate(zip(pieces[:-1].tolist(), pieces[1:].tolist(), strict=True)):
        states = facts.presence.states[place[number]]
        certain = bool(facts.presence.certain[place[number]])
        legal_class, reasons = _of_piece(facts, states, certain, judged, number)
        entry = LedgerEntry(facts.sortie, states, start_us, end_us, legal_class, reasons)
        _append(entries, entry)
    return entries


def _append(entries: list[LedgerEntry], entry: LedgerEntry) -> None:
    """Add an entry, or lengthen the last one where nothing but the time differs."""
    if entries:
        last = entries[-1]
        same = (last.states, last.legal_class, last.reasons) == (
            entry.states,
            entry.legal_class,
            entry.reasons,
        )
        if same:
            entries[-1] = LedgerEntry(
                last.sortie, last.states, last.start_us, entry.end_us, last.legal_class, last.reasons
            )
            return
    entries.append(entry)


def _pieces(facts: SortieFacts, found: Iterable[Statements]) -> Times:
    """Every instant at which anything may change, within the sortie, with its ends."""
    marks = [facts.presence.start_us]
    for statements in found:
        marks.extend(
            steps.start_us for judged in statements.authorisations for steps in judged.terms.values()
        )
        marks.extend(of_span(record.valid).start_us for record in statements.disputes)
        for judged in statements.authorisations:
            end = judged.record.superseded_us
            marks.append(np.array([judged.record.recorded_us, NEVER_US if end is None else end], np.int64))
    times = np.unique(np.concatenate(marks))
    return np.asarray(times[(times >= facts.start_us) & (times <= facts.end_us)])


def _of_piece(
    facts: SortieFacts,
    states: tuple[str, ...],
    certain: bool,
    judged: "dict[str, _Verdicts]",
    number: int,
) -> tuple[LegalClass, tuple[Reason, ...]]:
    abroad = [state for state in states if state != facts.operator_state]
    if not abroad:
        return LegalClass.ELSEWHERE, ()
    if not certain:
        return LegalClass.INDETERMINATE, POSITION
    return judged[abroad[0]].at(number)


class _Verdicts:
    """Class and reasons of each piece, were it in one State's airspace."""

    def __init__(self, start_us: Times, statements: Statements) -> None:
        self._rows = [_row(judged, start_us, statements.known_us) for judged in statements.authorisations]
        self._disputes = [(record, of_span(record.valid).at(start_us)) for record in statements.disputes]
        count = len(start_us)
        strict, lenient = self._resolved(Tri.YES, count), self._resolved(Tri.UNKNOWN, count)
        self._class = np.where(strict == lenient, strict, _UNDECIDED)

    def _resolved(self, least: Tri, count: int) -> NDArray[np.intp]:
        """(n,) index into `_DECIDED`, were every unknown a no (`least` YES) or a yes (`least` UNKNOWN)."""
        now, then, in_play, disputed = (np.zeros(count, np.bool_) for _ in range(4))
        for row in self._rows:
            met = row.met >= least
            then |= met & row.known_then
            if row.known_now:
                now |= met
                in_play |= row.in_play >= least
        for _, value in self._disputes:
            disputed |= value >= least
        choices = [disputed, now & then, now, in_play]
        return np.asarray(np.select(choices, list(range(_NONE)), _NONE))

    def at(self, number: int) -> tuple[LegalClass, tuple[Reason, ...]]:
        """Class and reasons of one piece."""
        found = int(self._class[number])
        if found == _UNDECIDED:
            return LegalClass.INDETERMINATE, _ordered(self._doubts(number))
        legal_class = _DECIDED[found]
        if legal_class is LegalClass.DISPUTED:
            contested = [Reason(r.id, "", r.row) for r, value in self._disputes if value[number] == Tri.YES]
            return legal_class, _ordered(contested)
        if legal_class is LegalClass.OUTSIDE_TERMS:
            return legal_class, _ordered(self._unmet(number))
        if legal_class is LegalClass.NO_AUTHORISATION:
            return legal_class, ()
        return legal_class, _ordered(self._met(number, legal_class))

    def _met(self, number: int, legal_class: LegalClass) -> list[Reason]:
        then = legal_class is LegalClass.WITHIN_TERMS
        rows = [row for row in self._rows if row.known_now and row.met[number] == Tri.YES]
        known = [row for row in rows if row.known_then[number]]
        term = "" if then else "recorded"
        return [Reason(row.judged.record.id, term, row.judged.record.row) for row in (known or rows)]

    def _unmet(self, number: int) -> list[Reason]:
        return [
            Reason(row.judged.record.id, str(term), row.judged.record.row)
            for row in self._rows
            if row.known_now and row.in_play[number] == Tri.YES
            for term, value in row.terms.items()
            if value[number] == Tri.NO
        ]

    def _doubts(self, number: int) -> list[Reason]:
        doubts = [
            Reason(row.judged.record.id, str(term), row.judged.record.row)
            for row in self._rows
            for term, value in row.terms.items()
            if value[number] == Tri.UNKNOWN and row.in_play[number] != Tri.NO
        ]
        contested = [
            Reason(r.id, "validity", r.row) for r, value in self._disputes if value[number] == Tri.UNKNOWN
        ]
        return doubts + contested


def _row(judged: Judged, start_us: Times, known_us: int) -> _Row:
    terms = {term: steps.at(start_us) for term, steps in judged.terms.items()}
    then_us = np.minimum(start_us, known_us)  # of seconds to come, what is known now
    end_us = NEVER_US if judged.record.superseded_us is None else judged.record.superseded_us
    known_then = (then_us >= judged.record.recorded_us) & (then_us < end_us)
    met = np.minimum.reduce(list(terms.values()))
    return _Row(judged, terms, met, terms[Term.VALIDITY], known_then, judged.record.known(known_us))


def _ordered(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(set(reasons)))
