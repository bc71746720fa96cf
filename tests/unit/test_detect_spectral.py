"""Scores of spectra against hand cases, exact oracles, and SPy 0.25 where it is installed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect import Bands, Context, Tile
from atalaya.detect.detector import Detector
from atalaya.detect.spectral import (
    Background,
    PushBroomRx,
    anomaly_score,
    background_of,
    local_rx,
    scores,
)
from atalaya.detect.spectral.attribute import area_residuals
from atalaya.detect.spectral.detectors import Anomaly, Material, PushBroomAnomaly
from atalaya.detect.spectral.fusion import fisher
from atalaya.detect.spectral.library import Signature
from atalaya.detect.spectral.ring import local_distances

Floats = NDArray[np.float64]


def mixed(rows: int = 40, columns: int = 50, bands: int = 12, seed: int = 1) -> Floats:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(size=(rows, columns, bands)).cumsum(axis=2) * 20.0 + 800.0)


@pytest.mark.proves("SPC-002")
def test_tiny_vector_of_the_field_note() -> None:
    known = Background(np.zeros(2), np.diag([0.5, 1.0]), np.ones(2, np.bool_), 100)
    found = scores(np.array([[[2.0, 1.0], [-2.0, 1.0]]]), np.array([2.0, 0.0]), known=known)
    assert found.rx.ravel() == pytest.approx([2.0, 2.0])
    assert found.mf is not None
    assert found.smf is not None
    assert found.ace is not None
    assert found.mf.ravel() == pytest.approx([1.0, -1.0])
    assert found.smf.ravel() == pytest.approx([1.0, -1.0])
    assert found.ace.ravel() == pytest.approx([0.70711, -0.70711], abs=1e-5)


def test_scores_are_those_of_spectral() -> None:
    spectral = pytest.importorskip("spectral")
    cube = mixed()
    signature = cube[3, 3] + 5.0
    found = scores(cube, signature)
    assert found.ace is not None
    assert found.mf is not None
    assert found.rx == pytest.approx(spectral.rx(cube), rel=1e-4)
    assert found.ace**2 == pytest.approx(spectral.ace(cube, signature), rel=1e-3, abs=1e-6)
    assert found.mf == pytest.approx(spectral.matched_filter(cube, signature), rel=1e-3, abs=1e-5)


@pytest.mark.proves("SPC-001")
@pytest.mark.parametrize("by_mask", [True, False])
def test_pixels_without_data_neither_count_nor_score(by_mask: bool) -> None:
    cube = mixed()
    bare = cube.copy()
    bare[:, 30:] = 1e6 if by_mask else np.nan
    mask = np.ones(cube.shape[:2], np.bool_)
    mask[:, 30:] = not by_mask
    found = scores(bare, cube[0, 0], valid=mask)
    alone = scores(cube[:, :30], cube[0, 0])
    assert np.isnan(found.rx[:, 30:]).all()
    assert found.rx[:, :30] == pytest.approx(alone.rx, rel=1e-5)
    score = anomaly_score(bare, mask)
    assert np.isnan(score[:, 30:]).all()
    assert np.isfinite(score[:, :30]).all()


def test_bands_that_depend_on_each_other_change_nothing() -> None:
    cube = mixed(bands=6)
    doubled = np.concatenate((cube, cube[..., :3] + cube[..., 3:]), axis=2)
    assert scores(doubled).rx == pytest.approx(scores(cube).rx, rel=1e-3)


def test_fewer_pixels_than_bands_still_rank() -> None:
    cube = mixed(5, 5, 40)
    cube[2, 2] += 400.0 * np.sin(np.arange(40.0))
    assert background_of(cube).shrinkage == pytest.approx(40 / 65)
    found = scores(cube).rx
    assert np.unravel_index(found.argmax(), found.shape) == (2, 2)


def test_a_sample_of_a_large_scene_ranks_as_all_of_it() -> None:
    cube = mixed(220, 220, 8)
    few, every = scores(cube).rx, scores(cube, every=True).rx
    assert background_of(cube).pixels < 220 * 220
    assert np.corrcoef(few.ravel(), every.ravel())[0, 1] > 0.995


def brute_local(values: Floats, inner: int, outer: int) -> Floats:
    rows, columns, _ = values.shape
    out = np.zeros((rows, columns))
    for r in range(rows):
        for c in range(columns):
            top, left = (min(max(p - outer // 2, 0), n - outer) for p, n in ((r, rows), (c, columns)))
            ring = np.zeros((rows, columns), np.bool_)
            ring[top : top + outer, left : left + outer] = True
            half = inner // 2
            ring[max(r - half, 0) : r + half + 1, max(c - half, 0) : c + half + 1] = False
            around = values[ring]
            away = values[r, c] - around.mean(axis=0)
            out[r, c] = away @ np.linalg.solve(np.cov(around.T), away)
    return out


def test_local_rx_is_that_of_each_window_to_the_edges() -> None:
    values = np.random.default_rng(2).normal(size=(24, 37, 3))
    assert local_distances(values, 3, 11) == pytest.approx(brute_local(values, 3, 11), rel=1e-8)


def test_local_rx_is_that_of_spectral_inside() -> None:
    spectral = pytest.importorskip("spectral")
    values = np.random.default_rng(3).normal(size=(30, 30, 4))
    theirs = spectral.rx(values, window=(5, 13))
    assert local_distances(values, 5, 13)[3:-3, 3:-3] == pytest.approx(theirs[3:-3, 3:-3], rel=1e-4)


def test_windows_that_do_not_fit_are_refused() -> None:
    for inner, outer in ((4, 11), (5, 5), (3, 99), (-1, 5)):
        with pytest.raises(BadInput, match="SPC-005"):
            local_rx(mixed(), inner, outer, most=3)


@pytest.mark.proves("SPC-003")
def test_push_broom_is_the_recursion_of_the_field_note() -> None:
    lines = mixed(60, 32, 8, seed=4)
    machine = PushBroomRx(32, 8, lines[0, 0], rate=0.05)
    first: list[Floats] = []
    mean, covariance = np.zeros(8), np.zeros((8, 8))
    for line in lines:
        found = machine.line(line)
        if not len(covariance[0].nonzero()[0]):
            assert np.isnan(found.rx).all()
            first.append(line)
            if 32 * len(first) >= 80:
                every = np.concatenate(first)
                mean, covariance = every.mean(axis=0), np.cov(every.T)
            continue
        away = line - mean
        expected = np.einsum("ij,jk,ik->i", away, np.linalg.inv(covariance), away)
        assert found.rx == pytest.approx(expected, rel=1e-3)
        assert found.ace is not None
        assert np.abs(found.ace).max() <= 1.0 + 1e-5
        mean = mean + 0.05 * away.mean(axis=0)
        about = line - mean
        covariance = 0.95 * covariance + 0.05 * about.T @ about / len(about)


@pytest.mark.proves("SPC-003")
def test_lines_to_come_do_not_change_what_was_said() -> None:
    lines = mixed(30, 32, 8, seed=5)
    other = lines.copy()
    other[20:] *= 3.0
    found = [[machine.line(line).rx for line in strip[:20]] for machine, strip in (
        (PushBroomRx(32, 8), lines), (PushBroomRx(32, 8), other)
    )]  # fmt: skip
    np.testing.assert_array_equal(found[0], found[1])


def test_a_band_that_dies_in_flight_does_not_stop_the_strip() -> None:
    lines = mixed(900, 32, 8, seed=6)
    lines[100:, :, 3] = lines[99, 0, 3]
    machine = PushBroomRx(32, 8)
    for line in lines:
        found = machine.line(line)
    assert np.isfinite(found.rx).all()
    assert found.rx.mean() < 40.0


def test_area_residuals_are_those_of_flooding() -> None:
    from scipy import ndimage

    picture = np.random.default_rng(7).integers(0, 30, (20, 26)).astype(np.float64)

    def opened(values: Floats, area: int) -> Floats:
        out = np.full(values.shape, values.min())
        for level in np.unique(values):
            marks, _ = ndimage.label(values >= level)
            sizes = np.bincount(marks.ravel())
            sizes[0] = 0
            out[(sizes >= area)[marks]] = level
        return out

    found = area_residuals(picture[..., None], (6,))[..., 0]
    expected = (picture - opened(picture, 6)) - (-picture - opened(-picture, 6))
    assert found == pytest.approx(expected, abs=1e-3)


def test_fused_ranks_weigh_every_map_alike() -> None:
    rng = np.random.default_rng(8)
    first, second = rng.normal(size=(30, 30)), 1e6 * rng.normal(size=(30, 30)) ** 3
    assert fisher([first, second]).mean() == pytest.approx(1.0, abs=0.02)
    np.testing.assert_allclose(fisher([first, second]), fisher([np.exp(first), second]))


def scene(seed: int = 9) -> tuple[Floats, NDArray[np.bool_]]:
    """Two smooth covers, noise, and six small things of a material of their own."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    cover = gaussian_filter(rng.normal(size=(80, 90)), 6.0)
    share = 1.0 / (1.0 + np.exp(-8.0 * cover / cover.std()))
    grid = np.linspace(0.0, 1.0, 60)
    ends = np.array([0.3 + 0.2 * grid, 0.5 - 0.3 * grid**2])
    cube = share[..., None] * ends[0] + (1.0 - share)[..., None] * ends[1]
    cube = cube * np.exp(0.05 * gaussian_filter(rng.normal(size=(80, 90)), 1.0))[..., None]
    truth = np.zeros((80, 90), np.bool_)
    for _ in range(6):
        r, c = rng.integers(5, 72), rng.integers(5, 82)
        truth[r : r + 3, c : c + 2] = True
    cube[truth] = 0.6 * cube[truth] + 0.4 * (0.3 + 0.15 * np.sin(7.0 * grid))
    return np.asarray(cube + 0.01 * rng.normal(size=cube.shape)), truth


