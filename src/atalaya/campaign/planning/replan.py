"""Planning again after flights: what was seen and not seen changes the map, gaps are flown again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.confirm import Doubt
from atalaya.campaign.planning.credit import credited
from atalaya.campaign.planning.flown import FlownSortie, flown_sortie, planned_sortie, read_plan
from atalaya.campaign.planning.made_plan import MadePlan
from atalaya.campaign.planning.scene import Effort, Scene
from atalaya.campaign.planning.slots import Slot
from atalaya.campaign.planning.solve import Progress, solve
from atalaya.campaign.sorties import one_track
from atalaya.sensing.map_geotiff import read_search_map
from atalaya.sensing.search_map import SearchMap
from atalaya.sensing.update import after_report

Floats = NDArray[np.float64]

FALSE_ALARMS = 0.02
"""False reports per look of a cell, where nobody states them."""


@dataclass(frozen=True)
class Reported:
    """A place somebody reported in a look.

    Args:
        lon_deg, lat_deg: WGS 84. chance_real: that it is a facility and not a false alarm, after the look.
    """

    lon_deg: float
    lat_deg: float
    chance_real: float = float("nan")


@dataclass(frozen=True)
class Replanned:
    """A new plan, and what it rests on.

    Args:
        made: the plan of what is left of the campaign.
        flown: sorties that were flown, against what was planned.
        reports: places reported, with what they are worth.
        belief: the map after the flights, before the new plan.
    """

    made: MadePlan
    flown: tuple[FlownSortie, ...]
    reports: tuple[Reported, ...]
    belief: SearchMap


def beliefs_after(
    scene: Scene,
    folder: Path,
    tracks: Mapping[str, Path],
    reports: Sequence[Reported],
    *,
    false_alarms: float = FALSE_ALARMS,
    tolerance_m: float | None = None,
) -> tuple[SearchMap, tuple[FlownSortie, ...], tuple[Reported, ...]]:
    """The map after flights of a plan: looks without a find thin it, reports are weighed.

    Args:
        folder: of the plan that was flown.
        tracks: sortie to the file of its track.
        reports: places reported in these flights.
        false_alarms: expected false reports per look of a cell.
        tolerance_m: how far beside a leg still counts; None for three times the stated off-track distance.

    Raises:
        NotFound: PLN-005, PLN-012. BadInput: PLN-013, PLN-014, and what reading a track raises.
    """
    plan = read_plan(folder)
    belief = _before(folder, scene)
    beside_m = 3.0 * scene.request.off_track_m if tolerance_m is None else tolerance_m
    flown = []
    for sortie_id, file in tracks.items():
        planned = planned_sortie(plan, sortie_id)
        flown.append(flown_sortie(planned, one_track(file, None), scene.ground, beside_m))
    flown.sort(key=lambda each: each.end_us)
    seen = np.zeros(belief.rate.shape)
    for each in flown:
        seen += each.covered
    weighed = tuple(_weighed(scene, belief, report, seen, false_alarms) for report in reports)
    for each in flown:
        belief = credited(belief, each.covered)
    return belief, tuple(flown), weighed


def replan(
    scene: Scene,
    slots: Sequence[Slot],
    belief: SearchMap,
    flown: Sequence[FlownSortie],
    effort: Effort,
    *,
    reports: Sequence[Reported] = (),
    stop: Callable[[], bool] | None = None,
    progress: Progress | None = None,
) -> MadePlan:
    """Plan what is left: slots that were not flown and begin after the last flight ended.

    Reported places are made sure of by the first sortie that can, where that is worth its time.
    """
    from atalaya.campaign.planning.scene import sortie_id

    done = {each.id for each in flown}
    last_us = max((each.end_us for each in flown), default=0)
    left = [slot for slot in slots if sortie_id(slot) not in done and slot.start_us >= last_us]
    ground = replace(scene.ground, map=belief)
    doubts = tuple(Doubt(each.lon_deg, each.lat_deg, each.chance_real) for each in reports)
    return solve(replace(scene, ground=ground), left, effort, stop=stop, progress=progress, doubts=doubts)


def _before(folder: Path, scene: Scene) -> SearchMap:
    found = read_search_map(folder / "before.tif")
    if found.rate.shape != scene.ground.map.rate.shape or found.crs != scene.ground.map.crs:
        raise BadInput("PLN-014", where=str(folder / "before.tif"))
    return found


def _weighed(
    scene: Scene, belief: SearchMap, report: Reported, seen: Floats, false_alarms: float
) -> Reported:
    columns, rows = scene.ground.grid.grid.cells(np.array([report.lon_deg]), np.array([report.lat_deg]))
    row, column = int(np.rint(rows[0])), int(np.rint(columns[0]))
    inside = 0 <= row < seen.shape[0] and 0 <= column < seen.shape[1]
    chance = float(-np.expm1(-seen[row, column])) if inside else 0.0
    if not inside or chance <= 0.0:
        raise BadInput("PLN-015", where=f"{report.lat_deg}, {report.lon_deg}")
    worth = after_report(belief, (row, column), chance=chance, false_alarms=false_alarms)
    return replace(report, chance_real=worth.chance_real)
