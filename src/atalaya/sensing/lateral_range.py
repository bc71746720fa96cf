"""How far to the side a sensor finds things: lateral range curves, sweep width, and what coverage is worth.

Koopman, "Search and Screening" (1946); Stone (1975). Sweep width W is the integral of the lateral range
curve; coverage C = W v t / A, for parallel tracks W / spacing. Plan with the random law, which is the least
favourable; the others bound it from above.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]


def definite_range(half_width_m: float) -> Callable[[ArrayLike], Floats]:
    """Cookie-cutter: found within a distance to either side, never beyond."""
    return lambda offset_m: np.where(np.abs(np.asarray(offset_m, np.float64)) <= half_width_m, 1.0, 0.0)


def inverse_cube(constant_m2: float) -> Callable[[ArrayLike], Floats]:
    """l(x) = 1 - exp(-K / x^2): chance falls with the cube of the distance; W = 2 sqrt(pi K)."""

    def curve(offset_m: ArrayLike) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(-np.expm1(-constant_m2 / np.asarray(offset_m, np.float64) ** 2))

    return curve


def tabulated(offset_m: ArrayLike, chance: ArrayLike) -> Callable[[ArrayLike], Floats]:
    """A measured curve: straight between its points, 0 outside.

    Raises:
        BadInput: SNS-017, fewer than two points, offsets that do not rise, chances outside [0, 1].
    """
    x, p = np.asarray(offset_m, np.float64), np.asarray(chance, np.float64)
    if x.ndim != 1 or x.shape != p.shape or x.size < 2 or not (np.diff(x) > 0.0).all():
        raise BadInput("SNS-017", points=x.size)
    if not (np.isfinite(x).all() and (p >= 0.0).all() and (p <= 1.0).all()):
        raise BadInput("SNS-017", points=x.size)
    return lambda offset: np.asarray(np.interp(np.asarray(offset, np.float64), x, p, left=0.0, right=0.0))


def sweep_width_m(curve: Callable[[Floats], Floats], breaks_m: ArrayLike | None = None) -> float:
    """W: the integral of a lateral range curve over all offsets.

    Args:
        curve: chance of detection by offset, metres.
        breaks_m: offsets where the curve jumps or bends, and beyond the outermost of which it is 0; None
            for a
            smooth curve without end.
    """
    from scipy.integrate import quad

    def chance(offset: float) -> float:
        return float(curve(np.float64(offset)))  # type: ignore[arg-type]

    if breaks_m is None:
        pieces = [(-np.inf, -1.0), (-1.0, 0.0), (0.0, 1.0), (1.0, np.inf)]
    else:
        edges = np.sort(np.asarray(breaks_m, np.float64))
        pieces = [(float(low), float(high)) for low, high in pairwise(edges)]
    return float(
        sum(quad(chance, low, high, limit=200, epsabs=1e-12, epsrel=1e-12)[0] for low, high in pieces)
    )


def coverage(sweep_m: ArrayLike, speed_ms: ArrayLike, time_s: ArrayLike, area_m2: ArrayLike) -> Floats:
    """C = W v t / A."""
    w, v, t, a = (np.asarray(part, np.float64) for part in (sweep_m, speed_ms, time_s, area_m2))
    return np.asarray(w * v * t / a)


def cookie_cutter_pod(coverage_c: ArrayLike) -> Floats:
    """Parallel tracks of a definite range that nowhere overlap: min(1, C)."""
    return np.asarray(np.minimum(np.asarray(coverage_c, np.float64), 1.0))


def inverse_cube_pod(coverage_c: ArrayLike) -> Floats:
    """Parallel tracks, evenly spaced, inverse cube law: erf(sqrt(pi) / 2 C)."""
    from scipy.special import erf

    return np.asarray(erf(np.sqrt(np.pi) / 2.0 * np.asarray(coverage_c, np.float64)))


def random_pod(coverage_c: ArrayLike) -> Floats:
    """Effort at random: 1 - exp(-C)."""
    return np.asarray(-np.expm1(-np.asarray(coverage_c, np.float64)))
