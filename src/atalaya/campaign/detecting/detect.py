"""Detect over the recordings of a workspace; one that cannot be read costs itself alone."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.base.finding import merged
from atalaya.campaign.cameras import image_size
from atalaya.campaign.detecting.coverage import coverage_schema, coverage_table
from atalaya.campaign.detecting.cubes.asked import CubeAsked
from atalaya.campaign.detecting.cubes.detect_cube import KIND, detect_cube
from atalaya.campaign.detecting.detection_files import DetectionFiles, detection_layer
from atalaya.campaign.detecting.earlier import with_earlier
from atalaya.campaign.detecting.examine import Examined, Task, examine
from atalaya.campaign.detecting.placed import ClipOnGround, detection_table
from atalaya.campaign.detecting.sensor_kind import sensor_kind, sortie_name
from atalaya.campaign.detecting.stills import (
    TakeOffLevel,
    above_take_off,
    examine_still,
    required_place,
    unplaced,
    without_heights,
)
from atalaya.campaign.executor import ThisThread, map_in_order
from atalaya.campaign.vector_layers import numbers
from atalaya.detect.card import ModelCard
from atalaya.detect.detector import Context, wants_colour
from atalaya.earth.surface import LevelSurface, Surface
from atalaya.footage.analyse import Analysis, Reading, analyse
from atalaya.footage.clip import Clip
from atalaya.store.parquet import write_parquet
from atalaya.store.vector import write_geopackage
from atalaya.store.workspace import Workspace, written_whole

SCHEMA = "atalaya.detect/1"

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Footage:
    """One recording to work on.

    Args:
        sha256: of it. path: where its bytes lie. name: as received, for people.
        error: why it cannot be worked on, told when its turn comes: it does not stop the others.
        header: of a cube, whose numbers lie at `path`; None for recordings and photographs.
    """

    sha256: str
    path: Path
    name: str
    error: AtalayaError | None = None
    header: Path | None = None


@dataclass(frozen=True)
class Detected:
    """What came of one recording: the `atalaya.detect/1` object, or the error that stopped it."""

    footage: Footage
    result: dict[str, Any] | None = None
    error: AtalayaError | None = None


def detect(
    footage: Sequence[Footage],
    workspace: Workspace,
    tasks: Sequence[Task],
    executor: Executor,
    *,
    surface: Surface | None = None,
    kind: str = "",
    cubes: CubeAsked | None = None,
    progress: Progress = lambda _name, _share: None,
) -> Iterator[Detected]:
    """Run detectors over recordings, in order, and keep what they claim and what they looked at.

    Args:
        tasks: detectors; each works on the recordings of its kinds of sensor alone.
        surface: the ground; None for the level each recording states.
        kind: of the sensor where the recordings do not say it, or say it wrongly; "" for what they say.
        cubes: what is asked of cubes; None for what is unlike its scene.
    """
    # several recordings run beside one another, a single one in pieces: never both on one pool
    several = len(footage) > 1
    inner: Executor = ThisThread() if several else executor
    outer: Executor = executor if several else ThisThread()
    work = partial(_detected, workspace, tasks, inner, surface, kind, cubes or CubeAsked(), progress)
    yield from map_in_order(outer, work, footage)


def _detected(
    workspace: Workspace,
    tasks: Sequence[Task],
    executor: Executor,
    surface: Surface | None,
    kind: str,
    cubes: CubeAsked,
    progress: Progress,
    one: Footage,
) -> Detected:
    if one.error is not None:
        return Detected(one, error=one.error)
    try:
        if one.header is not None:
            return Detected(one, _cube(one, one.header, workspace, cubes, progress))
        return Detected(one, _clip(one, workspace, tasks, executor, surface, kind, progress))
    except AtalayaError as error:
        return Detected(one, error=error)
    except OSError as error:
        reason = error.strerror or str(error)
        return Detected(one, error=BadInput("EXP-001", where=one.name, reason=reason))


def _clip(
    one: Footage,
    workspace: Workspace,
    tasks: Sequence[Task],
    executor: Executor,
    surface: Surface | None,
    kind: str,
    progress: Progress,
) -> dict[str, Any]:
    with Clip.open(one.path) as clip:
        on_ground = _on_ground(clip, one, surface, kind)
        unsuited = {task.detector.card.id: why for task in tasks if (why := _unsuited(task, on_ground))}
        mine = [task for task in tasks if task.detector.card.id not in unsuited]
        examined = _examined(clip, on_ground, mine, executor, lambda share: progress(one.name, share))
    table = detection_table(on_ground, examined)
    if isinstance(on_ground.surface, TakeOffLevel):
        table = without_heights(table)
    coverage = _coverage(on_ground, examined)
    result = _result(one, on_ground, examined, table) | {"unsuited": unsuited}
    _keep(workspace, one, table, coverage, result)
    return result


def _cube(
    one: Footage, header: Path, workspace: Workspace, cubes: CubeAsked, progress: Progress
) -> dict[str, Any]:
    files = DetectionFiles(workspace.root, one.sha256)
    done = detect_cube(
        one.path, header, one.sha256, cubes, files.scores, lambda share: progress(one.name, share)
    )
    result = {
        **_head(one, done.sortie, KIND, done.ground, done.told["cube"]["lines"], done.table),
        **done.told,
        "detectors": [
            {
                **_claimed(each.look.card, done.table),
                "every": 1,
                "examined": each.lines,
                "dropped": each.dropped,
                "findings": [finding.as_json() for finding in merged(each.findings)],
            }
            for each in done.looks
        ],
    }
    _keep(workspace, one, done.table, done.coverage, result)
    return result


def _on_ground(clip: Clip, one: Footage, surface: Surface | None, kind: str) -> ClipOnGround:
    """What is known of a recording before its pictures are looked at."""
    analysis = analyse(clip, Reading(surface=surface))
    if analysis.still is not None:
        required_place(analysis.still, one.name)
    relative = above_take_off(analysis) if surface is None else None
    if relative is not None:
        analysis, surface = relative
    return ClipOnGround(
        one.sha256,
        sortie_name(analysis, one.sha256),
        kind or sensor_kind(analysis),
        analysis,
        surface if surface is not None else _level(analysis, one),
        image_size(clip, analysis),
    )


def _unsuited(task: Task, on_ground: ClipOnGround) -> str:
    """Why a detector is not meant for a recording: "sensor", "gsd", "pair" (of passes); "" where it is."""
    card, gsd = task.detector.card, _gsd_m(on_ground)
    known = gsd[np.isfinite(gsd)]
    low, high = card.gsd_m
    # photographs that are finer are reduced
    low = low if on_ground.analysis.still is None else 0.0
    if on_ground.kind not in card.kinds:
        return "sensor"
    if len(known) and not low <= float(np.median(known)) <= high:
        return "gsd"
    return "pair" if card.extra.get("pair") else ""


def _gsd_m(on_ground: ClipOnGround) -> NDArray[np.float64]:
    """(frames,) ground sample distance at the middle of each frame; NaN where unknown."""
    frames, (columns, _) = on_ground.analysis.frames, on_ground.size
    hfov, slant = numbers(frames, "hfov_deg"), numbers(frames, "slant_m")
    steep = np.sin(np.radians(np.clip(numbers(frames, "depression_deg"), 1.0, 90.0)))
    return np.asarray(slant * 2.0 * np.tan(np.radians(hfov) / 2.0) / columns / np.sqrt(steep))


def _level(analysis: Analysis, one: Footage) -> Surface:
    """Level ground at the height the recording states for what it looked at."""
    stated = numbers(analysis.frames, "centre_height_hae_m")
    known = stated[np.isfinite(stated)]
    if not len(known):
        raise BadInput("EXP-013", where=one.name)
    return LevelSurface(float(np.median(known)))


def _examined(
    clip: Clip,
    on_ground: ClipOnGround,
    tasks: list[Task],
    executor: Executor,
    progress: Callable[[float], None],
) -> list[Examined]:
    frames, (columns, rows) = on_ground.analysis.frames, on_ground.size
    still = on_ground.analysis.still
    if not tasks or (clip.video is None and still is None):
        return []
    gsd = _gsd_m(on_ground)
    t_us = frames["t_us"].fill_null(-1).to_numpy()
    known = gsd[np.isfinite(gsd)]
    middle = float(np.median(known)) if len(known) else float("nan")
    rate = 0.0 if clip.video is None else clip.video.frame_rate
    context = Context(on_ground.kind, rows, columns, rate, middle)
    if still is not None:
        return examine_still(still, tasks, context, int(t_us[0]), progress)
    plain = [task for task in tasks if not wants_colour(task.detector)]
    coloured = [task for task in tasks if wants_colour(task.detector)]
    done = []
    for group, colour in ((plain, False), (coloured, True)):
        if group:
            done += examine(clip, group, context, gsd, t_us, executor, colour=colour, progress=progress)
    return done


def _coverage(on_ground: ClipOnGround, examined: list[Examined]) -> pa.Table:
    """Cells looked at by each detector, with its name and evidence types."""
    known: dict[bytes, pa.Table] = {}
    parts = []
    for one in examined:
        key = one.frames.tobytes()
        if key not in known:
            known[key] = coverage_table(on_ground, one.frames)
        table = known[key]
        parts.append(
            table.append_column(
                "detector", pa.array([one.task.detector.card.id] * table.num_rows, pa.string())
            )
        )
    empty = coverage_schema().append(pa.field("detector", pa.string())).empty_table()
    return pa.concat_tables(parts) if parts else empty


def _result(
    one: Footage, on_ground: ClipOnGround, examined: list[Examined], table: pa.Table
) -> dict[str, Any]:
    return {
        **_head(
            one,
            on_ground.sortie,
            on_ground.kind,
            on_ground.surface.source,
            on_ground.analysis.frames.num_rows,
            table,
        ),
        "findings": [finding.as_json() for finding in unplaced(on_ground.analysis)],
        "detectors": [_detector(each, table) for each in examined],
    }


def _head(
    one: Footage, sortie: str, sensor: str, ground: str, frames: int, table: pa.Table
) -> dict[str, Any]:
    """What a result says of any recording; the lines of a cube count as its frames."""
    return {
        "schema": SCHEMA,
        "file": one.name,
        "clip": one.sha256,
        "sortie": sortie,
        "sensor": sensor,
        "ground": ground,
        "frames": frames,
        "detections": table.num_rows,
        "placed": len(table["lon_deg"].drop_null()),
    }


def _detector(one: Examined, table: pa.Table) -> dict[str, Any]:
    return {
        **_claimed(one.task.detector.card, table),
        "every": one.task.every,
        "examined": len(one.frames),
        "dropped": one.dropped,
        "findings": [finding.as_json() for finding in one.findings],
    }


def _claimed(card: ModelCard, table: pa.Table) -> dict[str, Any]:
    """Which detector it was, and what it claimed."""
    import pyarrow.compute as pc

    mine = table.filter(pc.equal(table["detector"], card.id))
    counts = mine["evidence"].value_counts().to_pylist()
    return {
        "detector": card.id,
        "card": card.sha256,
        "evidence": sorted({one.evidence for one in card.classes if one.evidence}),
        "detections": mine.num_rows,
        "by_evidence": dict(sorted((each["values"], each["counts"]) for each in counts)),
    }


def _keep(
    workspace: Workspace, one: Footage, table: pa.Table, coverage: pa.Table, result: dict[str, Any]
) -> None:
    files = DetectionFiles(workspace.root, one.sha256)
    table, coverage, result = with_earlier(files, table, coverage, result)
    write_parquet(table, files.detections)
    write_parquet(coverage, files.coverage)
    write_geopackage([detection_layer(table)], files.geopackage)
    with written_whole(files.result) as partial:
        partial.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
