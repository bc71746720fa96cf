"""Bundle adjustment: the most probable unknowns of a block."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.calibration.block import SHARED, Block, Floats, Unknowns
from atalaya.earth.calibration.normal import (
    Normal,
    Rows,
    chosen,
    normal,
    rows,
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
