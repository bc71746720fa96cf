"""Footprints: analytic ones on level ground, horizons, ridges, holes, and the size of pixels."""

import numpy as np
import pytest
from shapely import contains_xy

from atalaya.earth import (
    Fisheye,
    HitStatus,
    LevelSurface,
    Pinhole,
    Pose,
    Surface,
    Terrain,
    camera_to_ned,
    footprint_of,
    geodesic,
    geodetic_to_ecef,
    ground_sample_of,
    ned_basis,
    rough_ground,
    visible_cells,
)
from atalaya.earth.ground_sample import local_normals

LON, LAT = -106.95, 25.95
STEP = 1.0 / 3600.0


def pose(height: float, azimuth: float, depression: float) -> Pose:
    turned = ned_basis(LON, LAT) @ camera_to_ned(azimuth, 0.0, 0.0, 0.0, -depression, 0.0)
    return Pose(geodetic_to_ecef(LON, LAT, height), turned)


def flat(height: float = 0.0, posts: int = 401) -> Terrain:
    half = posts // 2 * STEP
    return Terrain.from_posts(
        np.full((posts, posts), height),
        4326,
        (LON - half, STEP, 0, LAT + half, 0, -STEP),
        vertical_datum="hae",
    )


@pytest.mark.parametrize("surface", [LevelSurface(100.0), flat(100.0)])
def test_straight_down_the_footprint_is_the_pictures_shape(surface: Surface) -> None:
    lens = Pinhole.from_fov(1600, 900, 40.0)
    found = footprint_of(lens, pose(2100.0, 90.0, 90.0), surface)
    assert len(found.lon_deg) == 64
    assert not found.clipped.any()
    assert (found.status == HitStatus.HIT).all()
    corners = np.flatnonzero(np.isin(found.column, (-0.5, 1599.5)) & np.isin(found.row, (-0.5, 899.5)))
    assert corners.tolist() == [0, 16, 32, 48]
    lon, lat = found.lon_deg[corners], found.lat_deg[corners]
    sides, _ = geodesic(lon, lat, np.roll(lon, -1), np.roll(lat, -1))
    width = 2 * 2000.0 * np.tan(np.radians(20.0))
    assert sides == pytest.approx([width, width * 9 / 16] * 2, rel=1e-3)
    assert found.polygon().area * 111_319.0**2 * np.cos(np.radians(LAT)) == pytest.approx(
        width**2 * 9 / 16, rel=0.01
    )


def test_a_narrow_view_from_high_up_does_not_collapse() -> None:
    lens = Pinhole.from_fov(1280, 720, 0.05)
    found = footprint_of(lens, pose(9000.0, 30.0, 70.0), LevelSurface(0.0))
    assert found.polygon().is_valid
    east = np.ptp(found.lon_deg) * 111_319.0 * np.cos(np.radians(LAT))
    assert 7.0 < east < 12.0
    assert len(np.unique(found.lon_deg)) == len(found.lon_deg)


def test_sky_is_clipped_at_the_horizon_or_the_stated_range() -> None:
    lens = Pinhole.from_fov(1000, 1000, 40.0)
    for farthest, nearest in ((20_000.0, 19_900.0), (500_000.0, 90_000.0)):
        found = footprint_of(lens, pose(1000.0, 90.0, 5.0), LevelSurface(0.0), farthest_m=farthest)
        top = found.clipped
        assert top.sum() >= 17
        assert (found.row[top] > -0.5).all()
        assert (found.range_m <= farthest).all()
        assert np.median(found.range_m[top]) > nearest
        assert np.isin(found.status[top], (HitStatus.SKY, HitStatus.BEYOND_HORIZON)).all()
        assert found.polygon().is_valid
    assert found.range_m.max() == pytest.approx(np.sqrt(2 * 6_371_000.0 * 1000.0), rel=0.01)


def test_a_picture_of_the_sky_has_no_footprint() -> None:
    found = footprint_of(Pinhole.from_fov(100, 100, 20.0), pose(1000.0, 90.0, -30.0), flat())
    assert len(found.lon_deg) == 0
    assert found.polygon().is_empty
    assert visible_cells(
        Pinhole.from_fov(100, 100, 20.0), pose(1000.0, 90.0, -30.0), flat(), found
    ).seen.shape == (0, 0)


def test_ground_the_model_does_not_have_is_left_out_and_said() -> None:
    found = footprint_of(Pinhole.from_fov(640, 480, 30.0), pose(2000.0, 90.0, 25.0), flat(posts=201))
    assert (found.status == HitStatus.OUTSIDE).any()
    assert found.clipped.any()
    assert found.lon_deg.max() == pytest.approx(LON + 100 * STEP, abs=2 * STEP)


