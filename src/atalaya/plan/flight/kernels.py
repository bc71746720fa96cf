"""The ground track of a sortie, compiled: Dubins paths in moving air, rounded corners, orbits.

Each leg is laid out on its own tangent plane (central projection of the ellipsoid, see `plan/plane.py`;
closed form both ways), so that straight pieces are great ellipses. Angles are radians clockwise from north,
planes are (4, 3): centre, east, north, up in ECEF metres. Turns are circles in the air and drift with the
wind.
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
TWO_PI = 2.0 * np.pi
G = 9.80665

BY, OVER, LOITER = 0, 1, 2
STRAIGHT, TURN, ORBIT, SPIRAL = 0, 1, 2, 3
OK, WIND_TOO_STRONG, NO_TURN = 0, 1, 2

LONGEST_PIECE = 5000.0
AHEAD = 100.0
CHORD_ERROR = 0.5
WIDEST_STEP = 0.0873  # 5 degrees
MOST_ORBITS = 4000.0
MOST_WIND = 0.98
NO_PATH = 1.0e30
ROUNDING = 1.0e-9


@kernel
def plane_at(lon: Num, lat: Num, plane: Array) -> None:
    """Fill the (4, 3) plane that touches the ellipsoid at a place."""
    sl, cl, sp, cp = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
    nu = A / np.sqrt(1.0 - E2 * sp * sp)
    plane[0, 0], plane[0, 1], plane[0, 2] = nu * cp * cl, nu * cp * sl, nu * (1.0 - E2) * sp
    plane[1, 0], plane[1, 1], plane[1, 2] = -sl, cl, 0.0
    plane[2, 0], plane[2, 1], plane[2, 2] = -sp * cl, -sp * sl, cp
    plane[3, 0], plane[3, 1], plane[3, 2] = cp * cl, cp * sl, sp


@kernel
def to_plane(plane: Array, lon: Num, lat: Num) -> Num:
    """East and north on a plane, metres."""
    sp, cp = np.sin(lat), np.cos(lat)
    nu = A / np.sqrt(1.0 - E2 * sp * sp)
    x, y, z = nu * cp * np.cos(lon), nu * cp * np.sin(lon), nu * (1.0 - E2) * sp
    top = plane[0, 0] * plane[3, 0] + plane[0, 1] * plane[3, 1] + plane[0, 2] * plane[3, 2]
    k = top / (x * plane[3, 0] + y * plane[3, 1] + z * plane[3, 2])
    east = k * (x * plane[1, 0] + y * plane[1, 1] + z * plane[1, 2])
    north = k * (x * plane[2, 0] + y * plane[2, 1] + z * plane[2, 2])
    return east, north - (plane[0, 0] * plane[2, 0] + plane[0, 1] * plane[2, 1] + plane[0, 2] * plane[2, 2])


@kernel
def from_plane(plane: Array, east: Num, north: Num) -> Num:
    """Longitude and latitude of a point of a plane, radians."""
    x = plane[0, 0] + east * plane[1, 0] + north * plane[2, 0]
    y = plane[0, 1] + east * plane[1, 1] + north * plane[2, 1]
    z = plane[0, 2] + east * plane[1, 2] + north * plane[2, 2]
    return np.arctan2(y, x), np.arctan2(z, (1.0 - E2) * np.sqrt(x * x + y * y))


@kernel
def course_on(plane: Array, lon: Num, lat: Num, course: Num, here: Array) -> Num:
    """A true course at a place as an angle of another plane. `here`: (4, 3) scratch."""
    plane_at(lon, lat, here)
    lon2, lat2 = from_plane(here, AHEAD * np.sin(course), AHEAD * np.cos(course))
    e1, n1 = to_plane(plane, lon, lat)
    e2, n2 = to_plane(plane, lon2, lat2)
    return np.arctan2(e2 - e1, n2 - n1)


@kernel
def wrapped(angle: Num) -> Num:
    """In -pi .. pi."""
    return angle - TWO_PI * np.floor((angle + np.pi) / TWO_PI)


@kernel
def positive(angle: Num) -> Num:
    """In 0 .. 2 pi; a hair below 2 pi is 0."""
    angle = angle - TWO_PI * np.floor(angle / TWO_PI)
    return 0.0 if angle > TWO_PI - 1e-9 else angle


@kernel
def dubins_word(word: Num, d: Num, a: Num, b: Num) -> Num:
    """Three parts (radians, radians or radii) of one Dubins word; the first is negative where there is none.

    0 LSL, 1 RSR, 2 LSR, 3 RSL, 4 RLR, 5 LRL; d distance in radii, a and b headings anticlockwise from the
    line between the ends. Shkel and Lumelsky, Robotics and Autonomous Systems 34 (2001).
    """
    sa, ca, sb, cb = np.sin(a), np.cos(a), np.sin(b), np.cos(b)
    cab = np.cos(a - b)
    if word == 0:
        p2 = 2.0 + d * d - 2.0 * cab + 2.0 * d * (sa - sb)
        if p2 < 1e-10:  # one circle: where the straight would lie is not defined
            return positive(b - a), 0.0, 0.0
        turn = np.arctan2(cb - ca, d + sa - sb)
        return positive(-a + turn), np.sqrt(p2), positive(b - turn)
    if word == 1:
        p2 = 2.0 + d * d - 2.0 * cab + 2.0 * d * (sb - sa)
        if p2 < 1e-10:
            return positive(a - b), 0.0, 0.0
        turn = np.arctan2(ca - cb, d - sa + sb)
        return positive(a - turn), np.sqrt(p2), positive(-b + turn)
    if word == 2:
        p2 = -2.0 + d * d + 2.0 * cab + 2.0 * d * (sa + sb)
        if p2 < -ROUNDING:
            return -1.0, 0.0, 0.0
        p = np.sqrt(max(p2, 0.0))
        turn = np.arctan2(-ca - cb, d + sa + sb) - np.arctan2(-2.0, p)
        return positive(-a + turn), p, positive(-b + turn)
    if word == 3:
        p2 = -2.0 + d * d + 2.0 * cab - 2.0 * d * (sa + sb)
        if p2 < -ROUNDING:
            return -1.0, 0.0, 0.0
        p = np.sqrt(max(p2, 0.0))
        turn = np.arctan2(ca + cb, d - sa - sb) - np.arctan2(2.0, p)
        return positive(a - turn), p, positive(b - turn)
    if word == 4:
        c = (6.0 - d * d + 2.0 * cab + 2.0 * d * (sa - sb)) / 8.0
        if np.abs(c) > 1.0 + ROUNDING:
            return -1.0, 0.0, 0.0
        p = TWO_PI - np.arccos(min(max(c, -1.0), 1.0))
        t = positive(a - np.arctan2(ca - cb, d - sa + sb) + p / 2.0)
        return t, p, positive(a - b - t + p)
    c = (6.0 - d * d + 2.0 * cab + 2.0 * d * (sb - sa)) / 8.0
    if np.abs(c) > 1.0 + ROUNDING:
        return -1.0, 0.0, 0.0
    p = TWO_PI - np.arccos(min(max(c, -1.0), 1.0))
    t = positive(-a - np.arctan2(ca - cb, d + sa - sb) + p / 2.0)
    return t, p, positive(b - a - t + p)


@kernel
def dubins_of(word: Num, x: Num, y: Num, start: Num, end: Num, radius: Num) -> Num:
    """Length and three parts of one word from (0, 0) to (x, y); headings clockwise from north."""
    line = np.arctan2(y, x)
    t, p, q = dubins_word(
        word, np.sqrt(x * x + y * y) / radius, np.pi / 2.0 - start - line, np.pi / 2.0 - end - line
    )
    return (t + p + q) * radius if t >= 0.0 else NO_PATH, t, p, q


@kernel
def dubins(x: Num, y: Num, start: Num, end: Num, radius: Num) -> Num:
    """The shortest of six words: length (m), word, and its parts."""
    best, word, t, p, q = NO_PATH, 0, 0.0, 0.0, 0.0
    for w in range(6):
        length, wt, wp, wq = dubins_of(w, x, y, start, end, radius)
        if length < best - 1e-9:
            best, word, t, p, q = length, w, wt, wp, wq
    return best, word, t, p, q


@kernel
def late(
    word: Num, time: Num, x: Num, y: Num, start: Num, end: Num, v: Num, radius: Num, we: Num, wn: Num
) -> Num:
    """Seconds by which one word (all of them at -1) is later at a point that drifts upwind than `time`."""
    if word < 0:
        return dubins(x - we * time, y - wn * time, start, end, radius)[0] / v - time
    return dubins_of(word, x - we * time, y - wn * time, start, end, radius)[0] / v - time


@kernel
def windy_dubins(x: Num, y: Num, start: Num, end: Num, v: Num, radius: Num, we: Num, wn: Num) -> Num:
    """Time and word of a path in moving air whose end on the ground is (x, y); time < 0 where none is found.

    The end drifts against the wind in the air's frame (McGee and Hedrick, 2007): the time is the fixed point
    of Dubins length / airspeed. Where words change and the plain iteration does not settle, each word is
    bracketed.
    """
    time = np.sqrt(x * x + y * y) / v
    for _ in range(60):
        gap = late(-1, time, x, y, start, end, v, radius, we, wn)
        time += gap
        if np.abs(gap) < 1e-6:
            _, word, _, _, _ = dubins(x - we * time, y - wn * time, start, end, radius)
            return time, word
    most = (np.sqrt(x * x + y * y) + 8.0 * np.pi * radius) / (v - np.sqrt(we * we + wn * wn)) + 1.0
    best, chosen = -1.0, -1
    for word in range(6):
        low, before = 0.0, late(word, 0.0, x, y, start, end, v, radius, we, wn)
        for step in range(1, 401):
            high = most * step / 400.0
            if best >= 0.0 and low > best:
                break
            after = late(word, high, x, y, start, end, v, radius, we, wn)
            if before < 1e20 and after < 1e20 and before >= 0.0 > after:
                lo, hi = low, high
                for _ in range(60):
                    mid = 0.5 * (lo + hi)
                    if late(word, mid, x, y, start, end, v, radius, we, wn) >= 0.0:
                        lo = mid
                    else:
                        hi = mid
                if np.abs(late(word, hi, x, y, start, end, v, radius, we, wn)) < 1e-3:
                    if best < 0.0 or hi < best:
                        best, chosen = hi, word
                    break
            low, before = high, after
    return best, chosen


@kernel
def heading_for(course: Num, v: Num, we: Num, wn: Num) -> Num:
    """Where the nose points to make a course good; the caller knows the wind is weaker than v."""
    across = we * np.cos(course) - wn * np.sin(course)
    return course - np.arcsin(min(max(across / v, -1.0), 1.0))


@kernel
def put(rows: Array, count: Num, plane: Array, e: Num, n: Num, leg: Num, kind: Num, factor: Num) -> Num:
    """Write one row if it fits (longitude, latitude, leg, kind, arc over chord); count it anyway."""
    if count < rows.shape[0]:
        rows[count, 0], rows[count, 1] = from_plane(plane, e, n)
        rows[count, 2], rows[count, 3], rows[count, 4] = leg, kind, factor
    return count + 1


@kernel
def straight(rows: Array, count: Num, plane: Array, e1: Num, n1: Num, e2: Num, n2: Num, leg: Num) -> Num:
    """Rows of a straight piece, its start left out."""
    length = np.sqrt((e2 - e1) ** 2 + (n2 - n1) ** 2)
    if length < 1e-3:
        return count
    pieces = int(np.ceil(length / LONGEST_PIECE))
    for k in range(1, pieces + 1):
        s = k / pieces
        count = put(rows, count, plane, e1 + s * (e2 - e1), n1 + s * (n2 - n1), leg, STRAIGHT, 1.0)
    return count


@kernel
def step_of(radius: Num) -> Num:
    """Angle of one chord of a circle, radians."""
    return min(WIDEST_STEP, np.sqrt(8.0 * CHORD_ERROR / radius))


@kernel
def arc(
    rows: Array,
    count: Num,
    plane: Array,
    e: Num,
    n: Num,
    heading: Num,
    sweep: Num,
    v: Num,
    radius: Num,
    we: Num,
    wn: Num,
    leg: Num,
    split: Num,
) -> Num:
    """Rows of a turn in moving air; sweep is positive to the right. The first half belongs to the leg before
    where `split`. Returns count, end and heading."""
    side = 1.0 if sweep >= 0.0 else -1.0
    pieces = int(np.ceil(np.abs(sweep) / step_of(radius)))
    end = heading + sweep
    if pieces == 0:
        return count, e, n, end
    half = 0.5 * np.abs(sweep) / pieces
    seconds = np.abs(sweep) * radius / v
    for k in range(1, pieces + 1):
        at, part = heading + sweep * k / pieces, seconds * k / pieces
        ek = e + side * radius * (np.cos(heading) - np.cos(at)) + we * part
        nk = n + side * radius * (np.sin(at) - np.sin(heading)) + wn * part
        whose = leg - 1 if split and 2 * k <= pieces else leg
        count = put(rows, count, plane, ek, nk, whose, TURN, half / np.sin(half))
    return count, ek, nk, end


@kernel
def flown(
    rows: Array,
    count: Num,
    plane: Array,
    e: Num,
    n: Num,
    start: Num,
    e2: Num,
    n2: Num,
    end: Num,
    v: Num,
    radius: Num,
    we: Num,
    wn: Num,
    leg: Num,
) -> Num:
    """Rows of a Dubins path in wind between places with ground courses; -1 if there is none."""
    first, last = heading_for(start, v, we, wn), heading_for(end, v, we, wn)
    time, word = windy_dubins(e2 - e, n2 - n, first, last, v, radius, we, wn)
    if time < 0.0:
        return -1
    _, t, p, q = dubins_of(word, e2 - e - we * time, n2 - n - wn * time, first, last, radius)
    one = -1.0 if word == 0 or word == 2 or word == 5 else 1.0
    two = -1.0 if word == 0 or word == 3 or word == 5 else 1.0
    count, e, n, heading = arc(rows, count, plane, e, n, first, one * t, v, radius, we, wn, leg, False)
    if word < 4:
        seconds = p * radius / v
        ge = e + p * radius * np.sin(heading) + we * seconds
        gn = n + p * radius * np.cos(heading) + wn * seconds
        count = straight(rows, count, plane, e, n, ge, gn, leg)
        e, n = ge, gn
    else:
        count, e, n, heading = arc(rows, count, plane, e, n, heading, -one * p, v, radius, we, wn, leg, False)
    return arc(rows, count, plane, e, n, heading, two * q, v, radius, we, wn, leg, False)[0]


@kernel
def ground_speed(course: Num, v: Num, we: Num, wn: Num) -> Num:
    """On a course; the caller knows the wind is weaker than v."""
    across = we * np.cos(course) - wn * np.sin(course)
    return we * np.sin(course) + wn * np.cos(course) + np.sqrt(max(v * v - across * across, 0.0))


@kernel
def orbit_seconds(course: Num, sweep: Num, v: Num, radius: Num, we: Num, wn: Num) -> Num:
    """Time of a circle over the ground, from a course through a sweep (positive to the right)."""
    pieces = max(int(np.ceil(np.abs(sweep) / WIDEST_STEP)), 1)
    total = 0.0
    for k in range(pieces):
        total += (
            radius * np.abs(sweep) / pieces / ground_speed(course + sweep * (k + 0.5) / pieces, v, we, wn)
        )
    return total


@kernel
def orbit(
    rows: Array,
    count: Num,
    plane: Array,
    e: Num,
    n: Num,
    course: Num,
    sweep: Num,
    radius: Num,
    leg: Num,
    kind: Num,
) -> Num:
    """Rows of a circle over the ground from a place and course."""
    side = 1.0 if sweep >= 0.0 else -1.0
    pieces = int(np.ceil(np.abs(sweep) / step_of(radius)))
    if pieces == 0:
        return count
    half = 0.5 * np.abs(sweep) / pieces
    for k in range(1, pieces + 1):
        at = course + sweep * k / pieces
        ek = e + side * radius * (np.cos(course) - np.cos(at))
        nk = n + side * radius * (np.sin(at) - np.sin(course))
        count = put(rows, count, plane, ek, nk, leg, kind, half / np.sin(half))
    return count


@kernel
def tangent(plane: Array, lon: Num, lat: Num, radius: Num, side: Num) -> Num:
    """Where the tangent from a place meets the circle about the plane's centre, and its course away from
    there.

    side: +1 for a circle flown to the right when arriving.
    """
    e, n = to_plane(plane, lon, lat)
    d = np.sqrt(e * e + n * n)
    if d <= radius * 1.0001:
        away = np.arctan2(e, n) if d > 1e-6 else 0.0
        return radius * np.sin(away), radius * np.cos(away), away + side * np.pi / 2.0
    course = np.arctan2(-e, -n) - side * np.arcsin(radius / d)
    reach = np.sqrt(d * d - radius * radius)
    return e + reach * np.sin(course), n + reach * np.cos(course), course


@kernel
def corner(in_course: Num, out_course: Num, v: Num, radius: Num, we: Num, wn: Num) -> Num:
    """Metres before a corner to start the turn and after it to end it (negative: no way), and the turn."""
    first, last = heading_for(in_course, v, we, wn), heading_for(out_course, v, we, wn)
    sweep = wrapped(last - first)
    side = 1.0 if sweep >= 0.0 else -1.0
    seconds = np.abs(sweep) * radius / v
    de = side * radius * (np.cos(first) - np.cos(last)) + we * seconds
    dn = side * radius * (np.sin(last) - np.sin(first)) + wn * seconds
    ue, un, te, tn = np.sin(in_course), np.cos(in_course), np.sin(out_course), np.cos(out_course)
    det = ue * tn - un * te
    if np.abs(det) < 1e-4:
        return -1.0, -1.0, first, sweep
    return (de * tn - dn * te) / det, (ue * dn - un * de) / det, first, sweep


@kernel
def place_circle(
    i: Num,
    lon: Array,
    lat: Array,
    slow: Num,
    fast: Num,
    wind: Array,
    stay: Num,
    circle: Num,
    tan_bank: Num,
    plane: Array,
    joined: Array,
    left: Array,
    orbits: Array,
) -> None:
    """Where the circle of a LOITER is met and left, its radius, and how far it is flown round."""
    we, wn = wind[i, 0], wind[i, 1]
    side = 1.0 if circle >= 0.0 else -1.0
    radius = max(np.abs(circle), (fast + np.sqrt(we * we + wn * wn)) ** 2 / (G * tan_bank))
    te, tn, course = tangent(plane, lon[i - 1], lat[i - 1], radius, side)
    left[i, 0], left[i, 1] = from_plane(plane, te, tn)
    xe, xn, back = tangent(plane, lon[i + 1], lat[i + 1], radius, -side)
    joined[i, 0], joined[i, 1] = from_plane(plane, xe, xn)
    leave = back + np.pi
    part = positive(side * (leave - course))
    seconds = orbit_seconds(course, side * part, slow, radius, we, wn)
    whole = orbit_seconds(course, TWO_PI, slow, radius, we, wn)
    count = min(max(np.ceil((stay - seconds) / whole), 0.0), MOST_ORBITS)
    left[i, 2], joined[i, 2] = course, leave
    orbits[i, 0], orbits[i, 1] = radius, side * (part + count * TWO_PI)


@kernel
def direct_courses(joined: Array, left: Array, plane: Array, direct: Array) -> None:
    """Fill (n, 3): course into and out of each waypoint on straight legs, length of the leg after it."""
    n = len(joined)
    for i in range(n - 1):
        plane_at(joined[i, 0], joined[i, 1], plane)
        x, y = to_plane(plane, left[i + 1, 0], left[i + 1, 1])
        direct[i, 2], direct[i, 1] = np.sqrt(x * x + y * y), np.arctan2(x, y)
        plane_at(left[i + 1, 0], left[i + 1, 1], plane)
        x, y = to_plane(plane, joined[i, 0], joined[i, 1])
        direct[i + 1, 0] = np.arctan2(-x, -y)
        if direct[i, 2] < 1e-3:
            direct[i, 1] = direct[i, 0] if i > 0 else 0.0
            direct[i + 1, 0] = direct[i, 1]
    direct[0, 0], direct[n - 1, 1] = direct[0, 1], direct[n - 1, 0]


@kernel
def round_corner(
    i: Num,
    lon: Num,
    lat: Num,
    v: Num,
    tan_bank: Num,
    we: Num,
    wn: Num,
    plane: Array,
    direct: Array,
    joined: Array,
    left: Array,
    turns: Array,
) -> None:
    """Leave the leg before and join the one after so that the turn ends on it, where there is room."""
    arrive, go = direct[i, 0], direct[i, 1]
    before, after, heading, sweep = corner(arrive, go, v, v * v / (G * tan_bank), we, wn)
    # a leg is shared by the turns at its ends: what the one before has taken is gone
    if not (0.0 <= before <= direct[i - 1, 2] - turns[i - 1, 2] and 0.0 <= after <= direct[i, 2]):
        return
    plane_at(lon, lat, plane)
    left[i, 0], left[i, 1] = from_plane(plane, -before * np.sin(arrive), -before * np.cos(arrive))
    joined[i, 0], joined[i, 1] = from_plane(plane, after * np.sin(go), after * np.cos(go))
    left[i, 2], joined[i, 2] = arrive, go
    turns[i, 0], turns[i, 1], turns[i, 2] = heading, sweep, max(after, 1e-9)


@kernel
def spiral(
    rows: Array,
    count: Num,
    plane: Array,
    course: Num,
    seconds: Num,
    v: Num,
    tan_bank: Num,
    we: Num,
    wn: Num,
    leg: Num,
) -> Num:
    """Whole circles to the right at the plane's centre that last at least so long."""
    if seconds <= 0.0:
        return count
    radius = (v + np.sqrt(we * we + wn * wn)) ** 2 / (G * tan_bank)
    rounds = min(np.ceil(seconds / orbit_seconds(course, TWO_PI, v, radius, we, wn)), MOST_ORBITS)
    return orbit(rows, count, plane, 0.0, 0.0, course, rounds * TWO_PI, radius, leg, SPIRAL)


