"""Flights of the range: the physics of turns and wind, the plan kept, the camera where its task says."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth import geodesic, geodetic_to_ecef, ned_basis, undulation_m
from atalaya.plan.flight import ConstantWind, LayeredWind, fly
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.platform import Platform
from atalaya.sensing.platforms import platform
from atalaya.sim.flight import FrameTrack, Handling, flight_of, fly_frames, fly_stretches, poses
from atalaya.sim.flight.frames import cameras
from atalaya.sim.flight.looks import looks_of
from tests.range_flights import GROUND_M, LEVEL, START_US, planned

SMOOTH = Handling(rough_deg=(0.0, 0.0, 0.0))
WIND = LayeredWind((0.0, 8000.0), (3.0, 12.0), (200.0, 290.0))
G = 9.80665


def flown(name: str, handling: Handling = SMOOTH, **form: float) -> FrameTrack:
    plane, points, path = planned(name, WIND, **form)
    return fly_frames(path, points, plane, wind=WIND, terrain=LEVEL, handling=handling, seed=3)


@pytest.mark.parametrize("name", ["mq9a", "scaneagle", "small-multirotor"])
def test_velocity_is_the_change_of_place(name: str) -> None:
    track = flown(name)
    place = geodetic_to_ecef(track.lon_deg, track.lat_deg, track.height_hae_m)
    seconds = np.diff(track.t_us) / 1e6
    moved = np.diff(place, axis=0) / seconds[:, None]
    local = np.einsum("nji,nj->ni", ned_basis(track.lon_deg, track.lat_deg)[1:], moved)
    stated = np.stack((track.north_ms, track.east_ms, track.down_ms), axis=-1)
    assert np.abs(local - (stated[1:] + stated[:-1]) / 2.0).max() < 0.02


@pytest.mark.proves("RNG-001")
@pytest.mark.parametrize("name", ["mq9a", "scaneagle", "small-multirotor"])
def test_turns_are_flown_without_slip(name: str) -> None:
    """tan bank = v * turn rate / g, with v through the air and the nose into it."""
    track = flown(name)
    wind = WIND.at(track.t_us, track.height_hae_m - undulation_m(-106.9, 25.0), track.lon_deg, track.lat_deg)
    air = np.hypot(track.east_ms - wind[:, 0], track.north_ms - wind[:, 1])
    rate = np.gradient(np.unwrap(np.radians(track.heading_deg)), track.t_us / 1e6)
    needed = np.degrees(np.arctan(air * rate / G))
    assert np.abs(needed - track.roll_deg)[2:-2].max() < 0.5
    assert 15.0 < np.abs(track.roll_deg).max() < platform(name).bank_deg + 6.0


@pytest.mark.proves("RNG-001")
def test_the_nose_points_into_the_moving_air() -> None:
    """The wind triangle: what is left of the ground speed without the wind lies along the heading."""
    track = flown("mq9a")
    wind = WIND.at(track.t_us, track.height_hae_m - undulation_m(-106.9, 25.0), track.lon_deg, track.lat_deg)
    heading = np.degrees(np.arctan2(track.east_ms - wind[:, 0], track.north_ms - wind[:, 1]))
    assert np.abs((heading - track.heading_deg + 180.0) % 360.0 - 180.0).max() < 0.15
    straight = np.abs(track.roll_deg) < 0.1
    crab = (track.heading_deg - np.degrees(np.arctan2(track.east_ms, track.north_ms)) + 180.0) % 360.0 - 180.0
    assert np.abs(crab[straight]).max() > 2.0
    air = np.hypot(track.east_ms - wind[:, 0], track.north_ms - wind[:, 1])
    assert np.median(air[straight]) == pytest.approx(90.0, rel=0.01)


@pytest.mark.parametrize("name", ["mq9a", "scaneagle", "small-multirotor"])
def test_the_plan_is_kept(name: str) -> None:
    plane, points, path = planned(name, WIND)
    flight = flight_of(path, points, plane, wind=WIND, terrain=LEVEL)
    track = flight.at(path.t_us)
    off, _ = geodesic(track.lon_deg, track.lat_deg, path.lon_deg, path.lat_deg)
    assert off.max() < 0.3 * plane.loiter_ms
    height = track.height_hae_m - undulation_m(track.lon_deg, track.lat_deg)
    assert np.abs(height - path.height_msl_m).max() < 3.0 * plane.climb_ms
    last = np.append(np.diff(path.t_us) > 0, True)  # of rows at one instant the last one holds
    assert (track.leg == path.waypoint)[last].all()
    assert track.fuel == pytest.approx(path.fuel)
    climbing = track.down_ms < -0.9 * plane.climb_ms
    assert track.pitch_deg[climbing].mean() > track.pitch_deg[~climbing].mean() + 1.0


def test_on_a_search_leg_the_camera_looks_as_its_task_says() -> None:
    track = flown("mq9a", bearing_deg=60.0, depression_deg=40.0)
    search = np.flatnonzero(track.leg == 1)
    settled = search[search > search[0] + 300]
    look = cameras(track)[settled]
    azimuth = np.degrees(np.arctan2(look[:, 1, 0], look[:, 0, 0]))
    bearing = (azimuth - track.heading_deg[settled]) % 360.0
    assert np.abs(bearing - 60.0).max() < 0.05
    assert np.abs(np.degrees(np.arcsin(look[:, 2, 0])) - 40.0).max() < 0.01
    assert np.abs(look[:, 2, 1]).max() < 1e-9  # level with the horizon
    assert {track.sensors[k] for k in track.sensor[settled]} == {"eo/ultra-narrow"}
    assert track.hfov_deg[settled[0]] == 0.8


@pytest.mark.parametrize("name", ["mq9a", "scaneagle"])
def test_in_an_orbit_the_camera_stays_on_its_place(name: str) -> None:
    track = flown(name, loiter_s=300.0)
    orbit = np.flatnonzero((track.leg == 5) & (track.sensor >= 0))
    settled = orbit[orbit > orbit[0] + 300]
    pose = poses(track, settled)
    target = geodetic_to_ecef(-106.9, 25.0, GROUND_M)
    line = target - pose.origin_m
    off = np.cross(pose.camera_to_ecef[:, :, 0], line)
    assert np.percentile(np.linalg.norm(off, axis=1), 99) < 3.0
    assert np.median(np.abs(track.roll_deg[settled])) > 5.0


def test_a_fixed_camera_turns_with_the_aircraft() -> None:
    plane, points, path = planned(
        "small-fixed-wing", WIND, bearing_deg=0.0, depression_deg=90.0, loiter_s=0.0
    )
    track = fly_frames(path, points, plane, wind=WIND, rate_hz=2.0)
    tasked = track.sensor >= 0
    assert set(track.rel_elevation_deg[tasked]) == {-90.0}
    assert np.ptp(track.rel_azimuth_deg[tasked]) == 0.0


def test_a_window_holds_the_frames_of_the_whole() -> None:
    plane, points, path = planned("scaneagle", WIND)
    flight = flight_of(path, points, plane, wind=WIND, terrain=LEVEL, seed=9)
    whole = flight.at(np.concatenate([one.t_us for one in fly_stretches(flight)]))
    parts = list(fly_stretches(flight, frames=777))
    window = fly_frames(
        path,
        points,
        plane,
        wind=WIND,
        terrain=LEVEL,
        seed=9,
        start_us=START_US + 20_000_000,
        end_us=START_US + 21_000_000,
    )
    assert len(window) == 30
    rows = np.flatnonzero(np.isin(whole.t_us, window.t_us))
    for name in ("lon_deg", "height_hae_m", "roll_deg", "rel_azimuth_deg", "rel_roll_deg", "fuel"):
        column = getattr(whole, name)
        assert (np.concatenate([getattr(part, name) for part in parts]) == column).all()
        assert (column[rows] == getattr(window, name)).all()


def test_another_seed_is_another_air_on_the_same_track() -> None:
    plane, points, path = planned("scaneagle", WIND)
    first, again, other = (
        fly_frames(path, points, plane, wind=WIND, terrain=LEVEL, seed=seed) for seed in (1, 1, 2)
    )
    assert (first.roll_deg == again.roll_deg).all()
    assert (first.lon_deg == other.lon_deg).all()
    assert 0.2 < np.std(first.roll_deg - other.roll_deg) < 1.0


def circling(name: str) -> tuple[FlightPath, Platform]:
    """From full tanks round and round at loiter speed, two days and more."""
    plane = platform(name)
    form = {"loiter_s": 50 * 3600.0, "loiter_radius_m": 20_000.0}
    around = Waypoint(-107.0, 25.1, 3000.0, WaypointKind.LOITER, LegKind.LOITER, **form)
    points = (Waypoint(-107.0, 25.0, 3000.0, leg=LegKind.LOITER), around, Waypoint(-107.0, 25.2, 3000.0))
    return fly(points, plane, start_us=START_US, fuel=plane.tank.capacity), plane


@pytest.mark.parametrize(("name", "hours"), [("mq9a", 27.0), ("mq9a-loaded", 14.0), ("mq9b", 48.2)])
def test_published_endurance_is_flown(name: str, hours: float) -> None:
    path, plane = circling(name)
    left = plane.tank.reserve_share * plane.tank.capacity
    end = float(np.interp(-left, -path.fuel, (path.t_us - START_US) / 1e6))
    assert end / 3600.0 == pytest.approx(hours, rel=0.02)


@pytest.mark.parametrize(("name", "first", "last"), [("mq9b", 189.0, 74.0), ("mq9b-light", 206.0, 67.0)])
def test_burn_falls_with_weight_as_computed_elsewhere(name: str, first: float, last: float) -> None:
    """Pounds an hour at both ends of the record flight, from the planning note: not in the profile."""
    path, _ = circling(name)
    fuel = np.interp([0.0, 0.5, 47.7, 48.2], (path.t_us - START_US) / 3.6e9, path.fuel) / 0.45359237
    assert (fuel[0] - fuel[1]) / 0.5 == pytest.approx(first, rel=0.02)
    assert (fuel[2] - fuel[3]) / 0.5 == pytest.approx(last, rel=0.02)


def test_looks_tell_what_ground_each_leg_saw() -> None:
    plane, points, path = planned("mq9a", WIND, depression_deg=45.0)
    flight = flight_of(path, points, plane, wind=WIND, terrain=LEVEL, handling=SMOOTH)
    looks = looks_of(flight, LEVEL, plane, every_s=5.0)
    leg = looks.filter(np.asarray(looks["leg"]) == 1).slice(2, 10).to_pydict()
    mode = plane.sensors[0].modes[-1]
    assert leg["sensor"] == ["eo"] * 10
    assert leg["mode"] == [mode.name] * 10
    assert np.array(leg["depression_deg"]) == pytest.approx(45.0, abs=0.1)
    pixel = np.radians(np.sqrt(mode.horizontal_deg / mode.columns * mode.vertical_deg / mode.rows))
    assert np.array(leg["gsd_m"]) == pytest.approx(
        np.array(leg["slant_m"]) * pixel / np.sqrt(np.sin(np.radians(45.0))), rel=0.01
    )
    assert leg["t_to_us"][:-1] == leg["t_from_us"][1:]
    for lon, lat in zip(leg["lon_deg"], leg["lat_deg"], strict=True):
        assert (lon[0], lat[0]) == (lon[-1], lat[-1])
    # the planned swath lies to the right of the leg, one height away
    beside, azimuth = geodesic(-106.9, points[1].lat_deg, leg["centre_lon_deg"][5], leg["centre_lat_deg"][5])
    height = 5500.0 + float(undulation_m(-106.9, 25.0)) - GROUND_M
    south = beside * np.cos(np.radians(azimuth - 180.0))
    assert south == pytest.approx(height, rel=0.02)


def test_what_cannot_be_flown_is_said() -> None:
    plane, points, path = planned("mq9a", WIND)
    with pytest.raises(BadInput, match="RNG-001"):
        flight_of(path, points[:2], plane)
    with pytest.raises(BadInput, match="RNG-001"):
        flight_of(replace(path, lon_deg=path.lon_deg * np.nan), points, plane)
    strange = [replace(one, task=SensorTask("radar", "wide")) for one in points]
    with pytest.raises(BadInput, match="RNG-002"):
        flight_of(path, strange, plane, terrain=LEVEL)
    with pytest.raises(BadInput, match="RNG-003"):
        flight_of(path, points, plane)
    for rate in (0.0, float("nan"), -30.0):
        with pytest.raises(BadInput, match="RNG-004"):
            fly_frames(path, points, plane, terrain=LEVEL, rate_hz=rate)
    with pytest.raises(BadInput, match="RNG-005"):
        fly_frames(path, points, plane, terrain=LEVEL, start_us=0, end_us=1)


def test_calm_air_needs_no_crab() -> None:
    plane, points, path = planned("mq9a", ConstantWind())
    track = fly_frames(path, points, plane, terrain=LEVEL, handling=SMOOTH, rate_hz=1.0)
    course = np.degrees(np.arctan2(track.east_ms, track.north_ms))
    assert np.abs((course - track.heading_deg + 180.0) % 360.0 - 180.0).max() < 1e-6
