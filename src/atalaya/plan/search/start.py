"""The shortest flyable way from a sortie's start to its end: where every plan begins."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import NotFound
from atalaya.plan.search.kernels import ENDURANCE
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.route import Router
from atalaya.plan.search.state import Score

Floats = NDArray[np.float64]
WIDE = 2.05
"""Sides of the loops home, in turn radii: two square turns fit."""
SAME = 1e-6
BLOCKS, PLACES, APART = 24, 12, 2
NEXT_TO_NOTHING = 0.1
LEFT_OUT, CUTS = 6, 30


def ends(problem: SearchProblem, k: int) -> tuple[Floats, Floats]:
    """Start and end of sortie k in cells."""
    sortie = problem.sorties[k]
    both = problem.grid(np.array([sortie.start, sortie.end]))
    return both[0], both[1]


def finished(problem: SearchProblem, router: Router, k: int, line: Floats) -> Iterator[Floats]:
    """Ways to fly home behind (n, 2) way points: straight, then by bends for where that turns too hard."""
    _, end = ends(problem, k)
    last = line[-1]
    radius = WIDE * problem.sorties[k].turn_radius_m / problem.cell_m
    before = line[-2] if len(line) > 1 else last - [1.0, 0.0]
    ahead = radius * (last - before) / max(float(np.hypot(*(last - before))), 1e-9)
    side = np.array([-ahead[1], ahead[0]])
    for way in _bends(last, ahead, side):
        turn = way[-1] if len(way) else last
        home = router.between(turn, end)
        if home is not None:
            there = home[:1] if np.allclose(turn, end) else home
            yield np.vstack((line, way, there[1:]))


def _bends(last: Floats, ahead: Floats, side: Floats) -> Iterator[Floats]:
    """Way points of loops that turn back, none first; sides wide enough for two square turns."""
    yield np.zeros((0, 2))
    for hand in (side, -side):
        yield np.array([last + hand])
        yield np.array([last + ahead, last + ahead + hand])
        yield np.array([last + ahead, last + ahead + hand, last + hand - ahead])


def shortest(problem: SearchProblem, router: Router, score: Score, k: int) -> Floats:
    """(n, 2) way points in cells of the quickest plain flight from start to end.

    Straight (around closed cells), or out and around where start and end are one or that turns too hard.

    Raises:
        NotFound: SEA-004 there is none within the endurance.
    """
    start, end = ends(problem, k)
    lines = []
    if np.hypot(*(end - start)) > SAME:
        direct = router.between(start, end)
        lines = [] if direct is None else [direct]
    timed = [(score(k, line)[1], line) for line in lines]
    if not timed or timed[0][0] > score.facts[k, ENDURANCE]:
        radius = problem.sorties[k].turn_radius_m / problem.cell_m
        for size in (2.2, 4.0):
            for bearing in np.radians(np.arange(0, 360, 15.0)):
                out = start + size * radius * np.array([np.cos(bearing), np.sin(bearing)])
                begun = np.vstack((start, out))
                timed += [(score(k, line)[1], line) for line in finished(problem, router, k, begun)]
    seconds, best = min(timed, key=lambda item: item[0], default=(np.inf, np.zeros((0, 2))))
    if seconds > score.facts[k, ENDURANCE]:
        raise NotFound("SEA-004", where=f"sorties[{k}]", endurance=round(problem.sorties[k].endurance_s))
    return best


def toward_worth(problem: SearchProblem, router: Router, score: Score, k: int, plain: Floats) -> Floats:
    """A flight out to where most is left and home, where the plain one finds next to nothing; else that one.

    Changes of a path are small: where nothing near the base is worth a look, they would never leave it.
    """
    found = score(k, plain)[0]
    able = score.facts[k, ENDURANCE]
    start, _ = ends(problem, k)
    best, best_found = plain, found
    for place in _promising(score.ground.left.reshape(problem.shape)):
        there = router.between(start, place)
        if there is None:
            continue
        for whole in finished(problem, router, k, there):
            gained, seconds = score(k, whole)
            if seconds <= able:
                if gained > best_found:
                    best, best_found = whole, gained
                break
    return best if found < NEXT_TO_NOTHING * best_found else plain


def _promising(left: Floats) -> Iterator[Floats]:
    """Middles of the blocks with most left, each some blocks from those before, the best first."""
    size = max(1, int(np.ceil(max(left.shape) / BLOCKS)))
    rows, columns = (int(np.ceil(extent / size)) for extent in left.shape)
    padded = np.zeros((rows * size, columns * size))
    padded[: left.shape[0], : left.shape[1]] = left
    sums = padded.reshape(rows, size, columns, size).sum(axis=(1, 3))
    for _ in range(PLACES):
        row, column = np.unravel_index(int(np.argmax(sums)), sums.shape)
        if sums[row, column] <= 0:
            return
        yield np.minimum(
            (np.array([column, row]) + 0.5) * size, np.array([left.shape[1], left.shape[0]]) - 0.5
        )
        sums[max(0, row - APART) : row + APART + 1, max(0, column - APART) : column + APART + 1] = 0.0


def mended(problem: SearchProblem, router: Router, score: Score, k: int, path: Floats) -> Floats:
    """A path of an earlier plan, in cells, from the sortie's start to its end now, flyable in its endurance.

    Way points are left out at the beginning until the first turns fit, then at the end until the time does.

    Raises:
        NotFound: SEA-004 there is no flyable path at all.
    """
    start, end = ends(problem, k)
    able = score.facts[k, ENDURANCE]
    for first in range(1, min(len(path), LEFT_OUT)):
        whole = np.vstack((start, path[first:-1], end))
        seconds = score(k, whole)[1]
        if seconds <= able:
            return whole
        if np.isfinite(seconds):
            break
    for keep in np.linspace(len(path) - 1, first + 1, CUTS).astype(int):
        for whole in finished(problem, router, k, np.vstack((start, path[first:keep]))):
            if score(k, whole)[1] <= able:
                return whole
    return shortest(problem, router, score, k)
