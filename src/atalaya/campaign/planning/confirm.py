"""Making sure of reports: an orbit with the narrow view where what it tells is worth the time it takes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.planning.ground import SearchGround
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.settings import SettingValue

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROOMY = 1.1
"""Radius of the orbit over the tightest turn."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reported place that may be a facility.

    Args:
        lon_deg, lat_deg: WGS 84. chance_real: that it is one.
    """

    lon_deg: float
    lat_deg: float
    chance_real: float

    def worth(self, confirm: SettingValue) -> float:
        """Facilities told from false alarms by one narrow look: p (1 - p) times its chance of detection.

        The expected fall of the variance of what is there; nothing where it is certain either way.
        """
        return self.chance_real * (1.0 - self.chance_real) * confirm.chance


def orbit_s(radius_m: float, airspeed_ms: float) -> float:
    """Time of one circle."""
    return 2.0 * np.pi * radius_m / airspeed_ms


def worth_orbiting(
    doubts: tuple[Doubt, ...], confirm: SettingValue, radius_m: float, price_per_hour: float
) -> tuple[Doubt, ...]:
    """The places whose look tells more than searching as long would find; the most telling first."""
    cost = price_per_hour * orbit_s(ROOMY * radius_m, confirm.airspeed_ms) / 3600.0
    found = [doubt for doubt in doubts if doubt.worth(confirm) > cost]
    return tuple(sorted(found, key=lambda doubt: -doubt.worth(confirm)))


def room_for(doubt: Doubt, ground: SearchGround, flyable: Bools, radius_m: float) -> bool:
    """Whether the whole orbit, with as much room again, lies over ground that may be flown."""
    east, north = ground.metres(np.array([doubt.lon_deg]), np.array([doubt.lat_deg]))
    grid = ground.grid.grid
    column = (grid.west_m + (np.arange(flyable.shape[1]) + 0.5) * grid.cell_m) - east[0]
    row = (grid.north_m - (np.arange(flyable.shape[0]) + 0.5) * grid.cell_m) - north[0]
    near = np.hypot(column[None, :], row[:, None]) <= 2.0 * radius_m + grid.cell_m
    return bool(near.any() and flyable[near].all())


def with_orbits(
    waypoints: list[Waypoint], doubts: tuple[Doubt, ...], confirm: SettingValue, radius_m: float
) -> list[Waypoint]:
    """The waypoints with one orbit about each place, put in where the way to it is shortest."""
    found = list(waypoints)
    for doubt in doubts:
        lon, lat = (np.array([getattr(p, name) for p in found]) for name in ("lon_deg", "lat_deg"))
        aside = np.cos(np.radians(doubt.lat_deg))
        away = np.hypot((lon - doubt.lon_deg) * aside, lat - doubt.lat_deg)
        step = np.hypot(np.diff(lon) * aside, np.diff(lat))
        # not within the climb out or the way down: the first and the last leg
        detour = (away[:-1] + away[1:] - step)[1:-1]
        at = 2 + int(np.argmin(detour)) if detour.size else 1
        found.insert(at, _orbit(doubt, confirm, radius_m, found[at - 1]))
    return found


def _orbit(doubt: Doubt, confirm: SettingValue, radius_m: float, before: Waypoint) -> Waypoint:
    circle = ROOMY * radius_m
    down = float(np.degrees(np.arctan2(confirm.setting.height_agl_m, circle)))
    return Waypoint(
        doubt.lon_deg,
        doubt.lat_deg,
        before.height_msl_m,
        WaypointKind.LOITER,
        LegKind.TRANSIT,
        SensorTask(confirm.setting.sensor, confirm.setting.mode, 90.0, down),
        loiter_s=orbit_s(circle, confirm.airspeed_ms),
        loiter_radius_m=circle,
        airspeed_ms=confirm.airspeed_ms,
        label="?",
    )
