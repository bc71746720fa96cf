"""Whether a measured value, such as an altitude, lay between two limits, over time."""

import numpy as np
from numpy.typing import NDArray

from atalaya.law.ledger.steps import Steps, Tri, constant, of_runs

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

LONGEST_GAP_US = 60_000_000
"""Between values farther apart than this nothing is known: an aircraft can climb and come back."""


def between_limits(t_us: Times, value: Floats, lowest: float, highest: float) -> Steps:
    """Between the limits (both included), over time; straight lines between the values.

    Args:
        t_us: (n,) increasing, microseconds UTC.
        value: (n,) NaN where it was not recorded, which is unknown, never inside.
        lowest, highest: in the unit and datum of the values; infinite where open.
    """
    if len(t_us) < 2:
        return constant(Tri.UNKNOWN)
    side = np.where(value < lowest, -1, np.where(value > highest, 1, 0))
    known = np.isfinite(value)
    certain = known[:-1] & known[1:] & (np.diff(t_us) <= LONGEST_GAP_US)
    held = np.where(certain, np.where(side[:-1] == 0, Tri.YES, Tri.NO), Tri.UNKNOWN).astype(np.uint8)
    crossing = np.flatnonzero(certain & (side[:-1] != side[1:]))
    times, values = [], []
    for limit, lower_side in ((lowest, -1), (highest, 0)):
        at_us, into = _crossed(t_us, value, side, crossing, limit, lower_side)
        times.append(at_us)
        values.append(into)
    restated = np.append(True, held[1:] != held[:-1])
    restated[np.minimum(crossing + 1, len(held) - 1)] = True
    times.append(t_us[:-1][restated])  # at one instant what begins at a fix wins over what ends there
    values.append(held[restated])
    all_times, all_values = np.concatenate(times), np.concatenate(values)
    order = np.argsort(all_times, kind="stable")
    return of_runs(all_times[order], all_values[order])


def _crossed(
    t_us: Times,
    value: Floats,
    side: NDArray[np.intp],
    segments: NDArray[np.intp],
    limit: float,
    lower_side: int,
) -> tuple[Times, NDArray[np.uint8]]:
    """Where one limit is crossed: times, and whether the aircraft is inside the band after it."""
    over = side > lower_side
    here = segments[over[segments] != over[segments + 1]]
    share = (limit - value[here]) / (value[here + 1] - value[here])
    after_us = np.rint(share * (t_us[here + 1] - t_us[here])).astype(np.int64)
    at_us = t_us[here] + np.maximum(after_us, 1)
    enters = over[here + 1] == (lower_side == -1)
    return at_us, np.where(enters, Tri.YES, Tri.NO).astype(np.uint8)
