"""What holds in every made country: water runs down, ways can be driven, houses stand dry."""

import numpy as np
import pytest
import shapely

from atalaya.sim.country import Country
from atalaya.sim.country.curve import every
from atalaya.sim.country.grading import GRADES
from atalaya.sim.country.houses import slopes
from atalaya.sim.country.near import NearLines
from atalaya.sim.material import materials
from tests.made_countries import PLACES, made_country

WATERS = ("stream", "river")
WAYS = ("road", "track", "path")


@pytest.fixture(params=[(relief, seed) for relief in PLACES for seed in (5, 6)], ids=str)
def country(request: pytest.FixtureRequest) -> Country:
    return made_country(*request.param)


@pytest.mark.proves("CTY-001")
def test_water_runs_downhill_along_every_stream(country: Country) -> None:
    rises = []
    for line in country.lines:
        if line.kind in WATERS:
            height = country.height_msl_m(*every(line.points_m, 10.0).T)
            rises.append(float((height - np.minimum.accumulate(height)).max()))
    assert len(rises) > 5
    assert np.quantile(rises, 0.9) < 0.3
    assert max(rises) < 4.0


def test_every_stream_ends_in_a_larger_one_or_leaves(country: Country) -> None:
    west, south, east, north = country.bounds_m
    waters = [line for line in country.lines if line.kind in WATERS]
    tree = shapely.STRtree([shapely.LineString(line.points_m) for line in waters])
    for number, line in enumerate(waters):
        x, y = line.points_m[-1]
        edge = min(x - west, east - x, y - south, north - y)
        near = [
            int(k) for k in tree.query(shapely.Point(x, y).buffer(2.0), predicate="intersects") if k != number
        ]
        larger = [waters[k] for k in near if waters[k].width_m >= line.width_m * 0.99]
        assert edge < 5 * country.post_m or larger, (line.kind, x, y)


def test_ways_are_no_steeper_than_their_kind_allows(country: Country) -> None:
    for kind in WAYS:
        grades = []
        for line in country.lines:
            if line.kind == kind:
                points = every(line.points_m, 50.0)
                run = np.hypot(*np.diff(points, axis=0).T)
                rise = np.abs(np.diff(country.height_msl_m(*points.T)))
                grades.append((rise / np.maximum(run, 1.0))[run > 30.0])
        found = np.concatenate([*grades, np.zeros(1)])
        assert np.mean(found > 1.5 * GRADES[kind]) < 0.03, kind
        assert np.quantile(found, 0.95) < 1.4 * GRADES[kind], kind


@pytest.mark.proves("CTY-002")
def test_houses_stand_dry_apart_and_on_no_cliff(country: Country) -> None:
    assert len(country.solids) > 10
    at = np.array([(house.east_m, house.north_m) for house in country.solids])
    radius = np.array([np.hypot(house.length_m, house.width_m) / 2.0 for house in country.solids])
    assert np.degrees(np.arctan(slopes(country, at).max())) < 25.0
    away = NearLines(line for line in country.lines if line.kind in WATERS).away_m(at)
    assert (away > radius).all()
    squares = [
        shapely.affinity.rotate(
            shapely.box(x - h.width_m / 2, y - h.length_m / 2, x + h.width_m / 2, y + h.length_m / 2),
            -h.bearing_deg,
        )
        for h, (x, y) in zip(country.solids, at, strict=True)
    ]
    tree = shapely.STRtree(squares)
    one, two = tree.query(squares, predicate="intersects")
    assert (one == two).all()
    ways = [
        shapely.LineString(line.points_m).buffer(line.width_m / 2)
        for line in country.lines
        if line.kind in WAYS
    ]
    assert not len(tree.query(ways, predicate="intersects")[0])


def test_everything_lies_inside(country: Country) -> None:
    west, south, east, north = country.bounds_m
    points = [line.points_m for line in country.lines] + [patch.ring_m for patch in country.patches]
    points.append(np.array([(house.east_m, house.north_m) for house in country.solids]))
    points.append(np.array([(place.east_m, place.north_m) for place in country.settlements]))
    x, y = np.concatenate(points).T
    assert west <= x.min()
    assert x.max() <= east
    assert south <= y.min()
    assert y.max() <= north


def test_cover_is_of_known_materials_over_all_posts(country: Country) -> None:
    codes = {each.code for each in materials().values()}
    assert set(np.unique(country.cover).tolist()) <= codes
    rows, columns = country.heights_msl_m.shape
    high, wide = country.cover.shape
    assert (high - 1) * country.cover_m < (rows - 1) * country.post_m <= high * country.cover_m
    assert (wide - 1) * country.cover_m < (columns - 1) * country.post_m <= wide * country.cover_m
    names = {line.material for line in country.lines} | {patch.material for patch in country.patches}
    names |= {house.material for house in country.solids} | {house.side for house in country.solids}
    assert names <= set(materials())


def test_fields_are_simple_flat_and_apart(country: Country) -> None:
    rings = [shapely.Polygon(patch.ring_m) for patch in country.patches]
    assert all(ring.is_valid and ring.area > 20.0 for ring in rings)
    tree = shapely.STRtree(rings)
    one, two = tree.query(rings, predicate="intersects")
    overlap = [rings[a].intersection(rings[b]).area for a, b in zip(one, two, strict=True) if a < b]
    assert sum(overlap) < 1.0
    for patch in country.patches:
        if patch.material in ("crop", "fallow"):
            assert slopes(country, patch.ring_m, 30.0).max() < 0.12


def test_settlements_are_named_once_and_hold_their_houses(country: Country) -> None:
    names = [place.name for place in country.settlements]
    assert len(set(names)) == len(names)
    assert sum(place.houses for place in country.settlements) == len(country.solids)
    assert len({house.id for house in country.solids}) == len(country.solids)


def test_villages_lie_on_ways(country: Country) -> None:
    places = np.array([(p.east_m, p.north_m) for p in country.settlements if p.kind != "farm"]).reshape(-1, 2)
    away = NearLines(line for line in country.lines if line.kind in WAYS).away_m(places)
    assert (away < 100.0).all()


def test_woods_grow_where_it_is_wet() -> None:
    wood = materials()["woodland"].code
    assert np.mean(made_country("plain").cover == wood) > 0.5
    assert 0.001 < np.mean(made_country("mountain").cover == wood) < 0.5
