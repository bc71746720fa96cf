"""Several resources: the best allocation, by a primal-dual interior point method, with its certificate.

Minimise sum_i p_i exp(-sum_j w_ij t_ij) over t >= 0, sum_i t_ij <= T_j (Washburn, "Finite method for a
nonlinear allocation problem", JOTA 85(3), 1995). What is left of each cell, q_i, is a variable of its own,
tied by ln(q_i / p_i) + sum_j w_ij t_ij = 0: this is the only condition that is not linear, and it stays
tame where cells are searched to the last thousandth. Its blocks are of rank one per cell, so that a Newton
step costs O(n m^2): each block is inverted by Sherman and Morrison, and one m x m system remains for the
prices. Mehrotra's predictor and corrector (SIAM J. Optimization 2(4), 1992). The dual bound at the prices
found proves the answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.plan.effort.allocation import Allocation, Problem, problem
from atalaya.plan.effort.bound import dual_bound, prices_of
from atalaya.plan.effort.charnes_cooper import water_filled

Floats = NDArray[np.float64]

MOST_STEPS = 200
_CLOSE = 1e-12
_BACK_OFF = 0.995
_GROWTH = 9.0
_LEAST_LEFT = 1e-3
_MOST_ROUNDS, _PROVED, _STANDS_STILL = 300, 1e-10, 1e-15


def allocate_resources(
    worth: ArrayLike, speed: ArrayLike, hours: ArrayLike, *, hidden: ArrayLike | None = None
) -> Allocation:
    """The allocation of several resources that finds most.

    Args:
        worth: (n,) expected facilities of each cell. speed: (n, m) rate of detection per hour of each
            resource.
        hours: (m,) of each. hidden: (n,) share that no look can show.

    Raises:
        BadInput: SNS-015, SNS-016, see `allocation.problem`.
    """
    case = problem(worth, speed, hours, hidden)
    effort, price = np.zeros(case.speed.shape), np.zeros(case.hours.size)
    pairs = (case.speed > 0.0) & (case.worth[:, None] > 0.0)
    rows, used = pairs.any(axis=1), pairs.any(axis=0) & (case.hours > 0.0)
    rows &= pairs[:, used].any(axis=1)
    if used.any():
        part = Problem(case.worth[rows], case.speed[np.ix_(rows, used)], case.hours[used])
        found, prices = _solved(part)
        effort[np.ix_(rows, used)] = found
        price[used] = prices
    return _certified(case, effort, price, pairs & used)


def _solved(case: Problem) -> tuple[Floats, Floats]:
    """Effort and prices of a problem in which everything is of use."""
    if case.hours.size == 1:
        alone, its_price = water_filled(case.worth, case.speed[:, 0], float(case.hours[0]))
        return alone[:, None], np.array([its_price])
    # worth adds up to 1 and each resource has one hour: everything is of order one
    total = float(case.worth.sum())
    scaled = Problem(case.worth / total, case.speed * case.hours, np.ones(case.hours.size))
    state = _start(scaled)
    for _ in range(MOST_STEPS):
        if state.gap() <= _CLOSE and np.abs(_untied(scaled, state) * state.left).max() <= _CLOSE:
            break
        after = _stepped(scaled, state)
        if after is None:
            break
        state = after
    effort, price = _finished(scaled, state)
    return effort * case.hours, price * total / case.hours


@dataclass(frozen=True, slots=True)
class _State:
    """Effort t, what is left q, unspent hours s, multipliers z of t >= 0 and prices L of the hours."""

    effort: Floats
    left: Floats
    unspent: Floats
    floor: Floats
    price: Floats

    def gap(self) -> float:
        """Sum of the products that are zero at the optimum."""
        return float((self.effort * self.floor).sum() + self.unspent @ self.price)

    def parts(self) -> tuple[Floats, ...]:
        """All of it; every number stays above zero."""
        return self.effort, self.left, self.unspent, self.floor, self.price


@dataclass(frozen=True, slots=True)
class _Newton:
    """What both steps of one iteration share: residuals, and the blocks that are inverted."""

    case: Problem
    state: _State
    untied: Floats
    dual: Floats
    primal: Floats
    inverse_diagonal: Floats
    weight: Floats
    schur: Floats

    def solve(self, floor_target: Floats, price_target: Floats) -> _State:
        """The step towards products of the given size."""
        at, w = self.state, self.case.speed
        rhs = floor_target / at.effort + self.dual - w * (at.left * self.untied)[:, None]
        eased = self._block(rhs)
        needed = eased.sum(axis=0) + price_target / at.price + self.primal
        d_price = np.linalg.solve(self.schur, needed)
        d_effort = eased - self._block(np.broadcast_to(d_price, rhs.shape))
        d_left = -at.left * (self.untied + (w * d_effort).sum(axis=1))
        # two forms of one equation: each keeps the digits that the other one loses
        level = d_price - w * d_left[:, None] - self.dual
        d_floor = np.where(at.floor > at.effort, level, (floor_target - at.floor * d_effort) / at.effort)
        return _State(d_effort, d_left, (price_target - at.unspent * d_price) / at.price, d_floor, d_price)

    def _block(self, right: Floats) -> Floats:
        """Blocks (diagonal + q w w^T)^-1 times (n, m)."""
        light = self.inverse_diagonal * right
        return np.asarray(light - self.weight * (self.case.speed * light).sum(axis=1, keepdims=True))


def _start(case: Problem) -> _State:
    n, m = case.speed.shape
    effort = np.full((n, m), 0.9 / n)
    # not further down than this: where hours are plenty, exp would leave nothing to divide by
    left = np.maximum(case.left(effort), case.worth * _LEAST_LEFT)
    margin = left[:, None] * case.speed
    price = margin.max(axis=0) * 1.1
    return _State(effort, left, np.full(m, 0.1), price - margin, price)


def _untied(case: Problem, at: _State) -> Floats:
    """(n,) by how much what is left is not what the effort leaves."""
    return np.asarray(np.log(at.left / case.worth) + (case.speed * at.effort).sum(axis=1))


def _stepped(case: Problem, at: _State) -> _State | None:
    """One predictor and corrector; None where numbers give out."""
    try:
        newton = _linearised(case, at)
        products, slack = at.effort * at.floor, at.unspent * at.price
        mean = at.gap() / (products.size + slack.size)
        trial = newton.solve(-products, -slack)
        ahead = _moved(at, trial, _length(at, trial, 1.0))
        centre = (ahead.gap() / at.gap()) ** 3 * mean
        step = newton.solve(
            centre - products - trial.effort * trial.floor, centre - slack - trial.unspent * trial.price
        )
    except np.linalg.LinAlgError:
        return None
    if not all(np.isfinite(part).all() for part in step.parts()):
        return None
    after = _moved(at, step, _length(at, step, _BACK_OFF))
    return after if all((part > 0.0).all() for part in after.parts()) else None


def _linearised(case: Problem, at: _State) -> _Newton:
    w = case.speed
    dual = at.floor - at.price + at.left[:, None] * w
    primal = at.effort.sum(axis=0) + at.unspent - case.hours
    inverse = at.effort / at.floor
    scaled = w * inverse
    bend = at.left / (1.0 + at.left * (w * scaled).sum(axis=1))
    weight = bend[:, None] * scaled
    schur = np.diag(inverse.sum(axis=0) + at.unspent / at.price) - weight.T @ scaled
    return _Newton(case, at, _untied(case, at), dual, primal, inverse, weight, schur)


def _length(at: _State, step: _State, share: float) -> float:
    """How much of a step may be made before a number reaches zero or what is left grows tenfold."""
    length = 1.0
    for value, change in zip(at.parts(), step.parts(), strict=True):
        falls = change < 0.0
        if falls.any():
            length = min(length, share * float((-value[falls] / change[falls]).min()))
    growth = float((step.left / at.left).max())
    return min(length, _GROWTH / growth) if growth > _GROWTH else length


def _moved(at: _State, step: _State, length: float) -> _State:
    return _State(*(value + length * change for value, change in zip(at.parts(), step.parts(), strict=True)))


def _finished(case: Problem, state: _State) -> tuple[Floats, Floats]:
    """The answer as it is where it is proved good; else made better resource by resource.

    Numbers of the problem that span very many decades defeat the Newton steps. Water filling of one resource
    after the other never loses, and ends in the optimum, if slowly; what is still missing, the bound tells.
    """
    spent = state.effort.sum(axis=0)
    effort, price = state.effort / np.maximum(spent, 1.0), state.price
    for _ in range(_MOST_ROUNDS):
        before = case.found(effort)
        if min(dual_bound(case, price), dual_bound(case, prices_of(case, effort))) - before <= _PROVED:
            break
        effort, price = _round(case, effort)
        if case.found(effort) - before <= _STANDS_STILL:
            break
    return effort, price


def _round(case: Problem, effort: Floats) -> tuple[Floats, Floats]:
    """(n, m) effort and (m,) prices after each resource has made the best of what the others leave."""
    after, price = effort.copy(), np.zeros(case.hours.size)
    for j in range(case.hours.size):
        others = (case.speed * after).sum(axis=1) - case.speed[:, j] * after[:, j]
        rest = case.worth * np.exp(-np.maximum(others, 0.0))
        after[:, j], price[j] = water_filled(rest, case.speed[:, j], float(case.hours[j]))
    return after, price


def _certified(case: Problem, effort: Floats, price: Floats, pairs: NDArray[np.bool_]) -> Allocation:
    """Effort made exactly feasible, and the better of two bounds."""
    kept = np.where(pairs, np.maximum(effort, 0.0), 0.0)
    spent = kept.sum(axis=0)
    useful = price > 0.0
    factor = np.where(
        (spent > case.hours) | (useful & (spent > 0.0)), case.hours / np.where(spent > 0, spent, 1.0), 1.0
    )
    kept = kept * factor
    found = case.found(kept)
    bound = min(dual_bound(case, price), dual_bound(case, prices_of(case, kept)), float(case.worth.sum()))
    return Allocation(kept, found, price, max(found, bound))
