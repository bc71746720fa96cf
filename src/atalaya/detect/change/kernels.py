"""Loops over pictures of difference."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def _divergence(down: Array, right: Array, out: Array) -> None:
    rows, columns = out.shape
    for r in range(rows):
        for c in range(columns):
            value = down[r, c] + right[r, c]
            if r > 0:
                value -= down[r - 1, c]
            if c > 0:
                value -= right[r, c - 1]
            out[r, c] = value


@kernel
def least_variation(picture: Array, weight: float, rounds: int, out: Array) -> None:
    """Total variation denoising by Chambolle's projection (2004).

    out minimises |out - picture|^2 / 2 weight + TV; picture, out: (rows, columns) float64.
    """
    rows, columns = picture.shape
    down, right = np.zeros((rows, columns)), np.zeros((rows, columns))
    step = 0.25
    for _ in range(rounds):
        _divergence(down, right, out)
        for r in range(rows):
            for c in range(columns):
                out[r, c] -= picture[r, c] / weight
        for r in range(rows):
            for c in range(columns):
                dy = out[r + 1, c] - out[r, c] if r + 1 < rows else 0.0
                dx = out[r, c + 1] - out[r, c] if c + 1 < columns else 0.0
                share = 1.0 + step * np.sqrt(dx * dx + dy * dy)
                down[r, c] = (down[r, c] + step * dy) / share
                right[r, c] = (right[r, c] + step * dx) / share
    _divergence(down, right, out)
    for r in range(rows):
        for c in range(columns):
            out[r, c] = picture[r, c] - weight * out[r, c]
