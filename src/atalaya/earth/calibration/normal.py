"""Normal equations of a block: points eliminated (Schur complement), cameras solved dense.

Unknowns: c = 13 shared + 6 per look, p = 3 per point. Weighted rows A = [A_c A_p], weighted residual r:
    V = A_p^T A_p (3 x 3 blocks), W = A_c^T A_p, S = A_c^T A_c - W V^-1 W^T,
    S dc = A_c^T r - W V^-1 A_p^T r,  dp = V^-1 (A_p^T r - W^T dc).
Time grows with the cube of the number of looks: 500 looks take a second or two a round.
"""

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from atalaya.earth.calibration.block import SHARED, Block, Flags, Floats, Index, Unknowns
from atalaya.earth.calibration.projection import predicted_marks, predicted_ranges


def sparse() -> Any:
    """scipy.sparse, loaded only when something is adjusted; it has no types."""
    return importlib.import_module("scipy.sparse")


@dataclass(frozen=True)
class Rows:
    """Weighted observation rows of a block under a set of unknowns.

    camera, point: sparse (n, 13 + 6 L) and (n, 3 P)    residual: (n,) observed minus predicted, in sigmas
    The first 2 N rows are the marks (column, row in turn), the next D the ranges; then priors.
    """

    camera: Any
    point: Any
    residual: Floats


@dataclass(frozen=True)
class Chosen:
    """Which unknowns are solved for, and which of those have a prior.

    free_camera: (13 + 6 L,)    free_point: (3 P,)    priors: how many prior rows there are
    """

    free_camera: Flags
    free_point: Flags
    priors: int


def chosen(block: Block, frozen: Flags) -> Chosen:
    """Unknowns solved for: those whose prior sigma is not 0, without the frozen shared ones (13,)."""
    sd = np.concatenate((np.where(frozen, 0.0, block.shared_sd), block.pose_sd().ravel()))
    point_sd = block.point_sd_m.ravel()
    known = (sd > 0) & np.isfinite(sd)
    known_point = (point_sd > 0) & np.isfinite(point_sd)
    return Chosen(sd > 0, point_sd > 0, int(known.sum() + known_point.sum()))


def rows(block: Block, unknowns: Unknowns, weights: Floats, frozen: Flags) -> Rows:
    """All weighted rows.

    Args:
        weights: (N,) of the marks, 1 as stated, 0 not used.
        frozen: (13,) shared states that are not solved for.
    """
    which = chosen(block, frozen)
    marks, ranges = predicted_marks(block, unknowns), predicted_ranges(block, unknowns)
    used = weights > 0
    root = np.sqrt(weights) / block.mark_sd_px
    miss = np.where(used[:, None], (block.mark_px - marks.value) * root[:, None], 0.0)
    with np.errstate(invalid="ignore"):
        by_camera = np.where(used[:, None, None], marks.by_camera * root[:, None, None], 0.0)
        by_point = np.where(used[:, None, None], marks.by_point * root[:, None, None], 0.0)
    near = 1.0 / block.range_sd_m
    far = (block.range_m - ranges.value[:, 0]) * near
    by_camera = np.vstack((by_camera.reshape(-1, SHARED + 6), ranges.by_camera[:, 0] * near[:, None]))
    by_point = np.vstack((by_point.reshape(-1, 3), ranges.by_point[:, 0] * near[:, None]))
    look = np.concatenate((np.repeat(block.mark_look, 2), block.range_look))
    point = np.concatenate((np.repeat(block.mark_point, 2), block.range_point))
    shared = np.broadcast_to(np.arange(SHARED), (len(look), SHARED))
    seen = np.hstack((shared, SHARED + 6 * look[:, None] + np.arange(6)))
    prior_camera, prior_point, prior_miss = _prior_rows(block, unknowns, which)
    spread = _matrix(by_point, 3 * point[:, None] + np.arange(3), which.free_point)
    tools = sparse()
    return Rows(
        tools.vstack((_matrix(by_camera, seen, which.free_camera), prior_camera), format="csr"),
        tools.vstack((spread, prior_point), format="csr"),
        np.concatenate((miss.ravel(), far, prior_miss)),
    )


