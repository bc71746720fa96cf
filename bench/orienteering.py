"""Team orienteering: gap to the best known scores, ours, PyVRP's and OR-Tools' on the same instances and
seconds.

By default a frozen sample, drawn over sets, numbers of routes and budgets. `ATALAYA_BENCH_FULL=1` takes every
instance; `ATALAYA_TOP_INSTANCES` another directory of files (with `best.txt` of "name score" lines where
scores are known); `ATALAYA_TOP_SECONDS` other seconds than 10; `ATALAYA_TOP_TABLE` names a file for one
JSON object per instance, engine and run, routes included, each checked by `check` with real distances.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atalaya.base.errors import BadInput, NotFound
from atalaya.plan.orienteering import Engine, Instance, check, read_instance, solve
from bench.measure import Measure
from bench.shared import shared

ROOM = "plan"
SECONDS = float(os.environ.get("ATALAYA_TOP_SECONDS", "10"))
SAMPLE = (
    "p1.3.p", "p2.2.h", "p3.4.q",
    "p4.2.f", "p4.2.q", "p4.3.n", "p4.4.p", "p4.4.r",
    "p7.2.q", "p7.3.k", "p7.3.t", "p7.4.o",
)  # fmt: skip
"""Frozen: easy and hard, two to four routes, short to long budgets."""

SEED = 1
MEAN_GOAL, WORST_GOAL = 0.3, 1.5


@dataclass(frozen=True)
class Case:
    """An instance and the best score known for it."""

    instance: Instance
    best: float


def measures() -> Iterator[Measure]:
    """Mean and worst gap of our engine against each peer."""
    cases = list(chosen())
    if not cases:
        yield Measure(ROOM, "orienteering, mean gap", None, "%", MEAN_GOAL, "less", note="no instances here")
        return
    gaps = {engine.name: [run(case, engine) for case in cases] for engine in engines()}
    ours = np.array(gaps.pop("own"))
    note = (
        f"{len(cases)} instances, {SECONDS:g} s each on one core; found more than known on {(ours < 0).sum()}"
    )
    for peer, theirs in gaps.items():
        for what, shown, goal in (("mean", np.mean, MEAN_GOAL), ("worst", np.max, WORST_GOAL)):
            yield Measure(
                ROOM,
                f"orienteering, {what} gap to best known",
                float(shown(ours)),
                "%",
                goal,
                "less",
                peer=peer,
                peer_value=float(shown(theirs)),
                note=note,
            )
    if not gaps:
        note += "; no peers here"
        for what, shown, goal in (("mean", np.mean, MEAN_GOAL), ("worst", np.max, WORST_GOAL)):
            name = f"orienteering, {what} gap to best known"
            yield Measure(ROOM, name, float(shown(ours)), "%", goal, "less", note=note)


def engines() -> Iterator[Engine]:
    """Ours, and the peers that are installed, with the scales found best for these instances."""
    from atalaya.plan.orienteering.own_engine import OwnEngine

    yield OwnEngine()
    try:
        from atalaya.plan.orienteering.ortools_engine import OrtoolsEngine
        from atalaya.plan.orienteering.pyvrp_engine import PyvrpEngine

        yield PyvrpEngine(scale=1e3, prize_scale=3e4)
        yield OrtoolsEngine(scale=1e3, prize_scale=1e3)
    except NotFound:
        return


def run(case: Case, engine: Engine) -> float:
    """The gap in %, negative where more was found than is known; the routes go into the table."""
    found = solve(case.instance.problem, seed=SEED, seconds=SECONDS, engine=engine)
    certificate = check(case.instance.problem, found)
    gap = 100.0 * (case.best - certificate.prize) / case.best
    table = os.environ.get("ATALAYA_TOP_TABLE")
    if table:
        row = {
            "instance": case.instance.name,
            "engine": engine.name,
            "seed": SEED,
            "seconds": SECONDS,
            "best_known": case.best,
            "prize": certificate.prize,
            "gap": gap,
            "lengths": certificate.lengths,
            "routes": found.visits,
        }
        with Path(table).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    return gap


def chosen() -> Iterator[Case]:
    """The instances asked for that have a score above zero."""
    other = os.environ.get("ATALAYA_TOP_INSTANCES")
    folder = Path(other) if other else shared("plan/top")
    if folder is None:
        return
    known = best_known(folder)
    everything = other or os.environ.get("ATALAYA_BENCH_FULL") == "1"
    for path in sorted(folder.rglob("*.txt")):
        best = known.get(path.stem, 0.0)
        if best > 0.0 and (everything or path.stem in SAMPLE):
            try:
                yield Case(read_instance(path), best)
            except BadInput as error:
                print(error, file=sys.stderr)


def best_known(folder: Path) -> dict[str, float]:
    """Scores of every table in the folder: "name score" per line, and certified ones above them."""
    known: dict[str, float] = {}
    for path in [*folder.glob("bks*.txt"), *folder.glob("best.txt")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = re.sub(r"\.txt\b", "", line).split()
            if len(fields) == 2:
                known[fields[0]] = float(fields[1])
    for path in folder.glob("certified*.json"):
        for name, entry in json.loads(path.read_text(encoding="utf-8")).items():
            known[name] = max(known.get(name, 0.0), float(entry["score"]))
    return known
