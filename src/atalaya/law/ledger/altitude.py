"""Whether a flight was inside an altitude band, over time, from heights of the band's own datum."""

import numpy as np
from numpy.typing import NDArray

from atalaya.law.ledger.steps import Steps, Tri, constant, of_runs
from atalaya.law.records.altitude_band import AltitudeBand

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

LONGEST_GAP_US = 60_000_000
"""Between fixes farther apart than this an altitude is not known: an aircraft can climb and come back."""


def band_steps(t_us: Times, height_m: Floats, band: AltitudeBand) -> Steps:
    """Inside the band (both limits included), over time; straight lines between fixes.

    Args:
        t_us: (n,) increasing, microseconds UTC.
        height_m: (n,) in the datum of the band; NaN where not recorded, which is unknown, never inside.
    """
    if len(t_us) < 2:
        return constant(Tri.UNKNOWN)
    side = np.where(height_m < band.lowest_m, -1, np.where(height_m > band.highest_m, 1, 0))
    known = np.isfinite(height_m)
    certain = known[:-1] & known[1:] & (np.diff(t_us) <= LONGEST_GAP_US)
    value = np.where(certain, np.where(side[:-1] == 0, Tri.YES, Tri.NO), Tri.UNKNOWN).astype(np.uint8)
    crossing = np.flatnonzero(certain & (side[:-1] != side[1:]))
    times, values = [], []
    for limit_m, lower_side in ((band.lowest_m, -1), (band.highest_m, 0)):
        at_us, into = _crossed(t_us, height_m, side, crossing, limit_m, lower_side)
        times.append(at_us)
        values.append(into)
    restated = np.append(True, value[1:] != value[:-1])
    restated[np.minimum(crossing + 1, len(value) - 1)] = True
    times.append(t_us[:-1][restated])  # at one instant what begins at a fix wins over what ends there
    values.append(value[restated])
    all_times, all_values = np.concatenate(times), np.concatenate(values)
    order = np.argsort(all_times, kind="stable")
    return of_runs(all_times[order], all_values[order])


def _crossed(
    t_us: Times,
    height_m: Floats,
    side: NDArray[np.intp],
    segments: NDArray[np.intp],
    limit_m: float,
    lower_side: int,
) -> tuple[Times, NDArray[np.uint8]]:
    """Where one limit is crossed: times, and whether the aircraft is inside the band after it."""
    over = side > lower_side
    here = segments[over[segments] != over[segments + 1]]
    share = (limit_m - height_m[here]) / (height_m[here + 1] - height_m[here])
    after_us = np.rint(share * (t_us[here + 1] - t_us[here])).astype(np.int64)
    at_us = t_us[here] + np.maximum(after_us, 1)
    enters = over[here + 1] == (lower_side == -1)
    return at_us, np.where(enters, Tri.YES, Tri.NO).astype(np.uint8)
