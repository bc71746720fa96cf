"""Streets and houses of settlements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.country import Country, GroundLine, Settlement
from atalaya.sim.country.curve import every, normals
from atalaya.sim.country.near import NearLines
from atalaya.sim.country.noise import generator_of
from atalaya.sim.country.places import Place
from atalaya.sim.scene.things import Solid

Floats = NDArray[np.float64]

_BLOCK_M = 85.0
_STEEPEST = 0.36
_FROM_WATER_M = 18.0
_ROOFS = ("metal_roof", "rusty_roof", "tile_roof", "adobe", "concrete")
_SHARES = (0.42, 0.20, 0.18, 0.12, 0.08)
_WALLS = ("adobe", "concrete", "adobe", "adobe", "concrete")


@dataclass(frozen=True, eq=False)
class Built:
    """What stands in the settlements: streets, houses, and the settlements themselves."""

    streets: tuple[GroundLine, ...]
    houses: tuple[Solid, ...]
    settlements: tuple[Settlement, ...]


def built(bare: Country, places: Sequence[Place], seed: int) -> Built:
    """Build all places.

    Args:
        bare: the country with its streams and roads.
    """
    streams = NearLines(line for line in bare.lines if line.kind in ("stream", "river"))
    streets = [
        street for place in places for street in _streets(bare, place, streams, generator_of(seed, 70))
    ]
    ways = [line for line in bare.lines if line.kind in ("road", "track", "path")] + streets
    fronts = _fronts(ways)
    near_ways = NearLines(ways, 5.0)
    houses: list[Solid] = []
    settlements = []
    for number, place in enumerate(places):
        found = _houses(bare, place, fronts, near_ways, streams, generator_of(seed, 300_000 + number), number)
        houses += found
        settlements.append(
            Settlement(
                place.name, place.kind, place.east_m, place.north_m, _radius_m(place, found), len(found)
            )
        )
    return Built(tuple(streets), tuple(houses), tuple(settlements))


def _radius_m(place: Place, houses: Sequence[Solid]) -> float:
    """That holds nine houses of ten."""
    if not houses:
        return place.radius_m
    away = [np.hypot(house.east_m - place.east_m, house.north_m - place.north_m) for house in houses]
    return float(np.quantile(away, 0.9)) + 10.0


def slopes(country: Country, points_m: Floats, reach_m: float = 15.0) -> Floats:
    """(n,) rise per metre about points, NaN outside."""
    x, y = points_m.T
    east = country.height_msl_m(x + reach_m, y) - country.height_msl_m(x - reach_m, y)
    north = country.height_msl_m(x, y + reach_m) - country.height_msl_m(x, y - reach_m)
    return np.asarray(np.hypot(east, north) / (2.0 * reach_m))


def _streets(
    country: Country, place: Place, streams: NearLines, generator: np.random.Generator
) -> list[GroundLine]:
    """A town has a net of streets, a village a lane or two, a farm none."""
    if place.kind == "farm":
        return []
    bearing = generator.uniform(0.0, np.pi)
    along = np.array([np.sin(bearing), np.cos(bearing)])
    across = np.array([along[1], -along[0]])
    town = place.kind == "town"
    count = int(place.radius_m / _BLOCK_M) if town else 1
    middle = np.array([place.east_m, place.north_m])
    made = []
    for direction, side in ((along, across), (across, along)):
        for number in range(-count, count + 1):
            if not town and number:
                continue
            shift = (number + generator.uniform(-0.12, 0.12) * town) * _BLOCK_M
            half = np.sqrt(max(place.radius_m**2 - shift**2, 0.0)) * generator.uniform(0.75, 1.1)
            if half < _BLOCK_M / 2:
                continue
            ends = middle + side * shift + np.array([[-1.0], [1.0]]) * half * direction
            made += _street(country, every(ends, 20.0), streams, town and number == 0)
    return made


def _street(country: Country, points_m: Floats, streams: NearLines, main: bool) -> list[GroundLine]:
    """The parts of a street on buildable ground."""
    slope = slopes(country, points_m)
    good = (slope < 0.2) & (streams.away_m(points_m) > 10.0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
    made = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first > 3:
            material = "asphalt" if main else "bare_soil"
            made.append(GroundLine("road" if main else "track", 6.0, material, points_m[first:last]))
    return made


@dataclass(frozen=True, eq=False)
class _Fronts:
    """Points along ways, with the normal there and half the width."""

    points: Floats
    normal: Floats
    half_m: Floats
    tree: Any


def _fronts(ways: Sequence[GroundLine]) -> _Fronts:
    from scipy.spatial import cKDTree

    points = [every(way.points_m, 9.0) for way in ways]
    if not points:
        return _Fronts(np.empty((0, 2)), np.empty((0, 2)), np.empty(0), cKDTree(np.empty((0, 2))))
    joined = np.concatenate(points)
    return _Fronts(
        joined,
        np.concatenate([normals(part) for part in points]),
        np.concatenate([np.full(len(p), way.width_m / 2.0) for p, way in zip(points, ways, strict=True)]),
        cKDTree(joined),
    )


def _houses(
    country: Country,
    place: Place,
    fronts: _Fronts,
    ways: NearLines,
    streams: NearLines,
    generator: np.random.Generator,
    number: int,
) -> list[Solid]:
    """Houses along the ways of the place, denser to the middle; none on another, a way, water or a slope."""
    at, bearing = _lots(place, fronts, generator)
    length, width = generator.uniform(7.0, 14.0, len(at)), generator.uniform(6.0, 9.5, len(at))
    length = np.maximum(length, width)
    radius = np.hypot(length, width) / 2.0
    west, south, east, north = country.bounds_m
    good = (
        (at[:, 0] - radius > west)
        & (at[:, 0] + radius < east)
        & (at[:, 1] - radius > south)
        & (at[:, 1] + radius < north)
        & (slopes(country, at) < _STEEPEST)
        & (ways.away_m(at) > radius + 1.0)
        & (streams.away_m(at) > _FROM_WATER_M)
    )
    made: list[Solid] = []
    taken = np.empty((0, 3))
    for k in np.flatnonzero(good):
        if len(made) >= place.houses:
            break
        if len(taken) and (np.hypot(*(taken[:, :2] - at[k]).T) < taken[:, 2] + radius[k] + 1.0).any():
            continue
        taken = np.concatenate((taken, [[*at[k], radius[k]]]))
        roof = int(generator.choice(len(_ROOFS), p=_SHARES))
        made.append(
            Solid(
                f"house-{number}-{len(made)}",
                "",
                "",
                float(at[k, 0]),
                float(at[k, 1]),
                float(length[k]),
                float(width[k]),
                float(bearing[k] % 360.0),
                0.0,
                float(generator.uniform(2.5, 5.0)),
                _ROOFS[roof],
                _WALLS[roof],
            )
        )
    return made


def _lots(place: Place, fronts: _Fronts, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Places for houses and their bearings, in the order they are built."""
    middle = np.array([place.east_m, place.north_m])
    near = np.sort(np.array(fronts.tree.query_ball_point(middle, place.radius_m * 1.15), np.intp))
    wild = max(8, place.houses * 3)
    if place.kind == "farm" or not len(near):
        away, turn = place.radius_m * np.sqrt(generator.random(wild)), generator.uniform(0, 2 * np.pi, wild)
        at = middle + np.stack((away * np.sin(turn), away * np.cos(turn)), axis=1)
        bearing = generator.uniform(0, 180) + generator.choice([0.0, 90.0], wild)
        return at, bearing
    chosen = near[generator.integers(0, len(near), place.houses * 8)]
    away = np.hypot(*(fronts.points[chosen] - middle).T) / place.radius_m
    chosen = chosen[generator.random(len(chosen)) < np.exp(-1.2 * away**2)]
    side = generator.choice([-1.0, 1.0], len(chosen))
    deep = fronts.half_m[chosen] + generator.uniform(9.0, 16.0, len(chosen))
    deep += 18.0 * (generator.random(len(chosen)) < 0.15)
    at = fronts.points[chosen] + fronts.normal[chosen] * (side * deep)[:, None]
    facing = np.degrees(np.arctan2(fronts.normal[chosen, 0], fronts.normal[chosen, 1]))
    turned = facing + 90.0 * (generator.random(len(chosen)) < 0.6) + generator.normal(0.0, 3.0, len(chosen))
    return at, turned
