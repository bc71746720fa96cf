"""Lines of sight: horizon of a plane, shadow of a wall, reciprocity, agreement with forward rays."""

import numpy as np
import pytest
from numpy.typing import NDArray

from atalaya.earth import (
    STANDARD_REFRACTION,
    HitStatus,
    Sight,
    Terrain,
    geodetic_to_ecef,
    line_of_sight,
    ned_basis,
    rough_ground,
    viewshed_from,
)

Floats = NDArray[np.float64]
STEP = 1.0 / 3600.0
PLAIN_STEP = 0.05


def plain(refraction: float) -> Terrain:
    """Ground at the height of the ellipsoid, 10 x 10 degrees about 0 N, 10 E."""
    return Terrain.from_posts(
        np.zeros((201, 201)), 4326, (5.0, PLAIN_STEP, 0, 5.0, 0, -PLAIN_STEP),
        vertical_datum="hae", refraction=refraction,
    )  # fmt: skip


@pytest.mark.parametrize(("refraction", "horizon_km"), [(0.0, 276.5), (STANDARD_REFRACTION, 296.4)])
def test_the_horizon_of_a_plain_seen_from_six_kilometres(refraction: float, horizon_km: float) -> None:
    terrain = plain(refraction)
    away = np.linspace(200.0, 400.0, 801)
    east = np.degrees(away / 6378.137)
    seen = line_of_sight(terrain, 10.0, 0.0, 6000.0, 10.0 + east, 0.0, 0.001)
    last = away[seen == Sight.SEEN].max()
    assert (seen[away <= last] == Sight.SEEN).all()
    assert last == pytest.approx(horizon_km, abs=1.0)


def test_a_wall_throws_the_shadow_of_similar_triangles() -> None:
    heights = np.zeros((41, 1001))
    heights[:, 300] = 200.0
    terrain = Terrain.from_posts(heights, 4326, (0.0, STEP, 0, 20 * STEP, 0, -STEP), vertical_datum="hae")
    view = viewshed_from(terrain, 0.0, 0.0, 700.0, above_m=0.01)
    row = view.sight[20]
    # a top 500 m below at 300 posts, ground 700 m below: 120 posts of shadow, and two for the Earth's curve
    hidden = np.flatnonzero(row == Sight.HIDDEN)
    assert hidden.min() == 301
    assert hidden.max() == 422
    assert len(hidden) == hidden.max() - 300
    assert view.share_seen == pytest.approx((row == Sight.SEEN).mean(), abs=0.01)


