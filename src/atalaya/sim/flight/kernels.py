"""A flight at any instant, compiled: splines of place and air, coordinated turns, a turret that slews.

All curves are uniform cubic B-splines: place and speed at an instant depend on four control points only, so
that any window of a flight comes out the same whatever else is computed. Row i of control points belongs to
the time start + (i - 1) * step. Angles are radians, lengths metres, times seconds since the take-off.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""

A = 6378137.0
F = 1.0 / 298.257223563
E2 = F * (2.0 - F)
G = 9.80665
TWO_PI = 2.0 * np.pi

LEVEL, STARE, FIXED = 0, 1, 2
SLOWEST_AIR = 0.5  # m/s; slower air over the wings has no direction


@kernel
def wrapped(angle: Num) -> Num:
    """In -pi .. pi."""
    return angle - TWO_PI * np.floor((angle + np.pi) / TWO_PI)


@kernel
def weights(t: Num, start: Num, step: Num, count: Num, order: Num, w: Array) -> Num:
    """Fill the four weights of a cubic B-spline or of its first or second derivative; first control point."""
    place = (t - start) / step
    first = min(max(int(np.floor(place)), 0), count - 4)
    u = min(max(place - first, 0.0), 1.0)
    r = 1.0 - u
    if order == 0:
        w[0], w[3] = r * r * r / 6.0, u * u * u / 6.0
        w[1] = (4.0 - 6.0 * u * u + 3.0 * u * u * u) / 6.0
        w[2] = (4.0 - 6.0 * r * r + 3.0 * r * r * r) / 6.0
    elif order == 1:
        w[0], w[3] = -0.5 * r * r / step, 0.5 * u * u / step
        w[1], w[2] = (1.5 * u * u - 2.0 * u) / step, (2.0 * r - 1.5 * r * r) / step
    else:
        w[0], w[3] = r / step**2, u / step**2
        w[1], w[2] = (3.0 * u - 2.0) / step**2, (3.0 * r - 2.0) / step**2
    return first


@kernel
def motion(t: Array, start: Num, step: Num, control: Array, attack: Num, out: Array) -> None:
    """Place, speed and coordinated attitude.

    Args:
        t: (n,). control: (k, 6) x, y, z on the ellipsoid (ECEF), height above it, wind to east and north.
        attack: angle of attack, radians.
        out: (n, 9) longitude, latitude, height, speed north, east, down over ground, heading, pitch, roll.
    """
    w = np.empty((3, 4))
    value = np.empty((3, 6))
    for i in range(len(t)):
        for order in range(3):
            first = weights(t[i], start, step, len(control), order, w[order])
            for k in range(6):
                value[order, k] = 0.0
                for j in range(4):
                    value[order, k] += w[order, j] * control[first + j, k]
        x, y, z = value[0, 0], value[0, 1], value[0, 2]
        level = np.sqrt(x * x + y * y)
        sin_lon, cos_lon = y / level, x / level
        lat = np.arctan2(z, (1.0 - E2) * level)
        sin_lat, cos_lat = np.sin(lat), np.cos(lat)
        height = value[0, 3]
        bend = 1.0 - E2 * sin_lat * sin_lat
        across = A / np.sqrt(bend)
        up_east, up_north = 1.0 + height / across, 1.0 + height * bend / (across * (1.0 - E2))
        out[i, 0], out[i, 1], out[i, 2] = np.arctan2(y, x), lat, height
        for order in range(1, 3):
            x, y, z = value[order, 0], value[order, 1], value[order, 2]
            value[order, 1] = up_east * (cos_lon * y - sin_lon * x)
            value[order, 0] = up_north * (cos_lat * z - sin_lat * (cos_lon * x + sin_lon * y))
        north, east, rise = value[1, 0], value[1, 1], value[1, 3]
        out[i, 3], out[i, 4], out[i, 5] = north, east, -rise
        air_east, air_north = east - value[0, 4], north - value[0, 5]
        air = max(np.sqrt(air_east * air_east + air_north * air_north), SLOWEST_AIR)
        pull_east, pull_north = value[2, 1] - value[1, 4], value[2, 0] - value[1, 5]
        out[i, 6] = np.arctan2(air_east, air_north)
        out[i, 7] = np.arctan2(rise, air) + attack
        # no slip: lift leans so that its level part turns the flight, tan bank = v * turn rate / g
        out[i, 8] = np.arctan((air_north * pull_east - air_east * pull_north) / (air * G))


@kernel
def noise(t: Array, start: Num, step: Num, control: Array, out: Array) -> None:
    """Add smooth noise of unit variance to each column of out (n, m); control: (k, m) independent, normal."""
    w = np.empty(4)
    for i in range(len(t)):
        first = weights(t[i], start, step, len(control), 0, w)
        size = np.sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2] + w[3] * w[3])
        for j in range(4):
            for k in range(control.shape[1]):
                out[i, k] += w[j] / size * control[first + j, k]


@kernel
def spline(t: Array, start: Num, step: Num, control: Array, out: Array) -> None:
    """Fill out (n, m) with the values of m splines; control: (k, m)."""
    w = np.empty(4)
    for i in range(len(t)):
        first = weights(t[i], start, step, len(control), 0, w)
        for k in range(control.shape[1]):
            out[i, k] = 0.0
            for j in range(4):
                out[i, k] += w[j] * control[first + j, k]


@kernel
def commands(
    state: Array, segment: Array, kind: Array, bearing: Array, elevation: Array, stare: Array, out: Array
) -> None:
    """Where the turret is told to look, (n, 2) azimuth from north and elevation.

    Args:
        state: (n, 9) of `motion`. segment: (n,) row of the next four. kind: (m,) LEVEL, STARE or FIXED.
        bearing, elevation: (m,) from the nose, from the level plane. stare: (m, 3) ECEF of what is stared at.
    """
    for i in range(len(state)):
        s = segment[i]
        out[i, 0], out[i, 1] = state[i, 6] + bearing[s], elevation[s]
        if kind[s] != STARE:
            continue
        lon, lat, height = state[i, 0], state[i, 1], state[i, 2]
        sl, cl, sp, cp = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
        nu = A / np.sqrt(1.0 - E2 * sp * sp)
        x = stare[s, 0] - (nu + height) * cp * cl
        y = stare[s, 1] - (nu + height) * cp * sl
        z = stare[s, 2] - (nu * (1.0 - E2) + height) * sp
        north, east = -sp * (cl * x + sl * y) + cp * z, cl * y - sl * x
        up = cp * (cl * x + sl * y) + sp * z
        out[i, 0], out[i, 1] = np.arctan2(east, north), np.arctan2(up, np.sqrt(north * north + east * east))


@kernel
def brake(miss: Num, step: Num, pull: Num) -> Num:
    """Rate towards a command from which steps of at most `pull` of a rate bring it to rest right there."""
    gap = np.abs(miss)
    quick = 0.5 * pull * step * (np.sqrt(1.0 + 8.0 * gap / (pull * step * step)) - 1.0)
    return np.copysign(min(gap / step, quick), miss)


@kernel
def track(command: Array, segment: Array, step: Num, rate: Array, pull: Array, out: Array) -> None:
    """Follow commands within rate and acceleration; (n, 2) azimuth (unwrapped) and elevation.

    Args:
        command: (n, 2). segment: (n,). rate, pull: (m,) limits per segment, the turret's.
    """
    speed = np.zeros(2)
    out[0] = command[0]
    for i in range(len(command) - 1):
        s = segment[i + 1]
        for axis in range(2):
            miss = command[i, axis] - out[i, axis]
            ahead = command[i + 1, axis] - command[i, axis]
            if segment[i] != s:
                ahead = 0.0
                miss = command[i + 1, axis] - out[i, axis]
            if axis == 0:
                miss, ahead = wrapped(miss), wrapped(ahead)
            wanted = ahead / step + brake(miss, step, 0.8 * pull[s])
            wanted = min(max(wanted, -rate[s]), rate[s])
            most = pull[s] * step
            speed[axis] += min(max(wanted - speed[axis], -most), most)
            out[i + 1, axis] = out[i, axis] + speed[axis] * step


@kernel
def relative(attitude: Array, looked: Array, fixed: Array, low: Array, high: Array, out: Array) -> None:
    """Gimbal angles of a camera held level with the horizon, or those of a fixed one.

    Args:
        attitude: (n, 3) heading, pitch, roll. looked: (n, 2) azimuth from north and elevation, or from the
            nose and the airframe's plane where fixed.
        fixed: (n,) whether it does not turn. low, high: (n,) limits of the elevation to the airframe.
        out: (n, 3) relative azimuth, elevation, roll (radians).
    """
    for i in range(len(attitude)):
        a, e = looked[i, 0], looked[i, 1]
        if fixed[i]:
            out[i, 0], out[i, 1], out[i, 2] = a, min(max(e, low[i]), high[i]), 0.0
            continue
        h, p, r = attitude[i, 0], attitude[i, 1], attitude[i, 2]
        a -= h
        ca, sa, ce, se = np.cos(a), np.sin(a), np.cos(e), np.sin(e)
        cp, sp, cr, sr = np.cos(p), np.sin(p), np.cos(r), np.sin(r)
        # columns of the level camera after the heading: forward, right, down; rows of the airframe on them
        f0, f1, f2 = ca * ce, sa * ce, -se
        d0, d1, d2 = ca * se, sa * se, ce
        x = cp * f0 - sp * f2
        y = sp * sr * f0 + cr * f1 + cp * sr * f2
        z = sp * cr * f0 - sr * f1 + cp * cr * f2
        right = sp * cr * -sa - sr * ca
        down = sp * cr * d0 - sr * d1 + cp * cr * d2
        out[i, 0] = np.arctan2(y, x)
        out[i, 1] = min(max(np.arctan2(-z, np.sqrt(x * x + y * y)), low[i]), high[i])
        out[i, 2] = np.arctan2(right, down)
