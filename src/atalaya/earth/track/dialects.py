"""Column names of tracks: our own, common synonyms that carry their unit, and three known dialects of ADS-B.

A name without unit or datum (`altitude`, `speed`) is read only in a dialect that fixes its meaning;
elsewhere it is left aside and said so, because a guess would mix datums.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from atalaya.base.errors import BadInput
from atalaya.earth.track.column_names import FOOT_M, KNOT_MPS, heights, lacking, speeds

OWN = (
    *("aircraft", "callsign", "t_us", "lon_deg", "lat_deg"),
    *("height_hae_m", "height_msl_m", "height_pressure_m"),
    *("ground_speed_mps", "on_ground", "position_age_s", "containment_m", "nac_p", "nic"),
)
"""Columns of our own tables, in order."""

# field -> names that mean it and nothing else, with the factor to its unit
_PLAIN: dict[str, dict[str, float]] = {
    "aircraft": dict.fromkeys(
        (
            "aircraft",
            "icao24",
            "icao",
            "hex",
            "icao_address",
            "mode_s",
            "tail",
            "tail_number",
            "registration",
        ),
        1.0,
    ),
    "callsign": dict.fromkeys(("callsign", "call_sign", "flight", "ident"), 1.0),
    "t": dict.fromkeys(
        (
            *("t_us", "time_us", "timestamp_us", "t_ms", "time_ms", "timestamp_ms", "t_s", "time_s"),
            *("timestamp", "time", "datetime", "date_time", "utc", "time_utc", "timestamp_utc", "utc_time"),
            *("datetime_utc", "epoch", "unix_time", "epoch_s", "epoch_ms", "t"),
        ),
        1.0,
    ),
    "lon_deg": dict.fromkeys(("lon_deg", "longitude_deg", "lon", "lng", "long", "longitude"), 1.0),
    "lat_deg": dict.fromkeys(("lat_deg", "latitude_deg", "lat", "latitude"), 1.0),
    **heights(),
    "ground_speed_mps": speeds(),
    "on_ground": dict.fromkeys(("on_ground", "onground", "is_on_ground"), 1.0),
    "position_age_s": dict.fromkeys(("position_age_s", "pos_age_s"), 1.0),
    "containment_m": dict.fromkeys(("containment_m", "rc_m", "hpl_m", "epu_m"), 1.0),
    "nac_p": dict.fromkeys(("nac_p", "nacp"), 1.0),
    "nic": {"nic": 1.0},
    "last_position": dict.fromkeys(("last_position", "lastposupdate"), 1.0),
}

_TRAFFIC = {  # the Python package traffic: feet, knots
    "height_pressure_m": {"altitude": FOOT_M, "baroaltitude": FOOT_M},
    "height_hae_m": {"geoaltitude": FOOT_M},
    "ground_speed_mps": {"groundspeed": KNOT_MPS},
}
_OPENSKY = {  # OpenSky state vectors: metres, metres per second
    "height_pressure_m": {"baroaltitude": 1.0},
    "height_hae_m": {"geoaltitude": 1.0},
    "ground_speed_mps": {"velocity": 1.0},
}
_READSB = {  # readsb, tar1090: feet, knots
    "height_pressure_m": {"alt_baro": FOOT_M},
    "height_hae_m": {"alt_geom": FOOT_M},
    "ground_speed_mps": {"gs": KNOT_MPS},
    "containment_m": {"rc": 1.0},
}
_FRAMES = {  # our own table of frames
    "lon_deg": {"sensor_lon_deg": 1.0},
    "lat_deg": {"sensor_lat_deg": 1.0},
    "height_hae_m": {"sensor_height_hae_m": 1.0},
    "height_msl_m": {"sensor_height_msl_m": 1.0},
}


@dataclass(frozen=True)
class Columns:
    """Which source column holds each field.

    names: field -> source column. factors: field -> what its numbers are multiplied with
    unclear: columns left aside -> what their names lack: "unit", "datum", "both" or a known "meaning"
    dialect: "own", "traffic", "opensky", "readsb" or "frames"
    """

    names: dict[str, str]
    factors: dict[str, float] = field(default_factory=dict)
    unclear: dict[str, str] = field(default_factory=dict)
    dialect: str = "own"


def columns_of(names: Iterable[str], where: str = "") -> Columns:
    """Find the fields of a track among column names (letter case, spaces and dashes do not matter).

    Raises:
        BadInput: TRK-003, no column for time, longitude or latitude; TRK-006, two that could be one of them.
    """
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(_plain(name), name)
    dialect, extra = _dialect(by_plain)
    found, factors = {}, {}
    for field_name in {**_PLAIN, **extra}:
        meanings = {**_PLAIN.get(field_name, {}), **extra.get(field_name, {})}
        hits = [plain for plain in meanings if plain in by_plain]
        if len(hits) > 1 and field_name in ("lon_deg", "lat_deg"):
            raise BadInput("TRK-006", where=where, one=by_plain[hits[0]], other=by_plain[hits[1]])
        if hits:
            found[field_name], factors[field_name] = by_plain[hits[0]], meanings[hits[0]]
    for field_name in ("t", "lon_deg", "lat_deg"):
        if field_name not in found:
            raise BadInput("TRK-003", where=where, missing=field_name, names=", ".join(by_plain)[:200])
    unclear = {}
    if dialect != "frames":  # our own table names many heights, of other things too
        left = {plain: name for plain, name in by_plain.items() if name not in found.values()}
        unclear = {name: lack for plain, name in left.items() if (lack := lacking(plain))}
    return Columns(found, factors, unclear, dialect)


def _dialect(names: Iterable[str]) -> tuple[str, dict[str, dict[str, float]]]:
    have = set(names)
    if {"sensor_lon_deg", "sensor_lat_deg"} <= have:
        return "frames", _FRAMES
    if {"alt_baro", "alt_geom", "gs"} & have and {"hex", "icao", "nac_p", "rc", "alt_geom"} & have:
        return "readsb", _READSB
    if {"velocity", "baroaltitude"} <= have:
        return "opensky", _OPENSKY
    if {"groundspeed", "altitude", "icao24"} <= have:
        return "traffic", _TRAFFIC
    return "own", {}


def _plain(name: str) -> str:
    """Lower case, every run of other signs an underscore: `Altitude MSL (ft)` is altitude_msl_ft."""
    return re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_") or name
