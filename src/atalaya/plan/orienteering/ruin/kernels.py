"""Ruin and recreate with annealing: strings of visits are taken out near one place and gaps are filled by prize per
time, in the manner of Christiaens and Vanden Berghe (Transportation Science 54(2), 2020, "Slack induction by string
removals"), with prizes instead of a duty to visit."""

import numpy as np

from atalaya.base.numeric import borrowing_kernel

LITTLE = 1e-9
FAR = 1e300


@borrowing_kernel
def uniform(state):
    """The next number in [0, 1) of a 64-bit xorshift (Marsaglia 2003)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return (x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@borrowing_kernel
def below(state, count):
    """A whole number in [0, count)."""
    return min(int(uniform(state) * count), count - 1)


@borrowing_kernel
def retime(model, plan, v):
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
def clear(model, plan):
    """No visit at all."""
    plan.owner[:] = -1
    for v in range(plan.size.size):
        plan.size[v] = 0
        plan.route[v, 0] = model.start[v]
        plan.route[v, 1] = model.end[v]
        retime(model, plan, v)


@borrowing_kernel
def copy_route(source, target, v):
    """Route v of one plan into another; places it visited there are left alone."""
    for p in range(source.size[v] + 2):
        target.route[v, p] = source.route[v, p]
        target.early[v, p] = source.early[v, p]
        target.late[v, p] = source.late[v, p]
    target.size[v] = source.size[v]


@borrowing_kernel
def copy_places(source, target):
    """Who visits each place, and where in the route."""
    for u in range(source.owner.size):
        target.owner[u] = source.owner[u]
        target.place[u] = source.place[u]


@borrowing_kernel
def copy_plan(source, target):
    """A whole plan."""
    for v in range(source.size.size):
        copy_route(source, target, v)
    copy_places(source, target)


@borrowing_kernel
def seek(model, plan, work, u, v):
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
def insert(model, plan, work, u, v, p):
    """Visit u after position p of route v."""
    last = plan.size[v] + 1
    for q in range(last, p, -1):
        plan.route[v, q + 1] = plan.route[v, q]
    plan.route[v, p + 1] = u
    plan.size[v] += 1
    work.touched[v] = True
    retime(model, plan, v)


@borrowing_kernel
def cut(model, plan, work, v, first, count):
    """Take `count` visits out of route v, from position `first` on."""
    for p in range(first, first + count):
        plan.owner[plan.route[v, p]] = -1
    for p in range(first + count, plan.size[v] + 2):
        plan.route[v, p - count] = plan.route[v, p]
    plan.size[v] -= count
    work.touched[v] = True
    retime(model, plan, v)


@borrowing_kernel
def untwist(model, plan, work, v):
    """Reverse parts of route v while that shortens it (2-opt, asymmetric costs too); no windows. True if it did."""
    kind, size = model.kind[v], plan.size[v]
    better = False
    again = True
    while again:
        again = False
        work.back[0] = 0.0
        for p in range(1, size + 1):
            there = model.cost[kind, plan.route[v, p], plan.route[v, p - 1]]
            here = model.cost[kind, plan.route[v, p - 1], plan.route[v, p]]
            work.back[p] = work.back[p - 1] + there - here
        for p in range(1, size):
            i, a = plan.route[v, p - 1], plan.route[v, p]
            best, spot = -1e-7, -1
            for q in range(p + 1, size + 1):
                b, j = plan.route[v, q], plan.route[v, q + 1]
                change = (
                    model.cost[kind, i, b]
                    + model.cost[kind, a, j]
                    - model.cost[kind, i, a]
                    - model.cost[kind, b, j]
                    + work.back[q]
                    - work.back[p]
                )
                if change < best:
                    best, spot = change, q
            if spot >= 0:
                left, right = p, spot
                while left < right:
                    plan.route[v, left], plan.route[v, right] = plan.route[v, right], plan.route[v, left]
                    left += 1
                    right -= 1
                better = again = True
                break
    if better:
        retime(model, plan, v)
    return better


@borrowing_kernel
def gather(model, plan, work, state, power, noise):
    """Places without a visit, with what a visit is worth in this round; their number."""
    count = 0
    for u in model.nodes:
        if plan.owner[u] < 0 and not work.shut[u]:
            work.waiting[count] = u
            count += 1
            work.weight[u] = model.prize[u] ** power * np.exp(
                noise * (uniform(state) + uniform(state) + uniform(state) - 1.5)
            )
    return count


@borrowing_kernel
def fill(model, plan, work, state, power, noise):
    """Visit places while any fits, the best prize per added time first."""
    vehicles = plan.size.size
    count = gather(model, plan, work, state, power, noise)
    for v in range(vehicles):
        for c in range(count):
            seek(model, plan, work, work.waiting[c], v)
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
        keep = 0
        for c in range(count):
            u = work.waiting[c]
            if u != chosen:
                work.waiting[keep] = u
                keep += 1
                seek(model, plan, work, u, route)
        count = keep


@borrowing_kernel
def ruin(model, plan, work, state, mean, longest):
    """Take strings of visits out of the routes near one place."""
    seed = model.nodes[below(state, model.nodes.size)]
    wanted = 1 + below(state, min(int(mean), plan.size.size))
    longest = 1 + below(state, int(longest))
    done = 0
    for k in range(model.nodes.size):
        c = model.near[seed, k]
        v = plan.owner[c]
        if v < 0 or work.touched[v]:
            continue
        most = min(int(longest), plan.size[v])
        length = 1 + below(state, most)
        place = plan.place[c]
        low = max(1, place - length + 1)
        high = min(place, plan.size[v] - length + 1)
        cut(model, plan, work, v, low + below(state, high - low + 1), length)
        done += 1
        if done >= wanted:
            return


@borrowing_kernel
def score(model, plan):
    """Prize collected, and time used."""
    prize, used = 0.0, 0.0
    for v in range(plan.size.size):
        for p in range(1, plan.size[v] + 1):
            prize += model.prize[plan.route[v, p]]
        used += plan.early[v, plan.size[v] + 1] - model.leaves[v]
    return prize, used


@borrowing_kernel
def anneal(model, now, trial, best, work, state, value, rounds, hot, cold, first, total, thrift, tune):
    """Rounds first .. first + rounds of a cooling of `total` rounds. value: current, best, best used."""
    for step in range(rounds):
        heat = hot * (cold / hot) ** ((first + step) / total)
        work.touched[:] = False
        work.shut[:] = False
        ruin(model, trial, work, state, tune[0], tune[1])
        power = 0.5 + 1.5 * uniform(state) if tune[3] > 0 else 1.0
        if not model.timed[0]:
            for v in range(trial.size.size):
                if work.touched[v]:
                    untwist(model, trial, work, v)
        if uniform(state) < tune[4]:
            for u in model.nodes:
                if trial.owner[u] < 0 and uniform(state) < tune[5]:
                    work.shut[u] = True
        noise = tune[2] * uniform(state)
        fill(model, trial, work, state, power, noise)
        if not model.timed[0]:
            shorter = False
            for v in range(trial.size.size):
                if work.touched[v] and untwist(model, trial, work, v):
                    shorter = True
            if shorter:
                fill(model, trial, work, state, power, noise)
        prize, used = score(model, trial)
        found = prize - thrift * used
        if found >= value[0] - heat * -np.log(uniform(state) + 1e-300):
            value[0] = found
            for v in range(trial.size.size):
                if work.touched[v]:
                    copy_route(trial, now, v)
            copy_places(trial, now)
            if prize > value[1] + LITTLE or (prize > value[1] - LITTLE and used < value[2] - LITTLE):
                value[1] = prize
                value[2] = used
                copy_plan(trial, best)
        else:
            for v in range(trial.size.size):
                if work.touched[v]:
                    copy_route(now, trial, v)
            copy_places(now, trial)
