"""A whole plan flown on the range: every sortie's files, and `flown.json` that says what lies where."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.campaign.planning.flown import read_plan
from atalaya.campaign.planning.plan_read import ReadSortie, read_sorties
from atalaya.campaign.planning.request import CampaignRequest
from atalaya.campaign.rehearsal.flown_file import SCHEMA, known_flights, plan_sha256, write_flown
from atalaya.campaign.rehearsal.fly import Tell, bring_home, flown_sortie
from atalaya.campaign.rehearsal.world import World, write_world

if TYPE_CHECKING:
    from atalaya.sim.camera import Renderer


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

    A sortie flown alone gives the same bytes as one flown with the others. What the folder holds of the same
    plan already stays in it.

    Args:
        plan: what `atalaya plan` wrote for this campaign file. folder: to write to.
        ids: only these sorties; all when empty.

    Returns:
        The `atalaya.fly/1` object, and what stood against sorties that are missing in it.

    Raises:
        BadInput: RHS-004, the plan was made from another campaign file; RHS-011, flights of another plan lie
            in the folder.
        NotFound: PLN-012, PLN-005; AtalayaError: STO-005, the folder cannot be written.
    """
    read = read_plan(plan)
    if read.get("campaign_sha256") != request.sha256:
        raise BadInput("RHS-004", where=str(plan))
    before = known_flights(folder, request, plan)
    chosen = read_sorties(plan, tuple(ids))
    numbers = {each["id"]: number for number, each in enumerate(read["sorties"])}
    write_truth_of(world, folder)
    renderers: dict[str, Renderer] = {}
    sorties = {} if before is None else {each["id"]: each for each in before["sorties"]}
    errors = []
    for each in chosen:
        try:
            sorties[each.sortie.id] = _one(
                world, request, each, numbers[each.sortie.id], folder, renderers, tell
            )
        except AtalayaError as error:
            errors.append(error)
    flown = _flown(world, request, plan, [sorties[name] for name in numbers if name in sorties])
    write_flown(folder, flown)
    return flown, errors


def _flown(
    world: World, request: CampaignRequest, plan: Path, sorties: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "campaign": request.name,
        "campaign_sha256": request.sha256,
        "plan_sha256": plan_sha256(plan),
        "seed": request.seed,
        "errors": world.asked.errors,
        "faults": list(world.asked.faults),
        "sites": {
            "facilities": sum(site.facility for site in world.scene.sites),
            "look_alikes": sum(not site.facility for site in world.scene.sites),
        },
        "sorties": list(sorties),
    }


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
