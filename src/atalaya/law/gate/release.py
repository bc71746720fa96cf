"""May what was collected be released? What was not collected within terms is marked so for ever."""

from collections.abc import Sequence

from atalaya.law.gate.answer import Answer, Ground, Verdict, decide
from atalaya.law.gate.flight import entry_grounds
from atalaya.law.ledger.entry import LedgerEntry


def may_release(collected: Sequence[LedgerEntry], known_us: int) -> Answer:
    """Whether a product may be released, by the classes of the seconds it was collected in.

    Args:
        collected: ledger entries of every second that any of its sources was recorded in; empty where that
            is not known, which is indeterminate.
    """
    grounds = entry_grounds(collected)
    if not grounds:
        grounds = [Ground("LAW-031", Verdict.INDETERMINATE, "collection not on record")]
    return decide(grounds, known_us)
