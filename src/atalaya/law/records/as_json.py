"""The form of a record in files: one JSON object, times as stated.

    {"id": "designation/x", "kind": "designation", "valid_from": "2025-02-20", "valid_to": null,
     "zone": "America/New_York", "issued": "2025-02-06", "received": "2025-02-20T13:00Z",
     "evidence": "<sha256>", "body": {...}}

A time is text, or {"at": text, "zone": name} where it has a zone of its own.
"""

from collections.abc import Mapping
from typing import Any

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput
from atalaya.law.records.bodies import read_body
from atalaya.law.records.designation import Designation
from atalaya.law.records.fields import Fields
from atalaya.law.records.record import KINDS, Record, Span
from atalaya.law.records.stated import Stated

FIELDS = ("id", "kind", "valid_from", "valid_to", "zone", "issued", "received", "evidence", "body", "row")
"""Every key of the form; `row` is that of the row which a correction takes the place of."""

_WRITTEN = ("recorded", "superseded")


def read_record(form: Mapping[str, Any], where: str = "") -> Record:
    """Read one record and check its body; its record clock is still 0, its row that of the form.

    A designation without `valid_from` is valid from its effective or published date; `valid_to` likewise from
    its revocation. A `received` of a day or coarser means its last instant: it was there by then. The zone of
    the form is that of the body's times too, where the body has none of its own.

    Raises:
        BadInput: REC-025 the id does not begin with the kind; REC-026 the validity contradicts the dates of
            the body; REC-027 it ends before it begins; and what `read_body` refuses.
    """
    fields = Fields(form, where)
    kind = fields.text("kind", most=32)
    record_id = fields.text("id", most=256)
    place = f"{where}, {record_id}" if where else record_id
    if kind not in KINDS:
        raise BadInput("REC-013", where=place, value=kind[:40], known=", ".join(sorted(KINDS)))
    if not record_id.startswith(f"{kind}/") or record_id == f"{kind}/":
        raise BadInput("REC-025", where=place, kind=kind)
    body = form.get("body")
    if not isinstance(body, Mapping):
        raise BadInput("REC-010", where=place, field="body")
    if form.get("zone") and "zone" not in body and "withdrawn" not in body:
        body = {**body, "zone": form["zone"]}
    typed = read_body(kind, body, place)
    fields.section("body")
    span = _span(Span(fields.stated("valid_from"), fields.stated("valid_to")), typed, place)
    received = fields.stated("received")
    for name in _WRITTEN:  # what `record_as_json` shows of the register's own clock, and nobody else sets
        fields.text(name, "")
    row = fields.number("row", least=0, most=2**53)
    record = Record(
        record_id,
        kind,
        dict(body),
        span,
        fields.stated("issued"),
        None if received is None else received.latest_us,
        evidence=fields.sha256("evidence"),
        row=int(row or 0),
    )
    fields.close()
    return record


def record_as_json(record: Record) -> dict[str, Any]:
    """A record in the form that `read_record` reads, and its place in the register."""
    return {
        "id": record.id,
        "kind": record.kind,
        "valid_from": _stated_json(record.valid.start),
        "valid_to": _stated_json(record.valid.end),
        "issued": _stated_json(record.issued),
        "received": None if record.received_us is None else iso(record.received_us),
        "evidence": record.evidence,
        "body": dict(record.body),
        "row": record.row,
        "recorded": iso(record.recorded_us),
        "superseded": None if record.superseded_us is None else iso(record.superseded_us),
    }


def _stated_json(stated: Stated | None) -> dict[str, str] | None:
    return None if stated is None else stated.as_json()


def _span(span: Span, typed: object, where: str) -> Span:
    if isinstance(typed, Designation):
        dates = typed.dates
        start = _agreed(span.start, dates.effective or dates.published, where)
        span = Span(start, _agreed(span.end, dates.revoked, where))
    if span.start is not None and span.end is not None and span.end.latest_us <= span.start.earliest_us:
        raise BadInput("REC-027", where=where, start=span.start.text, end=span.end.text)
    return span


def _agreed(stated: Stated | None, of_body: Stated | None, where: str) -> Stated | None:
    """The validity and the date of the body must be able to be the same time."""
    if stated is None or of_body is None:
        return stated or of_body
    if stated.latest_us < of_body.earliest_us or of_body.latest_us < stated.earliest_us:
        raise BadInput("REC-026", where=where, stated=stated.text, date=of_body.text)
    return stated
