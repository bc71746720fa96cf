"""Fields and ponds: parcels on flat ground about settlements, away from water, ways and houses."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.country import Country
from atalaya.sim.country.houses import slopes
from atalaya.sim.country.near import NearLines
from atalaya.sim.country.noise import generator_of
from atalaya.sim.country.places import Place
from atalaya.sim.scene.things import Decal

Floats = NDArray[np.float64]

_STEEPEST = 0.10
_REACH = {"town": (700.0, 2300.0), "village": (200.0, 1100.0), "farm": (60.0, 420.0)}
_GAP_M = 6.0


def fields_of(
    country: Country, places: Sequence[Place], houses_m: Floats, seed: int, wetness: float
) -> tuple[Decal, ...]:
    """Fields of all places, none over another, and ponds of farms.

    Args:
        country: with streams, roads and streets. houses_m: (n, 2) where houses stand.
        wetness: 0 for dry country to 1; more is green.
    """
    from scipy.spatial import cKDTree

    lines = NearLines(country.lines, 12.0)
    tree = cKDTree(houses_m) if len(houses_m) else None
    made: list[Decal] = []
    taken = np.empty((0, 3))
    for number, place in enumerate(places):
        generator = generator_of(seed, 100_000 + number)
        rings, middles, radii = _parcels(place, generator)
        if not len(rings):
            continue
        good = _fit(country, rings, lines, tree, radii)
        reach = _REACH[place.kind][1] + 200.0
        near = taken[np.hypot(taken[:, 0] - place.east_m, taken[:, 1] - place.north_m) < 2 * reach + 400.0]
        if len(near):
            apart = np.hypot(middles[:, None, 0] - near[None, :, 0], middles[:, None, 1] - near[None, :, 1])
            good &= (apart > radii[:, None] + near[None, :, 2]).all(axis=1)
        taken = np.concatenate((taken, np.column_stack((middles, radii))[good]))
        for k in np.flatnonzero(good):
            material = "crop" if generator.random() < 0.25 + 0.5 * wetness else "fallow"
            made.append(Decal(f"field-{number}-{k}", "", "", material, rings[k]))
        if place.kind == "farm" and generator.random() < 0.35:
            made += _pond(country, place, lines, tree, taken, generator, number)
    return tuple(made)


def _parcels(place: Place, generator: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """A net of four-cornered parcels about a place, thinned: rings (n, 4, 2), middles, radii."""
    inner, outer = _REACH[place.kind]
    wide, long = generator.uniform(70.0, 130.0), generator.uniform(110.0, 220.0)
    rows, columns = int(2 * outer / long) + 1, int(2 * outer / wide) + 1
    i, j = np.meshgrid(np.arange(rows + 1), np.arange(columns + 1), indexing="ij")
    x = (j - columns / 2.0) * wide + generator.normal(0.0, 0.10 * wide, i.shape)
    y = (i - rows / 2.0) * long + generator.normal(0.0, 0.08 * long, i.shape)
    turn = generator.uniform(0.0, np.pi)
    east = place.east_m + x * np.cos(turn) - y * np.sin(turn)
    north = place.north_m + x * np.sin(turn) + y * np.cos(turn)
    corner = np.stack((east, north), axis=-1)
    ring = np.stack((corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]), axis=2)
    rings = ring.reshape(-1, 4, 2)
    middles = rings.mean(axis=1)
    spokes = rings - middles[:, None]
    length = np.hypot(spokes[..., 0], spokes[..., 1])
    rings = middles[:, None] + spokes * (1.0 - _GAP_M / np.maximum(length, 2 * _GAP_M))[..., None]
    away = np.hypot(middles[:, 0] - place.east_m, middles[:, 1] - place.north_m)
    patch = np.sin(middles[:, 0] / 310.0 + turn * 7) + np.sin(middles[:, 1] / 270.0 + turn * 11)
    chance = np.where(away < inner, 0.0, 0.75 * (1.0 - (away / outer) ** 2)) * (patch > -0.6)
    kept = generator.random(len(rings)) < chance
    return rings[kept], middles[kept], length.max(axis=1)[kept]


def _fit(
    country: Country, rings: Floats, lines: NearLines, houses: object, radii: Floats
) -> NDArray[np.bool_]:
    """Which lie on flat ground inside the country and touch no line and no house."""
    edge = np.concatenate(
        (rings, (rings + np.roll(rings, 1, axis=1)) / 2.0, rings.mean(axis=1)[:, None]), axis=1
    )
    flat = edge.reshape(-1, 2)
    slope = slopes(country, flat, 30.0).reshape(len(rings), -1)
    good = np.isfinite(slope).all(axis=1) & (np.nan_to_num(slope, nan=9.0).max(axis=1) < _STEEPEST)
    middle = rings.mean(axis=1)
    half = np.hypot(*(rings[:, 1] - rings[:, 0]).T) / 2.0
    good &= (lines.away_m(flat).reshape(len(rings), -1) > 4.0).all(axis=1) & (
        lines.away_m(middle) > half * 0.8
    )
    if houses is not None:
        away = houses.query(middle)[0]  # type: ignore[attr-defined]
        good &= away > radii + 8.0
    return np.asarray(good)


def _pond(
    country: Country,
    place: Place,
    lines: NearLines,
    houses: object,
    taken: Floats,
    generator: np.random.Generator,
    number: int,
) -> list[Decal]:
    """A small pool for cattle, where there is room for one."""
    for _ in range(6):
        turn, away = generator.uniform(0, 2 * np.pi), generator.uniform(80.0, 300.0)
        middle = np.array([[place.east_m + away * np.sin(turn), place.north_m + away * np.cos(turn)]])
        angle = np.linspace(0.0, 2 * np.pi, 18, endpoint=False)
        size = generator.uniform(10.0, 28.0) * (1.0 + 0.15 * np.sin(3 * angle + turn))
        ring = middle + np.stack((size * np.cos(angle), 0.7 * size * np.sin(angle)), axis=1)
        clear = (
            lines.away_m(middle)[0] > 45.0
            and slopes(country, ring, 20.0).max() < 0.08
            and (houses is None or houses.query(middle)[0][0] > 50.0)  # type: ignore[attr-defined]
            and not (len(taken) and (np.hypot(*(taken[:, :2] - middle).T) < taken[:, 2] + 40.0).any())
        )
        if clear:
            return [Decal(f"pond-{number}", "", "", "muddy_water", ring)]
    return []
