"""Whatever the ground and the look: the first meeting is found, on the ground, and nothing nearer is."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.earth import HitStatus, Terrain, direction, geodetic_to_ecef, ned_basis
from tests.terrain_oracle import LonLatPosts, gap_m, oracle_range_m

STEP = 1.0 / 3600.0
SHAPE = 33


@st.composite
def grounds(draw: st.DrawFn) -> LonLatPosts:
    """Noise, walls and spikes of any height on ground of any latitude."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    relief = draw(st.sampled_from([0.0, 1.0, 50.0, 400.0]))
    heights = relief * rng.random((SHAPE, SHAPE))
    if draw(st.booleans()):
        heights[draw(st.integers(0, SHAPE - 1))] += draw(st.floats(0.0, 500.0))
    if draw(st.booleans()):
        heights[draw(st.integers(0, SHAPE - 1)), draw(st.integers(0, SHAPE - 1))] += draw(st.floats(0, 900))
    north = draw(st.sampled_from([0.004, 26.0, -45.0, 70.0]))
    return LonLatPosts(heights.astype(np.float32), draw(st.sampled_from([-107.0, 12.5])), north, STEP)


@settings(max_examples=150, deadline=None)
@given(
    posts=grounds(),
    place=st.tuples(st.floats(1.0, SHAPE - 2.0), st.floats(1.0, SHAPE - 2.0)),
    above=st.floats(0.5, 1500.0),
    lowest=st.sampled_from([-5.0, 0.0, 10.0, 60.0]),
)
def test_first_hits(posts: LonLatPosts, place: tuple[float, float], above: float, lowest: float) -> None:
    affine = (posts.west_deg, STEP, 0.0, posts.north_deg, 0.0, -STEP)
    terrain = Terrain.from_posts(posts.heights_m, 4326, affine, vertical_datum="hae")
    lon, lat = (float(part[0]) for part in terrain.grid_map.places(*(np.array([at]) for at in place)))
    origin = geodetic_to_ecef(lon, lat, float(terrain.height_hae_m(lon, lat)) + above)
    azimuth = np.arange(0.0, 360.0, 11.25)
    toward = direction(azimuth, -np.linspace(lowest, lowest + 30.0, len(azimuth))) @ ned_basis(lon, lat).T
    hits, wanted = terrain.hits(origin, toward), oracle_range_m(origin, toward, posts)
    ours = np.where(hits.found, hits.range_m, np.inf)
    assert (ours <= np.where(np.isnan(wanted), np.inf, wanted) + 0.1).all()
    assert not (hits.status == HitStatus.INVALID).any()
    reached = (origin + hits.range_m[:, None] * toward)[hits.found]
    # on the outermost cells the oracle knows no ground; spikes of 900 m on posts of 30 m are steep
    gaps = gap_m(reached, posts)
    assert (np.abs(gaps[np.isfinite(gaps)]) < 0.05).all()
