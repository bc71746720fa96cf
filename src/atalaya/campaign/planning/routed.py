"""From a path in the plane of the map to a sortie: heights, sensor orders, the flight as it is expected."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.planning.ground import SearchGround
from atalaya.campaign.planning.request import Base, CampaignRequest, Fleet
from atalaya.earth.geoid import converted_height_m
from atalaya.earth.surface import Surface
from atalaya.plan.airspace import Conflict, Volume, check_path
from atalaya.plan.flight import fly
from atalaya.plan.flight.wind import WindField
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.settings import SettingValue

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHORTEST_LOOK_M = 500.0
"""A sensor is not switched on or off for less than this."""


@dataclass(frozen=True)
class Airspace:
    """What every leg is held against.

    Args:
        volumes: to keep in or out of. terrain: the ground. wind: over the campaign.
    """

    volumes: tuple[Volume, ...]
    terrain: Surface
    wind: WindField


@dataclass(frozen=True)
class Routed:
    """A path flown on paper.

    Args:
        waypoints: orders. path: as expected. conflicts: what stands against it.
    """

    waypoints: tuple[Waypoint, ...]
    path: FlightPath
    conflicts: tuple[Conflict, ...]


def routed(
    places: Floats,
    request: CampaignRequest,
    fleet: Fleet,
    use: SettingValue,
    ground: SearchGround,
    looked_at: Bools,
    airspace: Airspace,
    start_us: int,
    fuel: float,
) -> Routed:
    """Fly a path on paper and hold every leg against volumes, ground, fuel and ceiling.

    Args:
        places: (n, 2) metres in the map's projection, from base to recovery base.
        looked_at: (rows, columns) cells the sensor is switched on over: asked for, and open.

    Raises:
        BadInput: FLT-0xx, wind or waypoints with which nothing can be flown.
    """
    start, end = request.bases[fleet.base], request.bases[fleet.recovery]
    cut, on = with_looks(places, ground, looked_at)
    task = sensor_task(fleet, use)
    lon, lat = ground.degrees(cut[:, 0], cut[:, 1])
    height = heights_msl_m(lon, lat, request, fleet, airspace.terrain)
    waypoints = [_base(start, WaypointKind.TAKEOFF, use.airspeed_ms)]
    for k in range(1, len(cut) - 1):
        looks = bool(on[k])
        leg = LegKind.SEARCH if looks else LegKind.TRANSIT
        waypoints.append(
            Waypoint(
                float(lon[k]),
                float(lat[k]),
                float(height[k]),
                leg=leg,
                task=task if looks else None,
                airspeed_ms=use.airspeed_ms,
            )
        )
    waypoints.append(_base(end, WaypointKind.LAND, use.airspeed_ms))
    path = fly(
        waypoints, fleet.platform, start_us=start_us, fuel=fuel, wind=airspace.wind, terrain=airspace.terrain
    )
    conflicts = check_path(
        path, airspace.volumes, airspace.terrain, fleet.platform, clearance_m=request.clearance_m
    )
    return Routed(tuple(waypoints), path, tuple(conflicts))


def sensor_task(fleet: Fleet, use: SettingValue) -> SensorTask:
    """What the sensor is told: the gimbal's angle is that of the look less the body's."""
    setting = use.setting
    return SensorTask(setting.sensor, setting.mode, 0.0, min(setting.depression_deg - fleet.pitch_deg, 90.0))


def heights_msl_m(
    lon_deg: Floats, lat_deg: Floats, request: CampaignRequest, fleet: Fleet, terrain: Surface
) -> Floats:
    """How high each waypoint is: as asked, and where that counts from the ground, over the higher of its legs."""
    if fleet.height_datum != "agl":
        return np.full(len(lon_deg), fleet.height_m)
    ground = ground_msl_m(lon_deg, lat_deg, terrain)
    between = np.array([_highest(lon_deg, lat_deg, k, terrain) for k in range(len(lon_deg) - 1)])
    around = np.maximum(np.append(between, -np.inf), np.append(-np.inf, between))
    return np.asarray(np.fmax(ground, around) + fleet.height_m)


def ground_msl_m(lon_deg: Floats, lat_deg: Floats, terrain: Surface) -> Floats:
    """Height of the ground above mean sea level; NaN where the model has none."""
    hae = terrain.height_hae_m(lon_deg, lat_deg)
    return np.asarray(converted_height_m(hae, lon_deg, lat_deg, have="hae", want="msl"))


def with_looks(places: Floats, ground: SearchGround, looked_at: Bools) -> tuple[Floats, Bools]:
    """Cut a path where the sensor goes on or off.

    Returns:
        (m, 2) places with those of switching among them, and (m,) whether the leg from each is a look.
    """
    grid = ground.grid.grid
    cut: list[Floats] = [places[0]]
    on: list[bool] = []
    for start, end in zip(places[:-1], places[1:], strict=True):
        for piece_end, looks in _pieces(start, end, grid.west_m, grid.north_m, grid.cell_m, looked_at):
            on.append(looks)
            cut.append(piece_end)
    return np.array(cut), np.array([*on, False], np.bool_)


def _pieces(
    start: Floats, end: Floats, west_m: float, north_m: float, cell_m: float, looked_at: Bools
) -> Sequence[tuple[Floats, bool]]:
    """The stretches of one leg on which the sensor is on or off, each with its end; short ones joined."""
    length = float(np.hypot(*(end - start)))
    steps = max(1, int(np.ceil(length / (cell_m / 4.0))))
    middle = start + (np.arange(steps)[:, None] + 0.5) / steps * (end - start)
    row = np.clip(((north_m - middle[:, 1]) / cell_m).astype(np.int64), 0, looked_at.shape[0] - 1)
    column = np.clip(((middle[:, 0] - west_m) / cell_m).astype(np.int64), 0, looked_at.shape[1] - 1)
    on = looked_at[row, column]
    least = max(1, int(np.ceil(min(SHORTEST_LOOK_M, cell_m) / (length / steps)))) if length > 0.0 else 1
    turns = np.flatnonzero(on[1:] != on[:-1]) + 1
    bounds = np.concatenate(([0], turns, [steps]))
    for first, last in zip(bounds[:-1], bounds[1:], strict=True):
        # a short look is not worth the switching; what is not to be looked at stays dark
        if last - first < least and on[first] and 0 < first and last < steps:
            on[first:last] = False
    turns = np.flatnonzero(on[1:] != on[:-1]) + 1
    kept = [0, *turns.tolist(), steps]
    return [
        (start + last / steps * (end - start) if last < steps else end, bool(on[first]))
        for first, last in zip(kept[:-1], kept[1:], strict=True)
    ]


def _highest(lon_deg: Floats, lat_deg: Floats, k: int, terrain: Surface) -> float:
    share = np.linspace(0.0, 1.0, 33)
    lon = lon_deg[k] + share * (lon_deg[k + 1] - lon_deg[k])
    lat = lat_deg[k] + share * (lat_deg[k + 1] - lat_deg[k])
    found = ground_msl_m(lon, lat, terrain)
    return float(np.nanmax(found)) if np.isfinite(found).any() else float("nan")


def _base(base: Base, kind: WaypointKind, airspeed_ms: float) -> Waypoint:
    return Waypoint(
        base.lon_deg, base.lat_deg, base.height_msl_m, kind, airspeed_ms=airspeed_ms, label=base.name
    )
