"""Counts too long for the tests: fuzzed KLV packets by the million, attacks on the log, kills."""

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.flight import faulty
from bench.klv import OSH, packets_of
from bench.measure import Measure
from bench.shared import shared
from tests.klv_fuzz import fuzz
from tests.log_attacks import run_attacks, run_honest
from tests.log_kills import kill_appending, kill_witness
from tests.property.test_klv_framer import made_packets

ROOM = "soak"
ATTACKS = int(os.environ.get("ATALAYA_SOAK_ATTACKS", 10_000))
KILLS = int(os.environ.get("ATALAYA_SOAK_KILLS", 1000))
SORTIES = int(os.environ.get("ATALAYA_SOAK_SORTIES", 10_000))
PACKETS = int(os.environ.get("ATALAYA_SOAK_PACKETS", 10_000_000))


def measures() -> Iterator[Measure]:
    """Mutate and read ten million packets: made ones, and real ones where they are at hand."""
    path = shared(OSH)
    good = [*made_packets(300), *(packets_of(path) if path else ())]
    start, before = time.perf_counter(), peak_mb()
    tally = fuzz(np.random.default_rng(1), good, PACKETS)
    seconds = time.perf_counter() - start
    note = f"{tally.packets} packets, {tally.damaged} damaged, {seconds:.0f} s, no exception"
    yield Measure(ROOM, "KLV fuzz: intact packets missed", tally.missed, "packets", 0, "less", note=note)
    yield Measure(ROOM, "KLV fuzz: bytes not explained once", tally.unexplained, "bytes", 0, "less")
    yield Measure(ROOM, "KLV fuzz: values that contradict their state", tally.wrong_nan, "values", 0, "less")
    yield Measure(ROOM, "KLV fuzz: most bytes held back", tally.largest_wait, "bytes", 100_000, "less")
    yield Measure(ROOM, "KLV fuzz: growth of peak memory", peak_mb() - before, "MB", 300, "less")
    yield from log_attacked()
    yield from log_killed()
    yield from sorties_routed()


def sorties_routed() -> Iterator[Measure]:
    """Sorties of random work that exceed fuel, leave a keep-in, enter a keep-out or clip the ground."""
    wrong, flown, took = faulty(range(1_000_000, 1_000_000 + SORTIES))
    note = f"{flown} sorties of {SORTIES} cases, oracle every 5 m, {sum(took):.0f} s of routing"
    yield Measure(ROOM, "random sorties with a fault", wrong, "sorties", 0, "less", note=note)


def log_attacked() -> Iterator[Measure]:
    """Random attacks on a log that verifier or witness must find, and honest growth that must pass."""
    with tempfile.TemporaryDirectory() as folder:
        made, missed = run_attacks(Path(folder), np.random.default_rng(1), ATTACKS)
    note = ", ".join(f"{name} {count}" for name, count in sorted(made.items()))
    unit = f"of {ATTACKS}"
    yield Measure(ROOM, "log: attacks not found", sum(missed.values()), unit, 0, "less", note=note)
    with tempfile.TemporaryDirectory() as folder:
        alarms = run_honest(Path(folder), np.random.default_rng(2), ATTACKS)
    yield Measure(ROOM, "log: false alarms in honest updates", alarms, unit, 0, "less")


def log_killed() -> Iterator[Measure]:
    """Writers and witnesses killed at random moments."""
    with tempfile.TemporaryDirectory() as folder:
        acknowledged, lost = kill_appending(Path(folder) / "w", np.random.default_rng(3), KILLS)
    note = f"{KILLS} kills, {acknowledged} entries acknowledged, every log verified and witnessed"
    yield Measure(ROOM, "log: acknowledged entries lost", lost, "entries", 0, "less", note=note)
    with tempfile.TemporaryDirectory() as folder:
        told, forgotten = kill_witness(Path(folder) / "w.sqlite", np.random.default_rng(4), KILLS)
    note = f"{KILLS} kills, {told} signatures"
    yield Measure(ROOM, "witness: signatures forgotten", forgotten, "signatures", 0, "less", note=note)


def peak_mb() -> float:
    """Largest memory this process has had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
