"""Ground view against the worked example of the osh stream and against its own inverse."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.earth import HeightDatum, geodesic, geodetic_to_ecef
from atalaya.earth.surface import LevelSurface
from atalaya.footage.frame_table import footprint, frame_table
from atalaya.footage.ground_view import GroundSource, pixels_on_ground, view_ground
from atalaya.footage.sensor_track import SensorTrack
from tests.unit.test_footage_resample import make_track

PACKET_0 = {
    "sensor_lat_deg": 34.72115321770,
    "sensor_lon_deg": -86.68913009888,
    "sensor_height_m": 3047.8126,
    "heading_true_deg": 207.622797,
    "pitch_deg": 2.199774,
    "roll_deg": -10.055849,
    "rel_azimuth_deg": 283.893829,
    "rel_elevation_deg": -42.097469,
    "rel_roll_deg": 0.0,
    "hfov_deg": 15.0,
    "vfov_deg": 10.0,
    "slant_m": 3657.376,
    "centre_lon_deg": -86.6720377,
    "centre_lat_deg": 34.7060182,
    "centre_height_m": 201.0513,
}


def packet_0(datum: HeightDatum = "msl", **changes: float) -> SensorTrack:
    columns = {name: [value] for name, value in {**PACKET_0, **changes}.items()}
    track = make_track([1_340_980_354_100_000], **columns)
    return replace(track, sensor_height_datum=datum, centre_height_datum=datum)


def test_frame_centre_of_the_worked_example() -> None:
    view = view_ground(packet_0("hae"))  # the example takes the heights as ellipsoidal
    assert view.centre_lat_deg[0] == pytest.approx(34.7060182, abs=2e-7)
    assert view.centre_lon_deg[0] == pytest.approx(-86.6720377, abs=2e-7)
    assert view.slant_m[0] == pytest.approx(3657.51, abs=0.01)
    assert view.bearing_true_deg[0] == pytest.approx(136.9943, abs=1e-4)
    assert view.depression_deg[0] == pytest.approx(51.1186, abs=1e-4)
    assert view.ground_source[0] == GroundSource.STATED


def test_without_target_height_the_slant_range_gives_it() -> None:
    view = view_ground(packet_0(centre_height_m=np.nan))
    assert view.ground_source[0] == GroundSource.SLANT_RANGE
    assert view.slant_m[0] == pytest.approx(3657.376, abs=1e-3)


def test_without_slant_range_either_the_ground_is_unknown_and_not_invented() -> None:
    track = packet_0(centre_height_m=np.nan, slant_m=np.nan)
    view = view_ground(track)
    assert view.ground_source[0] == GroundSource.NONE
    assert np.isnan(view.centre_lon_deg[0])
    assert footprint(track, view)[2][0] == "none"


def test_above_the_horizon_there_is_no_ground_and_the_footprint_says_so() -> None:
    track = packet_0(rel_elevation_deg=10.0, roll_deg=0.0)
    view = view_ground(track)
    assert np.isnan(view.centre_lon_deg[0])
    _, _, source = footprint(track, view)
    assert source[0] == "horizon"


def test_a_pixel_in_the_middle_is_the_frame_centre_and_corner_pixels_bound_the_corners() -> None:
    track = packet_0()
    view = view_ground(track)
    lon, lat = pixels_on_ground(track, np.array([319.5]), np.array([239.5]), 640, 480, view.centre_hae_m)
    assert geodesic(lon, lat, view.centre_lon_deg, view.centre_lat_deg)[0][0] < 1e-6
    lon, lat = pixels_on_ground(track, np.array([-0.5]), np.array([-0.5]), 640, 480, view.centre_hae_m)
    assert geodesic(lon, lat, view.corner_lon_deg[:, 0], view.corner_lat_deg[:, 0])[0][0] < 1e-6


def test_corners_run_clockwise_from_the_upper_left_seen_from_above() -> None:
    view = view_ground(packet_0())
    centre = geodetic_to_ecef(view.centre_lon_deg, view.centre_lat_deg, view.centre_hae_m)[0]
    ring = geodetic_to_ecef(view.corner_lon_deg[0], view.corner_lat_deg[0], view.centre_hae_m[0]) - centre
    turns = np.cross(ring, np.roll(ring, -1, axis=0)) @ (centre / np.linalg.norm(centre))
    assert (turns < 0).all()


def test_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    track = packet_0().take(np.zeros(7, np.intp))
    whole = view_ground(track)
    monkeypatch.setattr("atalaya.footage.ground_view.BLOCK_ROWS", 3)
    np.testing.assert_array_equal(view_ground(track).corner_lat_deg, whole.corner_lat_deg)


def test_the_table_has_nulls_for_what_is_not_known_and_one_schema_for_all() -> None:
    def table_of(track: SensorTrack) -> object:
        n = len(track)
        view = view_ground(track)
        ints = np.full(n, -1, np.int64)
        return frame_table(
            np.arange(n, dtype=np.int64),
            np.ones(n, np.bool_),
            track.t_us if n else ints,
            track.t_us if n else ints,
            ints,
            np.full(n, np.nan),
            track,
            track,
            view,
            np.zeros(n, np.uint8),
        )

    full, empty, bare = table_of(packet_0()), table_of(make_track([])), table_of(make_track([5]))
    assert full.schema == empty.schema == bare.schema
    assert full["centre_miss_m"][0].as_py() < 0.05
    assert bare["centre_miss_m"][0].as_py() is None
    assert bare["footprint_source"][0].as_py() == "none"
    assert full["stated_sensor_height_msl_m"][0].as_py() == 3047.8126
    assert full["stated_sensor_height_hae_m"][0].as_py() is None


def test_on_level_terrain_of_the_same_height_nothing_changes() -> None:
    track = packet_0("hae")
    level, terrain = view_ground(track), view_ground(track, LevelSurface(PACKET_0["centre_height_m"]))
    np.testing.assert_allclose(terrain.corner_lon_deg, level.corner_lon_deg, atol=1e-10)
    np.testing.assert_allclose(terrain.slant_m, level.slant_m, atol=1e-3)
    assert terrain.ground_source[0] == GroundSource.TERRAIN


def test_terrain_that_is_not_met_gives_no_place() -> None:
    view = view_ground(packet_0(rel_elevation_deg=10.0, roll_deg=0.0), LevelSurface(100.0))
    assert view.ground_source[0] == GroundSource.NONE
    assert np.isnan(view.centre_lat_deg[0])