def places(terrain: Terrain, count: int, seed: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    lon, lat = terrain.grid_map.places(*rng.uniform(5, terrain.shape[0] - 6, (2, count)))
    return lon, lat, terrain.height_hae_m(lon, lat)


@pytest.mark.parametrize("refraction", [0.0, STANDARD_REFRACTION])
def test_who_sees_is_seen(refraction: float) -> None:
    terrain = rough_ground(np.random.default_rng(11), posts=401).terrain(refraction=refraction)
    one, other = places(terrain, 3000, 1), places(terrain, 3000, 2)
    up = np.random.default_rng(3).uniform(1.0, 400.0, (2, 3000))
    there = line_of_sight(terrain, *one[:2], one[2] + up[0], *other[:2], other[2] + up[1])
    back = line_of_sight(terrain, *other[:2], other[2] + up[1], *one[:2], one[2] + up[0])
    assert np.array_equal(there, back)
    assert 0.2 < (there == Sight.SEEN).mean() < 0.8


def test_what_is_seen_is_what_forward_rays_reach() -> None:
    terrain = rough_ground(np.random.default_rng(12), posts=401).terrain()
    lon, lat = terrain.grid_map.places(np.array([200.0]), np.array([200.0]))
    height = float(terrain.height_hae_m(lon, lat)[0]) + 900.0
    observer = geodetic_to_ecef(lon[0], lat[0], height)
    view = viewshed_from(terrain, lon[0], lat[0], height, above_m=0.5, every=3)
    assert view.sight.shape == (134, 134)
    ground = terrain.height_hae_m(view.lon_deg, view.lat_deg)
    toward = (geodetic_to_ecef(view.lon_deg, view.lat_deg, ground + 0.5) - observer).reshape(-1, 3)
    distance = np.linalg.norm(toward, axis=1)
    hits = terrain.hits(observer, toward)
    reached = np.where(hits.found, hits.range_m, np.inf) > distance - 0.02
    assert np.array_equal(reached, view.sight.ravel() == Sight.SEEN)
    assert 0.2 < view.share_seen < 0.9


def test_a_square_about_the_observer_and_its_part_outside() -> None:
    terrain = rough_ground(np.random.default_rng(13), posts=201).terrain()
    lon, lat = (float(part[0]) for part in terrain.grid_map.places(np.array([100.0]), np.array([100.0])))
    high = float(terrain.height_hae_m(lon, lat)) + 3000.0
    view = viewshed_from(terrain, lon, lat, high, within_m=500.0)
    assert (view.rows.min(), view.rows.max()) == (84, 116)
    assert (view.columns.min(), view.columns.max()) == (83, 117)
    assert len(viewshed_from(terrain, lon + 5.0, lat, high, within_m=500.0).columns) == 0
    low = viewshed_from(terrain, lon + 0.1, lat, float(terrain.ceiling_hae_m) - 300.0)
    assert (low.sight != Sight.SEEN).all()
    assert (low.sight == Sight.UNKNOWN).any()


def test_places_under_the_ground_and_outside_the_model() -> None:
    terrain = rough_ground(np.random.default_rng(13), posts=201).terrain()
    lon, lat, ground = places(terrain, 1, 1)
    top = terrain.ceiling_hae_m + 500.0
    assert line_of_sight(terrain, lon, lat, ground - 1.0, lon, lat, top)[0] == Sight.HIDDEN
    assert line_of_sight(terrain, lon, lat, top, lon, lat, ground - 1.0)[0] == Sight.HIDDEN
    assert line_of_sight(terrain, lon, lat, ground + 1.0, lon, lat, top)[0] == Sight.SEEN
    assert line_of_sight(terrain, lon, lat, np.nan, lon, lat, top)[0] == Sight.UNKNOWN
    assert line_of_sight(terrain, lon + 1.0, lat, 10.0, lon, lat, top)[0] == Sight.UNKNOWN


def test_a_void_on_the_line_leaves_it_unknown() -> None:
    heights = np.zeros((61, 61))
    heights[:, 30] = np.nan
    terrain = Terrain.from_posts(heights, 4326, (0.0, STEP, 0, 30 * STEP, 0, -STEP), vertical_datum="hae")
    end = (10 * STEP, 0.0, 1.0, 50 * STEP, 0.0)
    assert line_of_sight(terrain, *end, -0.5 + 0.6)[0] == Sight.SEEN
    heights[:, 25:36] = np.nan
    heights[:, 20] = 100.0
    hilly = Terrain.from_posts(heights, 4326, (0.0, STEP, 0, 30 * STEP, 0, -STEP), vertical_datum="hae")
    assert line_of_sight(hilly, 22 * STEP, 0.0, 60.0, 50 * STEP, 0.0, 60.0)[0] == Sight.UNKNOWN
    assert line_of_sight(hilly, 22 * STEP, 0.0, 400.0, 50 * STEP, 0.0, 400.0)[0] == Sight.SEEN


def test_forward_rays_that_miss_reach_the_sky() -> None:
    terrain = rough_ground(np.random.default_rng(13), posts=101).terrain()
    lon, lat, ground = places(terrain, 1, 5)
    origin = geodetic_to_ecef(lon[0], lat[0], ground[0] + 1.0)
    up = ned_basis(lon[0], lat[0])[:, 2] * -1.0
    assert terrain.hits(origin, up[None]).status[0] == HitStatus.SKY
