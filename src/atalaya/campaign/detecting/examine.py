"""Detectors over the pictures of one clip; what one of them cannot do costs it that picture alone."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import AtalayaError
from atalaya.base.finding import Finding, Severity, merged
from atalaya.campaign.executor import map_in_order
from atalaya.detect.boundary import MOST_CLAIMS, admitted
from atalaya.detect.candidates import Candidates, joined
from atalaya.detect.detector import Context, Detector
from atalaya.detect.tile import Tile
from atalaya.footage.clip import Clip
from atalaya.footage.decode import FrameReader, seams

PART_S = 20.0
"""Length of the pieces a clip is worked on in: the same on every machine, so that its answers are."""

FLOOD = 60
"""Claims per picture beyond which a detector is taken to be outside of what its card was measured on."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Task:
    """A detector and how often it looks.

    Args:
        every: each how many frames, 1 for all.
    """

    detector: Detector
    every: int = 1


@dataclass(frozen=True, eq=False)
class Examined:
    """What one detector made of a clip.

    Args:
        task: which. frame: (n,) int32 frame of each claim, rising. claims: (n) of all frames.
        frames: (m,) int32 frames that were examined, in order: the others say nothing of the ground.
        findings: what went wrong, merged. dropped: claims of classes that may not pass.
    """

    task: Task
    frame: NDArray[np.int32]
    claims: Candidates
    frames: NDArray[np.int32]
    findings: tuple[Finding, ...] = ()
    dropped: int = 0


@dataclass
class _Part:
    """One detector over one piece."""

    frame: list[int] = field(default_factory=list)
    claims: list[Candidates] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    dropped: int = 0
    unsuited: int = 0


def examine(
    clip: Clip,
    tasks: Sequence[Task],
    context: Context,
    gsd_m: NDArray[np.float64],
    t_us: NDArray[np.int64],
    executor: Executor,
    *,
    colour: bool = False,
    progress: Progress = lambda _: None,
) -> list[Examined]:
    """Run detectors over a clip; the result does not depend on the executor.

    Args:
        gsd_m, t_us: (frames,) of each frame, NaN and -1 where unknown.
        colour: give pictures as (rows, columns, 3) instead of luma.

    Raises:
        BadInput: FTG-010, the clip has no video.
    """
    index = clip.frame_index()
    windows = seams(index, max(1, round(index.span_s / PART_S)))
    work = partial(_part, clip, tasks, context, gsd_m, t_us, colour)
    done: list[list[_Part]] = []
    for part in map_in_order(executor, work, windows, window=4):
        done.append(part)
        progress(len(done) / len(windows))
    return [_together(task, [part[n] for part in done]) for n, task in enumerate(tasks)]


def _together(task: Task, parts: list[_Part]) -> Examined:
    frame = np.array([n for part in parts for n in part.frame], np.int32)
    claims = joined([each for part in parts for each in part.claims])
    frames = np.array([n for part in parts for n in part.frames], np.int32)
    findings = [each for part in parts for each in part.findings]
    card, unsuited = task.detector.card, sum(part.unsuited for part in parts)
    low, high = card.gsd_m
    if unsuited:
        told: dict[str, object] = {"detector": card.id, "low": f"{low:g}", "high": f"{high:g}"}
        findings.append(Finding("DET-018", Severity.INFO, count=unsuited, details=told))
    if len(frames) and len(frame) > FLOOD * len(frames):
        told = {"detector": card.id, "each": round(len(frame) / len(frames))}
        findings.append(Finding("DET-017", Severity.WARNING, details=told))
    return Examined(task, frame, claims, frames, tuple(merged(findings)), sum(part.dropped for part in parts))


def _suited(detector: Detector, tile: Tile) -> bool:
    """Whether the picture has a ground sample distance the detector is meant for; unknown ones pass."""
    low, high = detector.card.gsd_m
    return not np.isfinite(tile.gsd_m) or low <= tile.gsd_m <= high


def _part(
    clip: Clip,
    tasks: Sequence[Task],
    context: Context,
    gsd_m: NDArray[np.float64],
    t_us: NDArray[np.int64],
    colour: bool,
    window: tuple[int, int],
) -> list[_Part]:
    reader = FrameReader(clip, "rgb" if colour else "grey")
    parts = [_Part() for _ in tasks]
    tiles = _tiles(reader, context, gsd_m, t_us, window, min(task.every for task in tasks))
    _over(tiles, tasks, context, parts)
    return parts


def examine_tile(tile: Tile, tasks: Sequence[Task], context: Context) -> list[Examined]:
    """Run detectors over a recording that is one picture; claims are in its pixels."""
    parts = [_Part() for _ in tasks]
    _over(iter((tile,)), tasks, context, parts)
    return [_together(task, [part]) for task, part in zip(tasks, parts, strict=True)]


def _over(tiles: Iterator[Tile], tasks: Sequence[Task], context: Context, parts: list[_Part]) -> None:
    """Detectors over pictures in order; each begins with the first it is to look at."""
    states: list[object] = [_NOT_YET] * len(tasks)
    for tile in tiles:
        for number, (task, part) in enumerate(zip(tasks, parts, strict=True)):
            if tile.index % task.every:
                continue
            if states[number] is _NOT_YET:
                states[number] = _prepared(task.detector, replace(context, first=tile), part)
            if not _suited(task.detector, tile):
                part.unsuited += 1
            elif states[number] is not _FAILED:
                _one(task.detector, tile, states[number], part)


_NOT_YET, _FAILED = object(), object()


def _tiles(
    reader: FrameReader,
    context: Context,
    gsd_m: NDArray[np.float64],
    t_us: NDArray[np.int64],
    window: tuple[int, int],
    every: int,
) -> Iterator[Tile]:
    for frame in reader.window(*window):
        if frame.index % every == 0 or every == 1:
            yield Tile(
                frame.array,
                context.kind,
                gsd_m=float(gsd_m[frame.index]),
                t_us=int(t_us[frame.index]),
                index=frame.index,
            )


def _prepared(detector: Detector, context: Context, part: _Part) -> object:
    try:
        return detector.prepare(context)
    except Exception as error:  # noqa: BLE001  a detector somebody brings must not stop the others
        part.findings.append(_raised(detector, error, context.first))
        return _FAILED


def _one(detector: Detector, tile: Tile, state: object, part: _Part) -> None:
    try:
        answer = detector.detect(tile, state)
    except Exception as error:  # noqa: BLE001  it costs this picture alone, which counts as not examined
        part.findings.append(_raised(detector, error, tile))
        return
    through = admitted(answer, detector.card, tile.shape)
    part.dropped += through.dropped
    if through.fault:
        details = {"detector": detector.card.id, "most": MOST_CLAIMS}
        part.findings.append(
            Finding(through.fault, Severity.ERROR, where=f"frame {tile.index}", details=details)
        )
        return
    part.frames.append(tile.index)
    part.frame += [tile.index] * len(through.candidates)
    if len(through.candidates):
        part.claims.append(through.candidates)


def _raised(detector: Detector, error: Exception, tile: Tile | None) -> Finding:
    told = str(error) if isinstance(error, AtalayaError) else f"{type(error).__name__}: {error}"
    details: dict[str, object] = {"detector": detector.card.id, "error": told[:200]}
    where = "" if tile is None else f"frame {tile.index}"
    return Finding("DET-016", Severity.ERROR, where=where, details=details)
