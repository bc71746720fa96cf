"""Laws of the layer index on random polygons: GEOS, pyproj and shapely are the other opinion."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from atalaya.law.boundary.index import LayerIndex
from tests.boundary_layers import brute_depth_m, layer, rough_polygon

GEOD = Geod(ellps="WGS84")
SEEDS = st.integers(0, 2**32 - 1)
PLACES = st.tuples(st.floats(-179, 179), st.floats(-80, 80), st.sampled_from([0.02, 0.3, 2.0]))


def made(seed: int, lon: float, lat: float, size: float, areas: int = 3) -> tuple[LayerIndex, np.ndarray]:
    rng = np.random.default_rng(seed)
    size = min(size, 179.9 - abs(lon), 89.0 - abs(lat))
    shapes = {}
    for number in range(areas):  # they overlap
        shape = rough_polygon(rng, lon + 0.1 * size * number, lat, 0.8 * size)
        shapes[f"A{number}"] = shapely.intersection(shape, shapely.box(-180, -90, 180, 90))
    found = layer(shapes)
    return LayerIndex(found), found.polygons


def around(seed: int, lon: float, lat: float, size: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed + 1)
    return rng.uniform(lon - size, lon + size, count).clip(-179.99, 179.99), rng.uniform(
        lat - size, lat + size, count
    ).clip(-89.9, 89.9)


@settings(deadline=None, max_examples=40)
@given(SEEDS, PLACES)
@pytest.mark.proves("BND-001")
def test_containment_is_what_geos_says(seed: int, place: tuple[float, float, float]) -> None:
    index, polygons = made(seed, *place)
    lon, lat = around(seed, *place, 400)
    vertices = shapely.get_coordinates(polygons)[:50]  # the line itself, where GEOS says outside
    lon, lat = np.append(lon, vertices[:, 0]), np.append(lat, vertices[:, 1])
    inside = np.array([shapely.contains_xy(polygon, lon, lat) for polygon in polygons])
    for area in range(len(polygons)):
        assert (index.contains(area, lon, lat) == inside[area]).all()
    first = np.where(inside.any(axis=0), inside.argmax(axis=0), -1)
    assert (index.area_at(lon, lat) == first).all()
    every = index.areas_at(lon, lat)
    assert {*zip(every.point, every.area, strict=True)} == {*zip(*np.nonzero(inside.T), strict=True)}


@settings(deadline=None, max_examples=15)
@given(SEEDS, st.tuples(st.floats(-170, 170), st.floats(-75, 75), st.just(0.05)))
@pytest.mark.proves("BND-002")
def test_depth_is_the_geodesic_distance(seed: int, place: tuple[float, float, float]) -> None:
    index, polygons = made(seed, *place, areas=1)
    lon, lat = around(seed, *place, 12)
    wanted = brute_depth_m(polygons[0], lon, lat)
    depth = index.depth_m(0, lon, lat)
    # the other opinion looks only every 5 m along the line: near it, it sees too far
    assert (np.abs(depth) <= wanted + 1e-3).all()
    assert (np.abs(depth) >= wanted - np.where(wanted < 100.0, 6.0, 0.2)).all()
    assert ((depth > 0) == shapely.contains_xy(polygons[0], lon, lat)).all()
    place_lon, place_lat, metres = index.nearest(0, lon, lat)
    assert np.allclose(GEOD.inv(lon, lat, place_lon, place_lat)[2], metres, atol=1e-6)
    assert shapely.dwithin(shapely.boundary(polygons[0]), shapely.points(place_lon, place_lat), 1e-9).all()


@settings(deadline=None, max_examples=15)
@given(SEEDS, PLACES)
@pytest.mark.proves("BND-003")
def test_bounds_hold_the_depth(seed: int, place: tuple[float, float, float]) -> None:
    index, _ = made(seed, *place)
    lon, lat = around(seed, place[0], place[1], 3 * place[2], 200)
    low, high = index.depth_bounds_m(0, lon, lat)
    depth = index.depth_m(0, lon, lat)
    assert ((low <= depth) & (depth <= high)).all()
    again = index.depth_bounds_m(0, lon, lat)
    assert (again[0] == low).all()
    assert (again[1] == high).all()


@settings(deadline=None, max_examples=25)
@given(SEEDS, PLACES, st.sampled_from([0.01, 0.3, 1.5]))
@pytest.mark.proves("BND-004", "BND-005")
def test_crossings_are_on_the_line_and_alternate(
    seed: int, place: tuple[float, float, float], stride: float
) -> None:
    index, _ = made(seed, *place)
    lon, lat = around(seed, place[0], place[1], stride * place[2], 30)
    found = index.crossings(0, lon[:-1], lat[:-1], lon[1:], lat[1:])
    inside = index.contains(0, lon, lat)
    order = np.lexsort((found.fraction, found.segment))
    assert (order == np.arange(len(order))).all()
    touched = index.touched(lon, lat)
    for segment in range(len(lon) - 1):
        own = found.segment == segment
        entering = found.entering[own]
        state = bool(inside[segment])
        for enters in entering:
            assert enters != state
            state = bool(enters)
        assert state == inside[segment + 1]
        assert touched[segment] or not own.any()
    for i, segment in enumerate(found.segment):
        # within a metre of both the drawn line and the geodesic, at its own share of the length
        _, _, off = index.nearest(0, found.lon_deg[[i]], found.lat_deg[[i]])
        assert off[0] <= 1.0
        ends = lon[segment], lat[segment], lon[segment + 1], lat[segment + 1]
        azimuth, _, length = GEOD.inv(*ends)
        x, y, _ = GEOD.fwd(lon[segment], lat[segment], azimuth, length * found.fraction[i])
        assert GEOD.inv(x, y, found.lon_deg[i], found.lat_deg[i])[2] <= 1.0


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.floats(-70, 70))
@pytest.mark.proves("BND-004")
def test_no_crossing_is_missed_with_both_ends_outside(seed: int, lat: float) -> None:
    rng = np.random.default_rng(seed)
    index = LayerIndex(
        layer({"strip": shapely.box(10.0, lat - 3.0, 10.0 + rng.uniform(1e-4, 1e-3), lat + 3.0)})
    )
    start = rng.uniform(9.0, 9.99, 50), lat + rng.uniform(-1.0, 1.0, 50)
    end = rng.uniform(10.1, 11.0, 50), lat + rng.uniform(-1.0, 1.0, 50)
    found = index.crossings(0, *start, *end)
    assert (np.bincount(found.segment, minlength=50) == 2).all()


@settings(deadline=None, max_examples=15)
@given(SEEDS, st.floats(-70, 70), st.floats(-1.0, 1.0))
@pytest.mark.proves("BND-006")
def test_the_antimeridian_is_like_any_other_meridian(seed: int, lat: float, shift: float) -> None:
    """Everything moved along a parallel by a whole turn's part gives the same answers."""
    from atalaya.law.boundary.antimeridian import cut

    rng = np.random.default_rng(seed)
    shape = rough_polygon(rng, 0.0, lat, 2.0)
    moved = shapely.union_all(
        [cut(shapely.transform(part, lambda xy: np.add(xy, (180.0 + shift, 0.0)))) for part in shape.geoms]
    )
    plain, turned = LayerIndex(layer({"A": shape})), LayerIndex(layer({"A": moved}))
    lon, y = rng.uniform(-2.5, 2.5, 40), (lat + rng.uniform(-2.5, 2.5, 40)).clip(-89, 89)
    there = (lon + 180.0 + shift + 180.0) % 360.0 - 180.0
    depth = plain.depth_m(0, lon, y)
    sure = np.abs(depth) > 0.01
    assert np.allclose(turned.depth_m(0, there, y)[sure], depth[sure], atol=0.01)
    one = plain.crossings(0, lon[:-1], y[:-1], lon[1:], y[1:])
    two = turned.crossings(0, there[:-1], y[:-1], there[1:], y[1:])
    assert (one.segment == two.segment).all()
    assert np.allclose(one.fraction, two.fraction, atol=1e-5)
    assert turned.touched(there, y)[np.unique(two.segment)].all()
