"""Where people settle: on flat ground near water, in the lower country, not all in one place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.curve import every
from atalaya.sim.country.land import Land
from atalaya.sim.country.noise import generator_of, rough_field, stretched
from atalaya.sim.country.place_names import place_name
from atalaya.sim.country.relief import Relief

Floats = NDArray[np.float64]

_CELL_M = 150.0
_NEAR_WATER_M = 1200.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of settlement needs: room to the next, flat ground, room to the edge, houses."""

    name: str
    apart_m: float
    steepest: float
    edge_m: float
    radius_m: tuple[float, float]
    houses: tuple[int, int]


KINDS = (
    Kind("town", 11_000.0, 0.05, 1500.0, (320.0, 620.0), (170, 480)),
    Kind("village", 2600.0, 0.09, 500.0, (130.0, 260.0), (14, 60)),
    Kind("farm", 900.0, 0.16, 150.0, (35.0, 70.0), (1, 4)),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A settlement to be: its kind, name, middle, the radius and the houses it would like."""

    kind: str
    name: str
    east_m: float
    north_m: float
    radius_m: float
    houses: int


def places_of(land: Land, relief: Relief, seed: int) -> tuple[Place, ...]:
    """Towns, villages and farms, as many as the relief feeds, where the ground allows them."""
    east, north, slope, worth = _worth(land, relief, seed)
    west, south, far_east, far_north = land.bounds_m
    square_km = (far_east - west) * (far_north - south) / 1e6
    generator = generator_of(seed, 50)
    taken: set[str] = set()
    found: list[Place] = []
    at = np.empty((0, 2))
    for kind, rate in zip(KINDS, (relief.towns, relief.villages, relief.farms), strict=True):
        wanted = int(generator.poisson(rate * square_km / 1000.0))
        wanted = max(wanted, 1 if kind.name == "farm" and rate else 0)
        free = (
            (slope <= kind.steepest)
            & (np.minimum(east - west, far_east - east) >= kind.edge_m)
            & (np.minimum(north - south, far_north - north) >= kind.edge_m)
        )
        order = np.flatnonzero(free)[np.argsort(-worth[free], kind="stable")]
        for cell in order:
            if wanted <= 0:
                break
            here = np.array([east[cell], north[cell]])
            if len(at) and np.hypot(*(at - here).T).min() < kind.apart_m:
                continue
            wanted -= 1
            at = np.concatenate((at, here[None]))
            name = place_name(kind.name, generator, taken)
            share = generator.random()
            radius = kind.radius_m[0] + share * (kind.radius_m[1] - kind.radius_m[0])
            houses = round(kind.houses[0] + share * (kind.houses[1] - kind.houses[0]))
            found.append(Place(kind.name, name, float(here[0]), float(here[1]), radius, houses))
    return tuple(found)


def _worth(land: Land, relief: Relief, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """East, north, slope and worth of a net of places, the slope that of some hundred metres about it."""
    from scipy.ndimage import uniform_filter
    from scipy.spatial import cKDTree

    step = max(1, round(_CELL_M / land.post_m))
    height = uniform_filter(land.heights_m, 2 * (step // 2) + 1)[::step, ::step].astype(np.float64)
    down, right = np.gradient(height, step * land.post_m)
    slope = np.hypot(down, right)
    rows, columns = np.meshgrid(*(np.arange(n) * step * land.post_m for n in height.shape), indexing="ij")
    east, north = land.west_m + columns.ravel(), land.north_m - rows.ravel()
    wet = [every(stream.points_m, 100.0) for stream in land.streams]
    away = np.full(east.size, _NEAR_WATER_M)
    if wet:
        away = cKDTree(np.concatenate(wet)).query(np.stack((east, north), axis=1))[0]
    shape = (max(8, height.shape[0] // 8), max(8, height.shape[1] // 8))
    taste = stretched(rough_field(generator_of(seed, 51), shape, exponent=1.0, waves=8.0), height.shape)
    worth = (
        -(slope.ravel() / 0.05)
        - away / _NEAR_WATER_M
        - (height.ravel() - relief.mean_m) / (2.0 * relief.deviation_m)
        + taste.ravel()
    )
    worth[away < _BANK_M] -= 20.0
    return east, north, slope.ravel(), worth


_BANK_M = 120.0
