"""Planning again from a plan's folder and the tracks of what was flown: what `atalaya plan replan` does."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atalaya.campaign.planning.campaign_file import read_campaign
from atalaya.campaign.planning.covered_files import write_covered
from atalaya.campaign.planning.flown import FlownSortie
from atalaya.campaign.planning.made_plan import MadePlan
from atalaya.campaign.planning.make import keep_plan, recorded_in
from atalaya.campaign.planning.prepare import prepared
from atalaya.campaign.planning.replan import Reported, beliefs_after, replan
from atalaya.campaign.planning.scene import Effort
from atalaya.campaign.planning.solve import Progress


@dataclass(frozen=True)
class PlannedAgain:
    """The new plan and what it rests on.

    Args:
        made: of what is left. flown: against what was planned. reports: with what they are worth.
        covered: share of the planned coverage that was flown.
    """

    made: MadePlan
    flown: tuple[FlownSortie, ...]
    reports: tuple[Reported, ...]
    covered: float

    def as_json(self) -> dict[str, Any]:
        """What is added to the plan's object."""
        return {
            "covered_share": round(self.covered, 4),
            "flown": [{"id": each.id, "share": round(each.share, 4)} for each in self.flown],
            "reports": [
                {"lon_deg": each.lon_deg, "lat_deg": each.lat_deg, "chance_real": round(each.chance_real, 5)}
                for each in self.reports
            ],
        }


def plan_again(
    file: Path,
    folder: Path,
    tracks: Mapping[str, Path],
    places: Sequence[tuple[float, float]],
    output: Path,
    *,
    formats: tuple[str, ...],
    false_alarms: float,
    known_us: int,
    workspace: Path | None,
    layers: tuple[str, ...],
    iterations: int,
    executor: Executor | None,
    tell: Callable[[str], None],
    progress: Progress | None,
    stop: Callable[[], bool] | None,
) -> PlannedAgain:
    """Weigh what was flown, plan what is left, write the new folder; the old one stays as it is.

    Args:
        folder: of the plan that was flown. tracks: sortie to track. places: reported, longitude and latitude.
        output: folder of the new plan. The others as `make_plan`.
    """
    request = read_campaign(file)
    recorded = recorded_in(workspace)
    scene, slots = prepared(request, recorded, known_us, root=workspace, layers=layers, tell=tell)
    reports = [Reported(lon, lat) for lon, lat in places]
    belief, flown, weighed = beliefs_after(scene, folder, tracks, reports, false_alarms=false_alarms)
    made = replan(
        scene,
        slots,
        belief,
        flown,
        Effort(iterations, executor),
        reports=weighed,
        stop=stop,
        progress=progress,
    )
    keep_plan(made, output, formats, workspace)
    return PlannedAgain(made, flown, weighed, write_covered(scene, flown, output))
