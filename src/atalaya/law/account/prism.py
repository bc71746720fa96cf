"""What the highest speed leaves open between two fixes: entry and exit windows, least and most time inside.

Between P1 at t1 and P2 at t2 an aircraft of speed at most v can touch the area's line only where
|XP1| + |XP2| <= v (t2 - t1). All distances are geodesic and already reduced by what position and, where the
claim is about the State, the layer may be wrong.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """When a line was crossed between two fixes: (k,) microseconds, earliest <= latest."""

    earliest_us: Floats
    latest_us: Floats


def window(t1_us: Floats, t2_us: Floats, d1_m: Floats, d2_m: Floats, speed_mps: Floats) -> Window:
    """Earliest and latest crossing between a fix `d1_m` on one side and one `d2_m` on the other side.

    Entry: [t1 + d(P1, A) / v, t2 - d(P2, dA) / v]; exit alike. Clamped to [t1, t2].

    Args: all (k,); distances >= 0.
    """
    earliest = np.clip(t1_us + d1_m / speed_mps * 1e6, t1_us, t2_us)
    latest = np.clip(t2_us - d2_m / speed_mps * 1e6, t1_us, t2_us)
    return Window(np.minimum(earliest, latest), np.maximum(earliest, latest))


def least_inside_s(dt_s: Floats, d1_m: Floats, d2_m: Floats, speed_mps: Floats) -> Floats:
    """(k,) seconds surely inside between two fixes inside: all, if d1 + d2 > v dt."""
    return np.minimum(dt_s, (d1_m + d2_m) / speed_mps)


def most_inside_s(dt_s: Floats, d1_m: Floats, d2_m: Floats, speed_mps: Floats) -> Floats:
    """(k,) most seconds inside between two fixes outside, if the area can be reached at all."""
    return np.maximum(0.0, dt_s - (d1_m + d2_m) / speed_mps)
