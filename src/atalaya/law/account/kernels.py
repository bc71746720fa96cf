"""Loops over the fixes of a track against one area: bounds of depth along the path, and what each step
allows."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

OUTSIDE, INSIDE, INDETERMINATE = 0, 1, 2
SUPPORTED = 8
WALK, GAP = 100, 101
FLIP, HIDDEN_EXIT, HIDDEN_ENTRY, MAY_CROSS = 1, 2, 4, 8
LONGER = 1.00001
"""Lengths of steps are local approximations: taken a little longer they are upper bounds."""


@kernel
def tighten(lower: Floats, upper: Floats, step: Floats) -> None:
    """Narrow bounds of depth in place: over a step of s metres depth changes by at most s."""
    for i in range(1, len(lower)):
        s = step[i - 1]
        if upper[i - 1] + s < upper[i]:
            upper[i] = upper[i - 1] + s
        if lower[i - 1] - s > lower[i]:
            lower[i] = lower[i - 1] - s
    for i in range(len(lower) - 2, -1, -1):
        s = step[i]
        if upper[i + 1] + s < upper[i]:
            upper[i] = upper[i + 1] + s
        if lower[i + 1] - s > lower[i]:
            lower[i] = lower[i + 1] - s


@kernel
def open_pair(
    a0: float,
    b0: float,
    a1: float,
    b1: float,
    step: float,
    dt: float,
    speed: float,
    r0: float,
    r1: float,
    bound: float,
    gap_s: float,
) -> bool:
    """Whether what a step allows may hang on exact depths: bounds a..b at its ends, radii r."""
    length = step * LONGER
    both = max(0.0, a0, -b0) + max(0.0, a1, -b1)
    need = max(speed * dt, length) + r0 + r1
    if dt > gap_s:
        return both <= need + 2.0 * bound
    if both <= need:
        return True
    limit = bound + max(r0, r1)
    sure = (a0 > limit and a1 > limit) or (b0 < -limit and b1 < -limit)
    return sure and both - length <= 2.0 * limit


@kernel
def undecided(
    lower: Floats,
    upper: Floats,
    step: Floats,
    dt: Floats,
    speed: float,
    radius: Floats,
    bound: float,
    gap_s: float,
    stride: int,
) -> Ints:
    """Fixes whose exact depth may change an answer, among every `stride`-th of the track.

    Args:
        lower, upper: (n,) bounds of depth. step, dt: (n-1,) metres and seconds to the next fix.
        speed: highest speed. radius: (n,) position radius. bound: of the layer. gap_s: longest supported
            step.

    Returns:
        (k,) int64 numbers of fixes.
    """
    n = len(lower)
    out = np.empty(n // stride + 1, np.int64)
    count = 0
    for i in range(0, n, stride):
        a, b, r = lower[i], upper[i], radius[i]
        if a == b:
            continue
        t = bound + r
        ask = (a <= 0.0 <= b) or (a <= t <= b) or (a <= -t <= b)
        if not ask and i + 1 < n:
            j = i + 1
            ask = open_pair(a, b, lower[j], upper[j], step[i], dt[i], speed, r, radius[j], bound, gap_s)
        if not ask and i > 0:
            j = i - 1
            ask = open_pair(lower[j], upper[j], a, b, step[j], dt[j], speed, radius[j], r, bound, gap_s)
        if ask:
            out[count] = i
            count += 1
    return out[:count]


@kernel
def survey(
    lower: Floats,
    upper: Floats,
    step: Floats,
    dt: Floats,
    speed: float,
    radius: Floats,
    bound: float,
    gap_s: float,
) -> tuple[Bools, Bytes, Bytes]:
    """What every step allows to say, once depths are exact where it matters.

    Args: as in `undecided`.

    Returns:
        inside: (n,) bool, on the drawn side of the line.
        code: (n-1,) uint8, standing towards the State over the whole step, plus SUPPORTED; WALK or GAP where
            it changes within the step.
        mark: (n-1,) uint8, FLIP, HIDDEN_EXIT, HIDDEN_ENTRY, MAY_CROSS of the drawn line.
    """
    n = len(lower)
    inside = np.empty(n, np.bool_)
    code = np.empty(max(n - 1, 0), np.uint8)
    mark = np.zeros(max(n - 1, 0), np.uint8)
    for i in range(n):
        inside[i] = lower[i] + upper[i] > 0.0
    for i in range(n - 1):
        near0 = max(0.0, lower[i]) if inside[i] else max(0.0, -upper[i])
        near1 = max(0.0, lower[i + 1]) if inside[i + 1] else max(0.0, -upper[i + 1])
        length = step[i] * LONGER
        reach = max(speed * dt[i], length)
        r0, r1 = radius[i], radius[i + 1]
        both = inside[i] == inside[i + 1]
        if not both:
            mark[i] = FLIP | MAY_CROSS
        else:
            if near0 + near1 <= length:
                mark[i] |= MAY_CROSS
            if max(0.0, near0 - r0) + max(0.0, near1 - r1) <= reach:
                mark[i] |= HIDDEN_EXIT if inside[i] else HIDDEN_ENTRY
        t0, t1 = bound + r0, bound + r1
        if dt[i] <= gap_s:
            sure0, sure1 = near0 > t0, near1 > t1
            if both and sure0 and sure1 and near0 + near1 - length > 2.0 * max(t0, t1):
                code[i] = (INSIDE if inside[i] else OUTSIDE) + SUPPORTED
            elif not sure0 and not sure1:
                code[i] = INDETERMINATE + SUPPORTED
            else:
                code[i] = WALK
        elif both and max(0.0, near0 - t0) + max(0.0, near1 - t1) > reach:
            code[i] = (INSIDE if inside[i] else OUTSIDE) + SUPPORTED
        else:
            code[i] = GAP
    return inside, code, mark


@kernel
def sum_runs(
    inside: Bools,
    mark: Bytes,
    dt: Floats,
    gap_s: float,
    first: Ints,
    supported: Floats,
    certain: Floats,
    whole: Floats,
) -> None:
    """Seconds of every run of fixes inside, over the steps between its own fixes.

    Args:
        first: (k,) number of each run's first fix.
        supported: (k,) filled with seconds of steps that are short or hide no exit.
        certain: (k,) filled with seconds of steps that hide no exit.
        whole: (k,) filled with all seconds.
    """
    for k in range(len(first)):
        i = first[k]
        supported[k] = 0.0
        certain[k] = 0.0
        whole[k] = 0.0
        while i + 1 < len(inside) and inside[i + 1]:
            hidden = mark[i] & HIDDEN_EXIT
            whole[k] += dt[i]
            if not hidden:
                certain[k] += dt[i]
            if not hidden or dt[i] <= gap_s:
                supported[k] += dt[i]
            i += 1


@kernel
def knots(
    lon: Floats,
    lat: Floats,
    dt: Floats,
    step: Floats,
    speed: float,
    spacing_m: float,
    longest_gap_s: float,
) -> tuple[Ints, Floats]:
    """Fixes that stand for their neighbours, and how far from them the aircraft may have been.

    Returns:
        (k,) int64 numbers of fixes, (k,) metres.
    """
    n = len(lon)
    place = np.empty(n, np.int64)
    reach = np.empty(n, np.float64)
    count = 0
    gone = 0.0
    for i in range(n):
        before = step[i - 1] * LONGER if i > 0 else 0.0
        gone += before
        slack = 0.0  # how far off the path the step to the next fix may lead
        if i + 1 < n and dt[i] <= longest_gap_s:
            slack = max(speed * dt[i], step[i] * LONGER)
        if count == 0 or gone > spacing_m:
            place[count] = i
            reach[count] = 0.0
            count += 1
            gone = 0.0
        reach[count - 1] = max(reach[count - 1], gone + slack)
    return place[:count], reach[:count]
