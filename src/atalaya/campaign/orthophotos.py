"""Orthophotos and mosaics of recordings: frames chosen, cameras found, pictures laid on the ground."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput, NotFound
from atalaya.campaign.cameras import FrameCamera, Pixels, frame_cameras, pictures
from atalaya.campaign.ground_error import budget_of
from atalaya.earth.error import ErrorBudget
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.mosaic import MosaicFiles, View, write_mosaic
from atalaya.earth.ortho.product import OrthophotoFiles, write_orthophoto
from atalaya.earth.ortho.quality import FirstOrderError
from atalaya.earth.surface import LevelSurface, Surface
from atalaya.footage.analyse import Analysis, Reading, analyse
from atalaya.footage.clip import Clip

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Output:
    """What the product is to be: cell in metres, system (None: chosen), farthest ground shown, bands."""

    cell_m: float | None = None
    crs: str | None = None
    range_limit_m: float | None = None
    pixels: Pixels = "grey"


def make_orthophoto(
    clip: Clip,
    frame: int,
    surface: Surface | None,
    target: Path,
    output: Output,
    progress: Progress | None = None,
) -> OrthophotoFiles:
    """Lay one frame on the ground.

    Raises:
        NotFound: EXP-010, no such frame. BadInput: EXP-012 to EXP-014, no pose, no ground, no picture;
            EAR-080 to EAR-085, the view cannot be laid out or written.
    """
    analysis = analyse(clip, Reading(surface=surface))
    if not 0 <= frame < analysis.frames.num_rows:
        raise NotFound("EXP-010", where=clip.source, frame=frame, frames=analysis.frames.num_rows)
    rows = np.array([frame])
    camera = frame_cameras(clip, analysis, rows)[0]
    if camera is None:
        code = "EXP-013" if analysis.still is not None and surface is None else "EXP-012"
        raise BadInput(code, where=f"{clip.source}, frame {frame}")
    ground = surface or level_ground(clip, analysis, rows)
    image = next(pictures(clip, analysis, rows, output.pixels))
    shot = Frame(image, camera.lens, camera.pose, camera.t_us, f"{clip.path.name}#{frame}")
    return write_orthophoto(
        shot,
        ground,
        target,
        crs=output.crs,
        cell_m=output.cell_m,
        range_limit_m=output.range_limit_m,
        error=first_order(budget_of(analysis, ground)),
        progress=progress,
    )


def make_mosaic(
    sources: Sequence[str],
    every_s: float,
    surface: Surface | None,
    target: Path,
    output: Output,
    progress: Progress | None = None,
) -> MosaicFiles:
    """Lay frames of several recordings on one grid, the best look in each cell.

    Args:
        every_s: seconds from one frame that is used to the next.

    Raises:
        BadInput: EXP-015, no frame has a pose; EXP-013, EXP-014; EAR-080 to EAR-087 as for orthophotos.
    """
    with ExitStack() as stack:
        parts = [_part(stack.enter_context(Clip.open(source)), every_s, surface) for source in sources]
        views = [
            View(camera.lens, camera.pose, camera.t_us, f"{part.clip.path.name}#{camera.frame}")
            for part in parts
            for camera in part.cameras
        ]
        if not views:
            raise BadInput("EXP-015", where=", ".join(sources))
        first = next(part for part in parts if part.cameras)
        ground = surface or level_ground(first.clip, first.analysis, first.rows)
        return write_mosaic(
            views,
            _images(parts, output.pixels),
            ground,
            target,
            crs=output.crs,
            cell_m=output.cell_m,
            range_limit_m=output.range_limit_m,
            error=first_order(budget_of(first.analysis, ground)),
            progress=progress,
        )


@dataclass(frozen=True)
class _Part:
    clip: Clip
    analysis: Analysis
    cameras: tuple[FrameCamera, ...]

    @property
    def rows(self) -> NDArray[np.intp]:
        return np.array([camera.frame for camera in self.cameras], np.intp)


def _part(clip: Clip, every_s: float, surface: Surface | None) -> _Part:
    analysis = analyse(clip, Reading(surface=surface))
    if analysis.still is not None:
        rows = np.zeros(1, np.intp)
    else:
        seconds = (analysis.index.pts - analysis.index.pts[:1]) / 90_000.0
        _, rows = np.unique((seconds // every_s).astype(np.int64), return_index=True)
    cameras = frame_cameras(clip, analysis, rows)
    return _Part(clip, analysis, tuple(camera for camera in cameras if camera is not None))


def _images(parts: Sequence[_Part], pixels: Pixels) -> Iterator[NDArray[np.uint8]]:
    for part in parts:
        if part.cameras:
            yield from pictures(part.clip, part.analysis, part.rows, pixels)


def level_ground(clip: Clip, analysis: Analysis, rows: NDArray[np.intp]) -> LevelSurface:
    """Level ground at the middle height of some frames' centres as the recording gives them.

    Raises:
        BadInput: EXP-013, it gives none.
    """
    heights = analysis.frames["centre_height_hae_m"].take(rows.tolist()).drop_null().to_numpy()
    if not len(heights):
        raise BadInput("EXP-013", where=clip.source)
    return LevelSurface(float(np.median(heights)))


def first_order(budget: ErrorBudget) -> FirstOrderError:
    """What the bands of error are made with: one sigma of position, attitude and terrain of a budget."""

    def together(*names: str) -> float:
        return float(np.sqrt(np.mean([budget.term(name).total ** 2 for name in names])))

    attitude = np.hypot(
        together("heading_deg", "pitch_deg", "roll_deg"),
        np.hypot(
            together("gimbal_azimuth_deg", "gimbal_elevation_deg"),
            together("boresight_azimuth_deg", "boresight_elevation_deg"),
        ),
    )
    position = together("position_east_m", "position_north_m", "position_up_m")
    return FirstOrderError(position, float(attitude), together("terrain_up_m"))
