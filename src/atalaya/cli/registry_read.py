"""`atalaya registry list|show|name|designated|statements`: asking the register, at two instants."""

import json
from typing import Annotated, Any

from cyclopts import Parameter

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput, NotFound
from atalaya.base.language import say
from atalaya.cli import registry_text
from atalaya.cli.registry_options import (
    DEFAULT_WORKSPACE,
    AsJson,
    At,
    Known,
    Place,
    Zone,
    asked,
    known_at,
    read_register,
    span_us,
)
from atalaya.law.records.as_json import record_as_json
from atalaya.law.records.record import KINDS, Record
from atalaya.law.records.stated import InForce, Stated, in_force_during


def list_(
    kind: Annotated[str | None, Parameter(help=say("cli.registry.kind"))] = None,
    /,
    *,
    at: At = None,
    known: Known = None,
    zone: Zone = "",
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """List records."""
    if kind is not None and kind not in KINDS:
        raise BadInput("REC-013", value=kind[:40], known=", ".join(sorted(KINDS)))
    wanted, known_us = asked(at, zone), known_at(known, zone)
    rows = [(row, _status(row, wanted)) for row in read_register(workspace).as_known(known_us, kind)]
    shown = [(row, status) for row, status in rows if status is not InForce.NO]
    if as_json:
        records = [{**record_as_json(row), "in_force": status} for row, status in shown]
        _print("list", at=at, known=iso(known_us), records=records)
    elif shown:
        print(registry_text.listing(shown))
    return 0


def show(
    record_id: Annotated[str, Parameter(name="ID", help=say("cli.registry.id"))],
    /,
    *,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Show the history of one id."""
    rows = read_register(workspace).history(record_id)
    if not rows:
        raise NotFound("REC-045", where=record_id)
    if as_json:
        _print("show", id=record_id, rows=[record_as_json(row) for row in rows])
    else:
        print(registry_text.history(rows))
    return 0


def name(
    text: Annotated[str, Parameter(help=say("cli.registry.text"))],
    /,
    *,
    at: At = None,
    known: Known = None,
    zone: Zone = "",
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Resolve a name."""
    from atalaya.law.records.names import NameTable

    wanted = asked(at, zone)
    names = NameTable(read_register(workspace), known_at(known, zone))
    found = names.resolve(text, None if wanted is None else wanted.earliest_us)
    suggestions = [] if found.meanings else names.suggest(text)
    if as_json:
        meanings = [
            {
                "id": one.organisation,
                "name": one.name,
                "basis": one.basis,
                "former": one.former,
                "row": one.record.row,
            }
            for one in found.meanings
        ]
        likely = [
            {"id": one.organisation, "name": one.name, "matched": one.matched, "score": one.score}
            | {"distinct_from": list(one.distinct_from)}
            for one in suggestions
        ]
        also = [one.organisation for one in found.also]
        _print(
            "name",
            text=text,
            id=found.organisation,
            ambiguous=found.ambiguous,
            meanings=meanings,
            also=also,
            suggestions=likely,
        )
    else:
        print(registry_text.resolution(found, suggestions))
    return 0 if found.meanings else NotFound.exit_code


def designated(
    text: Annotated[str, Parameter(name="NAME", help=say("cli.registry.text"))],
    /,
    *,
    at: At = None,
    known: Known = None,
    zone: Zone = "",
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Say under which regimes an organisation was designated."""
    from atalaya.law.records import designated as regimes
    from atalaya.law.records.names import NameTable

    register, known_us = read_register(workspace), known_at(known, zone)
    when = asked(at, zone) or asked(iso(known_us), "")
    assert when is not None
    names = NameTable(register, known_us)
    found = names.resolve(text)
    if found.ambiguous:
        ids = ", ".join(sorted({meaning.organisation for meaning in found.meanings}))
        raise BadInput("REC-044", value=text, ids=ids)
    if found.organisation is None:
        raise NotFound("REC-028", value=text)
    from_us, until_us = span_us(when)
    answers = regimes.designated(register, found.organisation, from_us, known_us, until_us=until_us)
    if as_json:
        shown = [regimes.as_json(one) for one in answers]
        _print("designated", id=found.organisation, at=when.as_json(), known=iso(known_us), regimes=shown)
    else:
        title = found.meanings[0].name
        print(
            registry_text.regimes(f"{title} ({found.organisation})", registry_text.stated_text(when), answers)
        )
    return 0


def statements(
    *,
    known: Known = None,
    zone: Zone = "",
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Print what parties stated, grouped by subject."""
    from atalaya.law.records.attestation import matters

    known_us = known_at(known, zone)
    found = matters(read_register(workspace).as_known(known_us, "attestation"))
    if as_json:
        groups = [
            {"subject": one.subject, "state": one.state, "contradictory": one.contradictory}
            | {
                "by_stance": {
                    stance: [record_as_json(row) for row, _ in said] for stance, said in one.by_stance.items()
                }
            }
            for one in found
        ]
        _print("statements", known=iso(known_us), matters=groups)
    else:
        print("\n\n".join(registry_text.matter(one) for one in found))
    return 0


def _status(row: Record, wanted: Stated | None) -> InForce | None:
    if wanted is None:
        return None
    if "withdrawn" in row.body:
        return InForce.NO
    return in_force_during(row.valid.start, row.valid.end, *span_us(wanted))


def _print(verb: str, **shown: Any) -> None:
    print(json.dumps({"schema": f"atalaya.registry.{verb}/1", **shown}, ensure_ascii=False))
