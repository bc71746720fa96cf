"""Land cover by height, slope, aspect and moisture, in patches; river beds, fields and ponds over it."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.country import GroundLine
from atalaya.sim.country.land import Land
from atalaya.sim.country.noise import generator_of, rough_field, stretched
from atalaya.sim.country.places import Place
from atalaya.sim.material import materials
from atalaya.sim.scene.things import Decal

Floats = NDArray[np.float64]

_MOST_CELLS = 25_000_000
_FINEST_M = 5.0
_LIMITS = (-1.35, -0.45, 0.45)
_CODES = ("rock", "bare_soil", "dry_grass", "scrub", "woodland")
_BED_WIDTHS = 3.0
_LEAST_BED_M = 8.0
_TREES_FROM_M = 1550.0
_CLEARED_M = {"town": 2400.0, "village": 1100.0, "farm": 420.0}


def cover_cell_m(width_m: float, height_m: float) -> float:
    """Edge of the cells of cover where nobody asks for another: 5 m, coarser for large countries."""
    edge = max(_FINEST_M, np.sqrt(width_m * height_m / _MOST_CELLS))
    return float(np.ceil(edge * 2.0) / 2.0)


def cover_shape(shape: tuple[int, ...], post_m: float, cover_m: float) -> tuple[int, int]:
    """Rows and columns of cells that cover all posts."""
    rows, columns = (max(1, int(np.ceil((n - 1) * post_m / cover_m - 1e-9))) for n in shape)
    return rows, columns


def grown_cover(
    land: Land, places: Sequence[Place], cover_m: float, wetness: float, seed: int
) -> NDArray[np.uint8]:
    """(m, n) codes: what grows where nobody farms.

    Args:
        places: about which wood was cut.
        wetness: 0 for desert to 1 for rain forest.
    """
    from atalaya.sim.country import kernels

    green, bare = _tendencies(land, wetness, seed)
    _clear(green, land, places, wetness)
    out = np.empty(cover_shape(land.heights_m.shape, land.post_m, cover_m), np.uint8)
    codes = np.array([materials()[name].code for name in _CODES], np.uint8)
    spacing = land.worked_m
    salt = int(generator_of(seed, 80).integers(0, 2**31))
    kernels.paint(green, bare, cover_m / spacing, cover_m, salt, np.array(_LIMITS), codes, out)
    return out


def _tendencies(land: Land, wetness: float, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How green and how bare the ground is, at the posts of the drained grid.

    Trees want cool heights, shaded slopes and water; rock shows where it is steep. In between, long waves.
    """
    height, area = land.height_m, land.area_m2
    spacing = land.worked_m
    south, east = np.gradient(height, spacing)
    slope = np.hypot(south, east)
    shade = np.clip(south * (1.0 if land.north_m >= 0.0 else -1.0), -0.5, 0.5)
    moisture = np.log(area / spacing / (slope + 0.02))
    moisture = (moisture - moisture.mean()) / max(float(moisture.std()), 1e-9)
    long = tuple(max(8, n // 16) for n in height.shape)
    waves = stretched(rough_field(generator_of(seed, 81), (long[0], long[1]), waves=6.0), height.shape)
    dry = 1.0 - wetness
    cool = np.clip((height - _TREES_FROM_M) / 450.0, -0.5, 1.7) * dry
    green = 2.3 * wetness - 0.8 + cool + dry * 1.6 * shade + 0.28 * moisture + 0.35 * waves
    bare = (slope - 0.62 - 0.25 * wetness) * 3.0
    return np.asarray(green, np.float32), np.asarray(bare, np.float32)


def _clear(green: NDArray[np.float32], land: Land, places: Sequence[Place], wetness: float) -> None:
    """Less green about settlements, in place."""
    spacing = land.worked_m
    for place in places:
        reach = _CLEARED_M[place.kind]
        row, column = (land.north_m - place.north_m) / spacing, (place.east_m - land.west_m) / spacing
        around = 2.5 * reach / spacing
        i0, j0 = max(0, int(row - around)), max(0, int(column - around))
        part = green[i0 : int(row + around) + 1, j0 : int(column + around) + 1]
        rows, columns = np.arange(part.shape[0]) + i0 - row, np.arange(part.shape[1]) + j0 - column
        square = (rows[:, None] ** 2 + columns[None, :] ** 2) * (spacing / reach) ** 2
        part -= ((0.6 + 1.8 * wetness) * np.exp(-square)).astype(np.float32)


def paint_shapes(
    cover: NDArray[np.uint8],
    west_m: float,
    north_m: float,
    cover_m: float,
    patches: Sequence[Decal],
    lines: Iterable[GroundLine],
) -> None:
    """Paint beds of streams, then patches over the cover, in place."""
    import shapely
    from rasterio.features import rasterize
    from rasterio.transform import from_origin

    codes = materials()
    beds = [
        line for line in lines if line.kind in ("stream", "river") and line.width_m * _BED_WIDTHS > cover_m
    ]
    widths = np.array([max(_LEAST_BED_M, line.width_m * _BED_WIDTHS) for line in beds])
    ribbons = shapely.buffer(
        np.array([shapely.LineString(line.points_m) for line in beds], object), widths / 2.0
    )
    water = shapely.buffer(
        np.array([shapely.LineString(line.points_m) for line in beds], object),
        np.array([line.width_m for line in beds]) / 2.0,
    )
    shapes = [(ribbon, codes["gravel"].code) for ribbon in ribbons]
    shapes += [
        (ribbon, codes[line.material].code)
        for ribbon, line in zip(water, beds, strict=True)
        if line.width_m > cover_m
    ]
    shapes += [(shapely.Polygon(patch.ring_m), codes[patch.material].code) for patch in patches]
    if shapes:
        transform = from_origin(west_m, north_m, cover_m, cover_m)
        rasterize(shapes, out=cover, transform=transform)
