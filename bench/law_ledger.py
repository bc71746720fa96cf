"""Ledger: the partition over random registers, sorties removed from a list, and how fast both are."""

import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from atalaya.law.ledger.completeness import Completeness, reconcile
from atalaya.law.ledger.partition import partition
from bench.measure import Measure
from tests.law_fleet import fleet
from tests.law_random import random_case

ROOM = "law"
LEDGERS = 100_000


def measures() -> Iterator[Measure]:
    """Every measure of the ledger."""
    yield from partitions()
    yield from removals()


def partitions() -> Iterator[Measure]:
    """Random sorties with random papers, revocations and disputes: does every instant have one class?"""
    rng = np.random.default_rng(2026)
    wrong, spent = 0, 0.0
    for _ in range(LEDGERS):
        case = random_case(rng)
        statements = case.statements(case.known_us)
        start = time.perf_counter()
        entries = partition(case.facts, statements)
        spent += time.perf_counter() - start
        ends = (entries[0].start_us, entries[-1].end_us) == (case.facts.start_us, case.facts.end_us)
        joined = all(a.end_us == b.start_us for a, b in pairwise(entries))
        wrong += not (ends and joined and all(entry.end_us > entry.start_us for entry in entries))
    yield Measure(ROOM, "random ledgers whose classes do not add up", wrong, f"of {LEDGERS:,}", 0, "less")
    yield Measure(ROOM, "partitions of a sortie", LEDGERS / spent, "/s")


def removals() -> Iterator[Measure]:
    """Take any one of 700 sorties off the list; then the counters too."""
    sorties, counters = fleet()
    found = called_complete = 0
    for gone in range(len(sorties)):
        left = sorties[:gone] + sorties[gone + 1 :]
        found += reconcile(left, counters).verdict is Completeness.NOT_RECONCILED
        called_complete += reconcile(left, []).verdict is Completeness.COMPLETE
    yield Measure(ROOM, "sorties removed from a list, found", found, f"of {len(sorties)}", len(sorties))
    yield Measure(ROOM, "called complete without counters", called_complete, f"of {len(sorties)}", 0, "less")
