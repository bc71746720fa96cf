"""A corrected lens is a lens: pixels and directions invert each other, or both say that they cannot."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atalaya.earth.calibration import CorrectedLens
from atalaya.earth.lens import Pinhole

BASE = Pinhole(1920, 1080, 1500.0, 1500.0, 959.5, 539.5)
corrections = st.builds(
    CorrectedLens,
    st.just(BASE),
    st.floats(-0.3, 0.3),
    st.floats(-1.0, 1.0),
    st.floats(-50, 50),
    st.floats(-50, 50),
)


@given(corrections, st.floats(-0.5, 1919.5), st.floats(-0.5, 1079.5))
def test_there_and_back(lens: CorrectedLens, column: float, row: float) -> None:
    toward = lens.directions(np.array([column]), np.array([row]))
    back = lens.pixels(toward)
    if np.isfinite(toward).all():
        # near the fold of a strong negative k1 the inverse is only as sharp as the root
        slope = abs(1.0 + 3.0 * lens.k1 * float(toward[0, 1:] @ toward[0, 1:]))
        assert abs(back[0][0] - column) < 1e-4 + 1e-3 * (slope < 1e-3) or np.isnan(back[0][0])
        assert abs(back[1][0] - row) < 1e-4 + 1e-3 * (slope < 1e-3) or np.isnan(back[1][0])
        assert slope < 1e-3 or np.isfinite(back[0][0])
    else:
        assert lens.k1 < 0.0, "only a lens that folds cannot be inverted"
        assert np.isnan(back[0][0])


@given(corrections)
def test_size_is_the_base_lens(lens: CorrectedLens) -> None:
    assert (lens.width, lens.height) == (BASE.width, BASE.height)


def test_nothing_corrected_changes_nothing() -> None:
    lens, at = CorrectedLens(BASE), (np.array([0.0, 960.5, 1900.0]), np.array([3.0, 540.5, 17.0]))
    assert np.array_equal(lens.directions(*at), BASE.directions(*at))
    assert np.allclose(lens.pixels(BASE.directions(*at)), at)


def test_rays_beyond_the_fold_and_behind_have_no_pixel() -> None:
    lens = CorrectedLens(BASE, k1=-0.5)
    column, _ = lens.pixels(np.array([[1.0, 0.9, 0.0], [-1.0, 0.1, 0.0], [0.0, 1.0, 0.0], [1.0, 0.1, 0.0]]))
    assert np.isnan(column).tolist() == [True, True, True, False]
