"""Where a narrow way ends: a line, bright or dark, that comes from somewhere and stops inside the picture.

Roads cross a picture; a fresh track leads to one place. Ridges of the blurred picture are joined to lines;
the free end of a long, thin one is the claim.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.candidates import Candidates, no_candidates
from atalaya.detect.card import CardClass, ModelCard
from atalaya.detect.detector import Context
from atalaya.detect.shape.luma import luma_at
from atalaya.detect.tile import Tile

WAY_M = 2.6
"""Width of the ways looked for."""
STEP_M = 1.0
"""Ground sample distance worked at; finer pictures are reduced to it, coarser ones taken as they are."""
LEAST_M, BOX_M = 60.0, 24.0
STRONG = 6.0
"""Strength of a line over the median ridge of the picture."""
WEAK_SHARE = 0.4
COARSEST_M = 2.0


@cache
def card() -> ModelCard:
    """What the detector says of itself."""
    return ModelCard(
        name="track-end",
        version="1",
        kinds=("EO", "IR"),
        units=("DN", "reflectance", "radiance"),
        classes=(CardClass("end of a way", "track"),),
        gsd_m=(0.05, COARSEST_M),
        threshold=1.0,
        intended="Proposes ends of narrow ways off a road.",
        forbidden="Following vehicles or persons along a way.",
        training="None: fixed rule.",
    ).sealed()


class TrackEnd:
    """The detector; silent on pictures of unknown or coarse ground sample distance."""

    @property
    def card(self) -> ModelCard:
        """See `Detector.card`."""
        return card()

    def prepare(self, context: Context) -> Any:
        """See `Detector.prepare`."""
        return None

    def detect(self, tile: Tile, state: Any) -> Candidates:
        """Ends of ways, scored by the length of the way in units of the least."""
        from scipy import ndimage

        from atalaya.detect.shape import kernels

        if not 0.0 < tile.gsd_m <= COARSEST_M:
            return no_candidates()
        picture, scale = luma_at(tile, STEP_M)
        gsd = tile.gsd_m * scale
        blurred = ndimage.gaussian_filter(picture, 0.5 * WAY_M / gsd)
        thin = np.zeros_like(blurred)
        kernels.ridges(blurred, thin)
        known = thin[thin > 0.0]
        if known.size < 100:
            return no_candidates()
        strong = STRONG * float(np.median(known))
        ends, lengths = _ends(thin, strong, LEAST_M / gsd, ndimage)
        half = 0.5 * BOX_M / gsd
        return _boxes(ends, lengths / (LEAST_M / gsd), half, scale, tile.shape)


def _ends(
    thin: NDArray[np.float32], strong: float, least_px: float, ndimage: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, 2) column and row of free ends inside the picture, and the length of their lines, pixels."""
    near = np.ones((3, 3), np.bool_)
    lines, count = ndimage.label(thin > WEAK_SHARE * strong, near)
    if not count:
        return np.empty((0, 2)), np.empty(0)
    number = np.arange(1, count + 1)
    pixels = ndimage.sum_labels(np.ones_like(thin), lines, number)
    top = ndimage.maximum(thin, lines, number)
    found, lengths = [], []
    edge = 0.03 * max(thin.shape)
    for k in np.flatnonzero((pixels >= least_px) & (top >= strong)):
        row, column = np.nonzero(lines == k + 1)
        ends = _far_apart(column, row)
        span = float(np.hypot(*(ends[0] - ends[1])))
        # a blob or a closed outline has no length to speak of for its pixels
        if span < 0.5 * least_px or len(row) > 4.0 * span:
            continue
        for end in ends:
            inside = (edge < end[0] < thin.shape[1] - edge) and (edge < end[1] < thin.shape[0] - edge)
            if inside:
                found.append(end)
                lengths.append(min(span, 4.0 * least_px))
    return np.array(found, np.float64).reshape(-1, 2), np.array(lengths, np.float64)


def _far_apart(column: NDArray[np.intp], row: NDArray[np.intp]) -> NDArray[np.float64]:
    """(2, 2) the two ends of a line: farthest from its middle, then farthest from that."""
    points = np.stack((column, row), axis=1).astype(np.float64)
    first = points[np.argmax(((points - points.mean(axis=0)) ** 2).sum(axis=1))]
    second = points[np.argmax(((points - first) ** 2).sum(axis=1))]
    return np.stack((first, second))


def _boxes(
    ends: NDArray[np.float64], score: NDArray[np.float64], half: float, scale: float, shape: tuple[int, int]
) -> Candidates:
    if not len(ends):
        return no_candidates()
    middle = (ends + 0.5) * scale - 0.5
    reach = half * scale
    box = np.concatenate((middle - reach, middle + reach), axis=1)
    edge = np.array([shape[1], shape[0]] * 2) - 0.5
    clipped = np.asarray(np.clip(box, -0.5, edge), np.float32)
    return Candidates(clipped, score.astype(np.float32), np.zeros(len(ends), np.int16))
