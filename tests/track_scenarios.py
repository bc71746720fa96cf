"""Numbered streams for the audit: half of them clean in every awkward way, half wrong in known ways."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.footage.audit import frame_centre_miss
from atalaya.footage.sensor_track import SensorTrack
from tests.track_simulator import (
    FREEZES,
    LAGS,
    MISTAKES,
    Flight,
    fly,
    frozen,
    late,
    mistagged,
    random_flight,
    with_noise,
)

COLUMNS = (
    *("sensor_lon_deg", "sensor_lat_deg", "sensor_height_m", "heading_true_deg", "pitch_deg", "roll_deg"),
    *("rel_azimuth_deg", "rel_elevation_deg", "rel_roll_deg", "hfov_deg", "vfov_deg", "slant_m"),
    *("ground_width_m", "centre_lon_deg", "centre_lat_deg", "centre_height_m", "corner_lon_deg"),
)
KINDS = (
    *("plain", "few samples", "hover", "nadir", "no slant range", "little known", "holes"),
    *("noisy", "slow source", "columns missing", "fixed mount"),
)


@dataclass(frozen=True)
class Scenario:
    """A stream, what was done to it, and how far its centre is off before that (median, metres)."""

    track: SensorTrack
    what: str
    flight: Flight
    clean_miss_m: float


def median_miss(track: SensorTrack) -> float:
    """Median frame-centre miss, metres; infinite where there is none."""
    miss = frame_centre_miss(track)
    known = miss[np.isfinite(miss)]
    return float(np.median(known)) if len(known) else float("inf")


def clean_stream(seed: int) -> Scenario:
    """A stream with nothing wrong but noise, in one of eleven awkward shapes."""
    rng = np.random.default_rng((1, seed))
    kind = KINDS[seed % len(KINDS)]
    flight = random_flight(rng, longest_s=90.0)
    flight = {
        "few samples": replace(flight, seconds=float(rng.uniform(0.05, 1.0)), rate_hz=30.0),
        "hover": replace(flight, path="hover", look="stare"),
        "nadir": replace(flight, look="nadir"),
        "fixed mount": replace(flight, path="leg", look="fixed"),
    }.get(kind, flight)
    truth = fly(rng, flight)
    track = with_noise(rng, truth, 3.0 if kind == "noisy" else flight.noise)
    return Scenario(_awkward(rng, track, kind), kind, flight, median_miss(track))


def _awkward(rng: np.random.Generator, track: SensorTrack, kind: str) -> SensorTrack:
    n = len(track)
    match kind:
        case "few samples":
            return track.take(np.arange(min(n, int(rng.integers(1, 12)))))
        case "hover" if rng.random() < 0.5:  # one look, repeated exactly
            return replace(track.take(np.zeros(n, np.intp)), t_us=track.t_us)
        case "no slant range":
            return _without(track, "slant_m")
        case "little known":
            groups = (
                ("centre_lon_deg",),
                ("centre_height_m",),
                ("slant_m", "centre_height_m", "corner_lon_deg"),
            )
            return _without(track, *groups[int(rng.integers(3))])
        case "holes":
            holed = {}
            for name in COLUMNS:
                holed[name] = getattr(track, name).copy()
                holed[name][rng.random(n) < 0.3] = np.nan
            return replace(track, **holed)
        case "slow source":
            rows = np.arange(n) // int(rng.integers(2, 12))
            first = np.unique(rows, return_index=True)[1][rows]
            slow = {
                name: getattr(track, name)[first] for name in ("centre_lon_deg", "centre_lat_deg", "slant_m")
            }
            return replace(track, **slow)
        case "columns missing":
            return _without(track, *(str(name) for name in rng.choice(COLUMNS, 3, replace=False)))
    return track


def _without(track: SensorTrack, *names: str) -> SensorTrack:
    return replace(track, **{name: getattr(track, name) * np.nan for name in names})


def wrong_stream(seed: int) -> Scenario:
    """A stream with one to three mistakes that together move the frame centre by more than 20 m."""
    for attempt in range(100):
        rng = np.random.default_rng((2, seed, attempt))
        flight = random_flight(rng)
        track = with_noise(rng, fly(rng, flight), flight.noise)
        mistakes = _compatible(rng)
        wrong = mistagged(rng, track, mistakes)
        clean = median_miss(track)
        if clean <= 10.0 and median_miss(wrong) > 20.0:
            return Scenario(wrong, ", ".join(mistakes), flight, clean)
    raise AssertionError("no such stream in a hundred")


def _compatible(rng: np.random.Generator) -> tuple[str, ...]:
    """One to three mistakes that do not overwrite each other, in the order in which they happen."""
    chosen: dict[str, str] = {}
    pool = list(MISTAKES)
    rng.shuffle(pool)
    for mistake in pool[: int(rng.integers(1, 4)) + 2]:
        height = mistake.startswith(("ground", "sensor"))
        chosen.setdefault("height" if height else _kind(mistake), mistake)
    kept = list(chosen.values())[: int(rng.integers(1, 4))]
    return tuple(sorted(kept, key=MISTAKES.index))


def _kind(mistake: str) -> str:
    return "azimuth" if mistake in ("azimuth absolute", "azimuth plus heading") else mistake


def late_stream(seed: int) -> Scenario:
    """A stream of which one group of columns is half a second to five seconds old."""
    for attempt in range(100):
        rng = np.random.default_rng((3, seed, attempt))
        flight = random_flight(rng, shortest_s=25.0)
        track = with_noise(rng, fly(rng, flight), flight.noise)
        group = sorted(LAGS)[seed % len(LAGS)]
        rows = max(1, round(float(rng.uniform(0.5, 5.0)) * flight.rate_hz))
        if rows > len(track) / 6:
            continue
        wrong, clean = late(track, LAGS[group], rows), median_miss(track)
        if clean <= 10.0 and median_miss(wrong) > max(20.0, 6.0 * clean):
            return Scenario(wrong, group, flight, clean)
    raise AssertionError("no such stream in a hundred")


def frozen_stream(seed: int) -> tuple[Scenario, NDArray[np.intp]]:
    """A stream of which one value stops for a fifth to a half of the time, and those rows."""
    for attempt in range(100):
        rng = np.random.default_rng((4, seed, attempt))
        flight = random_flight(rng, shortest_s=25.0)
        track = with_noise(rng, fly(rng, flight), flight.noise)
        name = sorted(set(FREEZES) - {"slant frozen"})[seed % (len(FREEZES) - 1)]
        first = int(len(track) * rng.uniform(0.1, 0.4))
        rows = np.arange(first, first + int(len(track) * rng.uniform(0.2, 0.5)))
        wrong = frozen(track, FREEZES[name], int(rows[0]), int(rows[-1]))
        reach = float(np.median(track.slant_m))
        stale = float(np.nanpercentile(frame_centre_miss(wrong)[rows], 80))
        if median_miss(track) <= 10.0 and stale > max(40.0, 0.06 * reach):
            return Scenario(wrong, name, flight, median_miss(track)), rows
    raise AssertionError("no such stream in a hundred")
