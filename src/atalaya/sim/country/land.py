"""The bare land of a country: its posts, and where water goes on them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.grading import PostGrid, laid_beds
from atalaya.sim.country.ground import (
    Drained,
    basin_around,
    drained,
    edge_outlets,
    eroded,
)
from atalaya.sim.country.noise import doubled
from atalaya.sim.country.relief import Relief
from atalaya.sim.country.water import Stream, streams_of

Floats = NDArray[np.float64]

_MOST_WORKED = 6_000_000
_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False)
class Land:
    """Posts and streams; heights and catchments on the same or on every second, fourth ... post.

    Args:
        west_m, north_m, post_m, heights_m: as of a Country.
        worked_m: spacing of the next two.
        height_m, area_m2: (r, c) float32, of ground without hollows, from the country's first post on.
        streams: the largest first.
        bed: posts of their beds, where the ground was made to fit; None where it is a user's.
    """

    west_m: float
    north_m: float
    post_m: float
    heights_m: NDArray[np.float32]
    worked_m: float
    height_m: NDArray[np.float32]
    area_m2: NDArray[np.float32]
    streams: tuple[Stream, ...]
    bed: NDArray[np.bool_] | None = None

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        rows, columns = self.heights_m.shape
        south, east = self.north_m - (rows - 1) * self.post_m, self.west_m + (columns - 1) * self.post_m
        return self.west_m, south, east, self.north_m


def made_land(
    seed: int,
    relief: Relief,
    west_m: float,
    north_m: float,
    post_m: float,
    shape: tuple[int, int],
    least_m2: float,
    worked_m: float | None,
) -> Land:
    """Land from a seed: eroded, its valleys floored, its streams in beds.

    Args:
        least_m2: catchment of the smallest stream. worked_m: spacing of erosion at most; finer posts are
            drawn smoothly between. None for that of the posts, unless the country is huge.
    """
    step = _step(shape, 1.0 if worked_m is None else worked_m / post_m)
    rows, columns = ((size - 2) // step + 2 if step > 1 else size for size in shape)
    basin = basin_around(rows, columns, post_m * step)
    height, outlet = eroded(seed, basin, relief)
    water = drained(height, outlet, basin.spacing_m, hollows=False)
    _floored(water, relief.floor_m, least_m2)
    part = slice(basin.row, basin.row + rows), slice(basin.column, basin.column + columns)
    inner = water.height_m[part].astype(np.float32)
    area = water.area_m2.reshape(water.height_m.shape)[part].astype(np.float32)
    worked, fine = basin.spacing_m, inner
    while step > 1:
        fine, step = doubled(fine), step // 2
    heights = np.ascontiguousarray(fine[: shape[0], : shape[1]])
    edge_w, edge_n = west_m - basin.column * basin.spacing_m, north_m + basin.row * basin.spacing_m
    streams = streams_of(water, edge_w, edge_n, least_m2=least_m2, seed=seed)
    del water
    bed = laid_beds(PostGrid(heights, west_m, north_m, post_m), streams)
    return Land(west_m, north_m, post_m, heights, worked, inner, area, tuple(streams), bed)


def given_land(
    seed: int, heights_m: NDArray[np.float32], west_m: float, north_m: float, post_m: float, least_m2: float
) -> Land:
    """Land of given heights, which stay as they are; water is led over a copy without hollows."""
    step = _step((heights_m.shape[0], heights_m.shape[1]), 1.0)
    coarse = np.ascontiguousarray(heights_m[::step, ::step], np.float64)
    edge = edge_outlets(coarse, 1.0)
    water = drained(coarse, edge, post_m * step, hollows=True)
    streams = streams_of(water, west_m, north_m, least_m2=least_m2, seed=seed)
    height, area = water.height_m, water.area_m2.reshape(water.height_m.shape)
    kept = height.astype(np.float32), area.astype(np.float32)
    return Land(west_m, north_m, post_m, heights_m, water.spacing_m, *kept, tuple(streams))


def _step(shape: tuple[int, int], wanted: float) -> int:
    """Every how many posts water is followed, a power of two."""
    step = 1
    while 2 * step <= wanted or (shape[0] / step) * (shape[1] / step) > _MOST_WORKED:
        step *= 2
    return step


def _floored(water: Drained, floor_m: float, least_m2: float) -> None:
    """Fill valleys of streams flat, in place: what stands low over its stream lies lower still.

    A height x over the stream becomes x^3 / (x^2 + c^2), c growing with the stream: still rising with x, so
    water still finds its way.
    """
    height = water.height_m.reshape(-1)
    stream = np.where(water.area_m2 >= least_m2, np.arange(height.size, dtype=np.int32), water.receiver)
    while True:
        further = stream[stream]
        if np.array_equal(further, stream):
            break
        stream = further
    del further
    first = height.copy()
    for start in range(0, height.size, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        over = first[part] - first[stream[part]]
        size = np.log10(np.maximum(water.area_m2[stream[part]] / 1e6, 1.0)) / 2.0
        deep = (floor_m * np.clip(size, 0.0, 1.3)) ** 2
        height[part] -= over * deep / np.maximum(over * over + deep, 1e-12)
