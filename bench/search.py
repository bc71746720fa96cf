"""Search paths on thirty frozen maps: finds per flight hour against best box, greedy and bound.

Then replanning on 100,000 cells, and a campaign on two threads and on Dask workers. ATALAYA_SEARCH_MAPS takes
fewer of the thirty, ATALAYA_SEARCH_ITERATIONS another budget of ours, ATALAYA_SEARCH_DAYS more days of the
campaign (10 is the goal's).
"""

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from atalaya.plan.search import (
    SearchProblem,
    SearchSortie,
    best_box,
    density_greedy,
    expected_finds,
    flown_track,
    path_bound,
    plan_campaign,
    plan_paths,
)
from bench.measure import Measure

ROOM = "search"
Floats = NDArray[np.float64]

MAPS = int(os.environ.get("ATALAYA_SEARCH_MAPS", "30"))
ITERATIONS = int(os.environ.get("ATALAYA_SEARCH_ITERATIONS", "6000000"))
DAYS = int(os.environ.get("ATALAYA_SEARCH_DAYS", "1"))
REPLAN = 150_000
EXTENT_M = 100e3
AIRSPEED_MS = 370 / 3.6
BANK_DEG = 30.0
SWEEP_M = 2000.0
KINDS = ("blobs", "corridors", "speckle", "mixture")
HOURS = (2, 4, 8)


def blobs(rng: np.random.Generator, n: int) -> Floats:
    """Some round concentrations."""
    v, u = (np.mgrid[0:n, 0:n] + 0.5) * EXTENT_M / n
    rate = np.zeros((n, n))
    for _ in range(rng.integers(4, 9)):
        size = rng.uniform(3e3, 10e3)
        x, y = rng.uniform(0, EXTENT_M, 2)
        rate += rng.uniform(0.3, 1.0) * np.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * size**2))
    return rate


def corridors(rng: np.random.Generator, n: int) -> Floats:
    """Winding lines, as tracks and rivers are."""
    rate = np.zeros((n, n))
    for _ in range(6):
        place, bearing = rng.uniform(0, n, 2), rng.uniform(0, 2 * np.pi)
        for _ in range(6 * n):
            place = place + 0.25 * np.array([np.cos(bearing), np.sin(bearing)])
            bearing += rng.normal(0, 4 / n)
            if (place < 0).any() or (place >= n).any():
                break
            rate[int(place[1]), int(place[0])] += rng.uniform(0.2, 1.0)
    smooth = gaussian_filter(rate, 0.6 * n / 50)
    return np.asarray(smooth + 0.02 * smooth.mean(), dtype=np.float64)


