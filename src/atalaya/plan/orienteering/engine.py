"""The port that every solver of orienteering problems answers to, and the allowance it works within."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from atalaya.base.clock import monotonic_s
from atalaya.plan.orienteering.problem import OrienteeringProblem
from atalaya.plan.orienteering.routes import Routes

Progress = Callable[[Routes], None]
"""Called with the best so far whenever it became better."""


@dataclass(frozen=True)
class Allowance:
    """When a solver must stop: the first of its limits that is reached.

    Args:
        seconds: on `clock`; None for no limit.
        iterations: of the solver's own kind; None for no limit.
        stop: asked often; True stops at once, with the best so far.
        clock: seconds; the wall clock unless a test or a bench counts otherwise.
        started: the clock when the work began.
    """

    seconds: float | None
    iterations: int | None
    stop: Callable[[], bool] | None
    clock: Callable[[], float]
    started: float

    @classmethod
    def of(
        cls,
        seconds: float | None = None,
        iterations: int | None = None,
        stop: Callable[[], bool] | None = None,
        clock: Callable[[], float] = monotonic_s,
    ) -> "Allowance":
        """An allowance that begins now."""
        return cls(seconds, iterations, stop, clock, clock())

    def left_s(self) -> float:
        """Seconds left, inf without a limit."""
        return float("inf") if self.seconds is None else self.seconds - (self.clock() - self.started)

    def spent(self, rounds: int) -> bool:
        """Whether a solver that has made so many rounds must stop."""
        if self.iterations is not None and rounds >= self.iterations:
            return True
        return self.left_s() <= 0.0 or (self.stop is not None and self.stop())


class Engine(Protocol):
    """A way to solve orienteering problems.

    An engine never returns routes that break a budget or a window, whatever it believes of them: what it
    cannot visit in time it leaves out.
    """

    name: str

    def solve(
        self,
        problem: OrienteeringProblem,
        *,
        seed: int,
        allowance: Allowance,
        progress: Progress | None = None,
    ) -> Routes:
        """The best routes found within the allowance; the same for the same seed and count of iterations."""
