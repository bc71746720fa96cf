"""What a gate said, in words: one line for each thing that was looked at."""

from atalaya.base.clock import iso
from atalaya.base.language import printable, say
from atalaya.law.gate import Ground
from atalaya.law.ledger.entry import LegalClass

FINDINGS = {
    "on either side of the line": "may.either_side",
    "collection not on record": "may.not_on_record",
    "inspection": "may.inspection",
    "payload": "may.payload",
    "marked": "may.marked",
}
"""What a gate finds beside classes of the ledger, and its phrase."""


def ground_line(ground: Ground) -> str:
    """One thing that was looked at: rule, answer, when, where, what was found, which records and terms."""
    reasons = (reason_text(each.record, each.term) for each in ground.reasons)
    times = ""
    if ground.start_us is not None and ground.end_us is not None:
        times = f"{iso(ground.start_us)[:19]}Z – {iso(ground.end_us)[:19]}Z"
    parts = (
        ground.rule,
        say(f"may.{ground.verdict}"),
        times,
        "/".join(ground.states),
        _finding(ground.finding, refused=str(ground.verdict) == "refused"),
        "; ".join(reasons),
    )
    return "  ".join(part for part in parts if part)


def _finding(finding: str, *, refused: bool) -> str:
    """What was found, in the reader's language; the kind of a payload and the hash of a recording stay."""
    classes = {str(each): each.name.lower() for each in LegalClass}
    if finding in classes:
        return say(f"ledger.class.{classes[finding]}")
    word, _, rest = finding.partition(" ")
    if word == "payload" and refused:
        return say("may.no_payload", what=printable(rest))
    if finding in FINDINGS:
        return say(FINDINGS[finding])
    if word in FINDINGS:
        return say(FINDINGS[word], what=printable(rest))
    return printable(finding)


def reason_text(record: str, term: str) -> str:
    """A record and the term of it that decides, `authorisation/A (altitude)`, or either alone."""
    named = say(f"term.{term.replace(', ', '_').replace(' ', '_')}") if term else ""
    if record and named:
        return f"{printable(record)} ({named})"
    return printable(record) or named
