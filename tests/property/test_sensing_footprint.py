"""Footprints against an independent ray trace: SciPy's rotations, PROJ's geodesy, a quadratic."""

import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.spatial.transform import Rotation
from shapely import box

from atalaya.base.errors import BadInput
from atalaya.earth import LevelSurface, Sight, geodetic_to_ecef, rough_ground
from atalaya.sensing import FieldOfView, flat_corners, flat_footprint, make_grid, true_depression_deg
from atalaya.sensing.view import cells_in_sight, footprint_on, sensor_pose
from tests.terrain_oracle import LonLatPosts, oracle_range_m

Floats = NDArray[np.float64]

POSES = 1000
CLOSE = 0.005
A, B = 6378137.0, 6356752.314245
TO_ECEF = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


def poses(count: int, seed: int) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    return {
        "heading_deg": rng.uniform(0, 360, count),
        "pitch_deg": rng.uniform(-6, 10, count),
        "roll_deg": rng.uniform(-25, 25, count),
        "bearing_relative_deg": rng.uniform(0, 360, count),
        "depression_deg": rng.uniform(35, 90, count),
    }


def corner_rays(fov: FieldOfView, pose: dict[str, Floats]) -> Floats:
    """(n, 4, 3) unit directions north, east, down."""
    body = Rotation.from_euler(
        "ZYX", np.stack((pose["heading_deg"], pose["pitch_deg"], pose["roll_deg"]), 1), degrees=True
    )
    gimbal = Rotation.from_euler(
        "ZY", np.stack((pose["bearing_relative_deg"], -pose["depression_deg"]), 1), degrees=True
    )
    x, y = np.tan(np.radians((fov.horizontal_deg / 2, fov.vertical_deg / 2)))
    camera = np.array([[1, -x, -y], [1, x, -y], [1, x, y], [1, -x, y]])
    rays = np.stack([(body * gimbal).apply(np.tile(one, (len(pose["roll_deg"]), 1))) for one in camera], 1)
    return np.asarray(rays / np.linalg.norm(rays, axis=2, keepdims=True))


def onto_ellipsoid(origin: Floats, ray: Floats) -> Floats:
    scale = np.array([1 / A, 1 / A, 1 / B])
    o, d = origin * scale, ray * scale
    a, b, c = (d * d).sum(-1), (o * d).sum(-1), (o * o).sum(-1) - 1.0
    root = np.sqrt(np.where(b * b >= a * c, b * b - a * c, np.nan))
    found = (-b - root) / a
    return np.asarray(np.where(found > 0.0, found, np.nan))


