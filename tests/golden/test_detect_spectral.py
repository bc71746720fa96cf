"""RX, MF, ACE and SAM on the MUUFL demonstration cubes, against `spectral` 0.25 in double precision.

Values were made with SPy 0.25; the sign of ACE is our own (SPy returns its square).
"""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.stats import rankdata

from atalaya.detect.spectral import angle, scores
from tests.shared_data import shared

Floats = NDArray[np.float64]


def chip() -> tuple[Floats, Floats, NDArray[np.bool_]]:
    data = loadmat(shared("detect/muufl_demo/an_hsi_img_for_tgt_det_demo.mat"))
    return data["hsi_sub"].astype(np.float64), data["tgt_spectra"].ravel(), data["gtImg_sub"] > 0


def auc(score: NDArray[np.generic], truth: NDArray[np.bool_]) -> float:
    rank, n = rankdata(score.ravel()), truth.sum()
    return float((rank[truth.ravel()].sum() - n * (n + 1) / 2) / (n * (truth.size - n)))


def test_muufl_chip_gives_the_tabled_scores() -> None:
    cube, signature, _ = chip()
    found = scores(cube, signature)
    assert found.mf is not None
    assert found.ace is not None
    table = {
        (6, 2): (170.925, 0.420487, 0.512243),
        (17, 6): (78.8219, 0.0707844, 0.126981),
        (26, 10): (51.1897, -0.00343048, -0.00763643),
        (10, 20): (70.0536, -0.0268033, -0.0510035),
    }
    for place, (rx, mf, ace) in table.items():
        assert found.rx[place] == pytest.approx(rx, rel=2e-5)
        assert found.mf[place] == pytest.approx(mf, rel=2e-5, abs=1e-7)
        assert found.ace[place] == pytest.approx(ace, rel=2e-5, abs=1e-7)
    assert found.rx.max() == pytest.approx(315.9465, rel=1e-5)
    assert np.unravel_index(found.rx.argmax(), found.rx.shape) == (8, 0)
    assert found.rx.mean() == pytest.approx(72 * 1295 / 1296, rel=1e-6)


@pytest.mark.proves("SPC-002")
def test_the_sign_of_ace_is_worth_what_the_note_says() -> None:
    cube, signature, truth = chip()
    found = scores(cube, signature)
    assert found.mf is not None
    assert found.ace is not None
    figures = {
        "rx": auc(found.rx, truth),
        "mf": auc(found.mf, truth),
        "ace": auc(found.ace, truth),
        "squared": auc(found.ace**2, truth),
        "sam": auc(-angle(cube, signature), truth),
    }
    expected = {"rx": 0.6020, "mf": 0.8309, "ace": 0.8275, "squared": 0.6790, "sam": 0.6226}
    assert figures == pytest.approx(expected, abs=6e-5)


def test_dead_bands_of_an_integer_cube_are_left_out() -> None:
    cube = loadmat(shared("detect/muufl_demo/a_hsi_img_for_VI_demo.mat"))["hsi_img"]
    assert cube.dtype.kind == "i"
    found = scores(cube).rx
    assert np.unravel_index(found.argmax(), found.shape) == (75, 83)
    assert found[75, 83] == pytest.approx(2503.79, rel=2e-5)
    assert found[45, 45] == pytest.approx(243.281, rel=2e-5)
    assert found.mean() == pytest.approx(181 * 8099 / 8100, rel=1e-4)
