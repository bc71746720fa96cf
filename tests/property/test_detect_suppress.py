"""Suppression keeps what a plain double loop with shapely keeps, at any number of claims."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.detect.candidates import Candidates, no_candidates
from atalaya.detect.onnx_model.decode import oriented_corners
from atalaya.detect.suppress import kept_rows, overlap_of, suppressed


def drawn(seed: int, n: int, oriented: bool) -> Candidates:
    """Claims of very different sizes, many of them crowded."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform(0.0, rng.choice([20.0, 400.0]), (n, 2)).astype(np.float32)
    half = np.exp(rng.uniform(-1.0, rng.choice([1.5, 4.5]), (n, 2))).astype(np.float32)
    corners = (
        oriented_corners(middle, half, rng.uniform(-4.0, 4.0, n).astype(np.float32)) if oriented else None
    )
    box = np.concatenate((middle - half, middle + half), axis=1)
    if corners is not None:
        box = np.concatenate((corners.min(axis=1), corners.max(axis=1)), axis=1)
    return Candidates(box, rng.random(n, np.float32), rng.integers(0, 2, n).astype(np.int16), corners)


def plain(claims: Candidates, overlap: float, across: bool) -> list[int]:
    shapes = shapely.polygons(claims.corners) if claims.corners is not None else shapely.box(*claims.box.T)
    area = shapely.area(shapes)
    kept: list[int] = []
    for row in np.argsort(-claims.score, kind="stable"):
        rivals = [each for each in kept if across or claims.label[each] == claims.label[row]]
        shared = shapely.area(shapely.intersection(shapes[row], shapes[rivals]))
        if not np.any(shared > overlap * (area[row] + area[rivals] - shared)):
            kept.append(int(row))
    return kept


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60), oriented=st.booleans(), across=st.booleans(),
    overlap=st.floats(0.05, 0.95),
)  # fmt: skip
def test_it_keeps_what_a_double_loop_keeps(
    seed: int, n: int, oriented: bool, across: bool, overlap: float
) -> None:
    claims = drawn(seed, n, oriented)
    assert kept_rows(claims, overlap, across).tolist() == plain(claims, overlap, across)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_overlap_of_quadrilaterals_is_shapelys(seed: int) -> None:
    corners = drawn(seed, 2, True).corners
    assert corners is not None
    first, second = corners.astype(np.float64)
    shapes = shapely.polygons([first, second])
    expected = shapely.area(shapes[0] & shapes[1]) / shapely.area(shapes[0] | shapes[1])
    assert overlap_of(first, second) == pytest.approx(expected, abs=1e-5)
    assert overlap_of(first[::-1], second) == pytest.approx(expected, abs=1e-5)


def test_nothing_and_all() -> None:
    assert len(suppressed(no_candidates())) == 0
    claims = drawn(1, 50, False)
    assert len(suppressed(claims, 1.0)) == 50


def test_touching_boxes_at_nought_overlap_both_stay() -> None:
    box = np.array([[0, 0, 4, 4], [4, 0, 8, 4], [3, 0, 7, 4]], np.float32)
    claims = Candidates(box, np.array([0.9, 0.8, 0.7], np.float32), np.zeros(3, np.int16))
    assert kept_rows(claims, 0.0).tolist() == [0, 1]


def test_a_hundred_thousand_claims_on_one_spot() -> None:
    n = 100_000
    box = np.tile(np.array([[10, 10, 30, 30]], np.float32), (n, 1))
    claims = Candidates(box, np.linspace(1, 0, n, dtype=np.float32), np.zeros(n, np.int16))
    assert kept_rows(claims, 0.5).tolist() == [0]
