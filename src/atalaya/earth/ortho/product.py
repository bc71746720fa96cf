"""Orthophotos as files: image, state of every cell, quality; datums, frame and time in their metadata."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.earth.ortho.cog import Band, RasterPlan, rasters_whole
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import Grid, grid_of_frame
from atalaya.earth.ortho.orthophoto import BLOCK_CELLS, CellState, Orthophoto, orthophoto_blocks
from atalaya.earth.ortho.quality import QUALITY_STEP, GroundError
from atalaya.earth.ortho.reduced import reduced, reduction
from atalaya.earth.surface import Surface

Progress = Callable[[float], None]
"""Told the share done, 0 to 1."""


def state_values() -> str:
    """What the numbers of a state band mean, for its metadata."""
    return " ".join(f"{state.value}={state.name.lower()}" for state in CellState)


@dataclass(frozen=True)
class OrthophotoFiles:
    """What was written.

    image: uint8 COG, masked where not seen          state: uint8 COG of `CellState`
    quality: float32 COG, coarser by `step` cells: ground sample distance, CE90, grazing angle
    seen_share: of all cells
    """

    image: Path
    state: Path
    quality: Path
    grid: Grid
    seen_share: float


def write_orthophoto(
    frame: Frame,
    surface: Surface,
    target: Path,
    *,
    grid: Grid | None = None,
    crs: str | None = None,
    cell_m: float | None = None,
    range_limit_m: float | None = None,
    error: GroundError | None = None,
    quality_step: int = QUALITY_STEP,
    occlusion_test: bool = True,
    relief_step_m: float | None = None,
    progress: Progress | None = None,
) -> OrthophotoFiles:
    """Write the orthophoto of a frame: TARGET.tif, TARGET.state.tif and TARGET.quality.tif, all or none.

    Args:
        frame: picture, lens, pose, time.
        surface: the ground; a `Terrain`, or a level.
        target: path of the image; the others lie beside it.
        grid: the output cells; by default those that hold the view (`crs`, `cell_m`, `range_limit_m` as in
            `grid_of_frame`).
        error: gives the CE90 of looks for the quality file; without it that band is empty (NaN).
        quality_step: cells of the image to one of the quality file.
        occlusion_test: whether to mark ground behind higher ground.
        relief_step_m: distance of height samples for surfaces without posts of their own.
        progress: told the share done.

    Raises:
        BadInput: EAR-080 to EAR-083, see `grid_of_frame` and `Projector`.
        AtalayaError: EAR-085, a file cannot be written.
    """
    chosen = grid or grid_of_frame(
        frame.lens, frame.pose, surface, crs=crs, cell_m=cell_m, range_limit_m=range_limit_m
    )
    factor = reduction(frame, surface, chosen.cell_m)
    frame = reduced(frame, factor)
    bands = frame.pixels.shape[2]
    tags = {**frame_tags(frame), **surface_tags(surface), "OCCLUSION_TEST": "yes" if occlusion_test else "no"}
    if factor > 1:
        tags["PIXELS_AVERAGED"] = f"{factor} x {factor}"
    plans = [
        RasterPlan(target, chosen, "uint8", image_bands(bands), "average", tags, masked=True),
        state_plan(target, chosen, tags),
        quality_plan(target, chosen, quality_step, tags),
    ]
    block_cells = max(BLOCK_CELLS // quality_step, 1) * quality_step
    seen = 0
    with ExitStack() as stack:
        image, state, quality = stack.enter_context(rasters_whole(plans))
        blocks = orthophoto_blocks(
            frame,
            surface,
            chosen,
            occlusion_test=occlusion_test,
            relief_step_m=relief_step_m,
            error=error,
            quality_step=quality_step,
            block_cells=block_cells,
        )
        for row, column, part in blocks:
            image.write(row, column, part.image, part.seen)
            state.write(row, column, part.state[None])
            quality.write(row // quality_step, column // quality_step, quality_bands(part))
            seen += int(part.seen.sum())
            if progress is not None:
                progress(_share(chosen, row, column, part))
    return OrthophotoFiles(
        target, plans[1].path, plans[2].path, chosen, seen / (chosen.width * chosen.height)
    )


def _share(grid: Grid, row: int, column: int, part: Orthophoto) -> float:
    tall, wide = part.state.shape
    return float(row * grid.width + tall * (column + wide)) / (grid.width * grid.height)


def image_bands(count: int) -> list[Band]:
    """Names of the bands of a picture."""
    names = {1: ["grey"], 3: ["red", "green", "blue"]}.get(count, [f"band {n + 1}" for n in range(count)])
    return [Band(name) for name in names]


def beside(target: Path, what: str) -> Path:
    """`area.state.tif` beside `area.tif`."""
    return target.with_name(f"{target.stem}.{what}.tif")


def state_plan(target: Path, grid: Grid, tags: dict[str, str]) -> RasterPlan:
    """The file of cell states."""
    stated = {**tags, "STATE_VALUES": state_values()}
    return RasterPlan(beside(target, "state"), grid, "uint8", [Band("state")], "nearest", stated)


def quality_plan(target: Path, grid: Grid, step: int, tags: dict[str, str]) -> RasterPlan:
    """The file of ground sample distance, error and grazing angle."""
    size = -(-grid.width // step), -(-grid.height // step)
    coarse = Grid(grid.crs, grid.west_m, grid.north_m, grid.cell_m * step, *size)
    bands = [Band("ground sample distance", "m"), Band("CE90", "m"), Band("grazing angle", "deg")]
    return RasterPlan(
        beside(target, "quality"), coarse, "float32", bands, "average", tags, nodata=float("nan")
    )


def quality_bands(part: Orthophoto) -> NDArray[np.float32]:
    """(3, r, c) as in `quality_plan`; NaN where the middle was not seen."""
    quality = part.quality
    assert quality is not None
    middles = (np.minimum(np.arange(n) * quality.step + quality.step // 2, m - 1)
               for n, m in zip(quality.gsd_m.shape, part.state.shape, strict=True))  # fmt: skip
    seen = part.seen[np.ix_(*middles)]
    return np.where(seen, np.stack((quality.gsd_m, quality.ce90_m, quality.grazing_deg)), np.float32(np.nan))


def frame_tags(frame: Frame) -> dict[str, str]:
    """Which frame, and when it was taken."""
    tags = {"FRAME_ID": frame.frame_id}
    if frame.t_us is not None:
        tags |= {"T_US": str(frame.t_us), "ACQUIRED": iso(frame.t_us)}
    return tags


def surface_tags(surface: Surface) -> dict[str, str]:
    """Which ground the picture was laid on."""
    return {"SURFACE": surface.source, "SURFACE_KIND": surface.kind}
