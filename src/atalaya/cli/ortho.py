"""`atalaya ortho FILE --frame N --output X.tif`: one frame laid on the ground."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.language import say
from atalaya.campaign.orthophotos import Output, make_orthophoto
from atalaya.cli.guard import beside, positive, refuse_to_replace
from atalaya.cli.progress import Mode
from atalaya.cli.progress import progress as reporting
from atalaya.cli.terrain_option import Dem, DemDatum, open_terrain
from atalaya.footage.clip import Clip

Target = Annotated[Path, Parameter(name="--output", help=say("cli.ortho.output"))]
Cell = Annotated[float | None, Parameter(help=say("cli.ortho.cell"))]
System = Annotated[str | None, Parameter(help=say("cli.ortho.crs"))]
Farthest = Annotated[float | None, Parameter(name="--range", help=say("cli.ortho.range"))]
Colour = Annotated[bool, Parameter(name="--colour", negative="", help=say("cli.ortho.colour"))]


def ortho(
    file: Annotated[str, Parameter(help=say("cli.locate.file"))],
    /,
    *,
    output: Target,
    frame: Annotated[int, Parameter(help=say("cli.locate.frame"))] = 0,
    dem: Dem = None,
    dem_datum: DemDatum = None,
    cell: Cell = None,
    crs: System = None,
    farthest: Farthest = None,
    colour: Colour = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))] = False,
    progress: Annotated[Mode, Parameter(help=say("cli.progress"))] = "auto",
) -> int:
    """Make an orthophoto."""
    refuse_to_replace(beside(output, "state.tif", "quality.tif"), [file, dem])
    positive("--cell", cell)
    positive("--range", farthest)
    wanted = Output(cell, crs, farthest, "rgb" if colour else "grey")
    with Clip.open(file) as clip, reporting(progress, 1) as reporter:
        made = make_orthophoto(
            clip,
            frame,
            open_terrain(dem, dem_datum),
            output,
            wanted,
            lambda share: reporter.update(file, share),
        )
        reporter.done(file, {"type": "result"})
    grid = made.grid
    shown = {
        "schema": "atalaya.ortho/1",
        "image": str(made.image),
        "state": str(made.state),
        "quality": str(made.quality),
        "crs": grid.crs,
        "cell_m": grid.cell_m,
        "width": grid.width,
        "height": grid.height,
        "seen_share": round(made.seen_share, 4),
    }
    if as_json:
        print(json.dumps(shown))
        return 0
    seen = f"{100 * made.seen_share:.0f}"
    print(say("ortho.wrote", **{**shown, "cell": f"{grid.cell_m:g}", "seen": seen}))
    print(say("ortho.beside", files=f"{made.state}, {made.quality}"))
    return 0