def speckle(rng: np.random.Generator, n: int) -> Floats:
    """Single places of very different worth, nothing in common with their neighbours."""
    rate = rng.lognormal(0, 1.6, (50, 50))
    return np.asarray(np.kron(rate, np.ones((n // 50, n // 50))), dtype=np.float64)


def mixture(rng: np.random.Generator, n: int) -> Floats:
    """All three."""
    parts = [kind(rng, n) for kind in (blobs, corridors, speckle)]
    return np.asarray(
        sum(share * part / part.sum() for share, part in zip((0.4, 0.4, 0.2), parts, strict=True))
    )


def closed(rng: np.random.Generator, n: int, where: Floats) -> NDArray[np.bool_]:
    """Which cells may be flown: all but two or three discs, none at the base."""
    v, u = (np.mgrid[0:n, 0:n] + 0.5) * EXTENT_M / n
    may = np.ones((n, n), dtype=bool)
    for _ in range(rng.integers(2, 4)):
        size = rng.uniform(5e3, 12e3)
        x, y = rng.uniform(10e3, EXTENT_M - 10e3, 2)
        if np.hypot(x - where[0], EXTENT_M - y - where[1]) > size + 8e3:
            may &= np.hypot(u - x, v - y) > size
    return may


def problem(number: int) -> SearchProblem:
    """Map `number` of the suite."""
    rng = np.random.default_rng([2026, number])
    kind, hours = KINDS[number % 4], HOURS[(number // 4) % 3]
    n = 100 if number % 5 == 4 else 50
    rate = {"blobs": blobs, "corridors": corridors, "speckle": speckle, "mixture": mixture}[kind](rng, n)
    wind, toward = rng.uniform(0, 12), rng.uniform(0, 2 * np.pi)
    beyond = number % 3 == 2
    base = np.array([-8e3, rng.uniform(20e3, 80e3)]) if beyond else rng.uniform(10e3, 90e3, 2)
    flyable = closed(rng, n, base) if number % 2 else np.ones((n, n), dtype=bool)
    sortie = SearchSortie(
        start=(float(base[0]), float(base[1])),
        end=(float(base[0]), float(base[1])),
        airspeed_ms=AIRSPEED_MS,
        turn_radius_m=(AIRSPEED_MS + wind) ** 2 / (9.80665 * np.tan(np.radians(BANK_DEG))),
        endurance_s=3600.0 * hours,
        sweep_m=SWEEP_M,
        wind_ms=(wind * np.cos(toward), wind * np.sin(toward)),
        label=f"{kind} {hours} h",
    )
    return SearchProblem(
        rate=20 * rate / rate.sum(),
        hidden=np.full(rate.shape, 0.1),
        cell_m=EXTENT_M / n,
        sorties=(sortie,),
        north_m=EXTENT_M,
        flyable=flyable,
        outside=beyond,
    )


def replanning() -> Measure:
    """The rest of a flight over 316 x 316 cells, after a look that changed the rates."""
    n = 316
    rng = np.random.default_rng(7)
    rate = mixture_of(rng, n)
    base = (50e3, 50e3)
    sortie = SearchSortie(base, base, AIRSPEED_MS, 2000.0, 6 * 3600.0, SWEEP_M, (5.0, 3.0))
    first = SearchProblem(rate, np.zeros_like(rate), EXTENT_M / n, (sortie,), north_m=EXTENT_M)
    path = plan_paths(first, iterations=500_000).paths[0]
    at = len(path) // 3
    track = flown_track(sortie, path[: at + 1])
    rest = replace(sortie, start=tuple(path[at]), endurance_s=sortie.endurance_s - float(track.t_s[-1]))
    now = replace(first, rate=rate * rng.uniform(0.5, 1.5, rate.shape), sorties=(rest,))
    spent = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.thread_time()
        plan_paths(now, warm=[path[at:]], iterations=REPLAN)
        spent.append((time.perf_counter() - wall, time.thread_time() - cpu))
    note = f"{REPLAN:,} changes; {min(cpu for _, cpu in spent):.2f} s of the processor"
    return Measure(ROOM, f"replan warm on {n * n:,} cells", min(spent)[0], "s", 2.0, "less", note=note)


def mixture_of(rng: np.random.Generator, n: int) -> Floats:
    """Blobs and corridors on any number of cells."""
    parts = [kind(rng, n) for kind in (blobs, corridors)]
    return np.asarray(sum(part / part.sum() for part in parts))


def campaign() -> Iterator[Measure]:
    """Twenty platforms from four bases over 500 x 500 km, day by day."""
    n, bases = 250, ((120e3, 120e3), (380e3, 120e3), (120e3, 380e3), (380e3, 380e3))
    rng = np.random.default_rng(9)
    rate = np.kron(rng.gamma(0.5, 1.0, (25, 25)), np.ones((10, 10))) * rng.lognormal(0, 1.0, (n, n))
    sorties = tuple(
        SearchSortie(bases[k % 4], bases[k % 4], AIRSPEED_MS, 2200.0, 8 * 3600.0, SWEEP_M, (4.0, -3.0))
        for k in range(20 * DAYS)
    )
    case = SearchProblem(rate / rate.sum() * 200, np.full((n, n), 0.1), 2000.0, sorties, north_m=500e3)
    days = [tuple(range(20 * day, 20 * day + 20)) for day in range(DAYS)]
    start, worked = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(2) as executor:
        plan = plan_campaign(case, days=days, executor=executor)
    seconds = time.perf_counter() - start
    worked = time.process_time() - worked
    note = (
        f"{len(sorties)} sorties of 8 h, two threads, {worked:.0f} s of the processors, "
        f"{plan.finds:.1f} of 180 found; ten days in 600 s are the goal"
    )
    yield Measure(ROOM, f"campaign, 20 platforms x {DAYS} days", seconds, "s", 60.0 * DAYS, "less", note=note)
    yield spread(case, days, plan.paths)


def spread(case: SearchProblem, days: list[tuple[int, ...]], paths: tuple[Floats, ...]) -> Measure:
    """Sorties whose path differs when Dask workers plan the first day."""
    name = "campaign on Dask workers: paths that differ"
    if find_spec("distributed") is None:
        return Measure(ROOM, name, None, "", 0, "less", note="distributed is not installed")
    from distributed import Client, LocalCluster

    first = replace(case, sorties=case.sorties[:20])
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        plan = plan_campaign(first, days=days[:1], executor=client.get_executor())
    differ = sum(not np.array_equal(a, b) for a, b in zip(plan.paths, paths[:20], strict=True))
    return Measure(ROOM, name, differ, "of 20", 0, "less")


@dataclass(frozen=True)
class Row:
    label: str
    ours: float
    box: float
    greedy: float
    bound: float
    plain: float

    def __str__(self) -> str:
        gap = 100 * (1 - self.ours / self.bound)
        return (
            f"{self.label:16} ours {self.ours:6.3f}/h  box {self.box:6.3f} ({self.ours / self.box:.2f}x)  "
            f"greedy {self.greedy:6.3f} ({self.ours / self.greedy:.2f}x)  "
            f"bound {self.bound:6.3f}, gap {gap:4.1f} %  "
            f"(without paths {100 * (1 - self.ours / self.plain):4.1f} %)"
        )


def row(number: int) -> Row:
    """All planners on one map, scored by the one evaluator; finds per hour of endurance."""
    case = problem(number)
    hours = sum(s.endurance_s for s in case.sorties) / 3600
    finds = []
    for paths in (
        plan_paths(case, seed=number, iterations=ITERATIONS).paths,
        best_box(case),
        density_greedy(case),
    ):
        scored = expected_finds(case, paths)
        if not scored.flyable:
            raise AssertionError(f"map {number}: {scored.late} {scored.outside} {scored.sharp}")
        finds.append(scored.finds / hours)
    bound = path_bound(case)
    ours, box, greedy = finds
    return Row(case.sorties[0].label, ours, box, greedy, bound.finds / hours, bound.plain / hours)


def measures() -> Iterator[Measure]:
    """The suite."""
    rows = []
    for number in range(MAPS):
        rows.append(row(number))
        print(f"  map {number:2} {rows[-1]}", file=sys.stderr, flush=True)
    note = f"{len(rows)} maps, {ITERATIONS:,} changes each"
    ours = np.array([r.ours for r in rows])
    box, greedy, bound = (np.array([getattr(r, name) for r in rows]) for name in ("box", "greedy", "bound"))
    yield Measure(ROOM, "finds per hour / best box, mean", float(np.mean(ours / box)), "x", 1.4, note=note)
    yield Measure(
        ROOM, "finds per hour / density greedy, mean", float(np.mean(ours / greedy)), "x", 1.08, note=note
    )
    gaps = 100 * (1 - ours / bound)
    yield Measure(ROOM, "gap to the bound, mean", float(gaps.mean()), "%", 8.0, "less", note=note)
    yield Measure(ROOM, "gap to the bound, worst", float(gaps.max()), "%", None, "less", note=note)
    yield replanning()
    yield from campaign()
