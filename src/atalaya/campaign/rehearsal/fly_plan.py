"""A whole plan flown on the range: every sortie's files, and `flown.json` that says what lies where."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.campaign.planning.flown import read_plan
from atalaya.campaign.planning.plan_read import ReadSortie, read_sorties
from atalaya.campaign.planning.request import CampaignRequest
from atalaya.campaign.rehearsal.fly import Tell, bring_home, faults_named, flown_sortie
from atalaya.campaign.rehearsal.world import World, write_world
from atalaya.store.workspace import written_whole

if TYPE_CHECKING:
    from atalaya.sim.camera import Renderer

SCHEMA = "atalaya.fly/1"
FLOWN_FILE = "flown.json"


def fly_plan(
    world: World,
    request: CampaignRequest,
    plan: Path,
    folder: Path,
    *,
    ids: Sequence[str] = (),
    tell: Tell = lambda _name, _share: None,
) -> tuple[dict[str, Any], list[AtalayaError]]:
    """Fly the sorties of a plan's folder; one that cannot be flown costs itself alone.

    Args:
        plan: what `atalaya plan` wrote for this campaign file. folder: to write to.
        ids: only these sorties; all when empty.

    Returns:
        The `atalaya.fly/1` object, and what stood against sorties that are missing in it.

    Raises:
        BadInput: RHS-004, the plan was made from another campaign file; RHS-003, no such fault.
        NotFound: PLN-012, PLN-005; AtalayaError: STO-005, the folder cannot be written.
    """
    faults_named(world.asked.faults)
    read = read_plan(plan)
    if read.get("campaign_sha256") != request.sha256:
        raise BadInput("RHS-004", where=str(plan))
    chosen = read_sorties(plan, tuple(ids))
    write_truth_of(world, folder)
    renderers: dict[str, Renderer] = {}
    sorties, errors = [], []
    for number, each in enumerate(chosen):
        try:
            sorties.append(_one(world, request, each, number, folder, renderers, tell))
        except AtalayaError as error:
            errors.append(error)
    flown = {
        "schema": SCHEMA,
        "campaign": request.name,
        "campaign_sha256": request.sha256,
        "seed": request.seed,
        "errors": world.asked.errors,
        "faults": list(world.asked.faults),
        "sites": {
            "facilities": sum(site.facility for site in world.scene.sites),
            "look_alikes": sum(not site.facility for site in world.scene.sites),
        },
        "sorties": sorties,
    }
    with written_whole(folder / FLOWN_FILE) as partial:
        partial.write_text(json.dumps(flown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return flown, errors


def write_truth_of(world: World, folder: Path) -> None:
    """Country and truth in the folder.

    Raises:
        AtalayaError: STO-005, they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_world(world, folder)
    except OSError as error:
        raise AtalayaError("STO-005", where=str(folder), detail=error.strerror or str(error)) from error


def read_flown(folder: Path) -> dict[str, Any]:
    """`flown.json` of a folder.

    Raises:
        NotFound: RHS-005, there is none; BadInput: RHS-006, it is none this program wrote.
    """
    path = folder / FLOWN_FILE
    if not path.is_file():
        raise NotFound("RHS-005", where=str(folder))
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["schema"] != SCHEMA or not isinstance(found["sorties"], list):
            raise ValueError(str(found.get("schema"))[:40])
    except (ValueError, KeyError, TypeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput("RHS-006", where=str(path), detail=str(error)[:120]) from error
    read: dict[str, Any] = found
    return read


def pictures_of(folder: Path, sortie: dict[str, Any]) -> list[Path]:
    """Recordings of a sortie that can be exploited: clips and photographs, not cubes."""
    shown = [clip for clip in sortie["clips"] if clip["kind"] != "cube"]
    return [folder / file for clip in shown for file in clip["files"]]


def _one(
    world: World,
    request: CampaignRequest,
    each: ReadSortie,
    number: int,
    folder: Path,
    renderers: "dict[str, Renderer]",
    tell: Tell,
) -> dict[str, Any]:
    flown = flown_sortie(world, request, each.sortie, number)
    return {**bring_home(world, request, flown, folder, renderers=renderers, tell=tell), "law": each.law}
