"""What the registers contribute to an account: papers, notices, statements, inspections, designations."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from atalaya.base.clock import iso
from atalaya.campaign.overflights import Overflight
from atalaya.law.ledger.entry import LedgerEntry, LegalClass
from atalaya.law.ledger.on_record import speaks_of, withdrawn
from atalaya.law.records.airframe import read_inspection
from atalaya.law.records.attestation import read_attestation
from atalaya.law.records.authorisation import read_authorisation
from atalaya.law.records.designated import designated
from atalaya.law.records.notification import STEPS, Chain, chains, read_notification
from atalaya.law.records.organisation import read_organisation
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Register
from atalaya.law.records.request import read_request
from atalaya.law.records.sortie import read_sortie
from atalaya.law.records.stated import InForce, Stated


def authorisations(
    register: Register, entries: Sequence[LedgerEntry], state: str, known_us: int
) -> list[dict[str, Any]]:
    """Each paper on record for the States entered, with the time it decided; the most used first."""
    spent: defaultdict[tuple[str, LegalClass], int] = defaultdict(int)
    for entry in entries:
        for record in {reason.record for reason in entry.reasons}:
            spent[record, entry.legal_class] += entry.end_us - entry.start_us
    abroad = {name for entry in entries for name in entry.states} | ({state} if state else set())
    found = []
    for row in _standing(register, "authorisation", known_us):
        paper = read_authorisation(row.body, row.id)
        if paper.airspace_of not in abroad or (state and paper.airspace_of != state):
            continue
        first = min(each.recorded_us for each in register.history(row.id))
        found.append(
            {
                "id": row.id,
                "instrument": paper.instrument,
                "granted_by": paper.granted_by,
                "basis": str(paper.basis),
                "airspace_of": paper.airspace_of,
                "valid": _span(row.valid),
                "recorded": iso(first),
                "within_ms": round(spent[row.id, LegalClass.WITHIN_TERMS] / 1000),
                "outside_ms": round(spent[row.id, LegalClass.OUTSIDE_TERMS] / 1000),
                "afterwards_ms": round(spent[row.id, LegalClass.RECORDED_AFTERWARDS] / 1000),
            }
        )
    return sorted(found, key=lambda each: (-int(each["within_ms"]), str(each["id"])))


def notices(
    register: Register, found: Sequence[Overflight], state: str, known_us: int
) -> list[dict[str, Any]]:
    """The chains of notices about the sorties, each step or null, and the lead time to the earliest entry."""
    flown = [each.facts for each in found if each.facts is not None]
    rows: defaultdict[str, list[Record]] = defaultdict(list)
    entries: defaultdict[str, list[int]] = defaultdict(list)
    for row in _standing(register, "notification", known_us):
        step = read_notification(row.body, row.id)
        concerned = [facts for facts in flown if speaks_of(step.about, facts)]
        if concerned and (not state or step.about.state in ("", state)):
            rows[step.notice].append(row)
            states = [step.about.state] if step.about.state else [state]
            entries[step.notice] += [f.entries_us[s] for f in concerned for s in states if s in f.entries_us]
    return [_notice(chain, entries[chain.notice]) for each in rows.values() for chain in chains(each)]


def _notice(chain: Chain, entries_us: Sequence[int]) -> dict[str, Any]:
    """One chain; the lead time is to the first possible entry of the sorties it speaks of."""
    lead = chain.lead_us(min(entries_us)) if entries_us else None
    steps = {step: None if at is None else at.text for step, at in zip(STEPS, chain.steps, strict=True)}
    return {
        "notice": chain.notice,
        "to": "; ".join(chain.to),
        **steps,
        "lead_s": None if lead is None else round(lead[0] / 1e6),
        "not_reached": "; ".join(chain.not_reached),
    }


def statements(
    register: Register, state: str, start_us: int, end_us: int, known_us: int
) -> list[dict[str, Any]]:
    """What parties said about the State, or within the period, in the order of their dates."""
    found = []
    for row in _standing(register, "attestation", known_us):
        said = read_attestation(row.body, row.id)
        dated = row.issued or row.valid.start
        inside = dated is None or (dated.earliest_us < end_us and dated.latest_us > start_us)
        if inside and (not state or said.about.state in ("", state)):
            found.append((dated.earliest_us if dated else 0, row, said, dated))
    return [
        {
            "record": row.id,
            "subject": said.about.subject,
            "state": said.about.state,
            "speaker": said.speaker,
            "date": _text(dated),
            "stance": said.stance,
            "wording": said.wording[:400],
        }
        for _, row, said, dated in sorted(found, key=lambda each: (each[0], each[1].row))
    ]


def inspections(
    register: Register, airframes: Iterable[str], at_us: int, known_us: int
) -> list[dict[str, Any]]:
    """Inspections of the airframes until the end of the period, the newest first."""
    wanted = set(airframes)
    found = []
    for row in _standing(register, "inspection", known_us):
        seen = read_inspection(row.body, row.id)
        start = row.valid.start
        if seen.airframe.removeprefix("airframe/") in wanted and (
            start is None or start.earliest_us <= at_us
        ):
            found.append((start.earliest_us if start else 0, row, seen))
    return [
        {
            "airframe": seen.airframe,
            "inspector": seen.inspector,
            "at": _text(row.valid.start),
            "unarmed": seen.unarmed,
            "software_sha256": seen.software_sha256,
        }
        for _, row, seen in sorted(found, key=lambda each: (-each[0], each[1].row))
    ]


def designations(register: Register, at_us: int, known_us: int) -> list[dict[str, Any]]:
    """Organisations and regimes with legal dates: in force at the period's end, as known then and now."""
    found = []
    for row in _standing(register, "organisation", known_us):
        then = {each.regime: each.in_force for each in designated(register, row.id, at_us, at_us)}
        for answer in designated(register, row.id, at_us, known_us):
            if not answer.by_dates:
                continue
            dates = [each.designation.dates for each in answer.statements]
            effective = next(
                (each.effective or each.published for each in dates if each.effective or each.published), None
            )
            found.append(
                {
                    "organisation": read_organisation(row.body, row.id).name,
                    "regime": answer.regime,
                    "effective": _text(effective) or None,
                    "then": str(then.get(answer.regime, InForce.NO)),
                    "now": str(answer.in_force),
                }
            )
    return found