def test_the_shipped_detector_finds_small_foreign_things() -> None:
    cube, truth = scene()
    score = anomaly_score(cube.astype(np.float32))
    assert score[truth].min() > np.quantile(score[~truth], 0.97)
    claims = Anomaly().detect(Tile(cube.astype(np.float32), "HSI"), None)
    columns, rows = np.rint(claims.middle).astype(int).T
    assert truth[rows, columns].mean() > 0.7


def test_materials_are_found_by_their_signature() -> None:
    cube, truth = scene()
    bands = Bands(np.linspace(400.0, 1000.0, 60), np.full(60, 10.0))
    foreign = 0.3 + 0.15 * np.sin(7.0 * np.linspace(0.0, 1.0, 60))
    signature = Signature("tarpaulin", np.linspace(400.0, 1000.0, 60), foreign)
    detector = Material((("roof", signature),))
    claims = detector.detect(Tile(cube.astype(np.float32), "HSI", "reflectance", bands=bands), None)
    columns, rows = np.rint(claims.middle).astype(int).T
    assert len(claims) >= 5
    assert truth[rows, columns].all()
    assert [each.evidence for each in detector.card.classes] == ["roof"]


def test_a_strip_is_the_same_in_blocks_of_any_size() -> None:
    cube = mixed(80, 200, 8).astype(np.float32)
    cube[60, 40] += 900.0 * np.sin(np.arange(8.0))
    found = []
    for step in (80, 7):
        detector = PushBroomAnomaly()
        state = detector.prepare(Context("HSI", step, 200))
        peaks = []
        for start in range(0, 80, step):
            tile = Tile(cube[start : start + step], "HSI", index=start)
            claims = detector.detect(tile, state)
            peaks += [(start + row, column) for column, row in claims.middle.tolist()]
        found.append(peaks)
    assert (60.0, 40.0) in found[0]
    assert (60.0, 40.0) in found[1]


