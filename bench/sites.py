"""Sites: speed against Stone Soup, calibration beside look-alikes, ellipses, association, order of scans."""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from atalaya.locate import Site, SiteFilter, SiteModel, make_scan
from atalaya.locate.association import marginals
from bench.measure import Measure
from tests.site_worlds import DAY_US, MINUTE_US, World, biased_world, flat_area, plain_model, plain_world

ROOM = "sites"
ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
PEER_SCRIPT = ROOT / "bench" / "peers" / "stonesoup_bench.py"
Floats = NDArray[np.float64]


def measures() -> Iterator[Measure]:
    """Every measure of the room."""
    _found(plain_world(0, 20, 5, 5.0, 0.8), 0.8)
    yield from against_peer()
    yield from lookalikes()
    yield from ellipses()
    yield from association()
    yield from shuffled()
    yield from forecast()
    yield from large()


def _found(world: World, chance: float, least: float = 0.5) -> tuple[tuple[Site, ...], float]:
    """Sites, and seconds of this thread: from the first scan to the list, ledgers left out."""
    start = time.thread_time()
    run = SiteFilter(world.area, plain_model(chance))
    run.add(world.scans)
    sites = run.sites(least, ledger=False)
    return sites, time.thread_time() - start


def _walk(world: World) -> float:
    """Seconds of this thread for the filter alone, which is what the peer does."""
    run = SiteFilter(world.area, plain_model(0.8))
    start = time.thread_time()
    run.add(world.scans)
    return time.thread_time() - start


def gospa(truth: Floats, found: Floats, c: float = 50.0) -> float:
    """GOSPA with alpha 2, p 2 (Rahmathullah, Garcia-Fernandez, Svensson 2017)."""
    if not len(truth) or not len(found):
        return float(np.sqrt(c**2 / 2.0 * (len(truth) + len(found))))
    d2 = np.minimum(((truth[:, None] - found[None]) ** 2).sum(axis=2), c**2)
    a, b = linear_sum_assignment(d2)
    paired = d2[a, b] < c**2
    missed = len(truth) + len(found) - 2 * int(paired.sum())
    return float(np.sqrt(d2[a, b][paired].sum() + c**2 / 2.0 * missed))


def places_of(sites: tuple[Site, ...]) -> Floats:
    return np.array([site.z_m for site in sites]).reshape(-1, 2)


def against_peer() -> Iterator[Measure]:
    world = plain_world(1, 100, 50, 50.0, 0.8)
    seconds, sites = min((_found(world, 0.8)[::-1] for _ in range(3)), key=lambda pair: pair[0])
    ours = gospa(world.truth, places_of(sites))
    theirs = _peer(world, 100, 50, 50.0, 0.8)
    if theirs is None:
        note = "stonesoup absent: make peers"
        yield Measure(ROOM, "100 sites x 50 scans", seconds, "s CPU", None, "less", note=note)
        return
    version, peer_seconds, peer_places = theirs
    name = f"stonesoup {version} GM-PHD"
    peer_gospa = gospa(world.truth, peer_places)
    note = f"theirs finds {len(peer_places)} of 100"
    walk = min(_walk(world) for _ in range(3))
    yield Measure(ROOM, "100 sites x 50 scans: filter, times faster", peer_seconds / walk, "x", 1000.0)
    yield Measure(ROOM, "the same with settling of all sites", peer_seconds / seconds, "x")
    yield Measure(ROOM, "100 sites x 50 scans: filter", walk, "s CPU", None, "less", name, peer_seconds)
    yield Measure(ROOM, "its GOSPA, c 50 m", ours, "m", peer_gospa, "less", name, peer_gospa, note)


