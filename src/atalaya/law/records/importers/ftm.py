"""Entities of FollowTheMoney (OpenSanctions and others), one JSON object per line: organisations only.

An entity is {"id", "schema", "properties": {name: [texts]}}. Kept are Organization, Company and PublicBody,
their names, country and kind, and the Sanction entities that point at them. A Person is read for one thing:
so that no alias of an organisation repeats that name. Other schemas, a LegalEntity among them, may be persons
and are left out. Free texts (notes, summary, position) are never kept.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.base.hashing import sha256_bytes
from atalaya.law.records.importers.entry import Entry, Issue, Status
from atalaya.law.records.names import name_key
from atalaya.law.records.persons import ORGANISATION_SCHEMAS, PERSONAL_FIELDS, is_personal_form
from atalaya.law.records.stated import Stated, parse_stated

SOURCE = "opensanctions"
LONGEST_LINE = 8_000_000

_NAMES = ("alias", "previousName", "abbreviation", "weakAlias")
_DETAILS = ("legalForm", "classification", "topics", "incorporationDate", "dissolutionDate")
_COUNTRIES = ("mainCountry", "jurisdiction", "country")


@dataclass(slots=True)
class _Reading:
    """What is gathered while the lines go by; a name may come before or after the person who bears it."""

    entities: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    sanctions: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    persons: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


def read_ftm(lines: Iterable[str], source: str, time: Stated, evidence: str = "") -> Issue:
    """Read one issue.

    Raises:
        BadInput: REC-031, more lines are no entities than are.
    """
    reading = _Reading()
    read = 0
    for line in lines:
        if line.strip():
            read += 1
            _take(reading, line)
    if reading.counts["REC-032"] * 2 > read:
        wrong = reading.counts["REC-032"]
        raise BadInput("REC-031", where=source, form="FollowTheMoney JSON", wrong=wrong, rows=read)
    entries = {}
    for number, (schema, properties) in reading.entities.items():
        entry = _entry(reading, number, schema, properties)
        if entry is not None:
            entries[number] = entry
    _with_sanctions(reading, entries)
    findings = tuple(Finding(code, Severity.INFO, count) for code, count in reading.counts.items() if count)
    sealed = {number: replace(entry, text_sha256=_digest(entry)) for number, entry in entries.items()}
    return Issue(source, time, sealed, findings, evidence)


def _take(reading: _Reading, line: str) -> None:
    try:
        entity = json.loads(line) if len(line) <= LONGEST_LINE else None
    except (ValueError, RecursionError):
        entity = None
    if not (isinstance(entity, dict) and isinstance(entity.get("properties"), dict)):
        reading.counts["REC-032"] += 1
        return
    number, schema, properties = entity.get("id"), entity.get("schema"), entity["properties"]
    if not isinstance(number, str) or not number or not isinstance(schema, str):
        reading.counts["REC-032"] += 1
    elif schema == "Person" or PERSONAL_FIELDS.intersection(properties):
        reading.counts["REC-038"] += 1
        named = (text for name in ("name", *_NAMES) for text in _texts(properties, name))
        reading.persons.update(hash(name_key(text)) for text in (entity.get("caption") or "", *named) if text)
    elif schema == "Sanction":
        reading.sanctions.append((number, properties))
    elif schema not in ORGANISATION_SCHEMAS:
        reading.counts["REC-040"] += 1
    elif number in reading.entities:
        reading.counts["REC-032"] += 1
    else:
        reading.entities[number] = (schema, properties)


def _entry(reading: _Reading, number: str, schema: str, properties: Mapping[str, Any]) -> Entry | None:
    names = [*_texts(properties, "name"), *(text for name in _NAMES for text in _texts(properties, name))]
    kept = [name for name in dict.fromkeys(names) if not _personal(reading, name)]
    reading.counts["REC-039"] += len(set(names)) - len(kept)
    main = _texts(properties, "name")[:1]
    if not kept or (main and main[0] not in kept):
        reading.counts["REC-038"] += 1
        return None
    country = next((text for name in _COUNTRIES for text in _texts(properties, name)), "")
    details = {
        name: "; ".join(_texts(properties, name))[:400] for name in _DETAILS if _texts(properties, name)
    }
    safe = {name: text for name, text in details.items() if not _personal(reading, text)}
    return Entry(number, kept[0], tuple(kept[1:]), (), schema, country[:8].upper(), safe)


def _with_sanctions(reading: _Reading, entries: dict[str, Entry]) -> None:
    """Hang each sanction on its organisation; one that points at nobody kept here is left out."""
    for number, properties in sorted(reading.sanctions, key=lambda sanction: sanction[0]):
        for target in _texts(properties, "entity"):
            entry = entries.get(target)
            if entry is None:
                reading.counts["REC-040"] += 1
                continue
            status = _status(reading, number, properties)
            taken = {other.programme for other in entry.statuses}
            if status.programme in taken:
                status = replace(status, programme=f"{status.programme} ({number[:40]})")
            entries[target] = replace(entry, statuses=(*entry.statuses, status))


def _status(reading: _Reading, number: str, properties: Mapping[str, Any]) -> Status:
    def first(*names: str) -> str:
        found = (text for name in names for text in _texts(properties, name))
        return next((text[:400] for text in found if not _personal(reading, text)), "")

    return Status(
        first("programId", "program", "authority") or number[:80],
        first("authority"),
        first("authorityId", "recordId", "unscId"),
        _date(reading, first("listingDate")),
        _date(reading, first("startDate")),
        _date(reading, first("endDate")),
    )


def _date(reading: _Reading, text: str) -> Stated | None:
    if not text:
        return None
    try:
        return parse_stated(text)
    except BadInput:
        reading.counts["REC-043"] += 1
        return None


def _personal(reading: _Reading, text: str) -> bool:
    return is_personal_form(text) or hash(name_key(text)) in reading.persons


def _texts(properties: Mapping[str, Any], name: str) -> list[str]:
    values = properties.get(name)
    values = [values] if isinstance(values, str) else values
    if not isinstance(values, list):
        return []
    shown = (value for value in values if isinstance(value, str) and len(value) <= 1000)
    return [text for text in (value.strip() for value in shown) if text and text.isprintable()]


def _digest(entry: Entry) -> str:
    """Of everything kept beside name and programmes: tells that a later issue says something else."""
    kept = [entry.names, entry.schema, entry.country, sorted(entry.details.items())]
    kept += [[_plain(getattr(status, name)) for name in Status.__slots__] for status in entry.statuses]
    return sha256_bytes(json.dumps(kept, ensure_ascii=False).encode())


def _plain(value: Any) -> Any:
    return value.as_json() if isinstance(value, Stated) else value
