"""Rows and columns of a raster from longitude and latitude, and back: exact for geographic rasters, by a fine
table for projected ones.

A post is the middle of a pixel; row and column count posts, so (0, 0) is the middle of the upper left pixel.
Rasters marked AREA and POINT agree on that once GDAL has read them: it moves the transform of the latter by
half a pixel. A projected raster must not run across the seam of its projection (for Mercator, 180 degrees).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from atalaya.earth.ellipsoid import enu_basis, geodetic_to_ecef

Floats = NDArray[np.float64]
Affine = tuple[float, float, float, float, float, float]

_NODES = 9
_LEAST_CELL = 1e-18
_NEAREST_POSTS_M, _FARTHEST_POSTS_M = 1e-3, 200_000.0
_MOST_NODES = 513
_TABLE_ERROR_POSTS = 1e-4
_MARGIN_M = 12_000.0
_SPHERE_M = 6_371_000.0
_FRAME_SIZE = 16
_LIKE_WGS84 = {6326, 6269, 6258, 6674, 1116, 6283, 1168, 6140, 6759, 1165}
"""Datums whose geographic coordinates are taken for WGS 84's without a shift: the null transformation PROJ
itself would choose. NAD83 and its realisations, ETRS89, SIRGAS 2000, GDA94, GDA2020."""


@dataclass(frozen=True)
class GridMap:
    """How places become rows and columns.

    frame, lut: what the kernels take      spacing_m: metres between rows and between columns, in the middle
    post_affine: six numbers, x = a + b column + c row, y = d + e column + f row, in the raster's CRS
    to_geodetic: from the raster's CRS to longitude and latitude; None where its axes are just these
    middle: row and column of the middle
    """

    frame: Floats
    lut: Floats
    spacing_m: tuple[float, float]
    post_affine: Affine
    to_geodetic: Transformer | None
    middle: tuple[float, float]

    def places(self, row: Floats, column: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude, degrees, of rows and columns of any equal shape."""
        a, b, c, d, e, f = self.post_affine
        x, y = a + b * column + c * row, d + e * column + f * row
        if self.to_geodetic is None:
            return (x + 180.0) % 360.0 - 180.0, np.asarray(y, np.float64)
        lon, lat = self.to_geodetic.transform(x, y)
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)

    def posts(self, lon_deg: float, lat_deg: float) -> tuple[float, float]:
        """Row and column of one place, also outside the raster."""
        x, y = lon_deg, lat_deg
        a, b, c, d = self.post_affine[:4]
        if self.to_geodetic is None:
            middle = a + b * self.middle[1] + c * self.middle[0]
            x = middle + (lon_deg - middle + 180.0) % 360.0 - 180.0
        else:
            x, y = self.to_geodetic.transform(lon_deg, lat_deg, direction="INVERSE")
        column, row = np.linalg.inv(_linear(self.post_affine)) @ np.array([x - a, y - d])
        return float(row), float(column)


def grid_map(crs: CRS, post_affine: Affine, shape: tuple[int, int]) -> GridMap:
    """The map of a raster.

    Args:
        crs: horizontal, of the raster.
        post_affine: x = a + b column + c row, y = d + e column + f row, of the middles of its pixels.
        shape: rows and columns.

    Raises:
        ValueError, pyproj's ProjError: these numbers put no raster on the Earth.
    """
    if not np.isfinite(post_affine).all() or abs(np.linalg.det(_linear(post_affine))) < _LEAST_CELL:
        raise ValueError(f"transform {post_affine}")
    geographic = crs.is_geographic and _like_wgs84(crs)
    transformer = None if geographic else Transformer.from_crs(crs, 4326, always_xy=True)
    middle = (shape[0] - 1) / 2.0, (shape[1] - 1) / 2.0
    empty = GridMap(np.zeros(_FRAME_SIZE), np.zeros((2, 4, 4)), (1.0, 1.0), post_affine, transformer, middle)
    spacing = _spacing_m(empty)
    _checked(empty, shape, spacing)
    if geographic:
        frame, lut = _linear_frame(post_affine, shape), empty.lut
    else:
        back = Transformer.from_crs(4326, crs, always_xy=True)
        frame, lut = _table(empty, back, shape)
    return replace(empty, frame=frame, lut=lut, spacing_m=spacing)


def _linear(affine: Affine) -> Floats:
    """(2, 2) from column and row to the two coordinates."""
    return np.array([[affine[1], affine[2]], [affine[4], affine[5]]])


def _checked(where: GridMap, shape: tuple[int, int], spacing: tuple[float, float]) -> None:
    rows, columns = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0])
    lon, lat = where.places(rows * (shape[0] - 1), columns * (shape[1] - 1))
    if not (np.abs(lat) <= 90.0 + 1e-6).all() or not np.isfinite(lon).all():
        raise ValueError(f"latitudes {np.min(lat):g} to {np.max(lat):g}")
    if not _NEAREST_POSTS_M <= min(spacing) <= max(spacing) <= _FARTHEST_POSTS_M:
        raise ValueError(f"posts {spacing[0]:g} x {spacing[1]:g} m apart")


