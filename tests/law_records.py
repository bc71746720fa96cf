"""Records, lists and registers that several tests use."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

from atalaya.law.records import Draft, Record, Register, Stated, parse_stated
from atalaya.law.records.example import DESIGNATIONS, example_records
from atalaya.law.records.importers.entry import Issue
from atalaya.law.records.importers.issue import Holding, Plan, plan_issue
from atalaya.law.records.importers.sdn import read_sdn

NOW = 2**61
RECORDED_US = 1_750_000_000_000_000


def at(text: str, zone: str = "UTC") -> int:
    """An instant in microseconds UTC."""
    return parse_stated(text, zone).earliest_us


def example_register() -> Register:
    """The eight, recorded at `RECORDED_US`."""
    return Register().added([Draft(record) for record in example_records(DESIGNATIONS)], RECORDED_US)


def sdn_text(rows: Iterable[Sequence[str]]) -> str:
    """An issue of the list from (entry, name, type, program, remarks)."""
    out = io.StringIO()
    writer = csv.writer(out)
    for number, name, kind, program, remarks in rows:
        writer.writerow([number, name, kind, program, *["-0-"] * 7, remarks])
    return out.getvalue()


def sdn_issue(rows: Iterable[Sequence[str]], time: str) -> Issue:
    """An issue read."""
    return read_sdn(sdn_text(rows), "ofac-sdn", stated(time))


def stated(time: str) -> Stated:
    return parse_stated(time, "UTC")


def companies(count: int, program: str = "SDNTK") -> list[tuple[str, str, str, str, str]]:
    """Rows of so many organisations."""
    return [(str(1000 + n), f"COMPANY {n} LTD", "-0-", program, "-0-") for n in range(count)]


class Importing:
    """Issues imported one after the other into a register in memory."""

    def __init__(self, register: Register | None = None) -> None:
        self.register = register or Register()
        self.holding = Holding.of(self.register, "ofac-sdn")
        self.clock = max(RECORDED_US, self.register.last_recorded_us)

    def take(self, issue: Issue, expect_gone: int | None = None) -> Plan:
        plan = plan_issue(self.holding, issue, expect_gone=expect_gone)
        self.clock += 1_000_000
        last = max((row.row for row in self.register.rows), default=0)
        self.register = self.register.added(plan.drafts, self.clock)
        self.holding.take(row for row in self.register.rows if row.row > last)
        return plan


def record(record_id: str, **changes: object) -> Record:
    """A reading, to be filled as a test needs it."""
    plain = Record(record_id, record_id.partition("/")[0], {"of": "x", "reader": "y", "wording": "z"})
    return replace(plain, **changes)  # type: ignore[arg-type]
