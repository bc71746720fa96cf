"""The digital range: faults found, a day's metadata, errors as stated. ATALAYA_BENCH_FULL=1 for all seeds."""

import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from atalaya.earth.rough_terrain import rough_ground
from atalaya.klv.packet import encode_st0601
from atalaya.plan.flight import LayeredWind, fly
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint
from atalaya.sensing.platforms import platform
from atalaya.sim.flight.errors import StatedSurface, errors_of
from atalaya.sim.flight.flight import Flight, flight_of
from atalaya.sim.flight.frames import frame_times_us
from atalaya.sim.flight.looks import looks_of
from atalaya.sim.record.klv_columns import stretch_of, write_klv
from atalaya.sim.record.metadata import SortieNames, metadata_columns
from bench.measure import Measure, best_of
from tests.range_accuracy import accuracy
from tests.range_faults import faulted, verdict
from tests.range_trials import START_US, budget_of, trial

ROOM = "range"
FULL = os.environ.get("ATALAYA_BENCH_FULL") == "1"
SEEDS = 420 if FULL else 210
SORTIES = 3000 if FULL else 1000


def measures() -> Iterator[Measure]:
    """Every measure of flights and records of the range."""
    yield from faults()
    yield from agreement()
    yield from day()
    yield per_packet()


def faults() -> Iterator[Measure]:
    """Each seed flies a clean clip and one with a fault in it."""
    found = false = 0
    missed: Counter[str] = Counter()
    for seed in range(SEEDS):
        false += bool(verdict(trial(seed).packets().data.tobytes()))
        fault, data = faulted(seed)
        hit = bool(verdict(data) & set(fault.codes))
        found += hit
        missed[fault.name] += not hit
    note = ", ".join(f"{name} {count}" for name, count in missed.items() if count)
    yield Measure(
        ROOM, "injected faults found", 100 * found / SEEDS, "%", 100.0, note=f"{SEEDS} seeds {note}"
    )
    yield Measure(
        ROOM,
        "clean clips something is found in",
        100 * false / SEEDS,
        "%",
        0.0,
        "less",
        note=f"{SEEDS} seeds",
    )


def agreement() -> Iterator[Measure]:
    """Located objects of many sorties against the errors stated."""
    for profile in ("turret-ins", "tactical-fixed-wing"):
        found = accuracy(SORTIES, 7, profile=profile)
        off = 100 * abs(found.ratio - 1.0)
        share = 100 * found.inside / found.looks
        note = f"{found.looks} sorties, median CE90 {found.median_ce90_m:.0f} m, {share:.1f} % in the region"
        yield Measure(ROOM, f"CE90 measured against stated, {profile}", off, "% off", 10.0, "less", note=note)


def sortie(hours: float) -> tuple[Flight, StatedSurface]:
    """Search lines to and fro over a square degree of mountains, one arc second."""
    plane = platform("mq9b")
    terrain = rough_ground(np.random.default_rng(9), west_deg=-107.0, north_deg=26.0).terrain()
    task = SensorTask("eo", "wide", 90.0, 45.0)
    points: list[Waypoint] = []
    length = 0.0
    while length < hours * 3600.0 * plane.loiter_ms:
        row = len(points) // 2
        lat = 25.15 + 0.012 * (row % 60)
        ends = (-106.85, -106.15) if row % 2 == 0 else (-106.15, -106.85)
        points.append(Waypoint(ends[0], lat, 7000.0, leg=LegKind.SEARCH, task=task))
        points.append(Waypoint(ends[1], lat, 7000.0, leg=LegKind.TURN))
        length += 70_500.0 + 4_500.0
    wind = LayeredWind((0.0, 9000.0), (3.0, 12.0), (250.0, 290.0))
    path = fly(points, plane, start_us=START_US, fuel=plane.tank.capacity, wind=wind)
    flight = flight_of(path, points, plane, wind=wind, terrain=terrain, seed=5)
    errors = errors_of(budget_of("mq9b"), flight, 5)
    return flight, StatedSurface(terrain, *errors.shared_terrain_m)


def day() -> Iterator[Measure]:
    """Track, looks and KLV of twenty hours at 30 Hz, rays to the ground and all."""
    flight, surface = sortie(20.0)
    errors = errors_of(budget_of("mq9b"), flight, 5)
    with tempfile.TemporaryDirectory() as folder:
        end = flight.start_us + 60_000_000
        write_klv(Path(folder, "warm.klv"), flight, surface, SortieNames(), errors=errors, end_us=end)
        looks_of(flight, surface.truth, end_us=end)
        start, used = time.perf_counter(), time.process_time()
        end = flight.start_us + 20 * 3_600_000_000
        written = write_klv(
            Path(folder, "day.klv"),
            flight,
            surface,
            SortieNames(),
            errors=errors,
            track_path=Path(folder, "day.parquet"),
            end_us=end,
        )
        looks = looks_of(flight, surface.truth, end_us=end)
        took, used = time.perf_counter() - start, time.process_time() - used
        rows = pq.read_metadata(Path(folder, "day.parquet")).num_rows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    note = f"{written.packets:,} packets, {rows:,} rows, {len(looks):,} looks; {used:.0f} s CPU"
    yield Measure(ROOM, "20 h: track, looks and KLV at 30 Hz", took, "s", 60.0, "less", note=note)
    yield Measure(
        ROOM, "largest memory so far", peak, "GB", 1.5, "less", note="terrain, the rest of the bench too"
    )


def per_packet() -> Measure:
    """Metadata worked out and encoded, arrays against packet by packet."""
    flight, surface = sortie(0.5)
    t_us = frame_times_us(flight)[:20_000]
    ours = best_of(3, lambda: stretch_of(flight, surface, SortieNames(), t_us)) / len(t_us)
    one = stretch_of(flight, surface, SortieNames(), t_us[:500])
    columns = metadata_columns(one.stated, one.seen, SortieNames())
    start = time.perf_counter()
    for row in range(500):
        encode_st0601({key: v[row].item() if isinstance(v, np.ndarray) else v for key, v in columns.items()})
    slow = (time.perf_counter() - start) / 500
    note = "the peer only encodes what was worked out"
    return Measure(
        ROOM, "packets flown, cast and encoded", 1 / ours, "/s", None, "more", "klv.packet", 1 / slow, note
    )
