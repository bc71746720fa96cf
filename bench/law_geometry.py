"""Boundary layers: containment against GEOS, depth against pyproj.Geod, crossings, certainty under bounds."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary import Layer, LayerIndex, layer_index, open_layer
from atalaya.law.boundary.comparison import beside
from atalaya.law.boundary.facing import Boundary, facing, straight_m
from bench.measure import Measure, best_of

ROOM = "law"
Floats = NDArray[np.float64]

POINTS = 2_000_000
PEER_POINTS = 200_000
OFFSETS_M = (500.0, 1000.0, 2000.0, 3000.0)


def measures() -> Iterator[Measure]:
    """Every measure of layer geometry."""
    yield from building()
    yield from containment()
    yield from tracks()
    yield from depths()
    yield from certainty()


@cache
def layer(name: str) -> Layer:
    """A packaged layer."""
    return open_layer(name)


def orbit() -> tuple[Floats, Floats]:
    """Twelve hours of circles over the line at 1 Hz (law.md section 4)."""
    time = np.arange(43_200.0)
    x = -20_000 + 0.3 * time + 5_000 * np.cos(60 / 5_000 * time)
    lon = -110.94 + x / (111_320 * np.cos(np.radians(31.33)))
    return lon, 31.3327 + 5_000 * np.sin(60 / 5_000 * time) / 110_900


def building() -> Iterator[Measure]:
    """What it takes to make a layer ready."""
    for name in ("world", "north-america"):
        found = layer(name)
        seconds = best_of(3, lambda found=found: LayerIndex(found))  # type: ignore[misc]
        vertices = int(shapely.get_num_coordinates(found.polygons).sum())
        yield Measure(ROOM, f"index of {name}", seconds, "s", 3.1, "less", note=f"{vertices:,} vertices")


def containment() -> Iterator[Measure]:
    """Whose area: random points of the whole world, and GEOS on the same ones."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-180, 180, POINTS), rng.uniform(-60, 80, POINTS)
    found, index = layer("world"), layer_index(layer("world"))
    area = index.area_at(lon, lat)
    seconds = best_of(5, lambda: index.area_at(lon, lat))
    few = slice(PEER_POINTS)
    shapely.prepare(found.polygons)
    wanted = geos(found, lon, lat)
    theirs_s = best_of(2, lambda: geos(found, lon[few], lat[few]))
    yield Measure(
        ROOM,
        "containment, world, random points",
        POINTS / seconds,
        "points/s",
        20e6,
        peer="shapely box + contains_xy by country",
        peer_value=PEER_POINTS / theirs_s,
    )
    trees_s = best_of(2, lambda: strtree(found, lon[few], lat[few]))
    yield Measure(
        ROOM,
        "containment, world, random points",
        POINTS / seconds,
        "points/s",
        20e6,
        peer="shapely STRtree(points).query(polygons)",
        peer_value=PEER_POINTS / trees_s,
    )
    wrong = int((area != wanted).sum())
    yield Measure(ROOM, f"answers unlike GEOS among {POINTS:,}", wrong, "points", 0, "less")


def geos(found: Layer, lon: Floats, lat: Floats) -> NDArray[np.int32]:
    """Area numbers by prepared contains_xy within each country's box."""
    area = np.full(len(lon), -1, np.int32)
    for number in range(len(found.areas) - 1, -1, -1):
        west, south, east, north = found.polygons[number].bounds
        near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        area[near[shapely.contains_xy(found.polygons[number], lon[near], lat[near])]] = number
    return area


