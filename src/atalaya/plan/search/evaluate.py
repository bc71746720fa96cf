"""What paths are expected to find: the one scorer of every planner, apart from the planners' kernels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.track import FlownTrack, flown_track

Floats = NDArray[np.float64]
TOLERANCE = 1e-6
"""Seconds, or metres, that rounding may add."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What paths find, and whether they can be flown.

    Args:
        finds: facilities expected to be found by all sorties.
        per_sortie: (k,) float64, what each adds to those before it.
        time_s: (k,) float64, flight time of each.
        length_m: (k, rows, columns) float64, metres flown over each cell by each sortie.
        late: sorties whose time exceeds their endurance.
        outside: sorties that enter a cell that may not be overflown, or leave the map where they must not.
        sharp: sorties with a turn that does not fit between its legs.
    """

    finds: float
    per_sortie: Floats
    time_s: Floats
    length_m: Floats
    late: tuple[int, ...]
    outside: tuple[int, ...]
    sharp: tuple[int, ...]

    @property
    def flyable(self) -> bool:
        """Whether every sortie can be flown as it is."""
        return not (self.late or self.outside or self.sharp)

    @property
    def finds_per_hour(self) -> float:
        """Facilities expected per flight hour."""
        return self.finds / float(self.time_s.sum()) * 3600


def expected_finds(problem: SearchProblem, paths: Sequence[Floats]) -> Evaluation:
    """Score one path per sortie: (n, 2) way points, metres, from its start to its end.

    Every cell overflown is credited with the exact length flown over it, in transit and in turns too.

    Raises:
        BadInput: SEA-005 not one path per sortie, or one that does not begin and end where its sortie does.
    """
    if len(paths) != len(problem.sorties):
        raise BadInput("SEA-005", where="paths", detail=f"{len(paths)} / {len(problem.sorties)}")
    left = problem.worth
    found, seconds, lengths = [], [], []
    late, outside, sharp = [], [], []
    for k, (sortie, path) in enumerate(zip(problem.sorties, paths, strict=True)):
        _check_ends(k, problem, path)
        track = flown_track(sortie, path)
        length, beyond = lengths_in_cells(problem, track)
        share = np.exp(-problem.effectiveness * length * sortie.sweep_m / problem.cell_m**2)
        found.append(float((left * (1 - share)).sum()))
        left = left * share
        seconds.append(float(track.t_s[-1]))
        lengths.append(length)
        if track.t_s[-1] > sortie.endurance_s + TOLERANCE:
            late.append(k)
        if beyond or (length[~problem.flyable] > TOLERANCE).any() or arcs_leave(problem, track):
            outside.append(k)
        if track.overlap_m > TOLERANCE:
            sharp.append(k)
    return Evaluation(
        finds=float(sum(found)),
        per_sortie=np.array(found),
        time_s=np.array(seconds),
        length_m=np.array(lengths).reshape(-1, *problem.shape),
        late=tuple(late),
        outside=tuple(outside),
        sharp=tuple(sharp),
    )


def _check_ends(k: int, problem: SearchProblem, path: Floats) -> None:
    sortie = problem.sorties[k]
    if path.ndim != 2 or path.shape[1:] != (2,) or len(path) < 2 or not np.isfinite(path).all():
        raise BadInput("SEA-005", where=f"paths[{k}]", detail=f"shape {path.shape}")
    if np.abs(path[[0, -1]] - [sortie.start, sortie.end]).max() > 1e-3:
        raise BadInput("SEA-005", where=f"paths[{k}]", detail=f"{path[0]} .. {path[-1]}")


def lengths_in_cells(problem: SearchProblem, track: FlownTrack) -> tuple[Floats, bool]:
    """(rows, columns) metres flown over each cell (arcs by their own length), and whether the map is left."""
    cells, length = pieces(problem, problem.grid(np.column_stack((track.x_m, track.y_m))), track.stretch)
    rows, columns = problem.shape
    inside = (cells[:, 0] >= 0) & (cells[:, 0] < columns) & (cells[:, 1] >= 0) & (cells[:, 1] < rows)
    index = cells[inside, 1] * columns + cells[inside, 0]
    total = np.asarray(np.bincount(index, length[inside], rows * columns), dtype=np.float64)
    beyond = not problem.outside and bool((length[~inside] > TOLERANCE).any())
    return total.reshape(rows, columns), beyond


def arcs_leave(problem: SearchProblem, track: FlownTrack) -> bool:
    """Whether a turn's arc may touch a cell closed to it.

    The sliver between chords and tangents holds the arc and is thinner than a cell: a cell that reaches into
    it meets its edge, and the chords are looked at already.
    """
    if problem.flyable.all() and problem.outside:
        return False
    cells, length = pieces(problem, problem.grid(track.outer), None)
    rows, columns = problem.shape
    inside = (cells[:, 0] >= 0) & (cells[:, 0] < columns) & (cells[:, 1] >= 0) & (cells[:, 1] < rows)
    if not problem.outside and (length[~inside] > TOLERANCE).any():
        return True
    closed = ~problem.flyable[cells[inside, 1], cells[inside, 0]]
    return bool((length[inside][closed] > TOLERANCE).any())


def pieces(problem: SearchProblem, line: Floats, stretch: Floats | None) -> tuple[NDArray[np.int64], Floats]:
    """A (n, 2) line in cells, cut at every line of the grid: (m, 2) cell (east, south) and (m,) metres.

    Steps to or from NaN are left out.
    """
    step = np.diff(line, axis=0)
    size = np.hypot(step[:, 0], step[:, 1]) * problem.cell_m
    kept = np.flatnonzero(size > 0)
    at = [np.zeros(len(kept)), np.ones(len(kept))]
    of = [kept, kept]
    for axis in (0, 1):
        low = np.ceil(np.minimum(line[kept, axis], line[kept + 1, axis])).astype(np.int64)
        high = np.floor(np.maximum(line[kept, axis], line[kept + 1, axis])).astype(np.int64)
        count = np.where(step[kept, axis] != 0, np.maximum(high - low + 1, 0), 0)
        owner = np.repeat(np.arange(len(kept)), count)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        segment = kept[owner]
        at.append(np.clip((low[owner] + nth - line[segment, axis]) / step[segment, axis], 0, 1))
        of.append(segment)
    where, owner = np.concatenate(at), np.concatenate(of)
    order = np.lexsort((where, owner))
    where, owner = where[order], owner[order]
    same = owner[:-1] == owner[1:]
    begin, finish, segment = where[:-1][same], where[1:][same], owner[:-1][same]
    middle = line[segment] + ((begin + finish) / 2)[:, None] * step[segment]
    length = (finish - begin) * size[segment]
    if stretch is not None:
        length = length * stretch[segment]
    long = length > 0
    return np.floor(middle[long]).astype(np.int64), length[long]
