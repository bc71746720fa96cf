"""Parallel track (legs along the long side) and creeping line (along the short side) over a rectangle.

IAMSAR Manual, vol. II ch. 5 and vol. III section 3: the search starts half a track spacing inside a corner,
and all legs stay half a spacing inside the sides. (The text is paraphrased; the manual is not open.)
"""

import math

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.patterns.pattern import Pattern, bearing, positive, swept

Floats = NDArray[np.float64]
Place = tuple[float, float]


def parallel_track(
    length_m: float,
    width_m: float,
    spacing_m: float,
    *,
    bearing_deg: float = 0.0,
    centre: Place = (0, 0),
) -> Pattern:
    """Legs parallel to the longer side of a rectangle.

    The track is n (L - S) + (n - 1) W' long, with n = ceil(W / S) legs W' = W / n apart.

    Args:
        length_m, width_m: sides; the longer lies along the bearing.
        spacing_m: greatest distance of legs.
        bearing_deg: of the longer side.
        centre: of the rectangle, metres.

    Raises:
        BadInput: COV-003.
    """
    long, short = max(length_m, width_m), min(length_m, width_m)
    return _lawnmower(long, short, spacing_m, bearing_deg, bearing_deg + 90, centre)


def creeping_line(
    length_m: float,
    width_m: float,
    spacing_m: float,
    *,
    bearing_deg: float = 0.0,
    centre: Place = (0, 0),
) -> Pattern:
    """Legs parallel to the shorter side of a rectangle, creeping along the longer, which lies on the bearing.

    Arguments and errors as `parallel_track`.
    """
    long, short = max(length_m, width_m), min(length_m, width_m)
    return _lawnmower(short, long, spacing_m, bearing_deg + 90, bearing_deg, centre)


def _lawnmower(
    leg_m: float,
    across_m: float,
    spacing_m: float,
    along_deg: float,
    across_deg: float,
    centre: Place,
) -> Pattern:
    for name, value in (("length_m", leg_m), ("width_m", across_m), ("spacing_m", spacing_m)):
        positive(name, value)
    count = max(1, math.ceil(across_m / spacing_m - 1e-9))
    half = max(leg_m - spacing_m, 0.0) / 2
    offsets = across_m / count * (np.arange(count) + 0.5) - across_m / 2
    along, across = bearing(along_deg), bearing(across_deg)
    ends = [(-half, half) if k % 2 == 0 else (half, -half) for k in range(count)]
    points = [
        end * along + offset * across for offset, pair in zip(offsets, ends, strict=True) for end in pair
    ]
    return swept(np.array(points) + np.asarray(centre, dtype=float))
