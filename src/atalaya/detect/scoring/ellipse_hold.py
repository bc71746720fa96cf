"""Do stated ellipses hold? Share of truths inside their 90 % regions, with exact interval and mean NEES."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.inputs import numbers
from atalaya.earth.error.coverage import Coverage, coverage, nees, nees_interval


@dataclass(frozen=True, slots=True)
class EllipseHold:
    """What ellipses of n places were worth.

    Args:
        level: the share that should lie inside. held: the share that does, with its Clopper-Pearson interval.
        nees: mean squared error in units of the stated one; 2 where ellipses are true.
        nees_low, nees_high: 95 % interval of that mean for independent true ellipses.
        median_radius_m: of circles as large as the stated ellipses at the level: small ones are worth more.
    """

    level: float
    held: Coverage
    nees: float
    nees_low: float
    nees_high: float
    median_radius_m: float

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        held = {"share": self.held.share, "low": self.held.low, "high": self.held.high, "n": self.held.n}
        error = {"mean": self.nees, "low": self.nees_low, "high": self.nees_high}
        return {"level": self.level, "held": held, "nees": error, "median_radius_m": self.median_radius_m}


def ellipse_hold(error_m: ArrayLike, covariance_m2: ArrayLike, level: float = 0.9) -> EllipseHold:
    """Compare errors with what was stated of them.

    Args:
        error_m: (n, 2) stated minus true, east and north. covariance_m2: (n, 2, 2) stated.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-004, no place; SCO-006, a covariance is not positive definite.
    """
    from scipy.stats import chi2

    errors = numbers(error_m, "errors", (None, 2))
    stated = numbers(covariance_m2, "covariances", (len(errors), 2, 2))
    if not len(errors):
        raise BadInput("SCO-004", where="errors")
    det = np.linalg.det(stated)
    bad = np.flatnonzero((det <= 0.0) | (stated[:, 0, 0] <= 0.0))
    if len(bad):
        raise BadInput("SCO-006", where=f"covariances[{int(bad[0])}]")
    squared = nees(errors, stated)
    limit = float(chi2.ppf(level, 2))
    radius = np.sqrt(limit * np.sqrt(det))
    interval = nees_interval(len(errors), 2)
    return EllipseHold(
        level, coverage(squared <= limit), float(squared.mean()), *interval, float(np.median(radius))
    )
