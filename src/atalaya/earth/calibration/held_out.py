"""What a calibration is worth on marks that had no say in it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from atalaya.earth.calibration.adjustment import adjust
from atalaya.earth.calibration.block import SHARED, Block, Flags, Floats, Unknowns, complete
from atalaya.earth.calibration.corrected_lens import CorrectedLens
from atalaya.earth.calibration.projection import cameras, predicted_marks
from atalaya.earth.calibration.result import HeldOut, Spread
from atalaya.earth.calibration.robust import Fitted, try_fit
from atalaya.earth.calibration.statements import COLUMN, FOCAL, K1, ROW

_FOLDS = 10
_MANY, _FEW_FOLDS = 3000, 3
"""From so many marks on a third is left out at a time: each fit takes seconds."""
_MEDIAN_CHI2_2 = 1.3863
_LEVEL_SINE = 0.087
"""Rays flatter than 5 degrees say nothing in level metres."""


def spread_of(miss_px: Floats, miss_m: Floats) -> Spread:
    """Order statistics of misses, (n,) each; NaN ignored in metres."""
    metres = miss_m[np.isfinite(miss_m)]
    if not len(miss_px):
        return Spread(0, np.nan, np.nan, np.nan, np.nan, np.nan)
    with np.errstate(invalid="ignore"):  # a mark behind the camera is infinitely far off
        px = (float(np.median(miss_px)), float(np.quantile(miss_px, 0.9)))
    if not len(metres):
        return Spread(len(miss_px), *px, np.nan, np.nan, np.nan)
    far = (float(np.median(metres)), float(np.quantile(metres, 0.9)), float(metres.max()))
    return Spread(len(miss_px), *px, *far)


def ground_misses(block: Block, unknowns: Unknowns) -> Floats:
    """(N,) level distance from each point to where its mark's ray meets its height; NaN if too flat."""
    seen, shared = cameras(block, unknowns), unknowns.shared
    found = np.full(block.marks, np.nan)
    for number, lens in enumerate(block.lenses):
        mine = np.flatnonzero(block.lens_of[block.mark_look] == number)
        real = CorrectedLens(lens, *(float(shared[i]) for i in (FOCAL, K1, COLUMN, ROW)))
        toward = real.directions(block.mark_px[mine, 0], block.mark_px[mine, 1])
        look = block.mark_look[mine]
        ray = np.einsum("nij,nj->ni", seen.rotation[look], toward)
        ray /= np.linalg.norm(ray, axis=1, keepdims=True)
        up = block.enu[look, :, 2]
        away = unknowns.points[block.mark_point[mine]] - seen.origin_m[look]
        sinking = np.sum(ray * up, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            reach = np.sum(away * up, axis=1) / sinking
            miss = np.linalg.norm(ray * reach[:, None] - away, axis=1)
            found[mine] = np.where((np.abs(sinking) > _LEVEL_SINE) & (reach > 0.0), miss, np.nan)
    return found


def pixel_misses(block: Block, unknowns: Unknowns) -> Floats:
    """(N,) distance in the picture between marks and predictions; inf where there is no prediction."""
    miss = np.linalg.norm(block.mark_px - predicted_marks(block, unknowns).value, axis=1)
    return np.where(np.isfinite(miss), miss, np.inf)


def held_out(block: Block, flagged: Flags, rejected: Flags) -> HeldOut | None:
    """Leave out one surveyed point at a time (three or more of them), else a tenth of the looks.

    Args:
        block: all observations.
        flagged, rejected: (L,) looks and (N,) marks of the fit of all: not counted, whatever they miss by.

    Returns:
        None where too little is left to fit or to check.
    """
    counted = ~flagged[block.mark_look] & ~rejected
    surveyed = complete(block.point_sd_m)
    by_point = len(np.unique(block.mark_point[counted & surveyed[block.mark_point]])) >= 3
    folds = list(_point_folds(block, surveyed) if by_point else _look_folds(block, flagged))
    before, after, squared, pairs = [], [], [], []
    for out in folds:
        train = block.with_marks(~out)
        found = try_fit(train)
        test = block.with_marks(out & counted)
        if found is None:
            continue
        test = _checkable(test, train, found, by_point)
        if not test.marks:
            continue
        new = _without_own(found.adjusted.unknowns, block)
        old = block.start() if by_point else _without_own(_as_stated(train, found), block)
        before.append(np.stack((pixel_misses(test, old), ground_misses(test, old))))
        after.append(np.stack((pixel_misses(test, new), ground_misses(test, new))))
        miss, expected, level = _expected(test, new, found)
        squared.append(miss)
        pairs.append((expected, level))
    if not before:
        return None
    old_px, old_m = np.concatenate(before, axis=1)
    new_px, new_m = np.concatenate(after, axis=1)
    miss = np.concatenate(squared)
    expected, level = (np.concatenate(part) for part in zip(*pairs, strict=True))
    consistency = _consistency(miss, expected, level, 0.0)
    return HeldOut(
        "point" if by_point else "look",
        spread_of(old_px, old_m),
        spread_of(new_px, new_m),
        consistency,
        _floor(miss, expected, level),
    )


def _point_folds(block: Block, surveyed: Flags) -> Iterator[Flags]:
    points = np.unique(block.mark_point[surveyed[block.mark_point]])
    for part in np.array_split(points, min(len(points), _FOLDS)):
        yield np.isin(block.mark_point, part)


def _look_folds(block: Block, flagged: Flags) -> Iterator[Flags]:
    looks = np.setdiff1d(np.unique(block.mark_look), np.flatnonzero(flagged))
    if len(looks) < 3:
        return
    folds = min(len(looks), _FOLDS if block.marks < _MANY else _FEW_FOLDS)
    for first in range(folds):
        yield np.isin(block.mark_look, looks[first::folds])


def _checkable(test: Block, train: Block, found: Fitted, by_point: bool) -> Block:
    """Marks whose point is known without them: surveyed, or placed by two looks that stayed in."""
    if by_point:
        return test
    used = found.adjusted.weights > 0
    rays = np.bincount(train.mark_point[used], minlength=train.points)
    unknown = np.isinf(train.point_sd_m).sum(axis=1)
    known = (unknown == 0) | (rays >= 2)
    return test.with_marks(known[test.mark_point])


def _as_stated(train: Block, found: Fitted) -> Unknowns:
    """Points as the training looks place them when nothing is shared; the fit's wrong marks stay out."""
    alone = replace(train, shared_sd=np.zeros(SHARED))
    return adjust(alone, weights=found.adjusted.weights).unknowns


def _without_own(unknowns: Unknowns, block: Block) -> Unknowns:
    """The unknowns as a look without marks has them: own errors zero where they have a prior, surveyed points
    where the survey has them.
    """
    open_look = ~complete(block.pose_sd())
    surveyed = complete(block.point_sd_m)
    return Unknowns(
        unknowns.shared,
        np.where(open_look[:, None], unknowns.pose, 0.0),
        np.where(surveyed[:, None], block.point_m, unknowns.points),
    )


def _expected(test: Block, unknowns: Unknowns, found: Fitted) -> tuple[Floats, Floats, Floats]:
    """(n, 2) misses in pixels, (n, 2, 2) their predicted covariance, (n, 2, 2) that of 1 m of level error."""
    marks = predicted_marks(test, unknowns)
    look, point = test.mark_look, test.mark_point
    size = len(look)
    own = test.pose_sd() * found.factor
    camera = np.zeros((size, SHARED + 6, SHARED + 6))
    camera[:, :SHARED, :SHARED] = found.posterior.shared
    for number in range(size):
        one = own[look[number]]
        known = bool(np.isfinite(one).all())
        camera[number, SHARED:, SHARED:] = np.diag(one**2) if known else found.posterior.look(look[number])
    surveyed = complete(test.point_sd_m)
    places = np.where(
        surveyed[:, None, None],
        np.einsum("pi,ij->pij", np.where(surveyed[:, None], test.point_sd_m, 0.0) ** 2, np.eye(3)),
        found.posterior.points,
    )[point]
    expected = marks.by_camera @ camera @ np.swapaxes(marks.by_camera, 1, 2)
    expected += marks.by_point @ places @ np.swapaxes(marks.by_point, 1, 2)
    expected += np.eye(2) * ((test.mark_sd_px * found.factor) ** 2)[:, None, None]
    level = marks.by_point @ test.enu[look][:, :, :2]
    return test.mark_px - marks.value, expected, level @ np.swapaxes(level, 1, 2)


def _consistency(miss: Floats, expected: Floats, level: Floats, floor_m: float) -> float:
    allowed = expected + level * floor_m**2
    squared = np.einsum("ni,ni->n", miss, np.linalg.solve(allowed, miss[:, :, None])[:, :, 0])
    return float(np.median(squared) / _MEDIAN_CHI2_2)


def _floor(miss: Floats, expected: Floats, level: Floats) -> float:
    """Level error (1 sigma per axis) that makes the misses as large as expected; 0 where they already are."""
    if _consistency(miss, expected, level, 0.0) <= 1.0:
        return 0.0
    low, high = 0.0, 1e-3
    while _consistency(miss, expected, level, high) > 1.0 and high < 1e6:
        high *= 2.0
    for _ in range(40):
        middle = (low + high) / 2.0
        if _consistency(miss, expected, level, middle) > 1.0:
            low = middle
        else:
            high = middle
    return high
