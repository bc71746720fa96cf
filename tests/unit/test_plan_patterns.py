"""Search patterns against their definitions (IAMSAR Manual vol. II and III) and their track lengths."""

import math

import numpy as np
import pytest
from pyproj import Geod
from shapely.geometry import box

from atalaya.base.errors import BadInput
from atalaya.plan.patterns import (
    contour_search,
    creeping_line,
    expanding_square,
    on_the_ground,
    parallel_track,
    route_search,
    sector_search,
)


@pytest.mark.parametrize(("make", "legs", "leg_m"), [(parallel_track, 8, 950), (creeping_line, 20, 350)])
def test_parallel_legs_start_half_a_spacing_inside_a_corner(make, legs, leg_m):
    pattern = make(1000, 400, 50, bearing_deg=90)
    assert pattern.length_m == pytest.approx(legs * leg_m + (legs - 1) * 50)
    assert np.abs(pattern.points[0]) == pytest.approx((475, 175))
    assert np.abs(pattern.points).max(axis=0) == pytest.approx((475, 175))
    assert set(np.round(pattern.leg_lengths_m[::2])) == {leg_m}


def test_expanding_square_has_legs_s_s_2s_2s_3s_3s():
    pattern = expanding_square(100, 6, bearing_deg=45)
    assert pattern.leg_lengths_m == pytest.approx([100, 100, 200, 200, 300, 300])
    assert pattern.bearings_deg == pytest.approx([45, 135, 225, 315, 45, 135])
    assert expanding_square(100, 11).length_m == pytest.approx(
        100 * sum(math.ceil(k / 2) for k in range(1, 12))
    )
    assert expanding_square(100, 2, left=True).points[-1] == pytest.approx((-100, 100))


def test_neighbouring_tracks_of_the_square_are_one_spacing_apart():
    points = expanding_square(100, 12).points
    east_sides = sorted({round(x) for x in points[:, 0]})
    assert set(np.diff(east_sides)) == {100}


def test_sector_search_turns_120_degrees_through_the_datum():
    pattern = sector_search(1000, bearing_deg=10, passes=2)
    assert pattern.length_m == pytest.approx(18_000)
    turns = np.diff(pattern.bearings_deg) % 360
    assert turns[:8] == pytest.approx([120, 120, 0, 120, 120, 0, 120, 120])
    assert turns[8] == pytest.approx(30)
    for place in (3, 6, 9, 12, 15, 18):
        assert pattern.points[place] == pytest.approx((0, 0), abs=1e-9)
    rim = np.delete(pattern.points, [0, 3, 6, 9, 12, 15, 18], axis=0)
    assert np.hypot(*rim.T) == pytest.approx(np.full(12, 1000))
    assert len({round(math.degrees(math.atan2(y, x))) % 360 for x, y in rim}) == 12


def test_contours_run_downwards_around_a_cone():
    x = np.linspace(-1000, 1000, 201)
    height = 500 - np.hypot(*np.meshgrid(x, x)) / 2
    pattern, level = contour_search(x, x, height, step_m=100, area=box(-900, -900, 900, 900))
    assert (np.diff(level) <= 0).all()
    on_ground = 500 - np.hypot(*pattern.points.T) / 2
    assert on_ground == pytest.approx(level, abs=0.5)
    first = level == 450
    assert pattern.leg_lengths_m[: first.sum() - 1].sum() == pytest.approx(2 * math.pi * 100, rel=0.01)
    assert (contour_search(x, x, height, step_m=100, descending=False)[1][[0, -1]] == [-150, 450]).all()


def test_route_search_out_on_the_right_and_back_on_the_left():
    line = np.array([[0.0, 0.0], [1000.0, 0.0], [1000.0, 1000.0]])
    assert route_search(line).length_m == pytest.approx(2000)
    pattern = route_search(line, spacing_m=100, back=True)
    assert pattern.points[0] == pytest.approx((0, -50))
    assert pattern.points[-1] == pytest.approx((0, 50))
    assert pattern.leg_lengths_m[pattern.sweep].sum() == pytest.approx(2 * 2000)
    assert pattern.leg_lengths_m[~pattern.sweep].sum() == pytest.approx(100)


def test_on_the_ground_keeps_distance_and_bearing_from_the_datum():
    pattern = sector_search(20_000, bearing_deg=33)
    lon, lat = on_the_ground(pattern, 179.95, 70.0)
    azimuth, _, distance = Geod(ellps="WGS84").inv(179.95, 70.0, lon[1], lat[1])
    assert (azimuth % 360, distance) == pytest.approx((33, 20_000))
    assert (np.abs(lon) <= 180).all()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: parallel_track(0, 10, 1), "COV-003"),
        (lambda: expanding_square(float("nan"), 3), "COV-003"),
        (lambda: expanding_square(10, 0), "COV-003"),
        (lambda: sector_search(10, passes=3), "COV-003"),
        (lambda: route_search(np.array([[0.0, 0.0], [0.0, 0.0]])), "COV-002"),
        (lambda: route_search(np.array([[0.0, 0.0], [np.nan, 0.0]])), "COV-002"),
        (
            lambda: contour_search(np.arange(3.0), np.arange(3.0), np.full((3, 3), np.nan), step_m=1),
            "COV-002",
        ),
        (lambda: contour_search(np.arange(3.0), np.arange(3.0), np.zeros((3, 3)), step_m=1), "COV-002"),
        (lambda: on_the_ground(sector_search(600_000), 0, 0), "COV-006"),
        (lambda: on_the_ground(sector_search(10), 0, 90), "COV-007"),
    ],
)
def test_patterns_without_meaning_are_refused(make, code):
    with pytest.raises(BadInput) as refused:
        make()
    assert refused.value.code == code
