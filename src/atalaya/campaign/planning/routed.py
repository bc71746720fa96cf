"""From a path in the plane of the map to a sortie: heights, sensor orders, the flight as it is expected."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.planning.confirm import Doubt, with_orbits
from atalaya.campaign.planning.ground import SearchGround
from atalaya.campaign.planning.request import Base, CampaignRequest, Fleet
from atalaya.earth.geoid import converted_height_m
from atalaya.earth.surface import Surface
from atalaya.plan.airspace import Conflict, ConflictTerm, Volume
from atalaya.plan.airspace.check import check_path
from atalaya.plan.flight.flying import fly
from atalaya.plan.flight.turn import turn_radius_m
from atalaya.plan.flight.wind import WindField
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.settings import SettingValue

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHORTEST_LOOK_M = 500.0
"""A sensor is not switched on or off for less than this."""


GENTLE_DEG = (45.0, 20.0)
"""Corners no sharper than the first lie within a twelfth of the turn's radius of the turn, than the second
within a sixtieth: where the straight lines of the first meet what the turn does not."""


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
class Orbits:
    """Reported places to make sure of, and how the sensor looks at them; None for nothing."""

    doubts: tuple[Doubt, ...] = ()
    confirm: SettingValue | None = None


NO_ORBITS = Orbits()


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
    orbits: Orbits = NO_ORBITS,
    gentle_deg: float = GENTLE_DEG[0],
) -> Routed:
    """Fly a path on paper and hold every leg against volumes, ground, fuel and ceiling.

    Args:
        places: (n, 2) metres in the map's projection, from base to recovery base.
        looked_at: (rows, columns) cells the sensor is switched on over: asked for, and open.
        orbits: reported places to make sure of on the way.
        gentle_deg: sharper corners are cut into several.

    Raises:
        BadInput: FLT-0xx, wind or waypoints with which nothing can be flown.
    """
    start, end = request.bases[fleet.base], request.bases[fleet.recovery]
    strongest = use.airspeed_ms + request.weather.wind_ms
    radius_m = float(turn_radius_m(strongest, fleet.platform.bank_deg))
    places = rounded(places, radius_m, gentle_deg)
    cut, on = with_looks(
        places, ground, looked_at, radius_m, _climbs_m(request, fleet, strongest, airspace.terrain)
    )
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
    if orbits.confirm is not None:
        waypoints = with_orbits(waypoints, orbits.doubts, orbits.confirm, radius_m)
    path = fly(
        waypoints, fleet.platform, start_us=start_us, fuel=fuel, wind=airspace.wind, terrain=airspace.terrain
    )
    conflicts = check_path(
        path, airspace.volumes, airspace.terrain, fleet.platform, clearance_m=request.clearance_m
    )
    return Routed(tuple(waypoints), path, tuple(conflicts))


def as_told(flown: Routed) -> FlightPath:
    """The straight lines between waypoints: what an autopilot is told, and may take by its word.

    Climb, descent and orbits are told as such and stay as they are flown. Times, heights and fuel are those
    the flight is expected to have when it passes.
    """
    path, count = flown.path, len(flown.waypoints)
    as_flown = {0, count - 2, *(k for k, p in enumerate(flown.waypoints) if p.kind is WaypointKind.LOITER)}
    first = np.minimum(np.searchsorted(path.waypoint, np.arange(count)), len(path.t_us) - 1)
    curved = np.flatnonzero(np.isin(path.waypoint, list(as_flown)))
    lon, lat = path.lon_deg.copy(), path.lat_deg.copy()
    straight = np.array([k for k in range(count) if k not in as_flown and k - 1 not in as_flown], np.int64)
    lon[first[straight]] = [flown.waypoints[k].lon_deg for k in straight]
    lat[first[straight]] = [flown.waypoints[k].lat_deg for k in straight]
    rows = np.union1d(first, curved)
    rows = rows[np.concatenate(([True], np.diff(path.t_us[rows]) > 0))]
    return FlightPath(
        path.t_us[rows], lon[rows], lat[rows], path.height_msl_m[rows], path.fuel[rows], path.waypoint[rows]
    )


def lines_conflicts(
    flown: Routed, request: CampaignRequest, fleet: Fleet, airspace: Airspace
) -> tuple[Conflict, ...]:
    """Volumes that the straight lines between waypoints do not keep to."""
    if not airspace.volumes:
        return ()
    told = as_told(flown)
    found = check_path(told, airspace.volumes, airspace.terrain, fleet.platform, clearance_m=0.0)
    return tuple(each for each in found if each.term in (ConflictTerm.KEEP_IN, ConflictTerm.KEEP_OUT))


def sensor_task(fleet: Fleet, use: SettingValue) -> SensorTask:
    """What the sensor is told: the gimbal's angle is that of the look less the body's."""
    setting = use.setting
    return SensorTask(setting.sensor, setting.mode, 0.0, min(setting.depression_deg - fleet.pitch_deg, 90.0))


def heights_msl_m(
    lon_deg: Floats, lat_deg: Floats, request: CampaignRequest, fleet: Fleet, terrain: Surface
) -> Floats:
    """How high each waypoint is: as asked; where that counts from the ground, over the higher of its legs."""
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


def rounded(places: Floats, turn_radius_m: float, gentle_deg: float) -> Floats:
    """A path with each sharp corner cut into several gentle ones about the same turn.

    Autopilots fly at their waypoints: the corner of a sharp turn lies far outside the turn, and straight
    lines to it may lie where nobody may be. Put in its place are the corners of the polygon about the arc.
    """
    found = [places[0]]
    for before, here, after in zip(places[:-2], places[1:-1], places[2:], strict=True):
        found += _corners_of(before, here, after, turn_radius_m, np.radians(gentle_deg))
    return np.array([*found, places[-1]])


def _corners_of(
    before: Floats, here: Floats, after: Floats, radius_m: float, gentle_rad: float
) -> list[Floats]:
    come, go = here - before, after - here
    first, last = np.arctan2(come[0], come[1]), np.arctan2(go[0], go[1])
    turn = (last - first + np.pi) % (2.0 * np.pi) - np.pi
    count = int(np.ceil(abs(turn) / gentle_rad - 1e-9))
    reach = radius_m * np.tan(min(abs(turn), 0.97 * np.pi) / 2.0)
    if count < 2 or reach > min(np.hypot(*come), np.hypot(*go)):
        return [here]
    # tangents of the arc at equal steps meet at the corners, half a step's reach from where they touch
    step = turn / count
    half = radius_m * np.tan(abs(step) / 2.0)
    at = here - reach * come / np.hypot(*come)
    found, course = [], first
    for _ in range(count):
        at = at + half * np.array([np.sin(course), np.cos(course)])
        found.append(at)
        course += step
        at = at + half * np.array([np.sin(course), np.cos(course)])
    return found


def with_looks(
    places: Floats,
    ground: SearchGround,
    looked_at: Bools,
    turn_radius_m: float,
    climbs_m: tuple[float, float] = (0.0, 0.0),
) -> tuple[Floats, Bools]:
    """Cut a path where the sensor goes on or off: on straight pieces only, never in a turn.

    A look is kept where all of it is over ground that is looked at; one that is too short, or that a turn
    would cut, stays dark.

    Args:
        turn_radius_m: of the turns that round the path's corners.
        climbs_m: length of the climb at the beginning and of the descent at the end; looks begin and end
            at the height they are planned for.

    Returns:
        (m, 2) places with those of switching among them, and (m,) whether the leg from each is a look.
    """
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(places, axis=0).T))))
    step = ground.grid.grid.cell_m / 4.0
    count = max(1, int(np.ceil(along[-1] / step)))
    middle = (np.arange(count) + 0.5) / count * along[-1]
    on = _over(middle, along, places, ground, looked_at)
    reach = corner_reach_m(places, turn_radius_m)
    reach[[0, -1]] = np.maximum(reach[[0, -1]], climbs_m)
    for at, span in zip(along, reach, strict=True):
        zone = np.abs(middle - at) <= span + along[-1] / count
        if not on[zone].all():
            on[zone] = False
    _drop_short(on, max(1, int(np.ceil(SHORTEST_LOOK_M / (along[-1] / count)))))
    switches = np.flatnonzero(on[1:] != on[:-1]) + 1
    cuts = switches / count * along[-1]
    stops = np.union1d(along, cuts)
    cut = np.column_stack([np.interp(stops, along, places[:, axis]) for axis in (0, 1)])
    state = on[np.clip((stops / along[-1] * count + 0.5).astype(np.int64), 0, count - 1)]
    state[-1] = False
    return cut, state


def _climbs_m(
    request: CampaignRequest, fleet: Fleet, speed_ms: float, terrain: Surface
) -> tuple[float, float]:
    """How far climb and descent go over the ground, metres."""
    found = []
    for name, rate_ms in ((fleet.base, fleet.platform.climb_ms), (fleet.recovery, fleet.platform.descent_ms)):
        base = request.bases[name]
        place = np.array([base.lon_deg]), np.array([base.lat_deg])
        top = float(heights_msl_m(*place, request, fleet, terrain)[0])
        rise = max(top - base.height_msl_m, 0.0) if np.isfinite(top) else 0.0
        found.append(rise / rate_ms * speed_ms)
    return found[0], found[1]


def corner_reach_m(places: Floats, turn_radius_m: float) -> Floats:
    """(n,) how far before and behind each corner of a path its turn reaches: r tan(angle / 2)."""
    legs = np.diff(places, axis=0)
    course = np.arctan2(legs[:, 0], legs[:, 1])
    angle = np.abs((np.diff(course) + np.pi) % (2.0 * np.pi) - np.pi)
    reach = turn_radius_m * np.tan(np.minimum(angle, 0.95 * np.pi) / 2.0)
    return np.concatenate(([turn_radius_m], reach, [turn_radius_m]))


def _over(middle: Floats, along: Floats, places: Floats, ground: SearchGround, looked_at: Bools) -> Bools:
    grid = ground.grid.grid
    x, y = (np.interp(middle, along, places[:, axis]) for axis in (0, 1))
    row = np.clip(((grid.north_m - y) / grid.cell_m).astype(np.int64), 0, looked_at.shape[0] - 1)
    column = np.clip(((x - grid.west_m) / grid.cell_m).astype(np.int64), 0, looked_at.shape[1] - 1)
    return np.asarray(looked_at[row, column])


def _drop_short(on: Bools, least: int) -> None:
    """Switch off looks of fewer samples."""
    turns = np.flatnonzero(on[1:] != on[:-1]) + 1
    for first, last in zip([0, *turns], [*turns, len(on)], strict=True):
        if last - first < least:
            on[first:last] = False


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
