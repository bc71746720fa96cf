"""`atalaya law why SORTIE` and `atalaya law may TRACK`: the answer with everything it rests on."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from atalaya.base.clock import iso
from atalaya.base.errors import NotAuthorised, NotFound
from atalaya.base.language import printable, say
from atalaya.campaign.gate_words import ground_line
from atalaya.cli.ledger import AsJson, Known, Layers, Place
from atalaya.store.workspace import DEFAULT_WORKSPACE

MET = 2
"""`Tri.YES`: the term holds."""

if TYPE_CHECKING:
    from atalaya.law.gate import Answer


def why(
    sortie: Annotated[str, Parameter(help=say("cli.law.why.sortie"))],
    /,
    *,
    at: Annotated[str, Parameter(help=say("cli.law.why.at"))] = "",
    known: Known = "",
    layer: Layers = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Explain an instant of a sortie."""
    from atalaya.campaign.why import why as explain
    from atalaya.cli.ledger_text import entry_line
    from atalaya.cli.ledger_view import assumptions, existing, instant

    t_us = instant(at) if at else None
    found = explain(existing(workspace), sortie, t_us, instant(known), assumptions(layer or []))
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return 0
    print(f"{printable(found.sortie)}  {iso(found.t_us)}")
    print(entry_line(found.entry))
    for state, layer_name, standing in found.positions:
        print(
            "  "
            + say("why.position", state=state, layer=layer_name, standing=say(f"standing.{standing.word}"))
        )
    for state, terms in found.terms.items():
        if not terms:
            print("  " + say("why.no_paper", state=state))
        for term in terms:
            if term.term.startswith("revoked") and term.value == MET:
                continue  # nothing was revoked: there is nothing to tell
            value = say(f"why.{term.as_json()['met']}")
            stands = "" if term.known_now else f"  {say('why.replaced')}"
            name = say(f"term.{term.term.replace(', ', '_').replace(' ', '_')}")
            print(f"  {state}  {printable(term.record)}  {name}: {value}{stands}")
        sent = found.sent_us[state]
        print(
            "  " + say("why.notice", state=state, sent=say("page.not_known") if sent is None else iso(sent))
        )
    return 0


def may(
    file: Annotated[Path, Parameter(help=say("cli.law.may.file"))],
    /,
    *,
    airframe: Annotated[str, Parameter(help=say("cli.ledger.record.airframe"))],
    operator: Annotated[str, Parameter(help=say("cli.ledger.record.operator"))],
    sensor: Annotated[list[str] | None, Parameter(help=say("cli.ledger.record.sensor"), negative="")] = None,
    purpose: Annotated[str, Parameter(help=say("cli.ledger.record.purpose"))] = "",
    aircraft: Annotated[str | None, Parameter(help=say("cli.ledger.record.aircraft"))] = None,
    layer: Layers = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Ask whether a flight may be flown."""
    from atalaya.campaign.gates import ask_flight
    from atalaya.campaign.registers import open_registers
    from atalaya.campaign.sorties import NewSortie
    from atalaya.cli.ledger_view import assumptions, existing, instant
    from atalaya.law.records.states import known_state

    if not file.is_file():
        raise NotFound("TRK-020", where=str(file))
    planned = NewSortie(airframe, known_state(operator, "--operator"), None, tuple(sensor or ()), purpose)
    with open_registers(existing(workspace)) as registers:
        answer = ask_flight(registers, file, planned, instant(""), assumptions(layer or []), aircraft)
    return _tell(answer, as_json=as_json)


def may_release(
    clips: Annotated[list[str], Parameter(help=say("cli.law.may_release.clips"), negative="")],
    /,
    *,
    layer: Layers = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Ask whether what was made from recordings may be released."""
    from atalaya.campaign.collections import ask_release
    from atalaya.campaign.registers import open_registers
    from atalaya.cli.ledger_view import assumptions, existing, instant

    with open_registers(existing(workspace)) as registers:
        catalogue = registers.workspace.catalogue()
        try:
            answer = ask_release(registers, catalogue, clips, instant(""), assumptions(layer or []))
        finally:
            catalogue.close()
    return _tell(answer, as_json=as_json)


def _tell(answer: "Answer", *, as_json: bool) -> int:
    """Print an answer; its exit code."""
    if as_json:
        print(json.dumps({"schema": "atalaya.law-may/1", **answer.as_json()}, ensure_ascii=False))
    else:
        print(say(f"may.{answer.verdict}"))
        for ground in answer.grounds:
            print(f"{'→' if ground is answer.deciding else ' '} {ground_line(ground)}")
    return 0 if str(answer.verdict) == "allowed" else NotAuthorised.exit_code
