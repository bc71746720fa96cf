"""Any lens as something a kernel can follow: affine where it is, else a table whose error is checked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Lens

Floats = NDArray[np.float64]

AFFINE, TANGENT, STEREOGRAPHIC = 0, 1, 2

_LATTICE = 41
_SAME_PX = 1e-6
_TABLE_PX = 0.01
_NODES = (129, 257, 513, 1025, 2049)
_WIDE = 1.5
_PAD_PX = 2.0


@dataclass(frozen=True)
class LensMap:
    """What `kernels.render` takes of a lens.

    form: AFFINE, or a table over x, y of [1, x, y] (TANGENT) or over y / (|d| + x) ... (STEREOGRAPHIC)
    numbers: (6,) float64      table: (n, m, 2) float32, columns and rows      error_px: largest found
    """

    form: int
    numbers: Floats
    table: NDArray[np.float32]
    error_px: float


def lens_map(lens: Lens) -> LensMap:
    """The map of a lens.

    Raises:
        BadInput: EAR-083, the lens cannot be followed to a hundredth of a pixel.
    """
    column, row = (
        part.ravel()
        for part in np.meshgrid(
            np.linspace(-_PAD_PX, lens.width - 1 + _PAD_PX, _LATTICE),
            np.linspace(-_PAD_PX, lens.height - 1 + _PAD_PX, _LATTICE),
        )
    )
    ray = lens.directions(column, row)
    usable = np.isfinite(ray).all(axis=1)
    if usable.sum() < 3:
        raise BadInput("EAR-083", detail="no pixel has a direction")
    ray, column, row = ray[usable], column[usable], row[usable]
    affine = _affine(lens, ray, column, row)
    if affine is not None:
        return affine
    with np.errstate(divide="ignore", invalid="ignore"):
        tangent = ray[:, 1:] / ray[:, :1]
    wide = bool(np.any(ray[:, 0] <= 0.0) or np.abs(tangent).max() > _WIDE)
    return _table(lens, ray, STEREOGRAPHIC if wide else TANGENT)


def _affine(lens: Lens, ray: Floats, column: Floats, row: Floats) -> LensMap | None:
    if np.any(ray[:, 0] <= 0.0):
        return None
    plane = np.column_stack((np.ones(len(ray)), ray[:, 1] / ray[:, 0], ray[:, 2] / ray[:, 0]))
    found, *_ = np.linalg.lstsq(plane, np.column_stack((column, row)), rcond=None)
    miss = float(np.abs(plane @ found - np.column_stack((column, row))).max())
    if miss > _SAME_PX:
        return None
    return LensMap(AFFINE, np.ascontiguousarray(found.T).ravel(), np.zeros((2, 2, 2), np.float32), miss)


def _folded(ray: Floats, form: int) -> Floats:
    length = np.linalg.norm(ray, axis=1) if form == STEREOGRAPHIC else 0.0
    return np.asarray(ray[:, 1:] / (ray[:, 0] + length)[:, None])


def _unfolded(plane: Floats, form: int) -> Floats:
    if form == TANGENT:
        return np.column_stack((np.ones(len(plane)), plane))
    square = np.sum(plane * plane, axis=1)
    return np.column_stack((1.0 - square, 2.0 * plane))


def _table(lens: Lens, ray: Floats, form: int) -> LensMap:
    plane = _folded(ray, form)
    low, high = plane.min(axis=0), plane.max(axis=0)
    for nodes in _NODES:
        step = (high - low) / (nodes - 3)
        start = low - step
        table = _pixels(lens, start, step, nodes, form, 0.0)
        truth = _pixels(lens, start, step, nodes - 1, form, 0.5)
        between = 0.25 * (table[:-1, :-1] + table[1:, :-1] + table[:-1, 1:] + table[1:, 1:])
        inside = (
            (truth[..., 0] >= -0.5)
            & (truth[..., 0] <= lens.width - 0.5)
            & (truth[..., 1] >= -0.5)
            & (truth[..., 1] <= lens.height - 0.5)
        )
        error = float(np.nanmax(np.abs(between - truth)[inside], initial=0.0))
        if error <= _TABLE_PX:
            numbers = np.array([*start, *(1.0 / step), 0.0, 0.0])
            return LensMap(form, numbers, np.ascontiguousarray(table, np.float32), error)
    raise BadInput("EAR-083", detail=f"{error:.3f} px")


def _pixels(lens: Lens, start: Floats, step: Floats, nodes: int, form: int, shift: float) -> Floats:
    along = np.arange(nodes) + shift
    x, y = np.meshgrid(start[0] + along * step[0], start[1] + along * step[1])
    rays = _unfolded(np.column_stack((x.ravel(), y.ravel())), form)
    return np.stack(lens.pixels(rays), axis=-1).reshape(nodes, nodes, 2)