def _peer(
    world: World, sites: int, scans: int, clutter: float, chance: float
) -> tuple[str, float, Floats] | None:
    if not PEER_PYTHON.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        problem, answer = Path(folder) / "problem.npz", Path(folder) / "answer.npz"
        z = np.concatenate([scan.z_m for scan in world.scans])
        number = np.repeat(np.arange(scans), [len(scan) for scan in world.scans])
        np.savez(
            problem,
            z=z,
            scan=number,
            sd=15.0,
            chance=chance,
            clutter=clutter,
            side=10_000.0,
            scans=scans,
            birth=sites / (sites * chance + clutter) / scans,
        )
        command = [str(PEER_PYTHON), str(PEER_SCRIPT), str(problem), str(answer)]
        ran = subprocess.run(command, capture_output=True, check=False)
        if ran.returncode:
            return None
        told = json.loads(ran.stdout)
        return str(told["version"]), float(told["seconds"]), np.load(answer)["x"]


def lookalikes() -> Iterator[Measure]:
    """Four worlds of 20,000 places with 1 to 24 looks each."""
    p, naive, truth = (
        np.concatenate(parts) for parts in zip(*map(_lookalike_world, range(5, 9)), strict=True)
    )
    ours, theirs = float(((p - truth) ** 2).mean()), float(((naive - truth) ** 2).mean())
    name = "independent log-odds"
    yield Measure(ROOM, "Brier beside look-alikes", ours, "", 0.5 * theirs, "less", name, theirs)
    error, theirs = _ece(p, truth), _ece(naive, truth)
    note = "of places not all but excluded (p > .01), 20 bins of equal mass"
    yield Measure(ROOM, "its calibration error (ECE)", error, "", 0.03, "less", name, theirs, note)


