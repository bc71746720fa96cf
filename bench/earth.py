"""Terrain: rays per second against a plain step march, hits against half-metre steps, viewshed cells."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import Terrain, direction, geodetic_to_ecef, ned_basis, rough_ground, viewshed_from
from bench.measure import Measure, best_of, interleaved
from tests.terrain_oracle import PLAIN_STEP_M, LonLatPosts, gap_m, oracle_range_m, plain_range_m

ROOM = "earth"
Floats = NDArray[np.float64]

POSTS = 3601
DEPRESSION_DEG = 30.0
RAYS, PLAIN_RAYS, ORACLE_RAYS = 50_000, 400, 3_000
CLOSE_M = 0.1
VIEW_M = 20_000.0


@cache
def ground() -> tuple[Terrain, LonLatPosts]:
    """One degree of rough ground at one second, as terrain and for the oracle."""
    made = rough_ground(np.random.default_rng(1), posts=POSTS)
    return made.terrain(), LonLatPosts(made.heights_m, made.west_deg, made.north_deg, made.step_deg)


def looks(count: int, above_m: float, lowest_deg: float, highest_deg: float) -> tuple[Floats, Floats]:
    """Random looks in all directions from one height over the middle of the ground."""
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(-106.75, -106.25, count), rng.uniform(25.25, 25.75, count)
    origin = geodetic_to_ecef(lon, lat, ground()[0].height_hae_m(lon, lat) + above_m)
    down = direction(rng.uniform(0, 360, count), -rng.uniform(lowest_deg, highest_deg, count))
    return origin, np.einsum("nij,nj->ni", ned_basis(lon, lat), down)


def measures() -> Iterator[Measure]:
    """Every measure of terrain, rays and viewshed."""
    yield opening()
    for above_m, slant, goal in ((400.0, "0.9", None), (3000.0, "5.3", None), (6000.0, "12.1", 200e3)):
        yield speed(above_m, slant, goal)
    yield one_place()
    yield from accuracy()
    yield from viewsheds()


def opening() -> Measure:
    """What it takes to make ground and pyramid ready."""
    terrain, posts = ground()
    where = (posts.west_deg, posts.step_deg, 0.0, posts.north_deg, 0.0, -posts.step_deg)
    seconds = best_of(
        2, lambda: Terrain.from_posts(posts.heights_m, 4326, where, vertical_datum="hae", kind="dtm")
    )
    return Measure(ROOM, f"pyramid of {POSTS} x {POSTS} posts", seconds, "s", note=terrain.source)


def speed(above_m: float, slant: str, goal: float | None) -> Measure:
    """First hits per second on one core, random looks, against ten-metre steps with bisection."""
    terrain, posts = ground()
    origin, toward = looks(RAYS, above_m, DEPRESSION_DEG, DEPRESSION_DEG)
    few = origin[:PLAIN_RAYS], toward[:PLAIN_RAYS]
    terrain.hits(origin, toward)
    plain_range_m(*few, posts)
    ours_s, theirs_s = interleaved(
        4, lambda: terrain.hits(origin, toward), lambda: plain_range_m(*few, posts)
    )
    return Measure(
        ROOM,
        f"rays, {slant} km slant, one core",
        RAYS / ours_s,
        "rays/s",
        goal,
        peer=f"{PLAIN_STEP_M:.0f} m steps",
        peer_value=PLAIN_RAYS / theirs_s,
        note=f"{POSTS} x {POSTS} rough posts, {DEPRESSION_DEG:.0f} degrees down, places at random",
    )


def one_place() -> Measure:
    """Rays of one look with its attitude error, as Monte Carlo asks for them: 400 to a point."""
    terrain, _ = ground()
    origin, toward = looks(100, 6000.0, DEPRESSION_DEG, DEPRESSION_DEG)
    rng = np.random.default_rng(2)
    clouds = toward[:, None, :] + 2e-3 * rng.standard_normal((100, 400, 3))

    def cast() -> None:
        for place, cloud in zip(origin, clouds, strict=True):
            terrain.hits(place, cloud)

    cast()
    return Measure(ROOM, "rays, 400 about one look", 40_000 / best_of(3, cast), "rays/s", 200e3)


def accuracy() -> Iterator[Measure]:
    """Hits compared with the first of half-metre steps, ordinary and grazing looks."""
    cases = (
        (400.0, 30.0, 30.0),
        (3000.0, 30.0, 30.0),
        (6000.0, 30.0, 30.0),
        (400.0, 1.0, 8.0),
        (100.0, -2.0, 5.0),
    )
    close = total = skipped = nearer = 0
    worst, deepest = 0.0, 0.0
    terrain, posts = ground()
    for above_m, lowest, highest in cases:
        origin, toward = looks(ORACLE_RAYS, above_m, lowest, highest)
        wanted = oracle_range_m(origin, toward, posts, farthest_m=200_000.0)
        hits = terrain.hits(origin, toward)
        ours = np.where(hits.found, hits.range_m, np.inf)
        theirs = np.where(np.isfinite(wanted), wanted, np.inf)
        either = np.isfinite(ours) | np.isfinite(theirs)
        apart = np.where(either, ours, 0.0) - np.where(either, theirs, 0.0)
        total += int(either.sum())
        close += int((either & (np.abs(apart) <= CLOSE_M)).sum())
        skipped += int((apart > CLOSE_M).sum())
        early = np.flatnonzero(apart < -CLOSE_M)
        nearer += len(early)
        if len(early):
            reached = origin[early] + ours[early, None] * toward[early]
            deepest = max(deepest, float(np.abs(gap_m(reached, posts)).max()))
        worst = max(worst, float(np.abs(apart[np.abs(apart) <= CLOSE_M]).max()))
    note = (
        f"{total} rays that meet ground, 30 degrees down from 400, 3000 and 6000 m, and grazing from 100 and "
        f"400 m; {nearer} meet a ridge the steps stepped over, on it to {deepest:.1g} m; the others agree "
        f"to {worst:.2g} m"
    )
    yield Measure(ROOM, f"hits within {CLOSE_M} m of 0.5 m steps", 100 * close / total, "%", 99.9, note=note)
    yield Measure(ROOM, "nearer ridges skipped", skipped, f"of {total}", 0, "less")


def viewsheds() -> Iterator[Measure]:
    """Cells cast upward to an observer over the middle."""
    terrain, _ = ground()
    lon, lat = -106.5, 25.5
    base = float(terrain.height_hae_m(lon, lat))
    for above_m in (400.0, 3000.0, 6000.0):
        high = base + above_m
        view = viewshed_from(terrain, lon, lat, high, within_m=VIEW_M)
        seconds = best_of(3, lambda high=high: viewshed_from(terrain, lon, lat, high, within_m=VIEW_M))  # type: ignore[misc]
        yield Measure(
            ROOM,
            f"viewshed from {above_m:.0f} m over ground",
            view.sight.size / seconds,
            "cells/s",
            1e6,
            note=f"{view.sight.shape[0]} x {view.sight.shape[1]} cells, {100 * view.share_seen:.0f} % seen",
        )
