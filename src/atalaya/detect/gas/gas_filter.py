"""Matched filter of a gas: how much of it each pixel's light went through.

A thin plume takes k mu off a usual spectrum mu per unit of column (k negative: unit absorption), so

    t = k mu      alpha = t^T C^-1 (x - mu) / (t^T C^-1 t)      divided by the albedo factor x.mu / mu.mu

The estimate is taken off the pixels, mean and covariance are estimated anew from what remains and from pixels
without gas, and so three times over: gas in the statistics hides itself otherwise. Push-broom: each pixel of
the slit is a detector of its own; mean and covariance are those of its column, shrunk to all columns'.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.background import CHUNK, moments, pixels_of, usable, whitening

Floats = NDArray[np.float64]

ROUNDS = 3
_PLUME_SIGMAS = 2.0
"""Robust deviations of the estimate from which statistics are taken without a pixel after the first round."""
_OWN_PER_BAND = 10
"""Lines per band at which a column's own covariance weighs as much as that of all columns."""
_OWN_MEAN = 10
"""Lines at which a column's own mean does."""
_LEAST_ALBEDO = 0.05


def absorbing(absorption: Floats, share: float = 0.01, around: int = 2) -> NDArray[np.bool_]:
    """(bands,) bands that see a gas, and a few around them that tell the ground from it."""
    strength = np.abs(np.asarray(absorption, np.float64))
    seen = strength >= share * max(float(strength.max(initial=0.0)), 1e-300)
    return np.convolve(seen, np.ones(2 * around + 1))[around : around + len(seen)] > 0.0


def gas_columns(
    cube: NDArray[np.generic], absorption: Floats, *, valid: NDArray[np.bool_] | None = None,
    by_column: bool = False, rounds: int = ROUNDS, albedo: bool = True,
) -> Floats:  # fmt: skip
    """(rows, columns) columns of a gas, not negative, in units of the absorption's path; NaN without data.

    Args:
        cube: (rows, columns, bands) radiance, or reflectance; lines along the first axis.
        absorption: (bands,) per unit of column, negative; see `spectral.resampled`.
        valid: (rows, columns) False where there are no data, under clouds, and on water where land is meant.
        by_column: statistics for each column of a push-broom imager.
        rounds: of reweighting; 0 for the plain filter. albedo: divide by the albedo factor.

    Raises:
        BadInput: SPC-001, SPC-002 see `spectral`; SPC-003 absorption of other bands; SPC-004 all zeros.
    """
    cube = np.asarray(cube)
    flat, good = pixels_of(cube), usable(cube, valid)
    absorption = np.asarray(absorption, np.float64).ravel()
    if absorption.size != flat.shape[1]:
        raise BadInput("SPC-003", found=absorption.size, bands=flat.shape[1])
    if not absorption.any() or not np.isfinite(absorption).all():
        raise BadInput("SPC-004")
    chosen = np.flatnonzero(absorbing(absorption))
    rows = np.arange(len(flat)) if good is None else np.flatnonzero(good)
    if len(rows) < 3:
        raise BadInput("SPC-002", pixels=len(rows))
    pixels = flat[rows][:, chosen].astype(np.float64)
    group = rows % cube.shape[1] if by_column else np.zeros(len(rows), np.intp)
    out = np.full(len(flat), np.nan)
    out[rows] = _iterated(pixels, absorption[chosen], group, rounds, albedo)
    return out.reshape(cube.shape[:2])


def _iterated(pixels: Floats, k: Floats, group: NDArray[np.intp], rounds: int, albedo: bool) -> Floats:
    mean = pixels.mean(axis=0)
    factor = np.maximum(pixels @ mean / (mean @ mean), _LEAST_ALBEDO) if albedo else np.ones(len(pixels))
    estimate, clean = np.zeros(len(pixels)), np.ones(len(pixels), np.bool_)
    for turn in range(rounds + 1):
        # what the pixels would be without the gas found so far
        bare = pixels - (estimate * factor)[:, None] * (k * mean) if turn else pixels
        usual = _usual(bare, group, clean)
        found = _filtered(pixels, k, usual, group) / factor
        estimate = np.maximum(found, 0.0) if rounds or albedo else found
        mean = usual[0].mean
        if turn < rounds:
            middle, upper = np.quantile(estimate, (0.5, 0.8413))
            clean = estimate <= middle + _PLUME_SIGMAS * (upper - middle)
    return np.maximum(estimate, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Usual:
    mean: Floats
    whitener: Floats
    kept: NDArray[np.bool_]


def _usual(pixels: Floats, group: NDArray[np.intp], clean: NDArray[np.bool_]) -> list[_Usual]:
    """Statistics of each group, shrunk to those of all: pooled first, about the groups' own means."""
    count = int(group.max()) + 1
    mean, covariance = moments(pixels[clean])
    kept = np.diagonal(covariance) > 1e-24 * np.square(mean)
    if not kept.any():
        raise BadInput("SPC-002", pixels=int(clean.sum()))
    if count == 1:
        whitener, _ = whitening(covariance[np.ix_(kept, kept)], int(clean.sum()))
        return [_Usual(mean, whitener, kept)]
    members = [np.flatnonzero((group == g) & clean) for g in range(count)]
    own = [
        mean + (pixels[m].mean(axis=0) - mean) * (len(m) / (len(m) + _OWN_MEAN)) if len(m) else mean
        for m in members
    ]
    away = pixels - np.array(own)[group]
    pooled = away[clean].T @ away[clean] / max(int(clean.sum()) - 1, 1)
    answer = []
    for m, middle in zip(members, own, strict=True):
        share = len(m) / (len(m) + _OWN_PER_BAND * len(mean))
        mixed = (1.0 - share) * pooled
        if len(m) > 1:
            mixed += share * (away[m].T @ away[m]) / (len(m) - 1)
        whitener, _ = whitening(mixed[np.ix_(kept, kept)], int(clean.sum()))
        answer.append(_Usual(middle, whitener, kept))
    return answer


def _filtered(pixels: Floats, k: Floats, usual: list[_Usual], group: NDArray[np.intp]) -> Floats:
    out = np.zeros(len(pixels))
    for number, each in enumerate(usual):
        rows = np.flatnonzero(group == number) if len(usual) > 1 else np.arange(len(pixels))
        target = each.whitener @ (k * each.mean)[each.kept]
        strength = float(target @ target)
        if not strength > 0.0:
            continue
        weight = np.zeros(len(k))
        weight[each.kept] = target @ each.whitener / strength
        for i in range(0, len(rows), 16 * CHUNK):
            part = rows[i : i + 16 * CHUNK]
            out[part] = (pixels[part] - each.mean) @ weight
    return out
