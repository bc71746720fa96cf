"""The geometry of one picture: depths at the corners of blocks, and how those between are to be found.

Depth is exact by `earth.Terrain` at the corners of blocks of 16 pixels. Between them it is found by Newton
steps on the posts, which is right wherever the ground in a block faces the camera: there each ray meets it
once, and nothing nearer can hide it. In patches of 4 pixels that hold an edge of ground turned away every ray
is walked cell by cell from the nearest such edge on; the other patches of such a block go on from their
corners. Blocks with a corner that meets nothing are cast from the camera.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Pose
from atalaya.earth.lens import Pinhole
from atalaya.sim.camera import kernels
from atalaya.sim.camera.chart import Chart, chart_about
from atalaya.sim.camera.folds import kinds_of
from atalaya.sim.country.country import Country

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FrameGeometry:
    """What the kernels want to know of a picture; see there.

    folds: depth of the nearest edge in each patch     slack: depth by which ground may be nearer than these
    slant_m: (m + 1, n + 1) along the rays to the corners; NaN for none     metres_per_pixel: the same shape
    """

    chart: Chart
    eye: Floats
    corner: Floats
    across: Floats
    down: Floats
    nodes: Floats
    kinds: NDArray[np.uint8]
    folds: Floats
    slack: float
    exact_of: NDArray[np.int32]
    exact: Floats
    slant_m: Floats
    metres_per_pixel: Floats

    def pixels(self, local_m: Floats) -> tuple[Floats, Floats, Floats]:
        """(n,) column, row and depth of (n, 3) places in the local frame; no sense at depths below zero."""
        back = np.linalg.inv(np.stack((self.corner, self.across, self.down), axis=1))
        seen = (local_m - self.eye) @ back.T
        with np.errstate(divide="ignore", invalid="ignore"):
            return seen[:, 1] / seen[:, 0], seen[:, 2] / seen[:, 0], seen[:, 0]


def frame_geometry(country: Country, lens: Pinhole, pose: Pose) -> FrameGeometry | None:
    """Of a picture from a pose (one, not many); None where none of its corners meets the country."""
    camera = np.asarray(pose.camera_to_ecef, np.float64)
    origin = np.asarray(pose.origin_m, np.float64)
    rays = Rays(lens, camera)
    rows = np.arange(-(-lens.height // kernels.BLOCK) + 1) * float(kernels.BLOCK)
    columns = np.arange(-(-lens.width // kernels.BLOCK) + 1) * float(kernels.BLOCK)
    column, row = (part.ravel() for part in np.meshgrid(columns, rows))
    toward = rays.of(column, row)
    hits = country.terrain.hits(origin, toward)
    if not hits.found.any():
        return None
    length = np.linalg.norm(toward, axis=1)
    depth = np.where(hits.found, hits.range_m / length, np.nan)
    places = origin + np.nan_to_num(depth)[:, None] * toward
    chart = chart_about(country, places[hits.found], origin)
    shape = (len(rows), len(columns))
    nodes = np.nan_to_num(1.0 / depth).reshape(shape)
    eye = chart.to_local(origin)
    corner, across, down = (chart.axes.T @ ray for ray in (rays.corner, rays.across, rays.down))
    kinds, folds = kinds_of(country, chart, eye, (corner, across, down), nodes)
    exact_of, exact = cast_blocks(country, origin, rays, kinds, lens)
    # edges lie somewhere in their cells
    slack = 2.0 * country.post_m / float(np.linalg.norm(rays.corner))
    slant = np.where(hits.found, hits.range_m, np.nan).reshape(shape)
    pixel = slant / length.reshape(shape) ** 2 / np.sqrt(lens.focal_x_px * lens.focal_y_px)
    return FrameGeometry(
        chart, eye, corner, across, down, nodes, kinds, folds, slack, exact_of, exact, slant, pixel
    )


class Rays:
    """Rays of depth 1 of a lens, ECEF: linear in column and row."""

    def __init__(self, lens: Pinhole, camera: Floats) -> None:
        self.across = camera[:, 1] / lens.focal_x_px
        self.down = camera[:, 2] / lens.focal_y_px
        self.corner = camera[:, 0] - lens.centre_column * self.across - lens.centre_row * self.down

    def of(self, column: Floats, row: Floats) -> Floats:
        """(n, 3) of (n,) pixels."""
        return np.asarray(self.corner + column[:, None] * self.across + row[:, None] * self.down)


def cast_blocks(
    country: Country, origin: Floats, rays: Rays, kinds: NDArray[np.uint8], lens: Pinhole
) -> tuple[NDArray[np.int32], Floats]:
    """By a ray for every pixel of the CAST blocks.

    Returns:
        exact_of: (m, n) row of each block in `exact`, -1 for none; exact: (k, BLOCK * BLOCK) inverse depths.
    """
    exact_of = np.full(kinds.shape, -1, np.int32)
    rows, columns = np.nonzero(kinds == kernels.CAST)
    exact_of[rows, columns] = np.arange(len(rows))
    if not len(rows):
        return exact_of, np.zeros((1, kernels.BLOCK * kernels.BLOCK))
    i, j = np.divmod(np.arange(kernels.BLOCK * kernels.BLOCK), kernels.BLOCK)
    row = (rows[:, None] * kernels.BLOCK + i).ravel().astype(np.float64)
    column = (columns[:, None] * kernels.BLOCK + j).ravel().astype(np.float64)
    toward = rays.of(column, row)
    inside = (row < lens.height) & (column < lens.width)
    inverse = np.zeros(len(row))
    hits = country.terrain.hits(origin, toward[inside])
    length = np.linalg.norm(toward[inside], axis=1)
    inverse[inside] = np.where(hits.found, length / np.where(hits.found, hits.range_m, 1.0), 0.0)
    return exact_of, inverse.reshape(len(rows), -1)


def tops_of(posts: NDArray[np.float32]) -> NDArray[np.float32]:
    """(m, n) the highest post of each square of `kernels.SQUARE` cells, those of its rim included."""
    size = int(kernels.SQUARE)
    tops = posts
    for axis in (0, 1):
        cells = tops.shape[axis] - 1
        starts = np.arange(0, max(cells, 1), size)
        inside = np.maximum.reduceat(tops, starts, axis=axis)
        rim = np.take(tops, np.minimum(starts + size, tops.shape[axis] - 1), axis=axis)
        tops = np.maximum(inside, rim)
    return np.ascontiguousarray(tops)
