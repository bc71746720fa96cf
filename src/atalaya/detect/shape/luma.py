"""The light of a picture, reduced to a ground sample distance."""

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.tile import Tile


def luma_at(tile: Tile, gsd_m: float) -> tuple[NDArray[np.float32], float]:
    """(rows, columns) float32, and how many pixels of the tile one is wide; never finer than the tile."""
    array = tile.array if tile.array.ndim == 2 else tile.array[..., :3].mean(axis=2)
    block = max(1, int(gsd_m / tile.gsd_m)) if tile.gsd_m > 0.0 else 1
    rows, columns = (size // block * block for size in array.shape)
    if block == 1 or not rows or not columns:
        return np.ascontiguousarray(array, np.float32), 1.0
    parts = array[:rows, :columns].reshape(rows // block, block, columns // block, block)
    return np.ascontiguousarray(parts.mean(axis=(1, 3), dtype=np.float32)), float(block)
