"""Ties: where tiles of a frame's orthophoto truly lie, by a reference on the same grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.registration.correlation import Shift, correlate, spectrum

Floats = NDArray[np.float64]
Field = NDArray[np.complex64]
Mask = NDArray[np.bool_]

TILE_CELLS = 256
LEAST_COMMON = 0.6
LEAST_MARGIN = 3.0
GATE_SIGMAS = 3.72
"""Two-dimensional normal errors stay within this with probability 0.999."""

_REPEATS = 2
_SEED_CELLS = 6.0
_USED_CELLS = 12.0


@dataclass(frozen=True)
class Ties:
    """n tiles whose place was found.

    column, row: (n,) middles of the tiles in the grid, cells      right, down: (n,) shifts, cells
    margin: (n,) see `Shift`      used: (n,) bool, agree with the seed
    tiles: how many were asked
    """

    column: Floats
    row: Floats
    right: Floats
    down: Floats
    margin: Floats
    used: Mask
    tiles: int

    def __len__(self) -> int:
        return len(self.column)


def tile_places(mask: Mask, size: int) -> list[tuple[int, int]]:
    """Upper left corners (row, column) of half-overlapping tiles with enough common area."""
    rows, columns = mask.shape
    return [
        (row, column)
        for row in _starts(rows, size)
        for column in _starts(columns, size)
        if mask[row : row + size, column : column + size].mean() >= LEAST_COMMON
    ]


def _starts(length: int, size: int) -> list[int]:
    if length < size:
        return []
    return sorted({*range(0, length - size + 1, size // 2), length - size})


def find_ties(
    frame: Field, reference: Field, mask: Mask, covariance: Floats, places: list[tuple[int, int]], size: int
) -> Ties:
    """Correlate tiles and keep those with a clear peak.

    Args:
        frame, reference: (r, c) doubled-angle fields on one grid, 0 where unknown.
        mask: (r, c) where both are known.
        covariance: (n, 2, 2) of the shift (right, down; cells^2) of each tile, by the metadata.
        places: (row, column) of n tiles.
    """
    found: list[tuple[float, float, Shift]] = []
    for (row, column), spread in zip(places, covariance, strict=True):
        gate = np.linalg.inv(spread) / GATE_SIGMAS**2
        shift = _one(frame, reference, row, column, size, gate)
        if shift is not None and shift.margin > LEAST_MARGIN:
            found.append((column + 0.5 * (size - 1), row + 0.5 * (size - 1), shift))
    values = np.array([(c, r, s.right, s.down, s.margin) for c, r, s in found], np.float64).reshape(-1, 5)
    columns, rows, right, down, margin = values.T
    return Ties(columns, rows, right, down, margin, _agreeing(right, down), len(places))


def _one(frame: Field, reference: Field, row: int, column: int, size: int, gate: Floats) -> Shift | None:
    """The shift of one tile; the reference's window follows it, because a window pulls shifts to zero."""
    first = spectrum(frame[row : row + size, column : column + size])
    right = down = 0
    shift: Shift | None = None
    for _ in range(1 + _REPEATS):
        window = _cut(reference, row + down, column + right, size)
        found = correlate(first, spectrum(window), gate, (float(right), float(down)))
        if found is None:
            return None
        shift = found
        moved = (round(found.right), round(found.down))
        if moved == (right, down):
            break
        right, down = moved
        if found.margin <= 0.0:
            return None
    return shift


def _cut(field: Field, row: int, column: int, size: int) -> Field:
    """A window that may reach beyond the field: 0 there."""
    rows, columns = field.shape
    out = np.zeros((size, size), np.complex64)
    top, bottom = max(row, 0), min(row + size, rows)
    left, right = max(column, 0), min(column + size, columns)
    if bottom > top and right > left:
        out[top - row : bottom - row, left - column : right - column] = field[top:bottom, left:right]
    return out


def _agreeing(right: Floats, down: Floats) -> Mask:
    """Shifts near the one that most others are near to."""
    if len(right) == 0:
        return np.zeros(0, np.bool_)
    apart = np.hypot(right[:, None] - right[None, :], down[:, None] - down[None, :])
    seed = int(np.argmax((apart <= _SEED_CELLS).sum(axis=1)))
    return np.asarray(apart[seed] <= _USED_CELLS)