def strtree(found: Layer, lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """The fast direction of STRtree: points in the tree, polygons asked."""
    pairs: NDArray[np.int64] = shapely.STRtree(shapely.points(lon, lat)).query(
        found.polygons, predicate="contains"
    )
    return pairs


def tracks() -> Iterator[Measure]:
    """What an account asks of every fix, on the orbit over the line."""
    lon, lat = orbit()
    for name in ("world", "north-america"):
        index, area = layer_index(layer(name)), layer(name).area("MEX")
        index.depth_bounds_m(area, lon, lat)

        def ask(index: LayerIndex = index) -> None:
            index.area_at(lon, lat)
            index.touched(lon, lat)

        per_fix = 1e9 * best_of(9, ask) / len(lon)
        note = f"{100 * index.touched(lon, lat).mean():.1f} % of segments to look at closer"
        yield Measure(ROOM, f"area and touched, {name}, orbit", per_fix, "ns/fix", 50, "less", note=note)
        bounds_s = best_of(9, lambda index=index, area=area: index.depth_bounds_m(area, lon, lat))  # type: ignore[misc]
        yield Measure(ROOM, f"bounds of depth, {name}, orbit", 1e9 * bounds_s / len(lon), "ns/fix")
        near = np.flatnonzero(index.touched(lon, lat))
        ends = (lon[near], lat[near], lon[near + 1], lat[near + 1])
        seconds = best_of(5, lambda i=index, a=area, e=ends: i.crossings(a, *e))  # type: ignore[misc]
        count = len(index.crossings(area, *ends).segment)
        per_second = len(near) / seconds
        yield Measure(
            ROOM, f"crossings, {name}, touched", per_second, "segments/s", note=f"{count} crossings"
        )


def depths() -> Iterator[Measure]:
    """Exact depth: how fast, and how far from the shortest of pyproj's geodesics to a fine row of places."""
    from pyproj import Geod

    found, (lon, lat) = layer("north-america"), orbit()
    index, area = layer_index(found), found.area("MEX")
    index.depth_m(area, lon, lat)
    seconds = best_of(3, lambda: index.depth_m(area, lon, lat))
    yield Measure(ROOM, "exact depth, north-america, orbit", len(lon) / seconds, "points/s", 133e3)
    geod, worst = Geod(ellps="WGS84"), 0.0
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-120, -85, 200), rng.uniform(12, 34, 200)
    places = shapely.get_coordinates(shapely.segmentize(shapely.boundary(found.polygons[area]), 2e-4))
    for one, other, depth in zip(x, y, index.depth_m(area, x, y), strict=True):
        near = places[
            np.argsort(np.hypot((places[:, 0] - one) * np.cos(np.radians(other)), places[:, 1] - other))
        ]
        near = near[:20_000]
        many = np.ones(len(near))
        wanted = float(np.min(geod.inv(one * many, other * many, *near.T)[2]))
        # vertices are among the places, and one every 22 m: the nearest may lie 11 m along from the foot
        worst = max(worst, abs(depth) - wanted, wanted - float(np.hypot(depth, 11.1)))
    yield Measure(ROOM, "exact depth, worst of 200 against Geod", worst, "m", 0.05, "less")


def certainty() -> Iterator[Measure]:
    """Places outside the precise line that a coarse layer would call certain inside (goal 0)."""
    precise, coarse = layer("north-america"), layer("world")
    mexico = Boundary.of(precise.polygons[precise.area("MEX")])
    usa = Boundary.of(precise.polygons[precise.area("USA")])
    line = facing(mexico, usa, box=(-117.12, 25.8, -97.15, 32.8)).shared.places(500.0)
    index, area = layer_index(coarse), coarse.area("MEX")
    for offset in OFFSETS_M:
        track = beside(line, precise.polygons[precise.area("MEX")], offset)
        track = track[straight_m(track, mexico.tree) >= 0.98 * offset]
        depth, bound = index.depth_m(area, *track.T), index.bound_m(area, *track.T)
        naive, unsure = 100 * (depth > 0).mean(), 100 * (np.abs(depth) <= bound).mean()
        note = f"{naive:.2f} % inside by the line alone; {unsure:.1f} % indeterminate; {len(track):,} places"
        wrong = 100 * float((depth > bound).mean())
        yield Measure(
            ROOM, f"{offset:.0f} m outside, certain inside, world", wrong, "%", 0, "less", note=note
        )
