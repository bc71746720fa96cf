"""Flying and checking: reference times, a sortie of 300 waypoints, legs checked, ways among 200 volumes."""

import os
import sys
import time
from collections.abc import Iterator

import numpy as np

from atalaya.plan.airspace import (
    Infeasible,
    RoutedSortie,
    Volume,
    VolumeKind,
    check_path,
    free_space,
    route_sortie,
)
from atalaya.plan.flight import ConstantWind, fly, leg_times_s
from atalaya.plan.flight.wind import vector_from
from atalaya.plan.plane import TangentPlane
from atalaya.plan.waypoint import LegKind, Waypoint
from bench.measure import Measure, best_of
from tests.plan_cases import START_US, Case, case, hills, platform, star
from tests.plan_oracle import faults

ROOM = "flight"
PLANE = TangentPlane(-104.0, 24.0)
NORTH_EAST_M = (
    (0, 0),
    (300, 0),
    (1000, 500),
    (3000, 500),
    (3000, 900),
    (1000, 900),
    (1000, 1300),
    (3000, 1300),
)
NOTE_S = {0.0: 438.3, 90.0: 392.0, 180.0: 336.5, 270.0: 347.9}
FLOWN_S = {0.0: 438.0, 90.0: 394.0}
CASES = int(os.environ.get("ATALAYA_SORTIE_CASES", 60))


def measures() -> Iterator[Measure]:
    """Every measure of flights and airspace."""
    yield from reference_times()
    yield from long_sortie()
    yield from among_many()
    yield from random_sorties()


def reference_times() -> Iterator[Measure]:
    """The note's wind-triangle times, and what was flown, against ours."""
    plane = TangentPlane(149.165, -35.363)
    lon, lat = plane.to_lonlat(np.array(NORTH_EAST_M, np.float64)[:, ::-1])
    worst = max(
        abs(float(leg_times_s(lon, lat, 23.14, vector_from(8.0, origin)).sum()) - wanted)
        for origin, wanted in NOTE_S.items()
    )
    yield Measure(
        ROOM, "wind triangle, worst of four winds", worst, "s", 1.0, "less", note="reference flight, 8 m/s"
    )
    points = [Waypoint(float(x), float(y), 700.0) for x, y in zip(lon, lat, strict=True)]

    def flown_s(airspeed_ms: float, wind: ConstantWind) -> float:
        flier = platform(loiter_ms=airspeed_ms, cruise_ms=airspeed_ms, bank_deg=45.0)
        return fly(points, flier, start_us=0, fuel=1000.0, wind=wind).duration_s

    fitted = 23.14
    for _ in range(5):
        fitted *= flown_s(fitted, ConstantWind()) / 344.0
    off = max(
        abs(flown_s(fitted, ConstantWind(8.0, origin)) / wanted - 1.0) for origin, wanted in FLOWN_S.items()
    )
    note = "turns flown, airspeed fitted on the calm flight"
    yield Measure(ROOM, "flown times, 8 m/s from N and E", 100 * off, "%", 3.0, "less", note=note)


def strips(count: int) -> list[Waypoint]:
    """A field of parallel search legs, 20 km long, 300 m apart."""
    points = []
    for k in range(count):
        ends = ((0.0, 1.0), (1.0, 0.0))[k % 2]
        lon, lat = PLANE.to_lonlat(np.array([(20_000.0 * end, 300.0 * k) for end in ends]))
        points.append(Waypoint(float(lon[0]), float(lat[0]), 4000.0, leg=LegKind.SEARCH))
        points.append(Waypoint(float(lon[1]), float(lat[1]), 4000.0, leg=LegKind.TURN))
    return points


def volumes_about(count: int, corners: int) -> list[Volume]:
    """Concave volumes of 4 to 16 km over 400 x 400 km."""
    rng = np.random.default_rng(1)
    return [
        star(
            rng, PLANE, rng.uniform(4e3, 16e3), rng.uniform(-2e5, 2e5, 2), corners, name=str(k),
            kind=VolumeKind.KEEP_OUT, buffer_m=500.0,
        )
        for k in range(count)
    ]  # fmt: skip


def long_sortie() -> Iterator[Measure]:
    """300 waypoints flown in wind, then held against 200 volumes and the ground."""
    points, wind, flier = strips(150), ConstantWind(12.0, 40.0), platform()
    path = fly(points, flier, start_us=START_US, fuel=1800.0, wind=wind)
    seconds = best_of(5, lambda: fly(points, flier, start_us=START_US, fuel=1800.0, wind=wind))
    note = f"{len(points)} waypoints, Dubins turns in wind, {len(path.t_us)} rows"
    yield Measure(ROOM, "flying 300 waypoints", 1e3 * seconds, "ms", 20.0, "less", note=note)
    ground = hills(np.random.default_rng(1), PLANE, 4.0)
    met = {one.subject for one in check_path(path, volumes_about(200, 100), ground, flier)}
    volumes = [volume for volume in volumes_about(200, 100) if volume.name not in met]
    seconds = best_of(3, lambda: check_path(path, volumes, ground, flier))
    note = f"{len(volumes)} volumes of 100 vertices that stay clear, ground under every cell"
    yield Measure(ROOM, "legs checked", (len(points) - 1) / seconds, "legs/s", 1000.0, note=note)


def among_many() -> Iterator[Measure]:
    """Shortest ways among 200 volumes of 100 vertices."""
    volumes = volumes_about(200, 100)
    space = free_space(PLANE, volumes, 50.0)
    rng = np.random.default_rng(2)
    ends = rng.uniform(-2.2e5, 2.2e5, (30, 2, 2))
    space.way(*ends[0])
    build = best_of(2, lambda: free_space(PLANE, volumes, 50.0).way(ends[0, 0], ends[0, 0] + 1.0))
    yield Measure(ROOM, "visibility: 200 volumes made ready", build, "s", 1.0, "less")
    each = [best_of(1, lambda one=one: space.way(*one)) for one in ends[1:]]  # type: ignore[misc]
    yield Measure(ROOM, "visibility: one way, mean", float(np.mean(each)), "s", 0.2, "less")
    yield Measure(ROOM, "visibility: one way, worst of 29", max(each), "s", note="then kept")


def routed(one: Case) -> RoutedSortie | Infeasible:
    """The sortie of a random case."""
    return route_sortie(
        one.legs, one.base, one.base, one.platform, one.volumes, one.terrain, one.wind, one.start_us,
        one.fuel,
        one.clearance_m, explain=False,
    )  # fmt: skip


def faulty(seeds: range) -> tuple[int, int, list[float]]:
    """How many sorties of random cases do what they must not, how many there are, seconds of each case."""
    wrong, flown, took = 0, 0, []
    for seed in seeds:
        one = case(seed)
        start = time.perf_counter()
        found = routed(one)
        took.append(time.perf_counter() - start)
        if isinstance(found, RoutedSortie):
            flown += 1
            said = list(faults(found.path, one.volumes, one.terrain, one.platform, one.clearance_m))
            wrong += bool(said)
            if said:
                print(f"seed {seed}: {said}", file=sys.stderr)
    return wrong, flown, took


def random_sorties() -> Iterator[Measure]:
    """Random work routed; every sortie held against an independent sample every 5 m."""
    wrong, flown, took = faulty(range(CASES))
    note = f"{flown} sorties, oracle every 5 m"
    yield Measure(ROOM, f"faults in {CASES} random cases", wrong, "sorties", 0, "less", note=note)
    yield Measure(ROOM, "routing one random sortie, mean", float(np.mean(took)), "s", 1.0, "less")
