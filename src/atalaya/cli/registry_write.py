"""`atalaya registry import|add|correct|confirm|example`: every row is in the log before the verb returns."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from atalaya.base.clock import now_us
from atalaya.base.errors import AtalayaError, BadInput, NotFound, PartlyDone, Usage
from atalaya.base.language import say
from atalaya.cli import registry_text
from atalaya.cli.main import report
from atalaya.cli.registry_options import DEFAULT_WORKSPACE, AsJson, By, Place, Zone, asked
from atalaya.law.records.as_json import read_record, record_as_json
from atalaya.law.records.importers.generic import Read, read_csv, read_json
from atalaya.law.records.record import KINDS, Record

Form = Literal["sdn", "ftm", "json", "csv"]
RecordFile = Annotated[str | None, Parameter(help=say("cli.registry.record_file"), allow_leading_hyphen=True)]


def import_(
    file: Annotated[Path, Parameter(help=say("cli.registry.file"))],
    /,
    *,
    form: Annotated[Form | None, Parameter(name="--format", help=say("cli.registry.form"))] = None,
    source: Annotated[str, Parameter(help=say("cli.registry.source"))] = "",
    issued: Annotated[str | None, Parameter(help=say("cli.registry.issued"))] = None,
    zone: Zone = "",
    dry_run: Annotated[bool, Parameter(negative="", help=say("cli.registry.dry_run"))] = False,
    expect_gone: Annotated[int | None, Parameter(help=say("cli.registry.expect_gone"))] = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Import a list or records."""
    from atalaya.campaign.registers import open_registers
    from atalaya.campaign.registry_import import guess_form, import_file

    if not file.is_file():
        raise NotFound("REC-048", where=str(file))
    chosen = form or guess_form(file)
    with open_registers(workspace) as registers:
        done = import_file(
            registers,
            file,
            chosen,
            now_us=now_us(),
            source=source,
            issued=asked(issued, zone, "--issued"),
            dry_run=dry_run,
            expect_gone=expect_gone,
        )
    shown: dict[str, Any] = {"file": str(file), "format": chosen, "source": done.source, "dry_run": dry_run}
    shown |= {
        "evidence": done.evidence,
        "issues": done.issues,
        "rows": done.rows,
        "corrected": done.corrected,
    }
    shown |= {"unchanged": done.unchanged, "events": dict(done.events)}
    if as_json:
        findings = [finding.as_json() for finding in done.findings]
        errors = [error.as_json() for error in done.errors]
        _print("import", **shown, findings=findings, errors=errors)
    else:
        print(registry_text.imported(shown, done.findings))
    return _tell(done.errors, good=done.rows + done.unchanged)


