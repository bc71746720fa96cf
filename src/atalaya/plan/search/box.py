"""The peer to beat: the best box flown as a lawnmower."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from atalaya.plan.search.kernels import ENDURANCE
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.route import Router
from atalaya.plan.search.start import ends, finished, shortest
from atalaya.plan.search.state import Score

Floats = NDArray[np.float64]
HEADINGS_DEG = (0.0, 22.5, 45.0, 67.5, 90.0, 112.5, 135.0, 157.5)
SPACINGS = (0.7, 1.0, 1.5, 2.2)
ASPECTS = (0.3, 0.6, 1.0, 1.8, 3.5)
PEAKS = 6


@dataclass(frozen=True, slots=True)
class Box:
    """Parallel lines, in cells: middle (u, v), bearing of the lines, their length, spacing and number."""

    u: float
    v: float
    bearing_deg: float
    length: float
    spacing: float
    lines: int


def best_box(
    problem: SearchProblem,
    *,
    seed: int = 0,
    climbs: int = 150,
    headings_deg: Sequence[float] = HEADINGS_DEG,
) -> tuple[Floats, ...]:
    """One box of parallel lines per sortie, metres; position, size, heading and spacing tuned.

    A scan of places, headings, aspects and spacings, then `climbs` random improvements of the best few; each
    box has as many lines as the endurance allows. Lines closer than a turn are flown in racetrack order.
    Boxes that cannot be flown (airspace, turns) do not count.

    Raises:
        NotFound: SEA-004 a sortie cannot even fly from its start to its end.
    """
    score, paths, rng = Score.of(problem), [], np.random.default_rng(seed)
    router = Router(score.ground)
    for k in range(len(problem.sorties)):
        plain = shortest(problem, router, score, k)
        value, line = max(
            _scanned(problem, router, score, k, rng, climbs, headings_deg), key=lambda found: found[0]
        )
        chosen = line if value > score(k, plain)[0] else plain
        score.take(k, chosen)
        paths.append(problem.metres(chosen))
    return tuple(paths)


def _scanned(
    problem: SearchProblem,
    router: Router,
    score: Score,
    k: int,
    rng: np.random.Generator,
    climbs: int,
    headings_deg: Sequence[float],
) -> list[tuple[float, Floats]]:
    reach = score.reach(k)
    tried = []
    for place in _peaks(problem, score, reach):
        for bearing in headings_deg:
            for spacing in SPACINGS:
                for aspect in ASPECTS:
                    length = np.clip(np.sqrt(0.6 * reach * spacing * aspect), 2.0, max(problem.shape))
                    box = Box(float(place[0]), float(place[1]), float(bearing), float(length), spacing, 1)
                    box = replace(box, lines=max(1, int(0.7 * reach / (length + spacing))))
                    tried.append(_filled(problem, router, score, k, box))
    tried.sort(key=lambda item: -item[0])
    return [_climbed(problem, router, score, k, item, rng, climbs) for item in tried[:4]]


def _peaks(problem: SearchProblem, score: Score, reach: float) -> list[Floats]:
    """Where the mean of what is left is greatest, at three sizes of box."""
    left = score.ground.left.reshape(problem.shape)
    places = []
    for share in (0.25, 0.5, 1.0):
        smooth = uniform_filter(left, max(3, int(np.sqrt(0.6 * reach * share))), mode="constant")
        for _ in range(PEAKS // 3):
            r, c = np.unravel_index(int(np.argmax(smooth)), smooth.shape)
            places.append(np.array([c + 0.5, r + 0.5]))
            apart = np.hypot(*np.ogrid[-r : smooth.shape[0] - r, -c : smooth.shape[1] - c])
            smooth[apart < 0.15 * max(smooth.shape)] = -1
    return places


def _climbed(
    problem: SearchProblem, router: Router, score: Score, k: int,
    begun: tuple[float, Floats, Box], rng: np.random.Generator, climbs: int,
) -> tuple[float, Floats]:  # fmt: skip
    value, line, box = begun
    for i in range(climbs):
        step = 3.0 * 0.1 ** (i / climbs)
        moved = replace(
            box,
            u=box.u + step * rng.normal(),
            v=box.v + step * rng.normal(),
            bearing_deg=box.bearing_deg + 8 * step * rng.normal(),
            length=max(1.0, box.length * np.exp(0.1 * step * rng.normal())),
            spacing=max(0.3, box.spacing * np.exp(0.1 * step * rng.normal())),
        )
        better, changed, moved = _filled(problem, router, score, k, moved)
        if better > value:
            value, line, box = better, changed, moved
    return value, line


def _filled(
    problem: SearchProblem, router: Router, score: Score, k: int, box: Box
) -> tuple[float, Floats, Box]:
    """Finds and way points of the box with as many lines as can be flown in time, begun at its number."""
    count, step = max(1, box.lines), 1
    line, best = _flown(problem, router, score, k, replace(box, lines=count))
    rising = best >= 0
    while best < 0 and count > 1:
        count, step = max(1, count - step), 2 * step
        line, best = _flown(problem, router, score, k, replace(box, lines=count))
    step = 1 if rising else step // 2
    while step >= 1 and best >= 0:
        longer, value = _flown(problem, router, score, k, replace(box, lines=count + step))
        if value >= 0:
            count, line, best = count + step, longer, value
        rising = rising and value >= 0
        step = 2 * step if rising else step // 2
    return best, line, replace(box, lines=count)


def _flown(problem: SearchProblem, router: Router, score: Score, k: int, box: Box) -> tuple[Floats, float]:
    """The box with its way there and home; value -1 where it cannot be flown in time."""
    start, _ = ends(problem, k)
    corners = line_ends(box, problem.sorties[k].turn_radius_m / problem.cell_m)
    if np.hypot(*np.diff(corners, axis=0).T).sum() > 1.5 * score.reach(k):
        return corners, -1.0
    way = router.around(np.vstack((start, corners)))
    if way is None:
        return corners, -1.0
    for whole in finished(problem, router, k, way):
        found, seconds = score(k, whole)
        if seconds <= score.facts[k, ENDURANCE]:
            return whole, found
        if np.isfinite(seconds):
            break
    return corners, -1.0


def line_ends(box: Box, radius: float) -> Floats:
    """(2 lines, 2) ends of the lines in the order flown, cells; turns of `radius` fit between them."""
    along = np.array([np.sin(np.radians(box.bearing_deg)), -np.cos(np.radians(box.bearing_deg))])
    across = np.array([-along[1], along[0]])
    order = racetrack(box.lines, int(np.ceil(2 * radius / box.spacing - 1e-9)))
    offset = (np.array(order) - (box.lines - 1) / 2) * box.spacing
    hand = np.where(np.arange(len(order)) % 2 == 0, -1.0, 1.0) * box.length / 2
    middle = np.array([box.u, box.v]) + offset[:, None] * across
    near, far = middle + hand[:, None] * along, middle - hand[:, None] * along
    return np.stack((near, far), axis=1).reshape(-1, 2)


@lru_cache(maxsize=4096)
def racetrack(lines: int, apart: int) -> list[int]:
    """An order of 0 .. lines - 1 with steps of at least `apart`; lines that fit nowhere are left out."""
    if apart <= 1:
        return list(range(lines))
    left, order = list(range(1, lines)), [0]
    while True:
        may = [line for line in left if abs(line - order[-1]) >= apart]
        if not may:
            return order
        nearest = min(
            may, key=lambda line: (line if line < order[-1] else line - apart, abs(line - order[-1]))
        )
        order.append(nearest)
        left.remove(nearest)
