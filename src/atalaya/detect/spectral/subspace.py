"""Few numbers instead of many bands: principal components, and those of most signal to noise.

Minimum noise fraction after Green et al. 1988: noise is what differs between neighbours, and components are
ordered by variance over that noise. Bright bands lead principal components, clean structure leads these.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.background import CHUNK, moments, pixels_of, usable

Floats = NDArray[np.float64]

_REGULAR = 1e-8
"""Noise added to each band, as a share of its variance: bands made from their neighbours have none."""


class Subspaces:
    """Components of one scene.

    Args:
        cube: (rows, columns, bands). valid: (rows, columns) False where there are no data.

    Raises:
        BadInput: SPC-001 no such cube; SPC-002 too few pixels or bands that vary.
    """

    def __init__(self, cube: NDArray[np.generic], valid: NDArray[np.bool_] | None = None) -> None:
        cube = np.asarray(cube)
        flat, good = pixels_of(cube), usable(cube, valid)
        self.shape = cube.shape[:2]
        self.good = None if good is None else good.reshape(self.shape)
        self._flat = flat
        chosen = flat if good is None else flat[good]
        if len(chosen) < 3:
            raise BadInput("SPC-002", pixels=len(chosen))
        mean, covariance = moments(chosen)
        self._kept = np.diagonal(covariance) > 1e-24 * np.square(mean)
        if not self._kept.any():
            raise BadInput("SPC-002", pixels=len(chosen))
        self._mean = mean
        self._scale = np.zeros(len(mean))
        self._scale[self._kept] = 1.0 / np.sqrt(np.diagonal(covariance)[self._kept])
        self._covariance = covariance[np.ix_(self._kept, self._kept)]

    def principal(self, most: int) -> Floats:
        """(rows, columns, d) first principal components, each of unit variance; 0 where there are no data."""
        from scipy.linalg import eigh

        b = len(self._covariance)
        values, vectors = eigh(self._covariance, subset_by_index=(max(b - most, 0), b - 1))
        return self._seen(values, vectors)

    def clean(self, most: int) -> Floats:
        """(rows, columns, d) components of most signal to noise, each of unit variance."""
        from scipy.linalg import eigh

        scale = self._scale[self._kept]
        b = len(scale)
        correlation = self._covariance * np.outer(scale, scale)
        noise = self._noise() * np.outer(scale, scale) + _REGULAR * np.eye(b)
        values, vectors = eigh(correlation, noise, subset_by_index=(max(b - most, 0), b - 1))
        return self._seen(values, vectors * scale[:, None])

    def _seen(self, values: Floats, vectors: Floats) -> Floats:
        alive = values > 1e-12 * max(float(values[-1]), 0.0)
        turn = np.zeros((len(self._mean), int(alive.sum())))
        turn[self._kept] = (vectors[:, alive] / np.sqrt(values[alive]))[:, ::-1]
        out = np.empty((len(self._flat), turn.shape[1]))
        start = self._mean @ turn
        for i in range(0, len(out), CHUNK):
            with np.errstate(invalid="ignore", over="ignore"):  # pixels without data are set below
                out[i : i + CHUNK] = self._flat[i : i + CHUNK].astype(np.float64) @ turn - start
        if self.good is not None:
            out[~self.good.ravel()] = 0.0
        return out.reshape(*self.shape, -1)

    def _noise(self) -> Floats:
        """(b, b) half the covariance of differences to the pixel right of and below it, every other pixel."""
        rows, columns = self.shape
        cube = self._flat.reshape(rows, columns, -1)
        good = self.good
        total, count = np.zeros((len(self._mean),) * 2), 0
        step = 2 if rows * columns >= 8 * len(self._mean) else 1
        for r in range(0, max(rows - 1, 1), step):
            here = cube[r].astype(np.float64)
            pairs = [(here[1:], here[:-1], None if good is None else good[r, 1:] & good[r, :-1])]
            if rows > 1:
                under = cube[r + 1].astype(np.float64)
                pairs.append((under, here, None if good is None else good[r + 1] & good[r]))
            for a, b, both in pairs:
                away = a - b if both is None else a[both] - b[both]
                total += away.T @ away
                count += len(away)
        return np.asarray(total[np.ix_(self._kept, self._kept)] / max(2 * count, 1))
