"""`atalaya plan cover AREA --swath M`: a short path that sees every area of a file."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from atalaya.base.errors import AtalayaError, PartlyDone, Usage
from atalaya.base.language import figure, printable, say
from atalaya.cli.guard import positive
from atalaya.cli.plan_line_options import (
    STDOUT,
    Height,
    HomePlace,
    Output,
    Planar,
    Trigger,
    place_of,
    target_of,
    writing_of,
)
from atalaya.cli.plan_options import AsJson

if TYPE_CHECKING:
    from atalaya.campaign.planning_verbs.cover_areas import Covered
    from atalaya.plan.coverage import Cost

CostName = Literal["length", "time", "ramped"]
SCHEMA = "atalaya.plan-cover/1"
QUARTER_TURN = 1.5707963267948966


def cover(
    area: Annotated[Path, Parameter(help=say("cli.plan.cover.area"))],
    /,
    *,
    swath: Annotated[float, Parameter(help=say("cli.plan.cover.swath"))],
    overlap: Annotated[float, Parameter(help=say("cli.plan.cover.overlap"))] = 0.0,
    cost: Annotated[CostName, Parameter(help=say("cli.plan.cover.cost"))] = "length",
    speed: Annotated[float | None, Parameter(help=say("cli.plan.cover.speed"))] = None,
    acceleration: Annotated[float | None, Parameter(help=say("cli.plan.cover.acceleration"))] = None,
    turn_radius: Annotated[float | None, Parameter(help=say("cli.plan.cover.turn_radius"))] = None,
    wind_from: Annotated[float | None, Parameter(help=say("cli.plan.cover.wind_from"))] = None,
    wind_speed: Annotated[float | None, Parameter(help=say("cli.plan.cover.wind_speed"))] = None,
    start: Annotated[str, Parameter(help=say("cli.plan.cover.start"), allow_leading_hyphen=True)] = "",
    end: Annotated[str, Parameter(help=say("cli.plan.cover.end"), allow_leading_hyphen=True)] = "",
    footprint: Annotated[Literal["band", "disc"], Parameter(help=say("cli.plan.cover.footprint"))] = "band",
    outside: Annotated[bool, Parameter(negative="", help=say("cli.plan.cover.outside"))] = False,
    planar: Planar = False,
    seed: Annotated[int, Parameter(help=say("cli.plan.cover.seed"))] = 0,
    output: Output = "",
    height: Height = None,
    home: HomePlace = "",
    trigger: Trigger = None,
    as_json: AsJson = False,
) -> int:
    """Cover areas."""
    positive("--swath", swath)
    rule = _cost(cost, speed, acceleration, turn_radius, wind_from, wind_speed)
    writing = writing_of(height, home, trigger)
    target = target_of(output, writing, [area], planar=planar)

    from atalaya.campaign.planning_verbs.cover_areas import CoverAsk, cover_all
    from atalaya.campaign.planning_verbs.line_files import geojson_text, write_lines
    from atalaya.campaign.planning_verbs.planar_file import read_planar
    from atalaya.campaign.planning_verbs.shape_file import read_areas

    areas = read_planar(area) if planar else read_areas(area)
    if len(areas) > 1 and (start or end):
        raise Usage("CLI-033", where="--start" if start else "--end", given=len(areas))
    ends = (place_of("--start", start, planar=planar), place_of("--end", end, planar=planar))
    ask = CoverAsk(swath, overlap, rule, ends[0], ends[1], footprint, not outside, seed, planar)
    failed: list[tuple[str, AtalayaError]] = []
    found = cover_all(areas, ask, lambda which, error: failed.append((which.name, error)))
    if not found and len(failed) == 1:
        failed[0][1].where = f"{area.name}, {failed[0][0]}"
        raise failed[0][1]
    shown = _shown(found, failed)
    lines = [each.line for each in found]
    written, findings = ([], []) if target is None else write_lines(lines, target, writing, shown)
    to_stdout = output == STDOUT
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
    else:
        if to_stdout:
            print(geojson_text(lines), end="")
        if found:
            print("\n".join(_table(found)), file=sys.stderr if to_stdout else sys.stdout)
        for path in written:
            print(say("plan.did.wrote", folder=path))
    _tell(found, failed, findings)
    return _code(found, failed)


def _cost(
    name: CostName,
    speed: float | None,
    acceleration: float | None,
    turn_radius: float | None,
    wind_from: float | None,
    wind_speed: float | None,
) -> "Cost":
    """The cost the options name; each option only where it has a meaning.

    Raises:
        Usage: CLI-034, an option is missing, or means nothing here. BadInput: COV-003, COV-011.
    """
    from atalaya.plan.coverage import Length, Ramped, Time
    from atalaya.plan.coverage.costs import positive as counted

    given = {
        "--speed": speed,
        "--acceleration": acceleration,
        "--turn-radius": turn_radius,
        "--wind-from": wind_from,
        "--wind-speed": wind_speed,
    }
    allowed = {
        "length": (),
        "time": ("--speed", "--turn-radius", "--wind-from", "--wind-speed"),
        "ramped": ("--speed", "--acceleration"),
    }[name]
    needed = {"length": (), "time": ("--speed",), "ramped": ("--speed", "--acceleration")}[name]
    for option, value in given.items():
        if (value is not None and option not in allowed) or (value is None and option in needed):
            raise Usage(
                "CLI-034",
                where=option,
                cost=name,
                needed=", ".join(needed) or "-",
                allowed=", ".join(allowed) or "-",
            )
    if speed is None:
        return Length()
    if acceleration is not None:
        return Ramped(speed, acceleration)
    if (wind_from is None) != (wind_speed is None):
        raise Usage(
            "CLI-034",
            where="--wind-speed" if wind_speed is None else "--wind-from",
            cost=name,
            needed="--speed, --wind-from + --wind-speed",
            allowed=", ".join(allowed),
        )
    turn_s = (
        0.0
        if turn_radius is None
        else QUARTER_TURN * counted("turn_radius_m", turn_radius) / counted("speed_ms", speed)
    )
    return Time(speed, _wind(wind_from, wind_speed), turn_s)


def _wind(from_deg: float | None, speed_ms: float | None) -> tuple[float, float]:
    """(east, north) blown to."""
    if from_deg is None or speed_ms is None:
        return 0.0, 0.0
    from atalaya.plan.flight.wind import vector_from

    east, north = vector_from(speed_ms, from_deg)
    return float(east), float(north)


def _shown(found: "list[Covered]", failed: list[tuple[str, AtalayaError]]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "areas": [each.as_json() for each in found],
        "errors": [{"name": name, "error": error.as_json()} for name, error in failed],
    }


def _table(found: "list[Covered]") -> list[str]:
    names = [printable(each.name)[:24] for each in found]
    wide = max([len(say("plan.cover.area")), *map(len, names)])
    heads = [
        say(f"plan.cover.{key}") for key in ("cost", "bound", "single", "lines", "covered", "left", "took")
    ]
    lines = [f"{say('plan.cover.area'):{wide}} " + " ".join(f"{head:>14}" for head in heads)]
    for name, each in zip(names, found, strict=True):
        unit = each.path.unit
        cells = [
            f"{each.path.cost:.1f} {unit}",
            f"{each.bound:.1f} {unit}",
            "-" if each.single is None else f"{each.single:.1f} {unit}",
            f"{each.path.lines}",
            f"{100.0 * each.path.covered_share:.2f} %",
            f"{figure(each.unreachable_m2)} m²",
            f"{each.seconds:.2f} s",
        ]
        lines.append(f"{name:{wide}} " + " ".join(f"{cell:>14}" for cell in cells))
    return lines


def _tell(found: "list[Covered]", failed: list[tuple[str, AtalayaError]], more: list[Any]) -> None:
    from atalaya.cli.main import report

    for each in found:
        for finding in each.findings:
            print(f"{finding.code}  {printable(each.name)}: {finding.message}", file=sys.stderr)
    for finding in more:
        print(f"{finding.code}  {finding.message}", file=sys.stderr)
    for name, error in failed:
        print(f"{printable(name)}:", file=sys.stderr)
        report(error, as_json=False)


def _code(found: "list[Covered]", failed: list[tuple[str, AtalayaError]]) -> int:
    if not failed:
        return 0
    return PartlyDone.exit_code if found else failed[0][1].exit_code
