"""Many frames as one picture of the ground: per cell the best look, with which frame and when beside it."""

import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.base.errors import AtalayaError, BadInput
from atalaya.earth.camera import Lens, Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.ortho.cog import Band, RasterPlan, rasters_whole
from atalaya.earth.ortho.composite import NO_TIME, Composite, Feather, Look, composite
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import Grid, frame_places, grid_of_frames
from atalaya.earth.ortho.orthophoto import BLOCK_CELLS, CellState, Orthophoto, Projector
from atalaya.earth.ortho.product import (
    Progress,
    beside,
    image_bands,
    quality_plan,
    state_values,
    surface_tags,
)
from atalaya.earth.ortho.quality import QUALITY_STEP, GroundError
from atalaya.earth.ortho.reduced import reduced, reduction
from atalaya.earth.surface import Surface

Span = tuple[float, float]

_LARGEST_MS = NO_TIME - 1
_PAD_CELLS = 2


@dataclass(frozen=True)
class View:
    """A frame without its picture.

    lens, pose, t_us, frame_id: as in `Frame`
    """

    lens: Lens
    pose: Pose
    t_us: int | None = None
    frame_id: str = ""


@dataclass(frozen=True)
class Preference:
    """Which of two looks at a cell is the better: the one of less cost.

    cost = ln(gsd) + grazing ln(1 / sin(grazing angle)) + age_per_hour x hours before the newest frame.

    Args:
        grazing: weight of a steep look beyond what it gains in ground sample distance.
        age_per_hour: weight of a fresh look; 0 when age does not count; frames without time count as newest.
    """

    grazing: float = 1.0
    age_per_hour: float = 0.0


@dataclass(frozen=True)
class MosaicFiles:
    """What was written.

    image: uint8 COG, masked where nothing was seen
    looks: uint32 COG: state (`CellState`), number of the frame (0 for none), milliseconds since T0_US
    quality: float32 COG as of an orthophoto          frames: JSON, what the numbers stand for
    seen_share, blended_share: of all cells           refused: frames left out, and why
    """

    image: Path
    looks: Path
    quality: Path
    frames: Path
    grid: Grid
    seen_share: float
    blended_share: float
    refused: tuple[tuple[str, BadInput], ...]


def write_mosaic(
    views: Sequence[View],
    images: Iterable[NDArray[np.uint8]],
    surface: Surface,
    target: Path,
    *,
    grid: Grid | None = None,
    crs: str | None = None,
    cell_m: float | None = None,
    range_limit_m: float | None = None,
    preference: Preference | None = None,
    feather: Feather | None = None,
    error: GroundError | None = None,
    quality_step: int = QUALITY_STEP,
    occlusion_test: bool = True,
    progress: Progress | None = None,
) -> MosaicFiles:
    """Write TARGET.tif, TARGET.looks.tif, TARGET.quality.tif and TARGET.frames.json, all or none.

    Without `feather` every cell is of one frame and one time. With it, looks that are near enough in time
    fade into each other; such cells say so in their state, and the file in its tags.

    Args:
        views: lens, pose and time of each frame.
        images: their pictures, in the same order; taken one at a time.
        surface, target, grid, crs, cell_m, range_limit_m, error, quality_step, occlusion_test: as for
            `write_orthophoto`.
        preference: what makes a look better.
        feather: how seams are softened; None for hard seams.
        progress: told the share done.

    Raises:
        BadInput: EAR-080 to EAR-082, see `grid_of_frames`; EAR-087, not one frame could be used, or there
            are not as many pictures as views. Single bad frames are refused and listed instead.
        AtalayaError: EAR-085, a file cannot be written.
    """
    cameras = [(view.lens, view.pose) for view in views]
    chosen = grid or grid_of_frames(cameras, surface, crs=crs, cell_m=cell_m, range_limit_m=range_limit_m)
    taste = preference or Preference()
    work = _Work(views, surface, chosen, taste, feather, error, quality_step, occlusion_test)
    return work.write(images, target, range_limit_m, progress)


