"""CE, LE, ellipses, order statistics, coverage, NEES against published and independently computed values."""

import numpy as np
import pytest
from scipy.integrate import quad

from atalaya.base.errors import BadInput
from atalaya.earth.error import (
    bootstrap,
    circular_error_m,
    circular_factor,
    coverage,
    fit_sigmas,
    inflation,
    linear_error_m,
    nees,
    nees_interval,
    principal_axes,
    sample_circular_error_m,
    sample_linear_error_m,
    trials_for,
)

RATIOS = np.arange(10, 0, -1) / 10.0
CE90 = (2.1460, 2.0424, 1.9472, 1.8625, 1.7915, 1.7371, 1.6992, 1.6738, 1.6573, 1.6479)
CE50 = (1.1774, 1.1181, 1.0577, 0.9962, 0.9337, 0.8704, 0.8079, 0.7499, 0.7059, 0.6820)


def turned(major: float, minor: float, azimuth_deg: float) -> np.ndarray:
    along = np.array([np.sin(np.radians(azimuth_deg)), np.cos(np.radians(azimuth_deg))])
    across = np.array([along[1], -along[0]])
    return major**2 * np.outer(along, along) + minor**2 * np.outer(across, across)


def test_circular_errors_have_the_tabled_values() -> None:
    assert circular_factor(RATIOS) == pytest.approx(CE90, abs=5.1e-5)
    assert circular_factor(RATIOS, 0.5) == pytest.approx(CE50, abs=5.1e-5)


def test_the_circle_holds_its_share_by_the_polar_integral() -> None:
    for ratio in np.random.default_rng(1).uniform(0.05, 1.0, 30):
        for share in (0.5, 0.9, 0.95):
            radius = float(circular_factor(ratio, share))

            def ring(angle: float, ratio: float = ratio, radius: float = radius) -> float:
                g = np.cos(angle) ** 2 + np.sin(angle) ** 2 / ratio**2
                return float((1.0 - np.exp(-(radius**2) * g / 2.0)) / g)

            held = quad(ring, 0.0, 2.0 * np.pi, epsabs=1e-11, limit=200)[0] / (2.0 * np.pi * ratio)
            assert held == pytest.approx(share, abs=1e-9)


def test_a_line_and_a_circle_are_the_ends_of_the_table() -> None:
    assert float(circular_factor(0.0)) == pytest.approx(1.6448536270, abs=1e-9)
    assert float(circular_factor(1.0)) == pytest.approx(np.sqrt(-2.0 * np.log(0.1)), abs=1e-12)


def test_circular_error_does_not_depend_on_the_direction_of_the_ellipse() -> None:
    many = np.stack([turned(84.63, 42.0, azimuth) for azimuth in range(0, 180, 7)])
    assert circular_error_m(many) == pytest.approx(146.87, abs=0.005)


def test_axes_of_an_ellipse_are_those_it_was_made_of() -> None:
    azimuths = np.arange(1.0, 180.0, 8.0)
    major, minor, azimuth = principal_axes(np.stack([turned(50.0, 0.01, one) for one in azimuths]))
    assert major == pytest.approx(50.0)
    assert minor == pytest.approx(0.01, rel=1e-4)
    assert azimuth == pytest.approx(azimuths)


def test_no_error_at_all_is_zero() -> None:
    assert float(circular_error_m(np.zeros((3, 3)))) == 0.0


def test_linear_error_is_of_the_third_axis() -> None:
    assert float(linear_error_m(np.diag([1.0, 1.0, 36.0]))) == pytest.approx(9.869, abs=5e-4)


def test_sample_errors_approach_those_of_the_gaussian() -> None:
    rng = np.random.default_rng(2)
    off = rng.multivariate_normal(np.zeros(3), np.diag([9.0, 4.0, 25.0]), 100_000)
    assert sample_circular_error_m(off[:, 0], off[:, 1]) == pytest.approx(
        float(circular_error_m(np.diag([9.0, 4.0]))), rel=0.01
    )
    assert sample_circular_error_m(off[:, 0], off[:, 1], 0.5) == pytest.approx(
        float(circular_error_m(np.diag([9.0, 4.0]), 0.5)), rel=0.01
    )
    assert sample_linear_error_m(off[:, 2]) == pytest.approx(8.224, rel=0.01)


def test_an_order_statistic_holds_the_next_draw_with_its_share() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(4000):
        drawn = rng.standard_cauchy(19)
        held += abs(rng.standard_cauchy()) <= sample_linear_error_m(drawn)
    assert held / 4000 == pytest.approx(0.9, abs=0.015)  # ceil(.9 * 20) = 18th of 19: 18 / 20


def test_a_binomial_interval_is_the_exact_one() -> None:
    found = coverage(np.arange(400) < 360)
    assert found.share == 0.9
    assert (found.low, found.high) == pytest.approx(
        (0.8663, 0.9276), abs=2e-4
    )  # Clopper-Pearson, R binom.test
    assert (coverage(np.ones(20, bool)).low, coverage(np.ones(20, bool)).high) == pytest.approx(
        (0.8316, 1.0), abs=1e-4
    )
    assert coverage(np.zeros(20, bool)).low == 0.0


def test_how_many_trials_an_interval_needs() -> None:
    assert trials_for(0.05) in (138, 139)
    assert trials_for(0.03) in (384, 385)


def test_a_bootstrap_over_groups_is_wider_than_one_over_rows() -> None:
    rng = np.random.default_rng(4)
    value = np.repeat(rng.random(60) < 0.9, 10)  # ten rows of a sortie fall inside or outside together
    sortie = np.repeat(np.arange(60), 10)

    def share(rows: np.ndarray) -> float:
        return float(value[rows].mean())

    by_sortie = np.diff(bootstrap(share, sortie, rng))
    by_row = np.diff(bootstrap(share, np.arange(600), rng))
    assert by_sortie > 2.0 * by_row


def test_nees_of_a_true_statement_lies_in_its_interval_and_of_a_bold_one_does_not() -> None:
    rng = np.random.default_rng(5)
    covariance = np.broadcast_to(turned(30.0, 5.0, 40.0), (500, 2, 2))
    error = rng.multivariate_normal(np.zeros(2), covariance[0], 500)
    low, high = nees_interval(500, 2)
    assert low < nees(error, covariance).mean() < high
    assert nees(error, 0.5 * covariance).mean() > high


def test_sigmas_are_found_again_from_the_errors_they_made() -> None:
    rng = np.random.default_rng(6)
    moves = rng.normal(0.0, 3.0, (2000, 2, 2))
    error = np.einsum("nik,nk->ni", moves, rng.standard_normal((2000, 2)) * np.array([4.0, 0.7]))
    error[:40] *= 30.0  # gross errors
    found = fit_sigmas(error, moves, np.array([1.0, 1.0]))
    assert found[0] / found[1] == pytest.approx(4.0 / 0.7, rel=0.12)


def test_an_inflated_statement_holds_nine_in_ten() -> None:
    rng = np.random.default_rng(7)
    radius, stated = np.hypot(*rng.normal(0.0, 5.0, (2, 1000))), np.full(1000, 4.0)
    factor = inflation(radius, stated)
    assert np.mean(radius <= factor * stated) == pytest.approx(0.9, abs=0.002)
    with pytest.raises(BadInput, match="EAR-067"):
        inflation(radius[:3], stated[:3])
