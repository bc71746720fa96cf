"""Ellipsoid, attitude, line of sight and geoid against published and independently computed values."""

import numpy as np
import pytest
from pyproj import Transformer

from atalaya.base.errors import DatumError, VerificationFailed
from atalaya.earth import (
    angles_zyx,
    azimuth_elevation,
    boresight_ned,
    camera_to_ned,
    converted_height_m,
    corners_in_camera,
    direction,
    ecef_to_geodetic,
    enu_basis,
    geodesic,
    geodetic_to_ecef,
    geoid,
    ned_basis,
    pixel_in_camera,
    point_at_height,
    range_to_height,
    require_same_datum,
    rotation_zyx,
    undulation_m,
)
from atalaya.earth.attitude import rotation_x, rotation_y, rotation_z
from tests.shared_data import shared

SENSOR = geodetic_to_ecef(-107.0, 25.0, 7000.0)


def test_a_place_has_the_published_cartesian_coordinates() -> None:
    assert pytest.approx((-1692936.9181, -5537347.1516, 2682032.7908), abs=1e-4) == tuple(SENSOR)


def test_cartesian_coordinates_agree_with_proj_both_ways() -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-180, 180, 500), np.degrees(np.arcsin(rng.uniform(-1, 1, 500)))
    height = rng.uniform(-500, 40_000, 500)
    theirs = Transformer.from_crs(4979, 4978, always_xy=True).transform(lon, lat, height)
    ours = geodetic_to_ecef(lon, lat, height)
    assert np.abs(ours - np.stack(theirs, axis=-1)).max() < 1e-6
    back = ecef_to_geodetic(ours)
    assert np.abs(back[0] - lon).max() < 1e-11
    assert np.abs(back[1] - lat).max() < 1e-11
    assert np.abs(back[2] - height).max() < 1e-7


def test_poles_and_equator_come_back() -> None:
    lon, lat, height = ecef_to_geodetic(
        geodetic_to_ecef([0.0, 0.0, 180.0], [90.0, -90.0, 0.0], [10.0, 0.0, -5.0])
    )
    assert np.allclose(lat, [90, -90, 0], atol=1e-12)
    assert np.allclose(height, [10, 0, -5], atol=1e-8)
    assert lon[2] == pytest.approx(180.0)


def test_local_frames_are_right_handed_and_point_where_they_say() -> None:
    ned, enu = ned_basis(-107.0, 25.0), enu_basis(-107.0, 25.0)
    assert np.linalg.det(ned) == pytest.approx(1.0)
    assert np.linalg.det(enu) == pytest.approx(1.0)
    step = ecef_to_geodetic(SENSOR + 100.0 * ned[:, 0])
    assert step[1] > 25.0
    assert step[0] == pytest.approx(-107.0)
    assert ecef_to_geodetic(SENSOR + 100.0 * enu[:, 2])[2] == pytest.approx(7100.0)
    assert ecef_to_geodetic(SENSOR + 100.0 * enu[:, 0])[0] > -107.0


def test_geodesics_have_length_and_true_azimuth() -> None:
    distance, azimuth = geodesic([0.0, 0.0, np.nan], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0])
    assert distance[:2] == pytest.approx([111319.4908, 110574.3886], abs=1e-3)
    assert azimuth[:2] == pytest.approx([90.0, 180.0])
    assert np.isnan(distance[2])


@pytest.mark.parametrize(
    ("azimuth", "depression", "reach", "lat", "lon"),
    [
        (45, 30, 12017.0150, 25.066403609, -106.927075852),
        (45, 15, 23336.4279, 25.143781926, -106.841949446),
        (200, 5, 73712.7381, 24.376923178, -107.247517506),
    ],
)
def test_a_ray_meets_the_surface_where_it_should(
    azimuth: float, depression: float, reach: float, lat: float, lon: float
) -> None:
    ray = ned_basis(-107.0, 25.0) @ direction(azimuth, -depression)
    assert float(range_to_height(SENSOR, ray, 1000.0)) == pytest.approx(reach, abs=1e-4)
    found = ecef_to_geodetic(point_at_height(SENSOR, 5.0 * ray, 1000.0))
    assert float(found[0]) == pytest.approx(lon, abs=1e-9)
    assert float(found[1]) == pytest.approx(lat, abs=1e-9)
    assert float(found[2]) == pytest.approx(1000.0, abs=1e-5)


def test_rays_that_meet_nothing_say_so() -> None:
    up = ned_basis(-107.0, 25.0) @ direction(0.0, 5.0)
    level = ned_basis(-107.0, 25.0) @ direction(0.0, -1.0)
    down = ned_basis(-107.0, 25.0) @ direction(0.0, -90.0)
    rays = np.stack([up, level, down, np.full(3, np.nan)])
    reach = range_to_height(SENSOR, rays, [0.0, 0.0, 100.0, 0.0])
    assert np.isnan(reach[[0, 1, 3]]).all()
    assert reach[2] == pytest.approx(6900.0, abs=1e-6)
    assert np.isnan(range_to_height(SENSOR, down, 8000.0))


