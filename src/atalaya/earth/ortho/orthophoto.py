"""An orthophoto: what a frame shows, laid on the ground it shows, cell by cell, with what it cannot show."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic
from atalaya.earth.ortho import kernels
from atalaya.earth.ortho.block import (
    Nodes,
    Sightlines,
    nodes_of,
    relief_of,
    render_nodes,
    sight_nodes,
    sightlines,
)
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import Grid
from atalaya.earth.ortho.lens_map import LensMap, lens_map
from atalaya.earth.ortho.occlusion import kernels as occlusion
from atalaya.earth.ortho.quality import GroundError, Quality, quality_of
from atalaya.earth.ortho.relief import Relief, ReliefSource
from atalaya.earth.surface import Surface
from atalaya.earth.terrain import Terrain

Bytes = NDArray[np.uint8]

BLOCK_CELLS = 1024
"""Side of the blocks a grid is worked through in."""

_TOLERANCE_M = 0.002
_NEED_TILES = 0.05
_TILE_CELLS = 12
_LATTICE = 129
_TOP_ROOM_M = 0.05


class CellState(IntEnum):
    """What a cell of an orthophoto holds."""

    NOT_ASKED = 0
    SEEN = 1
    OCCLUDED = 2
    """In the frame, but higher ground stands in between."""
    OUTSIDE = 3
    """Not in the frame."""
    NO_TERRAIN = 4
    """The surface has no height there."""
    BLENDED = 5
    """Seen, and mixed of several frames (mosaics with feathering)."""


@dataclass(frozen=True)
class Orthophoto:
    """A block or a whole grid.

    image: (bands, rows, columns) uint8, 0 where not seen      state: (rows, columns) uint8 `CellState`
    quality: ground sample distance and error at every few cells, None unless asked for
    """

    grid: Grid
    image: Bytes
    state: Bytes
    quality: Quality | None = None

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(rows, columns)."""
        return np.asarray(self.state == CellState.SEEN)


class Projector:
    """Lays one frame on blocks of a grid.

    Args:
        frame: picture and camera.
        surface: the ground.
        grid: the whole output.
        occlusion_test: whether to ask if higher ground stands in between.
        relief_step_m: distance of height samples for surfaces without posts of their own.

    Raises:
        BadInput: EAR-083, the lens cannot be followed; EAR-082, the grid's system.
    """

    def __init__(
        self,
        frame: Frame,
        surface: Surface,
        grid: Grid,
        *,
        occlusion_test: bool = True,
        relief_step_m: float | None = None,
    ) -> None:
        self.frame = frame
        self.surface = surface
        self._pixels = frame.pixels
        self._lens: LensMap = lens_map(frame.lens)
        self._source = ReliefSource(surface, grid, step_m=relief_step_m)
        self._test = occlusion_test and surface.kind != "level"
        self._top_m = _highest(surface, grid, frame.pose) if self._test else 0.0
        self.asked = 0
        """Cells whose line of sight was followed one by one."""

    def block(
        self, block: Grid, *, error: GroundError | None = None, quality_step: int | None = None
    ) -> Orthophoto:
        """One block of the grid.

        Args:
            block: a window of the grid.
            error: gives the ground error of looks; without it the error of `quality` is NaN.
            quality_step: cells between places of `quality`; None for no quality.
        """
        nodes = nodes_of(block)
        lines = sightlines(nodes, self.frame.pose, self._source.refraction)
        relief = relief_of(self._source, nodes, lines, self._top_m, corridor=self._test)
        hidden = self._hidden(block, nodes, lines, relief)
        image = np.zeros((self._pixels.shape[2], block.height, block.width), np.uint8)
        state = np.zeros((block.height, block.width), np.uint8)
        lens = self._lens
        values = render_nodes(nodes, lines, relief, self.frame.pose)
        kernels.render(
            self._pixels, relief.posts, values, nodes.step, lens.form, lens.numbers, lens.table,
            hidden, image, state,
        )  # fmt: skip
        quality = None
        if quality_step is not None:
            quality = quality_of(block, self.frame, self.surface, quality_step, error)
        return Orthophoto(block, image, state, quality)

    def _hidden(self, block: Grid, nodes: Nodes, lines: Sightlines, relief: Relief) -> Bytes:
        hidden = np.zeros((block.height, block.width), np.uint8)
        if not self._test:
            return hidden
        tile = int(np.clip(relief.spacing_m / block.cell_m / 2.0, 1, _TILE_CELLS))
        across = tile * block.cell_m * np.sqrt(2.0)
        self.asked += occlusion.hide(
            relief.posts,
            relief.tops,
            relief.offsets,
            relief.shapes,
            sight_nodes(nodes, lines, relief, self._top_m),
            nodes.step,
            tile,
            across / relief.spacing_m,
            _TOLERANCE_M,
            max(_NEED_TILES * across, _TOLERANCE_M),
            hidden,
        )
        return hidden


def _highest(surface: Surface, grid: Grid, pose: Pose) -> float:
    """A height no ground between the grid and the camera exceeds."""
    if isinstance(surface, Terrain):
        return surface.ceiling_hae_m + _TOP_ROOM_M
    lon0, lat0, _ = ecef_to_geodetic(pose.origin_m)
    column0, row0 = grid.cells(lon0, lat0)
    column, row = np.meshgrid(
        np.linspace(min(0.0, float(column0)), max(grid.width, float(column0)), _LATTICE),
        np.linspace(min(0.0, float(row0)), max(grid.height, float(row0)), _LATTICE),
    )
    lon, lat = grid.lon_lat(column.ravel(), row.ravel())
    heights = surface.height_hae_m(lon, lat)
    known = heights[np.isfinite(heights)]
    # samples miss summits: half of the relief they show is room enough for any ground they stand for
    return float(known.max() + 0.5 * np.ptp(known) + _TOP_ROOM_M) if known.size else 0.0


def orthophoto_blocks(
    frame: Frame,
    surface: Surface,
    grid: Grid,
    *,
    occlusion_test: bool = True,
    relief_step_m: float | None = None,
    error: GroundError | None = None,
    quality_step: int | None = None,
    block_cells: int = BLOCK_CELLS,
) -> Iterator[tuple[int, int, Orthophoto]]:
    """Row, column and orthophoto of each block of a grid; only one is in memory at a time."""
    projector = Projector(frame, surface, grid, occlusion_test=occlusion_test, relief_step_m=relief_step_m)
    for row, column, block in grid.windows(block_cells):
        yield row, column, projector.block(block, error=error, quality_step=quality_step)


def orthophoto(
    frame: Frame,
    surface: Surface,
    grid: Grid,
    *,
    occlusion_test: bool = True,
    relief_step_m: float | None = None,
) -> Orthophoto:
    """A whole grid in memory: for small ones; `write_orthophoto` for files of any size."""
    bands = frame.pixels.shape[2]
    image = np.zeros((bands, grid.height, grid.width), np.uint8)
    state = np.zeros((grid.height, grid.width), np.uint8)
    blocks = orthophoto_blocks(
        frame, surface, grid, occlusion_test=occlusion_test, relief_step_m=relief_step_m
    )
    for row, column, part in blocks:
        tall, wide = part.state.shape
        image[:, row : row + tall, column : column + wide] = part.image
        state[row : row + tall, column : column + wide] = part.state
    return Orthophoto(grid, image, state)
