"""Laws of coverage over random polygons with 0 to 20 holes, with exact predicates."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import box

from atalaya.base.errors import BadInput
from atalaya.plan.coverage import Length, Ramped, Time, best_single_direction, cover
from tests.random_areas import random_area

COSTS = st.sampled_from([Length(), Ramped(3.0, 1.0), Time(20.0, (4.0, -3.0), 5.0)])
few = settings(max_examples=12, deadline=None)


@given(
    seed=st.integers(0, 10**6),
    holes=st.integers(0, 20),
    swath=st.sampled_from([30.0, 45.0, 70.0]),
    cost=COSTS,
)
@example(seed=999_999, holes=5, swath=45.0, cost=Length())  # a sliver that GEOS cannot tell the sides of
@few
@pytest.mark.proves("COV-001", "COV-002", "COV-003", "COV-004")
def test_paths_stay_inside_cover_enough_and_beat_the_baseline(seed, holes, swath, cost):
    area = random_area(seed, holes)
    path = cover(area, swath_m=swath, cost=cost, seed=seed)
    assert area.covers(path.track)
    bands = shapely.union_all(
        [leg.buffer(swath / 2, cap_style="flat") for leg in path.swept if leg.length > 0]
    )
    share = area.intersection(bands).area / area.area
    assert share == pytest.approx(path.covered_share, abs=1e-6)
    assert share >= 0.999
    assert path.cost <= best_single_direction(area, swath_m=swath, cost=cost).cost * (1 + 1e-9)
    assert path.length_m >= path.lower_bound_m
    assert path.length_m >= (share * area.area - math.pi * swath**2 / 4) / swath


@given(seed=st.integers(0, 10**6), holes=st.integers(0, 6))
@settings(max_examples=6, deadline=None)
@pytest.mark.proves("COV-001")
def test_start_and_end_are_kept_and_far_origins_change_nothing(seed, holes):
    area = affinity.translate(random_area(seed, holes), 500_000, 4_000_000)
    start, end = np.asarray(area.exterior.coords)[[0, 3]]
    path = cover(area, swath_m=60, start=tuple(start), end=tuple(end), keep_inside=False)
    assert path.points[0] == pytest.approx(start, abs=1e-6)
    assert path.points[-1] == pytest.approx(end, abs=1e-6)
    holes_alone = [shapely.Polygon(ring) for ring in area.interiors]
    assert not any(path.track.crosses(hole) for hole in holes_alone)
    assert path.covered_share >= 0.999


@given(width=st.floats(20, 900), swath=st.floats(25, 120), turn=st.floats(0, 180))
@settings(max_examples=15, deadline=None)
def test_no_line_is_spared_on_a_rectangle(width, swath, turn):
    area = affinity.rotate(box(0, 0, 1000, width), turn)
    path = cover(area, swath_m=swath, polish=False)
    assert path.lines >= math.ceil(width / swath * (1 - 1e-6))
    assert area.covers(path.track)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=9))
@settings(max_examples=25, deadline=None)
@pytest.mark.proves("COV-001", "COV-005")
def test_any_ring_is_covered_or_refused(corners):
    area = shapely.Polygon([(10 * x, 10 * y) for x, y in corners])
    west, south, east, north = area.bounds
    if area.is_valid and area.area > 0 and max(east - west, north - south) >= 25:
        assert area.covers(cover(area, swath_m=25).track)
    else:
        with pytest.raises(BadInput, match=r"COV-00[124]"):
            cover(area, swath_m=25)
