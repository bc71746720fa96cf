"""A strip in scenes: stretches of lines that fit into memory, each judged by its own statistics."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.spectral.envi_cube import EnviCube

MOST_VALUES = 24_000_000
"""Numbers of a scene, those it shares with its neighbours included: the process stays below 1 GB."""

HALO_LINES = 24
LEAST_LINES = 32


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Some lines of a strip.

    first, after: lines it answers for, half-open. seen: first line it sees.
    values: (lines, columns, bands) of all it sees. valid: (lines, columns) where there are data.
    """

    first: int
    after: int
    seen: int
    values: NDArray[np.generic]
    valid: NDArray[np.bool_]

    @property
    def own(self) -> slice:
        """Which of the lines it sees it answers for."""
        return slice(self.first - self.seen, self.after - self.seen)


def scenes(cube: EnviCube) -> Iterator[Scene]:
    """The scenes of a cube, in order: of equal length, so that none is too short for statistics.

    Raises:
        BadInput: DET-024, the file has become shorter. OSError: it cannot be read.
    """
    lines = cube.header.lines
    most = max(MOST_VALUES // (cube.header.columns * len(cube.kept)), LEAST_LINES)
    halo = min(HALO_LINES, most // 4)
    count = 1 if lines <= most else -(-lines // (most - 2 * halo))
    edges = [round(n * lines / count) for n in range(count + 1)]
    for first, after in pairwise(edges):
        seen, end = max(first - halo, 0), min(after + halo, lines)
        values, valid = cube.block(seen, end)
        yield Scene(first, after, seen, values, valid)
