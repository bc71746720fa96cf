"""Streams: where the water of a country gathers, how wide it runs, and the bed it lies in."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.country import GroundLine
from atalaya.sim.country.curve import inside, normals, smoothed
from atalaya.sim.country.ground import Drained
from atalaya.sim.country.noise import generator_of

Floats = NDArray[np.float64]

_RIVER_M2 = 60e6
_WIDTH_PER_ROOT_KM2 = (0.7, 1.3)
_MEANDER_MOST_M, _MEANDER_M = 60.0, 170.0
_MUDDY = 0.8
_SHORTEST_POSTS = 5


@dataclass(frozen=True, eq=False)
class Stream:
    """One stream from its head to where it ends in a larger one or leaves.

    points_m: (n, 2) metres east and north      area_m2: (n,) catchment at each
    """

    points_m: Floats
    area_m2: Floats


def streams_of(
    drained: Drained, west_m: float, north_m: float, *, least_m2: float, seed: int
) -> list[Stream]:
    """All streams of at least such a catchment, the largest first.

    Args:
        west_m, north_m: of the first post of the drained grid.
    """
    area, receiver = drained.area_m2, drained.receiver
    columns = drained.height_m.shape[1]
    wet = np.flatnonzero(area >= least_m2)
    wet = wet[np.argsort(area[wet], kind="stable")]
    donor = np.full(area.size, -1, np.int32)
    runs = wet[receiver[wet] != wet]
    donor[receiver[runs]] = runs
    starts = wet[(receiver[wet] == wet) | (donor[receiver[wet]] != wet)][::-1]
    number = np.full(area.size, -1, np.int32)
    number[wet] = np.arange(wet.size)
    spacing = drained.spacing_m
    place = np.stack((west_m + wet % columns * spacing, north_m - wet // columns * spacing), axis=1)
    generator = generator_of(seed, 40)
    made = []
    for start in starts:
        cells = _upstream(int(start), donor)[::-1]
        end = int(receiver[start])
        if end != start:
            cells = np.append(cells, end)
        if len(cells) < _SHORTEST_POSTS:
            continue
        points = _natural(place[number[cells]], area[cells], generator)
        place[number[cells]] = points
        made.append(Stream(points, area[cells]))
    return made


def _upstream(start: int, donor: NDArray[np.int32]) -> NDArray[np.intp]:
    cells = [start]
    while (above := int(donor[cells[-1]])) >= 0:
        cells.append(above)
    return np.array(cells, np.intp)


def _natural(points_m: Floats, area_m2: Floats, generator: np.random.Generator) -> Floats:
    """Without the corners of the grid; large rivers swing from side to side, the ends stay."""
    from scipy.ndimage import gaussian_filter1d

    bent = smoothed(points_m, 2.0)
    swing = generator.standard_normal(len(bent))
    wave = max(2.5, _MEANDER_M / max(float(np.hypot(*(points_m[1] - points_m[0]))), 1.0))
    if len(bent) > 12 and area_m2[-1] > _RIVER_M2:
        swing = gaussian_filter1d(swing, wave)
        ends = np.minimum(1.0, np.minimum(np.arange(len(bent)), np.arange(len(bent))[::-1]) / 5.0)
        amount = np.minimum(_MEANDER_MOST_M, 5e-3 * np.sqrt(area_m2)) * (area_m2 > _RIVER_M2)
        bent = bent + normals(bent) * (swing / max(float(swing.std()), 1e-9) * ends * amount)[:, None]
    return np.asarray(bent)


def width_m(area_m2: float, wetness: float) -> float:
    """Of what runs or lies in the bed, metres, by catchment: as the root of it (Leopold and Maddock 1953)."""
    low, high = _WIDTH_PER_ROOT_KM2
    return float(np.clip((low + (high - low) * wetness) * np.sqrt(area_m2 / 1e6), 1.5, 400.0))


def stream_lines(
    streams: Sequence[Stream], bounds_m: tuple[float, float, float, float], wetness: float
) -> tuple[GroundLine, ...]:
    """Streams as lines on the ground, downhill, each in pieces within which the catchment doubles.

    Beds too small to run all year in dry country are of gravel.
    """
    made: list[GroundLine] = []
    for stream in streams:
        classes = np.floor(2.0 * np.log2(np.maximum(stream.area_m2, 1.0))) // 2
        cuts = [0, *(np.flatnonzero(np.diff(classes)) + 1), len(classes) - 1]
        for first, last in pairwise(cuts):
            if last <= first:
                continue
            area = float(stream.area_m2[(first + last) // 2])
            river = area >= _RIVER_M2
            lasting = area >= _RIVER_M2 * np.clip(1.2 - 2.0 * wetness, 0.0, 1.0)
            made.extend(
                GroundLine(
                    "river" if river else "stream",
                    width_m(area, wetness),
                    _lies(area, lasting, wetness),
                    part,
                )
                for part in inside(stream.points_m[first : last + 1], bounds_m)
            )
    return tuple(made)


def _lies(area_m2: float, lasting: bool, wetness: float) -> str:
    if not lasting:
        return "gravel"
    return "muddy_water" if wetness > _MUDDY and area_m2 > _RIVER_M2 else "water"
