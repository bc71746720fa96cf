"""Structures: patches with edges strong for their surroundings that run in two directions, square to another.

Edge strength is added up by direction modulo a quarter turn: the walls of a shed fall into one direction, the
edges of bushes and rocks into all. Contrast is told against a ring of patches.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.candidates import Candidates, no_candidates
from atalaya.detect.card import CardClass, ModelCard
from atalaya.detect.detector import Context
from atalaya.detect.shape.luma import luma_at
from atalaya.detect.suppress_near import strongest_apart
from atalaya.detect.tile import Tile

STEP_M = 0.5
PATCH_M = 4.0
"""Side of a patch; a claim covers three by three."""
COARSEST_M = 1.5
THRESHOLD = 5.0
MOST = 50


@cache
def card() -> ModelCard:
    """What the detector says of itself."""
    return ModelCard(
        name="square-edges",
        version="1",
        kinds=("EO", "IR"),
        units=("DN", "reflectance", "radiance"),
        classes=(CardClass("straight edges", "structure"),),
        gsd_m=(0.05, COARSEST_M),
        threshold=THRESHOLD,
        intended="Proposes roofs, sheds and other things with square outlines.",
        forbidden="Search for, tracking or identification of persons.",
        training="None: fixed rule.",
    ).sealed()


class SquareEdges:
    """The detector; silent on pictures of unknown or coarse ground sample distance."""

    @property
    def card(self) -> ModelCard:
        """See `Detector.card`."""
        return card()

    def prepare(self, context: Context) -> Any:
        """See `Detector.prepare`."""
        return None

    def detect(self, tile: Tile, state: Any) -> Candidates:
        """Structures, strongest first."""
        from scipy import ndimage

        from atalaya.detect.shape import kernels

        if not 0.0 < tile.gsd_m <= COARSEST_M:
            return no_candidates()
        picture, scale = luma_at(tile, STEP_M)
        block = max(2, round(PATCH_M / (tile.gsd_m * scale)))
        shape = (kernels.FOLDS, picture.shape[0] // block, picture.shape[1] // block)
        if min(shape) < 5:
            return no_candidates()
        planes = np.empty(shape, np.float32)
        kernels.edge_planes(picture, block, planes)
        score = _squareness(planes, ndimage)
        peak = (score == ndimage.maximum_filter(score, 3)) & (score >= THRESHOLD)
        row, column = np.nonzero(peak)
        strongest = np.argsort(-score[row, column], kind="stable")[:MOST]
        return _boxes(row[strongest], column[strongest], score, block * scale, tile.shape)


def _squareness(planes: NDArray[np.float32], ndimage: Any) -> NDArray[np.float32]:
    """(rows, columns) deviations by which the strongest direction exceeds the others of its surroundings."""
    near = ndimage.uniform_filter(planes, (0, 3, 3))
    strongest = near.max(axis=0)
    excess = strongest - np.median(near, axis=0)
    around = ndimage.uniform_filter(excess, 15)
    spread = np.sqrt(np.maximum(ndimage.uniform_filter(excess**2, 15) - around**2, 0.0))
    floor = 0.25 * float(spread.mean()) + 1e-3
    return np.asarray((excess - around) / np.maximum(spread, floor), np.float32)


def _boxes(
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    score: NDArray[np.float32],
    patch: float,
    shape: tuple[int, int],
) -> Candidates:
    if not len(row):
        return no_candidates()
    middle = np.stack((column + 0.5, row + 0.5), axis=1) * patch - 0.5
    box = np.concatenate((middle - 1.5 * patch, middle + 1.5 * patch), axis=1)
    edge = np.array([shape[1], shape[0]] * 2) - 0.5
    clipped = np.asarray(np.clip(box, -0.5, edge), np.float32)
    return strongest_apart(Candidates(clipped, score[row, column], np.zeros(len(row), np.int16)))
