"""A stream that states CE90 and LE90 of what it looks at (ST 0601 items 45 and 46): a budget that agrees."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.error.budget import TERMS, ErrorBudget
from atalaya.earth.error.circular import LINEAR_90, circular_error_m
from atalaya.earth.error.cloud import anchors
from atalaya.earth.error.effects import effect_map
from atalaya.earth.error.first_order import jacobian
from atalaya.earth.error.looks import Looks
from atalaya.earth.surface import Surface

Floats = NDArray[np.float64]

OF_THE_GROUND = ("terrain_up_m", "terrain_east_m", "terrain_north_m", "geoid_m")
"""Terms a statement about the sensor's pointing does not change."""

_ROUNDS = 60


def with_target_error(
    budget: ErrorBudget, surface: Surface, centre: Looks, ce90_m: float, le90_m: float = float("nan")
) -> ErrorBudget:
    """The budget with the errors of the sensor stretched so that CE90 at the frame centre is as stated.

    All of them by one factor: their proportions stay those of the profile. Where the ground alone errs by
    more than the stream states, the sensor's errors vanish and the statement cannot be met: the ground's
    stay, as the stream knows nothing of this terrain model. What the target height errs by (item 46) becomes
    the vertical error of the ground, for use where the ground is the stream's own height.

    Args:
        centre: the look of the frame centre (one row).
        ce90_m, le90_m: items 45 and 46; NaN where not stated.

    Returns:
        The budget as it was where nothing is stated or the centre meets no ground.
    """
    if np.isfinite(le90_m):
        up = budget.terrain_up_m.with_total(le90_m / LINEAR_90, "stated")
        budget = budget.with_terms(terrain_up_m=up)
    if not np.isfinite(ce90_m):
        return budget
    effects = effect_map(centre, [budget])
    moves = jacobian(surface, centre, anchors(surface, centre), effects)[0]
    if not np.isfinite(moves).all():
        return budget
    ground = np.tile(np.isin(TERMS, OF_THE_GROUND), 2)
    fixed, ours = moves[:, ground], moves[:, ~ground]
    factor = _factor(fixed @ fixed.T, ours @ ours.T, ce90_m)
    stretched = {
        name: replace(budget.term(name).times(factor), provenance="stated")
        for name in TERMS
        if name not in OF_THE_GROUND
    }
    return budget.with_terms(**stretched)


def _factor(fixed: Floats, ours: Floats, ce90_m: float) -> float:
    """f with CE90(fixed + f^2 ours) as asked, by halving; 0 where the fixed part is already larger."""
    low, high = 0.0, 1.0
    while high < 1e6 and circular_error_m(fixed + high**2 * ours) < ce90_m:
        high *= 2.0
    for _ in range(_ROUNDS):
        middle = (low + high) / 2.0
        if circular_error_m(fixed + middle**2 * ours) < ce90_m:
            low = middle
        else:
            high = middle
    return low
