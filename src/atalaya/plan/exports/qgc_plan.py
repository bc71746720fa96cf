"""QGroundControl plan files, written.

Source: QGroundControl developer guide, "Plan file format" (fileType "Plan", version 1; mission, geoFence and
rallyPoints version 2).
"""

import json
import math
from typing import Any

from atalaya.plan.exports.mission import Autopilot, Frame, Mission, MissionItem

FORMAT = "QGroundControl .plan"

ALTITUDE_MODE = {Frame.RELATIVE: 1, Frame.MSL: 2, Frame.TERRAIN: 4}
"""QGroundControlQmlGlobal::AltMode; 3 is above mean sea level again, once computed from terrain."""

MIXED = 0
FIXED_WING = 1


def plan_bytes(mission: Mission) -> bytes:
    """The file; the caller re-reads it."""
    return (json.dumps(plan_object(mission), indent=2, allow_nan=False) + "\n").encode()


def plan_object(mission: Mission) -> dict[str, Any]:
    """The plan as the object its JSON holds."""
    return {
        "fileType": "Plan",
        "geoFence": _fence(mission),
        "groundStation": "QGroundControl",
        "mission": _mission(mission),
        "rallyPoints": {
            "points": [
                [p.lat_deg, p.lon_deg, round(p.height_msl_m - _home_height(mission), 2)]
                for p in mission.rally
            ],
            "version": 2,
        },
        "version": 1,
    }


def _home_height(mission: Mission) -> float:
    """Rally points of a plan file are written above home (RallyPointController); 0 without a home."""
    return 0.0 if mission.home is None else mission.home.height_msl_m


def _mission(mission: Mission) -> dict[str, Any]:
    home = mission.home
    modes = {ALTITUDE_MODE[item.frame] for item in mission.items if item.frame in ALTITUDE_MODE}
    return {
        "cruiseSpeed": mission.cruise_ms,
        "firmwareType": int(mission.autopilot),
        "globalPlanAltitudeMode": modes.pop() if len(modes) == 1 else MIXED,
        "hoverSpeed": 5,
        "items": [_item(item, number) for number, item in enumerate(mission.items, 1)],
        "plannedHomePosition": None if home is None else [home.lat_deg, home.lon_deg, home.height_msl_m],
        "vehicleType": FIXED_WING,
        "version": 2,
    }


def _item(item: MissionItem, number: int) -> dict[str, Any]:
    last = [item.lat_deg, item.lon_deg, item.height_m]
    written: dict[str, Any] = {
        "autoContinue": item.autocontinue,
        "command": int(item.command),
        "doJumpId": number,
        "frame": int(item.frame),
        "params": [*(None if math.isnan(value) else value for value in item.params), *last],
        "type": "SimpleItem",
    }
    if item.frame in ALTITUDE_MODE:
        written |= {
            "AMSLAltAboveTerrain": None,
            "Altitude": item.height_m,
            "AltitudeMode": ALTITUDE_MODE[item.frame],
        }
    return written


def _fence(mission: Mission) -> dict[str, Any]:
    return {
        "circles": [
            {
                "circle": {"center": [area.lat_deg, area.lon_deg], "radius": area.radius_m},
                "inclusion": area.inclusion,
                "version": 1,
            }
            for area in mission.fence.circles
        ],
        "polygons": [
            {
                "inclusion": area.inclusion,
                "polygon": [[lat, lon] for lon, lat in area.ring],
                "version": 1,
            }
            for area in mission.fence.polygons
        ],
        "version": 2,
    }


def known_autopilot(number: int) -> Autopilot:
    """Who a firmware type of a plan file means; GENERIC for all others."""
    return Autopilot(number) if number in set(Autopilot) else Autopilot.GENERIC