def test_rotations_compose_and_come_apart() -> None:
    whole = rotation_zyx(207.6, 2.2, -10.1)
    assert np.allclose(whole, rotation_z(207.6) @ rotation_y(2.2) @ rotation_x(-10.1))
    assert np.allclose(angles_zyx(whole), (207.6, 2.2, -10.1))
    assert np.allclose(
        rotation_y(30.0), [[np.cos(np.pi / 6), 0, 0.5], [0, 1, 0], [-0.5, 0, np.cos(np.pi / 6)]]
    )


def test_the_boresight_of_a_real_packet_looks_the_way_it_is_known_to() -> None:
    look = boresight_ned(207.622797, 2.199774, -10.055849, 283.893829, -42.097469)
    azimuth, elevation = azimuth_elevation(look)
    assert float(azimuth) == pytest.approx(136.9943, abs=1e-4)
    assert float(elevation) == pytest.approx(-51.1186, abs=1e-4)
    full = camera_to_ned(207.622797, 2.199774, -10.055849, 283.893829, -42.097469, 30.0)
    assert np.allclose(full[:, 0], look)
    sensor = geodetic_to_ecef(-86.68913009888, 34.72115321770, 3047.8126)
    ray = ned_basis(-86.68913009888, 34.72115321770) @ look
    assert float(range_to_height(sensor, ray, 201.0513)) == pytest.approx(3657.51, abs=0.01)


def test_pixels_and_corners_of_an_image() -> None:
    centre = pixel_in_camera(319.5, 239.5, 640, 480, 10.0, 8.0)
    assert np.allclose(centre, (1, 0, 0))
    upper_left = pixel_in_camera(-0.5, -0.5, 640, 480, 10.0, 8.0)
    assert np.allclose(corners_in_camera(10.0, 8.0)[0], upper_left)
    assert corners_in_camera([10.0, 20.0], [8.0, 9.0]).shape == (2, 4, 3)


GOLDEN = [
    (25, -107, -26.4628),
    (31.603, -110.433, -28.6155),
    (19.4, -99.1, -4.1548),
    (47.643, 16.476, 45.6794),
    (0, 0, 17.1616),
    (90, 0, 13.6062),
    (-90, 55, -29.5338),
    (0, 179.9, 21.2423),
    (0, -179.95, 21.1120),
    (4.7, -74.1, 21.3420),
]


@pytest.mark.parametrize(("lat", "lon", "expected"), GOLDEN)
def test_the_geoid_has_the_published_undulations(lat: float, lon: float, expected: float) -> None:
    assert float(undulation_m(lon, lat)) == pytest.approx(expected, abs=0.006)


def test_the_geoid_equals_the_reference_grid() -> None:
    data = shared("earth/egm96/egm96_15.gtx").read_bytes()
    reference = np.frombuffer(data, ">f4", offset=40).reshape(721, 1440)
    lat = np.repeat(-90.0 + 0.25 * np.arange(721), 1440)
    lon = np.tile(-180.0 + 0.25 * np.arange(1440), 721)
    difference = undulation_m(lon, lat).reshape(721, 1440) - reference
    assert np.abs(difference).max() < 0.006  # both are rounded to centimetres, not alike


def test_heights_move_between_datums_and_unknown_ones_are_refused() -> None:
    assert float(converted_height_m(1440.0, -107.0, 25.0, have="msl", want="hae")) == pytest.approx(
        1413.537, abs=0.006
    )
    there = converted_height_m([1.0, np.nan], 10.0, 20.0, have="hae", want="msl")
    back = converted_height_m(there, 10.0, 20.0, have="msl", want="hae")
    assert back[0] == pytest.approx(1.0)
    assert np.isnan(back[1])
    assert float(converted_height_m(5.0, 0, 0, have="unknown", want="unknown")) == 5.0
    with pytest.raises(DatumError) as refused:
        converted_height_m(5.0, 0, 0, have="unknown", want="hae")
    assert refused.value.code == "EAR-002"
    require_same_datum("msl", "msl")
    with pytest.raises(DatumError, match="EAR-001"):
        require_same_datum("msl", "hae")
    with pytest.raises(DatumError, match="EAR-002"):
        require_same_datum("msl", "unknown")


def test_a_damaged_geoid_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geoid, "_SHA256", "0" * 64)
    geoid._grid_m.cache_clear()
    with pytest.raises(VerificationFailed, match="EAR-003"):
        undulation_m(0.0, 0.0)
    geoid._grid_m.cache_clear()