def test_a_thousand_poses_over_the_ellipsoid() -> None:
    fov = FieldOfView("x", 22.0, 17.0, 1280, 1024)
    pose = poses(POSES, 1)
    rng = np.random.default_rng(2)
    lon, lat, height = (
        rng.uniform(-180, 180, POSES),
        rng.uniform(-70, 70, POSES),
        rng.uniform(300, 9000, POSES),
    )
    rays = corner_rays(fov, pose)
    compared = 0
    for k in range(POSES):
        sin_lon, cos_lon = np.sin(np.radians(lon[k])), np.cos(np.radians(lon[k]))
        sin_lat, cos_lat = np.sin(np.radians(lat[k])), np.cos(np.radians(lat[k]))
        ned = np.array(
            [
                [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
                [-sin_lon, cos_lon, 0.0],
                [-cos_lat * cos_lon, -cos_lat * sin_lon, -sin_lat],
            ]
        )
        origin = np.array(TO_ECEF.transform(lon[k], lat[k], height[k]))
        truth = onto_ellipsoid(origin, rays[k] @ ned)
        if not np.isfinite(truth).all() or truth.max() > 45_000.0:
            continue
        turned = {name: float(values[k]) for name, values in pose.items()}
        shown = footprint_on(
            LevelSurface(0.0), fov, sensor_pose(lon[k], lat[k], height[k], **turned), per_side=1
        )
        places = geodetic_to_ecef(shown.lon_deg, shown.lat_deg, shown.height_hae_m)
        for corner in range(4):
            wanted = origin + truth[corner] * (rays[k][corner] @ ned)
            apart = np.linalg.norm(places - wanted, axis=1).min()
            assert apart <= CLOSE * truth[corner]
            compared += 1
    assert compared > 2.5 * POSES


def test_a_thousand_poses_by_the_flat_formula() -> None:
    fov = FieldOfView("x", 12.0, 9.0, 1280, 1024)
    pose = poses(POSES, 3)
    height = np.random.default_rng(4).uniform(100, 7620, POSES)
    rays = corner_rays(fov, pose)
    found = flat_corners(height, fov, **pose)
    # depression of the corner: below it the flat Earth is not flat enough
    low = np.degrees(np.arcsin(np.clip(rays[..., 2], -1, 1))).min(axis=1) < 25.0
    origin = np.stack((np.zeros(POSES), np.zeros(POSES), B + height), 1)
    for k in np.flatnonzero(~low):
        # at the north pole: north is one meridian, down is -z
        ecef = rays[k] * np.array([1.0, 1.0, -1.0])
        reach = onto_ellipsoid(origin[k], ecef)
        wanted = (ecef * reach[:, None])[:, :2]
        assert np.abs(found[k] - wanted).max() <= CLOSE * reach.max()
    assert (~low).sum() > POSES / 3


def test_the_closed_formula_is_the_flat_trace_straight_ahead() -> None:
    fov = FieldOfView("x", 22.0, 17.0, 1280, 1024)
    for depression in (20.0, 45.0, 80.0, 90.0):
        shown = flat_footprint(3000.0, depression, fov)
        corners = flat_corners(3000.0, fov, depression_deg=depression)
        assert shown.far_m == pytest.approx(corners[0, 0], rel=1e-9)
        assert shown.near_m == pytest.approx(corners[2, 0], rel=1e-9, abs=1e-6)
        assert true_depression_deg(0.0, 0.0, 0.0, depression) == pytest.approx(depression)
    assert flat_footprint(3000.0, 8.0, fov).far_m == np.inf
    assert np.isnan(flat_corners(3000.0, fov, depression_deg=5.0)[:2]).all()


def test_the_body_adds_to_the_gimbal() -> None:
    assert true_depression_deg(-5.0, 0.0, 0.0, 40.0) == pytest.approx(45.0)
    assert true_depression_deg(5.0, 0.0, 180.0, 40.0) == pytest.approx(45.0)
    assert true_depression_deg(0.0, 10.0, 90.0, 40.0) == pytest.approx(50.0)


@pytest.mark.parametrize(("height", "depression"), [(0.0, 45.0), (np.nan, 45.0), (100.0, 0.0), (100.0, 95.0)])
def test_no_footprint_from_the_ground_or_the_sky(height: float, depression: float) -> None:
    with pytest.raises(BadInput, match="SNS-006"):
        flat_footprint(height, depression, FieldOfView("x", 10.0, 8.0, 640, 512))


def test_on_terrain_and_in_sight_as_half_metre_steps_have_it() -> None:
    made = rough_ground(np.random.default_rng(6), posts=241)
    terrain = made.terrain()
    posts = LonLatPosts(made.heights_m, made.west_deg, made.north_deg, made.step_deg)
    middle = 120 * made.step_deg
    lon, lat = made.west_deg + middle, made.north_deg - middle
    height = float(terrain.height_hae_m([lon], [lat])[0]) + 900.0
    pose = sensor_pose(lon, lat, height, heading_deg=30.0, pitch_deg=2.0, roll_deg=5.0, depression_deg=50.0)
    fov = FieldOfView("x", 20.0, 15.0, 640, 480)
    shown = footprint_on(terrain, fov, pose)
    toward = geodetic_to_ecef(shown.lon_deg, shown.lat_deg, shown.height_hae_m) - pose.origin_m
    truth = oracle_range_m(pose.origin_m, toward, posts)
    assert shown.range_m == pytest.approx(truth, rel=CLOSE)
    square = 40 * made.step_deg
    grid = make_grid(box(lon - square, lat - square, lon + square, lat + square), 100.0)
    seen = cells_in_sight(terrain, grid, lon, lat, height)
    assert seen.shape == grid.shape
    assert (seen == Sight.SEEN).mean() > 0.5
    lower = cells_in_sight(terrain, grid, lon, lat, height - 890.0)
    assert (lower == Sight.SEEN).sum() < (seen == Sight.SEEN).sum()
