"""Scenes: proportions, evidence, places, no overlaps, the same from a seed whatever the order."""

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atalaya.base.errors import BadInput, NotFound
from atalaya.sensing.evidence import evidence_types
from atalaya.sim.country.country import Country
from atalaya.sim.material import materials
from atalaya.sim.scene import Scene, make_scene, recipes, themes, things_table
from atalaya.sim.scene.hours import heat_share
from atalaya.sim.scene.make import shared_out
from atalaya.sim.scene.shapes import blob_ring, box_ring, footprint
from atalaya.sim.scene.things import Decal
from atalaya.sim.scene.unpopulated import names_the_living_or_moving
from tests.plain_country import plain_country

LINES = ("track", "hose", "intake")


@cache
def country() -> Country:
    return plain_country()


@cache
def scene(theme: str, seed: int = 3) -> Scene:
    return make_scene(country(), seed, theme=theme, facilities=4, confusers_per_facility=3.0)


def shown(made: Scene) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {site.id: set() for site in made.sites}
    for thing in (*made.decals, *made.solids, *made.plumes):
        found[thing.site] |= {thing.evidence} - {""}
    return found


def same(one: Scene, other: Scene) -> bool:
    tables = [things_table(made, country()) for made in (one, other)]
    return one.sites == other.sites and one.notes == other.notes and tables[0].equals(tables[1])


def is_line(thing: Decal) -> bool:
    return thing.id.rpartition("/")[2].rpartition("-")[0] in LINES


@pytest.mark.proves("SCN-003")
@pytest.mark.parametrize("theme", themes())
def test_look_alikes_stand_in_the_stated_proportion(theme: str) -> None:
    made = scene(theme)
    kinds = Counter(site.kind for site in made.sites)
    assert sum(site.facility for site in made.sites) == 4
    assert sum(not site.facility for site in made.sites) == 12
    shares = {one.name: one.share for one in recipes().values() if theme in one.themes and not one.facility}
    for name, share in shares.items():
        assert abs(kinds[name] - 12 * share / sum(shares.values())) < 1.0


@given(st.integers(0, 500), st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 50.0), min_size=1))
def test_sharing_out_loses_none(total: int, shares: dict[str, float]) -> None:
    counts = shared_out(total, shares)
    assert sum(counts.values()) == total
    for name, share in shares.items():
        assert abs(counts[name] - total * share / sum(shares.values())) < 1.0 + 1e-9


@pytest.mark.proves("SCN-002")
@pytest.mark.parametrize("theme", themes())
def test_evidence_placed_makes_the_search_honest(theme: str) -> None:
    made = scene(theme)
    signs = shown(made)
    assert set().union(*signs.values()) <= set(evidence_types())
    for facility in (site for site in made.sites if site.facility):
        assert len(signs[facility.id]) >= 3
        for other in (site for site in made.sites if not site.facility):
            assert signs[other.id] & signs[facility.id], other.id
            assert not signs[facility.id] <= signs[other.id], other.id


@pytest.mark.proves("SCN-001")
@pytest.mark.parametrize("theme", themes())
def test_nothing_in_a_scene_lives_or_moves(theme: str) -> None:
    made = scene(theme)
    for thing in (*made.decals, *made.solids, *made.plumes):
        words = f"{thing.id} {thing.evidence} {getattr(thing, 'material', '')} {getattr(thing, 'side', '')}"
        assert names_the_living_or_moving(words) == ""
        assert getattr(thing, "material", "water") in materials()


@pytest.mark.proves("SCN-005")
@pytest.mark.parametrize("theme", themes())
def test_no_thing_lies_where_it_could_not(theme: str) -> None:
    made = scene(theme)
    things = [*made.decals, *made.solids]
    shapes = np.array([footprint(one) for one in things], object)
    assert shapely.is_valid(shapes).all()
    assert shapely.box(*country().bounds_m).contains(shapely.union_all(shapes))
    for i, j in shapely.STRtree(shapes).query(shapes, predicate="intersects").T:
        if things[i].site != things[j].site:
            raise AssertionError(f"{things[i].id} on {things[j].id}")
    houses = shapely.union_all([footprint(one) for one in country().solids])
    beds = shapely.union_all(
        [shapely.LineString(one.points_m).buffer(one.width_m / 2) for one in country().lines]
    )
    for thing, shape in zip(things, shapes, strict=True):
        assert not shape.intersects(houses), thing.id
        if not (isinstance(thing, Decal) and is_line(thing)):
            assert not shape.intersects(beds), thing.id


