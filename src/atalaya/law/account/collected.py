"""What a sweep collects chunk by chunk, joined at the end: runs of fixes inside, and steps with their
windows."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Runs:
    """Runs of fixes inside the drawn line.

    rows: one [first fix, last fix, supported, certain, all seconds over its own steps] per run
    """

    rows: list[list[float]] = field(default_factory=list)

    def extend(self, first: Ints, last: Ints, supported: Floats, certain: Floats, whole: Floats) -> None:
        """Append runs; one that begins with the fix at which the last one ended goes on with it."""
        new = [list(row) for row in zip(first, last, supported, certain, whole, strict=True)]
        if new and self.rows and self.rows[-1][1] == new[0][0]:
            going_on, more = self.rows[-1], new.pop(0)
            going_on[1] = more[1]
            for amount in (2, 3, 4):
                going_on[amount] += more[amount]
        self.rows += new

    @property
    def first(self) -> Ints:
        """(k,) number of each run's first fix."""
        return np.array([row[0] for row in self.rows], np.int64)

    @property
    def last(self) -> Ints:
        """(k,) number of each run's last fix."""
        return np.array([row[1] for row in self.rows], np.int64)

    def seconds(self) -> tuple[Floats, Floats, Floats]:
        """(k,) seconds supported, certain, and all."""
        table = np.array([row[2:] for row in self.rows], np.float64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]


@dataclass
class Steps:
    """Some steps of a path with the windows of their prisms.

    number: (k,) of the step. earliest_us, latest_us: (k,). seconds: (k,) most seconds inside
    """

    number: list[Ints] = field(default_factory=list)
    windows: list[Floats] = field(default_factory=list)

    def add(self, number: NDArray[np.intp], earliest: Floats, latest: Floats, seconds: Floats) -> None:
        """Append the steps of a chunk."""
        self.number.append(number.astype(np.int64))
        self.windows.append(np.stack((earliest, latest, seconds)))

    def columns(self) -> tuple[Ints, Floats, Floats, Floats]:
        """Number, earliest, latest and seconds of all chunks."""
        if not self.number:
            return np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0)
        table = np.concatenate(self.windows, axis=1)
        return np.concatenate(self.number), table[0], table[1], table[2]
