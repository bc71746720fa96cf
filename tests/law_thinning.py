"""The thinning study: 213 real flights at 1 s over 60 random areas, thinned, against the truth of all
fixes."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.earth.track import Track, integrity_of, read_tracks
from atalaya.law.account import AccountOptions, StateAccount, account
from atalaya.law.boundary import Layer, LayerIndex, layer_index
from tests.law_layers import record_of

Floats = NDArray[np.float64]

RADIUS_M = 10.0
"""What the caller's profile says of these positions (NACp 10); the ideal prism knows none."""

SPEED_MPS = 320.0
"""Highest speed over ground of airliners over Europe, for both prisms."""


@dataclass(frozen=True)
class Study:
    """What came out.

    pairs: (flight, area) entered by the 1 s flight. held: share whose true seconds lie within what is stated
    noticed: share of entered pairs listed as a visit, certain or possible
    width_ratio: width of what is stated over that of the ideal prism, 95th percentile of the entered pairs
    total_ratio: the same of all pairs together, in which long silences weigh most
    """

    pairs: int
    held: float
    noticed: float
    width_ratio: float
    total_ratio: float


@cache
def areas_of_study() -> LayerIndex:
    """The 60 areas, one layer each would overlap: here one area of one layer each, by number."""
    rng = np.random.default_rng(0)
    polygons = []
    for _ in range(60):
        cx, cy = rng.uniform(1.2, 3.8), rng.uniform(48, 49.7)
        a, r = np.sort(rng.uniform(0, 2 * np.pi, 9)), rng.uniform(8, 30, 9) / 111
        ring = np.stack((cx + r * np.cos(a) / 0.66, cy + r * np.sin(a)), axis=1)
        valid = shapely.make_valid(shapely.Polygon(ring))
        parts = [part for part in shapely.get_parts(valid) if part.geom_type == "Polygon"]
        polygons.append(shapely.MultiPolygon(parts))
    names = tuple(f"A{n:02d}" for n in range(60))
    return layer_index(Layer(record_of("areas", 0.0), names, np.array(polygons, dtype=object)))


@cache
def flights_of(path: Path) -> tuple[Track, ...]:
    """The flights as they are believed: forward-filled repeats would be no truth."""
    made = []
    for track in read_tracks(path):
        kept = track.rows(np.flatnonzero(integrity_of(track).credible))
        if len(kept) > 60:
            made.append(kept)
    return tuple(made)


def study(path: Path, every_s: int, *, areas: int = 60, flights: int = 1000) -> Study:
    """Thin every flight to the first fix of each `every_s` and compare."""
    index = areas_of_study()
    options = AccountOptions(
        states=index.areas[:areas], speed_bound_mps=SPEED_MPS, containment_m=RADIUS_M, gap_s=1.5
    )
    entered = held = noticed = 0
    stated = ideal = 0.0
    ratios = []
    for track in flights_of(path)[:flights]:
        thin = _thinned(track, every_s)
        if thin is None:
            continue
        span = track.rows((track.t_us >= thin.t_us[0]) & (track.t_us <= thin.t_us[-1]))
        truths, found = account(span, [index], options).states, account(thin, [index], options).states
        for truth, one in zip(truths, found, strict=True):
            width, least = one.seconds.maximum - one.seconds.minimum, ideal_width_s(index, one, thin)
            stated, ideal = stated + width, ideal + least
            if truth.seconds.estimate > 0.0:
                entered += 1
                low, high = one.seconds.minimum - 0.05, one.seconds.maximum + 0.05
                held += low <= truth.seconds.estimate <= high
                noticed += _all_noticed(truth, one)
                ratios.append(width / max(least, 1e-3))
    shares = held / max(entered, 1), noticed / max(entered, 1)
    return Study(entered, *shares, float(np.percentile(ratios, 95)), stated / max(ideal, 1e-9))


def _thinned(track: Track, every_s: int) -> Track | None:
    slot = track.t_us // (every_s * 1_000_000)
    first = np.flatnonzero(np.diff(slot, prepend=slot[0] - 1))
    return track.rows(first) if len(first) > 1 else None


def _all_noticed(truth: StateAccount, one: StateAccount) -> bool:
    """Whether a visit or possible visit is listed at the time of each true one."""
    first = np.where(one.visits.entry_earliest_us < 0, 0, one.visits.entry_earliest_us)
    last = np.where(one.visits.exit_latest_us < 0, 2**62, one.visits.exit_latest_us)
    begins, ends = truth.visits.entry_estimate_us, truth.visits.exit_estimate_us
    real = truth.visits.estimate_s > 0.0
    for begin, end in zip(begins[real], ends[real], strict=True):
        from_us, to_us = 0 if begin < 0 else begin, 2**62 if end < 0 else end
        if not ((first <= to_us + 50_000) & (last >= from_us - 50_000)).any():
            return False
    return True


def ideal_width_s(index: LayerIndex, one: StateAccount, thin: Track) -> float:
    """Most minus least seconds by the formulas of law.md section 6 with r = 0, written down once more and
    plainly."""
    area = index.areas.index(one.state)
    depth = index.depth_m(area, thin.lon_deg, thin.lat_deg)
    dt = np.diff(thin.t_us) / 1e6
    d1, d2 = np.abs(depth[:-1]), np.abs(depth[1:])
    in1, in2 = depth[:-1] > 0, depth[1:] > 0
    slack = np.maximum(0.0, dt - (d1 + d2) / SPEED_MPS)
    listed = np.zeros(len(dt), np.bool_)
    t = thin.t_us
    for first, last in zip(one.visits.entry_earliest_us, one.visits.exit_latest_us, strict=True):
        listed |= (t[1:] > (0 if first < 0 else first)) & (t[:-1] < (2**62 if last < 0 else last))
    both_out = ~in1 & ~in2  # the ellipse decides: counted where the account found it open
    return float(slack[~both_out].sum() + slack[both_out & listed].sum())
