"""How far each input moves a ground point: for planners, for calibration, for a reader who asks why."""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.error.budget import TERMS, ErrorBudget, Term
from atalaya.earth.error.cloud import anchors
from atalaya.earth.error.effects import effect_map
from atalaya.earth.error.first_order import jacobian
from atalaya.earth.error.looks import Looks
from atalaya.earth.surface import Surface

Floats = NDArray[np.float64]


def sensitivity(surface: Surface, looks: Looks) -> Floats:
    """(n, 3, 20) metres east, north, up per unit (metre, degree, pixel, second) of each of `TERMS`.

    First order, on the slope of the ground where each look meets it; NaN where it meets none.
    """
    units = ErrorBudget(**{name: Term(1.0, 0.0) for name in TERMS})  # type: ignore[arg-type]
    effects = effect_map(looks, [units])
    return jacobian(surface, looks, anchors(surface, looks), effects)[..., : len(TERMS)]
