"""One sortie flown on paper until every rule is kept: ground in its way is closed, its time is cut."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from atalaya.base.errors import NotFound
from atalaya.base.language import figure, say
from atalaya.campaign.planning.asked_sorties import ask_path, barred_us
from atalaya.campaign.planning.credit import coverage, credited, searched
from atalaya.campaign.planning.left_out import outline
from atalaya.campaign.planning.made_plan import PlannedSortie, RefusedSortie
from atalaya.campaign.planning.routed import (
    GENTLE_DEG,
    NO_ORBITS,
    Orbits,
    Routed,
    as_told,
    lines_conflicts,
    routed,
)
from atalaya.campaign.planning.scene import Effort, Scene, sortie_id
from atalaya.campaign.planning.sensor_use import look_ahead_m
from atalaya.campaign.planning.slots import Slot
from atalaya.campaign.planning.verdict_words import verdict_lines
from atalaya.law.gate import Answer, Verdict
from atalaya.plan.airspace import ConflictTerm
from atalaya.plan.flight.fuel import reserve_of
from atalaya.plan.search import SearchProblem, SearchSortie, expected_finds, flown_track
from atalaya.plan.sortie import Sortie
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ATTEMPTS = 8
SHORTER = 0.985
"""What is left of a sortie's time when its flight on paper took too long or too much fuel."""

LEAST_FINDS = 1e-9
"""A sortie expected to find less than this is not flown."""

AROUND_CELLS = 2
"""Cells about a place that is closed on paper which are closed with it: turns drift."""

WHERE = frozenset(
    {ConflictTerm.KEEP_OUT, ConflictTerm.KEEP_IN, ConflictTerm.TERRAIN, ConflictTerm.TERRAIN_UNKNOWN}
)
"""Conflicts that other ground avoids."""


@dataclass(frozen=True)
class Settled:
    """A sortie that keeps every rule and the map after it; or why there is none."""

    planned: PlannedSortie | None
    refused: RefusedSortie | None
    after: SearchMap


def settle(
    scene: Scene,
    slot: Slot,
    wanted: SearchSortie,
    path: Floats,
    belief: SearchMap,
    effort: Effort,
    orbits: Orbits = NO_ORBITS,
) -> Settled:
    """Fly a path on paper; where a rule is not kept, plan it anew without that ground or with less time.

    Args:
        path: (n, 2) metres, to begin with.
        belief: the map before this sortie.
        orbits: reported places to make sure of on the way.
    """
    flyable = scene.flyable(slot).copy()
    if _stays(path):
        nothing = RefusedSortie(sortie_id(slot), slot.day, (say("plan.reason.nothing"),), None)
        return Settled(None, nothing, belief)
    flown, answer = _on_paper(scene, slot, path, flyable, orbits)
    reasons: dict[str, None] = {}
    for _ in range(ATTEMPTS):
        late_s = flown.path.duration_s - (slot.end_us - slot.start_us) / 1e6
        against = _against(flown, answer, late_s)
        if not against:
            if answer.verdict is Verdict.REFUSED:
                reasons |= dict.fromkeys(line.strip() for line in verdict_lines(answer)[1:])
                break
            kept = _kept(scene, slot, flown, answer, belief)
            finds = 0.0 if kept.planned is None else kept.planned.sortie.expected_finds
            if finds > LEAST_FINDS or orbits.doubts:
                return kept
            reasons[say("plan.reason.nothing")] = None
            break
        reasons |= dict.fromkeys(against)
        closed = _closed(scene, flown, answer, flyable)
        spent = any(each.term is ConflictTerm.FUEL for each in flown.conflicts)
        if not closed.any() and late_s <= 0.0 and not spent:
            break
        if late_s > 0.0 or spent:
            wanted = replace(
                wanted, endurance_s=float(flown_track(wanted, path).t_s[-1]) * _shorter(slot, flown)
            )
        flyable &= ~closed
        problem = scene.problem(belief, flyable, (wanted,))
        found = (
            _again(problem, path, scene.request.seed, effort) if closed.any() else shortened(problem, path)
        )
        if found is None or _stays(found):
            break
        path = found
        flown, answer = _on_paper(scene, slot, path, flyable, orbits)
    return Settled(None, RefusedSortie(sortie_id(slot), slot.day, tuple(reasons), answer), belief)


def _against(flown: Routed, answer: Answer, late_s: float) -> list[str]:
    """What stands against a flight on paper, for people; nothing where it keeps every rule."""
    found = [conflict.message for conflict in flown.conflicts]
    if late_s > 0.0:
        found.append(say("plan.reason.late", minutes=figure(late_s / 60.0)))
    if barred_us(answer):
        found.append(say("plan.reason.law"))
    return found


def shortened(problem: SearchProblem, path: Floats) -> Floats | None:
    """The longest beginning of a path from which one is still home in time, by a way that may be flown."""
    for kept in range(len(path) - 1, 0, -1):
        shorter = np.vstack((path[:kept], path[-1:]))
        if len(shorter) < 3:
            return None
        if not _turns_back(shorter) and expected_finds(problem, [shorter]).flyable:
            return shorter
    return None


def _stays(path: Floats) -> bool:
    """Whether a path never leaves its base: in its time no ground can be reached."""
    return float(np.hypot(*np.diff(path, axis=0).T).sum()) < 1.0


