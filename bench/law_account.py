"""Accounts of tracks: crossings and totals against closed forms, thinned flights, coarse layers, speed."""

import json
import math
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.track import Track, track_of
from atalaya.law.account import AccountOptions, Standing, account
from atalaya.law.boundary import LayerIndex, layer_index, open_layer
from bench.measure import Measure, best_of
from bench.shared import shared
from tests.golden.test_law_account_lawful import along_the_line
from tests.law_layers import dcw, natural_earth, osm_land
from tests.law_thinning import study
from tests.law_tracks import START_US, straddling_orbit

ROOM = "account"
ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
MEXICO = AccountOptions(states=("MEX",))
FLEET_FIXES = 526_000_000
SORTIE_FIXES = 72_000
"""20 hours at 1 Hz; 20 aircraft fly 7,300 such sorties a year."""

FLEET_SHARE = 1.0 if os.environ.get("BENCH_FULL") else 0.05
MOVING_S = 7200

Floats = NDArray[np.float64]


def measures() -> Iterator[Measure]:
    """Every measure of the account."""
    if shared("airspace/dcw-gmt/dcw_americas.parquet") is None:
        yield Measure(
            ROOM, "accuracy and speed by three layers", None, "", note="shared airspace data absent"
        )
        return
    yield from orbit()
    yield from thinning()
    yield from lawful()
    yield from speed()
    yield fleet_year()


def layers() -> list[LayerIndex]:
    """OpenStreetMap, DCW and Natural Earth, the land of Mexico."""
    return [osm_land(), dcw(), natural_earth("MEX")]


def orbit() -> Iterator[Measure]:
    """The straddling orbit: crossings to the second, totals, and what the peers make of the same bytes."""
    track = straddling_orbit()
    index = natural_earth("MEX")
    (found,) = account(track, [index], MEXICO).states
    truth = true_crossings(index)
    times = (found.crossings.t_us - START_US) / 1e6
    same = len(times) == len(truth)
    worst = float(np.abs(times - truth).max()) if same else None
    yield Measure(ROOM, "orbit: crossings found", float(len(times)), "", 166.0, note=f"truth {len(truth)}")
    yield Measure(ROOM, "orbit: worst crossing", worst, "s", 1.0, "less")
    whole = true_seconds(index, truth)
    off = 100.0 * abs(found.seconds.estimate - whole) / whole
    peer = peers()
    note = "" if peer else "peers absent: make peers"
    if not peer:
        yield Measure(ROOM, "orbit: total inside off by", off, "%", 0.1, "less", note=note)
        return
    for key, name in (
        ("traffic_clip_s", "traffic {traffic} clip"),
        ("traffic_iterate_s", "traffic {traffic} clip_iterate"),
    ):
        theirs = 100.0 * abs(peer[key] - whole) / whole
        yield Measure(
            ROOM,
            "orbit: total inside off by",
            off,
            "%",
            0.1,
            "less",
            peer=name.format(**peer),
            peer_value=theirs,
        )
    first = truth[truth < MOVING_S]
    part = true_seconds(index, first, MOVING_S)
    yield Measure(
        ROOM, "orbit: inside in the first two hours", account_part_s(index), "s",
        peer=f"movingpandas {peer['movingpandas']} clip", peer_value=peer["moving_s"],
        note=f"truth {part:.1f} s",
    )  # fmt: skip
    ours = best_of(5, lambda: account(track, [index], MEXICO))
    for name, fixes, taken in (
        (f"traffic {peer['traffic']} clip", peer["fixes"], peer["traffic_clip_taken_s"]),
        (f"movingpandas {peer['movingpandas']} clip", peer["moving_fixes"], peer["moving_taken_s"]),
    ):
        yield Measure(
            ROOM,
            "orbit: fixes a second, one layer",
            len(track) / ours,
            "fixes/s",
            peer=name,
            peer_value=fixes / taken,
        )


def account_part_s(index: LayerIndex) -> float:
    """Our seconds of the first two hours."""
    (found,) = account(straddling_orbit(MOVING_S), [index], MEXICO).states
    return found.seconds.estimate


