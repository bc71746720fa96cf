"""Looks that may have met the ground in several places, or in none, with and without a measured range."""

import numpy as np
import pytest

from atalaya.earth import ecef_to_geodetic, geodetic_to_ecef
from atalaya.earth.error import ErrorBudget, GroundPoints, Method, Term, locate, looks_from_angles
from atalaya.earth.surface import HitStatus, LevelSurface
from tests.plane_ground import Faces, sensor_over

BUDGET = ErrorBudget(*(Term(1.0, 1.0),) * 3, pitch_deg=Term(0.05, 0.05), heading_deg=Term(0.05, 0.05))
RIDGE = Faces(
    -107.0, 25.0, ((-2000.0, 0.0, 500.0, 0.25), (0.0, 2000.0, 500.0, -0.5), (2000.0, 4e4, -500.0, 0.0))
)
"""A slope that rises to a crest 500 m high, falls behind it, and a plain 1000 m below the crest."""


def over_crest(pitch_deg: float, **more: float) -> GroundPoints:
    """From the south and above, towards the crest at the frame's zero; pitch 0 hits it exactly."""
    lon, lat, height = sensor_over(RIDGE, -4000.0, 1000.0)
    level = float(np.degrees(np.arctan2(500.0, 4000.0) + 4000.0 / 6.37e6))  # the Earth curves in between
    looks = looks_from_angles(lon, lat, height, 0.0, pitch_deg - level, 0.0, **more)
    return locate(RIDGE, looks, BUDGET, rng=np.random.default_rng(11))


def north_of_crest(points: GroundPoints, lon: float, lat: float) -> float:
    zero, enu = RIDGE.frame
    return float(((geodetic_to_ecef(lon, lat, 0.0) - zero) @ enu)[1])


def test_over_a_crest_the_point_has_two_parts_and_no_ellipse_across_the_valley() -> None:
    points = over_crest(-0.01)
    point = points[0]
    assert len(point.parts) == 2
    assert point.method == Method.MONTE_CARLO
    near, far = sorted(north_of_crest(points, part.lon_deg, part.lat_deg) for part in point.parts)
    assert near < 0.0
    assert far > 2000.0
    assert sum(part.weight for part in point.parts) == pytest.approx(1.0)
    assert 0.3 < point.parts[0].weight < 0.8
    assert north_of_crest(points, point.parts[0].lon_deg, point.parts[0].lat_deg) < 0.0  # of the place itself
    assert points.mixture[0]
    assert np.isnan(points.ellipse[0]).all()
    assert np.sqrt(point.covariance[1, 1]) < 100.0  # of the near slope alone
    assert point.ce90_m > 2000.0  # a tenth and more of the truth lies beyond the valley


def test_ground_between_two_parts_is_outside_the_region() -> None:
    points = over_crest(-0.01)
    zero, enu = RIDGE.frame
    valley = ecef_to_geodetic(zero + enu @ np.array([0.0, 1200.0, 0.0]))
    assert not points.holds(valley[0][None], valley[1][None])[0]
    for part in points[0].parts:
        assert points.holds(np.array([part.lon_deg]), np.array([part.lat_deg]))[0]


def test_a_look_well_below_the_crest_has_one_part() -> None:
    points = over_crest(-1.0)
    assert len(points[0].parts) == 1
    assert np.isfinite(points.ellipse[0]).all()


def test_a_slant_range_tells_the_slopes_apart() -> None:
    far = over_crest(-0.01, range_m=12_500.0, range_sigma_m=200.0)[0]
    near = over_crest(-0.01, range_m=4031.0, range_sigma_m=10.0)[0]
    assert (far.range_used, near.range_used) == (True, True)
    assert near.parts[0].weight > 0.99
    assert near.ce90_m < 100.0
    assert far.parts[0].weight > 0.99
    assert far.lat_deg > near.lat_deg + 0.05


def test_a_range_that_contradicts_everything_is_left_aside_and_flagged() -> None:
    plain, wrong = over_crest(-1.0)[0], over_crest(-1.0, range_m=9000.0, range_sigma_m=5.0)[0]
    assert wrong.range_conflict
    assert not wrong.range_used
    assert wrong.ce90_m == plain.ce90_m


