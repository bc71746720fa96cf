"""Names of heights and speeds that carry their unit and, for heights, their datum: built from words, so that
`baro_altitude_ft`, `altitude_pressure_ft` and `ellipsoid_height_m` all mean what they say.

A name that sounds like a height or a speed and lacks one of the two is left aside and said so: a guess would
mix feet with metres, or pressure altitude with height above the ellipsoid.
"""

import re
from collections.abc import Iterable

FOOT_M = 0.3048
KNOT_MPS = 1852.0 / 3600.0

HEIGHT_WORDS = ("height", "altitude", "alt", "elevation")
"""What a height is called."""

DATUMS: dict[str, tuple[str, ...]] = {
    "height_hae_m": (
        "hae",
        "ellipsoid",
        "ellipsoidal",
        "wgs84",
        "geo",
        "geom",
        "geometric",
        "above_ellipsoid",
    ),
    "height_msl_m": ("msl", "amsl", "orthometric", "egm96", "egm2008", "above_msl", "mean_sea_level"),
    "height_pressure_m": ("pressure", "baro", "barometric", "qne", "std", "isa"),
}
"""Field -> words that state its datum. GPS or GNSS states none: receivers give either height under it."""

ALONE = ("hae", "msl", "amsl", "qne", "above_msl")
"""Datums that need no other word before the unit: `msl_ft`."""

HEIGHT_UNITS = {
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres", "mts", "metros"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "pies"), FOOT_M),
    "km": 1000.0,
}
"""Unit -> metres."""

SPEED_WORDS = ("ground_speed", "groundspeed", "gs", "speed", "speed_over_ground", "sog", "velocity")
"""What a speed over ground is called."""

SPEED_UNITS = {
    **dict.fromkeys(("mps", "m_s", "ms"), 1.0),
    **dict.fromkeys(("kt", "kts", "kn", "knot", "knots"), KNOT_MPS),
    **dict.fromkeys(("kmh", "km_h", "kph"), 1.0 / 3.6),
    "mph": 0.44704,
}
"""Unit -> metres per second."""

FLIGHT_LEVELS = ("flight_level", "flightlevel", "fl")
"""Hundreds of feet of pressure altitude."""

_HEIGHT = re.compile(
    r"(?:^|_)(?:alt|ele|elev|z|\w*altitude|\w*height|elevation|agl|hae|a?msl|qnh|qfe|qne)(?:_|$)"
)
_LEVEL = re.compile(r"(?:^|_)(?:fl|flight_?level|level)(?:_|\d|$)")
_SPEED = re.compile(r"(?:^|_)(?:gs|sog|velocity|\w*speed)(?:_|$)")
_OTHER = re.compile(
    r"vert|climb|rate|wind|air_?speed|tas|ias|mach|baud|signal|noise|battery|fuel|target|selected|nav_|mcp|fms"
    r"|terrain|ground_(?:height|level|elev)|home|bank|geoid_(?:height|sep)|undulation|accuracy|error|sigma|std_?dev"
)
"""Heights and speeds of something else, which nobody expects to be read as the aircraft's."""


def heights() -> dict[str, dict[str, float]]:
    """Field -> every plain name that means it -> factor to metres."""
    return {name: _names(words) for name, words in DATUMS.items()} | {
        "height_pressure_m": {
            **_names(DATUMS["height_pressure_m"]),
            **dict.fromkeys(FLIGHT_LEVELS, 100.0 * FOOT_M),
        }
    }


def speeds() -> dict[str, float]:
    """Every plain name of a speed over ground -> factor to metres per second."""
    return {f"{word}_{unit}": factor for word in SPEED_WORDS for unit, factor in SPEED_UNITS.items()}


def lacking(plain: str) -> str:
    """What a name that is not read lacks: "unit", "datum", "both", "meaning"; "" if no height or speed."""
    if _OTHER.search(plain):
        return ""
    parts = set(plain.split("_"))
    if _SPEED.search(plain):
        return "unit" if not _ends_in(plain, SPEED_UNITS) else "meaning"
    if not (_HEIGHT.search(plain) or _LEVEL.search(plain)):
        return ""
    unit = _ends_in(plain, HEIGHT_UNITS)
    words = [word for datum in DATUMS.values() for word in datum]
    datum = bool(parts & set(words)) or any(
        plain.startswith(word) for word in ("baro", "geoalt", "ellipsoid")
    )
    if unit:
        return "meaning" if datum or parts & {"agl", "qnh", "qfe"} else "datum"
    return "unit" if datum else "both"


def _names(datums: Iterable[str]) -> dict[str, float]:
    made: dict[str, float] = {}
    for unit, factor in HEIGHT_UNITS.items():
        for datum in datums:
            for word in HEIGHT_WORDS:
                made |= dict.fromkeys(
                    (f"{word}_{datum}_{unit}", f"{datum}_{word}_{unit}", f"{datum}{word}_{unit}"), factor
                )
            if datum in ALONE:
                made[f"{datum}_{unit}"] = factor
    return made


def _ends_in(plain: str, units: Iterable[str]) -> bool:
    return any(plain.endswith(f"_{unit}") for unit in units)
