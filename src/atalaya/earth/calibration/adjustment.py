"""Bundle adjustment: the most probable unknowns of a block, their covariance, and what each mark adds."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.calibration.block import SHARED, Block, Floats, Unknowns
from atalaya.earth.calibration.normal import (
    Normal,
    Rows,
    block_diagonal,
    chosen,
    inverse_of,
    normal,
    rows,
    solved,
)

_ROUNDS = 60
_SMALL = 1e-9
"""A step is the last when it lowers the cost by less than this part of it."""


@dataclass(frozen=True)
class Adjusted:
    """Result of a least-squares adjustment.

    Args:
        unknowns: found.
        weights: (N,) of the marks it was made with.
        frozen: (13,) shared states kept at 0.
        cost: sum of squared weighted residuals, priors included.
        redundancy: observations (priors counted) minus unknowns.
        rounds: iterations.
        converged: False where the rounds ran out.
    """

    block: Block
    unknowns: Unknowns
    weights: Floats
    frozen: NDArray[np.bool_]
    cost: float
    redundancy: int
    rounds: int
    converged: bool

    @property
    def sigma0(self) -> float:
        """Standard error of unit weight; 1 where nothing is redundant."""
        return float(np.sqrt(self.cost / self.redundancy)) if self.redundancy > 0 else 1.0


def adjust(
    block: Block,
    start: Unknowns | None = None,
    weights: Floats | None = None,
    frozen: NDArray[np.bool_] | None = None,
    rounds: int = _ROUNDS,
) -> Adjusted:
    """Gauss-Newton with Levenberg-Marquardt damping where a full step does not help.

    Args:
        block: observations and priors.
        start: default: the metadata as they stand.
        weights: (N,) of the marks, default 1. A mark that cannot be predicted at the start gets 0.
        frozen: (13,) shared states to leave at their prior, default none.
        rounds: at most.

    Raises:
        BadInput: EAR-048, some unknown is held by no observation.
    """
    now = start or block.start()
    still = np.zeros(SHARED, np.bool_) if frozen is None else frozen
    given = np.ones(block.marks) if weights is None else weights
    made = rows(block, now, given, still)
    blind = ~np.isfinite(made.residual[: 2 * block.marks]).reshape(-1, 2).all(axis=1)
    if blind.any():
        given = np.where(blind, 0.0, given)
    block = supported(block, given)
    made = rows(block, now, given, still)
    cost, damping, converged, done = _cost(made), 0.0, False, 0
    while done < rounds and not converged:
        done += 1
        system = normal(block, made, still)
        for _ in range(12):
            trial = _tried(system, now, damping)
            if trial is not None:
                tried = rows(block, trial, given, still)
                there = _cost(tried)
                if there <= cost * (1.0 + 1e-12) + 1e-18:
                    converged = cost - there <= _SMALL * cost + 1e-15
                    now, made, cost, damping = trial, tried, there, damping / 10 if damping > 1e-9 else 0.0
                    break
            damping = max(damping * 10, 1e-6)
        else:
            converged = damping < 1.0
            if not converged:
                break
    which = chosen(block, still)
    observed = 2 * int((given > 0).sum()) + len(block.range_m) + which.priors
    unknown = int(which.free_camera.sum() + which.free_point.sum())
    if observed < unknown:
        raise BadInput("EAR-048", observations=observed, unknowns=unknown)
    return Adjusted(block, now, given, still, cost, observed - unknown, done, converged)


def supported(block: Block, weights: Floats) -> Block:
    """The block with what its used marks do not hold set fixed: points on few rays, looks without marks."""
    rays = np.bincount(block.mark_point[weights > 0], minlength=block.points)
    rays += np.bincount(block.range_point, minlength=block.points)
    unknown = np.isinf(block.point_sd_m).sum(axis=1)
    lost = (unknown > 0) & (rays < np.where(unknown == 3, 2, 1))
    marks = np.bincount(block.mark_look[weights > 0], minlength=block.looks)
    idle = marks == 0
    if not (lost.any() or idle.any()):
        return block
    position, attitude = block.position_sd_m, block.attitude_sd_deg
    return replace(
        block,
        point_sd_m=np.where(lost[:, None], 0.0, block.point_sd_m),
        position_sd_m=np.where(idle[:, None] & np.isinf(position), 0.0, position),
        attitude_sd_deg=np.where(idle[:, None] & np.isinf(attitude), 0.0, attitude),
    )


def _cost(made: Rows) -> float:
    cost = float(made.residual @ made.residual)
    return cost if np.isfinite(cost) else np.inf


def _tried(system: Normal, now: Unknowns, damping: float) -> Unknowns | None:
    try:
        return now.moved(*system.step(damping))
    except np.linalg.LinAlgError:
        return None


@dataclass(frozen=True)
class Posterior:
    """Covariance sigma0^2 (A^T A)^-1 of what an adjustment found; frozen states considered at their prior.

    camera: (C, C), C = 13 shared + 6 per look (metres, degrees, units of `STATES`)
    points: (P, 3, 3) m^2, frame axes           coupling: (C, 3 P) between the two
    redundancy_numbers: (N, 2) of the marks, 0 (nothing checks it) to 1 (adds nothing); NaN where weight 0
    standardised: (N, 2) residual / its own standard deviation, NaN where weight 0
    """

    camera: Floats
    points: Floats
    redundancy_numbers: Floats
    standardised: Floats

    @property
    def shared(self) -> Floats:
        """(13, 13) of the shared states."""
        return self.camera[:SHARED, :SHARED]

    def look(self, number: int) -> Floats:
        """(6, 6) of one look's own errors: east, north, up, yaw, pitch, roll."""
        at = slice(SHARED + 6 * number, SHARED + 6 * number + 6)
        return self.camera[at, at]