def test_detectors_keep_to_the_protocol() -> None:
    for detector in (Anomaly(), PushBroomAnomaly(), Material()):
        assert isinstance(detector, Detector)
        assert detector.card.id
    with pytest.raises(BadInput, match="SPC-014"):
        Anomaly().detect(Tile(np.zeros((8, 8), np.uint8), "HSI"), None)


@pytest.mark.parametrize(
    "cube", [np.zeros((4, 4)), np.zeros((0, 4, 3)), np.zeros((2, 2, 2), np.complex128), np.ones((9, 9, 3))]
)
def test_what_is_no_scene_is_told_so(cube: NDArray[np.generic]) -> None:
    for action in (scores, anomaly_score):
        with pytest.raises(BadInput, match=r"SPC-00[12]"):
            action(cube)


def test_signatures_that_do_not_fit_are_refused() -> None:
    cube = mixed()
    with pytest.raises(BadInput, match="SPC-003"):
        scores(cube, np.ones(5))
    with pytest.raises(BadInput, match="SPC-004"):
        scores(cube, cube.reshape(-1, 12).mean(axis=0), known=Background(
            cube.reshape(-1, 12).mean(axis=0), np.eye(12), np.ones(12, np.bool_), 9
        ))  # fmt: skip
    with pytest.raises(BadInput, match="SPC-006"):
        PushBroomRx(1, 5)
