"""Worked examples of scoring: halo (MUUFL), GOSPA, kappa, calibration, PSI, Poisson bounds, binormal maps.

Values computed by hand or from the papers' formulas; the binormal table holds for equal-variance scores.
"""

import numpy as np
import pytest
from scipy.stats import norm

from atalaya.detect.scoring.calibration import brier, calibration, ece, log_score
from atalaya.detect.scoring.drift import psi
from atalaya.detect.scoring.ellipse_hold import ellipse_hold
from atalaya.detect.scoring.froc import poisson_upper, seen_km2
from atalaya.detect.scoring.gospa import gospa
from atalaya.detect.scoring.halo import halo_scores, muufl_halo_px, nauc
from atalaya.detect.scoring.kappa import Agreement, agreement
from atalaya.detect.scoring.pixel_maps import map_score

P = [0.1, 0.1, 0.3, 0.3, 0.7, 0.7, 0.9, 0.9]
Y = [0, 0, 0, 1, 1, 0, 1, 1]


@pytest.mark.proves("SCO-001")
def test_halo_example() -> None:
    assert nauc([0.9, 0.6, 0.3], [0.8, 0.5, 0.4, 0.2], 1000.0, 3e-3) == pytest.approx(5 / 9, abs=1e-12)


def test_halo_of_a_map_gives_the_same() -> None:
    score = np.full((40, 40), 0.0)
    objects = {(5, 5): 0.9, (5, 30): 0.6, (30, 5): 0.3, (30, 30): 1.0}
    for (row, column), value in objects.items():
        score[row + 1, column - 2] = value
    for row, value in enumerate((0.8, 0.5, 0.4, 0.2)):
        score[18 + row, 18] = value
    halos = muufl_halo_px([0.5, 1.0, 1.0, 0.5])
    found = halo_scores(score, list(objects), halos, scored=[1, 1, 1, 0], area_m2=1000.0)
    assert sorted(found.confidence) == [0.3, 0.6, 0.9]
    assert len(found.outside) == 40 * 40 - 4 * 25
    assert nauc(found.confidence, found.outside, found.area_m2, 3e-3) == pytest.approx(5 / 9)
    assert muufl_halo_px([0.5, 1.0, 3.0, 6.0]).tolist() == [[5, 5], [5, 5], [7, 7], [17, 15]]


@pytest.mark.proves("SCO-001")
def test_gospa_example() -> None:
    found = gospa([(0, 0), (100, 0)], [(3, 4), (500, 0)], 50.0)
    assert found.total == pytest.approx(50.2494, abs=5e-5)
    assert (found.localisation, found.missed, found.false) == (25.0, 1250.0, 1250.0)
    assert (found.localisation_m, found.n_missed, found.n_false) == (5.0, 1, 1)


@pytest.mark.proves("SCO-001")
def test_kappa_example() -> None:
    counts = Agreement(tp=900, fp=300, fn=100, tn=8700)
    assert counts.accuracy == pytest.approx(0.96)
    assert counts.kappa == pytest.approx(0.7959, abs=5e-5)
    found = np.repeat([1, 1, 0, 0], [900, 300, 100, 8700])
    truth = np.repeat([1, 0, 1, 0], [900, 300, 100, 8700])
    assert agreement(found, truth) == counts


@pytest.mark.proves("SCO-001")
def test_calibration_example() -> None:
    assert brier(P, Y) == pytest.approx(0.15)
    assert ece(P, Y) == pytest.approx(0.15)
    assert ece(P, Y, 10, "width") == pytest.approx(0.15)
    shown = calibration(P, Y)
    assert (shown.base_rate, shown.base_brier, shown.n) == (0.5, 0.25, 8)
    given = [0.9, 0.9, 0.7, 0.3, 0.7, 0.3, 0.9, 0.9]
    assert log_score(P, Y) == pytest.approx(-np.mean(np.log(given)))


@pytest.mark.proves("SCO-001")
def test_psi_example() -> None:
    assert psi([0.1, 0.2, 0.4, 0.2, 0.1], [0.05, 0.15, 0.35, 0.25, 0.2]) == pytest.approx(0.1362, abs=5e-5)
    assert np.isfinite(psi([10, 0, 5], [0, 10, 5])), "empty bins are floored"


@pytest.mark.proves("SCO-001")
@pytest.mark.parametrize(("count", "bound"), [(0, 3.00), (1, 4.74), (3, 7.75)])
def test_poisson_bounds(count: int, bound: float) -> None:
    assert poisson_upper(count) == pytest.approx(bound, abs=0.005)


def test_a_tenth_per_km2_needs_thirty_alarm_free_km2() -> None:
    assert poisson_upper(0, 29.9) > 0.1 > poisson_upper(0, 30.0)


def test_ground_seen_twice_in_one_look_counts_once() -> None:
    from shapely import box

    assert seen_km2([box(0, 0, 1000, 1000), box(500, 0, 1500, 1000)]) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("auc", "prevalence", "ap"),
    [(0.95, 5e-3, 0.30), (0.98, 5e-3, 0.55), (0.99, 5e-3, 0.70), (0.95, 1e-3, 0.13), (0.98, 1e-3, 0.34)],
)
def test_what_an_auc_is_worth_when_truth_is_rare(auc: float, prevalence: float, ap: float) -> None:
    n = 400_000
    true = round(n * prevalence)
    apart = np.sqrt(2.0) * norm.ppf(auc)
    score = np.concatenate(
        [norm.ppf((np.arange(k) + 0.5) / k) + shift for k, shift in ((n - true, 0.0), (true, apart))]
    )
    found = map_score(score, np.repeat([0, 1], [n - true, true]))
    assert found.auc == pytest.approx(auc, abs=0.002)
    assert found.ap == pytest.approx(ap, abs=0.015)
    assert found.pd == pytest.approx({0.95: 0.22, 0.98: 0.43, 0.99: 0.58}[auc], abs=0.01)


def test_true_ellipses_hold_and_small_ones_do_not() -> None:
    rng = np.random.default_rng(3)
    stated = np.tile(np.array([[9.0, 2.0], [2.0, 4.0]]), (4000, 1, 1))
    error = rng.multivariate_normal([0, 0], stated[0], 4000)
    found = ellipse_hold(error, stated)
    assert found.held.low < 0.9 < found.held.high
    assert found.nees_low < found.nees < found.nees_high
    assert ellipse_hold(error, stated / 4).held.high < 0.6