@pytest.mark.proves("SCN-005")
@pytest.mark.parametrize("theme", themes())
def test_boxes_and_marks_of_a_site_do_not_overlap(theme: str) -> None:
    made = scene(theme)
    under = {(one.name, part.name) for one in recipes().values() for part in one.parts if part.under}
    kinds = {site.id: site.kind for site in made.sites}
    marks = [
        one
        for one in made.decals
        if (kinds[one.site], one.id.rpartition("/")[2].rpartition("-")[0]) not in under
    ]
    things = [*marks, *made.solids]
    shapes = np.array([footprint(one) for one in things], object)
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects").T
    assert [(things[i].id, things[j].id) for i, j in pairs if i < j] == []


@pytest.mark.parametrize("theme", themes())
def test_sites_keep_apart_and_hold_their_things(theme: str) -> None:
    made = scene(theme)
    middles = np.array([(site.east_m, site.north_m) for site in made.sites])
    away = np.hypot(*(middles[:, None] - middles[None]).transpose(2, 0, 1))
    assert away[~np.eye(len(middles), dtype=bool)].min() >= 400.0
    for site in made.sites:
        disc = shapely.Point(site.east_m, site.north_m).buffer(site.radius_m + 0.01, quad_segs=256)
        for thing in (*made.decals, *made.solids):
            assert thing.site != site.id or disc.covers(footprint(thing)), thing.id
        assert all(
            np.hypot(p.east_m - site.east_m, p.north_m - site.north_m) <= site.radius_m
            for p in made.plumes
            if p.site == site.id
        )


@pytest.mark.parametrize("theme", themes())
def test_sites_lie_where_their_recipe_says(theme: str) -> None:
    made, ground = scene(theme), country()
    relaxed = {note.details["kind"] for note in made.notes if note.code == "SCN-007"}
    lines = {kind: [shapely.LineString(one.points_m) for one in ground.lines if one.kind in kinds]
             for kind, kinds in (("stream_m", ("stream",)), ("road_m", ("road", "track")))}  # fmt: skip
    checked = 0
    for site in made.sites:
        place = recipes()[site.kind].place
        if site.kind in relaxed:
            continue
        checked += 1
        for rule, shapes in lines.items():
            low, high = getattr(place, rule)
            away = min(one.distance(shapely.Point(site.east_m, site.north_m)) for one in shapes)
            assert low - 0.01 <= away <= high + 0.01, (site.id, rule)
        step = 12.0
        rise = [
            ground.height_msl_m(site.east_m + dx, site.north_m + dy)
            for dx, dy in ((step, 0), (-step, 0), (0, step), (0, -step))
        ]
        slope = np.degrees(np.arctan(np.hypot(rise[0] - rise[1], rise[2] - rise[3]) / (2 * step)))
        assert place.slope_deg[0] - 1e-6 <= slope <= place.slope_deg[1] + 1e-6
        village = ground.settlements[0]
        away = np.hypot(site.east_m - village.east_m, site.north_m - village.north_m) - village.radius_m
        assert max(away, 0.0) >= place.settlement_m[0]
    assert checked >= len(made.sites) // 2


