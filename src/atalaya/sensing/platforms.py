"""Profiles of platforms: those that come with the program, and a user's own in a TOML file of the same
form.
"""

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from atalaya.base.errors import BadInput, NotFound
from atalaya.sensing.platform import FieldOfView, Platform, Sensor, Tank
from atalaya.sensing.unarmed import SENSOR_KINDS, require_sensors_only

SOURCE_CLASSES = ("official", "maker", "press", "computed", "assumed")

LARGEST_FILE = 1_000_000
"""Bytes; a file of platforms is a few kilobytes."""

_FILE = "platforms.toml"
_FIGURES = {
    "empty_kg": (0.01, 500_000.0),
    "payload_kg": (0.0, 100_000.0),
    "loiter_ms": (0.1, 340.0),
    "cruise_ms": (0.1, 340.0),
    "climb_ms": (0.01, 100.0),
    "descent_ms": (0.01, 100.0),
    "ceiling_msl_m": (1.0, 30_000.0),
    "bank_deg": (1.0, 75.0),
}
_TANK = {
    "capacity": (1e-3, 1e6),
    "coefficient": (1e-12, 1e6),
    "mass_exponent": (0.0, 4.0),
    "cruise_factor": (0.05, 20.0),
    "climb_factor": (0.05, 20.0),
    "reserve_share": (0.0, 0.95),
}
_SENSOR = {
    "rer": (1e-3, 2.0),
    "snr": (1e-3, 1e6),
    "frame_rate_hz": (1e-4, 1e5),
    "slew_deg_s": (0.0, 1e4),
    "slew_deg_s2": (0.0, 1e6),
    "lowest_deg": (-90.0, 90.0),
    "highest_deg": (-90.0, 90.0),
}
_KEYS = {"name", "label_en", "label_es", "like", "tank", "sensor", "sources", *_FIGURES}


def platforms() -> tuple[Platform, ...]:
    """All platforms that come with the program."""
    return _packaged()


def platform(name: str) -> Platform:
    """One of them.

    Raises:
        NotFound: SNS-001, there is none of that name.
    """
    for one in platforms():
        if one.name == name:
            return one
    raise NotFound("SNS-001", name=name, names=", ".join(one.name for one in platforms()))


def read_platform(path: Path | str, name: str | None = None) -> Platform:
    """A platform of a user's own file: `[[platform]]` tables as in the packaged one.

    `like = "mq9a"` takes what is not said from a packaged platform, or from one earlier in the file. A value
    without a source counts as "assumed".

    Args:
        name: which of several; the first when None.

    Raises:
        NotFound: SNS-001, the file holds none of that name; SNS-005, there is no such file.
        BadInput: SNS-002, no TOML; SNS-003, a value is missing, unknown or out of range.
        NotAuthorised: SNS-004, it names something that is no sensor.
    """
    found = read_platforms(path)
    for one in found:
        if name is None or one.name == name:
            return one
    raise NotFound("SNS-001", where=str(path), name=name, names=", ".join(one.name for one in found))


def read_platforms(path: Path | str) -> tuple[Platform, ...]:
    """All platforms of a user's own file; errors as `read_platform`."""
    where = str(path)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise NotFound("SNS-005", where=where, detail=error.strerror or str(error)) from error
    if len(raw) > LARGEST_FILE:
        raise BadInput("SNS-002", where=where, detail=f"{len(raw)} bytes")
    return _parsed(raw, where, {one.name: _as_entry(one) for one in platforms()})


@cache
def _packaged() -> tuple[Platform, ...]:
    return _parsed((files("atalaya.sensing") / _FILE).read_bytes(), _FILE, {})


def _parsed(raw: bytes, where: str, known: dict[str, dict[str, Any]]) -> tuple[Platform, ...]:
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput("SNS-002", where=where, detail=str(error)[:200]) from error
    require_sensors_only(table, where=where)
    entries = table.get("platform")
    if not isinstance(entries, list) or not entries or set(table) != {"platform"}:
        raise BadInput("SNS-003", where=where, key="[[platform]]", detail=", ".join(map(str, table))[:80])
    found: dict[str, Platform] = {}
    for number, entry in enumerate(entries, 1):
        here = f"{where}, platform {number}"
        if not isinstance(entry, dict):
            raise BadInput("SNS-003", where=here, key="platform", detail=str(entry)[:80])
        full = _completed(entry, known, here)
        one = _platform(full, here)
        if one.name in found:
            raise BadInput("SNS-003", where=here, key="name", detail=one.name)
        found[one.name] = one
        known[one.name] = full
    return tuple(found.values())


def _completed(entry: dict[str, Any], known: Mapping[str, dict[str, Any]], where: str) -> dict[str, Any]:
    """With what `like` gives."""
    like = entry.get("like")
    if like is None:
        return entry
    if not isinstance(like, str) or like not in known:
        raise BadInput("SNS-003", where=where, key="like", detail=str(like)[:80])
    base = known[like]
    merged = {**base, **entry}
    for part in ("tank", "sources"):
        mine = entry.get(part, {})
        if not isinstance(mine, dict):
            raise BadInput("SNS-003", where=where, key=part, detail=str(mine)[:80])
        merged[part] = {**base[part], **mine}
    return merged