def _lookalike_world(seed: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Ours, independent log-odds, truth: 2 % facilities (Beta 7, 3), 6 % look-alikes (Beta 3, 7), the rest
    hit by chance.
    """
    rng = np.random.default_rng(seed)
    places, spacing, side = 20_000, 100.0, 15_000.0
    at = (np.stack(np.divmod(np.arange(places), 150), axis=1) + 0.5) * spacing
    kind = rng.choice(3, places, p=(0.02, 0.06, 0.92))
    rate = np.choose(kind, (rng.beta(7, 3, places), rng.beta(3, 7, places), np.full(places, 0.01)))
    looks = rng.integers(1, 25, places)
    area = flat_area(side, (0.02e-4, 0.06e-4, 0.92e-4))
    cell = area.cell_of(at)
    run = SiteFilter(area, SiteModel(half_life_days=(np.inf,) * 3))
    hits, scans = np.zeros(places), []
    for look in range(24):
        seen = looks > look
        hit = seen & (rng.random(places) < rate)
        hits += hit
        z = at[hit] + rng.normal(0.0, 3.0, (int(hit.sum()), 2))
        scans.append(
            make_scan(
                sortie=f"s{look}",
                t_us=look * DAY_US,
                evidence="heat",
                sensor="IR",
                cells=cell[seen],
                chance=np.full(int(seen.sum()), 0.7, np.float32),
                clutter_per_m2=1e-12,
                z_m=z,
                own_m2=np.broadcast_to(np.eye(2) * 9.0, (len(z), 2, 2)),
            )
        )
    run.add(scans)
    p = run.running.undetected.density[0][cell] * area.cell_m2
    sites = run.sites(1e-4, ledger=False)
    _, nearest = cKDTree(at).query(places_of(sites))
    np.add.at(p, nearest, [site.facility for site in sites])
    p = np.minimum(p, 1.0)
    truth = kind == 0
    false = (0.06 * 0.3 + 0.92 * 0.01) / 0.98
    odds = np.log(0.02 / 0.98) + hits * np.log(0.7 / false) + (looks - hits) * np.log(0.3 / (1.0 - false))
    naive = 1.0 / (1.0 + np.exp(-odds))
    return p, naive, truth


def _ece(p: Floats, truth: NDArray[np.bool_], bins: int = 20) -> float:
    """Expected calibration error over bins of equal mass of all that is not all but excluded."""
    open_ = p > 0.01
    order = np.argsort(p[open_])
    parts = np.array_split(order, bins)
    return float(sum(abs(p[open_][k].mean() - truth[open_][k].mean()) * len(k) for k in parts) / open_.sum())


def ellipses() -> Iterator[Measure]:
    """Share of truths in the 90 % ellipse; boresight errors of .2 deg from 3 km up."""
    orbit = tuple(float(azimuth) for azimuth in range(0, 360, 30))
    cases = (
        ("1 sortie, one course", 1, 10, (0.0,), 400),
        ("3 sorties, one course", 3, 8, (0.0,), 400),
        ("6 sorties, one course", 6, 6, (0.0,), 240),
        ("1 sortie, orbit", 1, 12, orbit, 160),
        ("3 sorties, opposite courses", 3, 8, (0.0, 180.0), 120),
    )
    for name, sorties, looks, azimuths, worlds in cases:
        inside, ce90, missed = [], [], 0
        for seed in range(worlds):
            shape = {"sites": 4, "sorties": sorties, "looks": looks, "azimuths_deg": azimuths}
            world = biased_world(seed, **shape)  # type: ignore[arg-type]
            sites, _ = _found(world, 0.8)
            missed += abs(4 - len(sites))
            distance = np.linalg.norm(places_of(sites)[:, None] - world.truth[None], axis=2)
            for a, b in zip(*linear_sum_assignment(distance), strict=True):
                v = sites[a].z_m - world.truth[b]
                inside.append(v @ np.linalg.solve(sites[a].covariance_m2, v) < 4.605170185988092)
                ce90.append(sites[a].ce90_m)
        share = float(np.mean(inside))
        note = f"87 ... 93 wanted; median CE90 {np.median(ce90):.1f} m; {worlds} worlds, {missed} sites amiss"
        yield Measure(ROOM, f"90 % ellipse holds: {name}", 100.0 * share, "%", 87.0, note=note)


def association() -> Iterator[Measure]:
    """Largest error of a marginal in random 5 x 5 clusters, against every matching."""
    rng = np.random.default_rng(3)
    worst: list[float] = []
    plain: list[float] = []
    for _ in range(150):
        w = np.exp(rng.uniform(-4.0, 4.0, (5, 5))) * (rng.random((5, 5)) < 0.7)
        truth = _matchings(w, np.full(5, 0.5))
        row, column = np.nonzero(w)
        for most, errors in ((8, worst), (0, plain)):
            found = marginals(row, column, w[row, column], np.full(5, 0.5), 5, exact_up_to=most)
            errors.append(float(np.abs(found.pair - truth[row, column]).max()))
    name = "belief propagation alone"
    limit = float(np.quantile(plain, 0.95))
    yield Measure(
        ROOM, "marginals 5 x 5: error, 95 %", float(np.quantile(worst, 0.95)), "", 0.06, "less", name, limit
    )


def _matchings(w: Floats, q: Floats) -> Floats:
    n, m = w.shape
    pair, whole = np.zeros((n, m)), 0.0
    for choice in product(range(m + 1), repeat=n):
        taken = [j - 1 for j in choice if j]
        if len(set(taken)) < len(taken):
            continue
        weight = 1.0
        for i, j in enumerate(choice):
            weight *= w[i, j - 1] / q[j - 1] if j else 1.0
        whole += weight
        for i, j in enumerate(choice):
            if j:
                pair[i, j - 1] += weight
    return pair / whole


def shuffled() -> Iterator[Measure]:
    """1,000 sites, 50 scans flown in another order: existence summed about each truth."""
    world = plain_world(1, 1000, 50, 500.0, 0.5)
    first = _existence(world, _found(world, 0.5, 1e-3)[0])
    order = np.random.default_rng(0).permutation(len(world.scans))
    scans = [
        make_scan(
            sortie="a",
            t_us=number * MINUTE_US,
            evidence="heat",
            sensor="IR",
            cells=world.scans[k].cells,
            chance=world.scans[k].chance,
            clutter_per_m2=world.scans[k].clutter_per_m2,
            z_m=world.scans[k].z_m,
            own_m2=world.scans[k].own_m2,
            tracklet=world.scans[k].tracklet,
        )
        for number, k in enumerate(order.tolist())
    ]
    sites, _ = _found(World(world.area, world.truth, scans), 0.5, 1e-3)
    moved = np.abs(_existence(world, sites) - first)
    yield Measure(
        ROOM, "scans shuffled: existence moves, 99 %", float(np.quantile(moved, 0.99)), "", 0.05, "less"
    )
    sure = places_of(tuple(site for site in sites if site.existence > 0.5))
    near = float((cKDTree(sure).query(world.truth)[0] < 30.0).sum())
    yield Measure(ROOM, "1,000 sites x 50 scans: found", near, "of 1,000", 990.0)


def _existence(world: World, sites: tuple[Site, ...]) -> Floats:
    """Existence summed over the sites that have each truth nearest, within 60 m."""
    distance, nearest = cKDTree(world.truth).query(places_of(sites))
    r = np.array([site.existence for site in sites]) * (distance < 60.0)
    return np.asarray(np.bincount(nearest, r, len(world.truth)), np.float64)


def forecast() -> Iterator[Measure]:
    """Sites found in each square kilometre by later looks, against the forecast after earlier ones."""
    rng, inside, cells = np.random.default_rng(2), 0, 0
    for seed in range(6):
        side, density = 10_000.0, 2e-6
        area = flat_area(side, (density, 0.0, 0.0))
        truth = rng.uniform(0.0, side, (rng.poisson(density * side**2), 2))
        model = SiteModel(half_life_days=(np.inf,) * 3)
        rate = rng.beta(7, 3, len(truth))
        run, found_before = SiteFilter(area, model), np.zeros(len(truth), np.bool_)
        for look in range(3):
            hit = rng.random(len(truth)) < rate
            if look == 2:
                expected = (
                    run.running.undetected.density[0].reshape(10, 10, 10, 10).sum(axis=(1, 3)) * area.cell_m2
                )
                fresh = hit & ~found_before
            found_before |= hit
            z = truth[hit]
            own = np.broadcast_to(np.eye(2) * 9.0, (len(z), 2, 2))
            run.add(
                [
                    make_scan(
                        sortie=f"{seed}",
                        t_us=look * DAY_US,
                        evidence="heat",
                        sensor="IR",
                        cells=np.arange(area.cells),
                        chance=np.full(area.cells, 0.7, np.float32),
                        clutter_per_m2=1e-9,
                        z_m=z,
                        own_m2=own,
                    )
                ]
            )
        # of those left, the nodes' mean chance shows itself in the last look: Beta(7, 5) after two misses
        counts = np.histogram2d(side - truth[fresh, 1], truth[fresh, 0], bins=10, range=[[0, side]] * 2)[0]
        low, high = _poisson_band(expected * 7.0 / 12.0)
        inside += int(((counts >= low) & (counts <= high)).sum())
        cells += counts.size
    yield Measure(ROOM, "later finds per km2 in the 90 % band", 100.0 * inside / cells, "%", 90.0)


def _poisson_band(mean: Floats) -> tuple[Floats, Floats]:
    from scipy.stats import poisson

    return poisson.ppf(0.05, mean), poisson.ppf(0.95, mean)


def large() -> Iterator[Measure]:
    """10,000 sites in every one of 1,000 scans, half of them seen, one core."""
    world = plain_world(7, 10_000, 1000, 100.0, 0.5, sd_m=5.0, side_m=32_000.0)
    sites, seconds = _found(world, 0.5)
    near = int((cKDTree(places_of(sites)).query(world.truth)[0] < 15.0).sum())
    tracklets = sum(len(scan) for scan in world.scans)
    note = f"{tracklets} tracklets; {near} found, {len(sites)} listed; ledgers not written"
    yield Measure(ROOM, "10,000 sites x 1,000 scans", seconds, "s CPU", 60.0, "less", note=note)
