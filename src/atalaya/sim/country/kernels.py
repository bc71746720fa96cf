"""Loops over the posts and cells of a country, compiled: drainage, erosion, painting, least-cost ways."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def _push(heap_key: Array, heap_cell: Array, size: int, key: float, cell: int) -> int:
    """Put a cell into a binary heap; equal keys leave in the order of their cells."""
    i = size
    while i > 0:
        parent = (i - 1) // 2
        if heap_key[parent] < key or (heap_key[parent] == key and heap_cell[parent] <= cell):
            break
        heap_key[i], heap_cell[i] = heap_key[parent], heap_cell[parent]
        i = parent
    heap_key[i], heap_cell[i] = key, cell
    return size + 1


@kernel
def _pop(heap_key: Array, heap_cell: Array, size: int) -> int:
    """Take the first away (the caller has read it); the new size."""
    size -= 1
    key, cell = heap_key[size], heap_cell[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (
            heap_key[other] < heap_key[child]
            or (heap_key[other] == heap_key[child] and heap_cell[other] < heap_cell[child])
        ):
            child = other
        if key < heap_key[child] or (key == heap_key[child] and cell <= heap_cell[child]):
            break
        heap_key[i], heap_cell[i] = heap_key[child], heap_cell[child]
        i = child
    heap_key[i], heap_cell[i] = key, cell
    return size


@kernel
def breach(height: Array, outlet: Array, fall_m: float) -> None:
    """Cut every hollow of (rows, columns) heights open, down the way the flood came, in place.

    Priority flood (Barnes, Lehman and Mulla, Computers & Geosciences 62, 2014) with complete breaching
    (Lindsay, Hydrological Processes 30, 2016).

    Args:
        outlet: (rows, columns) where water leaves; at least one. fall_m: of a cut from post to post.
    """
    rows, columns = height.shape
    n = rows * columns
    flat = height.reshape(n)
    heap_key, heap_cell = np.empty(n, np.float64), np.empty(n, np.int32)
    back = np.full(n, -1, np.int32)
    closed = np.zeros(n, np.bool_)
    size = 0
    for i in range(rows):
        for j in range(columns):
            if outlet[i, j]:
                closed[i * columns + j] = True
                size = _push(heap_key, heap_cell, size, height[i, j], i * columns + j)
    while size > 0:
        cell = heap_cell[0]
        size = _pop(heap_key, heap_cell, size)
        row, column = cell // columns, cell % columns
        for di in range(-1, 2):
            for dj in range(-1, 2):
                i, j = row + di, column + dj
                if i < 0 or j < 0 or i >= rows or j >= columns or closed[i * columns + j]:
                    continue
                found = i * columns + j
                closed[found] = True
                back[found] = cell
                size = _push(heap_key, heap_cell, size, flat[found], found)
                level, down = flat[found] - fall_m, cell
                while down >= 0 and flat[down] > level:
                    flat[down] = level
                    level -= fall_m
                    down = back[down]


@kernel
def drain(height: Array, order: Array, outlet: Array, salt: int, receiver: Array, area: Array) -> None:
    """Where the water of each post goes, and how many posts drain through it.

    The steepest of eight ways down, each weighted by up to a fifth at random: without that, slopes drain in
    straight lines along the grid. A post without a way down is its own receiver.

    Args:
        height: (rows, columns). order: (n,) posts, lowest first. outlet: (rows, columns).
        salt: of the weights. receiver: (n,) int32, out. area: (n,) float64, posts, out.
    """
    rows, columns = height.shape
    mask = np.uint64(0xFFFFFFFF)
    for i in range(rows):
        for j in range(columns):
            cell = i * columns + j
            best, target = 0.0, cell
            if not outlet[i, j]:
                for k in range(9):
                    di, dj = k // 3 - 1, k % 3 - 1
                    a, b = i + di, j + dj
                    if k == 4 or a < 0 or b < 0 or a >= rows or b >= columns:
                        continue
                    fall = height[i, j] - height[a, b]
                    if fall <= 0.0:
                        continue
                    if di != 0 and dj != 0:
                        fall *= 0.7071067811865476
                    mix = (np.uint64(cell * 9 + k) * np.uint64(2654435761) + np.uint64(salt)) & mask
                    mix = ((mix ^ (mix >> np.uint64(15))) * np.uint64(2246822519)) & mask
                    mix = mix ^ (mix >> np.uint64(13))
                    fall *= 0.8 + 0.4 * (float(mix) / 4294967296.0)
                    if fall > best:
                        best, target = fall, a * columns + b
            receiver[cell] = target
            area[cell] = 1.0
    for k in range(order.size - 1, -1, -1):
        cell = order[k]
        if receiver[cell] != cell:
            area[receiver[cell]] += area[cell]


@kernel
def erode(
    height: Array,
    columns: int,
    order: Array,
    receiver: Array,
    area: Array,
    steep: Array,
    spacing_m: float,
    hill_m2: float,
    strength: float,
    steepest: float,
) -> None:
    """Draw heights towards the profile of rivers in balance, upstream from the outlets, in place.

    The implicit step of Braun and Willett, Geomorphology 180-181 (2013), written for the balance itself: a
    slope of steep / sqrt(catchment), flattened where catchments are smaller than a hillside.

    Args:
        height: (n,) metres, `columns` to a row. order, receiver, area: of `drain`.
        steep: (n,) slope at a catchment of one square metre. hill_m2: of a hillside.
        strength: of one step for such a catchment. steepest: no slope is steeper.
    """
    for k in range(order.size):
        cell = order[k]
        down = receiver[cell]
        if down == cell:
            continue
        step = abs(cell - down)
        away = spacing_m if step == 1 or step == columns else spacing_m * 1.4142135623730951
        catchment = area[cell] * spacing_m * spacing_m + hill_m2
        slope = min(steep[cell] / np.sqrt(catchment), steepest)
        pull = strength * np.sqrt(catchment / hill_m2)
        wanted = (height[cell] + pull * (height[down] + slope * away)) / (1.0 + pull)
        height[cell] = max(wanted, height[down] + 1e-4)


@kernel
def _lattice(i: int, j: int, salt: int) -> float:
    """A number from -1 to 1 that belongs to a place of a lattice."""
    mask = np.uint64(0xFFFFFFFF)
    mix = (np.uint64(i & 0xFFFF) * np.uint64(73856093) + np.uint64(j & 0xFFFF) * np.uint64(19349663)) & mask
    mix = ((mix ^ (mix >> np.uint64(15)) ^ np.uint64(salt & 0xFFFFFFFF)) * np.uint64(2246822519)) & mask
    mix = ((mix ^ (mix >> np.uint64(13))) * np.uint64(3266489917)) & mask
    mix = mix ^ (mix >> np.uint64(16))
    return float(mix) * (2.0 / 4294967295.0) - 1.0


@kernel
def paint(
    green: Array,
    bare: Array,
    cells_per_post: float,
    cell_m: float,
    salt: int,
    limits: Array,
    codes: Array,
    out: Array,
) -> None:
    """Give each cell the code of a cover: rock where it is bare, else by how green it is, in patches.

    Args:
        green, bare: (rows, columns) at posts; patches and single crowns add up to about 1 to green.
        cells_per_post: edge of a cell in posts, the middle of cell 0 half of it from post 0.
        limits: (k,) rising. codes: (k + 2,) of what is bare, of green below each limit, and above all.
        out: (m, n) uint8.
    """
    rows, columns = green.shape
    sizes = (420.0, 90.0, 24.0)
    weights = (0.45, 0.40, 0.30)
    seen = np.empty(3, np.int64)
    left, right = np.empty(3), np.empty(3)
    for a in range(out.shape[0]):
        row = min(max((a + 0.5) * cells_per_post, 0.0), rows - 1.000001)
        i = int(row)
        u = row - i
        seen[:] = -2
        for b in range(out.shape[1]):
            column = min(max((b + 0.5) * cells_per_post, 0.0), columns - 1.000001)
            j = int(column)
            v = column - j
            noise = 0.0
            for k in range(3):
                if sizes[k] < cell_m:
                    continue
                x = b * cell_m / sizes[k]
                q = int(x)
                if q != seen[k]:
                    y = a * cell_m / sizes[k]
                    p = int(y)
                    s = y - p
                    s = s * s * (3.0 - 2.0 * s)
                    if q == seen[k] + 1:
                        left[k] = right[k]
                    else:
                        left[k] = _lattice(p, q, salt + k) * (1.0 - s) + _lattice(p + 1, q, salt + k) * s
                    right[k] = _lattice(p, q + 1, salt + k) * (1.0 - s) + _lattice(p + 1, q + 1, salt + k) * s
                    seen[k] = q
                t = x - q
                t = t * t * (3.0 - 2.0 * t)
                noise += weights[k] * (left[k] + (right[k] - left[k]) * t)
            noise += 0.22 * _lattice(a, b, salt + 9)
            w0, w1, w2, w3 = (1.0 - u) * (1.0 - v), (1.0 - u) * v, u * (1.0 - v), u * v
            rock = w0 * bare[i, j] + w1 * bare[i, j + 1] + w2 * bare[i + 1, j] + w3 * bare[i + 1, j + 1]
            if rock + 0.5 * noise > 0.0:
                out[a, b] = codes[0]
                continue
            level = w0 * green[i, j] + w1 * green[i, j + 1] + w2 * green[i + 1, j] + w3 * green[i + 1, j + 1]
            k = 0
            while k < limits.size and level + noise > limits[k]:
                k += 1
            out[a, b] = codes[k + 1]


@kernel
def spread(
    height: Array,
    toll: Array,
    source: Array,
    spacing_m: float,
    easy: float,
    steepest: float,
    cost: Array,
    back: Array,
    owner: Array,
) -> None:
    """Cheapest ways from the nearest of several sources to every post (Dijkstra), over sixteen neighbours.

    A step costs its length times 1 + (grade / easy)^2 and the toll of the post reached; one steeper than
    `steepest` costs fifty times as much, so that no place is out of reach.

    Args:
        height, toll: (rows, columns). source: (k,) posts.
        cost: (n,) out. back: (n,) int32, out, post before this one, -1 at a source. owner: (n,) int32, out,
            number of the source.
    """
    rows, columns = height.shape
    n = rows * columns
    step_i = np.array([-1, -1, -1, 0, 0, 1, 1, 1, -2, -2, -1, -1, 1, 1, 2, 2])
    step_j = np.array([-1, 0, 1, -1, 1, -1, 0, 1, -1, 1, -2, 2, -2, 2, -1, 1])
    heap_key, heap_cell = np.empty(8 * n + source.size, np.float64), np.empty(8 * n + source.size, np.int32)
    done = np.zeros(n, np.bool_)
    size = 0
    cost[:] = np.inf
    back[:] = -1
    owner[:] = -1
    for k in range(source.size):
        cost[source[k]] = 0.0
        owner[source[k]] = k
        size = _push(heap_key, heap_cell, size, 0.0, source[k])
    while size > 0:
        cell = heap_cell[0]
        size = _pop(heap_key, heap_cell, size)
        if done[cell]:
            continue
        done[cell] = True
        row, column = cell // columns, cell % columns
        for k in range(16):
            i, j = row + step_i[k], column + step_j[k]
            if i < 0 or j < 0 or i >= rows or j >= columns or done[i * columns + j]:
                continue
            length = spacing_m * np.sqrt(float(step_i[k] * step_i[k] + step_j[k] * step_j[k]))
            grade = abs(height[i, j] - height[row, column]) / length
            price = length * (1.0 + (grade / easy) ** 2) * toll[i, j]
            if grade > steepest:
                price *= 50.0
            total = cost[cell] + price
            if total < cost[i * columns + j] and size < heap_key.size:
                cost[i * columns + j] = total
                back[i * columns + j] = cell
                owner[i * columns + j] = owner[cell]
                size = _push(heap_key, heap_cell, size, total, i * columns + j)
