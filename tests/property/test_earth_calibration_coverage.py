"""Over many made sorties the truth lies where the stated covariance of the shared states says."""

import numpy as np

from atalaya.earth.calibration import Priors
from atalaya.earth.calibration.assemble import assembled
from atalaya.earth.calibration.robust import fit
from tests.calibration_blocks import Truth, made_sortie, true_states

TRUTH = Truth(lag_s=0.2)


def test_covariance_of_shared_states_is_true() -> None:
    """NEES over many sorties: its mean is the number of states, within the spread of chi-squared."""
    values = []
    priors = Priors(boresight_deg=(3, 3, 3), heading_deg=0.0, focal_change=0.05, k1=0.0, lag_s=0.5)
    at = np.flatnonzero(priors.sd() > 0)
    for seed in range(60):
        given = made_sortie(np.random.default_rng(100 + seed), TRUTH, looks=8, points=6)
        block = assembled(given.looks, given.points, given.marks, (), priors, None, 0.0).block
        found = fit(block)
        off = (found.adjusted.unknowns.shared - true_states(TRUTH))[at]
        values.append(float(off @ np.linalg.solve(found.posterior.shared[np.ix_(at, at)], off)))
    mean, expected = np.mean(values), len(at)
    assert abs(mean - expected) < 4.0 * np.sqrt(2.0 * expected / len(values))
    inside = np.mean(np.array(values) < 9.236)  # 90 % of chi-squared with 5 degrees of freedom
    assert abs(inside - 0.9) < 3.3 * np.sqrt(0.09 / len(values))
