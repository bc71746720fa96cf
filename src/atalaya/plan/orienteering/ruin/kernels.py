"""Ruin and recreate with annealing: strings of visits are taken out near one place and gaps are filled by
prize per time, in the manner of Christiaens and Vanden Berghe (Transportation Science 54(2), 2020, "Slack
induction by string removals"), with prizes instead of a duty to visit."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import borrowing_kernel
from atalaya.plan.orienteering.ruin.arrays import Floats, Model, Plan, Pool, Work

Bits = NDArray[np.uint64]

LITTLE = 1e-9
FAR = 1e300

CROSS, PUSH = 0.15, 0.3
"""Share of rounds that exchange ends of routes, and that push in a place; the others take out strings."""

STRINGS, LONGEST = 3, 10
"""Most strings taken out in a round, and most visits in each."""

NOISE = 2.0
"""Largest spread of what visits are worth, as an exponent."""


@borrowing_kernel
def uniform(state: Bits) -> float:
    """The next number in [0, 1) of a 64-bit xorshift (Marsaglia 2003)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return float((x >> np.uint64(11)) * (1.0 / 9007199254740992.0))


@borrowing_kernel
def below(state: Bits, count: int) -> int:
    """A whole number in [0, count)."""
    return min(int(uniform(state) * count), count - 1)


@borrowing_kernel
def retime(model: Model, plan: Plan, v: int) -> None:
    """Earliest and latest beginnings along route v, and where its places are."""
    kind, last = model.kind[v], plan.size[v] + 1
    before = plan.route[v, 0]
    now = max(model.leaves[v], model.opens[before])
    plan.early[v, 0] = now
    for p in range(1, last + 1):
        node = plan.route[v, p]
        now = max(now + model.service[before] + model.cost[kind, before, node], model.opens[node])
        plan.early[v, p] = now
        if p < last:
            plan.owner[node] = v
            plan.place[node] = p
        before = node
    now = min(model.limit[v], model.closes[before])
    plan.late[v, last] = now
    for p in range(last - 1, -1, -1):
        node = plan.route[v, p]
        now = min(now - model.service[node] - model.cost[kind, node, before], model.closes[node])
        plan.late[v, p] = now
        before = node


@borrowing_kernel
def clear(model: Model, plan: Plan) -> None:
    """No visit at all."""
    plan.owner[:] = -1
    for v in range(plan.size.size):
        plan.size[v] = 0
        plan.route[v, 0] = model.start[v]
        plan.route[v, 1] = model.end[v]
        retime(model, plan, v)


@borrowing_kernel
def copy_route(source: Plan, target: Plan, v: int) -> None:
    """Route v of one plan into another; places it visited there are left alone."""
    for p in range(source.size[v] + 2):
        target.route[v, p] = source.route[v, p]
        target.early[v, p] = source.early[v, p]
        target.late[v, p] = source.late[v, p]
    target.size[v] = source.size[v]


@borrowing_kernel
def copy_places(source: Plan, target: Plan) -> None:
    """Who visits each place, and where in the route."""
    for u in range(source.owner.size):
        target.owner[u] = source.owner[u]
        target.place[u] = source.place[u]


@borrowing_kernel
def copy_plan(source: Plan, target: Plan) -> None:
    """A whole plan."""
    for v in range(source.size.size):
        copy_route(source, target, v)
    copy_places(source, target)


@borrowing_kernel
def seek(model: Model, plan: Plan, work: Work, u: int, v: int) -> None:
    """Where in route v a visit to u adds the least time."""
    kind, prepared = model.kind[v], model.service[u]
    opens, closes = model.opens[u], model.closes[u]
    best, spot = FAR, -1
    i = plan.route[v, 0]
    for p in range(plan.size[v] + 1):
        j = plan.route[v, p + 1]
        leave = plan.early[v, p] + model.service[i]
        begin = max(leave + model.cost[kind, i, u], opens)
        reach = begin + prepared + model.cost[kind, u, j]
        added = reach - leave - model.cost[kind, i, j]
        if added < best and begin <= closes + LITTLE and reach <= plan.late[v, p + 1] + LITTLE:
            best, spot = added, p
        i = j
    work.delta[u, v] = best
    work.spot[u, v] = spot


@borrowing_kernel
def insert(model: Model, plan: Plan, work: Work, u: int, v: int, p: int) -> None:
    """Visit u after position p of route v."""
    last = plan.size[v] + 1
    for q in range(last, p, -1):
        plan.route[v, q + 1] = plan.route[v, q]
    plan.route[v, p + 1] = u
    plan.size[v] += 1
    work.touched[v] = True
    retime(model, plan, v)


