"""The short way between two places around cells that may not be flown."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from atalaya.plan.search.kernels import BLOCKED, Ground, begin, blocked, descend, shortcuts, walk

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
TIGHT = 8.0
"""How much longer a step beside a closed cell counts: turns need room."""


@dataclass(slots=True)
class Router:
    """Ways over the flyable cells of one map; searches from an end are kept."""

    ground: Ground
    open: bool = True
    _graph: coo_array | None = None
    _trees: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.open = bool(self.ground.open.all())

    def clear(self, a: Floats, b: Floats) -> bool:
        """Whether the straight line between two places (in cells) may be flown."""
        begin(self.ground)
        return bool(walk(self.ground, a[0], a[1], b[0], b[1], 0.0, True) != BLOCKED)

    def around(self, line: Floats) -> Floats | None:
        """The line with ways around closed cells put into the legs that meet them; None: there is none."""
        parts, i = [], 0
        while not self.open:
            j = int(blocked(self.ground, line, len(line), i))
            if j >= len(line) - 1:
                break
            way = self.between(line[j], line[j + 1])
            if way is None:
                return None
            parts += [line[i : j + 1], way[1:-1]]
            i = j + 1
        return np.concatenate([*parts, line[i:]])

    def between(self, a: Floats, b: Floats) -> Floats | None:
        """(n, 2) way points from a to b, both included; None where there is no way."""
        if self.open or self.clear(a, b):
            return np.array([a, b])
        cells = self._cells(self._index(a), self._index(b))
        if cells is None:
            return None
        columns = int(self.ground.size[1])
        inner = np.column_stack((cells % columns + 0.5, cells // columns + 0.5))
        line = np.vstack((a, inner, b))
        kept = np.empty(len(line), np.int64)
        return np.asarray(line[kept[: shortcuts(self.ground, line, kept)]])

    def _index(self, place: Floats) -> int:
        rows, columns, _ = self.ground.size
        u, v = np.clip(np.floor(place), 0, [columns - 1, rows - 1]).astype(int)
        return int(v * columns + u)

    def _cells(self, start: int, end: int) -> NDArray[np.int64] | None:
        if end not in self._trees:
            _, before = dijkstra(self._links(), directed=False, indices=end, return_predecessors=True)
            self._trees[end] = before.astype(np.int64)
        before = self._trees[end]
        way = np.empty(len(before) + 1, np.int64)
        count = descend(before, start, end, way)
        return way[:count] if count else None

    def _links(self) -> coo_array:
        if self._graph is None:
            rows, columns, _ = self.ground.size
            may = self.ground.open.reshape(rows, columns) != 0
            cost = np.where(self.ground.near.reshape(rows, columns) != 0, TIGHT, 1.0)
            self._graph = _linked(may, cost).tocsr()
        return self._graph


def _linked(may: Bools, cost: Floats) -> coo_array:
    rows, columns = may.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    start, end, length = [], [], []
    for down, right in STEPS:
        here = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
        there = (slice(down, rows), slice(max(0, right), columns + min(0, right)))
        both = may[here] & may[there]
        if down and right:
            both &= may[here[0], there[1]] & may[there[0], here[1]]
        start.append(number[here][both])
        end.append(number[there][both])
        length.append(np.hypot(down, right) * (cost[here] + cost[there])[both] / 2)
    i, j, w = np.concatenate(start), np.concatenate(end), np.concatenate(length)
    return coo_array((w, (i, j)), shape=(rows * columns, rows * columns))
