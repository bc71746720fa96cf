"""A plan as the object that `--json` prints and plan.json holds."""

from typing import Any

import numpy as np
from shapely.geometry import mapping

from atalaya.base.clock import iso
from atalaya.campaign.planning.made_plan import LeftOut, MadePlan, PlannedSortie, RefusedSortie
from atalaya.campaign.planning.opening_words import opening_words
from atalaya.plan.waypoint import Waypoint
from atalaya.sensing.settings import SettingValue

SCHEMA = "atalaya.plan/1"


def plan_json(made: MadePlan) -> dict[str, Any]:
    """The `atalaya.plan/1` object."""
    request = made.request
    hours = made.flight_hours
    return {
        "schema": SCHEMA,
        "campaign": request.name,
        "question": request.question,
        "campaign_sha256": request.sha256,
        "as_known": iso(made.known_us),
        "seed": request.seed,
        "complete": made.complete,
        "expected": {
            "facilities": _number(made.before.expected),
            "finds": _number(made.expected_finds),
            "finds_per_flight_hour": _number(made.expected_finds / hours) if hours else 0.0,
            "bound": _number(made.bound),
            "of_bound": _number(made.expected_finds / made.bound) if made.bound > 0.0 else None,
            "one_more_hour_at_most": _number(made.price),
        },
        "flight_hours": _number(hours),
        "sorties": [sortie_json(each) for each in made.sorties],
        "refused": [_refused(each) for each in made.refused],
        "left_out": [_left_out(each, made) for each in made.left_out],
        "stated_in_file": sorted(made.stated),
    }


def sortie_json(planned: PlannedSortie) -> dict[str, Any]:
    """One sortie: times, fuel, legs, what it should find, what the law says."""
    sortie, path = planned.sortie, planned.sortie.path
    return {
        "id": sortie.id,
        "day": planned.day + 1,
        "platform": sortie.platform,
        "aircraft": sortie.aircraft,
        "base": sortie.base,
        "recovery": sortie.recovery,
        "start": iso(int(path.t_us[0])),
        "end": iso(int(path.t_us[-1])),
        "flight_hours": round(path.duration_s / 3600.0, 4),
        "fuel": {
            "loaded": _number(planned.fuel_loaded),
            "left": _number(planned.fuel_left),
            "reserve": _number(planned.reserve),
        },
        "expected_finds": _number(sortie.expected_finds),
        "search": _use(planned.use),
        "confirm": _use(planned.confirm),
        "law": planned.answer.as_json(),
        "waypoints": [_waypoint(number, point, planned) for number, point in enumerate(sortie.waypoints)],
    }


def _waypoint(number: int, point: Waypoint, planned: PlannedSortie) -> dict[str, Any]:
    path = planned.sortie.path
    row = min(int(np.searchsorted(path.waypoint, number)), len(path.t_us) - 1)
    task = point.task
    shown: dict[str, Any] = {
        "n": number,
        "lon_deg": round(point.lon_deg, 7),
        "lat_deg": round(point.lat_deg, 7),
        "height_msl_m": round(point.height_msl_m, 1),
        "kind": str(point.kind),
        "leg": str(point.leg),
        "time": iso(int(path.t_us[row])),
        "fuel": _number(float(path.fuel[row])),
        "airspeed_ms": point.airspeed_ms,
    }
    if point.label:
        shown["label"] = point.label
    if point.loiter_s or point.loiter_radius_m:
        shown |= {"loiter_s": point.loiter_s, "loiter_radius_m": point.loiter_radius_m}
    if task is not None:
        shown["task"] = {
            "sensor": task.sensor,
            "mode": task.mode,
            "bearing_relative_deg": task.bearing_relative_deg,
            "depression_deg": round(task.depression_deg, 2),
        }
        if task.trigger_m is not None:
            shown["task"]["trigger_m"] = task.trigger_m
    return shown


def _use(use: SettingValue) -> dict[str, Any]:
    setting = use.setting
    return {
        "sensor": setting.sensor,
        "mode": setting.mode,
        "depression_deg": setting.depression_deg,
        "height_agl_m": round(setting.height_agl_m, 1),
        "airspeed_ms": use.airspeed_ms,
        "swath_m": _number(use.swath_m),
        "sweep_width_m": _number(use.sweep_width_m),
        "chance": _number(use.chance),
        "hidden": _number(use.hidden),
        "gsd_m": _number(use.gsd_m),
        "niirs": _number(use.niirs),
    }


def _refused(each: RefusedSortie) -> dict[str, Any]:
    return {
        "id": each.id,
        "day": each.day + 1,
        "reasons": list(each.reasons),
        "law": None if each.answer is None else each.answer.as_json(),
    }


def _left_out(each: LeftOut, made: MadePlan) -> dict[str, Any]:
    return {
        "area": each.area,
        "states": list(each.states),
        "km2": _number(each.km2),
        "expected": _number(each.expected),
        "days": each.days,
        "volumes": list(each.volumes),
        "opens": opening_words(each.grounds, each.states, made.stated),
        "grounds": [ground.as_json() for ground in each.grounds[:20]],
        "geometry": mapping(each.geometry.simplify(1e-4)),
    }


def _number(value: float) -> float | None:
    """Six significant digits; None for no number."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
