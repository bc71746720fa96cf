"""Hot loops of path search: exact lengths over cells along legs and turns, and annealing of way points.

Everything is in cells east (u) and south (v) of the map's north-west corner. `Ground` and `Fleet` only bundle
arrays. A turn is shown as chords of at most TURN_STEP, as in `track.py`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import borrowing_kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TURN_STEP = np.pi / 18
BESIDE = 0.6
SHORT = 1e-12
BLOCKED, CLEAR, NEAR = 0, 1, 2
RADIUS, SPEED, WIND_U, WIND_V, ENDURANCE, COVER, CELL, PRICE = range(8)
STAMP, TOUCHED = range(2)


class Ground(NamedTuple):
    """Flat (rows * columns,) arrays of the map, and room to work.

    left: worth not found yet; weight: effectiveness where search is allowed, else 0; open: 1 where one may
    fly; near: 1 where a neighbour may not be flown; chance: running sum of worth; delta, stamp, touched:
    changes of coverage under trial; size: rows, columns, 1 if one may fly beyond; mark: stamp and count of
    touched.
    """

    left: Floats
    weight: Floats
    open: NDArray[np.uint8]
    near: NDArray[np.uint8]
    chance: Floats
    delta: Floats
    stamp: Ints
    touched: Ints
    size: Ints
    mark: Ints


class Fleet(NamedTuple):
    """Way points of all sorties: points (k, room, 2), counts (k,), facts (k, 8), time (k,), price (k,)."""

    points: Floats
    counts: Ints
    facts: Floats
    time: Floats
    price: Floats


@borrowing_kernel
def uniform(seed: NDArray[np.uint64]) -> float:
    """Next number in [0, 1) of xorshift64*; seed (1,) is moved on."""
    x = seed[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    seed[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@borrowing_kernel
def begin(ground: Ground) -> None:
    """Forget the changes under trial."""
    ground.mark[STAMP] += 1
    ground.mark[TOUCHED] = 0


@borrowing_kernel
def walk(ground: Ground, u0: float, v0: float, u1: float, v1: float, cover: float, looking: bool) -> int:
    """Add cover * length to the trial for each cell of a straight piece; with `looking` stop where closed."""
    du, dv = u1 - u0, v1 - v0
    length = np.sqrt(du * du + dv * dv)
    if length < SHORT:
        return CLEAR
    rows, columns = ground.size[0], ground.size[1]
    su = 1 / abs(du) if du != 0 else np.inf
    sv = 1 / abs(dv) if dv != 0 else np.inf
    tu = tv = np.inf
    if du > 0:
        tu = (np.floor(u0) + 1 - u0) * su
    elif du < 0:
        tu = (u0 - np.ceil(u0) + 1) * su
    if dv > 0:
        tv = (np.floor(v0) + 1 - v0) * sv
    elif dv < 0:
        tv = (v0 - np.ceil(v0) + 1) * sv
    t, answer = 0.0, CLEAR
    while t < 1:
        reached = min(tu, tv, 1.0)
        if reached - t > 1e-13:
            middle = 0.5 * (t + reached)
            u, v = u0 + middle * du, v0 + middle * dv
            if u < 0 or v < 0 or u >= columns or v >= rows:
                if looking and ground.size[2] == 0:
                    return BLOCKED
            else:
                cell = int(v) * columns + int(u)
                if looking:
                    if ground.open[cell] == 0:
                        return BLOCKED
                    if ground.near[cell] != 0:
                        answer = NEAR
                if ground.weight[cell] > 0 and cover != 0:
                    if ground.stamp[cell] != ground.mark[STAMP]:
                        ground.stamp[cell] = ground.mark[STAMP]
                        ground.delta[cell] = 0.0
                        ground.touched[ground.mark[TOUCHED]] = cell
                        ground.mark[TOUCHED] += 1
                    ground.delta[cell] += cover * length * (reached - t) * ground.weight[cell]
        if tu <= reached:
            tu += su
        if tv <= reached:
            tv += sv
        t = reached
    return answer


@borrowing_kernel
def speed(facts: Floats, k: int, u: float, v: float) -> float:
    """Ground speed of sortie k along a unit vector, by the wind triangle, cells a second."""
    along = facts[k, WIND_U] * u + facts[k, WIND_V] * v
    cross = facts[k, WIND_U] * v - facts[k, WIND_V] * u
    return float((along + np.sqrt(facts[k, SPEED] ** 2 - cross * cross)) / facts[k, CELL])


@borrowing_kernel
def tangent(radius: float, au: float, av: float, bu: float, bv: float, cu: float, cv: float) -> float:
    """How far before the corner b, between a and c, its turn begins; infinite for a reversal or no leg."""
    pu, pv, nu, nv = bu - au, bv - av, cu - bu, cv - bv
    size = np.sqrt((pu * pu + pv * pv) * (nu * nu + nv * nv))
    if size < SHORT:
        return np.inf
    cos = (pu * nu + pv * nv) / size
    if cos >= 1:
        return 0.0
    if cos <= -0.9999:
        return np.inf
    return float(radius * np.sqrt((1 - cos) / (1 + cos)))


@borrowing_kernel
def turn(
    ground: Ground, facts: Floats, k: int, u: float, v: float,
    du: float, dv: float, nu: float, nv: float, size: float, sign: float,
) -> float:  # fmt: skip
    """Seconds of the arc that begins at (u, v) along (du, dv) and ends along (nu, nv); < 0 where closed."""
    radius = facts[k, RADIUS]
    angle = 2 * np.arctan(size / radius)
    if du * nv - dv * nu < 0:
        angle = -angle
    count = max(1, int(np.ceil(abs(angle) / TURN_STEP - 1e-9)))
    part = angle / count
    half = 0.5 * abs(part)
    chord, arc, tip = 2 * radius * np.sin(half), radius * 2 * half, radius * np.tan(half)
    cos, sin, hcos, hsin = np.cos(part), np.sin(part), np.cos(0.5 * part), np.sin(0.5 * part)
    cover = sign * facts[k, COVER] * half / np.sin(half)
    seconds, ou, ov = 0.0, u, v
    for _ in range(count):
        cu, cv = du * hcos - dv * hsin, du * hsin + dv * hcos
        eu, ev = u + chord * cu, v + chord * cv
        state = walk(ground, u, v, eu, ev, cover, sign > 0)
        if state == BLOCKED:
            return -1.0
        pu, pv = u + tip * du, v + tip * dv
        if state == NEAR:
            if walk(ground, ou, ov, pu, pv, 0.0, True) == BLOCKED:
                return -1.0
            if walk(ground, pu, pv, eu, ev, 0.0, True) == BLOCKED:
                return -1.0
        seconds += arc / speed(facts, k, cu, cv)
        u, v, ou, ov = eu, ev, pu, pv
        du, dv = du * cos - dv * sin, du * sin + dv * cos
    return seconds


@borrowing_kernel
def portion(
    ground: Ground, facts: Floats, k: int, line: Floats, count: int, first: float, last: float, sign: float
) -> float:
    """Seconds along line[:count] of sortie k, from `first` behind line[0] to `last` before its end.

    Changes of coverage times sign join the trial. With sign > 0 a closed cell or a turn that does not fit
    gives -1; with sign < 0 the line is taken as flown.
    """
    seconds, before = 0.0, first
    u, v = line[0, 0], line[0, 1]
    for i in range(1, count):
        du, dv = line[i, 0] - line[i - 1, 0], line[i, 1] - line[i - 1, 1]
        length = np.sqrt(du * du + dv * dv)
        if length < SHORT:
            if i == 1 and count == 2:
                return 0.0
            return -1.0
        du, dv = du / length, dv / length
        if i == 1:
            u, v = u + before * du, v + before * dv
        after = last
        if i < count - 1:
            after = tangent(
                facts[k, RADIUS],
                line[i - 1, 0],
                line[i - 1, 1],
                line[i, 0],
                line[i, 1],
                line[i + 1, 0],
                line[i + 1, 1],
            )
        if sign > 0 and before + after > length:
            return -1.0
        eu, ev = line[i, 0] - after * du, line[i, 1] - after * dv
        if walk(ground, u, v, eu, ev, sign * facts[k, COVER], sign > 0) == BLOCKED:
            return -1.0
        seconds += max(0.0, length - before - after) / speed(facts, k, du, dv)
        u, v = eu, ev
        if i < count - 1 and after > 0:
            nu, nv = line[i + 1, 0] - line[i, 0], line[i + 1, 1] - line[i, 1]
            size = np.sqrt(nu * nu + nv * nv)
            nu, nv = nu / size, nv / size
            spent = turn(ground, facts, k, u, v, du, dv, nu, nv, after, sign)
            if spent < 0:
                return -1.0
            seconds += spent
            u, v = line[i, 0] + after * nu, line[i, 1] + after * nv
        before = after
    return seconds


@borrowing_kernel
def gain(ground: Ground) -> float:
    """What the trial adds to the finds."""
    total = 0.0
    for i in range(ground.mark[TOUCHED]):
        cell = ground.touched[i]
        total += ground.left[cell] * (1 - np.exp(-ground.delta[cell]))
    return total


@borrowing_kernel
def commit(ground: Ground) -> None:
    """Make the trial true."""
    for i in range(ground.mark[TOUCHED]):
        cell = ground.touched[i]
        ground.left[cell] *= np.exp(-ground.delta[cell])


@borrowing_kernel
def window(
    fleet: Fleet, k: int, p: int, q: int, fresh: Floats, fresh_count: int, line: Floats
) -> tuple[int, float, float]:
    """Fill `line` with way points p - 1, p, the fresh ones, q, q + 1; its size and the turns beyond its ends.

    fresh_count < 0 takes what lies between p and q now.
    """
    points, last, n = fleet.points, fleet.counts[k] - 1, 0
    for i in range(max(p - 1, 0), p + 1):
        line[n, 0], line[n, 1] = points[k, i, 0], points[k, i, 1]
        n += 1
    if fresh_count < 0:
        for i in range(p + 1, q):
            line[n, 0], line[n, 1] = points[k, i, 0], points[k, i, 1]
            n += 1
    else:
        for i in range(fresh_count):
            line[n, 0], line[n, 1] = fresh[i, 0], fresh[i, 1]
            n += 1
    for i in range(q, min(q + 1, last) + 1):
        line[n, 0], line[n, 1] = points[k, i, 0], points[k, i, 1]
        n += 1
    return n, bend(fleet, k, p - 1), bend(fleet, k, q + 1)


@borrowing_kernel
def bend(fleet: Fleet, k: int, i: int) -> float:
    """Tangent length at way point i of sortie k; 0 at its ends and beyond."""
    if i <= 0 or i >= fleet.counts[k] - 1:
        return 0.0
    a, b, c = fleet.points[k, i - 1], fleet.points[k, i], fleet.points[k, i + 1]
    return tangent(fleet.facts[k, RADIUS], a[0], a[1], b[0], b[1], c[0], c[1])


@borrowing_kernel
def change(
    ground: Ground, fleet: Fleet, k: int, p: int, q: int, fresh: Floats, fresh_count: int, line: Floats
) -> float:
    """Seconds that putting the fresh way points between p and q adds, infinite if it cannot be flown."""
    n, first, last = window(fleet, k, p, q, fresh, -1, line)
    old = portion(ground, fleet.facts, k, line, n, first, last, -1.0)
    n, first, last = window(fleet, k, p, q, fresh, fresh_count, line)
    new = portion(ground, fleet.facts, k, line, n, first, last, 1.0)
    return np.inf if new < 0 else new - max(old, 0.0)


@borrowing_kernel
def splice(fleet: Fleet, k: int, p: int, q: int, fresh: Floats, fresh_count: int) -> None:
    """Put the fresh way points between p and q."""
    points, count = fleet.points, fleet.counts[k]
    shift = fresh_count - (q - p - 1)
    if shift > 0:
        for i in range(count - 1, q - 1, -1):
            points[k, i + shift, 0], points[k, i + shift, 1] = points[k, i, 0], points[k, i, 1]
    elif shift < 0:
        for i in range(q, count):
            points[k, i + shift, 0], points[k, i + shift, 1] = points[k, i, 0], points[k, i, 1]
    for i in range(fresh_count):
        points[k, p + 1 + i, 0], points[k, p + 1 + i, 1] = fresh[i, 0], fresh[i, 1]
    fleet.counts[k] = count + shift


@borrowing_kernel
def pick(ground: Ground, seed: NDArray[np.uint64], place: Floats) -> None:
    """A random place in a cell drawn by what is left in it."""
    chance = ground.chance
    cells, cell = len(chance), 0
    for _ in range(6):
        wanted = uniform(seed) * chance[cells - 1]
        low, high = 0, cells - 1
        while low < high:
            middle = (low + high) // 2
            if chance[middle] > wanted:
                high = middle
            else:
                low = middle + 1
        cell = low
        whole = chance[cell] - (chance[cell - 1] if cell > 0 else 0.0)
        if uniform(seed) * whole < ground.left[cell]:
            break
    columns = ground.size[1]
    place[0] = cell % columns + uniform(seed)
    place[1] = cell // columns + uniform(seed)


@borrowing_kernel
def nearest(fleet: Fleet, place: Floats, seed: NDArray[np.uint64], found: Ints) -> None:
    """found = sortie and leg of about the least detour over a place; chance varies which of the near ones."""
    best = np.inf
    for k in range(len(fleet.counts)):
        before = np.hypot(place[0] - fleet.points[k, 0, 0], place[1] - fleet.points[k, 0, 1])
        for i in range(fleet.counts[k] - 1):
            a, b = fleet.points[k, i], fleet.points[k, i + 1]
            behind = np.sqrt((place[0] - b[0]) ** 2 + (place[1] - b[1]) ** 2)
            leg = np.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)
            detour = (before + behind - leg) * (0.5 + uniform(seed))
            before = behind
            if detour < best:
                best = detour
                found[0], found[1] = k, i


@borrowing_kernel
def propose(
    ground: Ground, fleet: Fleet, seed: NDArray[np.uint64], fresh: Floats, what: Ints, widest: float
) -> int:
    """Draw a change: what = sortie, p, q; fresh way points; answer: how many of these, -1 for none.

    Kinds: shift a run; insert a place or a strip; remove a run; put a place for a run; turn a run around.
    """
    kind = uniform(seed)
    if kind < 0.25:
        pick(ground, seed, fresh[0])
        nearest(fleet, fresh[0], seed, what)
        k, p = what[0], what[1]
        what[1], what[2] = p, p + 1
        if kind > 0.19:
            bearing, half = 2 * np.pi * uniform(seed), widest * (0.25 + 1.5 * uniform(seed))
            du, dv = half * np.cos(bearing), half * np.sin(bearing)
            u, v = fresh[0, 0], fresh[0, 1]
            fresh[0, 0], fresh[0, 1], fresh[1, 0], fresh[1, 1] = u - du, v - dv, u + du, v + dv
            return 2
        return 1
    k = int(uniform(seed) * len(fleet.counts))
    n = fleet.counts[k]
    if n < 3:
        return -1
    run = 1 + int(uniform(seed) * min(3, n - 2))
    if kind > 0.93:
        run = min(n - 2, 2 + int(uniform(seed) * 12))
    p = int(uniform(seed) * (n - 1 - run))
    what[0], what[1], what[2] = k, p, p + run + 1
    if kind < 0.6:
        far = widest * uniform(seed) ** 2
        bearing = 2 * np.pi * uniform(seed)
        for i in range(run):
            fresh[i, 0] = fleet.points[k, p + 1 + i, 0] + far * np.cos(bearing)
            fresh[i, 1] = fleet.points[k, p + 1 + i, 1] + far * np.sin(bearing)
        return run
    if kind < 0.78:
        return 0
    if kind < 0.93:
        i = p + 1 + int(uniform(seed) * run)
        far, bearing = 2 * widest * uniform(seed), 2 * np.pi * uniform(seed)
        fresh[0, 0] = fleet.points[k, i, 0] + far * np.cos(bearing)
        fresh[0, 1] = fleet.points[k, i, 1] + far * np.sin(bearing)
        return 1
    for i in range(run):
        fresh[i, 0], fresh[i, 1] = fleet.points[k, p + run - i, 0], fleet.points[k, p + run - i, 1]
    return run


@borrowing_kernel
def anneal(
    ground: Ground, fleet: Fleet, seed: NDArray[np.uint64], line: Floats, fresh: Floats, what: Ints,
    rounds: int, hot: float, cold: float, widest: float, answer: Floats,
) -> None:  # fmt: skip
    """Change way points at random, keeping changes by Metropolis' rule, temperature from hot to cold.

    A change is worth its finds less its seconds at the sortie's price, which follows how full the time is.
    answer[0] gathers the change of finds.
    """
    room = fleet.points.shape[1]
    for step in range(rounds):
        heat = hot * (cold / hot) ** (step / rounds)
        if step % 500 == 0:
            for k in range(len(fleet.counts)):
                full = fleet.time[k] / fleet.facts[k, ENDURANCE]
                fleet.price[k] *= 1.01 if full > 0.997 else (1.0 if full > 0.99 else 0.98)
        fresh_count = propose(ground, fleet, seed, fresh, what, widest)
        if fresh_count < 0:
            continue
        k, p, q = what[0], what[1], what[2]
        added = fresh_count - (q - p - 1)
        if fleet.counts[k] + added > room:
            continue
        begin(ground)
        seconds = change(ground, fleet, k, p, q, fresh, fresh_count, line)
        if not fleet.time[k] + seconds <= fleet.facts[k, ENDURANCE]:
            continue
        found = gain(ground)
        worth = found - fleet.price[k] * (seconds + 2.0 * added)
        if worth >= 0 or uniform(seed) < np.exp(worth / heat):
            commit(ground)
            splice(fleet, k, p, q, fresh, fresh_count)
            fleet.time[k] += seconds
            answer[0] += found


@borrowing_kernel
def weigh(
    ground: Ground, facts: Floats, k: int, line: Floats, count: int, power: float, reach: float, shown: Floats
) -> int:
    """Rate each cell within reach as the next way point behind line[:count] (its last three way points).

    shown (cells, 3) takes east, south and finds / seconds ** power of those that can be flown to; how many.
    """
    columns, n = ground.size[1], 0
    u, v = line[count - 1, 0], line[count - 1, 1]
    first = 0.0
    if count == 3:
        first = tangent(
            facts[k, RADIUS], line[0, 0], line[0, 1], line[1, 0], line[1, 1], line[2, 0], line[2, 1]
        )
    low_r, high_r = max(0, int(v - reach)), min(ground.size[0] - 1, int(v + reach))
    low_c, high_c = max(0, int(u - reach)), min(columns - 1, int(u + reach))
    for r in range(low_r, high_r + 1):
        for c in range(low_c, high_c + 1):
            if ground.left[r * columns + c] <= 0:
                continue
            begin(ground)
            seconds = onward(ground, facts, k, line, count, first, c + 0.5, r + 0.5)
            if seconds > 0:
                shown[n, 0], shown[n, 1] = c + 0.5, r + 0.5
                shown[n, 2] = gain(ground) / seconds**power
                n += 1
    return n


@borrowing_kernel
def onward(
    ground: Ground, facts: Floats, k: int, line: Floats, count: int, first: float, u: float, v: float
) -> float:
    """Seconds of the turn at the last way point and the leg on to (u, v), -1 where it cannot be flown."""
    bu, bv = line[count - 1, 0], line[count - 1, 1]
    du, dv = u - bu, v - bv
    length = np.sqrt(du * du + dv * dv)
    if length < 0.3:
        return -1.0
    du, dv = du / length, dv / length
    seconds, size = 0.0, 0.0
    if count > 1:
        au, av = line[count - 2, 0], line[count - 2, 1]
        size = tangent(facts[k, RADIUS], au, av, bu, bv, u, v)
        pu, pv = bu - au, bv - av
        leg = np.sqrt(pu * pu + pv * pv)
        if size > length or size + first > leg:
            return -1.0
        pu, pv = pu / leg, pv / leg
        if size > 0:
            seconds = turn(ground, facts, k, bu - size * pu, bv - size * pv, pu, pv, du, dv, size, 1.0)
            if seconds < 0:
                return -1.0
            seconds -= size / speed(facts, k, pu, pv)
    if walk(ground, bu + size * du, bv + size * dv, u, v, facts[k, COVER], True) == BLOCKED:
        return -1.0
    return float(seconds + (length - size) / speed(facts, k, du, dv))


@borrowing_kernel
def blocked(ground: Ground, line: Floats, count: int, first: int) -> int:
    """The first leg of line[:count] from `first` on that meets a closed cell; count - 1 for none."""
    for i in range(first, count - 1):
        if walk(ground, line[i, 0], line[i, 1], line[i + 1, 0], line[i + 1, 1], 0.0, True) == BLOCKED:
            return i
    return count - 1


@borrowing_kernel
def roomy(ground: Ground, u0: float, v0: float, u1: float, v1: float) -> bool:
    """Whether a straight piece is clear, on both sides of it too: a turn at its end cuts no corner."""
    across_u, across_v = v0 - v1, u1 - u0
    scale = BESIDE / max(np.sqrt(across_u * across_u + across_v * across_v), 1e-9)
    for side in (0.0, scale, -scale):
        du, dv = side * across_u, side * across_v
        if walk(ground, u0 + du, v0 + dv, u1 + du, v1 + dv, 0.0, True) == BLOCKED:
            return False
    return True


@borrowing_kernel
def shortcuts(ground: Ground, line: Floats, kept: NDArray[np.int64]) -> int:
    """Fill kept with the places of a (n, 2) line that a straighter one needs; how many there are."""
    begin(ground)
    n = len(line)
    kept[0], count, i = 0, 1, 0
    while i < n - 1:
        j = i + 1
        while j + 1 < n and roomy(ground, line[i, 0], line[i, 1], line[j + 1, 0], line[j + 1, 1]):
            j += 1
        kept[count] = j
        count += 1
        i = j
    return count


@borrowing_kernel
def descend(before: NDArray[np.int64], start: int, end: int, way: NDArray[np.int64]) -> int:
    """Fill way with the cells from start to end of a tree of shortest ways; how many, 0 for no way."""
    way[0], count = start, 1
    while way[count - 1] != end:
        step = before[way[count - 1]]
        if step < 0:
            return 0
        way[count] = step
        count += 1
    return count
