"""`atalaya calibrate IMAGE... --gcp LIST --output C.json`: what the pictures of a sortie share."""

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from atalaya.base.errors import Usage
from atalaya.base.finding import Finding
from atalaya.base.language import figure, say
from atalaya.campaign.calibrations import SortieCalibration, calibrate_photographs, write_calibration
from atalaya.cli.guard import refuse_to_replace
from atalaya.earth.calibration import calibration_json

Datum = Literal["msl", "hae", "unknown"]


def calibrate(
    images: Annotated[list[str], Parameter(help=say("cli.calibrate.images"), negative="")],
    /,
    *,
    gcp: Annotated[Path, Parameter(help=say("cli.calibrate.gcp"))],
    output: Annotated[Path, Parameter(help=say("cli.calibrate.output"))],
    datum: Annotated[Datum, Parameter(help=say("cli.calibrate.datum"))] = "unknown",
    as_json: Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))] = False,
) -> int:
    """Calibrate a sortie."""
    if not images:
        raise Usage("CLI-005")
    refuse_to_replace([output], [*images, gcp])
    found = calibrate_photographs(images, gcp, datum)
    write_calibration(found.calibration, output)
    if as_json:
        print(json.dumps(json.loads(calibration_json(found.calibration)), ensure_ascii=False))
    else:
        print(_text(found, output))
    return 0


def _text(found: SortieCalibration, output: Path) -> str:
    result = found.calibration
    points = len(result.points)
    lines = [say("calibrate.looks", looks=result.looks, marks=result.marks, points=points)]
    lines += [
        f"  {state.name:20} {figure(state.value):>9} ± {figure(state.sd)}"
        for state in result.states
        if state.status == "estimated"
    ]
    if result.held_out is not None:
        before, after = result.held_out.before.median_m, result.held_out.after.median_m
        lines.append("  " + say("calibrate.held_out", before=figure(before), after=figure(after)))
    lines += [
        "  " + say("calibrate.flagged", look=flagged.look, why=f"{figure(flagged.miss_m)} m")
        for flagged in result.flagged
    ]
    lines += [_finding(finding) for finding in (*found.left_out, *result.findings)]
    verdict = say("calibrate.accepted") if result.accepted else say("calibrate.refused")
    return "\n".join([*lines, f"  {verdict}: {output}"])


def _finding(finding: Finding) -> str:
    where = f" [{finding.where}]" if finding.where else ""
    return f"  {finding.code}  {finding.message}{where}"
