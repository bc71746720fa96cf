"""Search paths on thirty frozen maps: finds per flight hour against the best box and the greedy, and the bound.

ATALAYA_SEARCH_MAPS takes fewer of the thirty, ATALAYA_SEARCH_ITERATIONS another budget of ours.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from atalaya.plan.search import SearchProblem, SearchSortie, best_box, density_greedy, expected_finds, plan_paths
from atalaya.plan.search.bound import path_bound
from bench.measure import Measure

ROOM = "search"
Floats = NDArray[np.float64]

MAPS = int(os.environ.get("ATALAYA_SEARCH_MAPS", "30"))
ITERATIONS = int(os.environ.get("ATALAYA_SEARCH_ITERATIONS", "2000000"))
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
    return np.asarray(smooth + 0.02 * smooth.mean())


def speckle(rng: np.random.Generator, n: int) -> Floats:
    """Single places of very different worth, nothing in common with their neighbours."""
    rate = rng.lognormal(0, 1.6, (50, 50))
    return np.kron(rate, np.ones((n // 50, n // 50)))


def mixture(rng: np.random.Generator, n: int) -> Floats:
    """All three."""
    parts = [kind(rng, n) for kind in (blobs, corridors, speckle)]
    return np.asarray(sum(share * part / part.sum() for share, part in zip((0.4, 0.4, 0.2), parts, strict=True)))


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
            f"greedy {self.greedy:6.3f} ({self.ours / self.greedy:.2f}x)  bound {self.bound:6.3f}, gap {gap:4.1f} %  "
            f"(without paths {100 * (1 - self.ours / self.plain):4.1f} %)"
        )


def row(number: int) -> Row:
    """All planners on one map, scored by the one evaluator; finds per hour of endurance."""
    case = problem(number)
    hours = sum(s.endurance_s for s in case.sorties) / 3600
    finds = []
    for paths in (plan_paths(case, seed=number, iterations=ITERATIONS).paths, best_box(case), density_greedy(case)):
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
    note = f"{len(rows)} maps, {ITERATIONS} changes each"
    ours = np.array([r.ours for r in rows])
    box, greedy, bound = (np.array([getattr(r, name) for r in rows]) for name in ("box", "greedy", "bound"))
    yield Measure(ROOM, "finds per hour / best box, mean", float(np.mean(ours / box)), "x", 1.4, note=note)
    yield Measure(ROOM, "finds per hour / density greedy, mean", float(np.mean(ours / greedy)), "x", 1.08, note=note)
    gaps = 100 * (1 - ours / bound)
    yield Measure(ROOM, "gap to the bound, mean", float(gaps.mean()), "%", 8.0, "less", note=note)
    yield Measure(ROOM, "gap to the bound, worst", float(gaps.max()), "%", None, "less", note=note)
