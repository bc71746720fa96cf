"""Writing to the register: records added, corrected, withdrawn; names confirmed; the packaged examples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput, NotFound
from atalaya.base.finding import Finding, Severity, merged
from atalaya.campaign.registers import Registers
from atalaya.law.records.bodies import read_body
from atalaya.law.records.names import NameTable, name_key
from atalaya.law.records.record import Record
from atalaya.law.records.register import Draft, Register
from atalaya.law.records.stated import NEVER_US, exactly

LONGEST_DAY_US = 50 * 3_600_000_000

NOW = NEVER_US - 1
"""Later than any row: "as known now"."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of records that were to be entered.

    drafts: rows to add. added, corrected, unchanged: how many of each.
    """

    drafts: tuple[Draft, ...]
    added: int
    corrected: int
    unchanged: int


def merge(register: Register, records: Iterable[Record]) -> Merged:
    """Compare records with what stands: new ids are added, others corrected, equal ones left alone.

    Raises:
        BadInput: REC-046, an id has several standing rows and the record does not say which it corrects.
    """
    drafts: list[Draft] = []
    counts = {"added": 0, "corrected": 0, "unchanged": 0}
    pending: set[str] = set()
    for record in records:
        standing = register.as_known(NOW, record.id)
        if record.id in pending or not standing:
            drafts.append(Draft(record))
            counts["added"] += 1
            pending.add(record.id)
        elif any(_same(record, row) for row in standing):
            counts["unchanged"] += 1
        else:
            drafts.append(Draft(record, _corrected(record, standing)))
            counts["corrected"] += 1
    return Merged(tuple(drafts), **counts)


def future_findings(records: Iterable[Record], now_us: int) -> list[Finding]:
    """REC-055, one per date, for records issued or received later than now.

    A day stated without zone lasts up to fifty hours, and its last instant is taken for the time of receipt.
    """
    found = []
    for record in records:
        issued, received = record.issued, record.received_us
        if issued is not None and issued.earliest_us > now_us:
            found.append(("issued", issued.text))
        if received is not None and received > now_us + LONGEST_DAY_US:
            found.append(("received", iso(received)))
    now = iso(now_us)
    return merged(
        Finding("REC-055", Severity.WARNING, details={"field": field, "at": at, "now": now})
        for field, at in found
    )


def add(registers: Registers, records: Sequence[Record]) -> list[Record]:
    """Add records; an id that is there already is refused where both would surely hold at one instant.

    Raises:
        BadInput: REC-017, REC-030.
    """
    return registers.append([Draft(record) for record in records])


def correct(registers: Registers, record: Record) -> Record:
    """Put a record in the place of the standing row of its id; the old row stays in the history.

    Raises:
        NotFound: REC-045, nothing stands under this id.
        BadInput: REC-018, REC-046.
    """
    standing = registers.register().as_known(NOW, record.id)
    if not standing:
        raise NotFound("REC-045", where=record.id)
    return registers.append([Draft(record, _corrected(record, standing))])[0]


def withdraw(registers: Registers, record_id: str, why: str, row: int = 0) -> Record:
    """Say that a row was recorded by mistake: it stays in the history and holds no more.

    Raises:
        NotFound: REC-045. BadInput: REC-010 no reason; REC-018, REC-046.
    """
    if not why.strip():
        raise BadInput("REC-010", where=record_id, field="withdrawn")
    standing = registers.register().as_known(NOW, record_id)
    if not standing:
        raise NotFound("REC-045", where=record_id)
    kind = standing[0].kind
    return correct(registers, Record(record_id, kind, {"withdrawn": why.strip()}, row=row))


def confirm(registers: Registers, text: str, organisation: str, by: str, now_us: int) -> Record:
    """Record that a person says this spelling means this organisation: an alias, who and when.

    Raises:
        NotFound: REC-028, no such organisation. BadInput: REC-044, it means one already; REC-010 no role.
    """
    names = NameTable(registers.register(), NOW)
    if names.organisation(organisation) is None:
        raise NotFound("REC-028", value=organisation)
    known = names.resolve(text)
    if known.organisation is not None or known.ambiguous:
        ids = ", ".join(sorted({meaning.organisation for meaning in known.meanings}))
        raise BadInput("REC-047", where=text, ids=ids)
    if not by.strip():
        raise BadInput("REC-010", where=text, field="by")
    score = next((one.score for one in names.suggest(text, 50) if one.organisation == organisation), None)
    body = {"organisation": organisation, "text": text.strip(), "basis": "confirmed", "by": by.strip()}
    scored = body if score is None else {**body, "suggested_score": score}
    record_id = f"alias/{organisation.partition('/')[2]}/{name_key(text)[:80]}"
    read_body("alias", scored, record_id)
    return add(registers, [Record(record_id, "alias", scored, issued=exactly(now_us), received_us=now_us)])[0]


def _corrected(record: Record, standing: Sequence[Record]) -> int:
    """Number of the row a record takes the place of: the one it names, or the only one that stands."""
    if record.row:
        return record.row
    if len(standing) > 1:
        rows = ", ".join(str(row.row) for row in standing)
        raise BadInput("REC-046", where=record.id, rows=rows)
    return standing[0].row


def _same(record: Record, row: Record) -> bool:
    return replace(record, row=0) == replace(row, recorded_us=0, superseded_us=None, row=0)
