"""Records of any kind in this register's own form: JSON (one object, a list, or one per line) or CSV.

In CSV the columns are those of the form (id, kind, valid_from, valid_to, zone, issued, received, evidence)
and one per field of the body, `body.airframe`, `body.about.sortie`; lists are parted by semicolons. One bad
record is refused with its place and reason, the others are taken.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.as_json import FIELDS, read_record
from atalaya.law.records.record import Record

BODY = "body."
COLUMNS = tuple(name for name in FIELDS if name != "body")
"""Columns of a table beside those of the body."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a file of records held: those that could be read, and what was wrong with the others."""

    records: tuple[Record, ...]
    errors: tuple[BadInput, ...]


def read_json(text: str, where: str = "") -> Read:
    """Read records from JSON: an object, a list of objects, {"records": [...]}, or one object per line.

    Raises:
        BadInput: REC-041, it is no JSON.
    """
    try:
        forms = _lines_or_whole(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise BadInput("REC-041", where=where, form="JSON", detail=str(error)[:200]) from error
    return _read(((f"{where}, {number}", form) for number, form in enumerate(forms, 1)))


def read_csv(text: str, where: str = "") -> Read:
    """Read records from CSV, parted by comma, semicolon or tab as its header is.

    Raises:
        BadInput: REC-041, it is no CSV; REC-053, it has an unknown column; REC-054, its first line has no id
            or kind, or one column twice.
    """
    plain = text.removeprefix("\ufeff")
    header = plain.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(plain, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in reader.fieldnames or ()]
        unknown = [name for name in names if name not in COLUMNS and not name.startswith(BODY)]
        if not {"id", "kind"} <= set(names) or len(set(names)) < len(names):
            raise BadInput("REC-054", where=where, header=header.strip()[:200])
        if unknown:
            raise BadInput("REC-053", where=where, unknown=", ".join(unknown)[:200], known=", ".join(COLUMNS))
        reader.fieldnames = names
        rows = [(f"{where}, {reader.line_num}", row) for row in reader]
    except csv.Error as error:
        raise BadInput("REC-041", where=where, form="CSV", detail=str(error)) from error
    return _read((place, _form(row)) for place, row in rows if any(row.values()))


def _lines_or_whole(text: str) -> list[Any]:
    try:
        whole = json.loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [json.loads(line) for line in lines]
    if isinstance(whole, dict) and isinstance(whole.get("records"), list):
        whole = whole["records"]
    return whole if isinstance(whole, list) else [whole]


def _read(forms: Iterator[tuple[str, Any]]) -> Read:
    records: list[Record] = []
    errors: list[BadInput] = []
    for place, form in forms:
        try:
            if not isinstance(form, Mapping):
                raise BadInput("REC-014", where=place)
            records.append(read_record(form, place))
        except BadInput as error:
            errors.append(error)
    return Read(tuple(records), tuple(errors))


def _form(row: Mapping[str | None, Any]) -> dict[str, Any]:
    """One row of a table as the form; empty cells are fields that are not there."""
    form: dict[str, Any] = {"body": {}}
    if None in row:
        form["extra cells"] = row[None]  # refused by name: more cells than columns
    for name, value in row.items():
        if name is None or value in (None, ""):
            continue
        if name.startswith(BODY):
            *path, last = name.removeprefix(BODY).split(".")
            part = form["body"]
            for step in path:
                part = part.setdefault(step, {}) if isinstance(part.get(step, {}), dict) else {}
            part[last] = value
        else:
            form[name] = value
    return form