def ridged() -> Terrain:
    heights = np.zeros((401, 401))
    heights[:, 260:264] = 300.0
    half = 200 * STEP
    return Terrain.from_posts(
        heights, 4326, (LON - half, STEP, 0, LAT + half, 0, -STEP), vertical_datum="hae"
    )


def test_the_border_is_refined_where_it_jumps_over_a_ridge() -> None:
    lens, camera = Pinhole.from_fov(640, 480, 30.0), pose(700.0, 90.0, 14.0)
    over_ridge, over_plain = (footprint_of(lens, camera, ground) for ground in (ridged(), flat()))
    assert len(over_ridge.lon_deg) > len(over_plain.lon_deg) + 6


def test_cells_behind_a_ridge_are_not_visible() -> None:
    lens, camera = Pinhole.from_fov(640, 480, 30.0), pose(700.0, 90.0, 14.0)
    terrain = ridged()
    found = footprint_of(lens, camera, terrain)
    cells = visible_cells(lens, camera, terrain, found, cells_along=200)
    lon, lat = np.meshgrid(cells.lon_deg, cells.lat_deg)
    middle = np.abs(lat - LAT) < 3 * STEP
    behind = middle & (lon > LON + 66 * STEP) & (lon < LON + 90 * STEP)
    before = middle & (lon > LON + 55 * STEP) & (lon < LON + 58 * STEP)
    assert behind.any()
    assert not cells.seen[behind].any()
    assert before.any()
    assert cells.seen[before].all()
    assert contains_xy(found.polygon().buffer(3 * STEP), lon[cells.seen], lat[cells.seen]).all()


def test_a_fisheyes_dark_corners_are_no_ground() -> None:
    lens = Fisheye(1000, 1000, 250.0, 250.0, 499.5, 499.5, k1=-0.1)
    found = footprint_of(lens, pose(500.0, 0.0, 90.0), LevelSurface(0.0), farthest_m=3000.0)
    assert found.status[0] == HitStatus.INVALID
    assert found.clipped.all()
    assert found.range_m == pytest.approx(3000.0, rel=1e-3)


def test_size_of_a_pixel() -> None:
    lens = Pinhole.from_fov(1000, 1000, 20.0)
    down = ground_sample_of(lens, pose(2000.0, 0.0, 90.0), LevelSurface(0.0), 499.5, 499.5)
    pixel = 2 * np.tan(np.radians(10.0)) / 1000
    assert (down.across_m[0], down.along_m[0]) == pytest.approx((2000 * pixel,) * 2, rel=1e-5)
    assert down.grazing_deg[0] == pytest.approx(90.0, abs=1e-3)
    aslant = ground_sample_of(lens, pose(2000.0, 0.0, 30.0), LevelSurface(0.0), [499.5], [499.5])
    assert aslant.grazing_deg[0] == pytest.approx(30.0, abs=0.04)
    assert aslant.along_m[0] == pytest.approx(2 * aslant.across_m[0], rel=2e-3)
    sky = ground_sample_of(lens, pose(2000.0, 0.0, -30.0), LevelSurface(0.0), 499.5, 499.5)
    assert np.isnan([sky.across_m[0], sky.along_m[0]]).all()


def test_a_slope_that_faces_the_camera_has_smaller_pixels() -> None:
    rise = np.tile(np.arange(401.0) * STEP * 100_000.0 * 0.36, (401, 1))
    half = 200 * STEP
    affine = (LON - half, STEP, 0.0, LAT + half, 0.0, -STEP)
    terrain = Terrain.from_posts(rise, 4326, affine, vertical_datum="hae")
    lens = Pinhole.from_fov(1000, 1000, 20.0)
    high = float(terrain.height_hae_m(LON, LAT)) + 500.0
    east, west = (
        ground_sample_of(lens, pose(high, way, 30.0), terrain, 499.5, 499.5) for way in (90.0, 270.0)
    )
    assert east.grazing_deg[0] == pytest.approx(50.0, abs=0.8)
    assert west.grazing_deg[0] == pytest.approx(10.0, abs=0.8)


def test_planes_of_a_surface_that_does_not_know_them_are_found_from_its_heights() -> None:
    terrain = rough_ground(np.random.default_rng(1), posts=101).terrain()

    class Heights:
        kind, source = terrain.kind, terrain.source
        hits, height_hae_m = terrain.hits, terrain.height_hae_m

    lon, lat = terrain.grid_map.places(*np.random.default_rng(2).uniform(10, 90, (2, 200)))
    apart = local_normals(Heights(), lon, lat) - local_normals(terrain, lon, lat)
    # a step of a metre may cross into the next cell, where the plane is another
    assert np.median(np.abs(apart)) < 1e-3
