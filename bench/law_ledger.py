"""Ledger: the partition over random registers, sorties removed from a list, and how fast both are."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.base.clock import now_us
from atalaya.campaign.ledger_issue import issue_page
from atalaya.campaign.overflights import Assumptions
from atalaya.campaign.registers import open_registers
from atalaya.campaign.sorties import NewSortie, record_flights
from atalaya.law.ledger.completeness import Completeness, reconcile
from atalaya.law.ledger.partition import partition
from atalaya.law.records.register import Draft
from bench.measure import Measure, best_of
from tests.law_facts import authorisation
from tests.law_fleet import fleet
from tests.law_random import random_case

ROOM = "law"
LEDGERS = 100_000


def measures() -> Iterator[Measure]:
    """Every measure of the ledger."""
    yield from partitions()
    yield from removals()
    yield from pages()


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


SORTIES, PAPERS = 30, 12


def pages() -> Iterator[Measure]:
    """One page over thirty sorties with every figure proved: in this process, and as a command."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mission"
        made = workspace(root, Path(folder))
        target = Path(folder) / "account.pdf"

        def issue() -> dict[str, Any]:
            return issue_page(
                root,
                target,
                edition="committee",
                state="",
                period_us=None,
                known_us=now_us(),
                assumptions=Assumptions(),
            )

        issued = issue()
        note = f"{made} sorties, {issued['figures']} figures; accounts of tracks already kept"
        yield Measure(ROOM, "one page and its proofs", best_of(3, issue), "s", 1.0, "less", note=note)
        command = [sys.executable, "-m", "atalaya.cli.main", "ledger", "page"]
        command += ["--workspace", str(root), "--output", str(target)]
        seconds = best_of(3, lambda: subprocess.run(command, check=True, capture_output=True))
        yield Measure(ROOM, "the same as a command, start included", seconds, "s", 1.0, "less", note=note)
        verifier = Path(__file__).resolve().parents[1] / "verify" / "atalaya_verify.py"
        check = [sys.executable, str(verifier), "bundle", str(issued["policy"]), str(issued["bundle"])]
        accepted = subprocess.run(check, check=False, capture_output=True).returncode == 0
        yield Measure(ROOM, "its figures that the separate verifier accepts", 100.0 * accepted, "%", 100.0)


def workspace(root: Path, folder: Path) -> int:
    """A workspace with flights into Sonora and papers for them; how many sorties."""
    papers = [authorisation(f"P{n}", None, None, 0, band="FL180-FL250") for n in range(PAPERS)]
    with open_registers(root) as registers:
        registers.append([Draft(replace(paper, recorded_us=0)) for paper in papers])
        for number in range(SORTIES):
            track = folder / f"{number}.csv"
            write_flight(track, day=number + 1)
            record_flights(registers, track, NewSortie("X1", "USA", None, ("eo",)))
    return SORTIES


def write_flight(path: Path, day: int) -> None:
    """South from Arizona into Sonora and back, a fix a second for two hours."""
    step = np.arange(7200)
    lat = 32.2 - 0.0009 * np.where(step < 3600, step, 7200 - step)
    start = 1_738_368_000 + 86_400 * day
    rows = (f"{start + n},-111.5,{value:.6f},6096,100,10\n" for n, value in zip(step, lat, strict=True))
    head = "time_s,lon_deg,lat_deg,height_pressure_m,ground_speed_mps,containment_m\n"
    path.write_text(head + "".join(rows), encoding="utf-8")