@borrowing_kernel
def cut(model: Model, plan: Plan, work: Work, v: int, first: int, count: int) -> None:
    """Take `count` visits out of route v, from position `first` on."""
    for p in range(first, first + count):
        plan.owner[plan.route[v, p]] = -1
    for p in range(first + count, plan.size[v] + 2):
        plan.route[v, p - count] = plan.route[v, p]
    plan.size[v] -= count
    work.touched[v] = True
    retime(model, plan, v)


@borrowing_kernel
def measure_back(model: Model, plan: Plan, work: Work, v: int) -> None:
    """How much longer each beginning of route v is when flown backwards."""
    kind = model.kind[v]
    work.back[0] = 0.0
    for p in range(1, plan.size[v] + 1):
        i, j = plan.route[v, p - 1], plan.route[v, p]
        work.back[p] = work.back[p - 1] + model.cost[kind, j, i] - model.cost[kind, i, j]


@borrowing_kernel
def turn(plan: Plan, v: int, left: int, right: int) -> None:
    """Reverse a part of route v."""
    while left < right:
        plan.route[v, left], plan.route[v, right] = plan.route[v, right], plan.route[v, left]
        left += 1
        right -= 1


@borrowing_kernel
def untwist(model: Model, plan: Plan, work: Work, v: int) -> bool:
    """Reverse parts of route v while that shortens it (2-opt; costs may be asymmetric, windows not be)."""
    kind, size = model.kind[v], plan.size[v]
    better, again = False, True
    measure_back(model, plan, work, v)
    while again:
        again = False
        for p in range(1, size):
            i, a = plan.route[v, p - 1], plan.route[v, p]
            base = model.cost[kind, i, a] + work.back[p]
            best, spot = -1e-7, -1
            for q in range(p + 1, size + 1):
                b, j = plan.route[v, q], plan.route[v, q + 1]
                gained = (
                    model.cost[kind, i, b] + model.cost[kind, a, j] - model.cost[kind, b, j] + work.back[q]
                )
                if gained - base < best:
                    best, spot = gained - base, q
            if spot >= 0:
                turn(plan, v, p, spot)
                measure_back(model, plan, work, v)
                better = again = True
    if better:
        retime(model, plan, v)
    return better


@borrowing_kernel
def weigh(model: Model, work: Work, state: Bits) -> None:
    """What a visit is worth in this round: a power of its prize between 1/2 and 2, times noise."""
    power = 0.5 + 1.5 * uniform(state)
    noise = NOISE * uniform(state)
    for u in model.nodes:
        work.weight[u] = np.exp(power * model.worth[u] + noise * (uniform(state) + uniform(state) - 1.0))


@borrowing_kernel
def gather(model: Model, plan: Plan, work: Work) -> int:
    """Places without a visit; their number."""
    count = 0
    for u in model.nodes:
        if plan.owner[u] < 0:
            work.waiting[count] = u
            count += 1
    return count


@borrowing_kernel
def fill(model: Model, now: Plan, plan: Plan, work: Work) -> None:
    """Visit places while any fits, the best prize per added time first."""
    vehicles = plan.size.size
    count = gather(model, plan, work)
    for v in range(vehicles):
        known = work.fresh[v] and not work.touched[v]
        for c in range(count):
            u = work.waiting[c]
            if not known or now.owner[u] >= 0:
                seek(model, plan, work, u, v)
        work.fresh[v] = not work.touched[v]
    while True:
        best, chosen, route = 0.0, -1, -1
        keep = 0
        for c in range(count):
            u = work.waiting[c]
            fits = False
            for v in range(vehicles):
                if work.spot[u, v] >= 0:
                    fits = True
                    worth = work.weight[u] / (max(work.delta[u, v], 0.0) + 1e-6)
                    if worth > best:
                        best, chosen, route = worth, u, v
            if fits:
                work.waiting[keep] = u
                keep += 1
        count = keep
        if chosen < 0:
            return
        insert(model, plan, work, chosen, route, work.spot[chosen, route])
        work.fresh[route] = False
        keep = 0
        for c in range(count):
            u = work.waiting[c]
            if u != chosen:
                work.waiting[keep] = u
                keep += 1
                seek(model, plan, work, u, route)
        count = keep


