"""Live check against an ArduPlane SITL whose MAVLink endpoint stands in ATALAYA_SITL (skipped without it).

The reference flight: 22 m/s indicated, waypoint radius 50 m, 7960 m of legs. The effective airspeed is fitted
once on the calm flight; the wind triangle must then give the times in wind. An exclusion fence lies 100 m
beside two legs and must never be entered.
"""

import os
from collections.abc import Iterator

import numpy as np
import pytest
from shapely.geometry import LineString, Polygon

from atalaya.earth.ellipsoid import geod
from atalaya.plan.exports import Fence, FencePolygon, Home, Mission, MissionOptions, mission_of
from atalaya.plan.exports.mavlink import Link, Patience, Vehicle, compare, endpoint_of
from atalaya.plan.exports.mavlink.vehicle import download_over, upload_over
from atalaya.plan.exports.mission import Command, Frame, MissionItem
from atalaya.plan.flight.wind import leg_times_s, vector_from
from atalaya.plan.waypoint import Waypoint, WaypointKind
from tests.arduplane import Flown, Plane
from tests.export_sorties import sortie_of

ENDPOINT = os.environ.get("ATALAYA_SITL", "")
live = pytest.mark.skipif(
    not ENDPOINT,
    reason="no ArduPlane simulation: set ATALAYA_SITL to its endpoint, such as tcp:127.0.0.1:5760",
)

PATIENT = Patience(vehicle_s=120.0, answer_s=3.0, repeats=10, not_ready=60, pause_s=2.0)
NORTH_EAST_M = (
    (0, 0),
    (300, 0),
    (1000, 500),
    (3000, 500),
    (3000, 900),
    (1000, 900),
    (1000, 1300),
    (3000, 1300),
)
HEIGHT_M, INDICATED_MS, RADIUS_M = 120.0, 22.0, 50.0
WINDS = [(0.0, 0.0), (4.0, 180.0), (8.0, 0.0), (8.0, 90.0), (12.0, 270.0)]
"""(m/s, degrees it comes from); the calm one first, since the airspeed is fitted on it."""

FENCE_NORTH_EAST_M = ((1200, 1000), (2800, 1000), (2800, 1200), (1200, 1200))


def place(home: Home, north_m: float, east_m: float) -> tuple[float, float]:
    azimuth = np.degrees(np.arctan2(east_m, north_m))
    lon, lat, _ = geod().fwd(home.lon_deg, home.lat_deg, azimuth, float(np.hypot(north_m, east_m)))
    return float(lon), float(lat)


def reference(home: Home) -> Mission:
    """The reference flight around wherever the simulation stands."""
    height = home.height_msl_m + HEIGHT_M
    places = [place(home, north, east) for north, east in NORTH_EAST_M]
    points = [Waypoint(*places[0], height, WaypointKind.TAKEOFF)]
    points += [Waypoint(lon, lat, height) for lon, lat in places[1:]]
    points += [Waypoint(*places[0], home.height_msl_m, WaypointKind.LAND)]
    ring = tuple(place(home, north, east) for north, east in FENCE_NORTH_EAST_M)
    options = MissionOptions(landing="return", acceptance_m=RADIUS_M)
    return mission_of(
        sortie_of(tuple(points)), home, fence=Fence((FencePolygon(ring, inclusion=False),)), options=options
    )


def leg_seconds(items: tuple[MissionItem, ...], airspeed_ms: float, wind_ms: float, from_deg: float) -> float:
    """What the planner's wind triangle says of the legs between some places."""
    lon, lat = [item.lon_deg for item in items], [item.lat_deg for item in items]
    return float(leg_times_s(lon, lat, airspeed_ms, vector_from(wind_ms, from_deg)).sum())


@pytest.fixture(scope="module")
def vehicle() -> Iterator[tuple[Link, Vehicle]]:
    with Link(endpoint_of(ENDPOINT)) as link:
        yield link, link.vehicle(PATIENT.vehicle_s)


def home_of(link: Link) -> Home:
    found = link.receive(lambda m: m.get_type() == "GLOBAL_POSITION_INT" and m.lat != 0, 120.0)
    assert found is not None, "no position"
    return Home(found.lon / 1e7, found.lat / 1e7, (found.alt - found.relative_alt) / 1e3)


def flown(link: Link, vehicle: Vehicle, wind_ms: float, from_deg: float) -> tuple[Mission, Flown]:
    plane = Plane(link, vehicle)
    plane.set_parameter("WP_RADIUS", RADIUS_M)
    plane.set_parameter("MIS_RESTART", 1.0)  # AUTO begins at the first item, also after an earlier flight
    plane.set_parameter("SIM_WIND_DIR", from_deg)
    plane.set_parameter("SIM_WIND_SPD", wind_ms)
    plane.wait_for_position()
    plane.wait_simulated(20.0)
    mission = reference(home_of(link))
    upload_over(link, vehicle, mission, patience=PATIENT)
    held = download_over(link, vehicle, parts=("mission", "fence"), patience=PATIENT)
    assert compare(mission, held, parts=("fence",)) == []
    assert [i.command for i in held.items] == [i.command for i in mission.items]
    plane.start()
    last = max(n for n, item in enumerate(mission.items, 1) if item.command == Command.WAYPOINT)
    return mission, plane.fly(last)


@live
@pytest.mark.proves("XPT-008")
def test_times_in_wind_and_a_fence_never_entered(vehicle: tuple[Link, Vehicle]) -> None:
    link, who = vehicle
    airspeed_ms = INDICATED_MS
    for wind_ms, from_deg in WINDS:
        mission, flight = flown(link, who, wind_ms, from_deg)
        numbers = [n for n, item in enumerate(mission.items, 1) if item.command == Command.WAYPOINT]
        legs = tuple(mission.items[n - 1] for n in numbers)
        took = flight.reached_s[numbers[-1]] - flight.reached_s[numbers[0]]
        if wind_ms == 0.0:
            airspeed_ms = leg_seconds(legs, 1.0, 0.0, 0.0) / took
            assert airspeed_ms == pytest.approx(23.14, rel=0.1)
        expected = leg_seconds(legs, airspeed_ms, wind_ms, from_deg)
        assert took == pytest.approx(expected, rel=0.03), (wind_ms, from_deg)
        track = LineString([(lon, lat) for _, lon, lat, _ in flight.track])
        for area in mission.fence.polygons:
            assert not Polygon(area.ring).intersects(track), (wind_ms, from_deg)


def test_the_planned_times_of_this_check_are_those_of_the_reference_flight() -> None:
    """Reference table, V = 23.14: 438.3 s in 8 m/s from north, 392.0 s from east; its fence is on no leg."""
    home = Home(-110.0, 31.0, 1400.0)
    mission = reference(home)
    start = MissionItem(Command.TAKEOFF, Frame.MSL, (0.0,) * 4, home.lat_deg, home.lon_deg)
    items = (start, *(item for item in mission.items if item.command == Command.WAYPOINT))
    assert leg_seconds(items, 23.14, 8.0, 0.0) == pytest.approx(438.3, abs=0.5)
    assert leg_seconds(items, 23.14, 8.0, 90.0) == pytest.approx(392.0, abs=0.5)
    flight = LineString([(item.lon_deg, item.lat_deg) for item in items])
    (area,) = mission.fence.polygons
    assert not Polygon(area.ring).intersects(flight)