def posterior(found: Adjusted, scale: float | None = None) -> Posterior:
    """Exact posterior covariance of all unknowns at the solution.

    A frozen state z keeps its prior variance P and passes it on (consider covariance, Schmidt 1966): the
    others answer to an error of z by K = S_xx^-1 S_xz, so C_xx = s^2 S_xx^-1 + K P K^T, C_xz = -K P.

    Args:
        found: by `adjust`.
        scale: standard error of unit weight to use; default the one found.

    Raises:
        BadInput: EAR-048, some unknown is held by no observation.
    """
    block, s2 = found.block, (found.sigma0 if scale is None else scale) ** 2
    try:
        return _posterior(found, block, s2)
    except np.linalg.LinAlgError as error:
        which = chosen(block, found.frozen)
        unknown = int(which.free_camera.sum() + which.free_point.sum())
        observed = 2 * int((found.weights > 0).sum()) + len(block.range_m) + which.priors
        raise BadInput("EAR-048", observations=observed, unknowns=unknown) from error


def _posterior(found: Adjusted, block: Block, s2: float) -> Posterior:
    made = rows(block, found.unknowns, found.weights, found.frozen)
    system = normal(block, made, found.frozen)
    inverse = system.inverse_points()
    at = np.flatnonzero(system.free_camera)
    count = len(system.free_camera)
    camera, plain = np.zeros((count, count)), np.zeros((count, count))
    if len(at):
        plain[np.ix_(at, at)] = inverse_of(system.reduced(inverse)[np.ix_(at, at)])
    camera += s2 * plain
    coupling = system.coupling
    considered = np.flatnonzero(found.frozen & (block.shared_sd > 0))
    if len(considered):
        nothing = np.zeros(SHARED, np.bool_)
        whole = normal(block, rows(block, found.unknowns, found.weights, nothing), nothing)
        coupling = whole.coupling
        _consider(camera, whole.reduced(inverse), at, considered, block.shared_sd)
    free = system.free_point.reshape(-1, 3)
    points = _point_blocks(inverse, coupling, camera, s2) * free[:, :, None] * free[:, None, :]
    numbers = _redundancy_numbers(made, inverse, system, plain, 2 * block.marks)
    used = np.repeat(found.weights > 0, 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = made.residual[: 2 * block.marks] / np.sqrt(s2 * np.maximum(numbers, 1e-12))
    shape = (block.marks, 2)
    return Posterior(
        camera,
        points,
        np.where(used, numbers, np.nan).reshape(shape),
        np.where(used, own, np.nan).reshape(shape),
    )


def _consider(
    camera: Floats, whole: Floats, at: NDArray[np.intp], considered: NDArray[np.intp], sd: Floats
) -> None:
    """Add the share of frozen states to a camera covariance, in place."""
    prior = np.diag(sd[considered] ** 2)
    answer = np.zeros((len(camera), len(considered)))
    if len(at):
        answer[at] = solved(whole[np.ix_(at, at)], whole[np.ix_(at, considered)])
    answer[considered] = -np.eye(len(considered))
    camera += answer @ prior @ answer.T


def _point_blocks(inverse: Floats, coupling: Any, camera: Floats, s2: float) -> Floats:
    """(P, 3, 3): s^2 V^-1 + V^-1 W^T C W V^-1, looking only at what each point touches."""
    count = len(inverse)
    found = s2 * inverse
    columns = coupling.tocsc()
    for point in range(count):
        part = columns[:, [3 * point, 3 * point + 1, 3 * point + 2]].tocoo()
        touched, row = np.unique(part.row, return_inverse=True)
        if not len(touched):
            continue
        w = np.zeros((len(touched), 3))
        w[row, part.col] = part.data
        y = w @ inverse[point]
        found[point] += y.T @ camera[np.ix_(touched, touched)] @ y
    return np.asarray(found)


def _redundancy_numbers(made: Rows, inverse: Floats, system: Normal, plain: Floats, count: int) -> Floats:
    """(count,) 1 - a Q a^T of the first rows: b S^-1 b^T + a_p V^-1 a_p^T with b = a_c - a_p V^-1 W^T."""
    camera, point = made.camera[:count], made.point[:count]
    if not len(inverse):
        reached = camera
        near = np.zeros(count)
    else:
        scaled = point @ block_diagonal(inverse)
        reached = camera - scaled @ system.coupling.T
        near = np.asarray((scaled * point).sum(axis=1)).ravel()
    far = np.asarray((reached.tocsr() * (reached @ plain)).sum(axis=1)).ravel()
    return np.asarray(1.0 - far - near)
