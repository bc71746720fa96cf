"""Lenses: published vectors, round trips, what cannot be inverted; rolling shutter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth import Brown, Fisheye, Lens, Pinhole, Pose, RollingShutter, geodetic_to_ecef, rotation_zyx
from atalaya.earth.attitude import pixel_in_camera, rotation_z
from atalaya.earth.odd_polynomial import OddPolynomial
from atalaya.earth.rolling_shutter import interpolated

Floats = NDArray[np.float64]

LENSES: dict[str, Lens] = {
    "pinhole": Pinhole(1280, 720, 1500.0, 1490.0, 642.0, 355.0),
    "brown": Brown(4000, 3000, 2900.0, 2905.0, 2010.0, 1490.0, -0.28, 0.09, -0.02, 1e-3, -5e-4),
    "barrel": Brown(1280, 720, 700.0, 700.0, 639.5, 359.5, k1=-0.08),
    "pincushion": Brown(1280, 720, 700.0, 700.0, 639.5, 359.5, k1=0.2, k2=0.05),
    "fisheye": Fisheye(2000, 2000, 600.0, 605.0, 1001.0, 998.0, 0.03, -0.006, 0.001, 0.0),
    "half sphere and more": Fisheye.from_fov(1000, 1000, 220.0),
}


def test_the_published_forward_vector() -> None:
    lens = Brown(640, 480, 1.0, 1.0, 0.0, 0.0, k1=-0.1, k2=0.01, p1=0.001, p2=-0.0005)
    x, y = lens.pixels(np.array([[1.0, 0.3, -0.2]]))
    assert (x[0], y[0]) == pytest.approx((0.2958757, -0.1971638), abs=5e-8)
    assert lens.directions(x, y)[0] == pytest.approx([1.0, 0.3, -0.2], abs=1e-9)


@pytest.mark.parametrize("name", LENSES)
@given(part=st.tuples(st.floats(0, 1), st.floats(0, 1)), length=st.floats(1e-3, 1e3))
def test_pixels_come_back(name: str, part: tuple[float, float], length: float) -> None:
    lens = LENSES[name]
    column, row = np.array([part[0] * lens.width - 0.5]), np.array([part[1] * lens.height - 0.5])
    ray = lens.directions(column, row)
    if np.isnan(ray).any():
        assert name == "half sphere and more"
        return
    back = lens.pixels(length * ray)
    assert back[0] == pytest.approx(column, abs=1e-6)
    assert back[1] == pytest.approx(row, abs=1e-6)


def test_fields_of_view_agree_with_the_plain_formula() -> None:
    lens = Pinhole.from_fov(1920, 1080, 32.0, 18.0)
    column, row = np.array([0.0, 1919.0, 700.5]), np.array([0.0, 3.25, 1079.0])
    wanted = pixel_in_camera(column, row, 1920, 1080, 32.0, 18.0)
    assert lens.directions(column, row) == pytest.approx(wanted, abs=1e-12)
    edge = lens.directions(np.array([-0.5]), np.array([539.5]))[0]
    assert np.degrees(np.arctan(-edge[1])) == pytest.approx(16.0)
    square = Pinhole.from_fov(1920, 1080, 32.0)
    assert square.focal_x_px == square.focal_y_px
    assert Pinhole.from_focal(4000, 3000, 8.8, 13.2).focal_x_px == pytest.approx(2666.667, abs=1e-3)


def test_past_the_fold_of_the_radial_polynomial_there_is_no_direction() -> None:
    lens = Brown(4000, 4000, 1000.0, 1000.0, 2000.0, 2000.0, k1=-0.28)
    limit = np.sqrt(1 / (3 * 0.28))
    assert lens.radius_limit == pytest.approx(limit)
    farthest = 1000.0 * limit * (1 - 0.28 * limit**2)
    column = 2000.0 + farthest * np.array([0.5, 0.999, 1.001, 1.5])
    inside = np.isfinite(lens.directions(column, np.full(4, 2000.0))).all(axis=1)
    assert inside.tolist() == [True, True, False, False]
    slope = limit * np.array([0.5, 0.999, 1.001, 3.0])
    seen = lens.pixels(np.stack((np.ones(4), slope, np.zeros(4)), axis=1))[0]
    assert np.isfinite(seen).tolist() == [True, True, False, False]


def test_nothing_behind_a_flat_lens_and_something_behind_a_fisheye() -> None:
    behind = np.array([[-0.2, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    for name in ("pinhole", "brown"):
        assert np.isnan(LENSES[name].pixels(behind)).all()
    column, _ = LENSES["half sphere and more"].pixels(behind)
    assert column[0] > 999.0 / 2 + 1000.0 * 90 / 220
    assert np.isnan(column[2])


def test_equidistant_means_so() -> None:
    lens = Fisheye.from_fov(1000, 800, 180.0)
    column = 499.5 + np.array([0.0, 250.0, 499.0, 500.0])
    ray = lens.directions(column, np.full(4, 399.5))
    angle = np.degrees(np.arctan2(ray[:, 1], ray[:, 0]))
    assert angle == pytest.approx([0.0, 45.0, 89.82, 90.0], abs=1e-9)
    assert ray[1] == pytest.approx([1.0, 1.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Pinhole(0, 10, 1.0, 1.0, 0.0, 0.0),
        lambda: Pinhole(10, 10, -1.0, 1.0, 0.0, 0.0),
        lambda: Pinhole(10, 10, float("nan"), 1.0, 0.0, 0.0),
        lambda: Pinhole.from_fov(10, 10, 180.0),
        lambda: Brown.from_fov(10, 10, 30.0, 0.0),
        lambda: Fisheye.from_fov(10, 10, 400.0),
        lambda: Pinhole.from_focal(10, 10, 0.0, 5.0),
    ],
)
def test_lenses_that_cannot_be(make: object) -> None:
    assert callable(make)
    with pytest.raises(BadInput) as caught:
        make()
    assert caught.value.code == "EAR-023"


@given(
    coefficients=st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=4).map(tuple),
    part=st.floats(0, 0.9999),
)
def test_the_inverse_of_an_odd_polynomial(coefficients: tuple[float, ...], part: float) -> None:
    polynomial = OddPolynomial(coefficients, most=np.pi)
    r = np.array([part * polynomial.limit])
    value = polynomial.value(r)
    assert polynomial.inverse(value) == pytest.approx(r, abs=1e-5)
    assert polynomial.value(polynomial.inverse(value)) == pytest.approx(value, abs=1e-9)


def test_rows_of_a_rolling_shutter_have_their_own_time_and_pose() -> None:
    shutter = RollingShutter(height=1001, readout_s=0.02, stamped_at=0.0)
    assert shutter.offsets_s([0, 500, 1000]) == pytest.approx([0.0, 0.01, 0.02])
    assert RollingShutter(1001, 0.02).offsets_s(500.0) == pytest.approx(0.0)
    start = geodetic_to_ecef(10.0, 45.0, 1000.0)
    moved = start + np.outer([0.0, 1.0], [4.0, 0.0, 2.0])
    turned = rotation_zyx(np.array([10.0, 14.0]), -30.0, 0.0)
    poses = shutter.poses([0, 250, 1000], [0.0, 0.04], Pose(moved, turned))
    assert poses.origin_m == pytest.approx(start + np.outer([0.0, 0.125, 0.5], [4.0, 0.0, 2.0]))
    for found, yaw in zip(poses.camera_to_ecef, (10.0, 10.5, 12.0), strict=True):
        assert found == pytest.approx(rotation_zyx(yaw, -30.0, 0.0), abs=1e-12)


def test_poses_go_on_beyond_the_last_one_and_stand_still_where_they_do() -> None:
    still = np.broadcast_to(np.eye(3), (3, 3, 3))
    same = interpolated([0.0, 1.0, 2.0], Pose(np.zeros(3), still), [-1.0, 0.5, 9.0])
    assert np.array_equal(same.camera_to_ecef, np.broadcast_to(np.eye(3), (3, 3, 3)))
    turning = rotation_z(np.array([0.0, 10.0]))
    on = interpolated([0.0, 1.0], Pose(np.zeros((2, 3)), turning), [2.5])
    assert on.camera_to_ecef[0] == pytest.approx(rotation_z(25.0), abs=1e-12)


@pytest.mark.parametrize("times", [[0.0], [0.0, 0.0], [1.0, 0.0], [0.0, np.nan]])
def test_times_that_do_not_rise_are_refused(times: list[float]) -> None:
    poses = Pose(np.zeros((len(times), 3)), np.broadcast_to(np.eye(3), (len(times), 3, 3)))
    with pytest.raises(BadInput) as caught:
        interpolated(times, poses, [0.5])
    assert caught.value.code == "EAR-024"
