"""The overflight ledger of a workspace in short."""

from pathlib import Path

from atalaya.base.clock import now_us
from atalaya.campaign.ledger_summary import summarise
from atalaya.campaign.overflights import Assumptions
from atalaya.campaign.report.report import LedgerBrief, StateTime
from atalaya.law.account import Standing


def ledger_brief(root: Path) -> tuple[LedgerBrief | None, float | None]:
    """The ledger, and seconds flown; None and None where no sortie is on record.

    Raises:
        AtalayaError: LED-0xx, STO-0xx, the ledger cannot be read or does not verify.
    """
    if not (root / "ledger.sqlite").is_file():
        return None, None
    known = summarise(root, sortie="", state="", known_us=now_us(), assumptions=Assumptions(()))
    if not known.found:
        return None, None
    states: dict[str, list[float]] = {}
    flown = 0.0
    for each in known.found:
        if each.facts is not None:
            flown += (each.facts.end_us - each.facts.start_us) / 1e6
        for name, state in each.states.items():
            if name == each.sortie.operator_state:
                continue
            spent = state.intervals.seconds()
            certain = spent[Standing.CERTAIN_INSIDE]
            doubtful = spent[Standing.INDETERMINATE] + spent[Standing.POSSIBLE]
            totals = states.setdefault(name, [0.0, 0.0])
            totals[0] += certain
            totals[1] += doubtful
    brief = LedgerBrief(
        len(known.found),
        tuple((kind, seconds) for kind, seconds in known.seconds.items() if seconds > 0.0),
        tuple(StateTime(name, *pair) for name, pair in sorted(states.items()) if sum(pair) > 0.0),
        known.reconciliation.verdict,
    )
    return brief, flown
