"""Blocks of a picture in which ground may hide ground, and from which depth on.

A block all of whose ground faces the camera shows one unfolded piece of it. Where ground turns away there is
an edge before it, and every edge lies in a cell of posts that turns away at one of its corners at least, or
borders on one that does not: these cells are found, and the blocks their outlines fall into.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.camera import kernels
from atalaya.sim.camera.chart import Chart
from atalaya.sim.country.country import Country

Floats = NDArray[np.float64]

_CELLS = 4096
_SLACK_PX = 1.0
_EARTH_M = 6_371_000.0


def kinds_of(
    country: Country, chart: Chart, eye: Floats, rays: tuple[Floats, Floats, Floats], nodes: Floats
) -> tuple[NDArray[np.uint8], Floats]:
    """(m, n) how the depth of each block is found; depth before which a block to be walked holds nothing.

    Args:
        eye: (3,) of the camera in the local frame. rays: (3,) of the first pixel, and what a column and a row
            add. nodes: (m + 1, n + 1) inverse depths at the corners, 0 for none.
    """
    kinds = _by_corners(nodes)
    with np.errstate(divide="ignore"):
        depth = 1.0 / nodes
    nearest = np.minimum(
        np.minimum(depth[:-1, :-1], depth[1:, :-1]), np.minimum(depth[:-1, 1:], depth[1:, 1:])
    )
    cells = _edges(country, chart, eye, _window(country, chart, eye, rays, nodes))
    if len(cells):
        _mark(country, cells, chart, eye, rays, kinds, nearest)
    # edges lie somewhere in their cells
    slack = 2.0 * country.post_m / float(np.linalg.norm(rays[0]))
    return kinds, np.maximum(nearest - slack, 1.0)


def _by_corners(nodes: Floats) -> NDArray[np.uint8]:
    known = nodes > 0.0
    corners = known[:-1, :-1].astype(int) + known[1:, :-1] + known[:-1, 1:] + known[1:, 1:]
    kinds = np.where(corners == 4, kernels.SMOOTH, np.where(corners, kernels.CAST, kernels.EMPTY))
    # a horizon or a rim of the country may cross blocks none of whose corners meets anything
    beside = np.pad(kinds != kernels.EMPTY, 1)
    near = beside[:-2, 1:-1] | beside[2:, 1:-1] | beside[1:-1, :-2] | beside[1:-1, 2:]
    kinds[(kinds == kernels.EMPTY) & near] = kernels.CAST
    return kinds.astype(np.uint8)


def _window(
    country: Country, chart: Chart, eye: Floats, rays: tuple[Floats, Floats, Floats], nodes: Floats
) -> tuple[int, int, int, int]:
    """First and last row and column of cells that may lie in or over the lines of sight."""
    rows, columns = np.nonzero(nodes > 0.0)
    depth = 1.0 / nodes[rows, columns]
    ray = rays[0] + kernels.BLOCK * (columns[:, None] * rays[1] + rows[:, None] * rays[2])
    ground = eye + depth[:, None] * ray
    posts = chart.posts(ground)
    # above the highest post of the country nothing is in the way
    above = np.maximum(country.terrain.ceiling_hae_m - posts[:, 2], 0.0)
    share = np.clip(above / np.maximum(eye[2] - ground[:, 2], 1.0), 0.0, 1.0)
    entry = chart.posts(ground + share[:, None] * (eye - ground))
    both = np.vstack((posts, entry))[:, :2]
    shape = np.array(country.heights_hae_m.shape)
    first = np.clip(np.floor(both.min(axis=0)).astype(int) - 2, 0, shape - 2)
    last = np.clip(np.ceil(both.max(axis=0)).astype(int) + 2, 1, shape - 1)
    return int(first[0]), int(last[0]), int(first[1]), int(last[1])


def _edges(
    country: Country, chart: Chart, eye: Floats, window: tuple[int, int, int, int]
) -> NDArray[np.int32]:
    """(k, 2) rows and columns of cells that may hold an edge."""
    r0, r1, c0, c1 = window
    back = np.empty((max(r1 - r0, 0), max(c1 - c0, 0)), np.uint8)
    cells = np.empty((_CELLS, 2), np.int32)
    # the camera over the tangent plane of the ground in sight, on the grid of the posts
    row, column, ground = chart.posts(np.zeros(3))
    height = ground + float(eye[2]) + 0.5 * float(eye[0] ** 2 + eye[1] ** 2) / _EARTH_M
    place = np.array([row - eye[1] / country.post_m, column + eye[0] / country.post_m, height])
    while True:
        count = kernels.folded(place, country.post_m, *window, country.heights_hae_m, back, cells)
        if count <= len(cells):
            return cells[:count]
        cells = np.empty((count, 2), np.int32)


def _mark(
    country: Country, cells: NDArray[np.int32], chart: Chart, eye: Floats,
    rays: tuple[Floats, Floats, Floats], kinds: NDArray[np.uint8], nearest: Floats,
) -> None:  # fmt: skip
    """Make blocks that cells fall into ones to be walked, no later than from these on."""
    corners = np.array([(0, 0), (0, 1), (1, 0), (1, 1)])
    posts = (cells[:, None] + corners).reshape(-1, 2)
    height = country.heights_hae_m[posts[:, 0], posts[:, 1]]
    local = chart.local(np.column_stack((posts, height)).astype(np.float64))
    seen = ((local - eye) @ np.linalg.inv(np.stack(rays, axis=1)).T).reshape(-1, 4, 3)
    depth = seen[:, :, 0].min(axis=1)
    ahead = depth > 0.0
    pixel = seen[ahead, :, 1:] / seen[ahead, :, :1]
    first = np.floor((pixel.min(axis=1) - _SLACK_PX) / kernels.BLOCK).astype(int)
    last = np.floor((pixel.max(axis=1) + _SLACK_PX) / kernels.BLOCK).astype(int)
    first, last = np.maximum(first, 0), np.minimum(last, np.array(kinds.shape)[::-1] - 1)
    inside = (last >= first).all(axis=1)
    kernels.marked(first[inside], last[inside], depth[ahead][inside], kinds, nearest)
