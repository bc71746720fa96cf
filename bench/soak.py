"""Counts too long for the tests: ten million fuzzed KLV packets."""

import os
import resource
import time
from collections.abc import Iterator

import numpy as np

from bench.klv import OSH, packets_of
from bench.measure import Measure
from bench.shared import shared
from tests.klv_fuzz import fuzz
from tests.property.test_klv_framer import made_packets

ROOM = "soak"
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


def peak_mb() -> float:
    """Largest memory this process has had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