def add(
    kind: Annotated[str, Parameter(help=say("cli.registry.kind"))],
    file: RecordFile = None,
    /,
    *,
    json_body: Annotated[str | None, Parameter(help=say("cli.registry.json_body"))] = None,
    record_id: Annotated[str | None, Parameter(name="--id", help=say("cli.registry.new_id"))] = None,
    valid_from: Annotated[str | None, Parameter(help=say("cli.registry.valid_from"))] = None,
    valid_to: Annotated[str | None, Parameter(help=say("cli.registry.valid_to"))] = None,
    zone: Zone = "",
    issued: Annotated[str | None, Parameter(help=say("cli.registry.issued_option"))] = None,
    received: Annotated[str | None, Parameter(help=say("cli.registry.received_option"))] = None,
    evidence: Annotated[Path | None, Parameter(help=say("cli.registry.evidence"))] = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Add records."""
    from atalaya.campaign.registers import open_registers
    from atalaya.campaign.registry import add as add_records

    if kind not in KINDS:
        raise BadInput("REC-013", value=kind[:40], known=", ".join(sorted(KINDS)))
    if (file is None) == (json_body is None):
        raise Usage("REC-050", where="--json-body")
    if file is not None:
        read = _read_file(file)
    else:
        clocks = {"valid_from": valid_from, "valid_to": valid_to, "issued": issued, "received": received}
        read = Read((_from_options(kind, record_id, json_body or "", zone, clocks, evidence),), ())
    others = [
        BadInput("REC-030", where=row.id, kind=row.kind, other=kind)
        for row in read.records
        if row.kind != kind
    ]
    records = [row for row in read.records if row.kind == kind]
    stored: list[Record] = []
    if records:
        with open_registers(workspace) as registers:
            stored = add_records(registers, records)
    _show_stored("add", stored, as_json=as_json)
    return _tell([*read.errors, *others], good=len(stored))


def correct(
    record_id: Annotated[str, Parameter(name="ID", help=say("cli.registry.id"))],
    file: RecordFile = None,
    /,
    *,
    withdraw: Annotated[str | None, Parameter(help=say("cli.registry.withdraw"))] = None,
    row: Annotated[int, Parameter(help=say("cli.registry.row_option"))] = 0,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Correct a record."""
    from atalaya.campaign import registry
    from atalaya.campaign.registers import open_registers

    if (file is None) == (withdraw is None):
        raise Usage("REC-050", where="--withdraw")
    record = None if file is None else _one(_read_file(file), record_id)
    with open_registers(workspace) as registers:
        if record is None:
            stored = registry.withdraw(registers, record_id, withdraw or "", row)
        else:
            stored = registry.correct(registers, record)
    _show_stored("correct", [stored], as_json=as_json)
    return 0


def confirm(
    text: Annotated[str, Parameter(help=say("cli.registry.text"))],
    organisation: Annotated[str, Parameter(help=say("cli.registry.organisation"))],
    /,
    *,
    by: By = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Confirm what a name means."""
    from atalaya.campaign.registers import actor, open_registers
    from atalaya.campaign.registry import confirm as confirm_name

    with open_registers(workspace) as registers:
        stored = confirm_name(registers, text, organisation, by or actor(), now_us())
    _show_stored("confirm", [stored], as_json=as_json)
    return 0


def example(
    *,
    statements: Annotated[bool, Parameter(negative="", help=say("cli.registry.with_statements"))] = False,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Load the packaged example."""
    from atalaya.campaign.registers import open_registers
    from atalaya.campaign.registry import merge
    from atalaya.law.records.example import ATTESTATIONS, DESIGNATIONS, example_records

    records = example_records(DESIGNATIONS, *([ATTESTATIONS] if statements else []))
    with open_registers(workspace) as registers:
        result = merge(registers.register(), records)
        stored = registers.append(result.drafts)
    if as_json:
        _print("example", added=result.added, corrected=result.corrected, unchanged=result.unchanged)
    else:
        print(say("registry.example", rows=len(stored), unchanged=result.unchanged, workspace=workspace))
    return 0


def _from_options(
    kind: str,
    record_id: str | None,
    body: str,
    zone: str,
    clocks: dict[str, str | None],
    evidence: Path | None,
) -> Record:
    from atalaya.base.hashing import sha256_file

    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput("REC-041", where="--json-body", form="JSON", detail=str(error)[:200]) from error
    if evidence is not None and not evidence.is_file():
        raise NotFound("REC-048", where=str(evidence))
    form: dict[str, Any] = {"id": record_id, "kind": kind, "zone": zone, "body": parsed}
    form |= {name: value for name, value in clocks.items() if value is not None}
    form["evidence"] = "" if evidence is None else sha256_file(evidence)
    return read_record(form)


def _read_file(name: str) -> Read:
    """Records of a file, or of standard input for `-`; CSV by its name, else JSON."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound("REC-048", where=name) from error
    except (OSError, UnicodeDecodeError) as error:
        raise AtalayaError("REC-049", where=name, detail=str(error)[:200]) from error
    return read_csv(text, name) if name.lower().endswith((".csv", ".tsv")) else read_json(text, name)


def _one(read: Read, record_id: str) -> Record:
    """The one record of a file that corrects an id."""
    if read.errors:
        raise read.errors[0]
    mine = [record for record in read.records if record.id == record_id]
    if len(mine) != 1:
        raise BadInput("REC-051", where=record_id, found=len(mine))
    return mine[0]


def _show_stored(verb: str, stored: Sequence[Record], *, as_json: bool) -> None:
    from atalaya.campaign.registry import future_findings

    findings = future_findings(stored, now_us())
    if as_json:
        shown = [finding.as_json() for finding in findings]
        _print(verb, records=[record_as_json(record) for record in stored], findings=shown)
        return
    for found in findings:
        print(f"{found.code}  {found.message}", file=sys.stderr)
    for record in stored:
        print(
            say(
                "registry.recorded_row",
                id=record.id,
                row=record.row,
                at=registry_text.clock_text(record.recorded_us),
            )
        )


def _tell(errors: Sequence[AtalayaError], *, good: int) -> int:
    """Errors on stderr; 7 where some of several records were taken, 3 where none was."""
    for error in errors:
        report(error, as_json=False)
    if not errors:
        return 0
    return PartlyDone.exit_code if good else BadInput.exit_code


def _print(verb: str, **shown: Any) -> None:
    print(json.dumps({"schema": f"atalaya.registry.{verb}/1", **shown}, ensure_ascii=False))