def _like_wgs84(crs: CRS) -> bool:
    datum = crs.datum
    if datum is None:
        return False
    code = datum.to_json_dict().get("id", {}).get("code")
    return code in _LIKE_WGS84 or datum.name.startswith("World Geodetic System 1984")


def _spacing_m(shape_map: GridMap) -> tuple[float, float]:
    row, column = shape_map.middle
    lon, lat = shape_map.places(np.array([row, row + 1, row]), np.array([column, column, column + 1]))
    xyz = geodetic_to_ecef(lon, lat, 0.0)
    return float(np.linalg.norm(xyz[1] - xyz[0])), float(np.linalg.norm(xyz[2] - xyz[0]))


def _linear_frame(affine: Affine, shape: tuple[int, int]) -> Floats:
    """Row and column linear in radians of longitude (from the middle of the raster) and latitude."""
    a, b, c, d = affine[:4]
    middle = a + b * (shape[1] - 1) / 2.0 + c * (shape[0] - 1) / 2.0
    inverse = np.linalg.inv(_linear(affine))
    degrees = np.degrees(1.0)
    column = inverse[0] * degrees
    row = inverse[1] * degrees
    start = inverse @ np.array([middle - a, -d])
    frame = np.zeros(_FRAME_SIZE)
    frame[1], frame[2] = np.cos(np.radians(middle)), np.sin(np.radians(middle))
    frame[3:6] = start[1], row[0], row[1]
    frame[6:9] = start[0], column[0], column[1]
    return frame


def _table(shape_map: GridMap, back: Transformer, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Row and column over a stereographic plane about the middle of the raster, refined until good enough."""
    rows, columns = shape
    lon0, lat0 = shape_map.places(np.array([(rows - 1) / 2.0]), np.array([(columns - 1) / 2.0]))
    basis = enu_basis(lon0[0], lat0[0])
    edge = np.linspace(0.0, 1.0, 33)
    around = np.concatenate(
        [
            np.stack(pair)
            for pair in ((edge, 0 * edge), (edge, 0 * edge + 1), (0 * edge, edge), (0 * edge + 1, edge))
        ],
        axis=1,
    )
    u, v = _plane(*shape_map.places(around[0] * (rows - 1), around[1] * (columns - 1)), basis)
    margin = _MARGIN_M / _SPHERE_M
    low = np.array([u.min() - margin, v.min() - margin])
    extent = float(max(u.max() - u.min(), v.max() - v.min()) + 2 * margin)
    nodes = _NODES
    while True:
        step = extent / (nodes - 1)
        lut = _sampled(low, step, nodes, basis, back, shape_map.post_affine, 0.0)
        middle = _sampled(low, step, nodes - 1, basis, back, shape_map.post_affine, 0.5)
        miss = np.abs(_between(lut) - middle[:, 1:-1, 1:-1])
        if nodes >= _MOST_NODES or not np.nanmax(miss) > _TABLE_ERROR_POSTS:
            break
        nodes = 2 * nodes - 1
    frame = np.zeros(_FRAME_SIZE)
    frame[0] = 1.0
    frame[1:4], frame[4:7], frame[7:10] = basis[:, 0], basis[:, 1], basis[:, 2]
    frame[10:13] = low[0], low[1], 1.0 / step
    return frame, np.ascontiguousarray(lut)


def _plane(lon: Floats, lat: Floats, basis: Floats) -> tuple[Floats, Floats]:
    """Stereographic coordinates of normals of the ellipsoid about the third axis of the basis."""
    lam, phi = np.radians(lon), np.radians(lat)
    normal = np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), axis=-1) @ basis
    scale = 2.0 / (1.0 + normal[..., 2])
    return normal[..., 0] * scale, normal[..., 1] * scale


def _sampled(
    low: Floats, step: float, nodes: int, basis: Floats, back: Transformer, affine: Affine, shift: float
) -> Floats:
    """(2, nodes, nodes) row and column at the nodes of the plane, moved by `shift` steps."""
    along = (np.arange(nodes) + shift) * step
    u, v = np.meshgrid(low[0] + along, low[1] + along, indexing="ij")
    square = (u * u + v * v) / 4.0
    local = np.stack((u, v, 1.0 - square), axis=-1) / (1.0 + square)[..., None]
    normal = local @ basis.T
    lon = np.degrees(np.arctan2(normal[..., 1], normal[..., 0]))
    lat = np.degrees(np.arctan2(normal[..., 2], np.hypot(normal[..., 0], normal[..., 1])))
    x, y = back.transform(lon, lat)
    a, d = affine[0], affine[3]
    inverse = np.linalg.inv(_linear(affine))
    column = inverse[0, 0] * (x - a) + inverse[0, 1] * (y - d)
    row = inverse[1, 0] * (x - a) + inverse[1, 1] * (y - d)
    both = np.stack((row, column))
    return np.where(np.isfinite(both), both, -1e9)


def _between(lut: Floats) -> Floats:
    """Cubic values half way between the inner nodes, in both directions."""
    half = np.array([-1.0, 9.0, 9.0, -1.0]) / 16.0
    n = lut.shape[1] - 3
    rows = sum(half[k] * lut[:, k : k + n, :] for k in range(4))
    return np.asarray(sum(half[k] * rows[:, :, k : k + n] for k in range(4)))
