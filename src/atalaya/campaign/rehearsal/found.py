"""Detections and sites of a rehearsal's recordings."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atalaya.base.errors import AtalayaError
from atalaya.campaign.detecting.detect import detect
from atalaya.campaign.detecting.footage import footage_named
from atalaya.campaign.detecting.tasks import tasks_named
from atalaya.campaign.locating.dossiers import dossiers_of
from atalaya.campaign.locating.located import Located, locate_sites
from atalaya.campaign.locating.prior import prior_of
from atalaya.campaign.locating.site_files import write_sites
from atalaya.campaign.locating.sought import sought_of
from atalaya.locate.dossier import Dossier
from atalaya.store.workspace import Workspace

EVERY = 10
"""Frames from one look of a network to the next: a rehearsal's clips are short and steady."""


@dataclass(frozen=True)
class Found:
    """What detectors and the filter made of recordings.

    Args:
        detected: results of recordings. located: sites and the map; None where nothing was looked at.
        dossiers: of the sites. errors: recordings that could not be worked on.
    """

    detected: Sequence[dict[str, Any]]
    located: Located | None
    dossiers: Sequence[Dossier]
    errors: list[AtalayaError]

    def as_json(self) -> dict[str, Any]:
        """In short; the whole lies in the workspace."""
        return {
            "detections": sum(each["detections"] for each in self.detected),
            "sites": len(self.dossiers),
            "likely": sum(each.p_facility >= 0.55 and not each.held_back for each in self.dossiers),
            "expected_undetected": None if self.located is None else round(self.located.after.expected, 4),
        }


def find_sites(workspace: Workspace, flown: Path, executor: Executor) -> Found:
    """Detect over every recording of a workspace and work out its sites; the files of both lie in it.

    Args:
        flown: folder of the flights, whose terrain model the recordings are placed on.

    Raises:
        AtalayaError: STO-005, the workspace cannot be written.
    """
    from atalaya.earth.terrain import Terrain

    with Terrain.open(flown / "country" / "terrain.tif") as terrain:
        footage, tasks = footage_named(workspace, ()), tasks_named((), EVERY)
        done = list(detect(footage, workspace, tasks, executor, surface=terrain))
    errors = [one.error for one in done if one.error is not None]
    detected = [one.result for one in done if one.result is not None]
    if not detected:
        return Found((), None, (), errors)
    located = locate_sites(workspace.root, prior_of(workspace.root), sought_of(workspace.root))
    dossiers = dossiers_of(located, workspace.root)
    write_sites(workspace, located, dossiers)
    return Found(detected, located, dossiers, [*errors, *located.errors])
