"""What is asked of the planner, checked and prepared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.coverage.region import Region
from atalaya.plan.coverage.transits import Transits

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked.

    Args:
        region: prepared area.
        transits: ways in it, under the cost.
        swath_m, spacing_m: width seen, distance of lines.
        footprint: "band" or "disc".
        share: of the area that must be covered.
        start, end: local metres, or None.
        seed: of the search.
    """

    region: Region
    transits: Transits
    swath_m: float
    spacing_m: float
    footprint: str
    share: float
    start: Floats | None
    end: Floats | None
    seed: int
