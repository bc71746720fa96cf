"""`atalaya mosaic FILE... --output X.tif`: frames of recordings on one map."""

import json
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.errors import Usage
from atalaya.base.language import say
from atalaya.campaign.orthophotos import Output, make_mosaic
from atalaya.cli.guard import beside, positive, refuse_to_replace
from atalaya.cli.ortho import Cell, Colour, Farthest, System, Target
from atalaya.cli.progress import Mode
from atalaya.cli.progress import progress as reporting
from atalaya.cli.terrain_option import Dem, DemDatum, open_terrain


def mosaic(
    files: Annotated[list[str], Parameter(help=say("cli.exploit.files"), negative="")],
    /,
    *,
    output: Target,
    every: Annotated[float, Parameter(help=say("cli.mosaic.every"))] = 1.0,
    dem: Dem = None,
    dem_datum: DemDatum = None,
    cell: Cell = None,
    crs: System = None,
    farthest: Farthest = None,
    colour: Colour = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))] = False,
    progress: Annotated[Mode, Parameter(help=say("cli.progress"))] = "auto",
) -> int:
    """Make a mosaic."""
    if not files:
        raise Usage("CLI-005")
    refuse_to_replace(beside(output, "looks.tif", "quality.tif", "frames.json"), [*files, dem])
    for option, value in (("--every", every), ("--cell", cell), ("--range", farthest)):
        positive(option, value)
    wanted = Output(cell, crs, farthest, "rgb" if colour else "grey")
    with reporting(progress, 1) as reporter:
        made = make_mosaic(
            files,
            every,
            open_terrain(dem, dem_datum),
            output,
            wanted,
            lambda share: reporter.update(str(output), share),
        )
        reporter.done(str(output), {"type": "result"})
    grid = made.grid
    shown = {
        "schema": "atalaya.mosaic/1",
        "image": str(made.image),
        "looks": str(made.looks),
        "quality": str(made.quality),
        "frames": str(made.frames),
        "crs": grid.crs,
        "cell_m": grid.cell_m,
        "width": grid.width,
        "height": grid.height,
        "seen_share": round(made.seen_share, 4),
        "refused": [{"frame": name, "error": error.as_json()} for name, error in made.refused],
    }
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
        return 0
    seen = f"{100 * made.seen_share:.0f}"
    print(say("ortho.wrote", **{**shown, "cell": f"{grid.cell_m:g}", "seen": seen}))
    print(say("ortho.beside", files=f"{made.looks}, {made.quality}, {made.frames}"))
    for name, error in made.refused:
        print(say("ortho.refused", name=name, why=error.text.what))
    return 0
