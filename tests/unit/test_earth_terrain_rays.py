"""Rays on terrain: published vectors, every status, voids, projections, paging, threads, refraction."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.ndimage import map_coordinates

from atalaya.earth import (
    STANDARD_REFRACTION,
    Hits,
    HitStatus,
    Terrain,
    direction,
    geodetic_to_ecef,
    ned_basis,
    rough_ground,
)
from atalaya.earth.march import kernels, store
from tests.terrain_oracle import LonLatPosts, gap_m, oracle_range_m

Floats = NDArray[np.float64]
WEST, NORTH, STEP = -107.0, 26.0, 1.0 / 3600.0


def level(height: float, *, posts: int = 301, step: float = 0.01, **options: float) -> Terrain:
    """Ground of one height about 25 N, 107 W."""
    west, north = -107.0 - step * (posts - 1) / 2, 25.0 + step * (posts - 1) / 2
    return Terrain.from_posts(
        np.full((posts, posts), height),
        4326,
        (west, step, 0, north, 0, -step),
        vertical_datum="hae",
        **options,
    )


def look(lon: float, lat: float, height: float, azimuth: Floats, depression: Floats) -> tuple[Floats, Floats]:
    azimuth, depression = np.broadcast_arrays(np.atleast_1d(azimuth), depression)
    toward = direction(azimuth, -depression) @ ned_basis(lon, lat).T
    return geodetic_to_ecef(lon, lat, height), toward


def rays_over(terrain: Terrain, count: int, seed: int, lowest: float = 2.0) -> tuple[Floats, Floats]:
    """Looks from 50 to 3000 m over random posts of the inner half, in all directions."""
    rng = np.random.default_rng(seed)
    row, column = (rng.uniform(0.25 * n, 0.75 * n, count) for n in terrain.shape)
    lon, lat = terrain.grid_map.places(row, column)
    origin = geodetic_to_ecef(lon, lat, terrain.height_hae_m(lon, lat) + rng.uniform(50, 3000, count))
    turned = direction(rng.uniform(0, 360, count), -rng.uniform(lowest, 85, count))
    return origin, np.einsum("nij,nj->ni", ned_basis(lon, lat), turned)


def test_published_meetings_with_level_ground() -> None:
    origin, toward = look(-107.0, 25.0, 7000.0, np.array([45.0, 45.0, 200.0]), np.array([30.0, 15.0, 5.0]))
    hits = level(1000.0).hits(origin, toward)
    assert hits.range_m == pytest.approx([12017.0150, 23336.4279, 73712.7381], abs=1e-3)
    assert hits.lat_deg == pytest.approx([25.066403609, 25.143781926, 24.376923178], abs=1e-8)
    assert hits.lon_deg == pytest.approx([-106.927075852, -106.841949446, -107.247517506], abs=1e-8)
    assert hits.height_hae_m == pytest.approx(1000.0, abs=1e-3)


def test_what_becomes_of_rays() -> None:
    terrain = level(1000.0, farthest_m=60_000.0)
    origin, toward = look(-107.0, 25.0, 3000.0, 90.0, np.array([30.0, -5.0, 1.5, 3.0]))
    # the third comes down to the ground at about 1.2 degrees 83 km away
    assert terrain.hits(origin, toward).status.tolist() == [
        HitStatus.HIT, HitStatus.SKY, HitStatus.BEYOND_HORIZON, HitStatus.HIT,
    ]  # fmt: skip
    flat, along = look(-107.0, 25.0, 1030.0, 0.0, np.array([1.0]))
    assert terrain.hits(flat, along).status.tolist() == [HitStatus.GRAZING]
    small = level(1000.0, posts=11)
    assert small.hits(*look(-107.0, 25.0, 3000.0, 0.0, np.array([3.0]))).status == HitStatus.OUTSIDE
    assert small.hits(*look(-105.0, 25.0, 3000.0, 0.0, np.array([60.0]))).status == HitStatus.OUTSIDE
    assert small.hits(*look(-107.0, 25.0, 990.0, 0.0, np.array([60.0]))).status == HitStatus.INVALID
    bad = np.array([[np.nan, 0, 0], [0.0, 0, 0], [np.inf, 0, 1]])
    assert (small.hits(origin, bad).status == HitStatus.INVALID).all()
    missed = terrain.hits(origin, toward[1:2])
    assert np.isnan([missed.range_m, missed.lon_deg, missed.lat_deg, missed.height_hae_m]).all()


def test_one_origin_or_one_per_ray_and_any_length() -> None:
    terrain = level(1000.0)
    origin, toward = look(-107.0, 25.0, 3000.0, np.array([0.0, 90.0]), 40.0)
    one = terrain.hits(origin, toward)
    many = terrain.hits(np.stack((origin, origin)), toward * np.array([[5.0], [0.01]]))
    assert one.range_m == pytest.approx(many.range_m, abs=1e-9)


def test_no_rays_at_all() -> None:
    hits = level(0.0).hits(np.zeros(3), np.empty((0, 3)))
    assert hits.status.shape == (0,)
    assert level(0.0).height_hae_m(np.empty(0), np.empty(0)).shape == (0,)


def test_voids_are_told_apart_from_ground_and_do_not_stop_what_passes_high_over_them() -> None:
    heights = np.full((201, 201), 500.0)
    heights[90:111, 120:140] = np.nan
    terrain = Terrain.from_posts(
        heights, 4326, (WEST, STEP, 0, NORTH, 0, -STEP), vertical_datum="hae", kind="dtm"
    )
    lat = NORTH - 100 * STEP
    origin, toward = look(WEST + 100 * STEP, lat, 900.0, 90.0, np.array([30.0, 10.0]))
    hits = terrain.hits(origin, toward)
    # 400 m over the ground: 30 degrees lands 693 m away in the void, 10 degrees 2270 m away beyond it
    assert hits.status.tolist() == [HitStatus.VOID, HitStatus.HIT]
    assert np.isnan(hits.range_m[0])
    assert np.isnan(terrain.height_hae_m(WEST + 130 * STEP, lat))
    assert np.isnan(terrain.normals(WEST + 130 * STEP, lat)).all()


@pytest.mark.parametrize("north", [26.0, 61.0, 79.0, -33.0])
def test_hits_are_those_of_half_metre_steps_at_every_latitude(north: float) -> None:
    made = rough_ground(np.random.default_rng(3), posts=301, north_deg=north)
    terrain = made.terrain()
    origin, toward = rays_over(terrain, 250, 7)
    posts = LonLatPosts(made.heights_m, made.west_deg, north, made.step_deg)
    ours, wanted = terrain.hits(origin, toward), oracle_range_m(origin, toward, posts)
    assert np.array_equal(ours.found, np.isfinite(wanted))
    assert np.nanmax(np.abs(ours.range_m - wanted)) < 0.02
    assert (ours.status[~ours.found] == HitStatus.OUTSIDE).all()


def test_a_thin_ridge_hides_what_lies_behind() -> None:
    heights = np.zeros((401, 401))
    heights[200] = 300.0
    terrain = Terrain.from_posts(heights, 4326, (WEST, STEP, 0, NORTH, 0, -STEP), vertical_datum="hae")
    # from 3 km south at 400 m over the ground; the ridge's top is seen under two degrees
    origin, toward = look(WEST + 200 * STEP, NORTH - 300 * STEP, 400.0, 0.0, np.array([1.5, 2.5, 5.0]))
    hits = terrain.hits(origin, toward)
    crest = 100 * STEP * 110_700.0
    assert hits.status[0] == HitStatus.OUTSIDE
    assert hits.range_m[1] == pytest.approx(crest, rel=0.02)
    assert hits.height_hae_m[1] > 200.0
    assert hits.range_m[2] < crest


CRS: dict[str, tuple[int, float, float]] = {
    "UTM": (32613, -106.7, 25.8),
    "UTM far from its meridian": (32613, -100.2, 62.0),
    "polar stereographic": (3413, -40.0, 84.0),
    "at the pole": (3413, -45.0, 89.99),
    "Europe, equal area": (3035, 24.0, 47.0),
    "web map": (3857, 178.0, -40.0),
}


@pytest.mark.parametrize("name", CRS)
def test_projected_rasters_are_met_where_their_crs_puts_them(name: str) -> None:
    crs, lon, lat = CRS[name]
    heights = rough_ground(np.random.default_rng(8), posts=201).heights_m.astype(np.float64)
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    affine = (x - 3000.0, 30.0, 0.0, y + 3000.0, 0.0, -30.0)
    terrain = Terrain.from_posts(heights, crs, affine, vertical_datum="hae")
    rng = np.random.default_rng(9)
    row, column = rng.uniform(0, 200, 500), rng.uniform(0, 200, 500)
    places = terrain.grid_map.places(row, column)
    wanted = map_coordinates(heights, [row, column], order=1)
    assert np.abs(terrain.height_hae_m(*places) - wanted).max() < 5e-3
    origin, toward = rays_over(terrain, 300, 1)
    hits = terrain.hits(origin, toward)
    assert hits.found.sum() > 150
    reached = terrain.height_hae_m(hits.lon_deg[hits.found], hits.lat_deg[hits.found])
    assert np.abs(reached - hits.height_hae_m[hits.found]).max() < 5e-3
    back = terrain.grid_map.posts(float(places[0][0]), float(places[1][0]))
    assert back == pytest.approx((row[0], column[0]), abs=1e-4)


def test_turned_and_mirrored_rasters() -> None:
    heights = rough_ground(np.random.default_rng(8), posts=101).heights_m.astype(np.float64)
    plain = Terrain.from_posts(heights, 4326, (WEST, STEP, 0, NORTH, 0, -STEP), vertical_datum="hae")
    mirrored = Terrain.from_posts(
        heights[::-1], 4326, (WEST, STEP, 0, NORTH - 100 * STEP, 0, STEP), vertical_datum="hae"
    )
    turned = Terrain.from_posts(heights.T, 4326, (WEST, 0, STEP, NORTH, -STEP, 0), vertical_datum="hae")
    origin, toward = rays_over(plain, 200, 2, lowest=20.0)
    wanted = plain.hits(origin, toward)
    for other in (mirrored, turned):
        assert np.nanmax(np.abs(other.hits(origin, toward).range_m - wanted.range_m)) < 5e-3


def test_ground_across_the_antimeridian_is_one_piece() -> None:
    heights = rough_ground(np.random.default_rng(8), posts=101).heights_m.astype(np.float64)
    here = Terrain.from_posts(heights, 4326, (179.99, STEP, 0, NORTH, 0, -STEP), vertical_datum="hae")
    lat = NORTH - 50 * STEP
    for lon, column in ((179.995, 18.0), (-179.99, 72.0)):
        wanted = map_coordinates(heights, [[50.0], [column]], order=1)
        assert here.height_hae_m(lon, lat) == pytest.approx(wanted[0], abs=1e-2)
    origin, toward = look(179.999, lat, 4000.0, 90.0, np.array([80.0]))
    assert here.hits(origin, toward).lon_deg[0] < -179.99


def paged(path: Path, monkeypatch: pytest.MonkeyPatch) -> Terrain:
    """The terrain of a file with room for 16 of its 100 blocks."""
    monkeypatch.setattr(store, "BLOCK_BITS", 5)
    return Terrain.open(path, memory_mb=0.001)


def same(one: Hits, other: Hits) -> bool:
    return np.array_equal(one.status, other.status) and np.allclose(
        one.range_m, other.range_m, rtol=0.0, atol=1e-6, equal_nan=True
    )


def test_a_terrain_larger_than_its_memory_answers_as_one_held_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rough_ground(np.random.default_rng(2), posts=315).write(tmp_path / "r.tif", vertical_epsg=5773, tile=64)
    whole = Terrain.open(tmp_path / "r.tif")
    parts = paged(tmp_path / "r.tif", monkeypatch)
    assert parts._store.slots == 16
    origin, toward = rays_over(whole, 600, 4)
    assert same(whole.hits(origin, toward), parts.hits(origin, toward))
    assert parts._store.blocks_read > 100
    lon, lat = whole.grid_map.places(*np.random.default_rng(1).uniform(0, 314, (2, 2000)))
    assert np.array_equal(whole.height_hae_m(lon, lat), parts.height_hae_m(lon, lat))
    assert np.array_equal(whole.slopes(lon, lat), parts.slopes(lon, lat))
    observer = geodetic_to_ecef(-106.95, 25.95, 4000.0)
    assert np.array_equal(whole.sightlines(lon, lat, observer), parts.sightlines(lon, lat, observer))
    assert parts.ceiling_hae_m == whole.ceiling_hae_m


def test_blocks_are_read_only_where_rays_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rough_ground(np.random.default_rng(2), posts=315).write(tmp_path / "r.tif", vertical_epsg=5773, tile=64)
    parts = paged(tmp_path / "r.tif", monkeypatch)
    parts.hits(*look(-106.95, 25.95, 4000.0, 0.0, np.array([85.0])))
    assert parts._store.blocks_read <= 2


def test_threads_get_the_same_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rough_ground(np.random.default_rng(2), posts=315).write(tmp_path / "r.tif", vertical_epsg=5773, tile=64)
    whole = Terrain.open(tmp_path / "r.tif")
    jobs = [rays_over(whole, 150, seed) for seed in range(12)]
    wanted = [whole.hits(*job) for job in jobs]
    for terrain in (whole, paged(tmp_path / "r.tif", monkeypatch)):
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda job, on=terrain: on.hits(*job), jobs))
        assert all(same(one, other) for one, other in zip(wanted, found, strict=True))


def test_standard_refraction_brings_the_ground_nearer_by_the_share_of_the_earths_curve() -> None:
    depression = 8.0
    origin, toward = look(-107.0, 25.0, 3790.0, 90.0, np.array([depression]))
    straight = level(1000.0).hits(origin, toward)
    bent = level(1000.0, refraction=STANDARD_REFRACTION).hits(origin, toward)
    away = straight.range_m[0]
    sag = 0.13 * (away * np.cos(np.radians(depression))) ** 2 / (2 * 6_371_000.0)
    assert sag == pytest.approx(4.08, rel=0.05)
    meeting = np.radians(depression) - away / 6_371_000.0
    assert straight.range_m[0] - bent.range_m[0] == pytest.approx(sag / np.sin(meeting), rel=0.15)


def test_normals_follow_a_slope() -> None:
    rise = np.arange(101.0)[:, None] * STEP * 110_800.0 * 0.5 + np.zeros((1, 101))
    terrain = Terrain.from_posts(rise[::-1], 4326, (WEST, STEP, 0, NORTH, 0, -STEP), vertical_datum="hae")
    lon, lat = np.array([WEST + 50.5 * STEP]), np.array([NORTH - 50.5 * STEP])
    assert terrain.slopes(lon, lat)[0] == pytest.approx([0.0, 0.5], abs=2e-3)
    north_east_down = terrain.normals(lon, lat)[0] @ ned_basis(lon[0], lat[0])
    assert north_east_down == pytest.approx([-0.4472, 0.0, -0.8944], abs=2e-3)


def test_hits_lie_on_the_ground_by_an_independent_reckoning() -> None:
    made = rough_ground(np.random.default_rng(5), posts=301)
    terrain = made.terrain()
    origin, toward = rays_over(terrain, 300, 3)
    hits = terrain.hits(origin, toward)
    reached = geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m)[hits.found]
    posts = LonLatPosts(made.heights_m, made.west_deg, made.north_deg, made.step_deg)
    assert np.abs(gap_m(reached, posts)).max() < 0.01
    along = (origin + hits.range_m[:, None] * toward)[hits.found]
    assert np.abs(along - reached).max() < 1e-5


def test_the_kernels_own_geodetic_heights_agree_with_the_iterated_ones() -> None:
    rng = np.random.default_rng(6)
    lon, lat = rng.uniform(-180, 180, 300), rng.uniform(-90, 90, 300)
    height = rng.uniform(-500, 20_000, 300)
    for point, phi, h in zip(geodetic_to_ecef(lon, lat, height), np.radians(lat), height, strict=True):
        cos_p, sin_p, _, _, found = kernels.geodetic(*point)
        assert found == pytest.approx(h, abs=1e-7)
        assert np.arctan2(sin_p, cos_p) == pytest.approx(phi, abs=1e-12)
