"""An altitude band and its datum: `FL180-FL250`, `1000-3000 m msl`; other datums never compare."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from atalaya.base.errors import BadInput

AltitudeDatum = Literal["hae", "msl", "pressure"]
"""`hae` above the ellipsoid WGS 84; `msl` above EGM96; `pressure` above 1013.25 hPa (flight levels, QNE)."""

FOOT_M = 0.3048
FLIGHT_LEVEL_M = 100 * FOOT_M

_LEVELS = re.compile(
    r"(?:FL ?(\d{1,3})|SFC|GND)\s*(?:-|to)\s*(?:FL ?(\d{1,3})|UNL)", re.ASCII | re.IGNORECASE
)
_METRES = re.compile(
    r"(-?\d{1,6}(?:\.\d+)?)\s*(?:-|to)\s*(-?\d{1,6}(?:\.\d+)?)\s*(m|ft)\s*(hae|msl)", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class AltitudeBand:
    """Altitudes from `lowest_m` to `highest_m`, both included; infinite where the band is open.

    Args:
        lowest_m, highest_m: metres in `datum`.
        datum: what they are counted from.
        text: as the document states it.
    """

    lowest_m: float
    highest_m: float
    datum: AltitudeDatum
    text: str


def parse_band(text: str, *, where: str = "") -> AltitudeBand:
    """Read `FL180-FL250`, `SFC-FL100`, `FL245-UNL`, `1000-3000 m msl`, `3000-9000 ft hae`.

    Feet and metres need their datum; a level is pressure altitude by definition (ICAO Annex 2).

    Raises:
        BadInput: LED-002, it is no such band, or its top lies below its bottom.
    """
    levels, metres = _LEVELS.fullmatch(text.strip()), _METRES.fullmatch(text.strip())
    if levels:
        low = float(levels[1]) * FLIGHT_LEVEL_M if levels[1] else -math.inf
        high = float(levels[2]) * FLIGHT_LEVEL_M if levels[2] else math.inf
        band = AltitudeBand(low, high, "pressure", text.strip())
    elif metres:
        unit = FOOT_M if metres[3].lower() == "ft" else 1.0
        datum: AltitudeDatum = "hae" if metres[4].lower() == "hae" else "msl"
        band = AltitudeBand(float(metres[1]) * unit, float(metres[2]) * unit, datum, text.strip())
    else:
        raise BadInput("LED-002", where=where, value=text[:60])
    if band.highest_m < band.lowest_m:
        raise BadInput("LED-002", where=where, value=text[:60])
    return band
