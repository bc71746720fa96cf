"""The mosaic while it grows: every cell holds its best look so far, on disk, in arrays as large as needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ortho.grid import Grid
from atalaya.earth.ortho.orthophoto import CellState, Orthophoto

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

NO_TIME = 0xFFFFFFFF
"""In the band of times: not known."""

_RANK = np.array([0, 4, 3, 1, 2, 4], np.uint8)
"""How much a state tells: nothing, outside the frame, no terrain, occluded; above all seen."""


@dataclass(frozen=True)
class Feather:
    """How seams are softened.

    width_cells: over which a frame fades in from the edge of what it sees
    within_s: only between frames at most this far apart in time
    softness: difference of cost over which two looks fade into each other
    """

    width_cells: int
    within_s: float
    softness: float = 0.1


@dataclass(frozen=True)
class Look:
    """One frame's part in a block.

    laid: image, state and quality      cost: (rows, columns) the less the better
    number: of the frame, from 1        time_ms: since the first, `NO_TIME` where unknown
    """

    laid: Orthophoto
    cost: Floats
    number: int
    time_ms: int


class Composite:
    """Arrays of a grid, in scratch files that are never in memory whole.

    image (bands, h, w) uint8, state uint8, frame uint32, time uint32, cost float32 (h, w);
    quality (3, h / step, w / step) float32
    """

    def __init__(self, folder: Path, grid: Grid, bands: int, step: int) -> None:
        self.grid, self.step = grid, step
        shape = (grid.height, grid.width)
        coarse = (3, -(-grid.height // step), -(-grid.width // step))

        def made(name: str, kind: Any, size: tuple[int, ...]) -> NDArray[Any]:
            # a new file reads as zeros and takes no room until written to
            return np.memmap(folder / name, kind, "w+", shape=size)

        self.image = made("image", np.uint8, (bands, *shape))
        self.state = made("state", np.uint8, shape)
        self.frame = made("frame", np.uint32, shape)
        self.time = made("time", np.uint32, shape)
        self.cost = made("cost", np.float32, shape)
        self.quality = made("quality", np.float32, coarse)

    def add(self, row: int, column: int, look: Look, feather: Feather | None) -> None:
        """Let a look compete for a block."""
        tall, wide = look.laid.state.shape
        at = np.s_[row : row + tall, column : column + wide]
        state = np.array(self.state[at])
        held = _is_seen(state)
        seen = look.laid.seen & np.isfinite(look.cost)
        share = np.where(held, look.cost < self.cost[at], True).astype(np.float32)
        if feather is not None:
            share = self._softened(at, look, held, share, feather)
        share = np.where(seen, share, np.float32(0))
        self._mix(at, look, share)
        taken = seen & (share >= 0.5)
        mixed = (share > 0.0) & (share < 1.0)
        better = _RANK[look.laid.state] > _RANK[state]
        state = np.where(better & ~seen, look.laid.state, state)
        # a cell that a whole look takes over is no longer a blend
        state = np.where(taken & (share >= 1.0), np.uint8(CellState.SEEN), state)
        self.state[at] = np.where(mixed, np.uint8(CellState.BLENDED), state)
        for array, value in ((self.frame, look.number), (self.time, look.time_ms)):
            array[at] = np.where(taken, np.uint32(value), array[at])
        self.cost[at] = np.where(taken, look.cost, self.cost[at])
        self._take_quality(row, column, look, taken)

    def _mix(self, at: tuple[slice, slice], look: Look, share: Floats) -> None:
        whole = (slice(None), *at)
        before = self.image[whole].astype(np.float32)
        mixed = before + share * (look.laid.image.astype(np.float32) - before)
        self.image[whole] = (mixed + 0.5).astype(np.uint8)

    def _softened(
        self, at: tuple[slice, slice], look: Look, held: Mask, share: Floats, feather: Feather
    ) -> Floats:
        """Share of the new look where it may be blended with what is there."""
        from scipy.ndimage import distance_transform_edt

        time = self.time[at].astype(np.int64)
        apart = np.abs(time - look.time_ms) <= 1000.0 * feather.within_s
        may = held & apart & (time != NO_TIME) & (look.time_ms != NO_TIME)
        better = (self.cost[at] - look.cost) / np.float32(feather.softness)
        soft = np.clip(0.5 + 0.5 * better, 0.0, 1.0)
        inside = distance_transform_edt(np.pad(look.laid.seen, 1, mode="edge"))[1:-1, 1:-1]
        ramp = np.minimum(inside / max(feather.width_cells, 1), 1.0).astype(np.float32)
        return np.where(may, soft * ramp, share).astype(np.float32)

    def _take_quality(self, row: int, column: int, look: Look, taken: Mask) -> None:
        quality = look.laid.quality
        assert quality is not None
        step = self.step
        tall, wide = quality.gsd_m.shape
        middle_rows = np.minimum(np.arange(tall) * step + step // 2, taken.shape[0] - 1)
        middle_columns = np.minimum(np.arange(wide) * step + step // 2, taken.shape[1] - 1)
        here = taken[np.ix_(middle_rows, middle_columns)]
        at = np.s_[:, row // step : row // step + tall, column // step : column // step + wide]
        values = np.stack((quality.gsd_m, quality.ce90_m, quality.grazing_deg))
        self.quality[at] = np.where(here, values, self.quality[at])

    def blocks(self, size: int) -> Iterator[tuple[int, int, tuple[slice, slice], tuple[slice, slice]]]:
        """Row, column, their cells and their cells of the quality, block by block."""
        for row, column, part in self.grid.windows(size):
            fine = np.s_[row : row + part.height, column : column + part.width]
            top, left = row // self.step, column // self.step
            down, across = -(-part.height // self.step), -(-part.width // self.step)
            yield row, column, fine, np.s_[top : top + down, left : left + across]


def _is_seen(state: NDArray[np.uint8]) -> Mask:
    return np.asarray((state == CellState.SEEN) | (state == CellState.BLENDED))


@contextmanager
def composite(beside: Path, grid: Grid, bands: int, step: int) -> Iterator[Composite]:
    """Scratch arrays beside a target; gone at the end, whatever happens."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{beside.stem}.", dir=beside.parent) as folder:
        yield Composite(Path(folder), grid, bands, step)
