"""Which tiles of ground a picture needs, and how fine."""

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.camera import kernels
from atalaya.sim.camera.frame_geometry import FrameGeometry
from atalaya.sim.texture.ground_texture import FINEST_M, LEVELS, TILE

Floats = NDArray[np.float64]


def tiles_in_sight(
    geometry: FrameGeometry, post_m: float
) -> tuple[NDArray[np.int64], Floats, NDArray[np.int32]]:
    """(m, n) level of each block and metres a pixel spans there; the tiles its corners lie on."""
    rows, columns = geometry.nodes.shape
    known = geometry.nodes > 0.0
    depth = 1.0 / np.where(known, geometry.nodes, np.inf)
    step = float(kernels.BLOCK)
    i, j = np.meshgrid(np.arange(rows) * step, np.arange(columns) * step, indexing="ij")
    ray = geometry.corner + j[..., None] * geometry.across + i[..., None] * geometry.down
    grid = geometry.chart.posts(geometry.eye + depth[..., None] * ray)[..., :2] * post_m
    grid[~known] = np.nan
    pixel = geometry.metres_per_pixel
    corners = [np.s_[:-1, :-1], np.s_[1:, :-1], np.s_[:-1, 1:], np.s_[1:, 1:]]
    sizes = np.stack([pixel[c] for c in corners])
    with np.errstate(invalid="ignore"):
        size = np.nansum(sizes, axis=0) / np.isfinite(sizes).sum(axis=0)
        low = np.fmin.reduce([grid[c] for c in corners])
        high = np.fmax.reduce([grid[c] for c in corners])
    size = np.where(np.isfinite(size), size, np.nanmax(pixel))
    levels = np.clip(np.rint(np.log2(size / FINEST_M) - 0.25), 0, LEVELS - 1).astype(np.int64)
    used = np.isfinite(low).all(axis=-1)
    span = (FINEST_M * TILE * 2.0**levels)[used][:, None]
    slack = 2.0 * span / TILE
    first = np.floor((low[used] - slack) / span).astype(np.int32)
    last = np.floor((high[used] + slack) / span).astype(np.int32)
    level = levels[used].astype(np.int32)[:, None]
    found = [np.hstack((level, a[:, :1], b[:, 1:])) for a in (first, last) for b in (first, last)]
    return levels, size, distinct_tiles(np.concatenate(found))


def distinct_tiles(tiles: NDArray[np.int32]) -> NDArray[np.int32]:
    """Each row once, in order."""
    half = 1 << 21
    key = (
        (tiles[:, 0].astype(np.int64) << 44)
        + ((tiles[:, 1] + half).astype(np.int64) << 22)
        + tiles[:, 2]
        + half
    )
    _, first = np.unique(key, return_index=True)
    return tiles[first]
