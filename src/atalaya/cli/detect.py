"""`atalaya detect [FILE...]`: detectors over recordings; what they claim, where, what they examined."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from atalaya.base.errors import AtalayaError, NotFound, PartlyDone, Usage
from atalaya.base.language import say
from atalaya.cli.main import report
from atalaya.cli.plan_options import AsJson
from atalaya.cli.progress import Mode
from atalaya.cli.progress import progress as reporting
from atalaya.cli.terrain_option import Dem, DemDatum, open_terrain
from atalaya.cli.workspace_there import workspace_there
from atalaya.store.workspace import DEFAULT_WORKSPACE, Workspace

if TYPE_CHECKING:
    from atalaya.campaign.detecting.detect import Detected

Kind = Literal["EO", "IR"]


def detect(
    files: Annotated[list[str] | None, Parameter(help=say("cli.detect.files"), negative="")] = None,
    /,
    *,
    workspace: Annotated[
        Path, Parameter(help=say("cli.exploit.workspace"), env_var="ATALAYA_WORKSPACE")
    ] = DEFAULT_WORKSPACE,
    detector: Annotated[list[str] | None, Parameter(help=say("cli.detect.detector"), negative="")] = None,
    every: Annotated[int, Parameter(help=say("cli.detect.every"))] = 3,
    sensor: Annotated[Kind | None, Parameter(help=say("cli.detect.sensor"))] = None,
    list_detectors: Annotated[
        bool, Parameter(name="--list", negative="", help=say("cli.detect.list"))
    ] = False,
    library: Annotated[Path | None, Parameter(help=say("cli.detect.library"))] = None,
    gas: Annotated[Path | None, Parameter(help=say("cli.detect.gas"))] = None,
    cube_error: Annotated[float | None, Parameter(help=say("cli.detect.cube_error"))] = None,
    dem: Dem = None,
    dem_datum: DemDatum = None,
    workers: Annotated[int | None, Parameter(help=say("cli.exploit.workers"))] = None,
    progress: Annotated[Mode, Parameter(help=say("cli.progress"))] = "auto",
    as_json: AsJson = False,
) -> int:
    """Detect."""
    from atalaya.campaign.detecting.cubes.asked import asked
    from atalaya.campaign.detecting.detect import detect as detect_all
    from atalaya.campaign.detecting.footage import footage_named
    from atalaya.campaign.detecting.tasks import known_detectors, tasks_named
    from atalaya.campaign.executor import make_executor
    from atalaya.cli.guard import positive

    positive("--every", every)
    if list_detectors:
        _print_detectors(known_detectors(), as_json=as_json)
        return 0
    if cube_error is not None and not 0.0 < cube_error < math.inf:
        raise Usage("CLI-009", where="--cube-error", value=cube_error)
    tasks = tasks_named(detector or [], every)
    anomaly = any(task.detector.card.name == "anomaly" for task in tasks)
    cubes = asked(library, gas, anomaly=anomaly, error_m=cube_error)
    if not any(Path(name).is_file() for name in files or []):
        workspace_there(workspace)
    place = Workspace.open(workspace)
    footage = footage_named(place, files or [])
    terrain = open_terrain(dem, dem_datum)
    failed: list[AtalayaError] = []
    with make_executor(workers) as executor, reporting(progress, len(footage)) as reporter:
        for one in detect_all(
            footage, place, tasks, executor, surface=terrain, kind=sensor or "", cubes=cubes,
            progress=reporter.update,
        ):  # fmt: skip
            reporter.done(one.footage.name, {"type": "error" if one.error else "result"})
            _print(one, as_json=as_json)
            if one.error is not None:
                failed.append(one.error)
    if not failed:
        return 0
    return PartlyDone.exit_code if len(failed) < len(footage) else failed[0].exit_code


def _print(one: "Detected", *, as_json: bool) -> None:
    if one.result is None:
        report(one.error or NotFound("FTG-001"), as_json=as_json, file=one.footage.name)
        return
    if as_json:
        print(json.dumps(one.result, ensure_ascii=False), flush=True)
        return
    print("\n".join(detect_lines(one.result)), flush=True)


def detect_lines(result: Mapping[str, Any]) -> list[str]:
    """What came of one recording, for people."""
    cube = result.get("cube")
    row = "detect.row" if cube is None else "detect.cube_row"
    if cube is None:
        lines = [say("detect.clip", file=result["file"], sensor=result["sensor"], frames=result["frames"])]
    else:
        lines = [say("detect.cube", file=result["file"], **cube)]
    lines += [say("detect.about", code=f["code"], message=f["message"]) for f in result.get("findings", [])]
    for each in result["detectors"]:
        kinds = ", ".join(f"{name} {count}" for name, count in each["by_evidence"].items()) or "-"
        lines.append(say(row, detector=each["detector"], examined=each["examined"], kinds=kinds))
        lines += [say("detect.finding", code=f["code"], message=f["message"], count=f["count"])
                  for f in each["findings"]]  # fmt: skip
        if each["dropped"]:
            lines.append(say("detect.dropped", count=each["dropped"]))
    if cube is not None:
        lines.append(say("detect.scores", file=result["scores"]["file"]))
    if not result["detectors"]:
        lines.append(say("detect.no_detector"))
        lines += [say(f"detect.unsuited.{why}", detector=name, sensor=result["sensor"])
                  for name, why in result.get("unsuited", {}).items()]  # fmt: skip
    return lines


def _print_detectors(known: Mapping[str, Any], *, as_json: bool) -> None:
    rows = [
        {
            "name": name,
            "id": card.id,
            "sensors": list(card.kinds),
            "evidence": sorted({one.evidence for one in card.classes if one.evidence}),
            "intended": card.intended,
        }
        for name, card in known.items()
    ]
    if as_json:
        print(json.dumps({"schema": "atalaya.detectors/1", "detectors": rows}, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row['id']:<24} {'/'.join(row['sensors']):<8} {', '.join(row['evidence'])}")
        print(f"  {row['intended']}")
