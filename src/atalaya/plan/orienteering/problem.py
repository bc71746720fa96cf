"""The team-orienteering problem: places with a prize, vehicles with a budget of time, what may be
collected."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE = 1e-6
"""Time by which a route may exceed its budget or a window: the published files and routes carry rounded
figures."""


UNSET: Any = None
"""Default of an array that is made from the number of places or vehicles."""


@dataclass(frozen=True)
class OrienteeringProblem:
    """Which places are worth a visit, what visits and ways cost, and what each vehicle has.

    Prizes, times and costs share one unit of time (seconds, or the length unit of a published instance). A
    place is visited once at most, by one vehicle. Places where a vehicle starts or ends are never visited
    on the
    way: their prize and service count for nothing. A vehicle leaves its start at `departs` (or when the
        start opens),
    may wait for a place to open, and must reach its end within `budget` of `departs`; waiting counts.

    Args:
        prize: (n,) float64, >= 0; a place with prize 0 is never worth a visit.
        cost: (k, n, n) float64, >= 0: `cost[kind, i, j]` is the time from i to j, inf where there is no
            way. It may be asymmetric.
        budget: (m,) float64, >= 0: time from departure to arrival at the end.
        start: (m,) int64, index of the place each vehicle leaves from.
        end: (m,) int64, index of the place each vehicle must reach; may be its start.
        kind: (m,) int64, row of `cost`; default all 0.
        service: (n,) float64, >= 0, time spent at a place; default 0.
        opens: (n,) float64, earliest beginning of service; default -inf.
        closes: (n,) float64, latest beginning of service (at an end: latest arrival); default inf.
        departs: (m,) float64, when each vehicle may set out; default 0.
        may_stay: leave a vehicle that cannot reach its end where it is, instead of refusing the problem.

    Raises:
        BadInput: ORI-001 a wrong shape, ORI-002 a number that cannot be, ORI-003 an index out of range,
            ORI-004 a window that closes before it opens, ORI-005 a vehicle that cannot reach its end within
            its budget.
    """

    prize: Floats
    cost: Floats
    budget: Floats
    start: Ints
    end: Ints
    kind: Ints = UNSET
    service: Floats = UNSET
    opens: Floats = UNSET
    closes: Floats = UNSET
    departs: Floats = UNSET
    may_stay: bool = False

    def __post_init__(self) -> None:
        nodes, vehicles = np.size(self.prize), np.size(self.budget)
        self._settle("prize", (nodes,))
        self._settle("budget", (vehicles,))
        self._settle("cost", (np.shape(self.cost)[0] if np.ndim(self.cost) == 3 else 1, nodes, nodes))
        self._settle("service", (nodes,), 0.0)
        self._settle("opens", (nodes,), -np.inf)
        self._settle("closes", (nodes,), np.inf)
        self._settle("departs", (vehicles,), 0.0)
        for name, count in (("start", nodes), ("end", nodes), ("kind", self.cost.shape[0])):
            self._settle_index(name, vehicles, count)
        self._check_numbers()
        self._check_ways()

    @property
    def nodes(self) -> int:
        """n, the number of places."""
        return len(self.prize)

    @property
    def vehicles(self) -> int:
        """m, the number of vehicles."""
        return len(self.budget)

    @property
    def timed(self) -> bool:
        """Whether any place has a window."""
        return bool(np.isfinite(self.opens).any() or np.isfinite(self.closes).any())

    @property
    def symmetric(self) -> bool:
        """Whether every way costs the same in both directions."""
        return bool(np.array_equal(self.cost, self.cost.transpose(0, 2, 1)))

    @property
    def limits(self) -> Floats:
        """(m,) float64: when each vehicle must have reached its end."""
        return np.minimum(self.departs + self.budget, self.closes[self.end])

    @property
    def able(self) -> NDArray[np.bool_]:
        """(m,) bool: vehicles that can reach their end in time by the direct way."""
        return self._direct() <= self.limits + TOLERANCE

    def reachable(self) -> NDArray[np.bool_]:
        """(n,) bool: places worth a prize that some vehicle could visit if it visited nothing else."""
        found = np.zeros(self.nodes, bool)
        for v in np.flatnonzero(self.able):
            ways, first, last = self.cost[self.kind[v]], self.start[v], self.end[v]
            leaves = max(self.departs[v], self.opens[first])
            begins = np.maximum(leaves + ways[first], self.opens)
            arrives = begins + self.service + ways[:, last]
            found |= (begins <= self.closes + TOLERANCE) & (arrives <= self.limits[v] + TOLERANCE)
        found[self.start] = found[self.end] = False
        return found & (self.prize > 0)

    def _settle(self, name: str, shape: tuple[int, ...], default: float | None = None) -> None:
        given = getattr(self, name)
        if given is None:
            given = np.full(shape, default)
        try:
            array = np.array(given, np.float64)
        except (TypeError, ValueError) as error:
            raise BadInput("ORI-002", where=name, detail=str(error)) from None
        if array.shape != shape:
            raise BadInput("ORI-001", where=name, found=array.shape, wanted=shape)
        array.setflags(write=False)
        object.__setattr__(self, name, array)

    def _settle_index(self, name: str, vehicles: int, count: int) -> None:
        given = getattr(self, name)
        array = np.zeros(vehicles, np.int64) if given is None else np.array(given)
        if array.shape != (vehicles,):
            raise BadInput("ORI-001", where=name, found=array.shape, wanted=(vehicles,))
        if vehicles and not np.issubdtype(array.dtype, np.integer):
            raise BadInput("ORI-003", where=name, found=str(array.dtype), count=count)
        array = array.astype(np.int64)
        wrong = (array < 0) | (array >= count)
        if wrong.any():
            raise BadInput(
                "ORI-003", where=f"{name}[{int(wrong.argmax())}]", found=int(array[wrong][0]), count=count
            )
        array.setflags(write=False)
        object.__setattr__(self, name, array)

    def _check_numbers(self) -> None:
        for name, infinite in (("prize", False), ("budget", False), ("service", False), ("cost", True)):
            array = getattr(self, name)
            wrong = np.isnan(array) | (array < 0) | (np.isinf(array) & (not infinite))
            self._refuse(name, wrong)
        self._refuse("departs", ~np.isfinite(self.departs))
        self._refuse("opens", np.isnan(self.opens) | (self.opens == np.inf))
        self._refuse("closes", np.isnan(self.closes) | (self.closes == -np.inf))
        shut = self.closes < self.opens
        if shut.any():
            raise BadInput("ORI-004", where=f"place {int(shut.argmax())}")

    def _refuse(self, name: str, wrong: NDArray[np.bool_]) -> None:
        if wrong.any():
            place = [int(index) for index in np.argwhere(wrong)[0]]
            found = getattr(self, name)[tuple(place)]
            raise BadInput("ORI-002", where=f"{name}{place}", detail=f"{found}")

    def prize_scale(self) -> float:
        """Time that a unit of prize is worth to solvers that only know costs.

        The smallest prize outweighs all budgets together, so that time never buys prize, as far as that
        keeps the mean prize below a hundred of the longest budgets: beyond that their searches lose sight
        of time.
        """
        spans = (self.limits - self.departs)[self.able]
        prizes = self.prize[self.reachable()]
        return float(min(spans.sum() / prizes.min(), 100.0 * spans.max() / prizes.mean()))

    def _direct(self) -> Floats:
        """(m,) float64: when each vehicle reaches its end by the direct way; inf if its start is closed."""
        leaves = np.maximum(self.departs, self.opens[self.start])
        needs = np.where(self.start == self.end, 0.0, self.cost[self.kind, self.start, self.end])
        return np.where(leaves <= self.closes[self.start] + TOLERANCE, leaves + needs, np.inf)

    def _check_ways(self) -> None:
        if self.may_stay or self.able.all():
            return
        v = int(self.able.argmin())
        needs, has = self._direct()[v] - self.departs[v], self.limits[v] - self.departs[v]
        raise BadInput("ORI-005", where=f"vehicle {v}", needs=f"{needs:g}", has=f"{has:g}")
