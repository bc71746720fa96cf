"""The kept history of the OFAC list: one row per difference between two issues, in the order of the issues.

Columns: snapshot_time, event (add, delete, change:name+program+remarks), ent_num, name, sdn_type, program,
remarks. `snapshot_time` is when the issue was kept: a record time, no legal date.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from atalaya.base.errors import BadInput
from atalaya.law.records.importers.entry import Entry, Issue
from atalaya.law.records.importers.sdn import EMPTY, entries_of
from atalaya.law.records.stated import Stated, parse_stated

HEADER = ("snapshot_time", "event", "ent_num", "name", "sdn_type", "program", "remarks")


def is_history(text: str) -> bool:
    """Whether a file is such a history and not an issue of the list."""
    return text.removeprefix("\ufeff").startswith(",".join(HEADER[:3]))


def issues(
    text: str, source: str, first: Mapping[str, Entry], evidence: str = "", after: Stated | None = None
) -> Iterator[Issue]:
    """The issues that follow one another from `first` on.

    Args:
        first: the entries before the first event, by number.
        after: the issue of `first`; issues until then are passed over, so that a history can be taken up
            again where a kill stopped it.

    Raises:
        BadInput: REC-031 no such history; REC-042 an event does not fit the issue before it, or the times do
            not go forward.
    """
    entries = dict(first)
    last = ""
    for moment, events in groupby(_events(text, source), key=itemgetter("snapshot_time")):
        time = parse_stated(moment, where=source)
        if last and time.latest_us <= parse_stated(last).latest_us:
            raise BadInput("REC-042", where=source, event="", entry="", time=moment)
        last = moment
        if after is not None and time.latest_us <= after.latest_us:
            continue
        rows = list(events)
        fresh = _fresh(rows, entries)
        for row in rows:
            _apply(entries, row, fresh, source)
        yield Issue(source, time, dict(entries), (), evidence)


def _fresh(rows: list[dict[str, str]], entries: Mapping[str, Entry]) -> Mapping[str, Entry]:
    """The entries that an issue adds or changes, read with the names of all others at hand."""
    cells = [
        tuple(row[name] for name in ("ent_num", "name", "sdn_type", "program", "remarks"))
        for row in rows
        if row["event"] != "delete" and row["sdn_type"] == EMPTY
    ]
    return entries_of(cells, linked={number: entry.name for number, entry in entries.items()}.values())[0]


def _apply(
    entries: dict[str, Entry], row: Mapping[str, str], fresh: Mapping[str, Entry], source: str
) -> None:
    number, event = row["ent_num"], row["event"]
    if (event == "add") == (number in entries) or (number not in fresh and event != "delete"):
        raise BadInput("REC-042", where=source, event=event, entry=number, time=row["snapshot_time"])
    if event == "delete":
        del entries[number]
    else:
        entries[number] = fresh[number]


def _events(text: str, where: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        for row in reader:
            if any(not isinstance(row.get(name), str) for name in HEADER):
                raise BadInput("REC-031", where=where, form="SDN history", wrong=reader.line_num, rows="?")
            yield row
    except csv.Error as error:
        raise BadInput("REC-041", where=where, form="CSV", detail=str(error)) from error
