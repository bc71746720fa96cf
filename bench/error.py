"""The error of a ground point: the worked table, coverage by stratum, a real flight, a live feed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.error import circular_error_m, coverage, draw, locate, principal_axes
from atalaya.earth.surface import Surface
from bench.measure import Measure, best_of
from bench.shared import shared
from tests.accuracy_marks import marks, stated_ce90_m
from tests.golden.test_earth_error_worked import WORKED, look, plane
from tests.golden.test_earth_error_worked import budget as worked_budget
from tests.ground_trials import (
    ATTITUDES_DEG,
    DEPRESSIONS_DEG,
    GROUNDS,
    RANGES_M,
    STRATA,
    Stratum,
    budget,
    errors_m,
    fly,
    ground,
    ranged,
)

Floats = NDArray[np.float64]

ROOM = "error"
BAND = (0.87, 0.93)
TRIALS = 1600
"""Looks of every stratum alike, whatever they show: a 95 % interval half as wide as the band."""
SORTIE = 2
"""Looks of one sortie: few, so that trials are nearly independent."""


@dataclass
class Outcome:
    """Trials of one stratum: what held the truth, CE90 stated, error observed (NaN if not located)."""

    stratum: Stratum
    inside: NDArray[np.bool_]
    circle: NDArray[np.bool_]
    height: NDArray[np.bool_]
    ce90_m: Floats
    radius_m: Floats


def measures() -> Iterator[Measure]:
    yield worked()
    yield circular_speed()
    grounds = {name: ground(name) for name in GROUNDS}
    yield from coverage_by_stratum(grounds)
    yield first_order_alone(grounds["alpine"])
    yield with_slant_range(grounds["alpine"])
    yield from real_flight()
    yield from live(grounds["alpine"])


def worked() -> Measure:
    """Largest difference from the worked table, of sigmas and CE90."""
    worst = 0.0
    for depression, attitude, slope, along, across, ce90, _ in WORKED:
        surface = plane(slope)
        rng = np.random.default_rng(1)
        looks, stated = look(surface, depression), worked_budget(attitude)
        found = locate(surface, looks, stated, method="first-order", rng=rng)
        major, minor, _ = principal_axes(found.covariance[0])
        pairs = ((major, along), (minor, across), (found.ce90_m[0], ce90))
        worst = max(worst, *(abs(float(have) / want - 1.0) for have, want in pairs))
    return Measure(ROOM, "worked table: largest difference", 100.0 * worst, "%", 0.05, "less")


def circular_speed() -> Measure:
    rng = np.random.default_rng(0)
    root = rng.normal(0.0, 30.0, (200_000, 2, 2))
    many = root @ root.transpose(0, 2, 1)
    seconds = best_of(3, lambda: circular_error_m(many))
    return Measure(ROOM, "exact CE90 of covariances", len(many) / seconds / 1e6, "M/s")


def trial(surface: Surface, stratum: Stratum, looks: int, rng: np.random.Generator) -> Outcome:
    """Fly, locate, compare."""
    stated = budget(stratum.attitude_deg)
    trials = fly(surface, stratum, stated, looks // SORTIE + looks // 20, SORTIE, rng)
    points = locate(surface, trials.looks, stated, rng=rng)
    off = errors_m(trials, points)
    radius = np.hypot(off[:, 0], off[:, 1])
    return Outcome(
        stratum,
        points.holds(trials.true_lon_deg, trials.true_lat_deg),
        radius <= points.ce90_m,
        np.abs(off[:, 2]) <= points.le90_m,
        points.ce90_m,
        radius,
    )


def coverage_by_stratum(grounds: dict[str, Surface]) -> Iterator[Measure]:
    """All 180 combinations, as many looks in each: none is flown again because of what it showed."""
    rng = np.random.default_rng(3)
    found = [trial(grounds[stratum.ground], stratum, TRIALS, rng) for stratum in STRATA]
    by_share = sorted(found, key=lambda one: float(one.inside.mean()))
    looks = sum(len(one.inside) for one in found)
    lost = sum(int(np.isnan(one.ce90_m).sum()) for one in found)
    note = f"{len(found)} strata, {looks} looks, {lost} not located"
    for one, bound, better in ((by_share[0], BAND[0], "more"), (by_share[-1], BAND[1], "less")):
        name = "least" if better == "more" else "most"
        text = f"{one.stratum}: {coverage(one.inside)}; {note}"
        yield Measure(
            ROOM, f"90 % region holds, {name} of all strata", float(one.inside.mean()), "share", bound,
            "more" if better == "more" else "less", note=text,
        )  # fmt: skip
    ratios = [float(np.nanmedian(o.ce90_m) / np.nanquantile(o.radius_m, 0.9)) for o in found]
    text = f"median over strata {np.median(ratios):.2f}"
    yield Measure(ROOM, "median CE90 over empirical, worst stratum", max(ratios), "x", 1.3, "less", note=text)
    yield from by_factor(found)


def by_factor(found: list[Outcome]) -> Iterator[Measure]:
    """Coverage of every value of every factor, with its binomial interval."""
    factors = (
        ("depression_deg", DEPRESSIONS_DEG, "deg depression"),
        ("range_m", RANGES_M, "m range"),
        ("ground", tuple(GROUNDS), "ground"),
        ("attitude_deg", ATTITUDES_DEG, "deg attitude"),
    )
    for name, values, label in factors:
        for value in values:
            some = [one for one in found if getattr(one.stratum, name) == value]
            parts = ("inside", "circle", "height")
            joined = [np.concatenate([getattr(one, part) for one in some]) for part in parts]
            text = f"region {coverage(joined[0])}; CE90 {coverage(joined[1])}; LE90 {coverage(joined[2])}"
            share = float(joined[0].mean())
            yield Measure(ROOM, f"90 % region holds, {value} {label}", share, "share", BAND[0], note=text)


def first_order_alone(surface: Surface) -> Measure:
    """The hardest ground: what the Jacobian alone would have stated."""
    rng = np.random.default_rng(4)
    held: dict[str, list[NDArray[np.bool_]]] = {"auto": [], "first-order": []}
    strata = [s for s in STRATA if s.ground == "alpine" and s.depression_deg == 10.0]
    for stratum in strata:
        stated = budget(stratum.attitude_deg)
        trials = fly(surface, stratum, stated, 50, SORTIE, rng)
        for method, parts in held.items():
            points = locate(surface, trials.looks, stated, rng=rng, method=method)  # type: ignore[arg-type]
            parts.append(points.holds(trials.true_lon_deg, trials.true_lat_deg))
    ours, theirs = (coverage(np.concatenate(parts)) for parts in held.values())
    text = f"ours {ours}; first order {theirs}"
    return Measure(
        ROOM, "90 % region holds, 10 deg over alpine ground", ours.share, "share", BAND[0],
        peer="first-order propagation", peer_value=theirs.share, note=text,
    )  # fmt: skip


def with_slant_range(surface: Surface) -> Measure:
    """A rangefinder of 10 m over alpine ground: does the fused region still hold?"""
    rng = np.random.default_rng(5)
    held, sharper = [], []
    for stratum in [s for s in STRATA if s.ground == "alpine" and s.attitude_deg == 0.2]:
        stated = budget(stratum.attitude_deg)
        trials = fly(surface, stratum, stated, 50, SORTIE, rng)
        points = locate(surface, ranged(trials, 10.0, rng), stated, rng=rng)
        bare = locate(surface, trials.looks, stated, rng=rng)
        held.append(points.holds(trials.true_lon_deg, trials.true_lat_deg))
        sharper.append(np.median(bare.ce90_m) / np.median(points.ce90_m))
    found = coverage(np.concatenate(held))
    text = f"{found}; CE90 smaller than without by {np.median(sharper):.1f} (median of {len(held)} strata)"
    return Measure(
        ROOM, "90 % region holds, slant range of 10 m fused", found.share, "share", BAND[0], note=text
    )


def real_flight() -> Iterator[Measure]:
    """OpenAthena's own accuracy flight: errors fitted to other pictures than those judged."""
    folder = shared("earth/oa-accuracy")
    names = ("441 real marks held by stated CE90, at least", "441 real marks held by stated CE90, at most")
    if folder is None:
        for name in (*names, "median CE90 over empirical, 441 real marks"):
            yield Measure(ROOM, name, None, "", note="data absent")
        return
    found = marks(folder)
    radius = np.hypot(*found.error_m.T)
    ce90 = stated_ce90_m(found, np.random.default_rng(0))
    held = coverage(radius <= ce90)
    sizes = f"median CE90 {np.median(ce90):.1f} m, empirical {np.quantile(radius, 0.9):.1f} m"
    text = f"{held}, seven folds by picture; {sizes}"
    yield Measure(ROOM, names[0], held.share, "share", 0.85, note=text)
    yield Measure(ROOM, names[1], held.share, "share", 0.95, "less")
    ratio = float(np.median(ce90) / np.quantile(radius, 0.9))
    yield Measure(ROOM, "median CE90 over empirical, 441 real marks", ratio, "x", 1.3, "less")


def live(surface: Surface) -> Iterator[Measure]:
    """Packets of five points, 400 rays each, one after the other on one core, every ray cast."""
    for depression, slant in ((25.0, 12_000.0), (10.0, 25_000.0)):
        rng = np.random.default_rng(0)
        stated = budget(0.2)
        trials = fly(surface, Stratum(depression, slant, "alpine", 0.2), stated, 30, 5, rng)
        packets = [rows for rows in _packets(trials.sortie) if len(rows) == 5]
        looks = [trials.looks.take(rows) for rows in packets]
        draws = draw(rng)
        locate(surface, looks[0], stated, draws=draws, method="monte-carlo")  # compile, fill the caches
        start = time.process_time()
        for one in looks:
            locate(surface, one, stated, draws=draws, method="monte-carlo")
        rate = len(looks) / (time.process_time() - start)
        name = f"live packets of 5 points x 400 rays, {slant / 1000:.0f} km at {depression:.0f} deg"
        yield Measure(ROOM, name, rate, "packets/s", 30.0, note="one core, rough 3601 x 3601 ground")


def _packets(sortie: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    return [np.array(list(rows)) for _, rows in groupby(range(len(sortie)), key=lambda row: int(sortie[row]))]