@pytest.mark.parametrize("method", ["first-order", "monte-carlo"])
def test_a_range_shrinks_the_error_along_the_look_as_the_filter_says(method: str) -> None:
    ground = LevelSurface(0.0)
    budget = ErrorBudget(*(Term(0.0, 0.5),) * 3, pitch_deg=Term(0.0, 0.2), heading_deg=Term(0.0, 0.1))
    kind = {"method": method, "rng": np.random.default_rng(3)}
    at = (-107.0, 25.0, 1500.0, 30.0, -25.0, 0.0)
    bare = locate(ground, looks_from_angles(*at), budget, **kind)  # type: ignore[arg-type]
    slant = 3550.0
    fused = locate(ground, looks_from_angles(*at, range_m=slant, range_sigma_m=2.0), budget, **kind)  # type: ignore[arg-type]
    assert fused.range_used[0]
    assert fused.ce90_m[0] < 0.5 * bare.ce90_m[0]
    # along the look only the range and the sensor are left to err
    along = np.array([np.sin(np.radians(30.0)), np.cos(np.radians(30.0))])
    left = np.sqrt(along @ fused.covariance[0, :2, :2] @ along)
    assert left == pytest.approx(2.0 / np.cos(np.radians(25.0)), rel=0.25)
    truth = np.linalg.norm(
        geodetic_to_ecef(fused.lon_deg[0], fused.lat_deg[0], fused.height_hae_m[0])
        - geodetic_to_ecef(*at[:3])
    )
    assert truth == pytest.approx(slant, abs=1.5)


def test_where_there_is_no_ground_the_end_of_the_range_is_the_place() -> None:
    lon, lat, height = sensor_over(RIDGE, -4000.0, 1000.0)
    at = (lon, lat, height, 180.0, -20.0, 0.0)  # southwards, away from the model
    nothing = locate(RIDGE, looks_from_angles(*at), BUDGET, rng=np.random.default_rng(1))[0]
    assert nothing.status == HitStatus.OUTSIDE
    assert nothing.outside == 1.0
    assert np.isnan(nothing.lon_deg)
    assert np.isnan(nothing.ce90_m)
    assert nothing.method == Method.NONE
    assert nothing.parts == ()
    looks = looks_from_angles(*at, range_m=3000.0, range_sigma_m=3.0)
    ranged = locate(RIDGE, looks, BUDGET, rng=np.random.default_rng(1))[0]
    assert ranged.status == HitStatus.OUTSIDE
    assert ranged.range_used
    place = geodetic_to_ecef(ranged.lon_deg, ranged.lat_deg, ranged.height_hae_m)
    assert np.linalg.norm(place - looks.origin_m[0]) == pytest.approx(3000.0, abs=0.5)
    assert ranged.ce90_m == pytest.approx(2.0 * 3000.0 * np.radians(0.0707) + 2.0, rel=0.4)


def test_rays_that_leave_are_reported_beside_the_place_of_those_that_do_not() -> None:
    lon, lat, height = sensor_over(RIDGE, -4000.0, 1000.0)
    budget = ErrorBudget(pitch_deg=Term(3.0, 3.0))
    looks = looks_from_angles(lon, lat, height, 0.0, 0.05, 0.0)
    point = locate(RIDGE, looks, budget, rng=np.random.default_rng(1))[0]
    assert point.status == HitStatus.SKY
    assert point.sky == pytest.approx(0.5, abs=0.1)
    assert point.sky + point.outside < 1.0
    assert np.isfinite(point.lon_deg)


def test_a_broken_row_does_not_stop_the_others() -> None:
    looks = looks_from_angles(
        -107.0, 25.0, np.array([1500.0, np.nan, 1500.0]), 30.0, np.array([-25.0, -25.0, 25.0]), 0.0
    )
    for method in ("auto", "first-order", "unscented", "monte-carlo"):
        points = locate(LevelSurface(0.0), looks, BUDGET, rng=np.random.default_rng(0), method=method)  # type: ignore[arg-type]
        assert points.status.tolist() == [HitStatus.HIT, HitStatus.INVALID, HitStatus.SKY]
        assert points.found.tolist() == [True, False, False]
        assert points[2].sky == 1.0


def test_points_replay_from_their_seed() -> None:
    first, again = over_crest(-0.01), over_crest(-0.01)
    assert first.ce90_m == again.ce90_m
    assert np.array_equal(first.part_lon_deg, again.part_lon_deg, equal_nan=True)
