"""Non-maximum suppression at any number of claims: a grid finds who can touch whom, upright or askew.

Claims are filed by size (powers of two) and place; two boxes whose overlap counts have sides within a known
ratio, so each claim meets only the kept ones of a few cells, however many claims a picture holds.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.candidates import Candidates

_ROW = 1 << 24
_LEVELS = 64


def suppressed(claims: Candidates, overlap: float = 0.5, across_classes: bool = False) -> Candidates:
    """The claims that no surer claim of their class overlaps by more than a share, surest first.

    Greedy; equals in the order given. The overlap is intersection over union, of the convex quadrilaterals
    where boxes are oriented.

    Args:
        overlap: in 0..1; 1 keeps all.
        across_classes: compare claims of different classes too.
    """
    return claims if len(claims) == 0 else claims.take(kept_rows(claims, overlap, across_classes))


def kept_rows(claims: Candidates, overlap: float = 0.5, across_classes: bool = False) -> NDArray[np.intp]:
    """(k,) rows that stay, surest first."""
    order = np.argsort(-claims.score, kind="stable")
    if len(order) < 2 or overlap >= 1.0:
        return order
    from atalaya.detect.suppress import kernels

    label = np.zeros(len(order), np.int64) if across_classes else claims.label[order].astype(np.int64)
    if claims.corners is None:
        corners = np.empty((0, 4, 2))
        hull = claims.box[order].astype(np.float64)
        least = overlap
    else:
        corners = _turned_alike(claims.corners[order].astype(np.float64))
        hull = np.concatenate((corners.min(axis=1), corners.max(axis=1)), axis=1)
        # a convex part with a share t of the area of a convex whole has at least this share of its width
        least = 1.0 - float(np.sqrt(1.0 - overlap))
    level = _levels(hull)
    cells, slot = np.unique(_keys(hull, level), return_inverse=True)
    kept = kernels.kept(
        hull, corners, label, cells, slot, np.unique(level), overlap, max(least, 1e-3), _ROW, _LEVELS
    )
    return np.asarray(order[kept])


def overlap_of(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Intersection over union of two convex quadrilaterals, (4, 2) corners in order."""
    from atalaya.detect.suppress import kernels

    both = _turned_alike(np.stack((first, second)))
    buffers = np.empty((2, 16, 2))
    shared = kernels.shared_area(both[0], both[1], buffers)
    union = kernels.area(both[0], 4) + kernels.area(both[1], 4) - shared
    return float(shared / union) if union > 0 else 0.0


def _turned_alike(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    following = np.roll(corners, -1, axis=1)
    twice = (corners[..., 0] * following[..., 1] - corners[..., 1] * following[..., 0]).sum(axis=1)
    return np.ascontiguousarray(np.where((twice < 0)[:, None, None], corners[:, ::-1], corners))


def _levels(hull: NDArray[np.float64]) -> NDArray[np.int64]:
    side = np.maximum((hull[:, 2:] - hull[:, :2]).max(axis=1), 1e-6)
    return np.asarray(np.clip(np.floor(np.log2(side)).astype(np.int64) + 1, -_LEVELS // 2, _LEVELS // 2 - 1))


def _keys(hull: NDArray[np.float64], level: NDArray[np.int64]) -> NDArray[np.int64]:
    size = np.exp2(level.astype(np.float64))[:, None]
    at = np.floor((hull[:, :2] + hull[:, 2:]) / 2.0 / size).astype(np.int64) % _ROW
    return np.asarray(((level + _LEVELS // 2) * _ROW + at[:, 1]) * _ROW + at[:, 0])
