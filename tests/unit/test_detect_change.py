"""Change: laws of speckle, the field note's vectors, automatic thresholds on rare and common change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect import Bands, Tile
from atalaya.detect.change import (
    accuracy,
    cfar_threshold,
    index_change,
    kappa,
    kittler_illingworth,
    logratio_cfar,
    measured_looks,
    mixture,
    otsu,
    pca_kmeans,
    radar_change,
)  # fmt: skip
from atalaya.detect.change.detectors import OpticalChange, SarChange

Floats = NDArray[np.float64]


def ground(shape: tuple[int, int] = (160, 180)) -> Floats:
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    bright = np.sin(rows / 23.0) + np.cos(columns / 31.0) > 0.0
    return np.asarray(0.05 + 0.3 * bright + 0.002 * columns / 180)


def speckled(mean: Floats, looks: float, seed: int) -> Floats:
    return np.asarray(mean * np.random.default_rng(seed).gamma(looks, 1.0 / looks, mean.shape))


def pair(side: int, looks: float = 4.0, seed: int = 1) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    mean = ground()
    truth = np.zeros(mean.shape, np.bool_)
    truth[40 : 40 + side, 70 : 70 + side] = True
    return speckled(mean, looks, seed), speckled(np.where(truth, 6.0 * mean, mean), looks, seed + 1), truth


def test_thresholds_of_the_field_note() -> None:
    table = {1: (7.600, 5.293), 4: (2.684, 2.014), 10: (1.559, 1.199)}
    for looks, expected in table.items():
        found = [cfar_threshold(looks, chance) for chance in (1e-3, 1e-2)]
        assert found == pytest.approx(expected, abs=6e-4)


@pytest.mark.proves("SPC-004")
@pytest.mark.parametrize("looks", [1.0, 4.0, 10.0])
@pytest.mark.parametrize("chance", [1e-2, 1e-3])
def test_unchanged_intensities_pass_as_often_as_stated(looks: float, chance: float) -> None:
    mean = np.full((1000, 1000), 3.0) * np.linspace(0.1, 10.0, 1000)
    before, after = speckled(mean, looks, 5), 1.7 * speckled(mean, looks, 6)
    mask, _ = logratio_cfar(before, after, chance, looks)
    assert mask.mean() == pytest.approx(chance, rel=0.1)


@pytest.mark.parametrize("looks", [1.0, 4.0, 10.0])
def test_looks_are_measured(looks: float) -> None:
    assert measured_looks(speckled(ground((300, 300)), looks, 7)) == pytest.approx(looks, rel=0.25)


def test_kappa_of_the_field_note() -> None:
    truth = np.repeat([True, False], (1000, 9000))
    found = np.repeat([True, False, True, False], (900, 100, 300, 8700))
    assert accuracy(found, truth) == pytest.approx(0.960)
    assert kappa(found, truth) == pytest.approx(0.7959, abs=5e-5)
    assert kappa(truth, truth) == pytest.approx(1.0)
    assert kappa(np.zeros(9, np.bool_), np.zeros(9, np.bool_)) == 0.0


@pytest.mark.parametrize("side", [12, 30, 70])
@pytest.mark.parametrize("copy", ["intensity", "amplitude in 8 bits"])
def test_rare_and_common_change_come_out_with_one_setting(side: int, copy: str) -> None:
    before, after, truth = pair(side)
    if copy != "intensity":
        full = float(np.quantile(np.sqrt(before), 0.99))
        scaled = [np.clip(255.0 * np.sqrt(part) / full, 0, 255) for part in (before, after)]
        before, after = (part.astype(np.uint8) for part in scaled)
    assert kappa(radar_change(before, after).mask, truth) > 0.75


def test_two_equal_passes_have_no_change() -> None:
    before, _, _ = pair(12)
    assert not radar_change(before, before).mask.any()
    assert not radar_change(np.zeros((20, 20)), np.zeros((20, 20))).mask.any()


@pytest.mark.proves("SPC-001")
def test_pixels_without_data_are_no_change() -> None:
    before, after, truth = pair(30)
    after[:, 100:] = np.nan
    valid = np.ones(truth.shape, np.bool_)
    valid[:20] = False
    found = radar_change(before, after, valid)
    assert not found.mask[:, 100:].any()
    assert not found.mask[:20].any()
    assert np.isnan(found.ratio[:, 100:]).all()
    assert kappa(found.mask[20:, :100], truth[20:, :100]) > 0.7


@given(st.floats(0.05, 20.0), st.booleans())
def test_scale_and_order_of_the_passes_do_not_matter(scale: float, swap: bool) -> None:
    before, after, _ = pair(30)
    before, after = before[20:90, 50:120], after[20:90, 50:120]
    other = (after * scale, before * scale) if swap else (before * scale, after * scale)
    np.testing.assert_array_equal(radar_change(before, after).mask, radar_change(*other).mask)


def test_automatic_thresholds_part_two_normal_laws() -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate((rng.normal(0.0, 1.0, 20_000), rng.normal(8.0, 1.0, 8_000)))
    for rule in (otsu, kittler_illingworth, mixture):
        assert 2.5 < rule(values) < 5.5
        assert np.isfinite(rule(np.zeros(9)))
    rare = np.concatenate((rng.normal(0.0, 1.0, 20_000), rng.normal(8.0, 1.0, 300)))
    assert 2.5 < kittler_illingworth(rare) < 6.0


def test_patches_in_two_clusters_find_a_block() -> None:
    picture = np.random.default_rng(4).random((60, 70))
    truth = np.zeros(picture.shape, np.bool_)
    truth[20:40, 30:50] = True
    assert kappa(pca_kmeans(picture + 3.0 * truth), truth) > 0.85
    assert not pca_kmeans(np.ones((9, 9))).any()


def test_ground_that_burnt_loses_its_index() -> None:
    bands = Bands(np.array([665.0, 842.0, 2190.0]), np.full(3, 20.0))
    before = np.full((20, 20, 3), (0.05, 0.4, 0.15))
    after = before.copy()
    after[5:12, 5:12] = (0.08, 0.15, 0.3)
    drop = index_change(before, after, bands, "nbr")
    assert drop[8, 8] == pytest.approx(0.25 / 0.55 + 0.15 / 0.45)
    assert drop[0, 0] == 0.0
    tile = Tile(after.astype(np.float32), "MSI", "reflectance", bands=bands, before=before.astype(np.float32))
    claims = OpticalChange().detect(tile, None)
    assert claims.box[claims.label == 1].tolist() == [[4.5, 4.5, 11.5, 11.5]]
    with pytest.raises(BadInput, match="SPC-013"):
        index_change(before, after, Bands(np.array([450.0, 550.0, 650.0]), np.full(3, 20.0)), "nbr")


def test_radar_detector_hands_on_the_block() -> None:
    before, after, truth = pair(30)
    claims = SarChange().detect(Tile(after.astype(np.float32), "SAR", before=before.astype(np.float32)), None)
    column, row = np.rint(claims.middle[0]).astype(int)
    assert truth[row, column]
    with pytest.raises(BadInput, match="SPC-014"):
        SarChange().detect(Tile(after.astype(np.float32), "SAR"), None)


def test_passes_that_do_not_fit_are_refused() -> None:
    for other in (np.zeros((3, 4)), np.zeros((3, 3, 2)), np.zeros((3, 3), np.complex64)):
        with pytest.raises(BadInput, match="SPC-011"):
            radar_change(np.zeros((3, 3)), other)
    for looks, chance in ((0.0, 0.1), (4.0, 0.0), (float("nan"), 0.1)):
        with pytest.raises(BadInput, match="SPC-012"):
            cfar_threshold(looks, chance)