def test_a_laboratory_shows_what_public_sources_say() -> None:
    made = scene("lab")
    for site in (one for one in made.sites if one.facility):
        parts = Counter(
            one.id.rpartition("/")[2].rpartition("-")[0]
            for one in (*made.solids, *made.decals)
            if one.site == site.id
        )
        assert {"tarpaulin", "generator", "drum", "dump", "dead_ground", "track", "hose"} <= set(parts)
        assert 12 <= parts["drum"] <= 40
        dumps = [one for one in made.decals if one.site == site.id and one.evidence == "dump"]
        heights = [
            float(country().height_msl_m(*shapely.polygons(one.ring_m).centroid.coords[0])) for one in dumps
        ]
        assert min(heights) < float(country().height_msl_m(site.east_m, site.north_m))


def test_tracks_lead_to_a_road_and_hoses_to_a_stream() -> None:
    made = scene("lab")
    for name, kinds in (("track", ("road", "track")), ("hose", ("stream",))):
        beds = shapely.union_all(
            [
                shapely.LineString(one.points_m).buffer(one.width_m / 2)
                for one in country().lines
                if one.kind in kinds
            ]
        )
        leading = [one for one in made.decals if f"/{name}-" in one.id]
        assert leading
        for one in leading:
            assert footprint(one).distance(beds) < 1.0, one.id


def test_concealment_lies_within_what_was_asked() -> None:
    made = make_scene(country(), 9, theme="lab", facilities=3, concealment=(0.35, 0.4))
    facilities = {site.id for site in made.sites if site.facility}
    hidden = [one.concealment for one in made.solids if one.site in facilities]
    assert hidden
    assert all(0.35 <= share <= 0.4 for share in hidden)
    assert all(0.0 <= one.concealment <= 0.4 for one in made.solids if one.site not in facilities)


@pytest.mark.proves("SCN-004")
def test_the_same_seed_gives_the_same_scene_whatever_the_order() -> None:
    ground = country()
    west, south, east, north = ground.bounds_m
    halves = [shapely.box(west, south, west + 5000.0, north), shapely.box(west + 4000.0, south, east, north)]
    first = make_scene(ground, 11, theme="lab", facilities=2, areas=halves)
    turned = replace(ground, lines=ground.lines[::-1], solids=ground.solids[::-1])
    book = dict(reversed(list(recipes().items())))
    second = make_scene(turned, 11, theme="lab", facilities=2, areas=halves[::-1], book=book)
    assert same(first, second)
    assert not same(first, make_scene(ground, 12, theme="lab", facilities=2, areas=halves))


def test_ground_without_heights_is_left_alone() -> None:
    heights = country().heights_msl_m.copy()
    heights[:, :200] = np.nan
    made = make_scene(replace(country(), heights_msl_m=heights), 2, theme="leak", facilities=1)
    west = country().west_m
    assert all(site.east_m > west + 199 * 20.0 for site in made.sites)
    assert np.isfinite(things_table(made, country())["height_msl_m"].to_numpy()).all()


def test_sites_at_the_border_stay_inside() -> None:
    west, _, _, north = country().bounds_m
    strip = shapely.box(west, north - 8000.0, west + 160.0, north)
    for seed in range(3):
        made = make_scene(country(), seed, theme="lab", facilities=1, areas=[strip], separation_m=200.0)
        corners = np.concatenate(
            [shapely.get_coordinates(footprint(one)) for one in (*made.decals, *made.solids)]
        )
        assert corners[:, 0].min() >= west


def test_sites_lie_in_the_areas() -> None:
    west, _, _, north = country().bounds_m
    area = shapely.Point(west + 5200.0, north - 5600.0).buffer(1800.0)
    made = make_scene(country(), 2, theme="lab", facilities=2, areas=[area])
    assert all(area.contains(shapely.Point(site.east_m, site.north_m)) for site in made.sites)


@pytest.mark.proves("SCN-006")
def test_rules_are_relaxed_in_the_order_of_the_recipe_and_said() -> None:
    dry = plain_country(streams=False)
    made = make_scene(dry, 4, theme="lab", facilities=2)
    assert sum(site.facility for site in made.sites) == 2
    notes = [note for note in made.notes if note.code == "SCN-007" and note.details["kind"] == "lab"]
    assert notes
    # the stream is the last rule a laboratory gives up: all others that may be dropped went before it
    assert str(notes[0].details["rules"]).endswith("-stream_m")
    assert any(note.code == "SCN-008" and note.details["part"] == "hose" for note in made.notes)
    assert "lab" in notes[0].message