@dataclass
class _Work:
    views: Sequence[View]
    surface: Surface
    grid: Grid
    preference: Preference
    feather: Feather | None
    error: GroundError | None
    step: int
    test: bool

    def __post_init__(self) -> None:
        times = [view.t_us for view in self.views if view.t_us is not None]
        self.first_us, self.last_us = min(times, default=0), max(times, default=0)
        self.block = max(BLOCK_CELLS // self.step, 1) * self.step
        self.refused: list[tuple[str, BadInput]] = []
        self.cells = np.zeros(len(self.views) + 1, np.int64)

    def write(
        self,
        images: Iterable[NDArray[np.uint8]],
        target: Path,
        limit_m: float | None,
        progress: Progress | None,
    ) -> MosaicFiles:
        with ExitStack() as stack:
            whole: Composite | None = None
            given = 0
            for given, image in enumerate(images, 1):
                if given > len(self.views):
                    break
                try:
                    frame = self._frame(given - 1, image)
                    if whole is None:
                        bands = frame.pixels.shape[2]
                        whole = stack.enter_context(_scratch(target, self.grid, bands, self.step))
                    self._add(whole, frame, given, limit_m)
                except BadInput as error:
                    self.refused.append((self.views[given - 1].frame_id, error))
                if progress is not None:
                    progress(0.9 * given / len(self.views))
            if whole is None or given != len(self.views):
                raise BadInput("EAR-087", views=len(self.views), pictures=given, refused=len(self.refused))
            return self._publish(whole, target, progress)

    def _frame(self, index: int, image: NDArray[np.uint8]) -> Frame:
        view = self.views[index]
        frame = Frame(image, view.lens, view.pose, view.t_us, view.frame_id)
        return reduced(frame, reduction(frame, self.surface, self.grid.cell_m))

    def _add(self, whole: Composite, frame: Frame, number: int, limit_m: float | None) -> None:
        bands = whole.image.shape[0]
        if frame.pixels.shape[2] != bands:
            detail = f"{frame.pixels.shape[2]} bands, the first frame has {bands}"
            raise BadInput("EAR-084", where=frame.frame_id, detail=detail)
        rows, columns = self._touched(frame, limit_m)
        projector = Projector(frame, self.surface, self.grid, occlusion_test=self.test)
        for row, column, part in self.grid.windows(self.block):
            if not (_meets(rows, row, part.height) and _meets(columns, column, part.width)):
                continue
            laid = projector.block(part, error=self.error, quality_step=self.step)
            look = Look(laid, self._cost(laid, frame), number, self._time_ms(frame))
            whole.add(row, column, look, self.feather)

    def _touched(self, frame: Frame, limit_m: float | None) -> tuple[Span, Span]:
        """Rows and columns between which the frame sees ground."""
        lon, lat, height, _ = frame_places(frame.lens, frame.pose, self.surface)
        if limit_m is not None and lon.size:
            near = np.linalg.norm(geodetic_to_ecef(lon, lat, height) - frame.pose.origin_m, axis=1) <= limit_m
            lon, lat = lon[near], lat[near]
        if lon.size < 3:
            raise BadInput("EAR-080", where=frame.frame_id)
        column, row = self.grid.cells(lon, lat)
        # rough ground bulges out between the places of the lattice
        room = 0.05 * max(float(np.ptp(row)), float(np.ptp(column))) + _PAD_CELLS
        return (row.min() - room, row.max() + room), (column.min() - room, column.max() + room)

    def _cost(self, laid: Orthophoto, frame: Frame) -> NDArray[np.float32]:
        quality = laid.quality
        assert quality is not None
        with np.errstate(invalid="ignore", divide="ignore"):
            sine = np.sin(np.radians(quality.grazing_deg.astype(np.float64)))
            cost = np.log(quality.gsd_m) - self.preference.grazing * np.log(sine)
        if frame.t_us is not None:
            cost = cost + self.preference.age_per_hour * (self.last_us - frame.t_us) / 3.6e9
        # beside the edge of a frame the middle of a coarse cell may be unseen: its worst neighbour stands in
        known = np.isfinite(cost)
        cost = np.where(known, cost, cost[known].max() if known.any() else 0.0)
        rows, columns = laid.state.shape
        fine = np.repeat(np.repeat(cost, self.step, axis=0), self.step, axis=1)
        return np.asarray(fine[:rows, :columns], np.float32)

    def _time_ms(self, frame: Frame) -> int:
        if frame.t_us is None:
            return NO_TIME
        return min(round((frame.t_us - self.first_us) / 1000), _LARGEST_MS)

    def _publish(self, whole: Composite, target: Path, progress: Progress | None) -> MosaicFiles:
        tags = self._tags()
        bands = whole.image.shape[0]
        looks = [Band("state"), Band("frame"), Band("time since T0_US", "ms")]
        plans = [
            RasterPlan(target, self.grid, "uint8", image_bands(bands), "average", tags, masked=True),
            RasterPlan(beside(target, "looks"), self.grid, "uint32", looks, "nearest", tags),
            quality_plan(target, self.grid, self.step, tags),
        ]
        frames = target.with_name(f"{target.stem}.frames.json")
        seen = blended = 0
        texts: dict[Path, str] = {}
        with rasters_whole(plans, texts) as (image, look, quality):
            for row, column, fine, coarse in whole.blocks(self.block):
                state = whole.state[fine]
                valid = (state == CellState.SEEN) | (state == CellState.BLENDED)
                image.write(row, column, whole.image[(slice(None), *fine)], valid)
                number = whole.frame[fine]
                three = (state.astype(np.uint32), number, np.where(number > 0, whole.time[fine], NO_TIME))
                self.cells += np.bincount(number.ravel(), minlength=len(self.cells))
                look.write(row, column, np.stack(three).astype(np.uint32))
                values = np.array(whole.quality[(slice(None), *coarse)])
                values[values == 0.0] = np.nan
                quality.write(row // self.step, column // self.step, values)
                seen += int(valid.sum())
                blended += int((state == CellState.BLENDED).sum())
            texts[frames] = self._table()
        if progress is not None:
            progress(1.0)
        cells = self.grid.width * self.grid.height
        return MosaicFiles(
            target, plans[1].path, plans[2].path, frames, self.grid, seen / cells, blended / cells,
            tuple(self.refused),
        )  # fmt: skip

    def _tags(self) -> dict[str, str]:
        soft = self.feather
        blending = "none: every cell is of one frame" if soft is None else (
            f"cells of state {CellState.BLENDED} mix frames up to {soft.within_s:g} s apart"
        )  # fmt: skip
        return {
            **surface_tags(self.surface),
            "OCCLUSION_TEST": "yes" if self.test else "no",
            "STATE_VALUES": state_values(),
            "T0_US": str(self.first_us),
            "ACQUIRED": f"{iso(self.first_us)}/{iso(self.last_us)}",
            "BLENDING": blending,
            "BEST_LOOK": f"ln(gsd) - {self.preference.grazing:g} ln(sin grazing) "
            f"+ {self.preference.age_per_hour:g} per hour of age",
        }

    def _table(self) -> str:
        refused = {frame_id: error.code for frame_id, error in self.refused}
        rows: list[dict[str, Any]] = [
            {
                "number": number,
                "frame_id": view.frame_id,
                "t_us": view.t_us,
                "cells": int(cells),
                **({"refused": refused[view.frame_id]} if view.frame_id in refused else {}),
            }
            for number, (view, cells) in enumerate(zip(self.views, self.cells[1:], strict=True), 1)
        ]
        shown = {"schema": "atalaya.mosaic-frames/1", "t0_us": self.first_us, "frames": rows}
        return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"


def _scratch(target: Path, grid: Grid, bands: int, step: int) -> Any:
    try:
        return composite(target, grid, bands, step)
    except OSError as error:
        raise AtalayaError("EAR-085", where=str(target), detail=str(error)) from error


def _meets(span: Span, start: int, length: int) -> bool:
    return span[0] <= start + length - 1 and span[1] >= start
