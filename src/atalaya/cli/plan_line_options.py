"""Options of the verbs that make a line to fly: places, files, heights."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from atalaya.base.errors import Usage
from atalaya.base.language import say

if TYPE_CHECKING:
    from atalaya.campaign.planning_verbs.line_files import Writing

Output = Annotated[
    str, Parameter(name=("--output", "-o"), help=say("cli.plan.line.output"), allow_leading_hyphen=True)
]
Height = Annotated[float | None, Parameter(name="--height", help=say("cli.plan.line.height"))]
HomePlace = Annotated[
    str, Parameter(name="--home", help=say("cli.plan.line.home"), allow_leading_hyphen=True)
]
Trigger = Annotated[float | None, Parameter(name="--trigger", help=say("cli.plan.line.trigger"))]
Planar = Annotated[bool, Parameter(name="--planar", negative="", help=say("cli.plan.line.planar"))]

STDOUT = "-"


def numbers(option: str, text: str, wanted: str) -> tuple[float, ...]:
    """Numbers joined with commas, as many as `wanted` names, for example "LON,LAT".

    Raises:
        Usage: CLI-023, other text; CLI-021, not finite, or LON,LAT that is no place.
    """
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise Usage("CLI-023", where=option, value=text, wanted=wanted) from error
    if len(found) != wanted.count(",") + 1:
        raise Usage("CLI-023", where=option, value=text, wanted=wanted)
    on_earth = not wanted.startswith("LON,LAT") or (abs(found[0]) <= 180.0 and abs(found[1]) <= 90.0)
    if not on_earth or not all(math.isfinite(part) for part in found):
        raise Usage("CLI-021", where=option)
    return found


def place_of(option: str, text: str, *, planar: bool) -> tuple[float, float] | None:
    """LON,LAT or X,Y; None for no text.

    Raises:
        Usage: as `numbers`.
    """
    if not text:
        return None
    first, second = numbers(option, text, "X,Y" if planar else "LON,LAT")
    return first, second


def target_of(
    output: str, writing: "Writing", inputs: list[Path], *, planar: bool, heights: bool = False
) -> Path | None:
    """The file to write; None for standard output or no file.

    Raises:
        Usage: CLI-019, CLI-020, XPT-008, CLI-030.
    """
    from atalaya.campaign.planning_verbs.line_files import checked_suffix
    from atalaya.cli.guard import refuse_to_replace

    if output in ("", STDOUT):
        return None
    path = Path(output)
    checked_suffix(path, writing, planar=planar, heights=heights)
    refuse_to_replace([path], list(inputs))
    return path


def writing_of(height: float | None, home: str, trigger: float | None) -> "Writing":
    """What a file needs that a line does not say.

    Raises:
        Usage: CLI-009, CLI-021, CLI-023.
    """
    from atalaya.campaign.planning_verbs.line_files import Writing
    from atalaya.cli.guard import positive
    from atalaya.plan.exports import Home

    positive("--trigger", trigger)
    if height is not None and not math.isfinite(height):
        raise Usage("CLI-009", where="--height", value=height)
    place = Home(*numbers("--home", home, "LON,LAT,HEIGHT")) if home else None
    return Writing(height, place, trigger)
