"""What an issue of a list changes in the register: the rows to add, and each difference by its name.

The list's words are kept per organisation (`listed`), one designation per programme. First and last sight in
issues are record times: a designation seen in a list began some time before the first issue that carries it,
and ended between the last issue with it and the first without.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity, merged
from atalaya.law.records.importers.entry import Entry, Issue, Status
from atalaya.law.records.importers.guard import check_issue
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Draft, Register
from atalaya.law.records.stated import NEVER_US, Stated, parse_stated

_CUT_SHORT = re.compile(r"(?P<stem>.*-EO)(?P<number>\d*)", re.DOTALL)


@dataclass(slots=True)
class Holding:
    """What the register holds from one list: standing rows of its organisations and their designations.

    organisations: by entry number. statuses: by entry number, then by programme as listed.
    """

    source: str
    organisations: dict[str, Record] = field(default_factory=dict)
    statuses: dict[str, dict[str, Record]] = field(default_factory=dict)
    last: Stated | None = None

    @classmethod
    def of(cls, register: Register, source: str) -> "Holding":
        """What a register holds now."""
        holding = cls(source)
        holding.take(register.as_known(NEVER_US - 1, "organisation"))
        holding.take(register.as_known(NEVER_US - 1, "designation"))
        return holding

    def take(self, rows: Iterable[Record]) -> None:
        """Take rows as the store gave them back; later rows of an id replace earlier ones."""
        for row in rows:
            if row.kind == "organisation" and self.source in row.body.get("refs", {}):
                self.organisations[row.body["refs"][self.source]] = row
                self._seen(row)
            listed = row.body.get("listed") or {}
            if row.kind == "designation" and listed.get("source") == self.source:
                mine = self.statuses.setdefault(listed["entry"], {})
                for programme in [name for name, other in mine.items() if other.id == row.id]:
                    del mine[programme]
                mine[listed["programme"]] = row

    def carried(self) -> dict[str, Mapping[str, Any]]:
        """How the list carries each organisation that is in it now, by entry number."""
        found = {}
        for entry, row in self.organisations.items():
            listed = row.body.get("listed", {}).get(self.source)
            if listed is not None and "gone" not in listed:
                found[entry] = listed
        return found

    def entries(self) -> dict[str, Entry]:
        """The entries of the last issue, as far as the register keeps them."""
        found = {}
        for number, listed in self.carried().items():
            statuses = tuple(Status(programme) for programme in listed["programmes"])
            names, linked = tuple(listed.get("names", ())), tuple(listed.get("linked_to", ()))
            found[number] = Entry(
                number,
                listed["name"],
                names,
                statuses,
                details=listed.get("details", {}),
                linked_to=linked,
                text_sha256=listed.get("text_sha256", ""),
            )
        return found

    def _seen(self, row: Record) -> None:
        known = row.body.get("listed", {}).get(self.source)
        if known is None or row.issued is None:
            return
        if self.last is None or row.issued.latest_us > self.last.latest_us:
            self.last = row.issued


@dataclass(frozen=True, slots=True)
class Plan:
    """The rows an issue adds.

    events: how many differences of each kind: "add", "delete", "change:name+program+remarks" ...
    """

    drafts: tuple[Draft, ...]
    events: Mapping[str, int]
    findings: tuple[Finding, ...] = ()


def plan_issue(holding: Holding, issue: Issue, *, expect_gone: int | None = None) -> Plan:
    """Compare an issue with what is held and plan the rows.

    Raises:
        BadInput: REC-034, REC-035, REC-036 from the guard; REC-037 the issue is older than the last one.
    """
    if holding.last is not None and issue.time.latest_us < holding.last.latest_us:
        raise BadInput("REC-037", where=issue.source, issue=issue.time.text, last=holding.last.text)
    return _Planning(holding, issue).plan(expect_gone)


class _Planning:
    """One comparison under way."""

    def __init__(self, holding: Holding, issue: Issue) -> None:
        self.holding, self.issue = holding, issue
        self.carried = holding.carried()
        self.drafts: list[Draft] = []
        self.events: Counter[str] = Counter()
        self.findings: list[Finding] = list(issue.findings)
        self.ended = self.renamed = 0

    def plan(self, expect_gone: int | None) -> Plan:
        entries = self.issue.entries
        gone = [number for number in self.carried if number not in entries]
        for number, entry in entries.items():
            self._entry(number, entry)
        for number in gone:
            self._gone(number)
        standing = sum(_runs(row) for mine in self.holding.statuses.values() for row in mine.values())
        check_issue(
            self.issue.source,
            held=len(self.carried),
            entries=len(entries),
            gone=len(gone),
            renamed=self.renamed,
            statuses=standing,
            ended=self.ended,
            expected=expect_gone,
        )
        return Plan(tuple(self.drafts), dict(self.events), tuple(merged(self.findings)))

    def _entry(self, number: str, entry: Entry) -> None:
        before = self.carried.get(number)
        if before is None:
            self.events["add"] += 1
        else:
            change = _difference(before, entry)
            if not change:
                return
            self.renamed += "name" in change
            self.events["change:" + "+".join(change)] += 1
        body = self._organisation_body(number, entry, before)
        row = self.holding.organisations.get(number)
        if row is None or row.body != body:
            record_id = f"organisation/{self.issue.source}-{_slug(number)}" if row is None else row.id
            self._draft(record_id, "organisation", body, Span(), row)
        self._statuses(number, entry)

    def _organisation_body(
        self, number: str, entry: Entry, before: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        row = self.holding.organisations.get(number)
        listed: dict[str, Any] = {"entry": number, "name": entry.name}
        listed |= {"programmes": [status.programme for status in entry.statuses]}
        listed["first_seen"] = self.issue.time.as_json() if before is None else before["first_seen"]
        optional = {"names": list(entry.names), "details": dict(entry.details)}
        optional |= {"linked_to": list(entry.linked_to), "text_sha256": entry.text_sha256}
        listed |= {name: value for name, value in optional.items() if value}
        body: dict[str, Any] = {
            "name": entry.name,
            "schema": entry.schema,
            "refs": {self.issue.source: number},
        }
        if entry.country:
            body["country"] = entry.country
        if row is not None:
            named = before is not None and row.body["name"] == before["name"] and not row.body.get("sources")
            body = {**row.body, "name": entry.name if named else row.body["name"]}
        body["listed"] = {**body.get("listed", {}), self.issue.source: listed}
        return body

    def _gone(self, number: str) -> None:
        self.events["delete"] += 1
        row = self.holding.organisations[number]
        listed = {**self.carried[number], "gone": self._between().as_json()}
        body = {**row.body, "listed": {**row.body["listed"], self.issue.source: listed}}
        self._draft(row.id, "organisation", body, row.valid, row)
        for status_row in self.holding.statuses.get(number, {}).values():
            self._end(status_row)

    def _statuses(self, number: str, entry: Entry) -> None:
        held = self.holding.statuses.get(number, {})
        running = {name: row for name, row in held.items() if _runs(row)}
        wanted = {status.programme: status for status in entry.statuses}
        new = [name for name in wanted if name not in running]
        lost = [name for name in running if name not in wanted and not self._not_yet(running[name])]
        for old, name in _reworded(lost, new):
            finding = Finding("REC-033", Severity.INFO, details={"old": old, "new": name})
            self.findings.append(finding)
            self._status(number, wanted[name], running[old])
            new.remove(name)
            lost.remove(old)
        for name in wanted.keys() & running.keys():
            self._status(number, wanted[name], running[name])
        for name in lost:
            self._end(running[name])
        for name in new:
            self._status(number, wanted[name], None, again=held.get(name))

    def _status(self, number: str, status: Status, row: Record | None, again: Record | None = None) -> None:
        """A programme that the issue carries: as a row of its own, or the words of the one held."""
        listed: dict[str, Any] = {"source": self.issue.source, "entry": number, "programme": status.programme}
        known = row.body["listed"] if row else {"first_seen": self.issue.time.as_json(), **self._not_in()}
        listed |= {name: known[name] for name in ("first_seen", "not_in") if name in known}
        organisation = self.holding.organisations.get(number)
        body: dict[str, Any] = {
            "organisation": f"organisation/{self.issue.source}-{_slug(number)}"
            if organisation is None
            else organisation.id,
            "regime": status.programme,
            "listed": listed,
        }
        body |= {name: getattr(status, name) for name in ("authority", "reference") if getattr(status, name)}
        dates = {"published": status.published, "effective": status.effective, "revoked": status.ended}
        stated = {name: date.as_json() for name, date in dates.items() if date is not None}
        if stated:
            body["dates"] = stated
        if row is not None and row.body.get("sources"):
            body = {**row.body, "listed": listed}
        start = status.effective or status.published or (row.valid.start if row else self._start(again))
        if row is None or row.body != body:
            slug = f"{self.issue.source}-{_slug(number)}/{_slug(status.programme)}"
            record_id = f"designation/{slug}" if row is None else row.id
            self._draft(record_id, "designation", body, Span(start, status.ended), row)

    def _end(self, row: Record) -> None:
        if not _runs(row):
            return
        self.ended += 1
        body = {**row.body, "listed": {**row.body["listed"], "gone": self._between().as_json()}}
        self._draft(row.id, "designation", body, Span(row.valid.start, row.valid.end or self._between()), row)

    def _not_yet(self, row: Record) -> bool:
        """Whether the programme was first seen in a later issue than this: then its absence ends nothing."""
        first = row.body["listed"].get("first_seen") or {}
        seen = parse_stated(str(first.get("at", "")), str(first.get("zone", ""))) if first.get("at") else None
        return seen is not None and seen.latest_us > self.issue.time.latest_us

    def _start(self, again: Record | None) -> Stated:
        """Some time before the first issue with it; where it had left, after the last issue without it."""
        if again is not None:
            return self._between()
        return parse_stated(f"before {self.issue.time.text}", self.issue.time.zone)

    def _between(self) -> Stated:
        last = self.holding.last
        if last is None:
            return self.issue.time
        return parse_stated(f"{last.text}/{self.issue.time.text}", self.issue.time.zone)

    def _not_in(self) -> dict[str, Any]:
        return {} if self.holding.last is None else {"not_in": self.holding.last.as_json()}

    def _draft(
        self, record_id: str, kind: str, body: dict[str, Any], valid: Span, row: Record | None
    ) -> None:
        record = Record(record_id, kind, body, valid, self.issue.time, evidence=self.issue.evidence)
        self.drafts.append(Draft(record, 0 if row is None else row.row))


def _runs(row: Record) -> bool:
    """Whether the list still carries the programme."""
    return "gone" not in row.body["listed"]


def _difference(before: Mapping[str, Any], entry: Entry) -> list[str]:
    """Which of name, program and remarks differ, in the words of the recorded history."""
    parts = {
        "name": before["name"] != entry.name,
        "program": list(before["programmes"]) != [status.programme for status in entry.statuses],
        "remarks": before.get("text_sha256", "") != entry.text_sha256,
    }
    return [name for name, differs in parts.items() if differs]


def _reworded(lost: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Programmes whose words changed and nothing else: a text cut short after "-EO" and the full one."""
    for old in list(lost):
        for name in list(new):
            first, second = _CUT_SHORT.fullmatch(old), _CUT_SHORT.fullmatch(name)
            if (
                first
                and second
                and first["stem"] == second["stem"]
                and "" in (first["number"], second["number"])
            ):
                yield old, name
                break


def _slug(text: str) -> str:
    return re.sub(r"[^\w.\-]+", "-", text).strip("-")[:80]
