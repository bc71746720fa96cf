"""Instance files of team orienteering solved one by one, with the certificate of each answer."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from errno import ENOENT
from pathlib import Path
from typing import Any

from atalaya.base.clock import monotonic_s
from atalaya.base.errors import NotFound
from atalaya.plan.orienteering import Certificate, Instance, Routes, check, read_instance, solve

SCHEMA = "atalaya.plan-routes/1"


@dataclass(frozen=True)
class Solved:
    """One instance and its routes.

    Args:
        file: it was read from. certificate: recomputed from the problem alone.
        seed, seconds: of the search, and how long it took.
    """

    file: Path
    instance: Instance
    routes: Routes
    certificate: Certificate
    seed: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The `atalaya.plan-routes/1` object; places are counted from 0 in the order of the file."""
        problem, proof = self.instance.problem, self.certificate
        routes = [
            {
                "places": [int(problem.start[v]), *visits, int(problem.end[v])],
                "length": proof.lengths[v],
                "budget": float(problem.budget[v]),
                "score": float(problem.prize[list(visits)].sum()),
                **({"begins": list(proof.begins[v])} if problem.timed else {}),
            }
            for v, visits in enumerate(self.routes.visits)
        ]
        return {
            "schema": SCHEMA,
            "file": str(self.file),
            "instance": self.instance.name,
            "places": problem.nodes,
            "score": proof.prize,
            "checked": True,
            "complete": self.routes.complete,
            "routes": routes,
            "engine": self.routes.engine,
            "rounds": self.routes.rounds,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
        }


def files_in(place: Path) -> list[Path]:
    """The file itself, or the instance files below a folder: those ending in .txt, else all, by name.

    Raises:
        NotFound: SNS-005, nothing is there.
    """
    if not place.is_dir():
        return [place]
    every = sorted(file for file in place.rglob("*") if file.is_file() and not file.name.startswith("."))
    found = [file for file in every if file.suffix.lower() == ".txt"] or every
    if not found:
        raise NotFound("SNS-005", where=str(place), detail="0")
    return found


def solve_file(
    file: Path,
    *,
    engine: str,
    seed: int,
    seconds: float | None,
    iterations: int | None,
    vehicles: int | None,
    stop: Callable[[], bool],
) -> Solved:
    """Read, solve and check one instance.

    Raises:
        NotFound: SNS-005 no such file, ORI-020 the engine is not installed. BadInput: ORI-0xx.
        VerificationFailed: ORI-01x, the answer breaks a rule of the problem.
    """
    if not file.exists():
        raise NotFound("SNS-005", where=str(file), detail=os.strerror(ENOENT))
    instance = read_instance(file, vehicles=vehicles)
    began = monotonic_s()
    found = solve(
        instance.problem, seed=seed, seconds=seconds, iterations=iterations, engine=engine, stop=stop
    )
    took = monotonic_s() - began
    return Solved(file, instance, found, check(instance.problem, found), seed, took)
