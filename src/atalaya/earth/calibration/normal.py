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
from numpy.typing import NDArray

from atalaya.earth.calibration.block import SHARED, Block, Flags, Floats, Unknowns
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
class Priored:
    """Which unknowns are solved for, and which of those have a prior.

    free_camera: (13 + 6 L,)    free_point: (3 P,)    priors: how many prior rows there are
    """

    free_camera: Flags
    free_point: Flags
    priors: int


def chosen(block: Block, frozen: Flags) -> Priored:
    """Unknowns solved for: those whose prior sigma is not 0, without the frozen shared ones (13,)."""
    sd = np.concatenate((np.where(frozen, 0.0, block.shared_sd), block.pose_sd().ravel()))
    point_sd = block.point_sd_m.ravel()
    known = (sd > 0) & np.isfinite(sd)
    known_point = (point_sd > 0) & np.isfinite(point_sd)
    return Priored(sd > 0, point_sd > 0, int(known.sum() + known_point.sum()))


def rows(block: Block, unknowns: Unknowns, weights: Floats, frozen: Flags) -> Rows:
    """All weighted rows.

    Args:
        weights: (N,) of the marks, 1 as stated, 0 not used.
        frozen: (13,) shared states that are not solved for.
    """
    marks, ranges = predicted_marks(block, unknowns), predicted_ranges(block, unknowns)
    used = weights > 0
    root = np.sqrt(weights) / block.mark_sd_px
    miss = np.where(used[:, None], (block.mark_px - marks.value) * root[:, None], 0.0)
    scale = np.where(used, root, 0.0)[:, None, None]
    with np.errstate(invalid="ignore"):
        by_camera = np.where(used[:, None, None], marks.by_camera * scale, 0.0)
        by_point = np.where(used[:, None, None], marks.by_point * scale, 0.0)
    far = (block.range_m - ranges.value[:, 0]) / block.range_sd_m
    by_camera = np.concatenate(
        (by_camera.reshape(-1, SHARED + 6), (ranges.by_camera / block.range_sd_m[:, None, None])[:, 0])
    )
    by_point = np.concatenate(
        (by_point.reshape(-1, 3), (ranges.by_point / block.range_sd_m[:, None, None])[:, 0])
    )
    look = np.concatenate((np.repeat(block.mark_look, 2), block.range_look))
    point = np.concatenate((np.repeat(block.mark_point, 2), block.range_point))
    camera = _scatter_camera(by_camera, look, block.looks)
    places = 3 * point[:, None] + np.arange(3)
    spread = _matrix(by_point, places, 3 * block.points)
    prior_camera, prior_point, prior_miss = _prior_rows(block, unknowns, frozen)
    tools = sparse()
    which = chosen(block, frozen)
    return Rows(
        tools.vstack((camera, prior_camera), format="csr") @ tools.diags_array(which.free_camera * 1.0),
        tools.vstack((spread, prior_point), format="csr") @ tools.diags_array(which.free_point * 1.0),
        np.concatenate((miss.ravel(), far, prior_miss)),
    )


def _scatter_camera(dense: Floats, look: NDArray[np.intp], looks: int) -> Any:
    shared = np.broadcast_to(np.arange(SHARED), (len(look), SHARED))
    own = SHARED + 6 * look[:, None] + np.arange(6)
    return _matrix(dense, np.hstack((shared, own)), SHARED + 6 * looks)


def _matrix(dense: Floats, columns: NDArray[np.intp], width: int) -> Any:
    """Sparse (n, width) with dense (n, k) placed at columns (n, k)."""
    start = np.arange(len(dense) + 1) * dense.shape[1]
    return sparse().csr_array((dense.ravel(), columns.ravel(), start), shape=(len(dense), width))


def _prior_rows(block: Block, unknowns: Unknowns, frozen: Flags) -> tuple[Any, Any, Floats]:
    sd = np.concatenate((np.where(frozen, 0.0, block.shared_sd), block.pose_sd().ravel()))
    value = np.concatenate((unknowns.shared, unknowns.pose.ravel()))
    at = np.flatnonzero((sd > 0) & np.isfinite(sd))
    point_sd = block.point_sd_m.ravel()
    away = (unknowns.points - block.point_m).ravel()
    point_at = np.flatnonzero((point_sd > 0) & np.isfinite(point_sd))
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
        fixed = np.where(self.free_point.reshape(-1, 3), 0.0, 1.0)
        v = self.points.copy()
        steps = np.arange(3)
        v[:, steps, steps] = v[:, steps, steps] * (1.0 + damping) + fixed
        return np.asarray(np.linalg.inv(v)) if len(v) else v

    def reduced(self, inverse: Floats, damping: float = 0.0) -> Floats:
        """(C, C) S, of all camera unknowns (rows of fixed ones are zero)."""
        diagonal = np.diag(self.camera) * damping
        if not len(inverse):
            return np.asarray(self.camera + np.diag(diagonal))
        eliminated = self.coupling @ block_diagonal(inverse) @ self.coupling.T
        return np.asarray(self.camera + np.diag(diagonal) - eliminated.toarray())

    def step(self, damping: float) -> tuple[Floats, Floats]:
        """Step in camera (C,) and point (P, 3) unknowns.

        Raises:
            numpy.linalg.LinAlgError: something is held by no observation.
        """
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
    lower = np.linalg.cholesky(matrix * scale[:, None] * scale)
    wide = right * (scale if right.ndim == 1 else scale[:, None])
    found = np.linalg.solve(lower.T, np.linalg.solve(lower, wide))
    return np.asarray(found * (scale if right.ndim == 1 else scale[:, None]))


def inverse_of(matrix: Floats) -> Floats:
    """Inverse of a symmetric positive definite matrix, exactly symmetric.

    Raises:
        numpy.linalg.LinAlgError: it is not positive definite.
    """
    found = solved(matrix, np.eye(len(matrix)))
    return np.asarray((found + found.T) / 2.0)
