"""`atalaya plan pattern KIND`: the search patterns of the IAMSAR manual, laid on the ground and written."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from atalaya.base.errors import Usage
from atalaya.base.language import figure, say
from atalaya.cli.plan_line_options import (
    STDOUT,
    Height,
    HomePlace,
    Output,
    Planar,
    Trigger,
    numbers,
    target_of,
    writing_of,
)
from atalaya.cli.plan_options import AsJson
from atalaya.cli.terrain_option import DemDatum, open_terrain

if TYPE_CHECKING:
    from atalaya.campaign.planning_verbs.flown_line import FlownLine
    from atalaya.plan.patterns import Pattern

SCHEMA = "atalaya.plan-pattern/1"

app = App(name="pattern", help=say("cli.plan.pattern.help"))

At = Annotated[str, Parameter(help=say("cli.plan.pattern.at"), allow_leading_hyphen=True)]
Length = Annotated[float, Parameter(help=say("cli.plan.pattern.length"))]
Width = Annotated[float, Parameter(help=say("cli.plan.pattern.width"))]
Spacing = Annotated[float, Parameter(help=say("cli.plan.pattern.spacing"))]
Bearing = Annotated[float, Parameter(help=say("cli.plan.pattern.bearing"))]


@app.command(help=say("cli.plan.pattern.parallel"))
def parallel(
    *,
    at: At,
    length: Length,
    width: Width,
    spacing: Spacing,
    bearing: Bearing = 0.0,
    planar: Planar = False,
    output: Output = "",
    height: Height = None,
    home: HomePlace = "",
    trigger: Trigger = None,
    as_json: AsJson = False,
) -> int:
    """Parallel tracks."""
    from atalaya.plan.patterns import parallel_track

    found = parallel_track(length, width, spacing, bearing_deg=bearing)
    return _written("parallel", _laid("parallel", found, at, planar), output, height, home, trigger, as_json)


@app.command(help=say("cli.plan.pattern.creeping"))
def creeping(
    *,
    at: At,
    length: Length,
    width: Width,
    spacing: Spacing,
    bearing: Bearing = 0.0,
    planar: Planar = False,
    output: Output = "",
    height: Height = None,
    home: HomePlace = "",
    trigger: Trigger = None,
    as_json: AsJson = False,
) -> int:
    """Creeping line."""
    from atalaya.plan.patterns import creeping_line

    found = creeping_line(length, width, spacing, bearing_deg=bearing)
    return _written("creeping", _laid("creeping", found, at, planar), output, height, home, trigger, as_json)


@app.command(help=say("cli.plan.pattern.square"))
def square(
    *,
    at: At,
    spacing: Spacing,
    legs: Annotated[int, Parameter(help=say("cli.plan.pattern.legs"))],
    bearing: Bearing = 0.0,
    left: Annotated[bool, Parameter(negative="", help=say("cli.plan.pattern.left"))] = False,
    planar: Planar = False,
    output: Output = "",
    height: Height = None,
    home: HomePlace = "",
    trigger: Trigger = None,
    as_json: AsJson = False,
) -> int:
    """Expanding square."""
    from atalaya.plan.patterns import expanding_square

    found = expanding_square(spacing, legs, bearing_deg=bearing, left=left)
    return _written("square", _laid("square", found, at, planar), output, height, home, trigger, as_json)


@app.command(help=say("cli.plan.pattern.sector"))
def sector(
    *,
    at: At,
    radius: Annotated[float, Parameter(help=say("cli.plan.pattern.radius"))],
    bearing: Bearing = 0.0,
    passes: Annotated[int, Parameter(help=say("cli.plan.pattern.passes"))] = 1,
    planar: Planar = False,
    output: Output = "",
    height: Height = None,
    home: HomePlace = "",
    trigger: Trigger = None,
    as_json: AsJson = False,
) -> int:
    """Sector search."""
    from atalaya.plan.patterns import sector_search

    found = sector_search(radius, bearing_deg=bearing, passes=passes)
    return _written("sector", _laid("sector", found, at, planar), output, height, home, trigger, as_json)


@app.command(help=say("cli.plan.pattern.route"))
def route(
    line: Annotated[Path, Parameter(help=say("cli.plan.pattern.line"))],
    /,
    *,
    back: Annotated[bool, Parameter(negative="", help=say("cli.plan.pattern.back"))] = False,
    spacing: Annotated[float, Parameter(help=say("cli.plan.pattern.spacing"))] = 0.0,
    planar: Planar = False,
    output: Output = "",
    height: Height = None,
    home: HomePlace = "",
    trigger: Trigger = None,
    as_json: AsJson = False,
) -> int:
    """Route search."""
    from atalaya.campaign.planning_verbs.pattern_lines import along_line

    found = along_line(line, spacing_m=spacing, back=back, planar=planar)
    return _written("route", found, output, height, home, trigger, as_json, inputs=[line])


@app.command(help=say("cli.plan.pattern.contour"))
def contour(
    area: Annotated[Path, Parameter(help=say("cli.plan.pattern.area_file"))],
    /,
    *,
    dem: Annotated[Path, Parameter(name="--dem", help=say("cli.dem"))],
    dem_datum: DemDatum = None,
    step: Annotated[float, Parameter(help=say("cli.plan.pattern.step"))],
    cell: Annotated[float, Parameter(help=say("cli.plan.pattern.cell"))] = 50.0,
    ascending: Annotated[bool, Parameter(negative="", help=say("cli.plan.pattern.ascending"))] = False,
    shortest: Annotated[float, Parameter(help=say("cli.plan.pattern.shortest"))] = 0.0,
    above: Annotated[float | None, Parameter(help=say("cli.plan.pattern.above"))] = None,
    output: Output = "",
    height: Height = None,
    home: HomePlace = "",
    trigger: Trigger = None,
    as_json: AsJson = False,
) -> int:
    """Contour search."""
    from atalaya.campaign.planning_verbs.pattern_lines import around_heights
    from atalaya.cli.guard import positive

    positive("--cell", cell)
    if above is not None and height is not None:
        raise Usage("CLI-038", where="--above", first="--above", second="--height")
    terrain = open_terrain(dem, dem_datum)
    assert terrain is not None
    found = around_heights(
        area, terrain, step_m=step, cell_m=cell, descending=not ascending, shortest_m=shortest, above_m=above
    )
    return _written("contour", found, output, height, home, trigger, as_json, inputs=[area, dem])


def _laid(name: str, pattern: "Pattern", at: str, planar: bool) -> "FlownLine":
    from atalaya.campaign.planning_verbs.pattern_lines import laid

    place = numbers("--at", at, "X,Y" if planar else "LON,LAT")
    return laid(name, pattern, (place[0], place[1]), planar=planar)


def _written(
    kind: str,
    line: "FlownLine",
    output: str,
    height: float | None,
    home: str,
    trigger: float | None,
    as_json: bool,
    inputs: list[Path] | None = None,
) -> int:
    from atalaya.campaign.planning_verbs.line_files import geojson_text, write_lines
    from atalaya.campaign.planning_verbs.pattern_lines import line_json

    writing = writing_of(height, home, trigger)
    own_heights = line.height_msl_m is not None
    target = target_of(output, writing, inputs or [], planar=line.planar, heights=own_heights)
    shown = {"schema": SCHEMA, "kind": kind, **line_json(line)}
    written, findings = ([], []) if target is None else write_lines([line], target, writing, shown)
    words = say(
        "plan.pattern.line",
        name=kind,
        legs=shown["legs"],
        length=figure(shown["length_m"] / 1000.0),
        swept=figure(shown["swept_m"] / 1000.0),
    )
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
    elif output == STDOUT:
        print(geojson_text([line]), end="")
        print(words, file=sys.stderr)
    else:
        print("\n".join([words, *(say("plan.did.wrote", folder=path) for path in written)]))
    for finding in findings:
        print(f"{finding.code}  {finding.message}", file=sys.stderr)
    return 0
