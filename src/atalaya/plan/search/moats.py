"""Nested sets of cells and the layers around them, which a path that finds anything inside has to cross."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter, label, uniform_filter
from scipy.sparse import csr_array

from atalaya.plan.search.problem import SearchProblem

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
RINGS = 3
"""Square rings around single cells."""

LAYERS = 8
"""Layers around larger sets."""

PARTS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.18, 0.25, 0.35, 0.5)
"""The sets are the parts of the map above levels that this share of its cells exceeds."""

SMOOTH_CELLS = 1.2
MARGIN = 6
AROUND = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True, slots=True)
class Moats:
    """The family of sets of one problem.

    Args:
        margin: cells added on every side.
        unit: coverage of a straight flight of one cell's length.
        rings: how many square rings cells have.
        own: (rings, rows, columns) 1 where the cell's ring counts.
        layers: (cells, m) 1 where a cell lies in a layer of a set.
        owner: (m,) the set of each layer.
        parent: (sets,) number of the set around each, -1 for none; inner sets come first.
        of_cell: (rows, columns) number of the innermost set around each cell, -1 for none.
        levels: the numbers of the sets of each level, inner levels first.
    """

    margin: int
    unit: float
    rings: int
    own: Floats
    layers: csr_array
    owner: NDArray[np.int64]
    parent: NDArray[np.int64]
    of_cell: NDArray[np.int64]
    levels: tuple[slice, ...]

    def padded(self, array: NDArray[np.generic], fill: float) -> Floats:
        """The array with the margin around it."""
        return np.pad(np.asarray(array, dtype=np.float64), self.margin, constant_values=fill)

    def summed(
        self, cells: Floats, costs: Floats, corner: Callable[[Floats], tuple[Floats, Floats]]
    ) -> tuple[float, tuple[Floats, Floats]]:
        """Value of the whole family, and its slopes: by the cells' values, by less of the layers' costs."""
        sets = len(self.parent)
        worth = np.zeros(sets)
        np.subtract.at(worth, self.owner, costs)
        inside = self.of_cell >= 0
        worth += np.bincount(self.of_cell[inside], cells[inside], sets)
        total, share = float(cells[~inside].sum()), np.zeros(sets)
        for level in self.levels:
            value, share[level] = corner(worth[level])
            around = self.parent[level]
            total += float(value[around < 0].sum())
            np.add.at(worth, around[around >= 0], value[around >= 0])
        for level in reversed(self.levels):
            around = self.parent[level]
            share[level] *= np.where(around >= 0, share[around], 1.0)
        by_cell = np.where(inside, np.append(share, 1.0)[self.of_cell], 1.0)
        return total, (by_cell, share[self.owner])


def ring_sum(y: Floats, k: int) -> Floats:
    """Sum over the square ring k cells away."""
    return _box(y, k) - _box(y, k - 1)


def _box(y: Floats, k: int) -> Floats:
    size = 2 * k + 1
    return np.asarray(uniform_filter(y, size, mode="constant") * (size * size)) if k else y


def moats_of(problem: SearchProblem) -> Moats:
    """Cells, and parts of the map above levels of smoothed worth, with layers that hold no start or end."""
    margin = MARGIN if problem.outside else 0
    worth = np.pad(problem.worth, margin)
    barred = _barred(problem, margin)
    own = np.array([_free(barred, k, problem.outside) for k in range(1, RINGS + 1)], dtype=np.float64)
    sets, parent, of_cell, levels = _nested(worth)
    columns, owner = [], []
    for i, part in enumerate(sets):
        inner = part
        for _ in range(LAYERS):
            outer = binary_dilation(inner, AROUND)
            edge = outer[0].any() or outer[-1].any() or outer[:, 0].any() or outer[:, -1].any()
            if (outer & barred).any() or (problem.outside and edge):
                break
            columns.append(np.flatnonzero(outer & ~inner))
            owner.append(i)
            inner = outer
    at = np.concatenate([np.full(len(c), j) for j, c in enumerate(columns)]) if columns else np.zeros(0, int)
    rows = np.concatenate(columns) if columns else np.zeros(0, int)
    layers = csr_array((np.ones(len(rows)), (rows, at)), shape=(worth.size, len(columns)))
    unit = min(s.sweep_m for s in problem.sorties) / problem.cell_m
    return Moats(margin, unit, RINGS, own, layers, np.array(owner, dtype=np.int64), parent, of_cell, levels)


def _barred(problem: SearchProblem, margin: int) -> Bools:
    """Cells that hold or touch a start or end."""
    rows, columns = problem.shape[0] + 2 * margin, problem.shape[1] + 2 * margin
    barred = np.zeros((rows, columns), dtype=bool)
    for sortie in problem.sorties:
        for u, v in problem.grid(np.array([sortie.start, sortie.end])) + margin:
            low_r, low_c = max(0, int(np.ceil(v)) - 1), max(0, int(np.ceil(u)) - 1)
            barred[low_r : max(0, int(np.floor(v)) + 1), low_c : max(0, int(np.floor(u)) + 1)] = True
    return barred


def _free(barred: Bools, k: int, outside: bool) -> Bools:
    """Cells whose block of k steps holds no start or end, nor the edge of a map that may be left."""
    free = ~binary_dilation(barred, AROUND, iterations=k)
    if outside:
        free[:k], free[-k:], free[:, :k], free[:, -k:] = False, False, False, False
    return np.asarray(free)


def _nested(worth: Floats) -> tuple[list[Bools], NDArray[np.int64], NDArray[np.int64], tuple[slice, ...]]:
    """Sets from the inside out, the set around each, and the innermost set of each cell."""
    smooth = gaussian_filter(worth, SMOOTH_CELLS, mode="constant")
    sets: list[Bools] = []
    parent: list[int] = []
    of_cell = np.full(worth.shape, -1, dtype=np.int64)
    top, levels = of_cell.copy(), []
    for share in PARTS:
        level = np.quantile(smooth, 1 - share)
        numbers, count = label(smooth > max(level, 0.0), AROUND)
        fresh, first = top.copy(), len(sets)
        for number in range(1, count + 1):
            part = numbers == number
            inner = np.unique(top[part])
            for i in inner[inner >= 0]:
                parent[i] = len(sets)
            of_cell[part & (of_cell < 0)] = len(sets)
            fresh[part] = len(sets)
            sets.append(part)
            parent.append(-1)
        top = fresh
        levels.append(slice(first, len(sets)))
    return sets, np.array(parent, dtype=np.int64), of_cell, tuple(levels)
