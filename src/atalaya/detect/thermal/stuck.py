"""What stays at one place of the picture while the ground moves is of the camera, not of the ground."""

import numpy as np
from numpy.typing import NDArray

CELL_PX = 8
_MEMORY = 60.0
"""Pictures after which what was seen counts a third."""
_SHARE = 0.6
"""Share of pictures with a claim in a cell from which the cell is stuck."""
_AFTER = 12
_COARSE_PX = 16
_MOVED = 0.5
"""Root mean square change of coarse blocks, in their own deviations, from which the ground has moved."""


class StuckPixels:
    """Counts claims per cell of the picture, over pictures between which the ground moved."""

    def __init__(self, rows: int, columns: int) -> None:
        self._hits = np.zeros((rows // CELL_PX + 1, columns // CELL_PX + 1), np.float32)
        self._pictures = 0.0
        self._last: NDArray[np.float32] | None = None

    def among(self, picture: NDArray[np.uint8], middle: NDArray[np.float32]) -> NDArray[np.bool_]:
        """(n,) whether each claim lies where claims were in most pictures although the ground moved.

        Args:
            middle: (n, 2) column and row of the claims.
        """
        cells = (np.clip(middle, 0.0, None) / CELL_PX).astype(np.intp)
        if self._moved(picture):
            fade = np.float32(np.exp(-1.0 / _MEMORY))
            self._hits *= fade
            self._pictures = self._pictures * float(fade) + 1.0
            seen = np.unique(cells, axis=0)
            self._hits[seen[:, 1], seen[:, 0]] += 1.0
        if self._pictures < _AFTER:
            return np.zeros(len(middle), np.bool_)
        return np.asarray(self._hits[cells[:, 1], cells[:, 0]] > _SHARE * self._pictures)

    def _moved(self, picture: NDArray[np.uint8]) -> bool:
        coarse = _blocks(picture)
        if self._last is None or not coarse.size:
            self._last = coarse
            return True
        change = float(np.sqrt(np.mean((coarse - self._last) ** 2)))
        if change < max(_MOVED * float(coarse.std()), 0.25):
            return False
        self._last = coarse
        return True


def _blocks(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Means of blocks, of every fourth pixel: noise falls, ground stays."""
    thin = picture[::4, ::4]
    side = _COARSE_PX // 4
    rows, columns = (size // side * side for size in thin.shape)
    parts = thin[:rows, :columns].reshape(rows // side, side, columns // side, side)
    return np.asarray(parts.mean(axis=(1, 3), dtype=np.float32))
