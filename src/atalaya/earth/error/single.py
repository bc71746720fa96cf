"""One Gaussian per look: from the Jacobian (first order) or from six rays (unscented), slant range fused by
Kalman's update."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.error.budget import TERMS
from atalaya.earth.error.circular import circular_error_m, linear_error_m
from atalaya.earth.error.cloud import Anchors, anchored
from atalaya.earth.error.clusters import MOST_PARTS, Parts
from atalaya.earth.error.estimate import Estimate
from atalaya.earth.error.first_order import plane_range_gradient
from atalaya.earth.error.ground_point import Method
from atalaya.earth.error.looks import Looks
from atalaya.earth.surface import Surface

Floats = NDArray[np.float64]

CONFLICT_SIGMAS = 4.0
"""A measured slant range farther off than this contradicts terrain and metadata: it is left aside."""

_CHECK_MEAN, _CHECK_MOST, _CHECK_UP = 0.02, 0.2, 0.1


@dataclass(frozen=True)
class Gaussian:
    """n Gaussians as sums of independent unit errors, of which the first 40 are those of `Draws`.

    mean: (n, 3) from the anchor   moves: (n, 3, k) and range_moves: (n, k) per unit error   range_m: (n,)
    """

    mean: Floats
    moves: Floats
    range_moves: Floats
    range_m: Floats


def first_order(looks: Looks, anchor: Anchors, moves: Floats, effect_map: Floats) -> Gaussian:
    """From the Jacobian (n, 3, 40)."""
    gradient = plane_range_gradient(looks, anchor, moves, effect_map)
    return Gaussian(np.zeros((len(looks), 3)), moves, gradient, anchor.range_m)


def first_order_holds(
    surface: Surface, looks: Looks, anchor: Anchors, moves: Floats, effect_map: Floats, unit: Floats
) -> NDArray[np.bool_]:
    """(n,) whether real rays fall where the Jacobian says they do.

    All must meet the ground; their mean squared distance from where they were expected is at most 0.02 in
    units of the covariance (0.14 sigma), none is off by more than 0.2 (0.45 sigma), heights agree to 0.1.

    Args:
        unit: (20, 40) draws to try.
    """
    expected = unit @ moves.transpose(0, 2, 1)
    _, cloud = anchored(anchor, surface, looks, unit @ effect_map.transpose(0, 2, 1))
    covariance = moves @ moves.transpose(0, 2, 1)
    off = cloud.enu_m - expected
    level = covariance[:, :2, :2] + 1e-4 * np.eye(2)
    far = np.einsum("nsi,nis->ns", off[..., :2], np.linalg.solve(level, off[..., :2].transpose(0, 2, 1)))
    high = np.mean(off[..., 2] ** 2, axis=1) / (covariance[:, 2, 2] + 1e-2)
    met = (cloud.weight > 0.0).all(axis=1)
    near = (far.mean(axis=1) < _CHECK_MEAN) & (far.max(axis=1) < _CHECK_MOST)
    return np.asarray(met & near & (high < _CHECK_UP))


def unscented(
    surface: Surface, looks: Looks, anchor: Anchors, moves: Floats, effect_map: Floats
) -> tuple[Gaussian, NDArray[np.bool_]]:
    """From six rays: +- sqrt(3) sigma along the three directions of the errors that move the place at all.

    The 40 unit errors move it, to first order, only along the right singular vectors of the Jacobian; sigma
    points of all 40 would lie six sigma out, where rough ground has nothing to do with the error.

    Returns:
        The Gaussians, and (n,) whether all six rays met the ground.
    """
    _, _, right = np.linalg.svd(moves, full_matrices=False)
    points = np.sqrt(3.0) * np.concatenate((right, -right), axis=1)
    _, cloud = anchored(anchor, surface, looks, points @ effect_map.transpose(0, 2, 1))
    met = np.all(cloud.weight > 0.0, axis=1)
    data = np.concatenate((cloud.enu_m, cloud.range_m[..., None]), axis=2)
    mean = data.mean(axis=1)
    # half the difference of a pair over sqrt(3) is the slope along its direction; what both have in common
    # is curvature: it stands behind the slopes as three errors of its own, so that the products of all
    # columns are the unscented covariance
    slope = (data[:, :3] - data[:, 3:]) / (2.0 * np.sqrt(3.0))
    bend = ((data[:, :3] + data[:, 3:]) / 2.0 - mean[:, None, :]) / np.sqrt(3.0)
    rates = np.concatenate((np.einsum("nki,nkz->niz", slope, right), bend.transpose(0, 2, 1)), axis=2)
    return Gaussian(mean[:, :3], rates[:, :3], rates[:, 3], mean[:, 3]), met


def estimate(looks: Looks, gaussian: Gaussian, method: Method) -> Estimate:
    """The estimate of Gaussians, with their slant ranges fused where measured."""
    fused, noise, used, conflict = _with_range(looks, gaussian)
    n, terms = len(looks), len(TERMS)
    covariance = fused.moves @ fused.moves.transpose(0, 2, 1) + noise
    variance = np.sum(fused.range_moves**2, axis=1)
    weight, mean = np.zeros((n, MOST_PARTS)), np.full((n, MOST_PARTS, 3), np.nan)
    whole = np.full((n, MOST_PARTS, 3, 3), np.nan)
    weight[:, 0], mean[:, 0], whole[:, 0] = 1.0, fused.mean, covariance
    cross = np.einsum("niz,nz->ni", fused.moves, fused.range_moves)
    parts = Parts(weight, mean, whole, *(_first(part) for part in (fused.range_m, variance, cross)))
    return Estimate(
        fused.mean,
        parts,
        fused.moves[:, :, :terms],
        circular_error_m(covariance),
        linear_error_m(covariance),
        np.ones(n),
        np.full(n, method, np.uint8),
        used,
        conflict,
        np.zeros(n),
        np.zeros(n),
    )


def _first(part: Floats) -> Floats:
    out = np.full((len(part), MOST_PARTS, *part.shape[1:]), np.nan)
    out[:, 0] = part
    return out


def _with_range(
    looks: Looks, prior: Gaussian
) -> tuple[Gaussian, Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Kalman's update by the measured slant ranges; also the covariance their own noise brings in."""
    measured = np.isfinite(looks.range_m + looks.range_sigma_m)
    noise = np.where(measured, looks.range_sigma_m, 1.0) ** 2
    variance = np.sum(prior.range_moves**2, axis=1) + noise
    miss = np.where(measured, looks.range_m - prior.range_m, 0.0)
    conflict = measured & (np.abs(miss) > CONFLICT_SIGMAS * np.sqrt(variance))
    used = measured & ~conflict
    gain = np.einsum("niz,nz->ni", prior.moves, prior.range_moves) / variance[:, None]
    gain = np.where(used[:, None], gain, 0.0)
    own = np.where(used, np.sum(prior.range_moves**2, axis=1) / variance, 0.0)
    fused = Gaussian(
        prior.mean + gain * miss[:, None],
        prior.moves - gain[..., None] * prior.range_moves[:, None, :],
        prior.range_moves * (1.0 - own)[:, None],
        prior.range_m + own * miss,
    )
    return fused, noise[:, None, None] * gain[:, :, None] * gain[:, None, :], used, conflict
