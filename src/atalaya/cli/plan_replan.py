"""`atalaya plan replan CAMPAIGN.toml --plan FOLDER --flown SORTIE=TRACK`: plan again after flights."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.errors import NotFound, Usage
from atalaya.base.language import figure, say
from atalaya.cli.guard import positive
from atalaya.cli.plan_make import INTERRUPTED, stoppable
from atalaya.cli.plan_options import AsJson, Known, Layers, Progress, Workspace, planning_executor, tell


def replan(
    file: Annotated[Path, Parameter(help=say("cli.plan.file"))],
    /,
    *,
    plan: Annotated[Path, Parameter(help=say("cli.plan.folder"))],
    flown: Annotated[list[str], Parameter(help=say("cli.plan.flown"), negative="")],
    report: Annotated[list[str] | None, Parameter(help=say("cli.plan.report"), negative="")] = None,
    false_alarms: Annotated[float, Parameter(help=say("cli.plan.false_alarms"))] = 0.02,
    output: Annotated[Path, Parameter(help=say("cli.plan.output"))] = Path("replan"),
    format: Annotated[list[str] | None, Parameter(help=say("cli.plan.format"), negative="")] = None,  # noqa: A002
    effort: Annotated[int, Parameter(help=say("cli.plan.effort"))] = 400_000,
    workers: Annotated[int | None, Parameter(help=say("cli.plan.workers"))] = None,
    known: Known = "",
    layer: Layers = None,
    workspace: Workspace = None,
    progress: Progress = "text",
    as_json: AsJson = False,
) -> int:
    """Plan again after flights."""
    from atalaya.campaign.planning.again import plan_again
    from atalaya.campaign.planning.plan_json import plan_json
    from atalaya.campaign.planning.plan_sheet import summary
    from atalaya.cli.ledger_view import existing, instant

    positive("--effort", effort)
    tracks = dict(pair("--flown", each) for each in flown)
    places = [place("--report", each) for each in report or ()]
    with stoppable() as stopped, planning_executor(workers) as executor:
        found = plan_again(
            file,
            plan,
            tracks,
            places,
            output,
            formats=tuple(format or ("plan",)),
            false_alarms=false_alarms,
            known_us=instant(known),
            workspace=None if workspace is None else existing(workspace),
            layers=tuple(layer or ()),
            iterations=effort,
            executor=executor,
            tell=lambda what: tell(progress, what),
            progress=lambda share, finds: tell(progress, "paths", share, finds),
            stop=lambda: stopped[0],
        )
    if as_json:
        print(
            json.dumps(
                {**plan_json(found.made), "folder": str(output), **found.as_json()}, ensure_ascii=False
            )
        )
    else:
        for each in found.flown:
            print(say("plan.covered.line", id=each.id, share=figure(100.0 * each.share)))
        for spot in found.reports:
            chance = figure(100.0 * spot.chance_real)
            print(say("plan.reported", lat=f"{spot.lat_deg:.5f}", lon=f"{spot.lon_deg:.5f}", chance=chance))
        print("\n" + "\n".join(summary(found.made)))
        print("\n" + say("plan.did.wrote", folder=output))
    return 0 if found.made.complete else INTERRUPTED


def pair(option: str, text: str) -> tuple[str, Path]:
    """SORTIE=FILE.

    Raises:
        Usage: CLI-023. NotFound: TRK-020.
    """
    name, equals, file = text.partition("=")
    if not equals or not name:
        raise Usage("CLI-023", where=option, value=text, wanted="SORTIE=TRACK")
    if not Path(file).is_file():
        raise NotFound("TRK-020", where=file)
    return name, Path(file)


def place(option: str, text: str) -> tuple[float, float]:
    """LON,LAT in degrees.

    Raises:
        Usage: CLI-023, CLI-021.
    """
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Usage("CLI-023", where=option, value=text, wanted="LON,LAT") from error
    if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):
        raise Usage("CLI-021", where=option)
    return lon, lat