@kernel
def between_ends(
    rows: Array,
    count: Num,
    i: Num,
    joined: Array,
    left: Array,
    length: Num,
    v: Num,
    radius: Num,
    wind: Array,
    plane: Array,
    here: Array,
) -> Num:
    """Rows of a leg from where it is joined to where it is left, straight or by Dubins; -1 for none."""
    plane_at(joined[i, 0], joined[i, 1], plane)
    x, y = to_plane(plane, left[i + 1, 0], left[i + 1, 1])
    lon_mid, lat_mid = from_plane(plane, 0.5 * x, 0.5 * y)
    plane_at(lon_mid, lat_mid, plane)
    e1, n1 = to_plane(plane, joined[i, 0], joined[i, 1])
    e2, n2 = to_plane(plane, left[i + 1, 0], left[i + 1, 1])
    course = np.arctan2(e2 - e1, n2 - n1)
    first = course_on(plane, joined[i, 0], joined[i, 1], joined[i, 2], here)
    last = course_on(plane, left[i + 1, 0], left[i + 1, 1], left[i + 1, 2], here)
    near = np.abs(wrapped(first - course)) < 1e-4 and np.abs(wrapped(last - course)) < 1e-4
    if near or length < 1e-3:
        return straight(rows, count, plane, e1, n1, e2, n2, i)
    we, wn = 0.5 * (wind[i, 0] + wind[i + 1, 0]), 0.5 * (wind[i, 1] + wind[i + 1, 1])
    return flown(rows, count, plane, e1, n1, first, e2, n2, last, v, radius, we, wn, i)


