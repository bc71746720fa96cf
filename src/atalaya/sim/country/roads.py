"""Roads and tracks: the cheapest tree of ways between settlements, over the ground as it lies.

The tree comes from one search from all settlements at once: where two regions of nearest settlement meet,
the cheapest meeting is a candidate, and the least tree of these candidates is the least tree of all ways
(Mehlhorn, Information Processing Letters 27, 1988).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.country import GroundLine
from atalaya.sim.country.curve import every, smoothed
from atalaya.sim.country.land import Land
from atalaya.sim.country.noise import generator_of, rough_field, stretched
from atalaya.sim.country.places import Place

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_NODES = 450_000
_EASY, _STEEPEST = 0.045, 0.16
_LOOPS = 0.12
_WHIM = 0.45
_RIVER_TOLL, _STREAM_TOLL, _BANK_TOLL = 14.0, 3.5, 1.8
_RIVER_M2 = 60e6
_POINTS_PER_STEP = 4

ROAD, TRACK, PATH = 2, 1, 0
_LOOKS = {ROAD: ("road", 7.0), TRACK: ("track", 4.0), PATH: ("path", 2.5)}
_MATERIALS = {ROAD: "asphalt", TRACK: "bare_soil", PATH: "bare_soil"}


@dataclass(frozen=True, eq=False)
class _Net:
    """Every few posts: heights, tolls, the distance between them."""

    height: Floats
    toll: Floats
    spacing_m: float
    west_m: float
    north_m: float

    def nodes(self, east_m: Floats, north_m: Floats) -> Ints:
        rows, columns = self.height.shape
        row = np.clip(np.round((self.north_m - north_m) / self.spacing_m), 0, rows - 1)
        column = np.clip(np.round((east_m - self.west_m) / self.spacing_m), 0, columns - 1)
        return np.asarray(row * columns + column, np.int64)

    def points(self, nodes: Ints) -> Floats:
        columns = self.height.shape[1]
        east = self.west_m + nodes % columns * self.spacing_m
        return np.stack((east, self.north_m - nodes // columns * self.spacing_m), axis=1)


def roads_of(land: Land, places: Sequence[Place], seed: int) -> tuple[GroundLine, ...]:
    """Lines between all places and out of the country: roads to towns, tracks to villages, paths."""
    from atalaya.sim.country import kernels

    net = _net(land, seed)
    gates = _gates(net, generator_of(seed, 60))
    stops = net.nodes(np.array([p.east_m for p in places]), np.array([p.north_m for p in places]))
    stops, kept = np.unique(np.concatenate((stops, gates)), return_index=True)
    ranks = np.array(
        [{"town": ROAD, "village": TRACK, "farm": PATH}[p.kind] for p in places] + [ROAD] * len(gates)
    )
    ranks = ranks[kept]
    n = net.height.size
    cost, back, owner = np.empty(n), np.empty(n, np.int32), np.empty(n, np.int32)
    kernels.spread(net.height, net.toll, stops, net.spacing_m, _EASY, _STEEPEST, cost, back, owner)
    steps: dict[tuple[int, int], int] = {}
    for first, second, rank in _tree(net, cost, owner, ranks, generator_of(seed, 61)):
        _mark(steps, first, second, rank, back)
    return tuple(_lines(net, steps, set(stops.tolist())))


def _net(land: Land, seed: int) -> _Net:
    from scipy.ndimage import maximum_filter

    step = 1
    while land.heights_m.size / step**2 > _MOST_NODES:
        step += 1
    height = land.heights_m[::step, ::step].astype(np.float64)
    taste = rough_field(
        generator_of(seed, 62),
        (max(8, height.shape[0] // 2), max(8, height.shape[1] // 2)),
        exponent=1.1,
        waves=16.0,
    )
    toll = np.exp(_WHIM * stretched(taste, height.shape))
    spacing = step * land.post_m
    net = _Net(height, toll, spacing, land.west_m, land.north_m)
    wet = np.ones(height.size)
    for stream in land.streams[::-1]:
        points = every(stream.points_m, spacing / 2.0)
        share = np.linspace(0.0, 1.0, len(points)), np.linspace(0.0, 1.0, len(stream.area_m2))
        area = np.interp(*share, stream.area_m2)
        cells = net.nodes(points[:, 0], points[:, 1])
        wet[cells] = np.where(area > _RIVER_M2, _RIVER_TOLL, _STREAM_TOLL)
    across = wet.reshape(height.shape)
    bank = np.where(maximum_filter(across, 3) > across, _BANK_TOLL, 1.0)
    toll *= np.maximum(across, bank)
    return net


def _gates(net: _Net, generator: np.random.Generator) -> Ints:
    """Where roads leave: a low place of each side."""
    rows, columns = net.height.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    found = []
    for side in (number[0], number[-1], number[:, 0], number[:, -1]):
        inner = side[len(side) // 8 : -(len(side) // 8) or None]
        height = net.height.reshape(-1)[inner]
        lowest = inner[np.argsort(height, kind="stable")[: max(1, len(inner) // 6)]]
        found.append(int(generator.choice(lowest)))
    return np.array(found, np.int64)


def _tree(
    net: _Net,
    cost: Floats,
    owner: NDArray[np.int32],
    ranks: NDArray[np.int64],
    generator: np.random.Generator,
) -> list[tuple[int, int, int]]:
    """Meetings to join: the node on either side and the rank of the way."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

    first, second, one, two, price = _meetings(net, cost, owner)
    count = len(ranks)
    number = coo_array((np.arange(len(one)) + 1, (one, two)), shape=(count, count)).tocsr()
    tree = minimum_spanning_tree(coo_array((price, (one, two)), shape=(count, count)).tocsr()).tocoo()
    both = coo_array(
        (np.ones(2 * tree.nnz), (np.r_[tree.row, tree.col], np.r_[tree.col, tree.row])), shape=(count, count)
    )
    root = int(np.argmax(ranks))
    order, parent = breadth_first_order(both.tocsr(), root, directed=False)
    towns, villages = (ranks == ROAD).astype(int), (ranks >= TRACK).astype(int)
    for node in order[:0:-1]:
        towns[parent[node]] += towns[node]
        villages[parent[node]] += villages[node]
    made = []
    for node in order[1:]:
        a, b = sorted((int(node), int(parent[node])))
        meeting = int(number[a, b]) - 1
        rank = ROAD if towns[node] else TRACK if villages[node] or generator.random() < 0.5 else PATH
        made.append((int(first[meeting]), int(second[meeting]), rank))
    spare = np.flatnonzero((ranks[one] >= TRACK) & (ranks[two] >= TRACK))
    spare = spare[np.argsort(price[spare], kind="stable")]
    loops = spare[: round(_LOOPS * count)]
    return made + [(int(first[meeting]), int(second[meeting]), TRACK) for meeting in loops]


