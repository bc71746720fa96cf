"""Planning a campaign: paths that find most per hour, day after day, each held against every rule."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.base.language import figure, say
from atalaya.campaign.planning.confirm import Doubt, room_for, worth_orbiting
from atalaya.campaign.planning.left_out import left_out
from atalaya.campaign.planning.limits import limits
from atalaya.campaign.planning.made_plan import MadePlan, PlannedSortie, RefusedSortie
from atalaya.campaign.planning.routed import Orbits
from atalaya.campaign.planning.scene import Effort, Scene, closed_bases, sortie_id
from atalaya.campaign.planning.settle import settle
from atalaya.campaign.planning.slots import Slot
from atalaya.campaign.planning.stated_law import stated_ids
from atalaya.plan.search import SearchProblem, SearchSortie
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]
Progress = Callable[[float, float], None]
Stop = Callable[[], bool]

MOST_ORBITS = 10
"""Reported places one sortie makes sure of at most."""

TOGETHER = 3
"""So many sorties of a day are planned as one; more side by side, each on its share of the map."""


def solve(
    scene: Scene,
    slots: Sequence[Slot],
    effort: Effort,
    *,
    stop: Stop | None = None,
    progress: Progress | None = None,
    doubts: tuple[Doubt, ...] = (),
) -> MadePlan:
    """Plan every slot; what one sortie finds lowers the map for the next.

    Args:
        stop: asked often; True ends with what is planned so far.
        progress: told the share of slots planned and the finds so far.
        doubts: reported places to make sure of, by the first sortie that can, where that is worth its time.
    """
    bound, price = limits(scene, slots)
    waiting = list(doubts)
    belief, sorties, refused = scene.ground.map, list[PlannedSortie](), list[RefusedSortie]()
    complete, done = True, 0
    for group in _groups(scene, slots):
        if stop and stop():
            complete = False
            break
        belief = _plan_group(scene, group, belief, effort, stop, sorties, refused, (waiting, price))
        done += len(group)
        if progress:
            progress(done / len(slots), sum(each.sortie.expected_finds for each in sorties))
    return MadePlan(
        request=scene.request,
        sorties=tuple(sorted(sorties, key=lambda each: (int(each.sortie.path.t_us[0]), each.sortie.id))),
        refused=tuple(refused),
        left_out=left_out(scene, slots),
        before=scene.ground.map,
        after=belief,
        bound=bound,
        price=price,
        known_us=scene.law.known_us,
        stated=stated_ids(scene.request.statements),
        instruments=_instruments(scene),
        complete=complete,
        notes=_notes(scene),
    )


def _notes(scene: Scene) -> tuple[tuple[str, dict[str, str]], ...]:
    asked, used = scene.request.prior.cell_m, scene.ground.map.cell_m
    if scene.request.prior.map_file is None and used > asked:
        return (("cells", {"asked": figure(asked), "used": figure(used)}),)
    return ()


def _instruments(scene: Scene) -> dict[str, str]:
    rows = scene.law.register.as_known(scene.law.known_us, "authorisation")
    return {row.id: str(row.body.get("instrument", "")) for row in rows}


def _groups(scene: Scene, slots: Sequence[Slot]) -> list[list[Slot]]:
    """Slots of one day over the same open ground, planned together."""
    groups: list[list[Slot]] = []
    last: tuple[int, bytes] | None = None
    for slot in slots:
        key = (slot.day, scene.flyable(slot).tobytes())
        if key == last:
            groups[-1].append(slot)
        else:
            groups.append([slot])
        last = key
    return groups


def _plan_group(
    scene: Scene,
    group: Sequence[Slot],
    belief: SearchMap,
    effort: Effort,
    stop: Stop | None,
    sorties: list[PlannedSortie],
    refused: list[RefusedSortie],
    doubts: tuple[list[Doubt], float],
) -> SearchMap:
    """Plan some slots of a day; the map after them."""
    grounded = {slot: _grounded(scene, slot) for slot in group}
    refused += [
        RefusedSortie(sortie_id(slot), slot.day, (reason,), None)
        for slot, reason in grounded.items()
        if reason
    ]
    group = [slot for slot in group if not grounded[slot]]
    if not group:
        return belief
    wanted = tuple(scene.sortie(slot) for slot in group)
    problem = scene.problem(belief, scene.flyable(group[0]), wanted)
    seed = scene.request.seed + 7919 * group[0].day
    for slot, sortie, path in zip(group, wanted, _paths(problem, seed, effort, stop), strict=True):
        orbits = _orbits(scene, slot, sortie, *doubts)
        settled = settle(scene, slot, sortie, path, belief, effort, orbits)
        belief = settled.after
        if settled.planned is not None:
            sorties.append(settled.planned)
            for doubt in orbits.doubts:
                doubts[0].remove(doubt)
        if settled.refused is not None:
            refused.append(settled.refused)
    return belief


def _grounded(scene: Scene, slot: Slot) -> str:
    """Why a flight is not planned at all; "" where it may be."""
    if slot.idle:
        return say("plan.reason.no_time")
    names = ", ".join(closed_bases(scene, slot))
    return say("plan.reason.base_closed", base=names) if names else ""


def _orbits(scene: Scene, slot: Slot, sortie: SearchSortie, waiting: list[Doubt], price: float) -> Orbits:
    """The reported places that a flight makes sure of."""
    confirm = scene.uses[slot.fleet][1]
    worthy = worth_orbiting(tuple(waiting), confirm, sortie.turn_radius_m, price)
    flyable = scene.flyable(slot)
    able = [doubt for doubt in worthy if room_for(doubt, scene.ground, flyable, sortie.turn_radius_m)]
    return Orbits(tuple(able[:MOST_ORBITS]), confirm)


def _paths(problem: SearchProblem, seed: int, effort: Effort, stop: Stop | None) -> Sequence[Floats]:
    from atalaya.plan.search import plan_campaign, plan_from_starts

    count = len(problem.sorties)
    if count <= TOGETHER:
        return plan_from_starts(problem, seed=seed, iterations=effort.iterations * count, stop=stop).paths
    made = plan_campaign(
        problem,
        days=[list(range(count))],
        seed=seed,
        iterations=effort.iterations,
        executor=effort.executor,
        stop=stop,
    )
    return made.paths
