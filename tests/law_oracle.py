"""The class of one instant, worked out slowly and without any of the ledger's own machinery."""

from atalaya.law.ledger.entry import LegalClass
from atalaya.law.records.altitude_band import parse_band
from atalaya.law.records.record import Record
from atalaya.law.records.stated import InForce, in_force
from tests.law_random import Case


def class_at(case: Case, t_us: int, known_us: int) -> LegalClass:
    """Try every combination of answers to what is unknown; if they do not agree, nothing can be said."""
    piece = max(n for n, start in enumerate(case.facts.presence.start_us[:-1]) if start <= t_us)
    states = [state for state in case.facts.presence.states[piece] if state != case.facts.operator_state]
    if not states:
        return LegalClass.ELSEWHERE
    if not case.facts.presence.certain[piece]:
        return LegalClass.INDETERMINATE
    found = {_resolved(case, states[0], t_us, known_us, yes) for yes in (False, True)}
    return found.pop() if len(found) == 1 else LegalClass.INDETERMINATE


def _resolved(case: Case, state: str, t_us: int, known_us: int, yes: bool) -> LegalClass:
    papers = [row for row in case.rows if row.body["airspace_of"] == state]
    contested = [row for row in case.disputes if row.known(known_us) and _in_force(row, t_us, yes)]
    if contested:
        return LegalClass.DISPUTED
    met = [row for row in papers if row.recorded_us <= known_us and _met(case, row, t_us, known_us, yes)]
    now = [row for row in met if row.known(known_us)]
    then = [row for row in met if row.known(min(t_us, known_us))]
    if now:
        return LegalClass.WITHIN_TERMS if then else LegalClass.RECORDED_AFTERWARDS
    if any(row.known(known_us) and _in_force(row, t_us, yes) for row in papers):
        return LegalClass.OUTSIDE_TERMS
    return LegalClass.NO_AUTHORISATION


def _met(case: Case, row: Record, t_us: int, known_us: int, yes: bool) -> bool:
    body = row.body
    revoked = any(
        r.body["authorisation"] == row.id and r.known(known_us) and r.valid.start.earliest_us <= t_us
        for r in case.revocations
        if r.valid.start is not None
    )
    answers = [
        _in_force(row, t_us, yes),
        not revoked,
        case.facts.airframe in body.get("airframes", [case.facts.airframe]),
        set(case.facts.sensors) <= set(body.get("sensors", case.facts.sensors)),
        "lead_time_s" not in body,  # no notice is ever sent in these cases
        _altitude(case, body.get("band"), t_us, yes),
    ]
    return all(answers)


def _altitude(case: Case, band: str | None, t_us: int, yes: bool) -> bool:
    if band is None:
        return True
    parsed = parse_band(band)
    if parsed.datum != "pressure":
        return yes
    changes = [change for change in case.levels if change[0] <= t_us] or [case.levels[0]]
    metres = changes[-1][1] * 30.48
    return parsed.lowest_m <= metres <= parsed.highest_m


def _in_force(row: Record, t_us: int, yes: bool) -> bool:
    found = in_force(row.valid.start, row.valid.end, t_us)
    return found is InForce.YES or (yes and found is InForce.INDETERMINATE)
