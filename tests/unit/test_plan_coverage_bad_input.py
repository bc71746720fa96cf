"""Coverage of what is no area, or hardly one."""

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Polygon, box

from atalaya.base.errors import BadInput
from atalaya.plan.coverage import Time, cover, cover_geodetic, gaps


def _with(number):
    with np.errstate(invalid="ignore"):
        return shapely.from_wkt(f"POLYGON ((0 0, 9 0, 5 {number}, 0 9, 0 0))")


SQUARE = box(0, 0, 500, 500)


@pytest.mark.parametrize(
    ("area", "code"),
    [
        (Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), "COV-001"),
        (Polygon(SQUARE.exterior, [box(600, 600, 700, 700).exterior]), "COV-001"),
        (Polygon(), "COV-002"),
        (_with(np.nan), "COV-002"),
        (_with(np.inf), "COV-002"),
        (LineString([(0, 0), (1, 1)]), "COV-002"),
        (box(10, 45, 10.5, 45.5), "COV-004"),
    ],
)
@pytest.mark.proves("COV-005")
def test_what_is_no_area_is_refused(area, code):
    with pytest.raises(BadInput) as refused:
        cover(area, swath_m=50)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"swath_m": 0}, "COV-003"),
        ({"swath_m": float("nan")}, "COV-003"),
        ({"swath_m": -5}, "COV-003"),
        ({"swath_m": 50, "overlap": 0.95}, "COV-003"),
        ({"swath_m": 50, "share": 0}, "COV-003"),
        ({"swath_m": 50, "footprint": "star"}, "COV-003"),
        ({"swath_m": 50, "wind_ms": (3, 0)}, "COV-003"),
        ({"swath_m": 50, "start": (900, 0)}, "COV-005"),
        ({"swath_m": 50, "end": (float("nan"), 0)}, "COV-003"),
        ({"swath_m": 1e-3}, "COV-010"),
    ],
)
def test_options_without_meaning_are_refused(options, code):
    with pytest.raises(BadInput) as refused:
        cover(SQUARE, **options)
    assert refused.value.code == code


def test_a_wind_that_cannot_be_held_is_refused():
    with pytest.raises(BadInput, match="COV-011"):
        Time(10, (8, 8))


def test_negative_sizes_of_gaps_are_refused():
    with pytest.raises(BadInput, match="COV-003"):
        gaps(SQUARE, box(0, 0, 1, 1), smallest_m2=-1)


def test_a_swath_wider_than_the_area_takes_one_line():
    path = cover(box(0, 0, 1000, 300), swath_m=400)
    assert path.lines == 1
    assert path.covered_share > 0.999


def test_a_hundred_thousand_vertices_are_covered():
    angle = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    radius = 500 * (1 + 0.2 * np.cos(5 * angle)) + 0.05 * np.sin(9000 * angle)
    area = Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    path = cover(area, swath_m=100)
    assert area.covers(path.track)
    assert path.covered_share > 0.99


def test_holes_that_touch_and_a_neck_are_kept_out():
    holes = box(100, 100, 200, 300).union(box(200.5, 100, 300, 300)).union(box(0.5, 140, 99.5, 160))
    area = box(0, 0, 500, 400).difference(holes)
    path = cover(area, swath_m=30)
    assert area.covers(path.track)


def test_a_part_behind_a_neck_of_a_hair_is_reported():
    area = shapely.union_all([box(0, 0, 300, 300), box(299, 150, 311, 150.0001), box(310, 0, 500, 300)])
    path = cover(area, swath_m=40)
    assert area.covers(path.track)
    assert "COV-008" in {f.code for f in path.findings}
    assert path.left.area > 0.3 * area.area


@pytest.mark.parametrize(
    ("area", "code"),
    [
        (box(0, 40, 20, 50), "COV-006"),
        (box(10, 89.5, 11, 89.9), "COV-007"),
        (box(0, 0, 500, 500), "COV-007"),
        (box(1000, 10, 1001, 11), "COV-007"),
    ],
)
def test_degrees_that_fit_no_plane_are_refused(area, code):
    with pytest.raises(BadInput) as refused:
        cover_geodetic(area, swath_m=1000)
    assert refused.value.code == code
