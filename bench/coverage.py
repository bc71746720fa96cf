"""Coverage of random polygons with 0 to 20 holes: cost against the best single direction and the lower bound.

ATALAYA_BENCH_POLYGONS names a folder of other polygons (GeoJSON, or JSON lists of rings, the first the
border; metres) for the same table; ATALAYA_BENCH_SWATH_M the swath for them (else 1/20 of their width).
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import Polygon, shape
from shapely.geometry.base import BaseGeometry

from atalaya.plan.coverage import Cost, Length, Ramped, best_single_direction, cover
from bench.measure import Measure
from tests.random_areas import random_area

ROOM = "plan"
POLYGONS, MOST_HOLES = 60, 20
SWATHS_M = (30.0, 45.0, 70.0)
PEER = "single-direction sweep, nearest line next, own"
NO_PEER = "no permissive coverage planner on PyPI installs (fields2cover is source only and does not build)"
COSTS: dict[str, Cost] = {"length": Length(), "rest-to-rest time": Ramped(3.0, 1.0)}


@dataclass(frozen=True)
class Result:
    """One polygon: thread seconds, costs, length over the bound, share, how many legs leave the area."""

    seconds: float
    cost: float
    plain: float
    over_bound: float
    share: float
    crossings: int


def planned(area: BaseGeometry, swath_m: float, cost: Cost) -> Result:
    """One polygon by both planners, checked with predicates of its own."""
    start = time.thread_time()
    path = cover(area, swath_m=swath_m, cost=cost)
    seconds = time.thread_time() - start
    plain = best_single_direction(area, swath_m=swath_m, cost=cost)
    legs = shapely.linestrings(np.stack([path.points[:-1], path.points[1:]], axis=1))
    bands = shapely.union_all(shapely.buffer(legs[path.sweep], swath_m / 2, cap_style="flat"))
    share = shapely.intersection(area, bands).area / area.area
    crossings = int((~shapely.covers(area, legs)).sum())
    bound = max((share * area.area - np.pi * swath_m**2 / 4) / swath_m, swath_m)
    return Result(seconds, path.cost, plain.cost, path.length_m / bound, share, crossings)


def measures() -> Iterator[Measure]:
    """Every measure of coverage."""
    cover(random_area(999, 3), swath_m=60)
    for name, cost in COSTS.items():
        cases = [(random_area(k, k % (MOST_HOLES + 1)), SWATHS_M[k % 3]) for k in range(POLYGONS)]
        yield from table(f"{POLYGONS} random polygons, {name}", [planned(a, s, cost) for a, s in cases])
    folder = os.environ.get("ATALAYA_BENCH_POLYGONS")
    if folder:
        areas = list(polygons(Path(folder)))
        for name, cost in COSTS.items():
            yield from table(
                f"{len(areas)} polygons given, {name}", [planned(a, swath_of(a), cost) for a in areas]
            )


def table(title: str, results: list[Result]) -> Iterator[Measure]:
    """The figures of a set of polygons."""
    ratio = np.array([r.cost / r.plain for r in results])
    yield Measure(
        ROOM, f"{title}: cost / best direction, mean", float(ratio.mean()), "", 1.0, "less", note=NO_PEER
    )
    yield Measure(ROOM, f"{title}: cost / best direction, worst", float(ratio.max()), "", 1.0, "less")
    total, plain = sum(r.cost for r in results), sum(r.plain for r in results)
    yield Measure(ROOM, f"{title}: cost in all", total, "m or s", None, "less", PEER, plain)
    bound = [r.over_bound for r in results]
    yield Measure(ROOM, f"{title}: length / lower bound, mean", float(np.mean(bound)), "", None, "less")
    yield Measure(ROOM, f"{title}: share covered, least", 100 * min(r.share for r in results), "%", 99.9)
    yield Measure(ROOM, f"{title}: legs outside", sum(r.crossings for r in results), "", 0, "less")
    yield Measure(
        ROOM, f"{title}: CPU time, mean", float(np.mean([r.seconds for r in results])), "s", 1.0, "less"
    )
    yield Measure(ROOM, f"{title}: CPU time, worst", max(r.seconds for r in results), "s", 1.0, "less")


def swath_of(area: BaseGeometry) -> float:
    """The swath asked for, or a twentieth of the narrower side of the box."""
    west, south, east, north = area.bounds
    return float(os.environ.get("ATALAYA_BENCH_SWATH_M", min(east - west, north - south) / 20))


def polygons(folder: Path) -> Iterator[BaseGeometry]:
    """Polygons of every .json and .geojson file."""
    for file in sorted([*folder.rglob("*.json"), *folder.rglob("*.geojson")]):
        content = json.loads(file.read_text())
        if isinstance(content, list):
            yield Polygon(content[0], content[1:])
            continue
        for feature in content.get("features", [content]):
            yield shape(feature.get("geometry", feature))
