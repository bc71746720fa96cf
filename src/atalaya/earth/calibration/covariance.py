"""What an adjustment knows: the exact covariance of all it found, and what checks each mark."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.calibration.adjustment import Adjusted
from atalaya.earth.calibration.block import SHARED, Block, Floats
from atalaya.earth.calibration.normal import (
    Normal,
    block_diagonal,
    chosen,
    inverse_of,
    normal,
    rows,
    solved,
)
from atalaya.earth.calibration.projection import predicted_marks

_CHUNK = 20_000
"""Marks looked at together: bounds memory."""


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
    answer = _answer(system, inverse)
    considered = np.flatnonzero(found.frozen & (block.shared_sd > 0))
    passed_on = answer
    if len(considered):
        nothing = np.zeros(SHARED, np.bool_)
        whole = normal(block, rows(block, found.unknowns, found.weights, nothing), nothing)
        passed_on = _answer(whole, inverse)
        _consider(camera, whole.reduced(inverse), at, considered, block.shared_sd)
    free = system.free_point.reshape(-1, 3)
    points = s2 * inverse + _point_share(passed_on, camera @ passed_on)
    points = points * free[:, :, None] * free[:, None, :]
    numbers = 1.0 - _said(found, plain, plain @ answer, inverse + _point_share(answer, plain @ answer))
    used = (found.weights > 0)[:, None]
    residual = made.residual[: 2 * block.marks].reshape(-1, 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = residual / np.sqrt(s2 * np.maximum(numbers, 1e-12))
    return Posterior(camera, points, np.where(used, numbers, np.nan), np.where(used, own, np.nan))


def _answer(system: Normal, inverse: Floats) -> Floats:
    """(C, 3 P) W V^-1: how points follow the cameras, with the sign turned."""
    if not len(inverse):
        return np.zeros((len(system.camera), 0))
    return np.asarray((system.coupling @ block_diagonal(inverse)).toarray())


def _point_share(answer: Floats, spread: Floats) -> Floats:
    """(P, 3, 3) diagonal blocks of answer^T spread."""
    shape = (len(answer), -1, 3)
    return np.asarray(np.einsum("cpi,cpj->pij", answer.reshape(shape), spread.reshape(shape)))


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


def _said(found: Adjusted, camera: Floats, across: Floats, points: Floats) -> Floats:
    """(N, 2) a Q a^T of the marks' weighted rows: 1 minus it is the redundancy number.

    Q = (A^T A)^-1 in blocks: camera (C, C), camera with points -across (C, 3 P), points (P, 3, 3).
    """
    block, said = found.block, np.zeros((found.block.marks, 2))
    marks = predicted_marks(block, found.unknowns)
    root = np.sqrt(found.weights) / block.mark_sd_px
    used = np.flatnonzero(found.weights > 0)
    for start in range(0, len(used), _CHUNK):
        mine = used[start : start + _CHUNK]
        look, point = block.mark_look[mine], block.mark_point[mine]
        shared = np.broadcast_to(np.arange(SHARED), (len(mine), SHARED))
        at = np.hstack((shared, SHARED + 6 * look[:, None] + np.arange(6)))
        place = 3 * point[:, None] + np.arange(3)
        a_c = marks.by_camera[mine] * root[mine][:, None, None]
        a_p = marks.by_point[mine] * root[mine][:, None, None]
        q_c = camera[at[:, :, None], at[:, None, :]]
        q_cp = across[at[:, :, None], place[:, None, :]]
        said[mine] = (
            np.einsum("nri,nij,nrj->nr", a_c, q_c, a_c, optimize=True)
            - 2.0 * np.einsum("nri,nij,nrj->nr", a_c, q_cp, a_p, optimize=True)
            + np.einsum("nri,nij,nrj->nr", a_p, points[point], a_p, optimize=True)
        )
    return said
