"""Ground from a seed: rough at first, then drawn towards what rivers make of it, from coarse to fine.

Rivers in balance fall as the square root of their catchment (Hack 1957; Whipple and Tucker, J. Geophys. Res.
104, 1999); ranges are where that fall is large. Each level doubles the posts, adds roughness of its own, and
lets the water settle again, so that every valley of the result leads to a larger one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.noise import doubled, generator_of, rough_field, stretched
from atalaya.sim.country.relief import Relief

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_COARSEST = 90
_MARGIN = 0.08
_OUTLETS = 0.16
_ROUNDS = (60, 24, 12, 6, 3)
_LAST_ROUNDS = 2
_FALL_M = 1e-5
_BEND, _BEND_POSTS = 1.6, 4.0
_ROUGH = 0.10


@dataclass(frozen=True)
class Basin:
    """A grid of posts around a country, wide enough that what is odd at its edges stays outside.

    Args:
        rows, columns: of posts. spacing_m: between them.
        row, column: of the country's first post in it.
        levels: how often the coarsest grid is doubled.
    """

    rows: int
    columns: int
    spacing_m: float
    row: int
    column: int
    levels: int


@dataclass(frozen=True, eq=False)
class Drained:
    """Heights and where their water goes.

    Args:
        height_m: (rows, columns) float64. spacing_m: between posts.
        order: (n,) posts, lowest first. receiver: (n,) int32, the post each drains to; itself at an outlet.
        area_m2: (n,) float64, catchment.
    """

    height_m: Floats
    spacing_m: float
    order: NDArray[np.intp]
    receiver: NDArray[np.int32]
    area_m2: Floats


def basin_around(rows: int, columns: int, spacing_m: float) -> Basin:
    """The grid in which a country of so many posts is made."""
    longest = max(rows, columns)
    margin = int(np.ceil(_MARGIN * longest)) + 2
    levels = max(0, round(np.log2((longest + 2 * margin) / _COARSEST)))
    step = 2**levels
    tall, wide = (int(np.ceil((size + 2 * margin - 1) / step)) * step + 1 for size in (rows, columns))
    return Basin(tall, wide, spacing_m, (tall - rows) // 2, (wide - columns) // 2, levels)


def eroded(seed: int, basin: Basin, relief: Relief) -> tuple[Floats, NDArray[np.bool_]]:
    """(rows, columns) heights of the basin, metres, with the relief's mean and deviation over the country;
    and where water leaves it. There are no hollows.
    """
    step = 2**basin.levels
    shape = ((basin.rows - 1) // step + 1, (basin.columns - 1) // step + 1)
    height = _regional(seed, shape) * relief.deviation_m
    steep = (_steepness(seed, shape) * relief.deviation_m * 0.4).astype(np.float32)
    outlet = edge_outlets(height, _OUTLETS)
    for level in range(basin.levels + 1):
        spacing = basin.spacing_m * 2 ** (basin.levels - level)
        if level:
            height = doubled(height)
            outlet = _finer_outlets(outlet, height.shape)
            height = _warped(generator_of(seed, 20 + level), height)
            height += _roughness(generator_of(seed, 30 + level), height.shape, spacing, relief)
        rounds = _ROUNDS[level] if level < len(_ROUNDS) else _LAST_ROUNDS
        gained = _settled(height, outlet, stretched(steep, height.shape), spacing, rounds, relief, level)
        steep *= np.float32(gained)
    inner = height[basin.row : basin.rows - basin.row, basin.column : basin.columns - basin.column]
    factor = relief.deviation_m / max(float(inner.std()), 1e-3)
    return np.asarray((height - inner.mean()) * factor + relief.mean_m), outlet


def drained(height_m: Floats, outlet: NDArray[np.bool_], spacing_m: float, *, hollows: bool) -> Drained:
    """Where water goes; where there are hollows, they are cut open in place first."""
    from atalaya.sim.country import kernels

    if hollows:
        kernels.breach(height_m, outlet, _FALL_M)
    order = np.argsort(height_m, axis=None)  # of equals, either first: neither drains to the other
    receiver, area = np.empty(height_m.size, np.int32), np.empty(height_m.size)
    kernels.drain(height_m, order, outlet, 7, receiver, area)
    area *= spacing_m * spacing_m
    return Drained(height_m, spacing_m, order, receiver, area)


def edge_outlets(height_m: Floats, share: float) -> NDArray[np.bool_]:
    """The lowest share of the posts of the edge."""
    edge = np.zeros(height_m.shape, np.bool_)
    edge[[0, -1], :] = edge[:, [0, -1]] = True
    return np.asarray(edge & (height_m <= np.quantile(height_m[edge], share)))


def _regional(seed: int, shape: tuple[int, int]) -> Floats:
    """Where the high country is and which way it falls: a tilt and long waves."""
    generator = generator_of(seed, 1)
    bearing = generator.uniform(0.0, 2.0 * np.pi)
    rows, columns = np.meshgrid(*(np.linspace(-1.0, 1.0, n) for n in shape), indexing="ij")
    tilt = rows * np.cos(bearing) + columns * np.sin(bearing)
    return np.asarray(tilt + 0.8 * rough_field(generator, shape, exponent=1.5, waves=1.5))


def _steepness(seed: int, shape: tuple[int, int]) -> Floats:
    """Ranges and basins: how steep a river in balance is, 1 on average, long along one bearing."""
    generator = generator_of(seed, 2)
    longer = max(shape)
    field = rough_field(generator, (2 * longer, 2 * longer), exponent=1.6, waves=5.0)
    bearing = generator.uniform(0.0, np.pi)
    u, v = np.meshgrid(*(np.arange(n) - n / 2.0 for n in shape), indexing="ij")
    along, across = u * np.cos(bearing) + v * np.sin(bearing), -u * np.sin(bearing) + v * np.cos(bearing)
    i = np.clip(along * 0.5 + longer, 0, 2 * longer - 1).astype(np.intp)
    j = np.clip(across * 1.2 + longer, 0, 2 * longer - 1).astype(np.intp)
    drawn = field[i, j]
    ranges = np.exp(0.55 * drawn / max(float(drawn.std()), 1e-9))
    return np.asarray(ranges / ranges.mean())


def _finer_outlets(outlet: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    made = np.zeros(shape, np.bool_)
    made[::2, ::2] = outlet
    return made


def _warped(generator: np.random.Generator, height: Floats) -> Floats:
    """Bent by a post or two, so that neither valleys nor slopes keep the bearings of the grid."""
    from scipy.ndimage import gaussian_filter, map_coordinates

    at = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in height.shape), indexing="ij")
    for part in at:
        bend = gaussian_filter(generator.standard_normal(height.shape, np.float32), _BEND_POSTS, truncate=3.0)
        part += bend * np.float32(_BEND / max(float(bend.std()), 1e-9))
    bent = map_coordinates(height, at, order=1, mode="nearest")
    return np.asarray(gaussian_filter(bent, 0.9, truncate=3.0))


def _roughness(
    generator: np.random.Generator, shape: tuple[int, ...], spacing_m: float, relief: Relief
) -> Singles:
    """What a level adds: gullies and knolls of its own size, lower the finer it is."""
    amount = relief.deviation_m / 300.0 * spacing_m * _ROUGH
    made = generator.standard_normal(shape, np.float32)
    made *= np.float32(amount)
    return np.asarray(made, np.float32)


def _settled(
    height: Floats,
    outlet: NDArray[np.bool_],
    steep: Singles,
    spacing_m: float,
    rounds: int,
    relief: Relief,
    level: int,
) -> float:
    """Let rivers work on a level, in place; on the coarsest also on `steep`, by a factor that is returned,
    until the deviation is the wanted one."""
    from atalaya.sim.country import kernels

    kernels.breach(height, outlet, _FALL_M)
    receiver, area, gained = np.empty(height.size, np.int32), np.empty(height.size), 1.0
    flat = height.reshape(-1)
    for turn in range(rounds):
        order = np.argsort(flat)
        kernels.drain(height, order, outlet, level * 1000 + turn, receiver, area)
        kernels.erode(
            flat,
            height.shape[1],
            order,
            receiver,
            area,
            steep.reshape(-1),
            spacing_m,
            relief.hill_m2,
            0.5,
            relief.steepest,
        )
        if level == 0:
            gain = float(np.clip(relief.deviation_m / max(float(height.std()), 1e-6), 0.8, 1.25))
            steep *= np.float32(gain)
            gained *= gain
    return gained
