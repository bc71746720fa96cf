"""Route (track line) search: along a line once, or out on its right and back on its left.

IAMSAR Manual, vol. II ch. 5: track line search, non-return (TSN) and return (TSR) (paraphrased).
"""

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString

from atalaya.base.errors import BadInput
from atalaya.plan.patterns.pattern import Pattern, positive, swept

Floats = NDArray[np.float64]
SHARP = 4.0


def route_search(route: Floats, *, spacing_m: float = 0.0, back: bool = False) -> Pattern:
    """Legs along a line.

    Args:
        route: (n, 2) float64, metres.
        spacing_m: between the ways out and back; each is half of it beside the line. A single pass is flown
            on the line itself and does not use it.
        back: whether to return.

    Raises:
        BadInput: COV-002 not a line; COV-003.
    """
    line = np.asarray(route, dtype=float)
    if line.ndim != 2 or line.shape[1] != 2 or len(line) < 2 or not np.isfinite(line).all():
        raise BadInput("COV-002", where="route", detail="not a line of finite points")
    line = line[np.concatenate([[True], np.any(np.diff(line, axis=0) != 0, axis=1)])]
    if len(line) < 2:
        raise BadInput("COV-002", where="route", detail="a line without length")
    if not back:
        return swept(line)
    positive("spacing_m", spacing_m)
    right, left = (_beside(line, side * spacing_m / 2) for side in (-1, 1))
    points = np.vstack([right, left[::-1]])
    sweep = np.ones(len(points) - 1, dtype=bool)
    sweep[len(right) - 1] = False
    return Pattern(points, sweep)


def _beside(line: Floats, offset_m: float) -> Floats:
    """The line moved to its left (positive) or right, corners mitred."""
    moved = LineString(line).offset_curve(offset_m, join_style="mitre", mitre_limit=SHARP)
    if moved.geom_type != "LineString" or moved.is_empty:
        raise BadInput("COV-003", name="spacing_m", value=2 * abs(offset_m))
    return np.asarray(moved.coords)