@borrowing_kernel
def ruin(model: Model, plan: Plan, work: Work, state: Bits) -> None:
    """Take strings of visits out of the routes near one place."""
    seed = model.nodes[below(state, model.nodes.size)]
    wanted = 1 + below(state, min(STRINGS, plan.size.size))
    longest = 1 + below(state, LONGEST)
    done = 0
    for k in range(model.nodes.size):
        c = model.near[seed, k]
        v = plan.owner[c]
        if v < 0 or work.touched[v]:
            continue
        most = min(longest, plan.size[v])
        length = 1 + below(state, most)
        place = plan.place[c]
        low = max(1, place - length + 1)
        high = min(place, plan.size[v] - length + 1)
        cut(model, plan, work, v, low + below(state, high - low + 1), length)
        done += 1
        if done >= wanted:
            return


@borrowing_kernel
def in_time(model: Model, v: int, here: int, now: float, u: int) -> float:
    """When a visit to u begins after one to `here` that began at `now`; inf if too late."""
    kind, end = model.kind[v], model.end[v]
    begin = max(now + model.service[here] + model.cost[kind, here, u], model.opens[u])
    reach = begin + model.service[u] + model.cost[kind, u, end]
    if begin > model.closes[u] + LITTLE or reach > model.limit[v] + LITTLE:
        return FAR
    return float(begin)


@borrowing_kernel
def keep_in_time(model: Model, plan: Plan, v: int, locked: int) -> None:
    """Fly route v as it stands, leaving out what comes too late, or would make `locked` too late."""
    here, now, kept = plan.route[v, 0], plan.early[v, 0], 0
    ahead = locked >= 0 and in_time(model, v, here, now, locked) < FAR
    for p in range(1, plan.size[v] + 1):
        u = plan.route[v, p]
        ahead = ahead and u != locked
        begin = in_time(model, v, here, now, u)
        if begin < FAR and (not ahead or in_time(model, v, u, begin, locked) < FAR):
            kept += 1
            plan.route[v, kept] = u
            here, now = u, begin
        else:
            plan.owner[u] = -1
    plan.size[v] = kept
    plan.route[v, kept + 1] = model.end[v]
    retime(model, plan, v)


@borrowing_kernel
def squeeze(model: Model, plan: Plan, work: Work, v: int, locked: int) -> None:
    """Take visits out of a route that takes too long, the least worth per time first; `locked` stays if it
    can."""
    work.touched[v] = True
    retime(model, plan, v)
    if model.timed[0]:
        keep_in_time(model, plan, v, locked)
        return
    kind = model.kind[v]
    over = plan.early[v, plan.size[v] + 1] - model.limit[v]
    while over > LITTLE and plan.size[v] > 0:
        least, spot = FAR, plan.size[v]
        i, u = plan.route[v, 0], plan.route[v, 1]
        for p in range(1, plan.size[v] + 1):
            j = plan.route[v, p + 1]
            saved = (
                model.cost[kind, i, u] + model.service[u] + model.cost[kind, u, j] - model.cost[kind, i, j]
            )
            if u != locked and saved > LITTLE and work.weight[u] < least * saved:
                least, spot = work.weight[u] / saved, p
            i, u = u, j
        cut(model, plan, work, v, spot, 1)
        over = plan.early[v, plan.size[v] + 1] - model.limit[v]


@borrowing_kernel
def cross(model: Model, plan: Plan, work: Work, state: Bits) -> None:
    """Exchange the ends of two routes that pass near each other."""
    a = model.nodes[below(state, model.nodes.size)]
    v = plan.owner[a]
    if v < 0:
        return
    skip = below(state, 4)
    for k in range(model.nodes.size):
        b = model.near[a, k]
        w = plan.owner[b]
        if w < 0 or w == v:
            continue
        if skip > 0:
            skip -= 1
            continue
        p, q = plan.place[a] + 1, plan.place[b] + below(state, 2)
        first, second = plan.size[v] + 1 - p, plan.size[w] + 1 - q
        for r in range(first):
            work.line[r] = plan.route[v, p + r]
        for r in range(second):
            plan.route[v, p + r] = plan.route[w, q + r]
        for r in range(first):
            plan.route[w, q + r] = work.line[r]
        plan.size[v], plan.size[w] = p - 1 + second, q - 1 + first
        plan.route[v, plan.size[v] + 1] = model.end[v]
        plan.route[w, plan.size[w] + 1] = model.end[w]
        squeeze(model, plan, work, v, -1)
        squeeze(model, plan, work, w, -1)
        return


