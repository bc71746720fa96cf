"""Blocks of posts with their pyramids in bounded memory, brought when a ray asks for them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.grid_map import GridMap
from atalaya.earth.march import kernels

Posts = NDArray[np.float32]
Ints = NDArray[np.int64]
Read = Callable[[int, int, int, int], Posts]

BLOCK_BITS = 9
_FEWEST_SLOTS = 16
_STRAIGHT_M = 0.02
_VOID_WINDOW = 129
_NO_GROUND_ABOVE_M = 9100.0


class BlockStore:
    """A terrain's posts. Small ones are held whole, as one block; others in as many slots as memory allows.

    Args:
        shape: rows and columns of posts.
        read: heights (rows, columns) float32, NaN for voids, of a window: row, row end, column, column end.
        where: places of rows and columns.
        memory_mb: what posts and pyramids may take.
    """

    def __init__(self, shape: tuple[int, int], read: Read, where: GridMap, *, memory_mb: float) -> None:
        self.shape = shape
        self._read = read
        whole = shape[0] * shape[1] * 4 * 4 / 3 <= memory_mb * 1e6
        self._whole = whole
        self._bits = max((max(shape) - 2).bit_length(), 1) if whole else BLOCK_BITS
        self._blocks = tuple(-(-(n - 1) // (1 << self._bits)) for n in shape)
        side = shape if whole else ((1 << self._bits) + 1,) * 2
        starts, strides, size = _layout((side[0] - 1, side[1] - 1), self._bits)
        slots = 1 if whole else max(_FEWEST_SLOTS, int(memory_mb * 1e6 / (side[0] * side[1] * 4 + size * 4)))
        slots = min(slots, self._blocks[0] * self._blocks[1])
        self._grid = kernels.Grid(
            np.full((slots, *side), -np.inf, np.float32),
            np.full((slots, size), -np.inf, np.float32),
            np.full(self._blocks, -1, np.int32),
            np.full(self._blocks, np.inf),
            starts,
            strides,
            np.array(shape, np.int64),
            self._bits,
            _STRAIGHT_M / min(where.spacing_m),
            where.frame,
            where.lut,
        )
        self._ceiling = _NO_GROUND_ABOVE_M
        self._slots: OrderedDict[int, int] = OrderedDict()
        self._lock = _SharedLock()
        self.blocks_read = 0
        self._seen_data = not whole
        if whole:
            self._install(0, 0)

    @property
    def ceiling_m(self) -> float:
        """No ground of the model is known to lie, or can lie, above this height."""
        return self._ceiling

    @property
    def slots(self) -> int:
        """How many blocks fit in memory."""
        return int(self._grid.posts.shape[0])

    @property
    def empty(self) -> bool:
        """Whether all posts are known to be without data; one that is paged never says so."""
        return not self._seen_data

    def fresh_marks(self, rays: int) -> NDArray[np.float64]:
        """Where rays note what they wait for: (rays, 6), see `kernels.resumed`; none if all is in memory."""
        return np.full((0 if self._whole else rays, 6), -1.0)

    def blocks_of(self, marks: NDArray[np.float64], status: NDArray[np.uint8]) -> Ints:
        """Blocks that paused rays wait for, row-major."""
        if self._whole:
            return np.empty(0, np.int64)
        waiting = marks[status == kernels.PAUSED]
        return np.asarray(waiting[:, 3] * self._blocks[1] + waiting[:, 4], np.int64)

    def run(self, action: Callable[[kernels.Grid, float], Ints]) -> None:
        """Repeat an action on the grid until it asks for no block.

        Args:
            action: takes the grid and the ceiling, returns the blocks it still wants, row-major. The first
                round runs beside other threads' rounds; the ones that need the disk run alone.
        """
        with self._lock.shared():
            wanted = action(self._grid, self._ceiling)
        if wanted.size == 0:
            return
        with self._lock.alone():
            while wanted.size:
                self._bring(np.unique(wanted))
                wanted = action(self._grid, self._ceiling)

    def _bring(self, wanted: Ints) -> None:
        """Read as many of the blocks as fit; those longest in memory make room."""
        for block in wanted[: self.slots].tolist():
            if block in self._slots:
                self._slots.move_to_end(block)
        for block in wanted[: self.slots].tolist():
            if block in self._slots:
                continue
            if len(self._slots) < self.slots:
                slot = len(self._slots)
            else:
                old, slot = self._slots.popitem(last=False)
                self._grid.slot_of[divmod(old, self._blocks[1])] = -1
            self._install(block, slot)

    def _install(self, block: int, slot: int) -> None:
        grid, bits = self._grid, self._bits
        i, j = divmod(block, self._blocks[1])
        row, column = i << bits, j << bits
        row_end = min(row + (1 << bits) + 1, self.shape[0])
        column_end = min(column + (1 << bits) + 1, self.shape[1])
        read = self._read(row, row_end, column, column_end)
        posts = grid.posts[slot]
        posts.fill(-np.inf)
        self._seen_data = self._seen_data or bool(np.isfinite(read).any())
        posts[: row_end - row, : column_end - column] = _voids_marked(read, self._ceiling)
        top = kernels.fill_tiles(posts, grid.tiles[slot], grid.starts, grid.strides, bits)
        grid.highest[i, j] = top
        grid.slot_of[i, j] = slot
        self._slots[block] = slot
        self.blocks_read += 1
        if np.isfinite(grid.highest).all():
            self._ceiling = float(grid.highest.max())


def _layout(cells: tuple[int, int], bits: int) -> tuple[Ints, Ints, int]:
    """Where levels 1 .. bits - 1 of a block's pyramid lie in one flat array, and its length."""
    starts, strides, at = np.zeros(max(bits, 2), np.int64), np.zeros(max(bits, 2), np.int64), 0
    for level in range(1, bits):
        rows, columns = ((n + (1 << level) - 1) >> level for n in cells)
        starts[level], strides[level] = at, columns
        at += rows * columns
    return starts, strides, max(at, 1)


def _voids_marked(posts: Posts, ceiling: float) -> Posts:
    """Voids replaced by a mark and a height above which a ray passes them unharmed.

    Unknown ground is taken to rise above the highest post within 64 by no more than half the relief there;
    where none is near, not above the highest post of the block.
    """
    void = np.isnan(posts)
    if not void.any():
        return posts
    if void.all():
        return np.full_like(posts, np.float32(kernels.VOID_BASE + ceiling))
    from scipy.ndimage import maximum_filter, minimum_filter

    high = maximum_filter(np.where(void, -np.inf, posts), _VOID_WINDOW, mode="nearest")
    low = minimum_filter(np.where(void, np.inf, posts), _VOID_WINDOW, mode="nearest")
    known = np.isfinite(high)
    bound = np.full(posts.shape, np.nanmax(posts), np.float64)
    bound[known] = high[known] + (high[known] - low[known]) / 2.0
    return np.where(void, kernels.VOID_BASE + bound, posts).astype(np.float32)


class _SharedLock:
    """Many readers or one writer; a waiting writer goes first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._readers = 0
        self._writing = False
        self._waiting = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._writing and not self._waiting)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: not self._writing and not self._readers)
            self._waiting -= 1
            self._writing = True
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
