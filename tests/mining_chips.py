"""Chips of the mining galleries by year, and their histograms, block by block.

A gallery is a grid of 48 x 48 pixel chips; its file name ends with the period of its pictures. Blocks are
runs of chips, which follow each other on the ground where the gallery follows its list of places.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.scoring.drift import histogram

SIDE = 48
CHIPS_A_BLOCK = 5
NAMES = ("red", "green", "blue", "texture")
EDGES = np.stack([np.linspace(0.0, 256.0, 33)] * 3 + [np.linspace(0.0, 40.0, 33)])


def galleries(folder: Path) -> dict[str, tuple[int, NDArray[np.uint8]]]:
    """Year and chips (n, 48, 48, 3) of each gallery; cells without a picture are left out."""
    from PIL import Image

    found = {}
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        down, across = pixels.shape[0] // SIDE, pixels.shape[1] // SIDE
        grid = pixels[: down * SIDE, : across * SIDE].reshape(down, SIDE, across, SIDE, 3)
        chips = grid.swapaxes(1, 2).reshape(-1, SIDE, SIDE, 3)
        year = int(re.findall(r"clear0\.75_(\d{4})-", path.name)[0])
        found[path.name] = (year, chips[chips.reshape(len(chips), -1).any(axis=1)])
    return found


def blocks(chips: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(blocks, features, bins) histograms of colours and of steps between neighbours."""
    whole = len(chips) // CHIPS_A_BLOCK * CHIPS_A_BLOCK
    return np.stack([_counts(chips[row : row + CHIPS_A_BLOCK]) for row in range(0, whole, CHIPS_A_BLOCK)])


def by_year(folder: Path) -> dict[int, NDArray[np.int64]]:
    """Blocks of all galleries of each year."""
    found: dict[int, list[NDArray[np.int64]]] = {}
    for year, chips in galleries(folder).values():
        found.setdefault(year, []).append(blocks(chips))
    return {year: np.concatenate(parts) for year, parts in found.items()}


def _counts(chips: NDArray[np.uint8]) -> NDArray[np.int64]:
    texture = np.abs(np.diff(chips.astype(np.float32).mean(axis=-1), axis=2))
    features = [chips[..., 0], chips[..., 1], chips[..., 2], texture]
    return np.stack([histogram(values, edges) for values, edges in zip(features, EDGES, strict=True)])
