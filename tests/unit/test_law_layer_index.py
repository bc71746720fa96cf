"""Worked cases of the layer index: the closed form of a circle over a line, poles, NaN, bounds by section."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from atalaya.law.boundary import Section, layer_index, open_layer
from atalaya.law.boundary.antimeridian import cut
from atalaya.law.boundary.index import LayerIndex
from tests.boundary_layers import layer

RADIUS_M, SPEED_MPS = 5000.0, 60.0
PERIOD_S = 2 * np.pi * RADIUS_M / SPEED_MPS


@pytest.mark.parametrize(("outside_m", "inside_s"), [(0.0, 261.80), (2500.0, 174.53)])
@pytest.mark.proves("BND-004")
def test_a_circle_whose_centre_lies_beside_a_meridian(outside_m: float, inside_s: float) -> None:
    """law.md section 4: the share inside is acos(delta / R) / pi; R = 5 km at 60 m/s."""
    lat = 31.33
    west, _, _ = Geod(ellps="WGS84").fwd(-110.0, lat, 270.0, outside_m)
    plane = CRS.from_proj4(f"+proj=aeqd +lat_0={lat} +lon_0={west} +ellps=WGS84")
    turns = 3
    time = np.append(np.arange(0.0, turns * PERIOD_S), turns * PERIOD_S)
    angle = np.pi + SPEED_MPS / RADIUS_M * time  # starts outside, at the far side
    lon, y = Transformer.from_crs(plane, 4326, always_xy=True).transform(
        RADIUS_M * np.cos(angle), RADIUS_M * np.sin(angle)
    )
    index = LayerIndex(layer({"east": shapely.box(-110.0, 20.0, -100.0, 40.0)}))
    found = index.crossings(0, lon[:-1], y[:-1], lon[1:], y[1:])
    at = time[found.segment] + found.fraction * np.diff(time)[found.segment]
    assert len(at) == 2 * turns
    inside = at[~found.entering].sum() - at[found.entering].sum()
    assert inside / turns == pytest.approx(inside_s, abs=0.02)


@pytest.mark.proves("BND-007")
def test_a_position_that_is_nowhere_has_no_answer() -> None:
    index = LayerIndex(layer({"A": shapely.box(0, 0, 1, 1)}))
    lon, lat = np.array([np.nan, 0.5, np.inf, 0.5]), np.array([0.5, np.nan, 0.5, 91.0])
    assert (index.area_at(lon, lat) == -1).all()
    assert not index.contains(0, lon, lat).any()
    assert len(index.areas_at(lon, lat).point) == 0
    assert np.isnan(index.depth_m(0, lon, lat)).all()
    assert np.isnan(index.depth_bounds_m(0, lon, lat)).all()
    assert np.isnan(index.bound_m(0, lon, lat)).all()
    assert len(index.crossings(0, lon[:-1], lat[:-1], lon[1:], lat[1:]).segment) == 0
    assert not index.touched(lon, lat).any()


def test_no_positions_at_all() -> None:
    index = LayerIndex(layer({"A": shapely.box(0, 0, 1, 1)}))
    none = np.empty(0)
    assert len(index.area_at(none, none)) == 0
    assert len(index.touched(none, none)) == 0
    assert len(index.depth_m(0, none, none)) == 0
    assert len(index.depth_bounds_m(0, none, none)[0]) == 0
    assert len(index.crossings(0, none, none, none, none).segment) == 0


def test_any_longitude_means_the_same_place() -> None:
    index = LayerIndex(layer({"A": shapely.box(170, 0, 180, 10), "B": shapely.box(-180, 0, -170, 10)}))
    assert index.area_at([175.0, -185.0, 535.0, 180.0, -180.0], 5 * [5.0]).tolist() == [0, 0, 0, 1, 1]
    assert np.ptp(index.depth_m(0, [175.0, -185.0, 535.0], 3 * [5.0])) < 1e-6


@pytest.mark.proves("BND-006")
def test_a_cap_over_the_pole_has_only_its_rim_as_boundary() -> None:
    rim = np.column_stack((np.linspace(-180, 179, 360), np.full(360, -80.0)))
    index = LayerIndex(layer({"cap": cut(shapely.Polygon(rim))}))
    depth = index.depth_m(0, [0.0, 90.0, 180.0, 33.0], [-90.0, -89.0, -85.0, -79.0])
    to_rim = Geod(ellps="WGS84").inv(0, -90, 0, -80)[2]
    assert depth[0] == pytest.approx(
        to_rim, rel=1e-4
    )  # the rim's edges are straight in longitude, so parallels
    assert (depth[:3] > 0).all()
    assert depth[3] < 0
    across = index.crossings(0, [0.0], [-85.0], [180.0], [-85.0])
    assert len(across.segment) == 0
    out = index.crossings(0, [170.0], [-85.0], [-170.0], [-75.0])
    assert len(out.segment) == 1
    assert out.lat_deg[0] == pytest.approx(-80.0, abs=1e-6)


@pytest.mark.proves("BND-002")
def test_depth_is_exact_far_from_the_line() -> None:
    square = shapely.box(0.0, 0.0, 1.0, 1.0)
    index = LayerIndex(layer({"A": square}))
    geod = Geod(ellps="WGS84")
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(-170, 170, 40), rng.uniform(-80, 80, 40)
    dense = shapely.get_coordinates(shapely.segmentize(shapely.boundary(square), 0.0005))
    for x, y, depth in zip(lon, lat, index.depth_m(0, lon, lat), strict=True):
        many = np.ones(len(dense))
        wanted = geod.inv(x * many, y * many, *dense.T)[2].min()
        assert abs(depth) == pytest.approx(wanted, abs=0.05)


@pytest.mark.proves("BND-013")
def test_each_stretch_of_a_line_keeps_its_own_bound() -> None:
    shapes = {"west": shapely.box(0, 0, 1, 1), "east": shapely.box(1, 0, 2, 1)}
    section = Section("east-west", ("east", "west"), 100.0, 50.0, "said")
    index = LayerIndex(layer(shapes, bound_m=5000.0, sections=(section,)))
    # beside the good line the poor one is 50 km away; by the coast the poor one decides; 3 km from both, both
    lon, lat = np.array([0.999, 0.01, 0.97]), np.array([0.5, 0.5, 0.03])
    bound, depth = index.bound_m(0, lon, lat), index.depth_m(0, lon, lat)
    assert bound[0] == pytest.approx(100.0)
    assert bound[1] == pytest.approx(5000.0)
    assert bound[2] > 4900.0
    assert (depth > bound).tolist() == [True, False, False]
    assert index.record.bound_of("west") == 5000.0


@pytest.mark.proves("BND-015")
def test_a_bound_that_nobody_measured_is_infinite() -> None:
    index = LayerIndex(layer({"A": shapely.box(0, 0, 1, 1)}))
    assert np.isinf(index.record.bound_m)
    assert np.isinf(index.bound_m(0, [0.5], [0.5])).all()


def test_an_index_is_made_once_for_a_layer() -> None:
    found = layer({"A": shapely.box(0, 0, 1, 1)})
    assert layer_index(found) is layer_index(found)


@pytest.mark.proves("BND-014")
def test_the_packaged_layers_hold_what_they_say() -> None:
    world, america = layer_index(open_layer("world")), layer_index(open_layer("north-america"))
    lon, lat = [-100.0, 37.6, 2.35, 178.0, -99.1], [20.0, 55.75, 48.86, -17.8, 38.0]
    assert [world.areas[i] for i in world.area_at(lon, lat)] == ["MEX", "RUS", "FRA", "FJI", "USA"]
    assert america.record.attribution == "© OpenStreetMap contributors"
    assert america.record.is_sovereign
    assert not {"USA", "MEX", "CAN", "GTM", "BLZ", "PAN", "CUB"} - set(america.areas)
    # law.md section 3: behind the closing line of the Gulf of California; 83 km south-west of Cabo San Lucas
    found = america.area_at([-114.3, -110.486499], [31.0, 22.359498])
    assert [america.areas[i] if i >= 0 else "" for i in found] == ["MEX", ""]
    assert all(len(section.measured) > 20 for section in america.record.sections)


@pytest.mark.proves("BND-013")
def test_islands_in_a_box_keep_their_own_bound() -> None:
    """The mainland's coast was measured, the island's was not."""
    shape = shapely.union_all([shapely.box(0, 0, 1, 1), shapely.box(3, 0, 3.1, 0.1)])
    mainland = Section("A coast", ("A",), 100.0, 50.0, "measured")
    island = Section("A islands", ("A",), 9000.0, 9000.0, "assumed", (2.9, -0.1, 3.2, 0.2))
    index = LayerIndex(layer({"A": shape}, bound_m=9000.0, sections=(mainland, island)))
    bound = index.bound_m(0, [0.5, 1.01, 3.05], [0.5, 0.5, 0.05])
    assert bound == pytest.approx([100.0, 100.0, 9000.0])
    assert index.record.bound_of("A") == 9000.0
