"""`atalaya plan resume PLAN_FOLDER SORTIE --at WAYPOINT|LON,LAT`: the rest of a sortie."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.errors import Usage
from atalaya.base.language import figure, printable, say
from atalaya.cli.plan_export import AutopilotName, Folder, Formats, HeightsName, mission_options, warn
from atalaya.cli.plan_options import AsJson
from atalaya.cli.plan_vehicle import SortieId
from atalaya.cli.terrain_option import Dem, DemDatum


def resume(
    folder: Folder,
    sortie: SortieId,
    /,
    *,
    at: Annotated[str, Parameter(help=say("cli.plan.resume.at"), allow_leading_hyphen=True)],
    format: Formats,  # noqa: A002  what everyone calls it
    airborne: Annotated[bool, Parameter(negative="", help=say("cli.plan.resume.airborne"))] = False,
    direct: Annotated[bool, Parameter(negative="", help=say("cli.plan.resume.direct"))] = False,
    heights: HeightsName = "msl",
    dem: Dem = None,
    dem_datum: DemDatum = None,
    autopilot: AutopilotName = "generic",
    output: Annotated[Path | None, Parameter(help=say("cli.plan.resume.output"))] = None,
    as_json: AsJson = False,
) -> int:
    """Write the rest of a sortie."""
    from atalaya.campaign.planning.plan_read import read_sorties
    from atalaya.campaign.planning_verbs.resumed_sortie import place_on, rest_of
    from atalaya.campaign.planning_verbs.sortie_exports import export_sortie

    if airborne and direct:
        raise Usage("CLI-038", where="--airborne", first="--airborne", second="--direct")
    options = mission_options(heights, dem, dem_datum, autopilot)
    found = read_sorties(folder, (sortie,))[0]
    rest = rest_of(found.sortie, place_on(found.sortie, at), airborne=airborne, direct=direct)
    target = output if output is not None else (folder if folder.is_dir() else folder.parent)
    left = replace(found, sortie=rest.sortie, base=found.home)
    done = [export_sortie(left, target, name, options) for name in format]
    if as_json:
        shown = {
            "schema": "atalaya.plan-resume/1",
            "sortie": sortie,
            "id": rest.sortie.id,
            "leg": rest.leg,
            "share_flown": round(rest.share, 6),
            "way_m": round(rest.way_m, 1),
            "search_m": round(rest.search_m, 1),
            "waypoints": len(rest.sortie.waypoints),
            "way_checked": airborne or not direct,
            "files": [{"file": str(one.path), "format": one.format, "sha256": one.sha256} for one in done],
        }
        print(json.dumps(shown, ensure_ascii=False))
    else:
        share, search = figure(100.0 * rest.share), figure(rest.search_m / 1e3)
        way = figure(rest.way_m / 1e3)
        name = printable(rest.sortie.id)
        print(say("plan.resume.line", id=name, leg=rest.leg, share=share, search=search, way=way))
        for one in done:
            print(say("plan.did.wrote", folder=one.path))
    warn([found])
    if direct:
        print(say("plan.resume.direct"), file=sys.stderr)
    print(say("plan.resume.law"), file=sys.stderr)
    return 0
