"""`atalaya audit verify|log|prove|delete|witness`: the tamper-evident log, checked, shown and proved."""

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from atalaya.base.clock import iso, now_us
from atalaya.base.errors import NotAuthorised, NotFound, Usage
from atalaya.base.language import printable, say
from atalaya.cli.audit_options import AsJson, InWorkspace, WorkspaceArgument, dated, read_file
from atalaya.cli.audit_witness import witness
from atalaya.cli.guard import refuse_to_replace
from atalaya.store.workspace import DEFAULT_WORKSPACE

audit = App(name="audit", help=say("cli.audit.help"))
audit.command(witness)

FAILED = 6


@audit.command(help=say("cli.audit.verify.help"))
def verify(
    place: WorkspaceArgument = DEFAULT_WORKSPACE,
    /,
    *,
    policy: Annotated[Path | None, Parameter(help=say("cli.audit.policy"))] = None,
    as_json: AsJson = False,
) -> int:
    """Check a workspace's log, or a proof bundle."""
    if place.is_file():
        return _verify_bundle(place, policy, as_json)
    from atalaya.store.log_audit import audit_workspace
    from atalaya.trust.policy import Policy
    from atalaya.trust.wire import to_base64

    found = audit_workspace(place, Policy.parse(read_file(policy)) if policy else None, now_us() // 1_000_000)
    from atalaya.campaign.registers import check_rows
    from atalaya.campaign.sorties import check_tracks

    rows = check_rows(place)
    tracks, damaged = check_tracks(place)
    holds = found.holds and not damaged
    state = found.checkpoint
    shown: dict[str, Any] = {"schema": "atalaya.audit/1", "holds": holds, "origin": state.origin}
    shown |= {"size": state.size, "root": to_base64(state.root), "files": found.files}
    shown |= {
        "entries": found.entries,
        "erased": found.erased,
        "unsigned": found.unsigned,
        "rows": rows,
        "tracks": tracks,
    }
    shown |= {"damaged_tracks": [error.as_json() for error in damaged]}
    shown |= {"witnesses": {name: {"size": s, "time": dated(t)} for name, (s, t) in found.cosigned.items()}}
    shown |= {"covered": found.covered, "findings": [finding.as_json() for finding in found.findings]}
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
        return 0 if holds else FAILED
    print(say("audit.log", origin=printable(state.origin), size=state.size))
    print(say("audit.checked", files=found.files, entries=found.entries, erased=found.erased))
    if rows:
        print(say("audit.rows", rows=rows))
    if tracks:
        print(say("audit.tracks", tracks=tracks))
    for error in damaged:
        print(f"{error.code}  {error.text.what} ({printable(error.where)})")
    for name, (size, time_s) in found.cosigned.items():
        print(say("audit.cosigned", name=printable(name), size=size, time=dated(time_s)))
    if found.covered is None:
        print(say("audit.unwitnessed"))
    else:
        print(say("audit.covered", covered=found.covered, size=state.size))
    if found.unsigned:
        print(say("audit.unsigned", count=found.unsigned))
    for finding in found.findings:
        print(f"{finding.code}  {finding.message} ({printable(finding.where)}) x{finding.count}")
    print(say("audit.holds" if holds else "audit.fails"))
    return 0 if holds else FAILED


def _verify_bundle(file: Path, policy: Path | None, as_json: bool) -> int:
    from atalaya.trust.bundle import Bundle
    from atalaya.trust.policy import Policy

    if policy is None:
        raise Usage("TRU-066", where=str(file))
    bundle = Bundle.parse(read_file(file))
    trusted = bundle.check(Policy.parse(read_file(policy)), now_us() // 1_000_000)
    state, figures = trusted.checkpoint, {name: cited.value for name, cited in bundle.figures.items()}
    times = {signed.key.name: dated(signed.time_s or 0) for signed in trusted.cosigned}
    shown = {"schema": "atalaya.audit-bundle/1", "holds": True, "origin": state.origin, "size": state.size}
    shown |= {"facts": len(bundle.facts), "figures": figures, "witnesses": times}
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
    else:
        facts = len(bundle.facts)
        print(say("audit.bundle_holds", facts=facts, figures=len(figures), origin=printable(state.origin)))
    return 0


@audit.command(name="log", help=say("cli.audit.log.help"))
def list_entries(
    place: WorkspaceArgument = DEFAULT_WORKSPACE,
    /,
    *,
    kind: Annotated[str | None, Parameter(help=say("cli.audit.kind"))] = None,
    about: Annotated[str | None, Parameter(help=say("cli.audit.about"))] = None,
    first: Annotated[int, Parameter(name="--from", help=say("cli.audit.from"))] = 0,
    limit: Annotated[int | None, Parameter(help=say("cli.audit.limit"))] = None,
    as_json: AsJson = False,
) -> int:
    """List what was logged."""
    from itertools import islice

    from atalaya.store.log_store import SqliteEntryStore

    if not (place / "ledger.sqlite").exists():
        raise NotFound("TRU-058", where=str(place))
    store = SqliteEntryStore(place / "ledger.sqlite", place / "salts.sqlite", writable=False)
    try:
        for entry in islice(store.select(kind, about, first), limit):
            if as_json:
                shown: dict[str, Any] = {"schema": "atalaya.audit-log/1", "index": entry.index}
                shown |= {"kind": entry.kind, "time": iso(entry.t_us), "erased": entry.erased}
                shown |= {"commitment": entry.commitment.hex()}
                shown |= {"entry": None if entry.entry is None else json.loads(entry.entry)}
                print(json.dumps(shown, ensure_ascii=False))
            else:
                what = say("audit.erased") if entry.entry is None else _short(entry.entry)
                print(f"{entry.index:>8} {iso(entry.t_us)} {printable(entry.kind):16} {what}")
    finally:
        store.close()
    return 0


def _short(data: bytes) -> str:
    entry = json.loads(data)
    body = json.dumps(entry["body"], ensure_ascii=False, separators=(",", ":"))
    return printable(" ".join(part for part in (entry["actor"], entry["about"], body) if part))[:200]


@audit.command(help=say("cli.audit.prove.help"))
def prove(
    entries: Annotated[tuple[int, ...], Parameter(help=say("cli.audit.prove.entries"))] = (),
    /,
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"), help=say("cli.audit.prove.output"))],
    every: Annotated[bool, Parameter(name="--all", negative="", help=say("cli.audit.prove.all"))] = False,
    workspace: InWorkspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Write proofs that anyone can check offline."""
    from atalaya.store.log_proofs import prove_entries
    from atalaya.trust.receipt import SUFFIX

    if every == bool(entries) or (output.suffix == SUFFIX and len(entries) != 1):
        raise Usage("TRU-067", where=", ".join(map(str, entries)))
    refuse_to_replace([output], [workspace / "ledger.sqlite", workspace / "salts.sqlite"])
    proved = prove_entries(workspace, None if every else entries, output)
    shown = {"schema": "atalaya.audit-prove/1", "output": str(output), "facts": proved.facts}
    shown |= {"left_out": proved.erased, "size": proved.checkpoint.size, "witnessed": proved.witnessed}
    if as_json:
        print(json.dumps(shown))
        return 0
    print(say("audit.proved", facts=proved.facts, output=output, size=proved.checkpoint.size))
    if proved.erased:
        print(say("audit.left_out", count=proved.erased))
    if not proved.witnessed:
        print(say("audit.not_witnessed"))
    return 0


@audit.command(help=say("cli.audit.delete.help"))
def delete(
    entry: Annotated[int, Parameter(help=say("cli.audit.delete.entry"))],
    /,
    *,
    reason: Annotated[str, Parameter(help=say("cli.audit.delete.reason"))],
    actor: Annotated[str, Parameter(help=say("cli.audit.delete.actor"))],
    workspace: InWorkspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Erase the body of an entry, on record."""
    from atalaya.cli.audit_options import open_journal

    if not reason.strip() or not actor.strip():
        raise Usage("TRU-068", where="--reason, --actor")
    from atalaya.campaign.registers import RECORDS

    with open_journal(workspace) as journal:
        if journal.entry(entry).kind == RECORDS:
            raise NotAuthorised("LED-040", where=str(entry))
        receipt = journal.delete(entry, reason, actor=actor)
    record = None if receipt is None else receipt.index
    if as_json:
        print(json.dumps({"schema": "atalaya.audit-delete/1", "entry": entry, "record": record}))
    elif record is None:
        print(say("audit.deleted_before", entry=entry))
    else:
        print(say("audit.deleted", entry=entry, record=record))
    return 0
