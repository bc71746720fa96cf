"""plan.json read back into sorties: what `plan_json` wrote, as the nouns that exports and flights take."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.base.clock import EPOCH
from atalaya.base.errors import BadInput
from atalaya.campaign.planning.flown import planned_sortie, read_plan
from atalaya.plan.exports import Fence, Home, read_mission
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.sortie import Sortie
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind


@dataclass(frozen=True)
class ReadSortie:
    """A sortie of a plan's folder.

    Args:
        sortie: its path has one row per waypoint: time and fuel when the leg there begins.
        fence: of the mission that lies beside the plan; None where none does.
        law: verdict of the gates when it was planned.
        base: where it took off, of a sortie that begins in the air; None for its first waypoint.
    """

    sortie: Sortie
    fence: Fence | None
    law: str
    base: Home | None = None

    @property
    def home(self) -> Home:
        """Where it takes off, the zero of relative heights."""
        if self.base is not None:
            return self.base
        first = self.sortie.waypoints[0]
        return Home(first.lon_deg, first.lat_deg, first.height_msl_m)


def read_sorties(folder: Path, ids: tuple[str, ...] = ()) -> list[ReadSortie]:
    """The sorties of a plan's folder, in order.

    Args:
        ids: only these; all when empty.

    Raises:
        NotFound: PLN-012 no plan there, PLN-005 no sortie of that id.
        BadInput: PLN-013, it is none this program wrote; XPT-0xx, the mission beside it is damaged.
    """
    plan = read_plan(folder)
    where = str(folder)
    if not isinstance(plan.get("sorties"), list) or not all(
        isinstance(each, dict) and isinstance(each.get("id"), str) for each in plan["sorties"]
    ):
        raise BadInput("PLN-013", where=where, detail="sorties")
    chosen = [planned_sortie(plan, each) for each in ids] if ids else plan["sorties"]
    return [_read(each, folder) for each in chosen]


def _read(found: Mapping[str, Any], folder: Path) -> ReadSortie:
    try:
        sortie = sortie_of_json(found)
        verdict = str(found["law"]["verdict"])
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        detail = f"{found['id']}: {type(error).__name__} {error}"[:120]
        raise BadInput("PLN-013", where=str(folder), detail=detail) from error
    beside = (folder if folder.is_dir() else folder.parent) / f"{Path(sortie.id).name}.plan"
    return ReadSortie(sortie, read_mission(beside).fence if beside.is_file() else None, verdict)


def sortie_of_json(found: Mapping[str, Any]) -> Sortie:
    """One sortie of `atalaya.plan/1`.

    Raises:
        KeyError, TypeError, ValueError: it is not as `sortie_json` writes it.
    """
    rows = found["waypoints"]
    points = tuple(_waypoint(row) for row in rows)
    if len(points) < 2:
        raise ValueError("waypoints")
    lon, lat, height = np.array([(p.lon_deg, p.lat_deg, p.height_msl_m) for p in points], np.float64).T
    path = FlightPath(
        np.array([_t_us(row["time"]) for row in rows], np.int64),
        lon,
        lat,
        height,
        np.array([math.nan if row["fuel"] is None else float(row["fuel"]) for row in rows]),
        np.arange(len(rows)),
    )
    name, platform, aircraft, base, recovery = (
        str(found[key]) for key in ("id", "platform", "aircraft", "base", "recovery")
    )
    finds = float(found["expected_finds"] or 0.0)
    return Sortie(name, platform, aircraft, base, recovery, points, path, finds)


def _waypoint(row: Mapping[str, Any]) -> Waypoint:
    lon, lat, height = (float(row[key]) for key in ("lon_deg", "lat_deg", "height_msl_m"))
    if not math.isfinite(lon + lat + height) or abs(lon) > 180.0 or abs(lat) > 90.0:
        raise ValueError(f"waypoint {row.get('n')}")
    speed, task = row.get("airspeed_ms"), row.get("task")
    return Waypoint(
        lon,
        lat,
        height,
        kind=WaypointKind(row["kind"]),
        leg=LegKind(row["leg"]),
        task=None if task is None else _task(task),
        loiter_s=float(row.get("loiter_s", 0.0)),
        loiter_radius_m=float(row.get("loiter_radius_m", 0.0)),
        airspeed_ms=None if speed is None else float(speed),
        label=str(row.get("label", "")),
    )


def _task(found: Mapping[str, Any]) -> SensorTask:
    trigger = found.get("trigger_m")
    return SensorTask(
        str(found["sensor"]),
        str(found["mode"]),
        float(found["bearing_relative_deg"]),
        float(found["depression_deg"]),
        None if trigger is None else float(trigger),
    )


def _t_us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)
