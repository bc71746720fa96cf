"""`atalaya locate-pixel CLIP --frame N --px X Y`: a place on the ground with its error."""

import json
import math
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from atalaya import __version__
from atalaya.base.errors import BadInput, Usage
from atalaya.base.hashing import sha256_file
from atalaya.base.language import say
from atalaya.campaign.calibrated import read_calibration
from atalaya.campaign.locate_pixel import locate_pixel as place_pixel
from atalaya.campaign.registering import ReferencePicture
from atalaya.cli.terrain_option import Dem, DemDatum, open_terrain
from atalaya.footage.analyse import Reading
from atalaya.footage.clip import Clip

WIDTH = 10


def locate_pixel(
    file: Annotated[str, Parameter(help=say("cli.locate.file"))],
    /,
    *,
    frame: Annotated[int, Parameter(help=say("cli.locate.frame"))] = 0,
    px: Annotated[tuple[float, float] | None, Parameter(negative="", help=say("cli.locate.px"))] = None,
    dem: Dem = None,
    dem_datum: DemDatum = None,
    reference: Annotated[Path | None, Parameter(help=say("cli.locate.reference"))] = None,
    reference_error: Annotated[float, Parameter(help=say("cli.locate.reference_error"))] = 3.0,
    calibration: Annotated[Path | None, Parameter(help=say("cli.locate.calibration"))] = None,
    as_recorded: Annotated[bool, Parameter(negative="", help=say("cli.exploit.as_recorded"))] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))] = False,
) -> int:
    """Place a pixel."""
    if not 0.0 < reference_error < math.inf:
        raise Usage("CLI-009", where="--reference-error", value=reference_error)
    picture = None if reference is None else ReferencePicture(reference, reference_error)
    with Clip.open(file) as clip:
        reading = Reading(as_recorded=as_recorded)
        known = None if calibration is None else read_calibration(calibration)
        found = place_pixel(clip, frame, px, open_terrain(dem, dem_datum), reading, picture, known)
        source = {
            "file": clip.path.name,
            "sha256": sha256_file(clip.path),
            "program": f"atalaya {__version__}",
        }
    shown = {**found.as_json(), **source}
    print(json.dumps(shown, ensure_ascii=False) if as_json else _text(shown))
    return 0 if found.found else BadInput.exit_code


def _text(shown: dict[str, Any]) -> str:
    place = shown["place"]
    if place is None:
        return say("locate.none", status=shown["status"])
    heights = say("locate.heights", hae=place["height_hae_m"], msl=place["height_msl_m"])
    lines = [
        _line("locate.place", _degrees(place) + (f", {shown['time']}" if shown["time"] else "")),
        _line("locate.height", heights),
        _line(
            "locate.error", say("locate.ce90", ce90=f"{shown['ce90_m']:.1f}", le90=f"{shown['le90_m']:.1f}")
        ),
    ]
    first, *others = shown["parts"]
    ellipse = say(
        "locate.ellipse",
        major=f"{first['semi_major_m']:.1f}",
        minor=f"{first['semi_minor_m']:.1f}",
        azimuth=f"{first['azimuth_deg']:.0f}",
    )
    lines.append(" " * (WIDTH + 3) + ellipse)
    for part in others:
        share = f"{100 * part['weight']:.0f}"
        lines.append(" " * (WIDTH + 3) + say("locate.part", place=_degrees(part), share=share))
    lines.append(_line("locate.ground", f"{shown['ground']} ({shown['status']})"))
    if shown["registration"] is not None:
        lines.append(_line("locate.registered", _registered(shown["registration"])))
    lines.append(_line("locate.method", shown["method"]))
    lines.append(_line("locate.assumed", ", ".join(shown["assumed"]) or "-"))
    return "\n".join(lines)


def _registered(registration: dict[str, Any]) -> str:
    if registration["accepted"]:
        return say("locate.registration_yes", ties=registration["ties"])
    return say("locate.registration_no", why=registration["reason"]["message"])


def _degrees(place: dict[str, Any]) -> str:
    return f"{place['lat_deg']:.7f}, {place['lon_deg']:.7f} (WGS 84)"


def _line(key: str, text: str) -> str:
    return f"  {say(key):{WIDTH}} {text}"
