"""What the ledger's verbs are asked with: instants, periods, layers."""

from collections.abc import Sequence
from pathlib import Path

from atalaya.base.clock import now_us
from atalaya.base.errors import NotFound, Usage
from atalaya.campaign.ledger_summary import LedgerSummary, TempoSummary, summarise, summarise_tempo
from atalaya.campaign.overflights import Assumptions
from atalaya.law.ledger.tempo import Period
from atalaya.law.records.stated import parse_stated
from atalaya.law.records.states import known_state
from atalaya.store.workspace import SETTINGS_FILE


def instant(text: str, *, otherwise_us: int | None = None) -> int:
    """An instant from the command line; its latest where it is a date; now where it is empty.

    Raises:
        BadInput: REC-001.
    """
    if not text:
        return now_us() if otherwise_us is None else otherwise_us
    return parse_stated(text, "UTC", where=text).latest_us


def period(start: str, end: str) -> tuple[int, int] | None:
    """A period from the command line; None where neither end is given.

    Raises:
        Usage: LED-031, it ends before it begins.
        BadInput: REC-001.
    """
    if not start and not end:
        return None
    first = parse_stated(start, "UTC", where="--from").earliest_us if start else 0
    last = instant(end)
    if last <= first:
        raise Usage("LED-031", where=f"--from {start} --to {end}")
    return first, last


def named_state(text: str) -> str:
    """A State named on the command line; "" for none.

    Raises:
        BadInput: LED-001, there is no such code; it says which one may be meant.
    """
    return known_state(text, "--state") if text else ""


def assumptions(layers: Sequence[str]) -> Assumptions:
    """What an account rests on, with the layers that were named."""
    return Assumptions(tuple(layers))


def existing(workspace: Path) -> Path:
    """The workspace, which must be there: reading makes none.

    Raises:
        NotFound: LED-023.
    """
    if not (workspace / SETTINGS_FILE).is_file():
        raise NotFound("LED-023", where=str(workspace))
    return workspace


def view(workspace: Path, *, sortie: str, state: str, known: str, layers: Sequence[str]) -> LedgerSummary:
    """See `campaign.ledger_summary.summarise`."""
    return summarise(
        existing(workspace),
        sortie=sortie,
        state=state,
        known_us=instant(known),
        assumptions=assumptions(layers),
    )


def tempo_of(
    workspace: Path,
    by: Period,
    *,
    state: str,
    within_us: tuple[int, int] | None,
    known: str,
    layers: Sequence[str],
) -> TempoSummary:
    """See `campaign.ledger_summary.summarise_tempo`."""
    return summarise_tempo(
        existing(workspace),
        by,
        state=state,
        within_us=within_us,
        known_us=instant(known),
        assumptions=assumptions(layers),
    )
