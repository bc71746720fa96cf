"""Large pictures in tiles: each tile answers for its core and sees a halo around it.

A claim belongs to the tile whose half-open core holds its reference point, so nothing is claimed twice at a
seam and the set of claims does not hang on the tiles' size, for a detector that sees no further than the
halo. Statistics of the picture are taken before it is cut.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.candidates import Candidates, joined


@dataclass(frozen=True, slots=True)
class Window:
    """One tile.

    rows, columns: what it sees, half-open. own_rows, own_columns: ends of what it answers for, half-open, in
    pixels counted from the middle of the first; without end at the edges of the picture.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]
    own_rows: tuple[float, float]
    own_columns: tuple[float, float]

    def cut(self, array: NDArray[np.generic]) -> NDArray[np.generic]:
        """What the tile sees of (rows, columns, ...); a view."""
        return array[self.rows[0] : self.rows[1], self.columns[0] : self.columns[1]]

    def owns(self, point: NDArray[np.floating]) -> NDArray[np.bool_]:
        """(n,) whether the core holds the points (n, 2) of column and row, in pixels of the picture."""
        low = np.array([self.own_columns[0], self.own_rows[0]])
        high = np.array([self.own_columns[1], self.own_rows[1]])
        return np.asarray(((point >= low) & (point < high)).all(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Claimed:
    """Claims of one tile with the points that decide whose they are.

    candidates: in pixels of the tile. reference: (n, 2) column and row in the tile; must not hang on what
    lies beyond the halo: the cell of a dense head, the middle of a box.
    """

    candidates: Candidates
    reference: NDArray[np.float64]


def windows(shape: tuple[int, int], core: int, halo: int, multiple: int = 1) -> Iterator[Window]:
    """Tiles over a picture, row by row.

    Args:
        core: side of a core, rounded up to the multiple; 0: one tile over all.
        halo: rounded up likewise, so that every tile begins on a multiple.
    """
    side = _up(core, multiple) if core else max(*shape, 1)
    rim = _up(halo, multiple)
    for rows, own_rows in _spans(shape[0], side, rim):
        for columns, own_columns in _spans(shape[1], side, rim):
            yield Window(rows, columns, own_rows, own_columns)


def tiled(
    array: NDArray[np.generic],
    tiles: Iterator[Window],
    detect: Callable[[NDArray[np.generic]], Claimed],
) -> Candidates:
    """Claims on a picture tile by tile, in its pixels, in an order that does not hang on the tiles."""
    parts = []
    for window in tiles:
        claimed = detect(window.cut(array))
        origin = np.array([window.columns[0], window.rows[0]], np.float32)
        mine = window.owns(claimed.reference + origin)
        parts.append(shifted(claimed.candidates.take(mine), origin))
    return ordered(joined(parts))


def shifted(claims: Candidates, by: NDArray[np.float32]) -> Candidates:
    """Claims moved by columns and rows."""
    corners = None if claims.corners is None else claims.corners + by
    return replace(claims, box=claims.box + np.concatenate((by, by)), corners=corners)


def ordered(claims: Candidates) -> Candidates:
    """Surest first; equals by box and class."""
    box = claims.box
    return claims.take(np.lexsort((claims.label, box[:, 3], box[:, 2], box[:, 1], box[:, 0], -claims.score)))


def _spans(length: int, side: int, rim: int) -> Iterator[tuple[tuple[int, int], tuple[float, float]]]:
    """Along one axis: what each tile sees, and what it answers for."""
    for first in range(0, max(length, 1), side):
        after = min(first + side, length)
        own = (first - 0.5 if first else -np.inf, after - 0.5 if after < length else np.inf)
        yield (max(first - rim, 0), min(after + rim, length)), own


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
