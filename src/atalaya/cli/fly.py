"""`atalaya fly CAMPAIGN.toml [PLAN]`: fly a plan on the digital range; recordings, tracks, looks, truth."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.errors import PartlyDone
from atalaya.base.language import say
from atalaya.cli.main import report
from atalaya.cli.plan_options import AsJson, Progress, slug
from atalaya.cli.range_progress import clip_progress, tell_step


def fly(
    file: Annotated[Path, Parameter(help=say("cli.fly.file"))],
    plan: Annotated[Path | None, Parameter(help=say("cli.fly.plan"))] = None,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help=say("cli.fly.output"))] = None,
    sortie: Annotated[list[str] | None, Parameter(help=say("cli.fly.sortie"), negative="")] = None,
    video: Annotated[float | None, Parameter(help=say("cli.fly.video"))] = None,
    progress: Progress = "text",
    as_json: AsJson = False,
) -> int:
    """Fly a plan."""
    from dataclasses import replace

    from atalaya.campaign.planning.campaign_file import read_campaign
    from atalaya.campaign.rehearsal.fly_plan import fly_plan
    from atalaya.campaign.rehearsal.world import World, world_of
    from atalaya.cli.range_text import flown_lines

    request = read_campaign(file)
    folder = output or Path(f"{slug(request.name)}-flown")
    tell_step(progress, "country")
    world = world_of(request)
    if video is not None:
        world = World(replace(world.asked, video_s=video), world.country, world.scene, world.weather)
    source = plan or Path(f"{slug(request.name)}-plan")
    with clip_progress(progress) as tell:
        flown, errors = fly_plan(world, request, source, folder, ids=sortie or [], tell=tell)
    for error in errors:
        report(error, as_json=as_json)
    if as_json:
        print(json.dumps({**flown, "folder": str(folder)}, ensure_ascii=False))
    else:
        print("\n".join(flown_lines(flown, folder)))
    return 0 if flown["sorties"] and not errors else PartlyDone.exit_code
