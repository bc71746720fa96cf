"""The ledger of a workspace at a glance: sorties, classes, reconciliation; and its tempo."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atalaya.base.clock import iso
from atalaya.base.errors import NotFound, PartlyDone
from atalaya.campaign.overflights import Assumptions, Overflight, only_state, overflights
from atalaya.campaign.reconciling import reconciled
from atalaya.campaign.registers import Registers, open_registers
from atalaya.campaign.sorties import sorties_of
from atalaya.campaign.tempo_plot import InForceBar
from atalaya.law.account import Standing
from atalaya.law.ledger.completeness import Reconciliation
from atalaya.law.ledger.entry import LegalClass, seconds_by_class
from atalaya.law.ledger.on_record import withdrawn
from atalaya.law.ledger.tempo import FlownSortie, Period, StepUp, TempoRow, step_up, tempo
from atalaya.law.records.authorisation import read_authorisation
from atalaya.law.records.designation import read_designation
from atalaya.law.records.notification import read_notification
from atalaya.law.records.record import Record
from atalaya.law.records.register import Register
from atalaya.law.records.stated import NEVER_US

MOST_BARS = 24
"""As many as a picture can hold."""


@dataclass(frozen=True)
class LedgerSummary:
    """The ledger of some sorties, as known at an instant.

    layers: names of the boundary layers asked for; () for the default ones.
    """

    found: tuple[Overflight, ...]
    reconciliation: Reconciliation
    known_us: int
    state: str
    layers: tuple[str, ...]

    @property
    def seconds(self) -> dict[LegalClass, float]:
        """Seconds in each class, over all sorties."""
        return seconds_by_class(entry for each in self.found for entry in each.entries)

    @property
    def exit_code(self) -> int:
        """7 where some sortie could not be accounted for."""
        return PartlyDone.exit_code if any(each.error for each in self.found) else 0

    def as_json(self) -> dict[str, Any]:
        """The `atalaya.ledger/1` object."""
        return {
            "schema": "atalaya.ledger/1",
            "as_known": iso(self.known_us),
            "state": self.state,
            "layers": list(self.layers),
            "completeness": {
                "verdict": str(self.reconciliation.verdict),
                "sorties": self.reconciliation.sorties,
                "not_reconciled": self.reconciliation.not_reconciled,
                "unverified": list(self.reconciliation.unverified),
                "discrepancies": [each.as_json() for each in self.reconciliation.discrepancies],
            },
            "seconds_by_class": {str(name): value for name, value in self.seconds.items()},
            "sorties": [_sortie_json(each) for each in self.found],
        }


@dataclass(frozen=True)
class TempoSummary:
    """The tempo of a workspace and what was in force meanwhile."""

    rows: tuple[TempoRow, ...]
    step: StepUp | None
    bars: tuple[InForceBar, ...]
    period: Period

    def as_json(self, plot: Path | None) -> dict[str, Any]:
        """The `atalaya.ledger-tempo/1` object."""
        step = self.step
        return {
            "schema": "atalaya.ledger-tempo/1",
            "by": self.period,
            "rows": [row.as_json() for row in self.rows],
            "stepped_up": None
            if step is None
            else {"period": step.label, "before": round(step.before, 3), "after": round(step.after, 3)},
            "in_force": [
                {
                    "label": bar.label,
                    "kind": bar.kind,
                    "start": None if bar.start_us is None else iso(bar.start_us),
                    "end": None if bar.end_us is None else iso(bar.end_us),
                }
                for bar in self.bars
            ],
            "plot": None if plot is None else str(plot),
        }


def summarise(
    root: Path, *, sortie: str, state: str, known_us: int, assumptions: Assumptions
) -> LedgerSummary:
    """The ledger of one sortie, of one State, or of everything.

    Raises:
        NotFound: LED-022, no such sortie on record.
    """
    with open_registers(root) as registers:
        registers.verify()
        register = registers.register()
        found = list(wanted_overflights(registers, register, sortie, known_us, assumptions))
        listed = sorties_of(register, known_us=known_us)
        reconciliation = reconciled(register, listed, known_us)
    if state:
        found = [only_state(each, state) for each in found if each.error or each.about(state)]
    return LedgerSummary(tuple(found), reconciliation, known_us, state, assumptions.layers)


def summarise_tempo(
    root: Path,
    period: Period,
    *,
    state: str,
    within_us: tuple[int, int] | None,
    known_us: int,
    assumptions: Assumptions,
) -> TempoSummary:
    """The tempo of everything flown, or of what entered one State, or began within a period."""
    with open_registers(root) as registers:
        registers.verify()
        register = registers.register()
        found = list(overflights(registers, register, known_us, assumptions))
    first_us, last_us = within_us or (-NEVER_US, NEVER_US)
    chosen = [
        each
        for each in found
        if each.facts and (not state or each.about(state)) and first_us <= each.facts.start_us < last_us
    ]
    rows = tempo([flown_sortie(each) for each in chosen], period)
    return TempoSummary(tuple(rows), step_up(rows), tuple(in_force_bars(register, known_us)), period)


def flown_sortie(found: Overflight) -> FlownSortie:
    """An overflight in the figures of the tempo."""
    assert found.facts is not None
    states = found.states
    inside = {name: each.intervals.seconds()[Standing.CERTAIN_INSIDE] for name, each in states.items()}
    own = found.sortie.operator_state
    return FlownSortie(
        found.record.id,
        found.facts.start_us,
        found.facts.end_us,
        {name: seconds for name, seconds in inside.items() if seconds and name != own},
        seconds_by_class(found.entries),
        {name: each.deepest.depth_m for name, each in states.items() if each.deepest and name != own},
    )


def in_force_bars(register: Register, known_us: int) -> list[InForceBar]:
    """Authorisations, designations with dates of law, and notices sent, over time; the longest lists cut."""
    kinds = ("authorisation", "designation", "notification")
    rows = [row for kind in kinds for row in register.as_known(known_us, kind) if not withdrawn(row)]
    bars = [_bar_of(row) for row in rows]
    return [bar for bar in bars if bar is not None][:MOST_BARS]


def _bar_of(row: Record) -> InForceBar | None:
    """A row as a bar; None for a designation without dates of law and a notice that was not sent."""
    if row.kind == "authorisation":
        paper = read_authorisation(row.body, row.id)
        return _bar(row, f"{paper.instrument}, {paper.granted_by}")
    if row.kind == "designation":
        return _bar(row, row.id.partition("/")[2]) if _dated(row.body, row.id) else None
    step = read_notification(row.body, row.id)
    if row.valid.start is None or step.step != "sent" or step.failed:
        return None
    at_us = row.valid.start.latest_us
    return InForceBar(f"{step.notice} → {step.to}", "notification", at_us, at_us)


def _bar(row: Record, label: str) -> InForceBar:
    start, end = row.valid.start, row.valid.end
    return InForceBar(label, row.kind, start and start.latest_us, end and end.earliest_us)


def _dated(body: Any, where: str) -> bool:
    dates = read_designation(body, where).dates
    return dates.effective is not None or dates.published is not None


def wanted_overflights(
    registers: Registers, register: Register, sortie: str, known_us: int, assumptions: Assumptions
) -> Sequence[Overflight]:
    """Every sortie flown, or the one named.

    Raises:
        NotFound: LED-022, no such sortie on record.
    """
    wanted = list(overflights(registers, register, known_us, assumptions, only=sortie))
    if sortie and not wanted:
        known = ", ".join(record.id for record, _ in sorties_of(register, known_us=known_us)[:12])
        raise NotFound("LED-022", where=sortie, known=known)
    return wanted


def _sortie_json(found: Overflight) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "sortie": found.record.id,
        "airframe": found.sortie.airframe,
        "number": found.sortie.number,
        "operator_state": found.sortie.operator_state,
    }
    if found.error is not None:
        return {**shown, "error": found.error.as_json()}
    assert found.facts is not None
    spent = seconds_by_class(found.entries)
    return {
        **shown,
        "start": iso(found.facts.start_us),
        "end": iso(found.facts.end_us),
        "total_s": (found.facts.end_us - found.facts.start_us) / 1e6,
        "seconds_by_class": {str(name): value for name, value in spent.items()},
        "states": [each.as_json() for each in found.states.values()],
        "between_layers": list(found.account.between_layers) if found.account else [],
        "entries": [entry.as_json() for entry in found.entries],
    }
