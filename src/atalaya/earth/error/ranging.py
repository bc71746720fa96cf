"""A measured slant range as an observation of a cloud: draws that contradict it lose weight or are moved."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.error.cloud import Cloud
from atalaya.earth.error.clusters import Parts
from atalaya.earth.error.single import CONFLICT_SIGMAS

Floats = NDArray[np.float64]

LEAST_EFFECTIVE = 100.0
"""Draws that must count after weighting; with fewer, each part is moved by an ensemble Kalman update."""


@dataclass(frozen=True)
class Ranged:
    """A cloud after its slant ranges; weights of parts already in the weights of the draws."""

    cloud: Cloud
    used: NDArray[np.bool_]
    conflict: NDArray[np.bool_]


def with_ranges(
    cloud: Cloud,
    part: NDArray[np.int8],
    parts: Parts,
    range_m: Floats,
    sigma_m: Floats,
    range_unit: Floats,
) -> Ranged:
    """Fuse measured ranges (n,) of one sigma (n,) into clouds.

    Where enough draws agree with the measurement they are weighted by its likelihood (exact for any ground);
    where it is sharper than the cloud is dense, the draws of each part are moved by Kalman's gain of that
    part against perturbed measurements, and the part weighted by its evidence. A range that no part can
    explain within 4 sigma is left aside and flagged.

    Args:
        part: (n, s) of each draw. parts: their moments. range_unit: (s,) draws of the ranger's error.
    """
    measured = np.isfinite(range_m + sigma_m) & (cloud.weight.sum(axis=1) > 0.0)
    distance, sigma = np.where(measured, range_m, 0.0), np.where(measured, sigma_m, 1.0)
    spread = np.sqrt(parts.range_variance + sigma[:, None] ** 2)
    with np.errstate(invalid="ignore"):
        off = np.where(parts.weight > 0.0, np.abs(distance[:, None] - parts.range_m) / spread, np.inf)
    conflict = measured & (off.min(axis=1) > CONFLICT_SIGMAS)
    used = measured & ~conflict
    with np.errstate(invalid="ignore"):
        likelihood = np.exp(-0.5 * ((cloud.range_m - distance[:, None]) / sigma[:, None]) ** 2)
    weighted = np.where(cloud.weight > 0.0, likelihood, 0.0) * cloud.weight
    total = weighted.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = np.nan_to_num(total**2 / np.sum(weighted**2, axis=1))
    weigh, move = used & (effective >= LEAST_EFFECTIVE), used & (effective < LEAST_EFFECTIVE)
    enu, reach, weight = cloud.enu_m.copy(), cloud.range_m.copy(), cloud.weight.copy()
    weight[weigh] = weighted[weigh]
    for row in np.flatnonzero(move):
        _move(int(row), enu, reach, weight, part, parts, distance, sigma, range_unit)
    return Ranged(replace(cloud, enu_m=enu, range_m=reach, weight=weight), used, conflict)


def _move(
    row: int,
    enu: Floats,
    reach: Floats,
    weight: Floats,
    part: NDArray[np.int8],
    parts: Parts,
    distance: Floats,
    sigma: Floats,
    range_unit: Floats,
) -> None:
    """Kalman's update of one cloud, part by part, in place."""
    for number in np.flatnonzero(parts.weight[row] > 0.0):
        draws = np.flatnonzero((part[row] == number) & (weight[row] > 0.0))
        variance = parts.range_variance[row, number]
        whole = variance + sigma[row] ** 2
        miss = distance[row] + sigma[row] * range_unit[draws] - reach[row, draws]
        enu[row, draws] += miss[:, None] * (parts.range_covariance[row, number] / whole)
        reach[row, draws] += miss * variance / whole
        off = (distance[row] - parts.range_m[row, number]) ** 2 / whole
        weight[row, draws] *= np.exp(-0.5 * off) / np.sqrt(whole)
    weight[row] /= weight[row].sum()
