"""How far one tile must be moved to lie on another: whitened correlation within a gate."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.float64]
Field = NDArray[np.complex64]

_BAND_CYCLES = 0.15
_WHITEN = 1e-3
_APART_CELLS = 6.0
_LEAST_SEARCH_CELLS = 16.0


@dataclass(frozen=True)
class Shift:
    """Move of the first tile that lays it on the second.

    right, down: cells      margin: how far the peak stands above the next best place, in sd of the others
    """

    right: float
    down: float
    margin: float


@lru_cache(maxsize=4)
def _window(size: int) -> NDArray[np.float32]:
    along = np.hanning(size + 2)[1:-1]
    return np.asarray(along[:, None] * along[None, :], np.float32)


@lru_cache(maxsize=4)
def _band(size: int) -> NDArray[np.float32]:
    along = fft.fftfreq(size)
    square = along[:, None] ** 2 + along[None, :] ** 2
    return np.asarray(np.exp(-square / (2.0 * _BAND_CYCLES**2)), np.float32)


@lru_cache(maxsize=4)
def _steps(size: int) -> tuple[Floats, Floats]:
    along = fft.fftfreq(size, 1.0 / size)
    right, down = np.meshgrid(along, along)
    return right, down


def spectrum(tile: Field) -> Field:
    """Of a square tile under a Hann window."""
    return np.asarray(fft.fft2(tile * _window(tile.shape[0])), np.complex64)


def correlate(first: Field, second: Field, gate: Floats, centre: tuple[float, float]) -> Shift | None:
    """The best shift inside a gate.

    Args:
        first, second: spectra of square tiles of one size.
        gate: (2, 2) inverse of the covariance of the shift (right, down; cells) times 1 / limit^2: a shift is
            allowed when its form is at most 1.
        centre: the shift already made between the two tiles' places (right, down); the gate is about zero
            total shift.

    Returns:
        The whole shift, `centre` included; None when the peak lies on the gate's edge or nothing is inside.
    """
    size = first.shape[0]
    cross = second * np.conj(first)
    power = np.abs(cross)
    cross /= power + np.float32(_WHITEN) * power.max() + np.float32(1e-30)
    surface = np.real(fft.ifft2(cross * _band(size)))
    right, down = _steps(size)
    right, down = right + centre[0], down + centre[1]
    form = gate[0, 0] * right**2 + 2.0 * gate[0, 1] * right * down + gate[1, 1] * down**2
    half = np.maximum(np.abs(right - centre[0]), np.abs(down - centre[1])) < 0.5 * size - 2.0
    inside = (form <= 1.0) & half
    if not inside.any():
        return None
    at = int(np.argmax(np.where(inside, surface, -np.inf)))
    row, column = divmod(at, size)
    away = np.hypot(right - right[row, column], down - down[row, column])
    searched = inside | ((right**2 + down**2 <= _LEAST_SEARCH_CELLS**2) & half)
    others = surface[searched & (away > _APART_CELLS)]
    spread = float(others.std()) if others.size > 8 else 0.0
    if spread <= 0.0:
        return None
    peak = float(surface[row, column])
    margin = (peak - float(others.max())) / spread
    over = _vertex(surface[row, column - 1], peak, surface[row, (column + 1) % size])
    below = _vertex(surface[row - 1, column], peak, surface[(row + 1) % size, column])
    return Shift(float(right[row, column]) + over, float(down[row, column]) + below, margin)


def _vertex(before: float, peak: float, after: float) -> float:
    bend = before - 2.0 * peak + after
    return 0.0 if bend >= 0.0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
