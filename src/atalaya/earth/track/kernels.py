"""Loops over fixes: lengths of steps, flags of integrity, the heaviest chain of runs that one aircraft can
fly."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

IMPOSSIBLE, TIME_ORDER, FUTURE, SPEED, FROZEN, STALE = 1, 2, 4, 8, 16, 32
MISMATCH, SLOW_AT_HEIGHT, NO_INTEGRITY, REPEATED, QUARANTINED = 64, 128, 256, 512, 1024
UNUSABLE = IMPOSSIBLE | TIME_ORDER | FUTURE | STALE | REPEATED | FROZEN

A_M = 6378137.0
E2 = 0.0066943799901413165
RADIUS_M = 6371008.8
RAD = np.pi / 180.0


@kernel
def distance_m(lon0: float, lat0: float, lon1: float, lat1: float) -> float:
    """Metres between two places: the ellipsoid's local metric to 1e-5 up to 100 km, a sphere (0.5 %)
    beyond."""
    dlat = (lat1 - lat0) * RAD
    dlon = lon1 - lon0
    if dlon > 180.0:
        dlon -= 360.0
    elif dlon < -180.0:
        dlon += 360.0
    dlon *= RAD
    middle = 0.5 * (lat0 + lat1) * RAD
    if abs(dlat) < 0.016 and abs(dlon) < 0.016 and abs(middle) < 1.48:
        sine = np.sin(middle)
        cosine2 = 1.0 - sine * sine
        w2 = 1.0 - E2 * sine * sine
        across2 = dlon * dlon * cosine2
        along = dlat * (1.0 - E2) / w2
        return float(A_M * np.sqrt((along * along + across2) / w2))
    half = np.sin(0.5 * dlat) ** 2 + np.cos(lat0 * RAD) * np.cos(lat1 * RAD) * np.sin(0.5 * dlon) ** 2
    return float(2.0 * RADIUS_M * np.arcsin(min(1.0, np.sqrt(half))))


@kernel
def pairs_m(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Floats:
    """(n,) metres between the places of each pair."""
    out = np.empty(len(lon0))
    for i in range(len(out)):
        out[i] = distance_m(lon0[i], lat0[i], lon1[i], lat1[i])
    return out


@kernel
def flag_fixes(
    fix_us: Ints,
    lon: Floats,
    lat: Floats,
    speed: Floats,
    age: Floats,
    height: Floats,
    containment: Floats,
    not_after_us: int,
    vmax: float,
    time_slack_s: float,
    max_age_s: float,
    moving_mps: float,
    mismatch_share: float,
    mismatch_mps: float,
    mismatch_s: float,
    slow_mps: float,
    high_from_m: float,
    high_to_m: float,
) -> NDArray[np.uint16]:
    """(n,) uint16 flags of every fix except QUARANTINED; thresholds as in `IntegrityLimits`.

    height: (n,) pressure altitude, or another height where it is absent, metres.
    """
    n = len(fix_us)
    flags = np.zeros(n, np.uint16)
    last = -1  # the last usable fix
    for i in range(n):
        mark = 0
        if not (abs(lat[i]) <= 90.0 and abs(lon[i]) <= 180.0) or (lat[i] == 0.0 and lon[i] == 0.0):
            mark |= IMPOSSIBLE
        if fix_us[i] > not_after_us:
            mark |= FUTURE
        if age[i] > max_age_s:
            mark |= STALE
        if not containment[i] > 0.0:
            mark |= NO_INTEGRITY
        if speed[i] < slow_mps and height[i] > high_from_m and height[i] < high_to_m:
            mark |= SLOW_AT_HEIGHT
        if last >= 0 and not mark & (IMPOSSIBLE | FUTURE):
            dt = (fix_us[i] - fix_us[last]) * 1e-6
            same = lon[i] == lon[last] and lat[i] == lat[last]
            if dt <= 0.0:
                mark |= REPEATED if same else TIME_ORDER
            elif same:
                if speed[i] > moving_mps and speed[i] * dt > 10.0:
                    mark |= REPEATED
                    if dt > max_age_s:
                        mark |= FROZEN
            elif not mark & STALE:
                went = distance_m(lon[last], lat[last], lon[i], lat[i])
                if went > vmax * (dt + time_slack_s):
                    mark |= SPEED
                elif dt <= mismatch_s:
                    stated = speed[i]
                    if abs(went - stated * dt) > mismatch_share * stated * dt + mismatch_mps * (
                        dt + time_slack_s
                    ):
                        mark |= MISMATCH
        flags[i] = mark
        if not mark & UNUSABLE:
            last = i
    return flags


@kernel
def heaviest_chain(
    first: Ints,
    final: Ints,
    weight: Floats,
    fix_us: Ints,
    lon: Floats,
    lat: Floats,
    vmax: float,
    time_slack_s: float,
    look_back: int,
) -> NDArray[np.bool_]:
    """(k,) bool: runs of the heaviest chain in which each run can be reached from the one before.

    Args:
        first, final: (k,) index of the first and last fix of each run. weight: (k,) of each run.
        look_back: how many runs before a run may precede it directly.
    """
    k = len(first)
    best = weight.copy()
    before = np.full(k, -1, np.int64)
    for i in range(k):
        a = first[i]
        for j in range(i - 1, max(-1, i - 1 - look_back), -1):
            if best[j] + weight[i] <= best[i]:
                continue
            b = final[j]
            dt = (fix_us[a] - fix_us[b]) * 1e-6 + time_slack_s
            if distance_m(lon[b], lat[b], lon[a], lat[a]) <= vmax * dt:
                best[i] = best[j] + weight[i]
                before[i] = j
    chosen = np.zeros(k, np.bool_)
    at = int(np.argmax(best))
    while at >= 0:
        chosen[at] = True
        at = before[at]
    return chosen
