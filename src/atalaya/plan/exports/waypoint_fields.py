"""A waypoint's words and numbers by name, for formats with named properties, and back."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from atalaya.base.errors import BadInput
from atalaya.plan.exports.source import number
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind

T = TypeVar("T", WaypointKind, LegKind)

TASK = tuple(field.name for field in fields(SensorTask))
NAMES = ("kind", "leg", "label", "loiter_s", "loiter_radius_m", "airspeed_ms", *TASK)


def waypoint_fields(point: Waypoint) -> dict[str, Any]:
    """All but place and height; what has no value is left out."""
    task = point.task
    found: dict[str, Any] = {
        "kind": str(point.kind),
        "leg": str(point.leg),
        "label": point.label,
        "loiter_s": point.loiter_s,
        "loiter_radius_m": point.loiter_radius_m,
        "airspeed_ms": point.airspeed_ms,
    }
    if task is not None:
        found |= {name: getattr(task, name) for name in TASK}
    return {name: value for name, value in found.items() if value not in (None, "", 0.0) or name == "sensor"}


def waypoint_of_fields(
    lon_deg: float, lat_deg: float, height_msl_m: float, given: Mapping[str, Any], where: str
) -> Waypoint:
    """The waypoint such words and numbers mean.

    Raises:
        BadInput: XPT-004, XPT-005, values that no waypoint has.
    """
    airspeed = given.get("airspeed_ms")
    return Waypoint(
        lon_deg,
        lat_deg,
        height_msl_m,
        _word(WaypointKind, given.get("kind", WaypointKind.FLY), "kind", where),
        _word(LegKind, given.get("leg", LegKind.TRANSIT), "leg", where),
        _task(given, where),
        number(given.get("loiter_s", 0.0), "loiter_s", where),
        number(given.get("loiter_radius_m", 0.0), "loiter_radius_m", where),
        None if airspeed is None else number(airspeed, "airspeed_ms", where),
        str(given.get("label", "")),
    )


def _word(kind: type[T], value: object, name: str, where: str) -> T:
    try:
        return kind(str(value))
    except ValueError as error:
        raise BadInput("XPT-005", where=where, name=name, value=str(value)[:60]) from error


def _task(given: Mapping[str, Any], where: str) -> SensorTask | None:
    if "sensor" not in given:
        return None
    trigger = given.get("trigger_m")
    trigger_m = None if trigger is None else number(trigger, "trigger_m", where)
    return SensorTask(
        str(given["sensor"]),
        str(given.get("mode", "")),
        number(given.get("bearing_relative_deg", 0.0), "bearing_relative_deg", where),
        number(given.get("depression_deg", 0.0), "depression_deg", where),
        None if trigger_m is None or math.isnan(trigger_m) else trigger_m,
    )
