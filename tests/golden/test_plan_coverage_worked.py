"""Worked cases of coverage: the rectangle of the planning note, an L, gaps, wind and rest-to-rest times."""

import math

import pytest
from shapely.geometry import MultiPolygon, Polygon, box

from atalaya.plan.coverage import Length, Ramped, Time, best_single_direction, cover, gaps


def test_a_thousand_by_four_hundred_takes_eight_lines_along_the_long_side():
    path = cover(box(0, 0, 1000, 400), swath_m=50)
    assert path.lines == 8
    assert path.headings_deg == pytest.approx((0.0,))
    assert path.cost == path.length_m == pytest.approx(8 * 1000 + 7 * 50, rel=1e-4)
    assert path.covered_share == pytest.approx(1.0, abs=1e-4)
    assert path.lower_bound_m == pytest.approx((400_000 - math.pi * 625) / 50, rel=1e-4)


@pytest.mark.parametrize(("width", "swath", "lines"), [(400, 50, 8), (401, 50, 9), (49, 50, 1), (100, 30, 4)])
def test_a_convex_area_takes_its_least_width_over_the_swath(width, swath, lines):
    area = Polygon([(0, 0), (800, 600), (800 - 0.6 * width, 600 + 0.8 * width), (-0.6 * width, 0.8 * width)])
    path = cover(area, swath_m=swath, cost=Time(20, turn_s=60))
    assert path.lines == lines
    assert path.headings_deg[0] == pytest.approx(math.degrees(math.atan2(600, 800)), abs=1e-4)


def test_each_arm_of_an_l_is_flown_along_itself():
    area = box(0, 0, 2000, 300).union(box(0, 0, 300, 2000))
    path = cover(area, swath_m=60, cost=Time(20, turn_s=20))
    assert sorted(path.headings_deg) == pytest.approx([0, 90], abs=1e-3)
    assert path.lines == 10
    assert path.cost < 0.6 * best_single_direction(area, swath_m=60, cost=Time(20, turn_s=20)).cost


def test_gaps_are_flown_again_within_the_whole_area():
    area = box(0, 0, 1000, 400)
    left = gaps(
        area, [box(-10, -10, 900, 410), box(899, -10, 1010, 100), box(899, 100.4, 1010, 250)], smallest_m2=100
    )
    assert left.area == pytest.approx(100 * 150, rel=1e-3)
    again = cover(left, swath_m=50, within=area)
    assert area.covers(again.track)
    assert again.covered_share > 0.999
    assert again.length_m == pytest.approx(2 * 150 + 50, rel=0.01)


def test_thin_slivers_are_no_gaps_worth_flying():
    area = box(0, 0, 1000, 400)
    assert gaps(area, box(0, 0, 1000, 399), narrowest_m=5).is_empty
    assert gaps(area, box(0, 0, 1000, 390), narrowest_m=5).area == pytest.approx(10_000, rel=1e-3)


def test_pieces_far_apart_are_joined_outside():
    two = MultiPolygon([box(0, 0, 300, 300), box(1000, 1000, 1300, 1300)])
    path = cover(two, swath_m=50)
    assert path.covered_share > 0.999
    assert path.length_m < 2 * (6 * 300 + 5 * 50) + math.hypot(1000, 1000)


def test_a_rest_to_rest_leg_takes_the_trapezoid():
    one = cover(box(0, 0, 1000, 50), swath_m=50, cost=Ramped(5, 1))
    assert one.cost == pytest.approx(1000 / 5 + 5 / 1, rel=1e-4)
    short = cover(box(0, 0, 16, 4), swath_m=4, cost=Ramped(5, 1))
    assert short.cost == pytest.approx(2 * math.sqrt(16 / 1), rel=1e-3)


def test_lines_into_the_wind_take_longer_by_the_wind_triangle():
    along = cover(box(0, 0, 1000, 50), swath_m=50, cost=Time(20, (5, 0)), start=(0.01, 25), end=(999.99, 25))
    against = cover(
        box(0, 0, 1000, 50), swath_m=50, cost=Time(20, (5, 0)), start=(999.99, 25), end=(0.01, 25)
    )
    across = cover(
        box(0, 0, 1000, 50), swath_m=50, cost=Time(20), wind_ms=(0, 12), start=(0.01, 25), end=(999.99, 25)
    )
    assert along.cost == pytest.approx(1000 / 25, rel=1e-3)
    assert against.cost == pytest.approx(1000 / 15, rel=1e-3)
    assert across.cost == pytest.approx(1000 / 16, rel=1e-3)


def test_same_seed_same_path():
    area = box(0, 0, 700, 400).difference(box(200, 100, 300, 250))
    first, second = (cover(area, swath_m=40, cost=Length(), seed=3) for _ in range(2))
    assert (first.points == second.points).all()
