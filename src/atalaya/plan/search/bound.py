"""A bound on what any flyable paths can find: effort spread freely, but paid for coming, going and turning.

Unknowns are y_c = sum_k W_k L_kc / A, the coverage of each cell c by all sorties k, and z_S in {0, 1},
whether anything is found in a set S of cells. A cell found in gives g_c(y) = worth_c (1 - exp(-e_c y)). Every
flyable set of paths fulfils the three rules below, so the greatest sum of g_c under them is a bound, and so
is the Lagrange dual at any multipliers (weak duality): that is what is returned, with no trust in the
optimiser. a is a cell's edge, W the least sweep width, R the least turn radius.

Time. A flight of duration T over displacement D in wind w has air velocity of size V, so its mean air
velocity is D/T - w, and by Jensen its ground length is at most T sqrt(mean |v + w|^2) =
T sqrt(V^2 - w^2 + 2 w.D/T). (Arcs are scored as chords stretched by s: D is then wrong by s - 1 times
the length at most.) Hence
sum_c y_c <= sum_k W_k length_k / A. Multiplier: the price.

Moats. Let no sortie start or end in S or the j layers of cells around it (each all neighbours of the one
before). A path that finds anything in S crosses each layer inward and outward, and a layer is a wide:
y(layer) >= 2 (W / a) z_S. Cells themselves are such sets, with layers that are square rings, and so are the
parts of the map above a level of smoothed worth; they are nested, with z_S <= z_T for S in T. The gain of a
cell is z g(y / z), the perspective of g, equal to g at z = 1: with all multipliers set, a set is worth
max(0, worth of its cells and subsets - 2 (W / a) sum of its moats' multipliers), from the inside out.

Turns. Let no start or end be in the 3 x 3 block around a cell c. By Schur's comparison theorem two points of
a curve of curvature at most 1/R that lie an arc t <= 2 pi R apart have distance >= 2 R sin(t / 2R). Two
moments in c have distance <= d = a sqrt 2 (plus twice the sagitta of a chord), so they lie <= t1 or >= 2 pi R
- t1 apart, t1 = 2R asin(d / 2R): visits come in clusters of length <= t1, and between two clusters at least 2
pi R - t1 is flown outside c. Before the first, after the last and between two clusters the path either leaves
the block, flying a through the ring out and as much in, or stays in the ring for 2 pi R - t1. So
y(ring) >= min(2 a, 2 pi R - t1) / t1 y_c. Wants 2 R > d.

What is only flown over finds nothing at the cell's price, so prices must not be negative: where they are, the
price of time is raised until none is. Ground beyond the map that may be flown is a margin of cells worth
nothing; moats and rings that would reach beyond that margin are left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.search.moats import Moats, moats_of, ring_sum
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.track import TURN_STEP_DEG

Floats = NDArray[np.float64]
HALF_STEP = np.radians(TURN_STEP_DEG) / 2
STRETCH = HALF_STEP / np.sin(HALF_STEP)
SAGITTA = 1 - np.cos(HALF_STEP)
SMOOTH = (0.3, 0.005)
"""Rounding of the corners of the dual, first and last, in prices."""

STRICT = (0.1, 1.0)
"""Weight of the penalty on negative prices, first and last, in efforts."""

PACE, SLOWER = 0.03, 0.02
"""First step of the descent (Adam, Kingma and Ba 2015, kept positive), in prices, and what it shrinks to."""

LEAST_PRICE = 1e-6


@dataclass(frozen=True, slots=True)
class PathBound:
    """Upper bounds on the expected finds of any flyable paths.

    Args:
        finds: the bound.
        plain: water filling of the same effort (Charnes and Cooper), blind to paths.
    """

    finds: float
    plain: float


def path_bound(problem: SearchProblem, *, steps: int = 1500) -> PathBound:
    """Bound what any flyable paths of the problem can find; the proof is the module's text.

    Args:
        problem: the map and the flights.
        steps: of the descent to good multipliers; fewer give a looser bound, never a wrong one.
    """
    if not problem.sorties or problem.worth.max() <= 0:
        return PathBound(0.0, 0.0)
    dual = _Dual.of(problem)
    plain = dual.plain()
    return PathBound(finds=min(dual.least(steps), plain), plain=plain)


def length_bound_m(problem: SearchProblem, k: int) -> float:
    """What sortie k can fly over the ground at most, metres."""
    s = problem.sorties[k]
    wind, moved = np.array(s.wind_ms), np.subtract(s.end, s.start)
    speed = float(np.hypot(*wind))
    square = s.airspeed_ms**2 - speed**2 + 2 * float(wind @ moved) / s.endurance_s
    square += 2 * speed * (STRETCH - 1) * (s.airspeed_ms + speed)
    return float(s.endurance_s * np.sqrt(max(square, 0.0)))


def turn_ratio(problem: SearchProblem) -> float:
    """Least coverage of the ring around a cell per coverage of the cell; 0 where turns are tight."""
    radii = np.array([s.turn_radius_m for s in problem.sorties]) / problem.cell_m
    radius, reach = float(radii.min()), np.sqrt(2) + 2 * SAGITTA * float(radii.max())
    if reach >= 2 * radius:
        return 0.0
    cluster = 2 * radius * np.arcsin(reach / (2 * radius))
    return float(min(2.0, 2 * np.pi * radius - cluster) / cluster)


@dataclass(slots=True)
class _Dual:
    """The dual function. Multipliers, in units of `price`: time, moats of cells, turns, moats of sets."""

    worth: Floats
    rate: Floats
    open: NDArray[np.bool_]
    effort: float
    ratio: float
    moats: Moats
    price: float
    smooth: float = 0.0
    strict: float = 0.0

    @classmethod
    def of(cls, problem: SearchProblem) -> "_Dual":
        moats = moats_of(problem)
        area = problem.cell_m**2
        effort = sum(s.sweep_m * length_bound_m(problem, k) / area for k, s in enumerate(problem.sorties))
        worth, rate = moats.padded(problem.worth, 0.0), moats.padded(problem.effectiveness, 1.0)
        found = cls(
            worth,
            np.maximum(rate, 1e-9),
            moats.padded(problem.flyable, True) > 0,
            effort,
            turn_ratio(problem),
            moats,
            1.0,
        )
        found.price = found._water()
        return found

    def plain(self) -> float:
        """Water filling: the dual with nothing but a price of time."""
        price = np.full(self.worth.shape, self._water())
        return float(self._filled(price)[0].sum() + price.flat[0] * self.effort)

    def _water(self) -> float:
        """The price at which free effort is used up."""
        slope = np.where(self.open, self.worth * self.rate, 0.0)
        low, high = -80.0, 0.0
        for _ in range(100):
            middle = (low + high) / 2
            least = slope.max() * np.exp(middle)
            y = np.log(np.maximum(slope, least) / least) / self.rate
            low, high = (middle, high) if y.sum() > self.effort else (low, middle)
        return float(slope.max() * np.exp(high))

    def _filled(self, price: Floats) -> tuple[Floats, Floats]:
        """max_y g(y) - price y of each cell, and the y."""
        slope = np.where(self.open, self.worth * self.rate, 0.0)
        y = np.log(np.maximum(slope, price) / price) / self.rate
        return self.worth * -np.expm1(-self.rate * y) - price * y, y

    def _split(self, x: Floats) -> tuple[float, Floats, Floats, Floats]:
        cells, rings = self.worth.size, self.moats.rings
        own = x[1 : 1 + rings * cells].reshape(rings, *self.worth.shape) * self.moats.own
        turn = x[1 + rings * cells : 1 + (rings + 1) * cells].reshape(self.worth.shape) * self.moats.own[0]
        return float(x[0]), own, turn, x[1 + (rings + 1) * cells :]

    def prices(self, x: Floats) -> Floats:
        """What a unit of coverage of each cell costs, in units of `price`."""
        time, own, turn, sets = self._split(x)
        cost = (
            time
            - (self.moats.layers @ sets).reshape(self.worth.shape)
            + self.ratio * turn
            - ring_sum(turn, 1)
        )
        for k, each in enumerate(own, start=1):
            cost = cost - ring_sum(each, k)
        return np.asarray(cost)

    def value(self, x: Floats) -> tuple[float, Floats]:
        """The rounded dual at multipliers x >= 0, with a penalty on negative prices, and its gradient."""
        time, own, _, sets = self._split(x)
        cost = self.prices(x)
        gain, y = self._filled(self.price * np.maximum(cost, LEAST_PRICE))
        twice = 2 * self.moats.unit * self.price
        cell_value, cell_share = self._corner(gain - twice * own.sum(axis=0))
        total, share = self.moats.summed(cell_value, twice * sets, self._corner)
        y = y * (share[0] * cell_share) * (cost > LEAST_PRICE)
        below = np.where(self.open, np.minimum(cost, 0.0), 0.0)
        total += self.price * (time * self.effort + 0.5 * self.strict * float((below**2).sum()))
        y = y - self.strict * below
        slope = [np.array([self.effort - y.sum()])]
        for k in range(1, len(own) + 1):
            part = ring_sum(y, k) - 2 * self.moats.unit * share[0] * cell_share
            slope.append((part * self.moats.own[k - 1]).ravel())
        slope.append(((ring_sum(y, 1) - self.ratio * y) * self.moats.own[0]).ravel())
        slope.append(self.moats.layers.T @ y.ravel() - 2 * self.moats.unit * share[1])
        return float(total), self.price * np.concatenate(slope)

    def _corner(self, t: Floats) -> tuple[Floats, Floats]:
        """max(0, t), rounded while descending, and its slope."""
        if self.smooth == 0:
            return np.maximum(t, 0.0), (t > 0).astype(np.float64)
        width = self.smooth * self.price
        return width * np.logaddexp(0, t / width), 1 / (1 + np.exp(-np.clip(t / width, -500, 500)))

    def exact(self, x: Floats) -> float:
        """The dual itself, at x with the price of time raised until no price is negative: a bound."""
        x = np.maximum(x, 0.0)
        x[0] += max(0.0, LEAST_PRICE - float(self.prices(x)[self.open].min()))
        self.smooth = self.strict = 0.0
        return self.value(x)[0]

    def least(self, steps: int) -> float:
        """The least bound a descent finds."""
        x = np.zeros(1 + (self.moats.rings + 1) * self.worth.size + self.moats.layers.shape[1])
        x[0] = 1.0
        best = self.exact(x.copy())
        mean, square = np.zeros_like(x), np.zeros_like(x)
        for step in range(1, steps + 1):
            late = step / steps
            self.smooth = SMOOTH[0] * (SMOOTH[1] / SMOOTH[0]) ** late
            self.strict = self.effort * STRICT[0] * (STRICT[1] / STRICT[0]) ** late
            slope = self.value(x)[1] / (self.price * self.moats.unit)
            mean += 0.1 * (slope - mean)
            square += 0.01 * (slope**2 - square)
            scale = np.sqrt(square / (1 - 0.99**step)) + 0.02
            x = np.maximum(0.0, x - PACE * (SLOWER**late) * mean / (1 - 0.9**step) / scale)
            if step % max(steps // 20, 1) == 0:
                best = min(best, self.exact(x.copy()))
        return best
