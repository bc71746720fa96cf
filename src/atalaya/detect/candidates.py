"""What a detector answers: boxes in one picture, as columns."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Claims about one picture; n may be 0. Pixels count from 0 in the middle of the first.

    box: (n, 4) float32 first column, first row, last column, last row: edges, so a pixel alone is x -+ 0.5
    score: (n,) float32, the more the surer; comparable within one detector only
    label: (n,) int16 number of the class in the detector's card
    corners: (n, 4, 2) float32 column and row of an oriented box's corners in order; None for upright boxes
    """

    box: NDArray[np.float32]
    score: NDArray[np.float32]
    label: NDArray[np.int16]
    corners: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.score)

    @property
    def middle(self) -> NDArray[np.float32]:
        """(n, 2) column and row of the boxes' middles."""
        box = self.box
        return np.stack(((box[:, 0] + box[:, 2]) / 2.0, (box[:, 1] + box[:, 3]) / 2.0), axis=1)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Candidates":
        """Some of them, in the order given."""
        corners = None if self.corners is None else self.corners[rows]
        return Candidates(self.box[rows], self.score[rows], self.label[rows], corners)


def no_candidates() -> Candidates:
    """Nothing claimed."""
    return Candidates(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int16))


def joined(parts: list[Candidates]) -> Candidates:
    """Several answers as one; oriented boxes are kept where all have them."""
    if not parts:
        return no_candidates()
    columns = [
        None
        if any(getattr(part, column.name) is None for part in parts)
        else np.concatenate([getattr(part, column.name) for part in parts])
        for column in fields(Candidates)
    ]
    return Candidates(*columns)  # type: ignore[arg-type]
