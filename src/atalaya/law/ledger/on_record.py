"""What a register holds about one sortie in a State's airspace: papers, revocations, notices, disputes."""

from collections.abc import Callable
from dataclasses import replace

from atalaya.law.ledger.facts import SortieFacts
from atalaya.law.ledger.partition import Statements
from atalaya.law.ledger.terms import judge
from atalaya.law.records.about import About
from atalaya.law.records.attestation import read_attestation
from atalaya.law.records.authorisation import read_authorisation
from atalaya.law.records.notification import read_notification
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Of, Register
from atalaya.law.records.stated import Stated

CONTESTING = frozenset({"contests", "denies"})
"""Stances that make a second disputed, from a party with standing."""

HOST = "host"
"""Standing of the State flown over."""


def statements_for(register: Register, facts: SortieFacts, known_us: int) -> Callable[[str], Statements]:
    """What is on record about a State's airspace and this sortie, as known at an instant, by State.

    A designation is never looked at: it authorises no flight.

    Raises:
        BadInput: a body that cannot be read any more (a record written by another program).
    """

    def of_state(state: str) -> Statements:
        rows = [
            row
            for row in register.of(Of("authorisation", "airspace_of", state))
            if row.recorded_us <= known_us and not withdrawn(row)
        ]
        sent_us = notice_sent_us(register, facts, state, known_us)
        judged = tuple(
            judge(
                row,
                read_authorisation(row.body, row.id),
                facts,
                revocations_of(register, row.id, known_us),
                sent_us,
            )
            for row in rows
        )
        return Statements(judged, disputes_of(register, facts, state, known_us), known_us)

    return of_state


def withdrawn(row: Record) -> bool:
    """Whether a row only says that it was recorded by mistake."""
    return "withdrawn" in row.body


def revocations_of(register: Register, authorisation: str, known_us: int) -> list[Record]:
    """The revocations of an authorisation that stood at an instant of knowledge."""
    rows = register.of(Of("revocation", "authorisation", authorisation))
    return [row for row in rows if row.known(known_us) and not withdrawn(row)]


def notice_sent_us(register: Register, facts: SortieFacts, state: str, known_us: int) -> int | None:
    """When the first notice of this sortie was sent to a State; None where no sending is on record.

    A time that is not precise counts as its latest.
    """
    sent = []
    for row in register.as_known(known_us, "notification"):
        if withdrawn(row) or row.valid.start is None:
            continue
        step = read_notification(row.body, row.id)
        done = step.step == "sent" and not step.failed
        if done and state in (step.about.state, step.to) and speaks_of(step.about, facts):
            sent.append(row.valid.start.latest_us)
    return min(sent, default=None)


def disputes_of(register: Register, facts: SortieFacts, state: str, known_us: int) -> tuple[Record, ...]:
    """Statements of the State flown over that contest this sortie; their span is the period they contest."""
    found = []
    for row in register.as_known(known_us, "attestation"):
        if withdrawn(row):
            continue
        said = read_attestation(row.body, row.id)
        contests = said.stance in CONTESTING and said.standing == HOST and said.about.state == state
        if contests and speaks_of(said.about, facts):
            found.append(replace(row, valid=Span(said.about.start, said.about.end)))
    return tuple(found)


def speaks_of(about: About, facts: SortieFacts) -> bool:
    """Whether words concern a sortie: they name it, or name none and their period meets it."""
    if about.sortie:
        return about.sortie == facts.sortie
    if about.start is None and about.end is None:
        return False
    return _before(about.start, facts.end_us) and _after(about.end, facts.start_us)


def _before(start: Stated | None, end_us: int) -> bool:
    return start is None or start.earliest_us < end_us


def _after(end: Stated | None, start_us: int) -> bool:
    return end is None or end.latest_us > start_us
