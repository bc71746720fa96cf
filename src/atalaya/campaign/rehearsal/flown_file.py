"""`flown.json`: what a folder of flights on the range holds, read back and checked."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from atalaya.base.errors import BadInput, NotFound
from atalaya.base.hashing import sha256_file
from atalaya.campaign.planning.request import CampaignRequest
from atalaya.store.workspace import written_whole

SCHEMA = "atalaya.fly/1"
FLOWN_FILE = "flown.json"

_SORTIE_TEXTS = ("id", "aircraft", "operator_state", "start", "end")


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
        if found["schema"] != SCHEMA:
            raise ValueError(str(found["schema"])[:40])
        for sortie in found["sorties"]:
            _check(sortie)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        detail = f"{type(error).__name__} {error}"[:120]
        raise BadInput("RHS-006", where=str(path), detail=detail) from error
    read: dict[str, Any] = found
    return read


def write_flown(folder: Path, flown: Mapping[str, Any]) -> None:
    """Write it, whole or not at all.

    Raises:
        AtalayaError: STO-005.
    """
    with written_whole(folder / FLOWN_FILE) as partial:
        partial.write_text(json.dumps(flown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def known_flights(folder: Path, request: CampaignRequest, plan: Path) -> dict[str, Any] | None:
    """What was flown into a folder before, from the same campaign file and plan; None where nothing was.

    Args:
        plan: its folder, or its file.

    Raises:
        BadInput: RHS-006, `flown.json` is damaged; RHS-011, other flights lie there.
    """
    if not (folder / FLOWN_FILE).is_file():
        return None
    known = read_flown(folder)
    same = known.get("campaign_sha256") == request.sha256
    if not same or known.get("plan_sha256") not in (None, plan_sha256(plan)):
        raise BadInput("RHS-011", where=str(folder))
    return known


def plan_sha256(plan: Path) -> str | None:
    """Of `plan.json`; None where there is none."""
    path = plan / "plan.json" if plan.is_dir() else plan
    return sha256_file(path) if path.is_file() else None


def pictures_of(folder: Path, sortie: Mapping[str, Any]) -> list[Path]:
    """Recordings of a sortie that can be exploited: clips and photographs, not cubes."""
    shown = [clip for clip in sortie["clips"] if clip["kind"] != "cube"]
    return [folder / file for clip in shown for file in clip["files"]]


def files_of(sortie: Mapping[str, Any]) -> list[str]:
    """Everything a sortie left in its folder, and the truth about its clips and photographs."""
    taken = [str(name) for clip in sortie["clips"] for name in clip["files"]]
    shown = [clip for clip in sortie["clips"] if clip["kind"] != "cube" and clip["files"]]
    return [*map(str, sortie["files"].values()), *taken, *map(truth_of, shown)]


def truth_of(clip: Mapping[str, Any]) -> str:
    """File of the truth about a clip; photographs of a stretch share a table."""
    first = PurePosixPath(str(clip["files"][0])).stem
    # `<name>-001.jpg` belongs to `<name>.parquet`
    return f"truth/{first if clip['kind'] == 'video' else first.rpartition('-')[0]}.parquet"


def _check(sortie: Mapping[str, Any]) -> None:
    for key in _SORTIE_TEXTS:
        if not isinstance(sortie[key], str):
            raise TypeError(key)
    float(sortie["video_s"])
    for clip in sortie["clips"]:
        if not isinstance(clip["faults"], list) or not isinstance(clip["files"], list):
            raise TypeError("faults, files")
    if not all(isinstance(kind, str) for kind in sortie["sensors"]):
        raise TypeError("sensors")
    for needed in ("track", "looks"):
        str(sortie["files"][needed])
    for name in files_of(sortie):
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
            raise ValueError(name[:60])
