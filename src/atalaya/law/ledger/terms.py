"""The terms of one authorisation, each as yes, no or unknown over the time of a sortie."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from atalaya.law.ledger.facts import SortieFacts
from atalaya.law.ledger.steps import Steps, Tri, all_of, constant, of_intervals, of_span, until
from atalaya.law.records.authorisation import Authorisation, StandingRule
from atalaya.law.records.record import Record
from atalaya.law.records.stated import NEVER_US


class Term(StrEnum):
    """What an authorisation can ask."""

    VALIDITY = "validity"
    REVOKED_UNRECEIVED = "revoked, not yet received"
    REVOKED = "revoked"
    AIRFRAME = "airframe"
    SENSOR = "sensor"
    PURPOSE = "purpose"
    AREA = "area"
    ALTITUDE = "altitude"
    RULE = "standing rule"
    NOTICE = "notice"


@dataclass(frozen=True)
class Judged:
    """An authorisation against a sortie.

    Args:
        record: its row.
        terms: each term that it sets, over time; `VALIDITY` and the revocations are always there.
    """

    record: Record
    terms: Mapping[Term, Steps]

    def met(self) -> Steps:
        """Whether every term holds, validity and revocation included."""
        return all_of(self.terms.values())


def judge(
    record: Record,
    authorisation: Authorisation,
    facts: SortieFacts,
    revocations: Iterable[Record],
    sent_us: int | None,
) -> Judged:
    """Each term of an authorisation over the sortie.

    Args:
        revocations: those of this authorisation that are known.
        sent_us: when the notice of this sortie to that State was sent; None where no sending is on record.
    """
    unreceived, received = _revoked(revocations)
    terms = {
        Term.VALIDITY: of_span(record.valid),
        Term.REVOKED_UNRECEIVED: unreceived,
        Term.REVOKED: received,
    }
    terms |= _of_aircraft(authorisation, facts)
    if authorisation.area is not None:
        terms[Term.AREA] = facts.within(authorisation.area)
    if authorisation.band is not None:
        terms[Term.ALTITUDE] = facts.in_band(authorisation.band)
    if authorisation.rule is not None:
        terms[Term.RULE] = _rule(authorisation.rule, facts)
    if authorisation.lead_time_s is not None:
        terms[Term.NOTICE] = _notice(authorisation, facts, sent_us)
    return Judged(record, terms)


def _of_aircraft(authorisation: Authorisation, facts: SortieFacts) -> dict[Term, Steps]:
    """Terms that are the same for the whole flight."""
    terms = {}
    if authorisation.airframes:
        terms[Term.AIRFRAME] = _listed((facts.airframe,), authorisation.airframes)
    if authorisation.sensors is not None:
        terms[Term.SENSOR] = _listed(facts.sensors, authorisation.sensors)
    if authorisation.purposes:
        terms[Term.PURPOSE] = _purpose(facts.purpose, authorisation.purposes)
    return terms


def _listed(used: Iterable[str], allowed: Iterable[str]) -> Steps:
    names = {name.casefold() for name in allowed}
    return constant(Tri.YES if all(name.casefold() in names for name in used) else Tri.NO)


def _purpose(purpose: str, allowed: tuple[str, ...]) -> Steps:
    return _listed((purpose,), allowed) if purpose else constant(Tri.UNKNOWN)


def _rule(rule: StandingRule, facts: SortieFacts) -> Steps:
    near = facts.near(rule.near, rule.within_m)
    return all_of((near, _purpose(facts.purpose, rule.purposes))) if rule.purposes else near


def _notice(authorisation: Authorisation, facts: SortieFacts, sent_us: int | None) -> Steps:
    """Sent early enough before the earliest possible entry; the lead time is the authorisation's own."""
    entry_us = facts.entries_us.get(authorisation.airspace_of, facts.start_us)
    assert authorisation.lead_time_s is not None
    in_time = sent_us is not None and entry_us - sent_us >= round(authorisation.lead_time_s * 1e6)
    return constant(Tri.YES if in_time else Tri.NO)


def _revoked(revocations: Iterable[Record]) -> tuple[Steps, Steps]:
    """Not (revoked but the notice not yet received), and not (revoked and received), over time."""
    unreceived, received = [constant(Tri.YES)], [constant(Tri.YES)]
    for record in revocations:
        start = record.valid.start
        had_us = record.received_us if record.received_us is not None else record.recorded_us
        earliest, latest = (start.earliest_us, start.latest_us) if start else (had_us, had_us)
        known_us = max(latest, had_us)
        doubt = [(earliest, latest, Tri.UNKNOWN)] if earliest < latest else []
        gap = [(latest, known_us, Tri.NO)] if latest < known_us else []
        unreceived.append(of_intervals([*doubt, *gap], Tri.YES))
        received.append(until(known_us, Tri.YES, Tri.NO) if known_us < NEVER_US else constant(Tri.YES))
    return all_of(unreceived), all_of(received)
