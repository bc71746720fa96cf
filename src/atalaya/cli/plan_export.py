"""`atalaya plan export PLAN_FOLDER --format F`: sorties of a written plan in another format."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from atalaya.base.language import printable, say
from atalaya.cli.plan_options import AsJson
from atalaya.cli.terrain_option import Dem, DemDatum, open_terrain

if TYPE_CHECKING:
    from atalaya.campaign.planning.plan_read import ReadSortie
    from atalaya.plan.exports import MissionOptions

SCHEMA = "atalaya.plan-export/1"

Folder = Annotated[Path, Parameter(help=say("cli.plan.export.folder"))]
Formats = Annotated[list[str], Parameter(help=say("cli.plan.export.format"), negative="")]
HeightsName = Annotated[Literal["msl", "relative", "terrain"], Parameter(help=say("cli.plan.export.heights"))]
AutopilotName = Annotated[
    Literal["generic", "ardupilot", "px4"], Parameter(help=say("cli.plan.export.autopilot"))
]


def export(
    folder: Folder,
    /,
    *,
    format: Formats,  # noqa: A002  what everyone calls it
    sortie: Annotated[list[str] | None, Parameter(help=say("cli.plan.export.sortie"), negative="")] = None,
    heights: HeightsName = "msl",
    dem: Dem = None,
    dem_datum: DemDatum = None,
    autopilot: AutopilotName = "generic",
    output: Annotated[Path | None, Parameter(help=say("cli.plan.export.output"))] = None,
    as_json: AsJson = False,
) -> int:
    """Export sorties."""
    from atalaya.campaign.planning.plan_read import read_sorties
    from atalaya.campaign.planning_verbs.sortie_exports import export_sortie

    options = mission_options(heights, dem, dem_datum, autopilot)
    found = read_sorties(folder, tuple(sortie or ()))
    target = output if output is not None else (folder if folder.is_dir() else folder.parent)
    done = [export_sortie(each, target, name, options) for each in found for name in format]
    if as_json:
        files = [
            {
                "file": str(one.path),
                "format": one.format,
                "sha256": one.sha256,
                "items": one.items,
                "findings": [finding.as_json() for finding in one.findings],
            }
            for one in done
        ]
        print(json.dumps({"schema": SCHEMA, "files": files}, ensure_ascii=False))
    else:
        for one in done:
            print(say("plan.did.wrote", folder=one.path))
    for finding in (finding for one in done for finding in one.findings):
        print(f"{finding.code}  {finding.where}: {finding.message}", file=sys.stderr)
    warn(found)
    return 0


def mission_options(heights: str, dem: Path | None, datum: "DemDatum", autopilot: str) -> "MissionOptions":
    """How missions are told.

    Raises:
        Usage: CLI-030, heights above terrain without a model. Others: as `Terrain.open`.
    """
    from atalaya.base.errors import Usage
    from atalaya.campaign.planning_verbs.sortie_exports import ground_of
    from atalaya.plan.exports import Autopilot, Heights, MissionOptions

    if heights == "terrain" and dem is None:
        raise Usage("CLI-030", where="--heights terrain", option="--dem", format="terrain")
    terrain = open_terrain(dem, datum)
    return MissionOptions(
        heights=Heights(heights),
        ground=None if terrain is None else ground_of(terrain),
        autopilot=Autopilot[autopilot.upper()],
    )


def warn(found: "list[ReadSortie]") -> None:
    """Say on stderr what a reader must not overlook: no fence, and what the law said."""
    for each in found:
        name = printable(each.sortie.id)
        if each.fence is None:
            print(say("plan.export.no_fence", id=name), file=sys.stderr)
        if each.law != "allowed":
            print(say("plan.export.law", id=name, verdict=printable(each.law)), file=sys.stderr)
