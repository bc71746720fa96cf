"""`atalaya ledger`: whose airspace was entered, how long, by what right; every second in one class."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from atalaya.base.errors import NotFound, PartlyDone, Usage
from atalaya.base.language import say
from atalaya.cli.guard import positive
from atalaya.store.workspace import DEFAULT_WORKSPACE

app = App(name="ledger", help=say("cli.ledger.help"))

Place = Annotated[
    Path, Parameter(name="--workspace", help=say("cli.exploit.workspace"), env_var="ATALAYA_WORKSPACE")
]
Known = Annotated[str, Parameter(help=say("cli.ledger.known"))]
Layers = Annotated[list[str] | None, Parameter(name="--layer", help=say("cli.ledger.layer"), negative="")]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))]
State = Annotated[str, Parameter(help=say("cli.ledger.state"))]
Since = Annotated[str, Parameter(name="--from", help=say("cli.ledger.from"))]
Until = Annotated[str, Parameter(name="--to", help=say("cli.ledger.to"))]


@app.default
def ledger(
    sortie: Annotated[str, Parameter(help=say("cli.ledger.sortie"))] = "",
    /,
    *,
    state: State = "",
    known: Known = "",
    layer: Layers = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Show the ledger."""
    from atalaya.campaign.rehearsal.marker import is_rehearsed
    from atalaya.cli.ledger_text import ledger_lines
    from atalaya.cli.ledger_view import named_state, view

    state = named_state(state)

    found = view(workspace, sortie=sortie, state=state, known=known, layers=layer or [])
    rehearsed = is_rehearsed(workspace)
    if as_json:
        print(json.dumps({**found.as_json(), "rehearsal": rehearsed}, ensure_ascii=False))
    else:
        lines = ledger_lines(found, detailed=bool(sortie))
        print("\n".join([say("range.ledger"), "", *lines] if rehearsed else lines))
    return found.exit_code


@app.command(help=say("cli.ledger.record.help"))
def record(
    file: Annotated[Path, Parameter(help=say("cli.ledger.record.file"))],
    /,
    *,
    airframe: Annotated[str, Parameter(help=say("cli.ledger.record.airframe"))],
    operator: Annotated[str, Parameter(help=say("cli.ledger.record.operator"))],
    number: Annotated[int | None, Parameter(help=say("cli.ledger.record.number"))] = None,
    sensor: Annotated[list[str] | None, Parameter(help=say("cli.ledger.record.sensor"), negative="")] = None,
    purpose: Annotated[str, Parameter(help=say("cli.ledger.record.purpose"))] = "",
    aircraft: Annotated[str | None, Parameter(help=say("cli.ledger.record.aircraft"))] = None,
    clip: Annotated[list[Path] | None, Parameter(help=say("cli.ledger.record.clip"), negative="")] = None,
    silence: Annotated[float, Parameter(help=say("cli.ledger.record.silence"))] = 3.0,
    video_minutes: Annotated[float | None, Parameter(help=say("cli.ledger.record.video"))] = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Record a flight."""
    from atalaya.campaign.recordings import clips_and_track
    from atalaya.campaign.registers import open_registers
    from atalaya.campaign.sorties import NewSortie, record_flights
    from atalaya.law.records.as_json import record_as_json

    positive("--silence", silence)
    for place in (file, *(clip or ())):
        if not place.is_file():
            raise NotFound("TRK-020", where=str(place))
    seconds = None if video_minutes is None else 60 * video_minutes
    track, clips = clips_and_track(workspace, file, clip or [])
    new = NewSortie(airframe, operator, number, tuple(sensor or ()), purpose, "", seconds, clips)
    with open_registers(workspace) as registers:
        made = record_flights(registers, track, new, aircraft, silence_s=silence * 3600)
    if clips:
        from atalaya.campaign.collections import mark_workspace

        mark_workspace(workspace)
    if as_json:
        for each in made:
            shown = {"schema": "atalaya.record/1", "known": each.known, **record_as_json(each.record)}
            print(json.dumps(shown, ensure_ascii=False))
    else:
        for each in made:
            told = {"record": each.record.id, "workspace": workspace}
            print(say("ledger.known", **told) if each.known else say("ledger.recorded", **told))
            for finding in each.findings:
                print(f"{finding.code}  {finding.message}", file=sys.stderr)
    return 0


@app.command(help=say("cli.ledger.page.help"))
def page(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help=say("cli.ledger.page.output"))] = Path(
        "account.pdf"
    ),
    edition: Annotated[
        Literal["committee", "host", "press"], Parameter(help=say("cli.ledger.page.edition"))
    ] = "committee",
    state: State = "",
    start: Since = "",
    end: Until = "",
    known: Known = "",
    layer: Layers = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Write the one-page account."""
    from atalaya.campaign.ledger_issue import issue_page
    from atalaya.cli.ledger_view import assumptions, existing, instant, named_state, period

    state = named_state(state)
    if edition == "host" and not state:
        raise Usage("LED-020")
    if output.suffix.lower() not in (".pdf", ".png"):
        raise Usage("LED-021", where=str(output))
    made = issue_page(
        existing(workspace),
        output,
        edition=edition,
        state=state,
        period_us=period(start, end),
        known_us=instant(known),
        assumptions=assumptions(layer or []),
    )
    if as_json:
        print(json.dumps({"schema": "atalaya.ledger-page/1", **made}, ensure_ascii=False))
    else:
        print(say("ledger.page.wrote", **made))
        if not made["witnessed"]:
            print(say("ledger.page.unwitnessed", bundle=made["bundle"]))
    if made["not_accounted"]:
        print(say("page.flown.unaccounted", count=made["not_accounted"]), file=sys.stderr)
        return PartlyDone.exit_code
    return 0


@app.command(help=say("cli.ledger.renew.help"))
def renew(
    bundle: Annotated[Path, Parameter(help=say("cli.ledger.renew.bundle"))],
    /,
    *,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Write the proofs of an account anew."""
    from atalaya.campaign.ledger_issue import renew_proofs
    from atalaya.cli.ledger_view import existing

    if not bundle.is_file():
        raise NotFound("LED-032", where=str(bundle))
    made = renew_proofs(existing(workspace), bundle)
    if as_json:
        print(json.dumps({"schema": "atalaya.ledger-renew/1", **made}, ensure_ascii=False))
    else:
        print(say("ledger.renewed", **made))
        if not made["witnessed"]:
            print(say("ledger.page.unwitnessed", bundle=made["bundle"]))
    return 0


@app.command(help=say("cli.ledger.tempo.help"))
def tempo(
    *,
    by: Annotated[Literal["week", "month"], Parameter(help=say("cli.ledger.tempo.by"))] = "week",
    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], help=say("cli.ledger.tempo.output"))
    ] = None,
    state: State = "",
    start: Since = "",
    end: Until = "",
    known: Known = "",
    layer: Layers = None,
    workspace: Place = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Show the tempo."""
    from atalaya.cli.ledger_text import tempo_lines
    from atalaya.cli.ledger_view import named_state, period, tempo_of

    state = named_state(state)
    if output is not None and output.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise Usage("LED-035", where=str(output))
    within = period(start, end)
    found = tempo_of(workspace, by, state=state, within_us=within, known=known, layers=layer or [])
    if output is not None:
        from atalaya.campaign.tempo_plot import plot_tempo

        plot_tempo(output, found.rows, found.bars, found.step)
    if as_json:
        print(json.dumps(found.as_json(output), ensure_ascii=False))
    else:
        print("\n".join(tempo_lines(found, output)))
    return 0
