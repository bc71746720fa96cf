"""The parts of registration: gradient field, tile correlation, pose changes, adjustment."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, geodetic_to_ecef, up_vector
from atalaya.earth.registration.adjustment import adjust
from atalaya.earth.registration.correlation import correlate, spectrum
from atalaya.earth.registration.gradient import doubled_angle
from atalaya.earth.registration.pose_change import (
    changed,
    checked_covariance,
    ground_jacobian,
    local_basis,
    pose_covariance,
)
from atalaya.earth.registration.ties import find_ties, tile_places
from atalaya.earth.surface import LevelSurface
from tests.plain_camera import PlainLens, looking_at, texture

Floats = NDArray[np.float64]

PICTURE = texture(700, 700, seed=4).astype(np.float32)
WIDE_GATE = np.eye(2) / 40.0**2


def field(picture: NDArray[np.float32]) -> NDArray[np.complex64]:
    return doubled_angle(picture, np.ones(picture.shape, np.bool_))


def test_the_field_is_blind_to_which_side_is_brighter() -> None:
    np.testing.assert_allclose(field(PICTURE), field(255.0 - PICTURE), atol=1e-4)
    np.testing.assert_allclose(field(PICTURE), field(0.3 * PICTURE + 50.0), atol=1e-4)


def test_the_field_is_zero_beside_unknown_cells_and_on_bare_ones() -> None:
    mask = np.ones(PICTURE.shape, np.bool_)
    mask[:, 300:] = False
    found = doubled_angle(PICTURE, mask)
    assert (found[:, 295:] == 0).all()
    assert (np.abs(found[10:-10, 10:290]) > 0).mean() > 0.99
    changed_outside = np.where(mask, PICTURE, 0.0).astype(np.float32)
    np.testing.assert_array_equal(found, doubled_angle(changed_outside, mask))
    assert (field(np.full((64, 64), 7.0, np.float32)) == 0).all()


@pytest.mark.parametrize("shift", [(0.0, 0.0), (7.0, -5.0), (-12.4, 3.3), (2.5, 30.0)])
@pytest.mark.parametrize("contrast", [1.0, -1.0])
def test_tiles_find_their_shift(shift: tuple[float, float], contrast: float) -> None:
    right, down = shift
    reference = ndimage.shift(contrast * PICTURE, (down, right), order=3, mode="wrap")
    mask = np.ones(PICTURE.shape, np.bool_)
    spread = np.broadcast_to(np.eye(2) * 15.0**2, (1, 2, 2))
    ties = find_ties(field(PICTURE), field(reference.astype(np.float32)), mask, spread, [(200, 200)], 256)
    assert len(ties) == 1
    assert (ties.right[0], ties.down[0]) == pytest.approx(shift, abs=0.06)
    assert ties.margin[0] > 20.0
    assert (ties.column[0], ties.row[0]) == (327.5, 327.5)


def test_a_shift_beyond_the_gate_is_not_found() -> None:
    tile = spectrum(field(PICTURE)[200:456, 200:456])
    other = spectrum(field(PICTURE)[200:456, 150:406])
    inside = correlate(tile, other, np.eye(2) / 60.0**2, (0.0, 0.0))
    assert inside is not None
    assert inside.right == pytest.approx(50.0, abs=0.5)
    narrow = correlate(tile, other, np.eye(2) / 20.0**2, (0.0, 0.0))
    assert narrow is None or narrow.margin < 3.0


def test_chance_has_no_margin() -> None:
    other = texture(700, 700, seed=77).astype(np.float32)
    margins = []
    for row in range(0, 440, 88):
        for column in range(0, 440, 88):
            at = np.s_[row : row + 256, column : column + 256]
            found = correlate(spectrum(field(PICTURE)[at]), spectrum(field(other)[at]), WIDE_GATE, (0.0, 0.0))
            margins.append(found.margin if found else 0.0)
    assert max(margins) < 3.0
    assert np.median(margins) < 1.0


def test_tiles_need_common_ground() -> None:
    mask = np.zeros((600, 800), np.bool_)
    mask[:, :400] = True
    places = tile_places(mask, 256)
    assert places
    for row, column in places:
        assert mask[row : row + 256, column : column + 256].mean() >= 0.6
    assert max(column for _, column in places) == 128  # at 256 only 0.56 of the tile is known
    assert max(row for row, _ in places) == 600 - 256
    assert tile_places(mask[:100], 256) == []


def test_a_change_of_pose_moves_the_ground_as_the_jacobian_says() -> None:
    pose = looking_at(-107.0, 25.0, 200.0, 30.0, 50.0, 3000.0)
    lens, surface = PlainLens(640, 480, 900.0), LevelSurface(200.0)
    pixels = np.array([50.0, 320.0, 600.0]), np.array([60.0, 240.0, 400.0])

    def places(one: Pose) -> Floats:
        hits = surface.hits(one.origin_m, lens.directions(*pixels) @ one.camera_to_ecef.T)
        return geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m)

    here = places(pose)
    lon, lat, _ = ecef_to_geodetic(here)
    jacobian = ground_jacobian(pose, here, up_vector(lon, lat))
    for k, step in enumerate((0.5, 0.5, 0.5, 0.005, 0.005, 0.005)):
        ahead, behind = np.zeros(6), np.zeros(6)
        ahead[k], behind[k] = step, -step
        numeric = (places(changed(pose, ahead)) - places(changed(pose, behind))) / (2.0 * step)
        np.testing.assert_allclose(jacobian[..., k], numeric, atol=2e-3 * max(1.0, np.abs(numeric).max()))


def test_changes_move_and_turn_about_local_axes() -> None:
    pose = looking_at(10.0, 45.0, 0.0, 0.0, 45.0, 1000.0)
    basis = local_basis(pose)
    north = changed(pose, np.array([0.0, 7.0, 0.0, 0.0, 0.0, 0.0]))
    np.testing.assert_allclose(basis.T @ (north.origin_m - pose.origin_m), [0.0, 7.0, 0.0], atol=1e-8)
    left = changed(pose, np.array([0.0, 0.0, 0.0, 0.0, 0.0, 90.0]))
    forward = basis.T @ left.camera_to_ecef[:, 0]
    np.testing.assert_allclose(forward, [-np.sqrt(0.5), 0.0, -np.sqrt(0.5)], atol=1e-4)
    np.testing.assert_allclose(left.camera_to_ecef @ left.camera_to_ecef.T, np.eye(3), atol=1e-12)


@pytest.mark.parametrize(
    "covariance",
    [
        np.eye(5),
        np.diag([1.0, 1, 1, 1, 1, 0]),
        np.full((6, 6), np.nan),
        np.eye(6) + np.eye(6, k=1),
        -np.eye(6),
    ],
)
def test_improper_covariances_are_refused(covariance: Floats) -> None:
    with pytest.raises(BadInput) as error:
        checked_covariance(covariance)
    assert error.value.code == "EAR-088"


def linear_ties(generator: np.random.Generator, count: int, truth: Floats) -> tuple[Floats, Floats]:
    slope = generator.normal(0.0, 1.0, (count, 2, 6)) * np.array([1.0, 1.0, 0.5, 20.0, 20.0, 5.0])
    return slope, slope @ truth


def test_the_adjustment_finds_the_change_and_drops_outliers() -> None:
    generator = np.random.default_rng(2)
    prior = pose_covariance(3.0, 0.3)
    truth = generator.normal(0.0, 1.0, 6) * np.sqrt(np.diag(prior))
    slope, place = linear_ties(generator, 40, truth)
    place = place + generator.normal(0.0, 0.1, place.shape)
    place[:8] += 15.0
    found = adjust(lambda change: (place - slope @ change, slope), prior, 0.1, 1.0)
    assert (found.weights[:8] < 0.1).all()
    assert (found.weights[8:] > 0.3).mean() > 0.9
    sd = np.sqrt(np.diag(found.covariance))
    assert (np.abs(found.change - truth) < 5.0 * sd).all()
    assert found.prior_form == pytest.approx(found.change @ np.linalg.inv(prior) @ found.change)


def test_the_stated_covariance_is_that_of_the_errors() -> None:
    generator = np.random.default_rng(8)
    prior = pose_covariance(2.0, 0.2)
    forms = []
    for _ in range(150):
        truth = generator.multivariate_normal(np.zeros(6), prior)
        slope, place = linear_ties(generator, 12, truth)
        place = place + generator.normal(0.0, 0.3, place.shape)
        found = adjust(lambda change, p=place, s=slope: (p - s @ change, s), prior, 0.3, 1.0)
        miss = found.change - truth
        forms.append(float(miss @ np.linalg.solve(found.covariance, miss)))
    # the mean of chi-squared with 6 degrees is 6; robust weights cost a little efficiency
    assert 4.5 < np.mean(forms) < 7.5


def test_without_ties_the_prior_stays() -> None:
    prior = pose_covariance(2.0, 0.2)
    lost = np.full((3, 2), np.nan)
    found = adjust(lambda _: (lost, np.zeros((3, 2, 6))), prior, 0.5, 4.0)
    np.testing.assert_array_equal(found.change, 0.0)
    np.testing.assert_allclose(found.covariance, prior)
    assert (found.weights == 0.0).all()
