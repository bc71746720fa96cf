"""`atalaya plan upload|compare PLAN_FOLDER SORTIE`: a sortie into a vehicle, and what the vehicle holds."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from atalaya.base.errors import VerificationFailed
from atalaya.base.language import printable, say
from atalaya.cli.plan_export import AutopilotName, Folder, HeightsName, mission_options, warn
from atalaya.cli.plan_options import AsJson
from atalaya.cli.terrain_option import Dem, DemDatum

if TYPE_CHECKING:
    from atalaya.plan.exports import Difference, Mission

SortieId = Annotated[str, Parameter(help=say("cli.plan.upload.sortie"))]
Remote = Annotated[bool, Parameter(negative="", help=say("cli.plan.upload.remote"))]
Patient = Annotated[float, Parameter(help=say("cli.plan.upload.patience"))]

PARTS = ("mission", "fence")


def upload(
    folder: Folder,
    sortie: SortieId,
    /,
    *,
    to: Annotated[str, Parameter(help=say("cli.plan.upload.to"))],
    heights: HeightsName = "msl",
    dem: Dem = None,
    dem_datum: DemDatum = None,
    autopilot: AutopilotName = "generic",
    remote: Remote = False,
    no_compare: Annotated[bool, Parameter(negative="", help=say("cli.plan.upload.no_compare"))] = False,
    patience: Patient = 20.0,
    as_json: AsJson = False,
) -> int:
    """Upload and read back."""
    from atalaya.plan.exports.mavlink import Patience
    from atalaya.plan.exports.mavlink import upload as send

    mission = _mission(folder, sortie, heights, dem, dem_datum, autopilot)
    waits = Patience(vehicle_s=_waited(patience))
    # a fence left from an earlier flight is cleared where the plan has none; rally points stay
    send(to, mission, parts=PARTS, allow_remote=remote, patience=waits)
    found = None if no_compare else _held(to, mission, remote, waits)
    shown: dict[str, Any] = {
        "schema": "atalaya.plan-upload/1",
        "sortie": sortie,
        "endpoint": to,
        "items": len(mission.items),
        "fence_polygons": len(mission.fence.polygons),
        "compared": found is not None,
    }
    words = say(
        "plan.upload.sent", id=printable(sortie), items=len(mission.items), fence=len(mission.fence.polygons)
    )
    return _told(shown, [words], sortie, found, as_json)


def compare(
    folder: Folder,
    sortie: SortieId,
    /,
    *,
    vehicle: Annotated[str, Parameter(name="--with", help=say("cli.plan.upload.to"))],
    heights: HeightsName = "msl",
    dem: Dem = None,
    dem_datum: DemDatum = None,
    autopilot: AutopilotName = "generic",
    remote: Remote = False,
    patience: Patient = 20.0,
    as_json: AsJson = False,
) -> int:
    """Read a vehicle and compare."""
    from atalaya.plan.exports.mavlink import Patience

    mission = _mission(folder, sortie, heights, dem, dem_datum, autopilot)
    found = _held(vehicle, mission, remote, Patience(vehicle_s=_waited(patience)))
    shown: dict[str, Any] = {
        "schema": "atalaya.plan-compare/1",
        "sortie": sortie,
        "endpoint": vehicle,
        "items": len(mission.items),
    }
    return _told(shown, [], sortie, found, as_json)


def _mission(
    folder: Path, sortie: str, heights: str, dem: Path | None, datum: DemDatum, autopilot: str
) -> "Mission":
    from atalaya.campaign.planning.plan_read import read_sorties
    from atalaya.campaign.planning_verbs.sortie_exports import mission_for

    options = mission_options(heights, dem, datum, autopilot)
    found = read_sorties(folder, (sortie,))
    warn(found)
    return mission_for(found[0], options)


def _held(endpoint: str, mission: "Mission", remote: bool, patience: Any) -> "list[Difference]":
    from atalaya.plan.exports.mavlink import compare as compared
    from atalaya.plan.exports.mavlink import download

    held = download(endpoint, parts=PARTS, allow_remote=remote, home=mission.home, patience=patience)
    return compared(mission, held, parts=PARTS)


def _waited(patience: float) -> float:
    from atalaya.cli.guard import positive

    positive("--patience", patience)
    return patience


def _told(
    shown: dict[str, Any], words: list[str], sortie: str, found: "list[Difference] | None", as_json: bool
) -> int:
    """Print the outcome; differences end in the code of a failed verification.

    Raises:
        VerificationFailed: CLI-036, the vehicle holds something else.
    """
    differences = [(d.place, str(d.expected)[:80], str(d.found)[:80]) for d in found or ()]
    if as_json:
        listed = [{"place": p, "planned": a, "held": b} for p, a, b in differences]
        print(json.dumps({**shown, "equal": None if found is None else not found, "differences": listed}))
        return VerificationFailed.exit_code if differences else 0
    lines = [
        *words,
        *(say("plan.upload.difference", place=p, planned=a, held=b) for p, a, b in differences[:20]),
    ]
    if found is not None and not found:
        lines.append(say("plan.upload.equal", id=printable(sortie)))
    if lines:
        print("\n".join(lines))
    if differences:
        place, planned, held = differences[0]
        raise VerificationFailed(
            "CLI-036", where=sortie, count=len(differences), place=place, planned=planned, held=held
        )
    return 0
