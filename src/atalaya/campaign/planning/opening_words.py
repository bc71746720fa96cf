"""What would open ground that is closed: in words, from the terms of the records that were not met."""

from collections.abc import Iterable, Sequence

from atalaya.base.language import printable, say
from atalaya.law.gate.answer import Ground
from atalaya.law.ledger.entry import Reason

MOST_WORDS = 6

_TERMS = {
    "area": "plan.opens.area",
    "altitude": "plan.opens.altitude",
    "validity": "plan.opens.validity",
    "notice": "plan.opens.notice",
    "airframe": "plan.opens.airframe",
    "sensor": "plan.opens.sensor",
    "purpose": "plan.opens.purpose",
    "standing rule": "plan.opens.rule",
    "revoked": "plan.opens.revoked",
    "revoked, not yet received": "plan.opens.revoked",
    "position": "plan.opens.position",
    "contests": "plan.opens.contests",
    "recorded": "plan.opens.recorded",
}


def opening_words(grounds: Sequence[Ground], states: Iterable[str], stated: frozenset[str]) -> list[str]:
    """One sentence for each thing that stands in the way, and what would take it out of the way.

    Args:
        grounds: of airspace, as the gates gave them.
        states: whose airspace it is or may be.
        stated: ids of records only the campaign file states; they are marked.
    """
    said: dict[str, None] = {}
    names = ", ".join(states)
    for ground in grounds:
        for reason in ground.reasons or (Reason("", "none"),):
            key = _TERMS.get(reason.term)
            record = printable(reason.record) + (" *" if reason.record in stated else "")
            if key is None:
                said[say("plan.opens.none", states=", ".join(ground.states) or names)] = None
            else:
                said[say(key, record=record, states=", ".join(ground.states) or names)] = None
    return list(said)[:MOST_WORDS]
