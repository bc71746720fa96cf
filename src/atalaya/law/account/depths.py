"""Depth of a path towards one area: bounds everywhere, exact where an answer hangs on it, and its maximum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.law.account import kernels
from atalaya.law.account.path import metres_between
from atalaya.law.account.port import Index

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRIDES = (64, 16, 4, 1)
"""Exact depths are asked for at every 64th fix first: what they bound need not be asked for again."""

WIDER = 1.001
PLAY_M = 0.05
"""Local distances, taken a little longer, are upper bounds of geodesics."""


@dataclass(frozen=True)
class Stretch:
    """Part of a path: (n,) places and radii, (n-1,) seconds and metres between them."""

    lon_deg: Floats
    lat_deg: Floats
    radius_m: Floats
    dt_s: Floats
    step_m: Floats


def depth_ranges(
    index: Index, area: int, stretch: Stretch, speed_mps: float, bound_m: float, gap_s: float
) -> tuple[Floats, Floats]:
    """(n,) lower and upper bounds of depth, equal where standing, crossing or prism hang on the exact
    value."""
    lower, upper = (
        np.array(part, np.float64) for part in index.depth_bounds_m(area, stretch.lon_deg, stretch.lat_deg)
    )
    step = stretch.step_m * WIDER + PLAY_M
    for stride in STRIDES:
        ask = kernels.undecided(
            lower, upper, stretch.step_m, stretch.dt_s, speed_mps, stretch.radius_m, bound_m, gap_s, stride
        )
        if not len(ask):
            continue
        exact = index.depth_m(area, stretch.lon_deg[ask], stretch.lat_deg[ask])
        lower[ask] = upper[ask] = exact
        if stride > 1:
            kernels.tighten(lower, upper, step)
            lower[ask] = upper[ask] = exact
    return lower, upper


def deepest(
    index: Index,
    area: int,
    stretch: Stretch,
    lower: Floats,
    upper: Floats,
    known_m: float,
    tolerance_m: float,
) -> tuple[int, float]:
    """The fix that lies deepest, to within `tolerance_m`, and its exact depth; (-1, known_m) if none is
    deeper.

    Depth at a place is at most its distance to any point of the boundary: the nearest points of a few fixes
    bound all their neighbours, so that a path along the line needs no exact depth at every fix.

    Args:
        lower, upper: (n,) bounds from `depth_ranges`, whose signs are settled.
        known_m: depth that is to be exceeded.
    """
    best_at, best_m = -1, known_m
    at = int(np.argmax(lower))
    if lower[at] > best_m:  # a candidate to start from, with its exact depth
        exact = float(index.depth_m(area, stretch.lon_deg[at : at + 1], stretch.lat_deg[at : at + 1])[0])
        if exact > best_m:
            best_at, best_m = at, exact
    open_fixes = np.flatnonzero(upper > best_m + tolerance_m)
    ceiling = upper[open_fixes]
    for stride in (256, 64, 16, 4, 1):
        if not len(open_fixes):
            break
        picked = np.unique(open_fixes // stride * stride) if stride > 1 else open_fixes
        near_lon, near_lat, depth = index.nearest(area, stretch.lon_deg[picked], stretch.lat_deg[picked])
        depth = np.where(lower[picked] + upper[picked] > 0.0, depth, -np.inf)
        top = int(np.argmax(depth))
        if depth[top] > best_m:
            best_at, best_m = int(picked[top]), float(depth[top])
        beside = np.searchsorted(picked, open_fixes, side="right") - 1
        for side in (beside, np.minimum(beside + 1, len(picked) - 1)):
            away = metres_between(
                stretch.lon_deg[open_fixes], stretch.lat_deg[open_fixes], near_lon[side], near_lat[side]
            )
            ceiling = np.minimum(ceiling, away)
        keep = ceiling > best_m + tolerance_m
        open_fixes, ceiling = open_fixes[keep], ceiling[keep]
    return best_at, best_m
