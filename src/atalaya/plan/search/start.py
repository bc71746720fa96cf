"""The shortest flyable way from a sortie's start to its end: where every plan begins."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import NotFound
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.route import Router
from atalaya.plan.search.state import Score

Floats = NDArray[np.float64]
WIDE = 2.05
"""Sides of the loops home, in turn radii: two square turns fit."""


def ends(problem: SearchProblem, k: int) -> tuple[Floats, Floats]:
    """Start and end of sortie k in cells."""
    sortie = problem.sorties[k]
    both = problem.grid(np.array([sortie.start, sortie.end]))
    return both[0], both[1]


def finished(problem: SearchProblem, router: Router, k: int, line: Floats) -> list[Floats]:
    """Ways to fly home behind (n, 2) way points: straight, or by a bend to either side where that turns too hard."""
    _, end = ends(problem, k)
    last = line[-1]
    radius = problem.sorties[k].turn_radius_m / problem.cell_m
    before = line[-2] if len(line) > 1 else last - [1.0, 0.0]
    ahead = (last - before) / max(float(np.hypot(*(last - before))), 1e-9)
    side = np.array([-ahead[1], ahead[0]])
    ways = [np.zeros((0, 2))]
    for hand in (WIDE, -WIDE):
        ways.append(np.array([last + hand * radius * side]))
        out = last + WIDE * radius * ahead
        ways.append(np.array([out, out + hand * radius * side]))
        ways.append(
            np.array([out, out + hand * radius * side, last + hand * radius * side - WIDE * radius * ahead])
        )
    found = []
    for way in ways:
        turn = way[-1] if len(way) else last
        home = router.between(turn, end)
        if home is not None:
            found.append(np.vstack((line, way, home[1:] if not np.allclose(turn, end) else home[:0])))
    return found


def shortest(problem: SearchProblem, router: Router, score: Score, k: int) -> Floats:
    """(n, 2) way points in cells of a quick flight from start to end that fits the endurance.

    Raises:
        NotFound: SEA-004 there is none.
    """
    start, end = ends(problem, k)
    radius = problem.sorties[k].turn_radius_m / problem.cell_m
    best, least = None, np.inf
    starts = [np.array([start])]
    if np.hypot(*(end - start)) > 1e-6:
        direct = router.between(start, end)
        options = [] if direct is None else [direct]
    else:
        options = []
    for size in (1.1, 2.0):
        for bearing in np.arange(0, 360, 15.0):
            out = start + 2 * size * radius * np.array(
                [np.cos(np.radians(bearing)), np.sin(np.radians(bearing))]
            )
            starts.append(np.vstack((start, out)))
    if not options:
        options = [line for begun in starts[1:] for line in finished(problem, router, k, begun)]
    for line in options:
        seconds = score(k, line)[1]
        if seconds < least:
            best, least = line, seconds
    if best is None and len(options) == 1:
        for line in (line for begun in starts[1:] for line in finished(problem, router, k, begun)):
            seconds = score(k, line)[1]
            if seconds < least:
                best, least = line, seconds
    if best is None or least > score.facts[k, 4]:
        raise NotFound("SEA-004", where=f"sorties[{k}]", endurance=round(problem.sorties[k].endurance_s))
    return best
