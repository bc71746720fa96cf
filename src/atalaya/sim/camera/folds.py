"""Blocks of a picture in which ground may hide ground, and from which depth on.

A patch all of whose ground faces the camera shows one unfolded piece of it. Where ground turns away there is
an edge before it: inside a cell of posts where its tangent plane passes through the camera, or on the border
of two cells of which one faces the camera and one does not. How far the camera is over the tangent plane is
bilinear in a cell, so where it changes sign is found exactly; the patches these places fall into are marked.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.camera import kernels
from atalaya.sim.camera.chart import Chart
from atalaya.sim.country.country import Country

Floats = NDArray[np.float64]

_PLACES = 65536
_SLACK_PX = 1.0
_EARTH_M = 6_371_000.0


def kinds_of(
    country: Country, chart: Chart, eye: Floats, rays: tuple[Floats, Floats, Floats], nodes: Floats
) -> tuple[NDArray[np.uint8], Floats]:
    """(m, n) how depth is found in each block; depth of the nearest edge in each patch, infinite for none.

    Args:
        eye: (3,) of the camera in the local frame. rays: (3,) of the first pixel, and what a column and a row
            add. nodes: (m + 1, n + 1) inverse depths at the corners, 0 for none.
    """
    kinds = _by_corners(nodes)
    folds = np.full((kinds.shape[0] * kernels.PATCHES, kinds.shape[1] * kernels.PATCHES), np.inf)
    edges = _edges(country, chart, eye, _window(country, chart, eye, rays, nodes))
    if len(edges):
        _mark(country, edges, chart, eye, rays, kinds, folds)
    return kinds, folds


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


def _edges(country: Country, chart: Chart, eye: Floats, window: tuple[int, int, int, int]) -> Floats:
    """(k, 4) first row and column, last row and column of places that may hold an edge."""
    r0, r1, c0, c1 = window
    back = np.empty((max(r1 - r0, 0), max(c1 - c0, 0)), np.uint8)
    edges = np.empty((_PLACES, 4))
    # the camera over the tangent plane of the ground in sight, on the grid of the posts
    row, column, ground = chart.posts(np.zeros(3))
    height = ground + float(eye[2]) + 0.5 * float(eye[0] ** 2 + eye[1] ** 2) / _EARTH_M
    place = np.array([row - eye[1] / country.post_m, column + eye[0] / country.post_m, height])
    while True:
        count = kernels.folded(place, country.post_m, *window, country.heights_hae_m, back, edges)
        if count <= len(edges):
            return edges[:count]
        edges = np.empty((count, 4))


def _mark(
    country: Country, edges: Floats, chart: Chart, eye: Floats, rays: tuple[Floats, Floats, Floats],
    kinds: NDArray[np.uint8], folds: Floats,
) -> None:  # fmt: skip
    """Mark the patches that edges fall into, each within the outline of its four corners."""
    back = np.linalg.inv(np.stack(rays, axis=1)).T
    limit = np.array(folds.shape)[::-1]
    middles = 0.5 * (edges[:, :2] + edges[:, 2:])
    middle = (chart.local(np.column_stack((middles, _heights(country, middles)))) - eye) @ back
    # most lie outside of the picture: an edge is no longer than a cell with relief
    reach = 4.0 * country.post_m / min(float(np.linalg.norm(ray)) for ray in rays[1:])
    off = np.abs(middle[:, 1:] - 0.5 * kernels.PATCH * limit * middle[:, :1])
    edges = edges[(off < 0.5 * kernels.PATCH * limit * np.abs(middle[:, :1]) + reach).all(axis=1)]
    corners = edges[:, [0, 1, 0, 3, 2, 1, 2, 3]].reshape(-1, 2)
    local = chart.local(np.column_stack((corners, _heights(country, corners))))
    seen = ((local - eye) @ back).reshape(-1, 4, 3)
    depth = seen[:, :, 0].min(axis=1)
    ahead = depth > 0.0
    pixel = seen[ahead, :, 1:] / seen[ahead, :, :1]
    first = np.floor((pixel.min(axis=1) - _SLACK_PX) / kernels.PATCH).clip(-1, limit).astype(int)
    last = np.floor((pixel.max(axis=1) + _SLACK_PX) / kernels.PATCH).clip(-1, limit).astype(int)
    first, last = np.maximum(first, 0), np.minimum(last, limit - 1)
    inside = (last >= first).all(axis=1)
    kernels.marked(first[inside], last[inside], depth[ahead][inside], kinds, folds)


def _heights(country: Country, places: Floats) -> Floats:
    """(n,) bilinear between the posts, of (n, 2) rows and columns."""
    z = country.heights_hae_m
    i, j = np.minimum(places.astype(np.intp), np.array(z.shape) - 2).T
    u, v = places[:, 0] - i, places[:, 1] - j
    upper = z[i, j] * (1.0 - v) + z[i, j + 1] * v
    return np.asarray(upper * (1.0 - u) + (z[i + 1, j] * (1.0 - v) + z[i + 1, j + 1] * v) * u, np.float64)