def corrections(register: Register, since_us: int | None, known_us: int) -> dict[str, Any]:
    """How many rows took the place of another since the last account was issued."""
    closed = [
        row
        for row in register.rows
        if row.superseded_us is not None and (since_us or 0) < row.superseded_us <= known_us
    ]
    return {"since": None if since_us is None else iso(since_us), "rows": len(closed)}


def requests(register: Register, state: str, start_us: int, end_us: int, known_us: int) -> dict[str, int]:
    """How many permissions and sorties were denied, cancelled or are pending, within a period."""
    counts = {"denied": 0, "cancelled": 0, "pending": 0}
    for row in _standing(register, "request", known_us):
        asked = read_request(row.body, row.id)
        if asked.outcome in counts and (not state or asked.about.state in ("", state)):
            counts[asked.outcome] += 1
    for row in _standing(register, "sortie", known_us):
        status = str(read_sortie(row.body, row.id).status)
        start = row.valid.start
        inside = start is None or (start.earliest_us < end_us and start.latest_us >= start_us)
        if status in ("denied", "cancelled") and inside:
            counts[status] += 1
    return counts


def _standing(register: Register, kind: str, known_us: int) -> list[Record]:
    return [row for row in register.as_known(known_us, kind) if not withdrawn(row)]


def _span(span: Span) -> str:
    return f"{_text(span.start) or '…'} / {_text(span.end) or '…'}"


def _text(stated: Stated | None) -> str:
    return "" if stated is None else stated.text
