"""One call for every engine."""

from collections.abc import Callable
from dataclasses import replace

from atalaya.base.clock import monotonic_s
from atalaya.base.errors import Usage
from atalaya.plan.orienteering.engine import Allowance, Engine, Progress
from atalaya.plan.orienteering.problem import OrienteeringProblem
from atalaya.plan.orienteering.routes import Routes, check

ENGINES = ("own", "pyvrp", "ortools")
"""Names that `solve` knows; the last two need the extra `routing`."""


def engine_named(name: str) -> Engine:
    """An engine by name.

    Raises:
        Usage: ORI-021 no such engine.
        NotFound: ORI-020 its library is not installed.
    """
    if name == "own":
        from atalaya.plan.orienteering.own_engine import OwnEngine

        return OwnEngine()
    if name == "pyvrp":
        from atalaya.plan.orienteering.pyvrp_engine import PyvrpEngine

        return PyvrpEngine()
    if name == "ortools":
        from atalaya.plan.orienteering.ortools_engine import OrtoolsEngine

        return OrtoolsEngine()
    raise Usage("ORI-021", found=name, known=", ".join(ENGINES))


def solve(
    problem: OrienteeringProblem,
    *,
    seed: int,
    seconds: float | None = None,
    iterations: int | None = None,
    engine: str | Engine = "own",
    stop: Callable[[], bool] | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = monotonic_s,
) -> Routes:
    """Routes that collect as much prize as can be found; every answer has passed `check`.

    Args:
        problem: what may be collected, and with what.
        seed: the same seed and `iterations` give the same routes.
        seconds: stop after so long; the best so far is returned.
        iterations: stop after so many rounds of the engine.
        engine: "own", "pyvrp", "ortools", or any `Engine`.
        stop: asked often; True stops at once, with the best so far.
        progress: called with each better answer as it is found.
        clock: what `seconds` are measured on.

    Raises:
        Usage: ORI-021 no such engine, ORI-022 no limit at all was given.
        NotFound: ORI-020 the engine's library is not installed.
        VerificationFailed: an engine returned what `check` does not accept.
    """
    if seconds is None and iterations is None and stop is None:
        raise Usage("ORI-022")
    solver = engine_named(engine) if isinstance(engine, str) else engine
    allowance = Allowance.of(seconds, iterations, stop, clock)
    found = solver.solve(problem, seed=seed, allowance=allowance, progress=progress)
    return replace(found, prize=check(problem, found).prize)