@kernel
def track(
    lon: Array,
    lat: Array,
    airspeed: Array,
    wind: Array,
    mode: Array,
    keep_out: Array,
    stay: Array,
    circle: Array,
    climb: Array,
    sink: Array,
    tan_bank: Num,
    rows: Array,
) -> Num:
    """The whole ground track: rows needed (if more than given, call again with more), state, and the leg.

    Args:
        lon, lat: (n,) radians. airspeed: (n,) of the leg that starts there. wind: (n, 2) east, north.
        mode: (n,) BY rounds the corner, OVER passes it on the course of a leg, LOITER circles.
        keep_out: (n,) whether an OVER takes the course of the leg after it, else of the one before.
        stay, circle: (n,) seconds and signed radius of a LOITER. climb, sink: (n - 1,) seconds circled at the
            start and at the end of a leg to gain and lose height.
        rows: (capacity, 5) longitude, latitude (radians), leg, kind, arc over chord of the piece before.
    """
    n = len(lon)
    here, plane, direct = np.empty((4, 3)), np.empty((4, 3)), np.zeros((n, 3))
    # where each leg is joined after, and left before, a waypoint: longitude, latitude, course
    joined, left = np.empty((n, 3)), np.empty((n, 3))
    turns, orbits = np.zeros((n, 3)), np.zeros((n, 2))
    for i in range(n):
        joined[i, 0], joined[i, 1], left[i, 0], left[i, 1] = lon[i], lat[i], lon[i], lat[i]
        slow, fast = min(airspeed[max(i - 1, 0)], airspeed[i]), max(airspeed[max(i - 1, 0)], airspeed[i])
        if np.sqrt(wind[i, 0] ** 2 + wind[i, 1] ** 2) >= MOST_WIND * slow:
            return 0, WIND_TOO_STRONG, i
        if mode[i] == LOITER and 0 < i < n - 1:
            plane_at(lon[i], lat[i], plane)
            place_circle(
                i, lon, lat, slow, fast, wind, stay[i], circle[i], tan_bank, plane, joined, left, orbits
            )
    direct_courses(joined, left, plane, direct)
    for i in range(n):
        if mode[i] == LOITER and 0 < i < n - 1:
            continue
        course = direct[i, 1] if keep_out[i] else direct[i, 0]
        left[i, 2], joined[i, 2] = course, course
        if mode[i] == BY and 0 < i < n - 1:
            v, we, wn = airspeed[i - 1], wind[i, 0], wind[i, 1]
            round_corner(i, lon[i], lat[i], v, tan_bank, we, wn, plane, direct, joined, left, turns)
    plane_at(lon[0], lat[0], plane)
    count = put(rows, 0, plane, 0.0, 0.0, 0, STRAIGHT, 1.0)
    for i in range(n - 1):
        v = airspeed[i]
        radius = v * v / (G * tan_bank)
        plane_at(joined[i, 0], joined[i, 1], plane)
        count = spiral(rows, count, plane, joined[i, 2], climb[i], v, tan_bank, wind[i, 0], wind[i, 1], i)
        count = between_ends(rows, count, i, joined, left, direct[i, 2], v, radius, wind, plane, here)
        if count < 0:
            return 0, NO_TURN, i
        k = i + 1
        we, wn = wind[k, 0], wind[k, 1]
        plane_at(left[k, 0], left[k, 1], plane)
        count = spiral(rows, count, plane, left[k, 2], sink[i], v, tan_bank, we, wn, i)
        if turns[k, 2] > 0.0:
            count = arc(rows, count, plane, 0.0, 0.0, turns[k, 0], turns[k, 1], v, radius, we, wn, k, True)[0]
        if orbits[k, 0] > 0.0:
            count = orbit(rows, count, plane, 0.0, 0.0, left[k, 2], orbits[k, 1], orbits[k, 0], k, ORBIT)
    return count, OK, n - 1