def place(t: Floats) -> tuple[Floats, Floats]:
    """The orbit at any time, not only at whole seconds."""
    omega = 60 / 5000
    x = -20000 + 0.3 * t + 5000 * np.cos(omega * t)
    return -110.94 + x / (111320 * np.cos(np.radians(31.33))), 31.3327 + 5000 * np.sin(omega * t) / 110900


def true_crossings(index: LayerIndex) -> Floats:
    """Times at which the continuous orbit crosses the line, by bisection on containment alone."""
    area = index.areas.index("MEX")
    t = np.arange(0.0, 43_199.0 + 0.05, 0.1)
    inside = index.contains(area, *place(t))
    change = np.flatnonzero(inside[1:] != inside[:-1])
    low, high = t[change], t[change + 1]
    for _ in range(30):
        middle = (low + high) / 2
        like_low = index.contains(area, *place(middle)) == inside[change]
        low, high = np.where(like_low, middle, low), np.where(like_low, high, middle)
    return low


def true_seconds(index: LayerIndex, crossings: Floats, until: float = 43_199.0) -> float:
    """Seconds inside between crossings."""
    start = bool(index.contains(index.areas.index("MEX"), *place(np.zeros(1)))[0])
    edges = np.concatenate(([0.0], crossings, [until]))
    lengths = np.diff(edges)
    return float(lengths[0 if start else 1 :: 2].sum())