def _platform(entry: Mapping[str, Any], where: str) -> Platform:
    _only(entry, _KEYS, where)
    name = _text(entry, "name", where)
    sensors = tuple(_sensor(one, where) for one in _tables(entry, "sensor", where))
    if len({one.name for one in sensors}) != len(sensors):
        raise BadInput("SNS-003", where=where, key="sensor.name", detail="twice")
    english = _text(entry, "label_en", where) if "label_en" in entry else name
    return Platform(
        name=name,
        labels={"en": english, "es": _text(entry, "label_es", where) if "label_es" in entry else english},
        tank=_tank(entry.get("tank"), where),
        sensors=sensors,
        sources=_sources(entry.get("sources", {}), sensors, where),
        **{key: _figure(entry, key, span, where) for key, span in _FIGURES.items()},
    )


def _tank(entry: object, where: str) -> Tank:
    if not isinstance(entry, dict):
        raise BadInput("SNS-003", where=where, key="tank", detail=str(entry)[:80])
    _only(entry, {"unit", *_TANK}, where)
    unit = entry.get("unit")
    if unit not in ("kg", "Wh"):
        raise BadInput("SNS-003", where=where, key="tank.unit", detail=str(unit)[:80])
    needed = {key: span for key, span in _TANK.items() if key in entry or key in ("capacity", "coefficient")}
    return Tank(unit, **{key: _figure(entry, key, span, where) for key, span in needed.items()})


def _sensor(entry: Mapping[str, Any], where: str) -> Sensor:
    _only(entry, {"name", "kind", "modes", *_SENSOR}, where)
    kind = _text(entry, "kind", where)
    if kind not in SENSOR_KINDS:
        raise BadInput("SNS-003", where=where, key="sensor.kind", detail=f"{kind}: {sorted(SENSOR_KINDS)}")
    modes = entry.get("modes")
    if not isinstance(modes, list) or not modes:
        raise BadInput("SNS-003", where=where, key="sensor.modes", detail=str(modes)[:80])
    seen = tuple(sorted((_mode(one, where) for one in modes), key=lambda one: -one.horizontal_deg))
    figures = {key: _figure(entry, key, span, where) for key, span in _SENSOR.items() if key in entry}
    for key in ("rer", "snr"):
        if key not in figures:
            raise BadInput("SNS-003", where=where, key=f"sensor.{key}", detail="?")
    return Sensor(_text(entry, "name", where), kind, seen, **figures)


def _mode(entry: object, where: str) -> FieldOfView:
    if not isinstance(entry, list) or len(entry) != 5 or not isinstance(entry[0], str):
        raise BadInput("SNS-003", where=where, key="sensor.modes", detail=str(entry)[:80])
    across, along = (_figure({"modes": value}, "modes", (1e-4, 179.0), where) for value in entry[1:3])
    columns, rows = (_figure({"modes": value}, "modes", (1.0, 1e6), where) for value in entry[3:5])
    return FieldOfView(entry[0], across, along, int(columns), int(rows))


def _sources(entry: object, sensors: tuple[Sensor, ...], where: str) -> dict[str, str]:
    """Where each value is from; "assumed" for those that nothing is said of."""
    if not isinstance(entry, dict):
        raise BadInput("SNS-003", where=where, key="sources", detail=str(entry)[:80])
    own = [f"{one.name}.{key}" for one in sensors for key in ("modes", *_SENSOR)]
    wanted = [*_FIGURES, *(f"tank.{key}" for key in _TANK), *own]
    for key, source in entry.items():
        if not isinstance(source, str) or source.split(":")[0].strip() not in SOURCE_CLASSES:
            raise BadInput("SNS-003", where=where, key=f"sources.{key}", detail=str(source)[:80])
    return {key: str(entry.get(key, "assumed")) for key in wanted}


def _tables(entry: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    value = entry.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise BadInput("SNS-003", where=where, key=f"[[platform.{key}]]", detail=str(value)[:80])
    return value


def _only(entry: Mapping[str, Any], keys: set[str], where: str) -> None:
    strange = sorted(set(entry) - keys)
    if strange:
        raise BadInput("SNS-003", where=where, key=strange[0][:80], detail=", ".join(sorted(keys)))


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise BadInput("SNS-003", where=where, key=key, detail=str(value)[:80])
    return value


def _figure(entry: Mapping[str, Any], key: str, span: tuple[float, float], where: str) -> float:
    value = entry.get(key)
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if not numeric or not math.isfinite(value) or not span[0] <= value <= span[1]:  # type: ignore[arg-type,operator]
        shown = f"{value!s:.40}: {span[0]:g} ... {span[1]:g}"
        raise BadInput("SNS-003", where=where, key=key, detail=shown)
    return float(value)  # type: ignore[arg-type]


def _as_entry(one: Platform) -> dict[str, Any]:
    """A packaged platform as a table, for `like`."""
    sensors = [
        {
            "name": sensor.name,
            "kind": sensor.kind,
            "modes": [
                [mode.name, mode.horizontal_deg, mode.vertical_deg, mode.columns, mode.rows]
                for mode in sensor.modes
            ],
            **{key: getattr(sensor, key) for key in _SENSOR},
        }
        for sensor in one.sensors
    ]
    tank = {"unit": one.tank.unit, **{key: getattr(one.tank, key) for key in _TANK}}
    labels = {"label_en": one.labels["en"], "label_es": one.labels["es"]}
    figures = {key: getattr(one, key) for key in _FIGURES}
    return {
        "name": one.name,
        **labels,
        **figures,
        "tank": tank,
        "sensor": sensors,
        "sources": dict(one.sources),
    }
