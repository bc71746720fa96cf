"""Planning a campaign: paths that find most per hour, day after day, each held against every rule."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.base.language import say
from atalaya.campaign.planning.left_out import left_out
from atalaya.campaign.planning.limits import limits
from atalaya.campaign.planning.made_plan import MadePlan, PlannedSortie, RefusedSortie
from atalaya.campaign.planning.scene import Effort, Scene, closed_bases, sortie_id
from atalaya.campaign.planning.settle import settle
from atalaya.campaign.planning.slots import Slot
from atalaya.campaign.planning.stated_law import stated_ids
from atalaya.plan.search import SearchProblem
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]
Progress = Callable[[float, float], None]
Stop = Callable[[], bool]

TOGETHER = 3
"""So many sorties of a day are planned as one; more side by side, each on its share of the map."""


def solve(
    scene: Scene,
    slots: Sequence[Slot],
    effort: Effort,
    *,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> MadePlan:
    """Plan every slot; what one sortie finds lowers the map for the next.

    Args:
        stop: asked often; True ends with what is planned so far.
        progress: told the share of slots planned and the finds so far.
    """
    belief, sorties, refused = scene.ground.map, list[PlannedSortie](), list[RefusedSortie]()
    complete, done = True, 0
    for group in _groups(scene, slots):
        if stop and stop():
            complete = False
            break
        belief = _plan_group(scene, group, belief, effort, stop, sorties, refused)
        done += len(group)
        if progress:
            progress(done / len(slots), sum(each.sortie.expected_finds for each in sorties))
    bound, price = limits(scene, slots)
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
    )


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
) -> SearchMap:
    """Plan some slots of a day; the map after them."""
    closed = [slot for slot in group if closed_bases(scene, slot)]
    for slot in closed:
        names = ", ".join(closed_bases(scene, slot))
        reason = say("plan.reason.base_closed", base=names)
        refused.append(RefusedSortie(sortie_id(slot), slot.day, (reason,), None))
    group = [slot for slot in group if slot not in closed]
    if not group:
        return belief
    wanted = tuple(scene.sortie(slot) for slot in group)
    problem = scene.problem(belief, scene.flyable(group[0]), wanted)
    seed = scene.request.seed + 7919 * group[0].day
    for slot, sortie, path in zip(group, wanted, _paths(problem, seed, effort, stop), strict=True):
        settled = settle(scene, slot, sortie, path, belief, effort)
        belief = settled.after
        if settled.planned is not None:
            sorties.append(settled.planned)
        if settled.refused is not None:
            refused.append(settled.refused)
    return belief


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
