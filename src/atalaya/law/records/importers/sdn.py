"""The OFAC list of Specially Designated Nationals as CSV: 12 columns, no header, `-0-` for empty.

Columns (OFAC, SDN data specification): ent_num, name, type, program, title, call_sign, vess_type, tonnage,
grt, vess_flag, vess_owner, remarks. Organisations have an empty type; all others are left out. Of the remarks
only what is known to be harmless is kept: names of the organisation, kind of body, links to organisations of
the same list. A link to a person, and everything else, is left out by that rule.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.base.hashing import sha256_bytes
from atalaya.law.records.importers.entry import Entry, Issue, Status
from atalaya.law.records.names import name_key
from atalaya.law.records.persons import is_personal_form
from atalaya.law.records.stated import Stated

SOURCE = "ofac-sdn"
COLUMNS = 12
EMPTY = "-0-"

_OTHER_NAME = re.compile(r"\b[afn]\.k\.a\.,? '(.*?)'(?=;|\.|$)")
_DETAILS = {
    "kind": re.compile(r"\bTarget Type ([A-Z][\w \-]*?)(?=;|\.|$)"),
    "activity": re.compile(r"\bOrganization Type: ([A-Z][\w ,\-]*?)(?=;|\.|$)"),
    "established": re.compile(r"\bOrganization Established Date ([\w ]*?\d{4})(?=;|\.|$)"),
}
_LINKED = re.compile(r"\bLinked To: (.*?)(?=; |$)")


def read_sdn(text: str, source: str, time: Stated, evidence: str = "") -> Issue:
    """Read one issue of the list.

    Raises:
        BadInput: REC-031, it is no such list.
    """
    rows, wrong = _rows(text, source)
    types = Counter(row[2] for row in rows)
    kept = [row for row in rows if row[2] == EMPTY]
    persons = {name_key(row[1]) for row in rows if row[2].strip().casefold() == "individual"}
    entries, stripped, doubled = entries_of(kept, persons)
    counts = {"REC-038": types["individual"], "REC-039": stripped, "REC-032": wrong + doubled}
    counts["REC-040"] = len(rows) - len(kept) - types["individual"]
    findings = tuple(Finding(code, Severity.INFO, count) for code, count in counts.items() if count)
    return Issue(source, time, entries, findings, evidence)


def entries_of(
    rows: Iterable[tuple[str, ...]], persons: Set[str] = frozenset(), linked: Iterable[str] = ()
) -> tuple[dict[str, Entry], int, int]:
    """Entries from rows (entry, name, type, program, remarks); how many parts of remarks were left out, and
    how many rows repeat a number.

    Args:
        persons: keys of names that the same file gives to persons.
        linked: names of organisations beside those of the rows, to which a row may be linked.
    """
    kept = list(rows)
    named = (*linked, *(row[1] for row in kept if not is_personal_form(row[1])))
    organisations = {name_key(name): name for name in named if name_key(name) not in persons}
    entries: dict[str, Entry] = {}
    stripped = doubled = 0
    for row in kept:
        if row[0] in entries:
            doubled += 1
            continue
        entry, left_out = _entry(row, organisations, persons)
        if entry is None:
            stripped += 1
            continue
        entries[row[0]] = entry
        stripped += left_out
    return entries, stripped, doubled


def programmes(text: str) -> tuple[str, ...]:
    """`SDNTK] [TCO` and `[SDNTK] [TCO]` are two programmes."""
    if text.strip() in ("", EMPTY):
        return ()
    parts = (part.strip(" []") for part in text.split("] ["))
    return tuple(dict.fromkeys(part for part in parts if part))


def _entry(
    row: tuple[str, ...], organisations: dict[str, str], persons: Set[str]
) -> tuple[Entry | None, int]:
    number, name, _, program, remarks = row
    if is_personal_form(name) or name_key(name) in persons:
        return None, 0
    remarks = "" if remarks == EMPTY else remarks
    others = _OTHER_NAME.findall(remarks)
    names = tuple(
        dict.fromkeys(
            other for other in others if not is_personal_form(other) and name_key(other) not in persons
        )
    )
    links = [link.strip().rstrip(".") for link in _LINKED.findall(remarks)]
    linked = tuple(
        dict.fromkeys(organisations[name_key(link)] for link in links if name_key(link) in organisations)
    )
    found = ((key, pattern.search(remarks)) for key, pattern in _DETAILS.items())
    details = {key: match[1].strip() for key, match in found if match}
    statuses = tuple(Status(programme) for programme in programmes(program))
    sha256 = sha256_bytes(remarks.encode()) if remarks else ""
    left_out = len(others) - len(names) + sum(name_key(link) not in organisations for link in links)
    return Entry(number, name, names, statuses, "Organization", "", details, linked, sha256), left_out


def _rows(text: str, where: str) -> tuple[list[tuple[str, ...]], int]:
    rows: list[tuple[str, ...]] = []
    wrong = 0
    for cells in _cells(text, where):
        if len(cells) == COLUMNS and cells[0].strip().isdecimal() and cells[1].strip():
            number, name, type_, program = (cell.strip() for cell in cells[:4])
            rows.append((number, name, type_, program, cells[11].strip()))
        elif cells and cells != ["\x1a"]:  # the list ends with the end-of-file mark of old systems
            wrong += 1
    if wrong > len(rows):
        raise BadInput("REC-031", where=where, form="OFAC SDN CSV", wrong=wrong, rows=len(rows) + wrong)
    return rows, wrong


def _cells(text: str, where: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    except csv.Error as error:
        raise BadInput("REC-041", where=where, form="CSV", detail=str(error)) from error