@cache
def peers() -> dict[str, Any] | None:
    """What the peers make of the orbit and Natural Earth's Mexico; None where `make peers` has not been
    run."""
    if not PEER_PYTHON.exists():
        return None
    import pyarrow.parquet

    path = shared("airspace/natural-earth-10m/ne_10m_admin_0_countries.parquet")
    table = pyarrow.parquet.read_table(path, columns=["ADM0_A3", "geometry"])
    polygon = table.column("geometry").to_pylist()[table.column("ADM0_A3").to_pylist().index("MEX")]
    track = straddling_orbit()
    with tempfile.TemporaryDirectory() as folder:
        csv, wkb = Path(folder) / "track.csv", Path(folder) / "polygon.wkb"
        columns = np.stack((track.t_us.astype(np.float64), track.lon_deg, track.lat_deg), axis=1)
        head = "timestamp,longitude,latitude,icao24,callsign"
        with csv.open("w") as out:
            out.write(head + "\n")
            out.writelines(f"{int(t)},{lon!r},{lat!r},aa,T1\n" for t, lon, lat in columns.tolist())
        wkb.write_bytes(polygon)
        command = [
            str(PEER_PYTHON),
            str(ROOT / "bench/peers/clip_bench.py"),
            str(csv),
            str(wkb),
            str(MOVING_S),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    made: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return made


def thinning() -> Iterator[Measure]:
    """Real flights at 1 s, thinned: does what is stated hold the truth?"""
    path = shared("airspace/flights/quickstart.json.gz")
    if path is None:
        yield Measure(ROOM, "thinned flights", None, "", note="quickstart.json.gz absent")
        return
    for every_s in (5, 10, 30, 60, 120, 300):
        found = study(path, every_s)
        note = f"{found.pairs} pairs of flight and area"
        name = f"thinned to {every_s} s:"
        yield Measure(ROOM, f"{name} truth within what is stated", 100 * found.held, "%", 99.0, note=note)
        yield Measure(ROOM, f"{name} entries listed", 100 * found.noticed, "%", 99.5)
        yield Measure(
            ROOM,
            f"{name} width over the ideal prism",
            found.width_ratio,
            "",
            1.2,
            "less",
            note="95th percentile",
        )


def lawful() -> Iterator[Measure]:
    """Tracks that keep outside the precise line, by coarse layers."""
    for offset_m in (500.0, 1000.0, 2000.0):
        certain = indeterminate = total = 0.0
        naive = fixes = 0
        for track in along_the_line(offset_m):
            for one in account(track, [natural_earth("MEX"), dcw()], MEXICO).states:
                spent = one.intervals.seconds()
                certain += spent[Standing.CERTAIN_INSIDE]
                indeterminate += spent[Standing.INDETERMINATE]
                total += one.intervals.total_us / 1e6
                if one.layer == "natural-earth":
                    naive, fixes = naive + one.fixes_inside, fixes + len(track)
        note = f"indeterminate {100 * indeterminate / total:.0f} % of {total / 3600:.0f} h by two layers"
        yield Measure(
            ROOM, f"{offset_m:.0f} m outside: certainly inside by a coarse layer", certain, "s", 0.0, "less",
            peer="point in polygon, % of fixes", peer_value=100.0 * naive / fixes, note=note,
        )  # fmt: skip


def patrol(fixes: int, phase: float = 0.0) -> Track:
    """Long legs over northern Mexico and its line, 1 Hz, about 60 m/s."""
    s = np.arange(float(fixes))
    lat = 29.5 + 2.2 * np.abs(((s / 6000 + phase) % 2) - 1)
    u = (s * 30 / 95000 + 4 * phase) % 16
    lon = -113 + np.where(u > 8, 16 - u, u)
    return track_of(
        START_US + (s * 1e6).astype(np.int64), lon, lat, aircraft="P",
        containment_m=np.full(fixes, 10.0), ground_speed_mps=np.full(fixes, 60.0),
        height_hae_m=6000.0 + 10.0 * np.sin(s / 500),
    )  # fmt: skip


def speed() -> Iterator[Measure]:
    """Full accounts a second of CPU time: integrity, three layers, crossings, depth, heights, intervals."""
    track = patrol(2_000_000)
    asked = layers()
    account(track, asked, MEXICO)
    seconds = cpu_seconds(3, lambda: account(track, asked, MEXICO))
    yield Measure(ROOM, "full account, three layers, one State", len(track) / seconds, "fixes/s", 2e6)
    seconds = cpu_seconds(3, lambda: account(track, asked))
    yield Measure(ROOM, "full account, three layers, every State", len(track) / seconds, "fixes/s")
    packaged = [layer_index(open_layer(name)) for name in ("north-america", "world")]
    account(track, packaged)
    seconds = cpu_seconds(3, lambda: account(track, packaged))
    yield Measure(ROOM, "full account, both packaged layers, every State", len(track) / seconds, "fixes/s")
    dense = straddling_orbit()
    seconds = cpu_seconds(5, lambda: account(dense, asked, MEXICO))
    yield Measure(
        ROOM,
        "the same for the straddling orbit",
        len(dense) / seconds,
        "fixes/s",
        note="every turn over the line",
    )


def cpu_seconds(times: int, action: Callable[[], object]) -> float:
    """Seconds of one core that the best of several runs used, whatever else the machine does."""
    best = math.inf
    for _ in range(times):
        start = process_time()
        action()
        best = min(best, process_time() - start)
    return best


def fleet_year() -> Measure:
    """A year of 20 aircraft: sorties of 20 h at 1 Hz on two processes, all or a share of them."""
    sorties = max(2, round(FLEET_SHARE * FLEET_FIXES / SORTIE_FIXES))
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(warmed, range(2)))
        start = perf_counter()
        spans = list(pool.map(sorties_accounted, [(n, sorties) for n in range(2)]))
        taken = perf_counter() - start
    whole = taken * FLEET_FIXES / (sorties * SORTIE_FIXES)
    note = f"{sorties} sorties, {sorties * SORTIE_FIXES / 1e6:.0f} M fixes in {taken:.0f} s"
    assert sum(spans) == sorties
    return Measure(ROOM, "526 M fixes, three layers, two cores", whole / 60, "min", 10.0, "less", note=note)


def warmed(number: int) -> int:
    """Layers and kernels made ready in a worker."""
    account(patrol(SORTIE_FIXES), layers(), MEXICO)
    return number


def sorties_accounted(share: tuple[int, int]) -> int:
    """Every second sortie; how many."""
    first, count = share
    done = 0
    for number in range(first, count, 2):
        found = account(patrol(SORTIE_FIXES, phase=number / 37), layers(), MEXICO)
        for one in found.states:
            assert one.intervals.total_us == (SORTIE_FIXES - 1) * 1_000_000
        done += 1
    return done