def _meetings(net: _Net, cost: Floats, owner: NDArray[np.int32]) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """For each two neighbouring regions their cheapest meeting: nodes, regions (lower first), price."""
    rows, columns = net.height.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    pairs = ((number[:, :-1], number[:, 1:]), (number[:-1], number[1:]))
    a = np.concatenate([left.ravel() for left, _ in pairs])
    b = np.concatenate([right.ravel() for _, right in pairs])
    meet = owner[a] != owner[b]
    a, b = a[meet], b[meet]
    swap = owner[a] > owner[b]
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    price = cost[a] + cost[b] + net.spacing_m
    key = owner[a].astype(np.int64) * (int(owner.max()) + 1) + owner[b]
    order = np.lexsort((a, price, key))
    chosen = order[np.concatenate(([True], np.diff(key[order]) > 0))] if len(order) else order
    a, b = a[chosen], b[chosen]
    return a, b, owner[a].astype(np.int64), owner[b].astype(np.int64), price[chosen]


def _mark(
    steps: dict[tuple[int, int], int], first: int, second: int, rank: int, back: NDArray[np.int32]
) -> None:
    """Give every step of a way at least its rank."""
    ways = [(first, second)]
    for start in (first, second):
        while (before := int(back[start])) >= 0:
            ways.append((start, before))
            start = before
    for a, b in ways:
        key = (min(a, b), max(a, b))
        steps[key] = max(steps.get(key, 0), rank)


def _lines(net: _Net, steps: dict[tuple[int, int], int], stops: set[int]) -> list[GroundLine]:
    """Steps joined to lines between junctions and changes of rank, without the corners of the grid."""
    around: dict[int, list[int]] = {}
    for a, b in steps:
        around.setdefault(a, []).append(b)
        around.setdefault(b, []).append(a)

    def rank(a: int, b: int) -> int:
        return steps[(min(a, b), max(a, b))]

    def ends(node: int) -> bool:
        near = around[node]
        return len(near) != 2 or node in stops or rank(node, near[0]) != rank(node, near[1])

    made: list[GroundLine] = []
    walked: set[tuple[int, int]] = set()
    for start in sorted(node for node in around if ends(node)):
        for step in sorted(around[start]):
            if (start, step) in walked:
                continue
            chain = [start, step]
            while not ends(chain[-1]):
                near = around[chain[-1]]
                chain.append(near[0] if near[1] == chain[-2] else near[1])
            walked.update(((chain[0], chain[1]), (chain[-1], chain[-2])))
            kind, width = _LOOKS[rank(start, step)]
            made.append(GroundLine(kind, width, _MATERIALS[rank(start, step)], _natural(net, chain)))
    return made


def _natural(net: _Net, chain: list[int]) -> Floats:
    points = every(net.points(np.array(chain, np.int64)), net.spacing_m / _POINTS_PER_STEP)
    return smoothed(points, 1.2 * _POINTS_PER_STEP)