@borrowing_kernel
def push(model: Model, plan: Plan, work: Work, state: Bits) -> None:
    """Visit a place nobody visits, where that adds least, and make room for it."""
    u, tries = -1, 0
    while tries < 8 and (u < 0 or plan.owner[u] >= 0):
        u = model.nodes[below(state, model.nodes.size)]
        tries += 1
    if plan.owner[u] >= 0:
        return
    best, route, spot = FAR, -1, 0
    for v in range(plan.size.size):
        seek(
            model, plan, work, u, v
        )  # while it waits: what `fill` learns of routes left alone holds for u too
        kind = model.kind[v]
        for p in range(plan.size[v] + 1):
            i, j = plan.route[v, p], plan.route[v, p + 1]
            added = model.cost[kind, i, u] + model.cost[kind, u, j] - model.cost[kind, i, j]
            added *= 1.0 + uniform(state)
            if added < best:
                best, route, spot = added, v, p
    insert(model, plan, work, u, route, spot)
    squeeze(model, plan, work, route, u)


@borrowing_kernel
def score(model: Model, plan: Plan) -> tuple[float, float]:
    """Prize collected, and time used."""
    prize, used = 0.0, 0.0
    for v in range(plan.size.size):
        for p in range(1, plan.size[v] + 1):
            prize += model.prize[plan.route[v, p]]
        used += plan.early[v, plan.size[v] + 1] - model.leaves[v]
    return prize, used


@borrowing_kernel
def remember(model: Model, plan: Plan, work: Work, pool: Pool) -> None:
    """Put the routes changed in this round into the pool."""
    slots = pool.size.size
    for v in range(plan.size.size):
        if not work.touched[v] or plan.size[v] == 0:
            continue
        key = np.uint64(model.group[v])
        for p in range(1, plan.size[v] + 1):
            key ^= model.mark[plan.route[v, p]]
        slot = int(key % np.uint64(slots))
        if pool.key[slot] != key or pool.size[slot] == 0:
            pool.key[slot] = key
            pool.group[slot] = model.group[v]
            pool.size[slot] = plan.size[v]
            for p in range(plan.size[v]):
                pool.route[slot, p] = plan.route[v, p + 1]


@borrowing_kernel
def change(model: Model, now: Plan, trial: Plan, work: Work, state: Bits, choice: float) -> None:
    """One trial: a part taken out or twisted, gaps filled, routes straightened, gaps filled again."""
    if choice < CROSS:
        cross(model, trial, work, state)
    elif choice < CROSS + PUSH:
        push(model, trial, work, state)
    else:
        ruin(model, trial, work, state)
    fill(model, now, trial, work)
    if not model.timed[0]:
        shorter = False
        for v in range(trial.size.size):
            if work.touched[v] and untwist(model, trial, work, v):
                shorter = True
        if shorter:
            fill(model, now, trial, work)


@borrowing_kernel
def settle(source: Plan, target: Plan, work: Work) -> None:
    """Make the target what the source is, where this round changed it."""
    for v in range(source.size.size):
        if work.touched[v]:
            copy_route(source, target, v)
    copy_places(source, target)


@borrowing_kernel
def anneal(
    model: Model,
    now: Plan,
    trial: Plan,
    best: Plan,
    work: Work,
    pool: Pool,
    state: Bits,
    value: Floats,
    rounds: int,
    first: int,
    total: int,
    heats: Floats,
) -> None:
    """Rounds `first` ... `first + rounds` of a cooling of `total` rounds.

    value: prize less thrift of `now`, prize and time of `best`. heats: hottest, coldest, what a unit of
    time costs, by how much a solution whose routes are remembered may be worse than the best.
    """
    for step in range(first, first + rounds):
        heat = heats[0] * (heats[1] / heats[0]) ** (step / total)
        for v in range(trial.size.size):
            work.touched[v] = False
        weigh(model, work, state)
        change(model, now, trial, work, state, uniform(state))
        prize, used = score(model, trial)
        found = prize - heats[2] * used
        if found < value[0] + heat * np.log(uniform(state) + 1e-300):
            settle(now, trial, work)
            continue
        value[0] = found
        settle(trial, now, work)
        if prize >= value[1] - heats[3]:
            remember(model, trial, work, pool)
        if prize > value[1] + LITTLE or (prize > value[1] - LITTLE and used < value[2] - LITTLE):
            value[1], value[2] = prize, used
            copy_plan(trial, best)
