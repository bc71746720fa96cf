"""Importing lists and records into the register: compared, guarded, written issue by issue."""

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TextIO

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.base.finding import Finding, merged
from atalaya.base.hashing import sha256_file
from atalaya.campaign.registers import Registers
from atalaya.campaign.registry import future_findings, merge
from atalaya.law.records.importers import ftm, generic, sdn, sdn_history
from atalaya.law.records.importers.entry import Issue
from atalaya.law.records.importers.issue import Holding, plan_issue
from atalaya.law.records.record import Record
from atalaya.law.records.register import Draft
from atalaya.law.records.stated import Stated, exactly

Form = Literal["sdn", "ftm", "json", "csv"]
Append = Callable[[Sequence[Draft]], list[Record]]

LARGEST_TEXT = 400_000_000
"""Characters of a file that is read whole; FollowTheMoney is read line by line without a limit."""

SOURCES: dict[Form, str] = {"sdn": sdn.SOURCE, "ftm": ftm.SOURCE, "json": "", "csv": ""}
"""Name of the list of each form, where the caller gives none."""


@dataclass(slots=True)
class Imported:
    """What an import did, or would do.

    Args:
        source: name of the list. evidence: SHA-256 of the file.
        issues: how many issues it brought. rows: how many rows were added. corrected: how many of them took
            the place of others. unchanged: records that stood there already.
        events: differences by kind, as the history of the list counts them.
    """

    source: str
    evidence: str
    issues: int = 0
    rows: int = 0
    corrected: int = 0
    unchanged: int = 0
    events: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    errors: list[BadInput] = field(default_factory=list)


def import_file(
    registers: Registers,
    path: Path,
    form: Form,
    *,
    now_us: int,
    source: str = "",
    issued: Stated | None = None,
    dry_run: bool = False,
    expect_gone: int | None = None,
) -> Imported:
    """Import a file; issues of a list are recorded one commit each, so that a kill leaves whole issues.

    Args:
        now_us: the present: received then, and issued too where `issued` does not say when.
        source: name of the list; by default that of its form, or of the file.
        dry_run: compare and count, write nothing.
        expect_gone: how many organisations a person said would leave the list (see the import guard).

    Raises:
        NotFound: REC-048, no such file. BadInput: what reading and the guard refuse.
    """
    if not path.is_file():
        raise NotFound("REC-048", where=str(path))
    done = Imported(source or SOURCES[form] or path.name, sha256_file(path))
    append = _pretending(registers) if dry_run else registers.store.append
    try:
        if form in ("json", "csv"):
            _import_records(registers, path, form, append, done, now_us)
        else:
            holding = Holding.of(registers.register(), done.source)
            for issue in _issues(path, form, done, issued or exactly(now_us), holding):
                _import_issue(holding, issue, append, now_us, expect_gone, done)
    finally:
        if not dry_run:
            registers.catch_up()
    done.findings = merged(done.findings)
    return done


def guess_form(path: Path) -> Form:
    """The form of a file by its name and first line, where nobody said which it is."""
    with _opened(path) as stream:
        line = _first_line(stream, path)
    if line.lstrip().startswith(("{", "[")):
        return "ftm" if '"schema"' in line and '"properties"' in line else "json"
    first = line.removeprefix("\ufeff").partition(",")[0]
    return "sdn" if first.strip().isdecimal() or sdn_history.is_history(line) else "csv"


def _import_issue(
    holding: Holding, issue: Issue, append: Append, now_us: int, expect_gone: int | None, done: Imported
) -> None:
    plan = plan_issue(holding, issue, expect_gone=expect_gone)
    drafts = [Draft(replace(draft.record, received_us=now_us), draft.replaces) for draft in plan.drafts]
    holding.take(append(drafts))
    done.issues += 1
    done.rows += len(drafts)
    done.corrected += sum(draft.replaces > 0 for draft in drafts)
    done.events.update(plan.events)
    done.findings.extend(plan.findings)
    done.findings.extend(future_findings((draft.record for draft in drafts), now_us))


def _import_records(
    registers: Registers, path: Path, form: Form, append: Append, done: Imported, now_us: int
) -> None:
    reader = generic.read_json if form == "json" else generic.read_csv
    read = reader(_text(path), path.name)
    result = merge(registers.register(), read.records)
    append(result.drafts)
    done.findings.extend(future_findings((draft.record for draft in result.drafts), now_us))
    done.rows, done.corrected, done.unchanged = len(result.drafts), result.corrected, result.unchanged
    done.errors.extend(read.errors)


def _issues(path: Path, form: Form, done: Imported, time: Stated, holding: Holding) -> Iterable[Issue]:
    if form == "ftm":
        with _opened(path) as stream:
            return [ftm.read_ftm(_lines(stream), done.source, time, done.evidence)]
    text = _text(path)
    if sdn_history.is_history(text):
        return sdn_history.issues(text, done.source, holding.entries(), done.evidence, after=holding.last)
    return [sdn.read_sdn(text, done.source, time, done.evidence)]


def _pretending(registers: Registers) -> Append:
    """An append that writes nothing and numbers rows as the store would."""
    numbers = iter(range(max((row.row for row in registers.register().rows), default=0) + 1, 2**62))

    def append(drafts: Sequence[Draft]) -> list[Record]:
        return [replace(draft.record, row=next(numbers)) for draft in drafts]

    return append


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """A text file, or one packed with gzip."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            plain = gzip.GzipFile(fileobj=raw) if packed else raw
            yield io.TextIOWrapper(plain, encoding="utf-8", newline="")
    except (OSError, EOFError, zlib.error) as error:
        raise AtalayaError("REC-049", where=str(path), detail=str(error)[:200]) from error
    except UnicodeDecodeError as error:
        raise BadInput("REC-041", where=str(path), form="UTF-8", detail=f"byte {error.start}") from error


def _text(path: Path) -> str:
    with _opened(path) as stream:
        text = stream.read(LARGEST_TEXT + 1)
    if len(text) > LARGEST_TEXT:
        raise BadInput("REC-056", where=str(path), limit=f"{LARGEST_TEXT:,}")
    if not text.strip():
        raise BadInput("REC-052", where=str(path))
    return text


def _lines(stream: TextIO) -> Iterator[str]:
    while line := stream.readline(ftm.LONGEST_LINE + 1):
        yield line


def _first_line(stream: TextIO, path: Path) -> str:
    line = ""
    while not line.strip():
        line = stream.readline(100_000)
        if not line:
            raise BadInput("REC-052", where=str(path))
    return line
