"""Why is an instant of a sortie in its class? Everything that was asked, with its answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput
from atalaya.campaign.ledger_summary import wanted_overflights
from atalaya.campaign.overflights import Assumptions, Overflight
from atalaya.campaign.registers import open_registers
from atalaya.law.account import Standing
from atalaya.law.ledger.entry import LedgerEntry
from atalaya.law.ledger.explain import TermAt, terms_at
from atalaya.law.ledger.on_record import notice_sent_us, statements_for


@dataclass(frozen=True)
class Why:
    """One instant of one sortie, and what decides its class.

    Args:
        entry: the entry that holds the instant.
        positions: (State, layer, standing) of every layer asked.
        terms: State to each term of each authorisation for its airspace.
        sent_us: State to when the notice of the sortie was sent; None where none is on record.
    """

    sortie: str
    t_us: int
    known_us: int
    entry: LedgerEntry
    positions: tuple[tuple[str, str, Standing], ...]
    terms: dict[str, tuple[TermAt, ...]]
    sent_us: dict[str, int | None]

    def as_json(self) -> dict[str, Any]:
        """The `atalaya.law-why/1` object."""
        return {
            "schema": "atalaya.law-why/1",
            "sortie": self.sortie,
            "at": iso(self.t_us),
            "as_known": iso(self.known_us),
            "entry": self.entry.as_json(),
            "position": [
                {"state": state, "layer": layer, "standing": standing.word}
                for state, layer, standing in self.positions
            ],
            "terms": {state: [each.as_json() for each in terms] for state, terms in self.terms.items()},
            "notice_sent": {
                state: None if sent is None else iso(sent) for state, sent in self.sent_us.items()
            },
        }


def why(root: Path, sortie: str, t_us: int | None, known_us: int, assumptions: Assumptions) -> Why:
    """Explain an instant of a sortie; by default the first that is not simply fine.

    Raises:
        NotFound: LED-022, no such sortie.
        BadInput: LED-024, the sortie was not in the air then; and why it has no account.
    """
    with open_registers(root) as registers:
        registers.verify()
        register = registers.register()
        (found,) = wanted_overflights(registers, register, sortie, known_us, assumptions)
        if found.error is not None:
            raise found.error
        entry = _entry_at(found, t_us)
        instant = entry.start_us if t_us is None else t_us
        assert found.facts is not None
        abroad = [state for state in entry.states if state != found.sortie.operator_state]
        statements = statements_for(register, found.facts, known_us)
        terms = {state: tuple(terms_at(statements(state), instant)) for state in abroad}
        sent = {state: notice_sent_us(register, found.facts, state, known_us) for state in abroad}
    return Why(found.record.id, instant, known_us, entry, _positions(found, instant), terms, sent)


def _entry_at(found: Overflight, t_us: int | None) -> LedgerEntry:
    if t_us is None:
        abroad = [entry for entry in found.entries if set(entry.states) - {found.sortie.operator_state}]
        return (abroad or list(found.entries))[0]
    for entry in found.entries:
        if entry.start_us <= t_us < entry.end_us:
            return entry
    first, last = found.entries[0].start_us, found.entries[-1].end_us
    raise BadInput("LED-024", where=found.record.id, at=iso(t_us), start=iso(first), end=iso(last))


def _positions(found: Overflight, t_us: int) -> tuple[tuple[str, str, Standing], ...]:
    rows = []
    for each in found.account.states if found.account else ():
        place = int(each.intervals.start_us.searchsorted(t_us, side="right")) - 1
        standing = Standing(int(each.intervals.standing[max(place, 0)]))
        if standing is not Standing.CERTAIN_OUTSIDE:
            rows.append((each.state, each.layer, standing))
    return tuple(rows)
