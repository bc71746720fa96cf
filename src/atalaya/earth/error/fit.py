"""Fit a few sigmas to observed errors, and size the statement so that it holds what it says."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]

_DEGREES_OF_FREEDOM = 4.0
_LEAST_GROUPS = 5


def fit_sigmas(error_m: Floats, moves: Floats, start: Floats, floor_m: float = 0.1) -> Floats:
    """Likeliest one-sigmas (k,) of k inputs, from n observed horizontal errors.

    Student's t with 4 degrees of freedom, so that a few gross errors do not set the scale; the sigmas of the
    inputs are found in their logarithms, with a weak prior (a factor of e^2, one sigma) at the start.

    Args:
        error_m: (n, 2) stated minus true, east and north.
        moves: (n, 2, k) metres per unit of each input (the columns of the Jacobian).
        start: (k,) first guess, positive. floor_m: error of the truth, per axis.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped, unused-ignore]

    squares = np.einsum("nik,njk->nkij", moves, moves)
    guess = np.log(start)

    def cost(logs: Floats) -> float:
        covariance = np.einsum("nkij,k->nij", squares, np.exp(2.0 * logs)) + floor_m**2 * np.eye(2)
        a, b, c = covariance[:, 0, 0], covariance[:, 1, 1], covariance[:, 0, 1]
        area = a * b - c**2
        east, north = error_m[:, 0], error_m[:, 1]
        far = (b * east**2 - 2.0 * c * east * north + a * north**2) / area
        nu = _DEGREES_OF_FREEDOM
        loss = 0.5 * np.log(area) + 0.5 * (nu + 2.0) * np.log1p(far / nu)
        return float(loss.sum() + np.sum(((logs - guess) / 2.0) ** 2) / 2.0)

    found = minimize(
        cost, guess, method="Nelder-Mead", options={"maxiter": 2000, "xatol": 1e-3, "fatol": 1e-3}
    )
    return np.asarray(np.exp(found.x), np.float64)


def inflation(
    radius_m: Floats, ce90_m: Floats, group: NDArray[np.int64] | None = None, share: float = 0.9
) -> float:
    """Factor on stated CE90s (n,) that makes them hold a share of the observed errors (n,).

    The conformal quantile (Vovk 2005): one more error of the same kind is held with that probability. Where
    errors come in groups (marks of one picture), each group has one vote, shared by its members.

    Raises:
        BadInput: EAR-067, fewer than five groups.
    """
    names = np.arange(len(radius_m)) if group is None else group
    _, place, size = np.unique(names, return_inverse=True, return_counts=True)
    if len(size) < _LEAST_GROUPS:
        raise BadInput("EAR-067", groups=len(size), least=_LEAST_GROUPS)
    ratio = radius_m / ce90_m
    order = np.argsort(ratio)
    votes = np.cumsum((1.0 / size[place])[order])
    goal = min(share * (len(size) + 1) / len(size), 1.0) * votes[-1]
    return float(ratio[order][np.searchsorted(votes, goal * (1.0 - 1e-12))])
