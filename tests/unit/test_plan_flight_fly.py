"""What is flown obeys the aircraft: airspeed, turn rate, climb, fuel; loiters; sorties split and resumed."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth import LevelSurface, geodesic
from atalaya.earth.sun import sun_position
from atalaya.plan.flight import (
    CALM,
    ConstantWind,
    Windows,
    daylight,
    fly,
    split,
    with_wait,
)
from atalaya.plan.flight.fuel import fuel_left
from atalaya.plan.flight.splitting import covered_m
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.plane import TangentPlane
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.platform import Tank
from tests.plan_cases import START_US, platform

PLANE = TangentPlane(-104.0, 24.0)
WIND = ConstantWind(14.0, 300.0)


def points(*east_north_height: tuple[float, float, float], leg: LegKind = LegKind.TRANSIT) -> list[Waypoint]:
    lon, lat = PLANE.to_lonlat(np.array(east_north_height, float)[:, :2])
    heights = [row[2] for row in east_north_height]
    return [Waypoint(float(x), float(y), h, leg=leg) for x, y, h in zip(lon, lat, heights, strict=True)]


def strips(count: int) -> list[Waypoint]:
    found = []
    for k in range(count):
        ends = (0.0, 12_000.0) if k % 2 == 0 else (12_000.0, 0.0)
        pair = points(*((end, 400.0 * k, 2000.0) for end in ends))
        found += [
            replace(pair[0], leg=LegKind.SEARCH, task=SensorTask("eo", "wide")),
            replace(pair[1], leg=LegKind.TURN),
        ]
    return found


def air_velocity(path: FlightPath, wind: ConstantWind) -> tuple[np.ndarray, np.ndarray]:
    length, course = geodesic(path.lon_deg[:-1], path.lat_deg[:-1], path.lon_deg[1:], path.lat_deg[1:])
    seconds = np.diff(path.t_us) / 1e6
    ground = (length / seconds)[:, None] * np.column_stack(
        (np.sin(np.radians(course)), np.cos(np.radians(course)))
    )
    return ground - wind.at(0, 0, 0, 0)[0], seconds


@pytest.mark.parametrize("wind", [CALM, WIND])
def test_airspeed_and_turn_rate_are_the_aircrafts(wind: ConstantWind) -> None:
    flier = platform(cruise_ms=60.0)
    path = fly(strips(12), flier, start_us=START_US, fuel=900.0, wind=wind)
    air, seconds = air_velocity(path, wind)
    speed = np.linalg.norm(air, axis=1)
    assert speed == pytest.approx(np.full(len(speed), 60.0), rel=2e-3)
    heading = np.unwrap(np.arctan2(air[:, 0], air[:, 1]))
    rate = np.abs(np.diff(heading)) / (0.5 * (seconds[1:] + seconds[:-1]))
    most = 9.80665 * np.tan(np.radians(25.0)) / 60.0
    turning = seconds[1:] + seconds[:-1] < 30.0
    assert rate[turning].max() < most * 1.03


@pytest.mark.parametrize("wind", [CALM, WIND])
def test_search_legs_are_flown_on_their_line_from_end_to_end(wind: ConstantWind) -> None:
    work = strips(6)
    path = fly(work, platform(), start_us=START_US, fuel=900.0, wind=wind)
    for k in range(0, len(work) - 1, 2):
        on = np.flatnonzero(path.waypoint == k)
        xy = PLANE.to_plane(path.lon_deg[on], path.lat_deg[on])
        assert np.abs(xy[:, 1] - 200.0 * k).max() < 0.5
        covered = PLANE.to_plane(path.lon_deg[[on[0], on[-1] + 1]], path.lat_deg[[on[0], on[-1] + 1]])
        assert np.sort(covered[:, 0]) == pytest.approx([0.0, 12_000.0], abs=1.0)


def test_a_rounded_corner_stays_inside_it_and_drifts_onto_the_next_leg() -> None:
    path = fly(
        points((0, 0, 2e3), (20e3, 0, 2e3), (20e3, 20e3, 2e3)), platform(), start_us=0, fuel=900.0, wind=WIND
    )
    xy = PLANE.to_plane(path.lon_deg, path.lat_deg)
    assert xy[:, 0].max() < 20_001.0
    assert xy[:, 1].min() > -1.0
    assert np.linalg.norm(xy - [20e3, 0], axis=1).min() > 200.0


def test_climbs_start_and_descents_end_with_their_leg() -> None:
    flier = platform()
    path = fly(points((0, 0, 500), (60e3, 0, 2500), (120e3, 0, 500)), flier, start_us=0, fuel=900.0)
    seconds = path.t_us / 1e6
    assert np.interp(400.0, seconds, path.height_msl_m) == pytest.approx(2500.0, abs=1.0)
    assert np.interp(200.0, seconds, path.height_msl_m) == pytest.approx(1500.0, abs=1.0)
    last = seconds[-1]
    assert np.interp(last - 100.0, seconds, path.height_msl_m) == pytest.approx(1100.0, abs=1.0)


def test_what_a_leg_is_too_short_for_is_climbed_in_circles() -> None:
    flier = platform()
    path = fly(points((0, 0, 500), (10e3, 0, 5500), (40e3, 0, 5500)), flier, start_us=0, fuel=900.0)
    rate = np.diff(path.height_msl_m) / (np.diff(path.t_us) / 1e6)
    assert rate.max() <= flier.climb_ms * (1 + 1e-5)
    at = np.flatnonzero(path.waypoint >= 1)[0]
    assert path.height_msl_m[at] == pytest.approx(5500.0, abs=0.5)
    assert path.duration_s > 1000.0


@pytest.mark.parametrize("radius", [3000.0, -3000.0])
def test_a_loiter_circles_its_waypoint_as_long_as_asked(radius: float) -> None:
    route = points((0, 0, 2e3), (40e3, 0, 2e3), (80e3, 5e3, 2e3))
    route[1] = replace(route[1], kind=WaypointKind.LOITER, loiter_s=1200.0, loiter_radius_m=radius)
    path = fly(route, platform(), start_us=0, fuel=900.0, wind=WIND)
    xy = PLANE.to_plane(path.lon_deg, path.lat_deg) - [40e3, 0]
    away = np.linalg.norm(xy, axis=1)
    on = np.flatnonzero(np.abs(away - 3000.0) < 2.0)
    lasted = (path.t_us[on[-1]] - path.t_us[on[0]]) / 1e6
    assert 1195.0 <= lasted <= 1200.0 + 2 * np.pi * 3000.0 / 40.0
    first, after = xy[on[:-1]], xy[on[1:]]
    turn = first[:, 0] * after[:, 1] - first[:, 1] * after[:, 0]
    assert (np.sign(turn) == -np.sign(radius)).all()


def test_a_lighter_aircraft_burns_less() -> None:
    """Constant lift coefficient: E = (2 / a) (1 / sqrt W1 - 1 / sqrt W0), section 3 of the note (48.2 h)."""
    pounds = platform(empty_kg=12_500.0 - 6065.0, payload_kg=0.0, tank=Tank("kg", 6065.0, 1.352e-4, 1.5))
    left = fuel_left(pounds, 6065.0, np.full(482, 360.0), np.ones(482))
    assert left[-1] == pytest.approx(280.0, rel=0.03)
    burn = -np.diff(left) * 10.0
    assert burn[0] == pytest.approx(189.0, rel=0.01)
    assert burn[-1] == pytest.approx(74.0, rel=0.02)
    one_step = fuel_left(pounds, 6065.0, np.array([482 * 360.0]), np.ones(1))[-1]
    assert one_step == pytest.approx(left[-1], rel=1e-9)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 1.5, 2.0])
def test_burn_by_any_exponent_solves_its_equation(power: float) -> None:
    flier = platform(tank=Tank("kg", 1800.0, 100.0 / 3000.0**power, power))
    left = fuel_left(flier, 1000.0, np.full(36_000, 1.0), np.ones(36_000))
    mass = left + 2423.0
    assert -np.diff(left) == pytest.approx(flier.tank.coefficient * mass[1:] ** power / 3600.0, rel=1e-4)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lat_deg": float("nan")}, "FLT-005"),
        ({"lon_deg": 1e9}, "FLT-005"),
        ({"height_msl_m": 1e6}, "FLT-005"),
        ({"airspeed_ms": -5.0}, "FLT-005"),
        ({"loiter_s": -1.0}, "FLT-005"),
    ],
)
def test_waypoints_that_are_nowhere_are_refused(change: dict[str, float], code: str) -> None:
    route = points((0, 0, 2e3), (40e3, 0, 2e3), (80e3, 5e3, 2e3))
    route[1] = replace(route[1], **change)  # type: ignore[arg-type]
    with pytest.raises(BadInput) as caught:
        fly(route, platform(), start_us=0, fuel=900.0)
    assert caught.value.code == code


def test_loads_lengths_and_bases_that_cannot_be_are_refused() -> None:
    route = points((0, 0, 2e3), (40e3, 0, 2e3))
    for fuel in (0.0, -1.0, float("nan"), 5000.0):
        with pytest.raises(BadInput) as caught:
            fly(route, platform(), start_us=0, fuel=fuel)
        assert caught.value.code == "FLT-004"
    with pytest.raises(BadInput) as caught:
        fly(route[:1], platform(), start_us=0, fuel=900.0)
    assert caught.value.code == "FLT-006"
    route[0] = replace(route[0], kind=WaypointKind.TAKEOFF)
    with pytest.raises(BadInput) as caught:
        fly(route, platform(), start_us=0, fuel=900.0, terrain=LevelSurface(0.0))
    assert caught.value.code == "FLT-008"


@pytest.mark.proves("FLT-109")
def test_a_long_sortie_is_split_and_resumed_with_its_sensor() -> None:
    work = strips(40)
    base = replace(points((-20e3, 0, 100.0))[0], kind=WaypointKind.TAKEOFF)
    flier = platform()
    parts = split(work, base, base, flier, start_us=START_US, fuel=32.0, wind=WIND)
    assert len(parts) > 3
    asked = 40 * 12_000.0
    assert covered_m(parts, work) == pytest.approx(asked, abs=20.0)
    for one, other in pairwise(parts):
        assert other.resumes_at >= one.stops_at
        resumed = other.waypoints[1]
        assert resumed.leg is LegKind.SEARCH
        assert resumed.task == SensorTask("eo", "wide")
        leg, share = other.resumes_at
        if share > 0.0:
            stopped = one.waypoints[-2]
            assert (stopped.lon_deg, stopped.lat_deg) == (resumed.lon_deg, resumed.lat_deg)
            _, ahead = geodesic(
                resumed.lon_deg, resumed.lat_deg, other.waypoints[2].lon_deg, other.waypoints[2].lat_deg
            )
            _, course = geodesic(
                work[leg].lon_deg, work[leg].lat_deg, work[leg + 1].lon_deg, work[leg + 1].lat_deg
            )
            assert float(ahead - course) == pytest.approx(0.0, abs=0.1)
    begin = START_US
    for one in parts:
        path = fly(one.waypoints, flier, start_us=begin, fuel=32.0, wind=WIND)
        assert path.fuel[-1] >= 3.2
        begin = int(path.t_us[-1]) + 3_600_000_000


def test_a_sortie_that_reaches_nothing_says_so() -> None:
    far = replace(points((-900e3, 0, 100.0))[0], kind=WaypointKind.TAKEOFF)
    with pytest.raises(BadInput) as caught:
        split(strips(2), far, far, platform(), start_us=START_US, fuel=60.0)
    assert caught.value.code == "FLT-016"


HOUR = 3_600_000_000


def test_windows_join_meet_and_find_room() -> None:
    light, weather = (
        Windows(((6 * HOUR, 18 * HOUR),), "light"),
        Windows(((0, 7 * HOUR), (9 * HOUR, 30 * HOUR)), "fog"),
    )
    both = light & weather
    assert both.intervals == ((6 * HOUR, 7 * HOUR), (9 * HOUR, 18 * HOUR))
    assert both.earliest(0, 1800.0) == 6 * HOUR
    assert both.earliest(0, 2 * 3600.0) == 9 * HOUR
    assert both.earliest(17 * HOUR, 2 * 3600.0) is None
    assert both.gaps(5 * HOUR, 10 * HOUR) == ((5 * HOUR, 6 * HOUR), (7 * HOUR, 9 * HOUR))
    assert both.opens(8 * HOUR) == 9 * HOUR
    assert both.contains(10 * HOUR, 12 * HOUR)
    assert Windows(((5, 9), (1, 5))).intervals == ((1, 9),)
    with pytest.raises(BadInput):
        Windows(((9, 5),))


def test_daylight_of_the_almanac() -> None:
    """Sunrise and sunset at Greenwich on 21 June 2024: 03:43 and 20:21 UTC (HM Nautical Almanac Office)."""
    midnight = 1_718_928_000_000_000
    ((up, down),) = daylight(0.0, 51.4779, midnight, midnight + 24 * HOUR).intervals
    assert up / 60e6 == pytest.approx((midnight + 3 * HOUR + 43 * 60e6) / 60e6, abs=2.0)
    assert down / 60e6 == pytest.approx((midnight + 20 * HOUR + 21 * 60e6) / 60e6, abs=2.0)
    assert daylight(0.0, 80.0, midnight, midnight + 24 * HOUR).intervals == (
        (midnight, midnight + 24 * HOUR),
    )
    assert sun_position(midnight + 12 * HOUR, 0.0, 51.4779).elevation_deg == pytest.approx(61.95, abs=0.1)


def test_waiting_is_flown_before_the_leg_it_waits_for() -> None:
    route = points((0, 0, 2e3), (40e3, 0, 2e3), (80e3, 5e3, 2e3))
    waiting = with_wait(route, 1, 900.0, 2500.0)
    flier = platform()
    longer = (
        fly(waiting, flier, start_us=0, fuel=900.0).duration_s
        - fly(route, flier, start_us=0, fuel=900.0).duration_s
    )
    assert 850.0 < longer < 1500.0