def _matrix(dense: Floats, columns: Index, free: Flags) -> Any:
    """Sparse (n, len(free)) with dense (n, k) placed at columns (n, k), nothing in columns not free."""
    start = np.arange(len(dense) + 1) * dense.shape[1]
    kept = np.where(free[columns], dense, 0.0)
    return sparse().csr_array((kept.ravel(), columns.ravel(), start), shape=(len(dense), len(free)))


def _prior_rows(block: Block, unknowns: Unknowns, which: Chosen) -> tuple[Any, Any, Floats]:
    sd = np.concatenate((block.shared_sd, block.pose_sd().ravel()))
    value = np.concatenate((unknowns.shared, unknowns.pose.ravel()))
    at = np.flatnonzero(which.free_camera & np.isfinite(sd))
    point_sd = block.point_sd_m.ravel()
    away = (unknowns.points - block.point_m).ravel()
    point_at = np.flatnonzero(which.free_point & np.isfinite(point_sd))
    count, tools = len(at) + len(point_at), sparse()
    camera = tools.csr_array((1.0 / sd[at], (np.arange(len(at)), at)), shape=(count, len(sd)))
    place = (np.arange(len(at), count), point_at)
    point = tools.csr_array((1.0 / point_sd[point_at], place), shape=(count, len(point_sd)))
    return camera, point, np.concatenate((-value[at] / sd[at], -away[point_at] / point_sd[point_at]))


@dataclass(frozen=True)
class Normal:
    """Reduced normal equations. camera: (C, C) A_c^T A_c; coupling: W sparse (C, 3 P); points: (P, 3, 3) V;
    right_camera (C,), right_point (P, 3); free_camera (C,), free_point (3 P,) bool."""

    camera: Floats
    coupling: Any
    points: Floats
    right_camera: Floats
    right_point: Floats
    free_camera: Flags
    free_point: Flags

    def inverse_points(self, damping: float = 0.0) -> Floats:
        """(P, 3, 3) V^-1, with 1 on the diagonal of what is fixed.

        Raises:
            numpy.linalg.LinAlgError: a point is held by nothing.
        """
        v = _damped(self.points, self.free_point.reshape(-1, 3), damping)
        return np.asarray(np.linalg.inv(v)) if len(v) else v

    def reduced(self, inverse: Floats, damping: float = 0.0) -> Floats:
        """(C, C) S, of all camera unknowns (rows of fixed ones are zero)."""
        diagonal = np.diag(self.camera) * damping
        if not len(inverse):
            return np.asarray(self.camera + np.diag(diagonal))
        eliminated = self.coupling @ block_diagonal(inverse) @ self.coupling.T
        return np.asarray(self.camera + np.diag(diagonal) - eliminated.toarray())

    def step(self, damping: float) -> tuple[Floats, Floats]:
        """Step in camera (C,) and point (P, 3) unknowns; whichever of looks and points are more go first.

        Raises:
            numpy.linalg.LinAlgError: something is held by no observation.
        """
        looks_first = len(self.camera) - SHARED > 3 * len(self.points)
        return self._looks_first(damping) if looks_first else self._points_first(damping)

    def _points_first(self, damping: float) -> tuple[Floats, Floats]:
        inverse = self.inverse_points(damping)
        right = self.right_camera.copy()
        if len(inverse):
            right -= self.coupling @ np.einsum("pij,pj->pi", inverse, self.right_point).ravel()
        at = np.flatnonzero(self.free_camera)
        camera = np.zeros(len(right))
        if len(at):
            camera[at] = solved(self.reduced(inverse, damping)[np.ix_(at, at)], right[at])
        back = (self.coupling.T @ camera).reshape(-1, 3)
        return camera, np.einsum("pij,pj->pi", inverse, self.right_point - back)

    def _looks_first(self, damping: float) -> tuple[Floats, Floats]:
        looks, rest = (len(self.camera) - SHARED) // 6, SHARED + 3 * len(self.points)
        coupling = self.coupling.toarray()
        one = np.arange(looks)
        own = _damped(
            self.camera[SHARED:, SHARED:].reshape(looks, 6, looks, 6)[one, :, one],
            self.free_camera[SHARED:].reshape(looks, 6),
            damping,
        )
        across = np.hstack((self.camera[SHARED:, :SHARED], coupling[SHARED:])).reshape(looks, 6, rest)
        whole = np.zeros((rest, rest))
        whole[:SHARED, :SHARED] = self.camera[:SHARED, :SHARED]
        whole[:SHARED, SHARED:] = coupling[:SHARED]
        whole[SHARED:, :SHARED] = coupling[:SHARED].T
        whole[SHARED:, SHARED:] = block_diagonal(self.points).toarray() if rest > SHARED else 0.0
        free = np.concatenate((self.free_camera[:SHARED], self.free_point))
        whole = _damped(whole, free, damping)
        answer = np.linalg.solve(own, across)
        right_own = self.right_camera[SHARED:].reshape(looks, 6)
        right = np.concatenate((self.right_camera[:SHARED], self.right_point.ravel()))
        whole -= across.reshape(-1, rest).T @ answer.reshape(-1, rest)
        right -= answer.reshape(-1, rest).T @ right_own.ravel()
        step = solved(whole, right) if rest else right
        alone = np.linalg.solve(own, right_own[:, :, None])[:, :, 0]
        return np.concatenate((step[:SHARED], (alone - answer @ step).ravel())), step[SHARED:].reshape(-1, 3)


