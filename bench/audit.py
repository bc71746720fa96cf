"""Metadata audit: mistakes repaired, clean streams left alone, a real bias found, time."""

from collections.abc import Iterator

import numpy as np

from atalaya.footage.audit import apply_repairs, audit_track, frame_centre_miss
from bench.measure import Measure, best_of
from bench.shared import shared
from tests.real_tracks import recorded_track
from tests.track_scenarios import clean_stream, frozen_stream, late_stream, median_miss, wrong_stream
from tests.track_simulator import Flight, fly, mistagged, with_noise

ROOM = "audit"
CLEAN, WRONG, LATE, STOPPED = 440, 400, 100, 100
GOOD_M = 20.0


def measures() -> Iterator[Measure]:
    """Every measure of the audit."""
    yield false_repairs()
    yield from repaired()
    yield from aphill()
    yield from speed()


def false_repairs() -> Measure:
    """Share of clean streams (eleven awkward kinds) in which anything is repaired."""
    wrong = sum(bool(audit_track(clean_stream(seed).track).repairs) for seed in range(CLEAN))
    note = f"{wrong} of {CLEAN} streams"
    return Measure(ROOM, "clean streams repaired", 100 * wrong / CLEAN, "%", 1.0, "less", note=note)


def repaired() -> Iterator[Measure]:
    """Shares of streams whose frame centre comes within 20 m."""
    for name, make, count in (
        ("mis-tagged streams brought within 20 m", wrong_stream, WRONG),
        ("streams with a late group within 20 m", late_stream, LATE),
    ):
        before, after = [], []
        for seed in range(count):
            track = make(seed).track
            before.append(median_miss(track))
            after.append(median_miss(apply_repairs(track, audit_track(track).repairs)))
        note = f"median of medians {np.median(before):,.0f} m to {np.median(after):.1f} m, n {count}"
        yield Measure(ROOM, name, 100 * float(np.mean(np.array(after) <= GOOD_M)), "%", 99.0, note=note)
    good = 0
    for seed in range(STOPPED):
        scenario, rows = frozen_stream(seed)
        derived = apply_repairs(scenario.track, audit_track(scenario.track).repairs)
        good += bool(np.nanpercentile(frame_centre_miss(derived)[rows], 80) <= GOOD_M)
    name = "streams with a stopped value within 20 m"
    yield Measure(ROOM, name, 100 * good / STOPPED, "%", 99.0, note=f"80 % of the rows, n {STOPPED}")


def aphill() -> Iterator[Measure]:
    """The azimuth bias of a real flight, found unprompted, against the value measured by hand."""
    for name, truth in (("aphill_klv_10s", 1.455), ("aphill_short", 1.466)):
        path = shared(f"klv/kwiver/{name}.ts")
        what = f"{name}: error of the azimuth bias"
        if path is None:
            yield Measure(ROOM, what, None, "deg", 0.01, "less", note="recording is not beside this checkout")
            continue
        found = [r for r in audit_track(recorded_track(path)).repairs if r.code == "AUD-030"]
        value = found[0].evidence["parameter_deg"] if found else None
        error = abs(float(value) - truth) if isinstance(value, float) else None
        yield Measure(ROOM, what, error, "deg", 0.01, "less", note=f"found {value}")


def speed() -> Iterator[Measure]:
    """Seconds for a flight of ten minutes at 30 packets a second."""
    flight = Flight("racetrack", "scan", 600.0, 30.0, 2000.0, 50.0, 40.0)
    rng = np.random.default_rng(1)
    track = with_noise(rng, fly(rng, flight), 0.5)
    wrong = mistagged(
        rng, track, ("azimuth absolute", "elevation absolute", "ground shifted", "azimuth bias")
    )
    for name, one in (("clean", track), ("four mistakes", wrong)):
        seconds = best_of(3, lambda one=one: audit_track(one))  # type: ignore[misc]
        yield Measure(ROOM, f"10 min at 30 Hz, {name}", seconds, "s", 2.0, "less")