@pytest.mark.proves("SCN-006")
def test_no_place_left_is_one_error() -> None:
    west, _, _, north = country().bounds_m
    area = shapely.box(west + 2000.0, north - 2300.0, west + 2300.0, north - 2000.0)
    with pytest.raises(BadInput) as caught:
        make_scene(country(), 1, theme="lab", facilities=5, areas=[area])
    assert caught.value.code == "SCN-006"


def test_a_country_without_roads_has_sites_without_tracks() -> None:
    made = make_scene(plain_country(roads=False), 4, theme="mine", facilities=1)
    assert [one for one in made.decals if one.evidence == "track"] == []
    assert any(note.code == "SCN-008" and note.details["part"] == "track" for note in made.notes)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"theme": "treasure"}, "SCN-001"),
        ({"facilities": -1}, "SCN-011"),
        ({"seed": -1}, "SCN-011"),
        ({"facilities": 10**9}, "SCN-011"),
        ({"confusers_per_facility": float("nan")}, "SCN-011"),
        ({"concealment": (0.7, 0.2)}, "SCN-011"),
        ({"concealment": (0.0, float("nan"))}, "SCN-011"),
        ({"separation_m": -1.0}, "SCN-011"),
        ({"areas": []}, "SCN-012"),
        ({"areas": [shapely.box(-107.0, 25.0, -106.0, 26.0)]}, "SCN-012"),
        ({"areas": [shapely.Polygon()]}, "SCN-012"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, object], code: str) -> None:
    with pytest.raises((BadInput, NotFound)) as caught:
        make_scene(country(), **({"seed": 1} | asked))  # type: ignore[arg-type]
    assert caught.value.code == code


def test_no_facilities_is_an_empty_scene() -> None:
    assert make_scene(country(), 1, facilities=0).sites == ()


def test_a_generator_runs_part_of_the_day() -> None:
    made = scene("lab")
    generators = [one for one in made.solids if "/generator-" in one.id]
    assert generators
    for one in generators:
        hour = (one.on_h[0] + 2.0 - made.solar_offset_h) % 24.0
        running = {thing.id: thing for thing in made.at(int(hour * 3.6e9)).solids}[one.id]
        assert running.heat_k == pytest.approx(one.heat_k, rel=1e-3)
        noon = {thing.id: thing for thing in made.at(int((12.0 - made.solar_offset_h) * 3.6e9)).solids}[
            one.id
        ]
        assert noon.heat_k < 0.02 * one.heat_k
    assert made.at(0).sites == made.sites


@given(st.floats(0.0, 24.0), st.floats(0.0, 30.0), st.floats(0.0, 24.0))
def test_heat_of_the_hour_is_a_continuous_share(start: float, runs_h: float, hour: float) -> None:
    share = heat_share((start, start + runs_h), hour)
    assert -1e-9 <= share <= 1.0 + 1e-9
    assert heat_share((start, start + runs_h), hour + 24.0) == pytest.approx(share, abs=1e-6)
    assert abs(heat_share((start, start + runs_h), hour + 1e-4) - share) < 2e-3


@given(st.integers(0, 2**31), st.floats(0.5, 500.0), st.floats(0.5, 500.0), st.floats(-400.0, 800.0))
def test_outlines_are_simple(seed: int, length_m: float, width_m: float, bearing_deg: float) -> None:
    blob = shapely.polygons(
        blob_ring(np.random.default_rng(seed), 3e5, 2.8e6, length_m, width_m, bearing_deg)
    )
    assert shapely.is_valid(blob)
    assert 0.2 < blob.area / (length_m * width_m) < 1.6
    box = shapely.polygons(box_ring(3e5, 2.8e6, length_m, width_m, bearing_deg))
    assert box.area == pytest.approx(length_m * width_m, rel=1e-5)