def _damped(matrix: Floats, free: Flags, damping: float) -> Floats:
    """(..., k, k) with its diagonal grown by the damping, 1 where an unknown (..., k) is fixed."""
    found = matrix.copy()
    steps = np.arange(matrix.shape[-1])
    found[..., steps, steps] = np.where(free, found[..., steps, steps] * (1.0 + damping), 1.0)
    return found


def block_diagonal(blocks: Floats) -> Any:
    """Sparse (3 P, 3 P) of (P, 3, 3)."""
    count = len(blocks)
    return sparse().bsr_array((blocks, np.arange(count), np.arange(count + 1)), shape=(3 * count, 3 * count))


def normal(block: Block, made: Rows, frozen: Flags) -> Normal:
    """Normal equations of rows."""
    which = chosen(block, frozen)
    count = block.points
    squares = (made.point.T @ made.point).tocoo()
    v = np.zeros((count, 3, 3))
    v[squares.row // 3, squares.row % 3, squares.col % 3] = squares.data
    return Normal(
        np.asarray((made.camera.T @ made.camera).toarray()),
        made.camera.T @ made.point,
        v,
        np.asarray(made.camera.T @ made.residual),
        np.asarray(made.point.T @ made.residual).reshape(-1, 3),
        which.free_camera,
        which.free_point,
    )


def solved(matrix: Floats, right: Floats) -> Floats:
    """Solution of a symmetric positive definite system, its unknowns scaled to one size first.

    Raises:
        numpy.linalg.LinAlgError: it is not positive definite.
    """
    diagonal = np.diag(matrix)
    if not np.all(diagonal > 0) or not np.all(np.isfinite(matrix)):
        raise np.linalg.LinAlgError("not positive definite")
    scale = 1.0 / np.sqrt(diagonal)
    column = scale if right.ndim == 1 else scale[:, None]
    tools = importlib.import_module("scipy.linalg")
    factor = tools.cho_factor(matrix * scale[:, None] * scale, lower=True, check_finite=False)
    return np.asarray(tools.cho_solve(factor, right * column, check_finite=False) * column)


def inverse_of(matrix: Floats) -> Floats:
    """Inverse of a symmetric positive definite matrix, exactly symmetric.

    Raises:
        numpy.linalg.LinAlgError: it is not positive definite.
    """
    found = solved(matrix, np.eye(len(matrix)))
    return np.asarray((found + found.T) / 2.0)
