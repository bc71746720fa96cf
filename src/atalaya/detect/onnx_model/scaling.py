"""From pixels of a picture to the net's input: holes filled, resampled, values scaled as the card says."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.cards.network import NetCard, Scaling, Tiling
from atalaya.detect.tile import Tile

Floats = NDArray[np.float32]

_THIN = 4
"""Statistics of a picture are taken from every fourth row and column."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """The whole picture as the net sees it.

    array: (rows, columns, bands) float32, scaled. factor: (2,) pixels of the input per pixel of the picture,
    along columns and rows. valid: (rows, columns) bool of the picture; None for everywhere.
    """

    array: Floats
    factor: NDArray[np.float64]
    valid: NDArray[np.bool_] | None


def prepared(tile: Tile, card: NetCard) -> Prepared:
    """Bring a picture to the net's scale and values.

    Raises:
        BadInput: MDL-017, the picture is not of the sensor, unit, bands or scale the card names.
    """
    array = _fitting(tile, card)
    valid = _valid(tile, array)
    rows, columns = tile.shape
    factor = input_factor(card.tiling, tile.gsd_m)
    size = (max(round(rows * factor), 1), max(round(columns * factor), 1))
    filled = array if valid is None else _filled(array, valid)
    small = resampled(filled, size)
    thin = None if valid is None else _nearest(valid, size)
    for step in card.input.scaling:
        small = scaled(small, step, thin)
    return Prepared(small, np.array([size[1] / columns, size[0] / rows]), valid)


def input_factor(tiling: Tiling, gsd_m: float) -> float:
    """Pixels of the input per pixel of the picture: by ground sample distance where both are known."""
    if tiling.gsd_m > 0 and np.isfinite(gsd_m) and gsd_m > 0:
        return float(min(gsd_m / tiling.gsd_m, tiling.most))
    return tiling.factor


def scaled(x: Floats, step: Scaling, valid: NDArray[np.bool_] | None = None) -> Floats:
    """One step of scaling of (rows, columns, bands)."""
    first = np.array(step.first, np.float32)
    second = np.array(step.second, np.float32)
    if step.kind == "frame-standard":
        return frame_standard(x, step.first[0], step.second[0], step.limit, valid)
    if step.kind in ("min-max", "z-score"):
        return (x - first) / (second - first if step.kind == "min-max" else second)
    if step.kind == "offset":
        return x - first
    if step.kind == "scale":
        return x / first
    low = None if step.kind == "clip-max" else first
    high = {"clip": second, "clip-max": first}.get(step.kind)
    return np.clip(x, low, high)


def frame_standard(
    x: Floats, lower: float, upper: float, limit: float, valid: NDArray[np.bool_] | None = None
) -> Floats:
    """Median of each band to 0, a quarter of the spread between two percentiles to 1, clipped.

    Gain and level of eight-bit thermal video move by themselves; this rule moves with them.
    """
    thin = x[::_THIN, ::_THIN].reshape(-1, x.shape[2])
    if valid is not None and valid[::_THIN, ::_THIN].any():
        thin = thin[valid[::_THIN, ::_THIN].ravel()]
    low, middle, high = np.percentile(thin, (lower, 50.0, upper), axis=0).astype(np.float32)
    spread = np.maximum((high - low) / 4, np.float32(1e-6))
    standard: Floats = np.subtract(x, middle)
    standard /= spread
    return np.clip(standard, -limit, limit, out=standard)


def resampled(array: NDArray[Any], size: tuple[int, int]) -> Floats:
    """(rows, columns, bands) at another size: means of areas when it shrinks, linear when it grows."""
    if size == array.shape[:2]:
        return array.astype(np.float32)
    from PIL import Image

    way = Image.Resampling.BOX if size[0] < array.shape[0] else Image.Resampling.BILINEAR
    layers = [
        Image.fromarray(_plain(array[:, :, band])).resize((size[1], size[0]), way)
        for band in range(array.shape[2])
    ]
    return np.stack([np.asarray(layer, np.float32) for layer in layers], axis=2)


def _plain(layer: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(layer if layer.dtype == np.uint8 else layer.astype(np.float32))


def _fitting(tile: Tile, card: NetCard) -> NDArray[Any]:
    said = card.card
    least, most = said.gsd_m
    if tile.kind not in said.kinds:
        raise _unfit(said.id, tile.kind, "/".join(said.kinds))
    if tile.unit not in said.units:
        raise _unfit(said.id, tile.unit, "/".join(said.units))
    if np.isfinite(tile.gsd_m) and not least <= tile.gsd_m <= most:
        raise _unfit(said.id, f"{tile.gsd_m:.3g} m", f"{least:g} .. {most:g} m")
    array = tile.array if tile.array.ndim == 3 else tile.array[:, :, None]
    bands = len(card.input.bands)
    if array.shape[2] == 3 and bands == 1 and tile.array.dtype == np.uint8:
        array = np.rint(array.mean(axis=2, keepdims=True, dtype=np.float32)).astype(np.uint8)  # grey as RGB
    if array.shape[2] != bands or 0 in array.shape:
        raise _unfit(said.id, f"{array.shape}", f"(> 0, > 0, {bands})")
    return array


def _unfit(detector: str, found: str, needed: str) -> BadInput:
    return BadInput("MDL-017", detector=detector, found=found, needed=needed)


def _valid(tile: Tile, array: NDArray[Any]) -> NDArray[np.bool_] | None:
    if array.dtype.kind != "f":
        return tile.valid
    finite = np.isfinite(array).all(axis=2)
    if tile.valid is not None:
        return np.asarray(finite & tile.valid)
    return None if finite.all() else np.asarray(finite)


def _filled(array: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[Any]:
    filled = array.copy()
    known = array[valid]
    filled[~valid] = np.median(known, axis=0).astype(array.dtype) if len(known) else 0
    return filled


def _nearest(valid: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    rows = np.minimum((np.arange(size[0]) * valid.shape[0]) // size[0], valid.shape[0] - 1)
    columns = np.minimum((np.arange(size[1]) * valid.shape[1]) // size[1], valid.shape[1] - 1)
    return np.asarray(valid[rows[:, None], columns[None, :]])
