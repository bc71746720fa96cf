"""How good a plan can be at the most, and what one more flight hour would be worth."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from atalaya.campaign.planning.scene import Scene
from atalaya.campaign.planning.sensor_use import look_ahead_m
from atalaya.campaign.planning.slots import Slot
from atalaya.plan.effort.charnes_cooper import allocate

STEPS, LEAST_STEPS = 200, 20
"""Of the descent to the bound: more tighten it a little."""


def limits(scene: Scene, slots: Sequence[Slot]) -> tuple[float, float]:
    """The most that any plan of these slots can expect to find, and the worth of one more hour.

    Every slot is given all its time and all ground that is open to any of them. Where sensors look straight
    down, the bound knows that ground must be reached to be seen; where they look forward it is that of effort
    spread freely.

    Returns:
        bound and price, both in facilities; NaN where there is no slot.
    """
    if not slots:
        return float("nan"), float("nan")
    from atalaya.plan.search.bound import path_bound

    flyable = np.logical_or.reduce([scene.flyable(slot) for slot in slots])
    sorties = tuple(
        replace(scene.sortie(slot), endurance_s=(slot.end_us - slot.start_us) / 1e6) for slot in slots
    )
    problem = scene.problem(scene.ground.map, flyable, sorties)
    downward = all(look_ahead_m(scene.uses[slot.fleet][0]) == 0.0 for slot in slots)
    found = path_bound(problem, steps=STEPS if downward else LEAST_STEPS)
    bound = found.finds if downward else found.plain
    worth = problem.worth[problem.worth > 0.0]
    if not worth.size:
        return 0.0, 0.0
    hours = sum(sortie.endurance_s for sortie in sorties) / 3600.0
    per_hour = np.mean([s.airspeed_ms * s.sweep_m for s in sorties]) * 3600.0 / problem.cell_m**2
    price = allocate(worth, np.full(worth.size, per_hour), hours).price
    return bound, float(np.max(price))
