"""Circular, linear and elliptical error of a Gaussian: CE90, CE50, LE90, the 90 % ellipse.

The share of a bivariate Gaussian with standard deviations s1 >= s2 within a circle of radius r is

    P(r) = 1 - mean over phi of exp(-r^2 / (2 (s1^2 cos^2 phi + s2^2 sin^2 phi)))

(the usual polar integral, with the angle taken in the frame where the ellipse is a circle: the integrand
is then smooth and periodic for every ratio s2/s1 down to 0, and the plain mean converges exponentially).
"""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LINEAR_90 = 1.6448536269514722
"""Half-width of the interval that holds 90 % of a Gaussian, in standard deviations."""

CHI2_2_90 = 4.605170185988092
"""Squared Mahalanobis radius that holds 90 % of a bivariate Gaussian: -2 ln 0.1."""

_NODES = 96
_KNOTS = 257
_ROUNDS = 40


def circular_factor(ratio: ArrayLike, probability: float = 0.9) -> Floats:
    """Radius of the circle that holds a share of a Gaussian, in units of its larger standard deviation.

    Solved by Newton at 257 ratios and interpolated by cubics through values and slopes: exact to 1e-8.

    Args:
        ratio: (...) s2 / s1, 0..1. probability: of falling inside, 0..1 (exclusive).
    """
    knots, values, slopes = _table(probability)
    place = np.clip(np.asarray(ratio, np.float64), 0.0, 1.0) * (_KNOTS - 1)
    known = np.isfinite(place)
    left = np.minimum(np.where(known, place, 0.0).astype(np.intp), _KNOTS - 2)
    t = place - left
    step = knots[1]
    rest = 1.0 - t
    return np.asarray(
        (1.0 + 2.0 * t) * rest**2 * values[left]
        + t * rest**2 * step * slopes[left]
        + t**2 * (3.0 - 2.0 * t) * values[left + 1]
        - t**2 * rest * step * slopes[left + 1]
    )


@cache
def _table(probability: float) -> tuple[Floats, Floats, Floats]:
    ratio = np.linspace(0.0, 1.0, _KNOTS)
    # the mean over a quarter turn, end points half: the integrand is even about both of its ends
    phi = np.linspace(0.0, np.pi / 2.0, _NODES + 1)
    weight = np.full(_NODES + 1, 1.0 / _NODES)
    weight[[0, -1]] /= 2.0
    sin2 = np.sin(phi) ** 2
    spread = np.maximum(1.0 - sin2 + ratio[:, None] ** 2 * sin2, 1e-100)
    radius = np.sqrt(-(1.0 + ratio**2) * np.log1p(-probability))
    for _ in range(_ROUNDS):
        outside = np.exp(-(radius[:, None] ** 2) / (2.0 * spread))
        excess = (1.0 - probability) - outside @ weight
        by_radius = radius * ((outside / spread) @ weight)
        step = np.clip(excess / by_radius, -0.5 * radius, 0.5 * radius)
        radius = radius - step
        if np.max(np.abs(step)) < 1e-14:
            break
    outside = np.exp(-(radius[:, None] ** 2) / (2.0 * spread))
    by_radius = radius * ((outside / spread) @ weight)
    by_ratio = -(radius**2) * ratio * ((outside * sin2 / spread**2) @ weight)
    return ratio, radius, -by_ratio / by_radius


def principal_axes(covariance: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Standard deviations along the major and minor axis, and the azimuth of the major one.

    Args:
        covariance: (..., 2, 2) or (..., 3, 3) square metres, east, north (, up).

    Returns:
        (...) metres, (...) metres, (...) degrees clockwise from north, 0..180.
    """
    c = np.asarray(covariance, np.float64)
    east, north, cross = c[..., 0, 0], c[..., 1, 1], c[..., 0, 1]
    middle, half = (east + north) / 2.0, np.hypot((east - north) / 2.0, cross)
    # the determinant over the larger root: the smaller one keeps its digits in a thin ellipse
    major = middle + half
    with np.errstate(invalid="ignore", divide="ignore"):
        minor = np.where(major > 0.0, (east * north - cross**2) / major, 0.0)
    azimuth = np.degrees(0.5 * np.arctan2(2.0 * cross, north - east)) % 180.0
    return np.sqrt(np.maximum(major, 0.0)), np.sqrt(np.maximum(minor, 0.0)), azimuth


def circular_error_m(covariance: ArrayLike, probability: float = 0.9) -> Floats:
    """(...) metres: radius of the circle about the mean that holds a share of the Gaussian, exactly.

    Args:
        covariance: (..., 2, 2) or (..., 3, 3) square metres, horizontal axes first.
        probability: 0.9 for CE90, 0.5 for CE50 (CEP).
    """
    major, minor, _ = principal_axes(covariance)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(major > 0.0, minor / major, 1.0)
    return np.asarray(major * circular_factor(ratio, probability))


def linear_error_m(covariance: ArrayLike) -> Floats:
    """(...) metres: LE90, half-height of the interval that holds 90 %, of (..., 3, 3) covariances."""
    return np.asarray(LINEAR_90 * np.sqrt(np.asarray(covariance, np.float64)[..., 2, 2]))
