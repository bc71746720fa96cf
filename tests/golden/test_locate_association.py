"""Association of one scan: worked examples (field note, section 4) and all matchings written out."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from atalaya.locate.association import marginals

Floats = NDArray[np.float64]


def enumerated(w: Floats, q: Floats) -> tuple[Floats, Floats, Floats]:
    """Pair, miss and new marginals from every matching."""
    n, m = w.shape
    pair, miss, new, whole = np.zeros((n, m)), np.zeros(n), np.zeros(m), 0.0
    for choice in product(range(m + 1), repeat=n):
        taken = [j - 1 for j in choice if j]
        if len(set(taken)) < len(taken):
            continue
        weight = float(np.prod([w[i, j - 1] for i, j in enumerate(choice) if j]))
        weight *= float(np.prod([q[j] for j in range(m) if j not in taken]))
        whole += weight
        for i, j in enumerate(choice):
            if j:
                pair[i, j - 1] += weight
            else:
                miss[i] += weight
        new[[j for j in range(m) if j not in taken]] += weight
    return pair / whole, miss / whole, new / whole


def solved(w: Floats, q: Floats, **options: int) -> tuple[Floats, Floats, Floats]:
    row, column = np.nonzero(w)
    found = marginals(row, column, w[row, column], q, len(w), **options)
    pair = np.zeros(w.shape)
    pair[row, column] = found.pair
    return pair, found.miss, found.new


def test_propagation_is_exact_on_trees() -> None:
    w, q = np.array([[4.0, 1.0], [0.0, 2.0]]), np.array([0.1, 0.2])
    for most in (0, 8):
        pair, miss, new = solved(w, q, exact_up_to=most)
        assert miss == pytest.approx([0.024123, 0.100877], abs=5e-7)
        assert pair == pytest.approx(np.array([[0.964912, 0.010965], [0.0, 0.899123]]), abs=5e-7)
        assert new == pytest.approx([0.035088, 0.089912], abs=5e-7)


LOOP = (np.array([[4.0, 1.0, 0.0], [3.0, 2.0, 0.5]]), np.full(3, 0.5))


def test_a_loop_by_propagation() -> None:
    pair, miss, new = solved(*LOOP, exact_up_to=0)
    assert miss == pytest.approx([0.1843, 0.1689], abs=5e-5)
    assert pair == pytest.approx(np.array([[0.6536, 0.1621, 0.0], [0.1929, 0.4693, 0.1689]]), abs=5.1e-5)
    assert new == pytest.approx([0.1536, 0.3686, 0.8311], abs=5e-5)


def test_a_small_loop_is_solved_exactly() -> None:
    pair, miss, new = solved(*LOOP)
    assert miss == pytest.approx([0.1579, 0.1447], abs=5e-5)
    assert pair == pytest.approx(np.array([[0.6316, 0.2105, 0.0], [0.2368, 0.4737, 0.1447]]), abs=5e-5)
    assert new == pytest.approx([0.1316, 0.3158, 0.8553], abs=5e-5)


@pytest.mark.parametrize("seed", range(60))
def test_small_clusters_agree_with_every_matching(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 6, 2)
    w = np.exp(rng.uniform(-4.0, 4.0, (n, m))) * (rng.random((n, m)) < 0.7)
    q = np.exp(rng.uniform(-2.0, 2.0, m))
    for ours, truth in zip(solved(w, q), enumerated(w, q), strict=True):
        assert ours == pytest.approx(truth, abs=1e-8)


def test_large_clusters_stay_near_the_truth_in_sum() -> None:
    rng = np.random.default_rng(1)
    w = np.exp(rng.uniform(-4.0, 4.0, (12, 12))) * (rng.random((12, 12)) < 0.3)
    pair, miss, new = solved(w, np.full(12, 0.5))
    assert pair.sum(axis=1) + miss == pytest.approx(np.ones(12), abs=1e-6)
    assert (new >= 0.0).all()
    assert (new <= 1.0).all()


def test_no_pairs_leave_everything_open() -> None:
    pair, miss, new = solved(np.zeros((2, 3)), np.ones(3))
    assert (pair == 0.0).all()
    assert (miss == 1.0).all()
    assert (new == 1.0).all()
