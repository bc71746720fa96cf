"""`atalaya sim scene`: look at the country and the sites of a campaign before anything flies."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from atalaya.base.language import say
from atalaya.cli.plan_options import AsJson, slug

app = App(name="sim", help=say("cli.sim.help"))


@app.command(help=say("cli.sim.scene.help"))
def scene(
    file: Annotated[Path, Parameter(help=say("cli.plan.file"))],
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help=say("cli.sim.output"))] = None,
    site: Annotated[str, Parameter(help=say("cli.sim.site"))] = "",
    as_json: AsJson = False,
) -> int:
    """Write country, sites and pictures of them."""
    from atalaya.campaign.planning.campaign_file import read_campaign
    from atalaya.campaign.rehearsal.fly_plan import write_truth_of
    from atalaya.campaign.rehearsal.site_picture import write_site_pictures
    from atalaya.campaign.rehearsal.world import world_of

    request = read_campaign(file)
    folder = output or Path(f"{slug(request.name)}-scene")
    world = world_of(request)
    write_truth_of(world, folder)
    pictures = write_site_pictures(world, folder, request.start_us, site)
    kinds = [{"id": s.id, "kind": s.kind, "facility": s.facility} for s in world.scene.sites]
    if as_json:
        shown = {"schema": "atalaya.sim-scene/1", "folder": str(folder), "sites": kinds}
        print(json.dumps({**shown, "pictures": [str(path) for path in pictures]}, ensure_ascii=False))
        return 0
    facilities = sum(each.facility for each in world.scene.sites)
    print(say("range.sites", facilities=facilities, look_alikes=len(world.scene.sites) - facilities))
    for note in world.scene.notes:
        print(f"  {note}")
    print(say("range.scene.wrote", folder=folder, count=len(pictures)))
    return 0
