"""What a campaign file states of the law: records in the form the register reads, and the register to ask.

A campaign file states; it does not record. The register that planning asks holds the workspace's rows and,
beside them, these: answers that rest on a row of the file say so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.toml_part import plain
from atalaya.law.records.as_json import read_record
from atalaya.law.records.register import Draft, Register

STATEMENTS = (
    "authorisation",
    "revocation",
    "notification",
    "attestation",
    "airframe",
    "payload",
    "inspection",
)
"""Kinds of record a campaign file may state."""

_CLOCKS = ("valid_from", "valid_to", "zone", "issued", "received", "evidence")


def read_statements(whole: Mapping[str, Any], place: str) -> tuple[Mapping[str, Any], ...]:
    """The records stated in a file, in the form of `atalaya registry add`, each checked.

    A table `[[authorisation]]` has an `id`, the clocks `valid_from` and `valid_to`, and the fields of the
    body.

    Raises:
        BadInput: PLN-003 the part is no list of tables; REC-0xx what the register refuses.
    """
    forms: list[Mapping[str, Any]] = []
    for kind in STATEMENTS:
        found = whole.get(kind, [])
        if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
            raise BadInput("PLN-003", where=f"{place}, {kind}", value=str(found)[:60], wanted=f"[[{kind}]]")
        for number, each in enumerate(found, start=1):
            form = _form(kind, each, number)
            read_record(form, f"{place}, [[{kind}]] {number}")
            forms.append(form)
    return tuple(forms)


def asked_register(recorded: Register, forms: Iterable[Mapping[str, Any]], known_us: int) -> Register:
    """The register that planning asks: what is recorded, and what the file states as of now.

    A statement whose id is on record already is left to the record.

    Args:
        recorded: rows of the workspace; an empty register where there is none.
        known_us: the instant of knowledge; the file's rows count as recorded just before it.
    """
    drafts = []
    for form in forms:
        record = read_record(form)
        if not recorded.history(record.id):
            drafts.append(Draft(replace(record, row=0)))
    if not drafts:
        return recorded
    asked = recorded.added(drafts, max(known_us - 1, recorded.last_recorded_us + 1))
    for draft in drafts:
        named = str(draft.record.body.get("authorisation", ""))
        if draft.record.kind == "revocation" and not asked.history(named):
            raise BadInput("PLN-016", where=draft.record.id, name=named)
    return asked


def stated_ids(forms: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Ids of the records that the file states."""
    return frozenset(str(form["id"]) for form in forms)


def _form(kind: str, table: Mapping[str, Any], number: int) -> dict[str, Any]:
    body = {key: value for key, value in plain(table).items() if key not in (*_CLOCKS, "id")}
    name = str(table.get("id", number)).removeprefix(f"{kind}/")
    clocks = {key: plain(table[key]) for key in _CLOCKS if key in table}
    if "area" in body and isinstance(body["area"], list):  # a ring is enough in a campaign file
        ring = body["area"]
        closed = ring if ring and ring[0] == ring[-1] else [*ring, *ring[:1]]
        body["area"] = {"type": "Polygon", "coordinates": [closed]}
    named = body.get("authorisation")
    if kind == "revocation" and isinstance(named, str) and not named.startswith("authorisation/"):
        body["authorisation"] = f"authorisation/{named}"
    return {"id": f"{kind}/{name}", "kind": kind, "body": body, **clocks}
