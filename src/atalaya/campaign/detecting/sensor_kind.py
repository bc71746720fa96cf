"""What kind of sensor took a recording, as the recording says it."""

import re

from atalaya.footage.analyse import Analysis
from atalaya.footage.stills import Still

SOURCE_TAG = 11
_THERMAL = re.compile(
    r"\b(?:ir|lwir|mwir|swir|flir|thermal|infra\s?-?red|infrarrojo|térmica)\b", re.IGNORECASE
)


def sensor_kind(analysis: Analysis) -> str:
    """ "IR" where item 11 (image source sensor), or a photograph, names a thermal imager, else "EO"."""
    still = analysis.still
    if still is not None:
        # makers write it as one word: InfraredCamera
        said = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", still.image_source)
        return "IR" if any(_THERMAL.search(text) for text in (said, still.make, still.model)) else "EO"
    return "IR" if any(_THERMAL.search(text) for text in _stated(analysis, SOURCE_TAG)) else "EO"


def sortie_name(analysis: Analysis, sha256: str) -> str:
    """What tells a sortie from others: mission (item 3) and tail number (item 4); the clip itself without.

    Photographs: serial number, or make and model without one, and the day; two aircraft of one model on one
    day count as one, which claims less certainty than there may be.

    Clips of one sortie share the errors of its instruments, so that their places must not be averaged as if
    they were independent.
    """
    if analysis.still is not None:
        return _photographs(analysis.still, _day(analysis)) or sha256
    stated = [text for tag in (3, 4) for text in _stated(analysis, tag)[:1]]
    day = _day(analysis)
    return "/".join([*stated, day]) if stated else sha256


def _photographs(still: Still, day: str) -> str:
    """Of stills taken by one camera on one day; "" where either is not known."""
    camera = still.serial or f"{still.make} {still.model}".strip()
    # a camera's own clock tells days apart well enough, whatever its zone
    day = day or still.local_time[:10].replace(":", "-")
    return f"{camera}/{day}" if camera and day else ""


def _day(analysis: Analysis) -> str:
    from atalaya.base.clock import iso

    t_us = analysis.frames["t_us"].drop_null()
    return iso(t_us[0].as_py())[:10] if len(t_us) else ""


def _stated(analysis: Analysis, tag: int) -> list[str]:
    contents = analysis.main.contents.get(tag, {}) if analysis.main is not None else {}
    return [text.decode("utf-8", "replace").strip() for text in contents if text.strip()]