def _turns_back(path: Floats) -> bool:
    """Whether some corner turns right round on the spot: no arc rounds it."""
    legs = np.diff(path, axis=0)
    across = legs[:-1, 0] * legs[1:, 1] - legs[:-1, 1] * legs[1:, 0]
    along = np.sum(legs[:-1] * legs[1:], axis=1)
    return bool(np.any((along <= 0.0) & (np.abs(across) <= 1e-6 * np.abs(along))))


def _again(problem: SearchProblem, path: Floats, seed: int, effort: Effort) -> Floats | None:
    """A path planned anew from one that met closed ground; None where no way home is left."""
    from atalaya.plan.search import plan_paths, pruned

    try:
        found = plan_paths(problem, seed=seed, iterations=effort.iterations, warm=[path]).paths
        return pruned(problem, found)[0]
    except NotFound:
        return None


def _on_paper(
    scene: Scene, slot: Slot, path: Floats, flyable: Bools, orbits: Orbits
) -> tuple[Routed, Answer]:
    """The path flown on paper, and the lines an autopilot is told; gentler corners where they need it."""
    fleet = scene.request.fleets[slot.fleet]
    flight = replace(scene.flights[slot.fleet], airframe=slot.aircraft)
    off_track_m, name = scene.request.off_track_m, sortie_id(slot)
    for gentle_deg in GENTLE_DEG:
        flown = routed(
            path,
            scene.request,
            fleet,
            scene.uses[slot.fleet][0],
            scene.ground,
            scene.asked & flyable,
            scene.airspace,
            slot.start_us,
            fleet.platform.tank.capacity,
            orbits,
            gentle_deg,
        )
        answer = ask_path(flown.path, flight, scene.law, off_track_m, name)
        if flown.conflicts or barred_us(answer):
            return flown, answer
        told = lines_conflicts(flown, scene.request, fleet, scene.airspace)
        lines = ask_path(as_told(flown), flight, scene.law, off_track_m, name)
        if not told and not barred_us(lines):
            return flown, answer
    return replace(flown, conflicts=told), lines


def _shorter(slot: Slot, flown: Routed) -> float:
    """What share of its time a sortie keeps."""
    wanted_s = (slot.end_us - slot.start_us) / 1e6
    ratio = min(wanted_s / max(flown.path.duration_s, 1.0), 1.0)
    for conflict in flown.conflicts:
        if conflict.term is ConflictTerm.FUEL:
            used = float(flown.path.fuel[0] - conflict.least)
            ratio = min(ratio, float(flown.path.fuel[0] - conflict.asked) / max(used, 1e-9))
    return ratio * SHORTER


def _closed(scene: Scene, flown: Routed, answer: Answer, flyable: Bools) -> Bools:
    """Cells passed over where a rule or the law stands against it."""
    times = [*barred_us(answer)]
    times += [(each.start.t_us, each.end.t_us) for each in flown.conflicts if each.term in WHERE]
    closed: Bools = np.zeros(flyable.shape, np.bool_)
    path, grid = flown.path, scene.ground.grid.grid
    for start_us, end_us in times:
        at = np.linspace(start_us, end_us, max(2, int((end_us - start_us) / 2e6)))
        lon = np.interp(at, path.t_us, path.lon_deg)
        lat = np.interp(at, path.t_us, path.lat_deg)
        columns, rows = grid.cells(lon, lat)
        row, column = np.rint(rows).astype(int), np.rint(columns).astype(int)
        inside = (row >= 0) & (column >= 0) & (row < flyable.shape[0]) & (column < flyable.shape[1])
        closed[row[inside], column[inside]] = True
    if not closed.any():
        return closed
    around: Bools = binary_dilation(closed, iterations=AROUND_CELLS)
    return around & flyable & ~_bases(scene, flyable.shape)


def _bases(scene: Scene, shape: tuple[int, int]) -> Bools:
    """Cells of bases: they are never closed on the way, or nothing could start."""
    found = np.zeros(shape, np.bool_)
    for base in scene.request.bases.values():
        columns, rows = scene.ground.grid.grid.cells(np.array([base.lon_deg]), np.array([base.lat_deg]))
        found[int(np.rint(rows[0])), int(np.rint(columns[0]))] = True
    return found


def _kept(scene: Scene, slot: Slot, flown: Routed, answer: Answer, belief: SearchMap) -> Settled:
    fleet = scene.request.fleets[slot.fleet]
    cue, confirm = scene.uses[slot.fleet]
    on = searched(flown.path, flown.waypoints)
    covered = coverage(
        scene.ground, flown.path.lon_deg, flown.path.lat_deg, on, cue.sweep_width_m, look_ahead_m(cue)
    )
    after = credited(belief, np.where(scene.flyable(slot), covered, 0.0))
    sortie = Sortie(
        sortie_id(slot),
        fleet.platform.name,
        slot.aircraft,
        fleet.base,
        fleet.recovery,
        flown.waypoints,
        flown.path,
        belief.expected - after.expected,
    )
    tank = fleet.platform.tank
    reserve = reserve_of(tank, tank.capacity)
    left = float(flown.path.fuel[-1])
    area = outline(scene.flyable(slot), scene.ground)
    planned = PlannedSortie(
        sortie, slot.fleet, slot.day, cue, confirm, answer, area, tank.capacity, left, reserve
    )
    return Settled(planned, None, after)
