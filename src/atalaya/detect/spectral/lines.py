"""Line by line with bounded memory: each line against those before it, as the strip is flown.

Mean and covariance forget exponentially (memory (2 - m) / m lines at rate m). A line is judged by what came
before it and only then remembered, so that nothing hides itself; lines are silent until ten pixels per band
have been seen. ERX: Garske, Evans, Artlett and Wong, arXiv:2408.14947; EMA form of the field.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.background import Background, Floats, statistics

Map = NDArray[np.float32]

PIXELS_PER_BAND = 10
_RATE = 0.1
_FLOOR, _FLOOR_EVERY = 1e-8, 16
"""Variance added to each band every so many lines, as a share of its variance at the start, and rate."""


@dataclass(frozen=True, slots=True, eq=False)
class LineScores:
    """Scores of one line, (columns,) float32; NaN while silent and where there are no data."""

    rx: Map
    ace: Map | None = None


class PushBroomRx:
    """RX, and with a signature signed ACE, of lines as they come.

    Args:
        columns, bands: of a line. signature: (bands,) in the units of the lines; None for RX alone.
        rate: share of the new line in the statistics; None for 0.1, less where a line has so few pixels that
            the memory would not hold ten per band.

    Raises:
        BadInput: SPC-003 a signature of other bands; SPC-006 sizes or a rate that cannot be.
    """

    def __init__(
        self, columns: int, bands: int, signature: Floats | None = None, rate: float | None = None
    ) -> None:
        if columns < 2 or bands < 1 or (rate is not None and not 0.0 < rate < 1.0):
            raise BadInput("SPC-006", columns=columns, bands=bands, rate=rate)
        if signature is not None and np.size(signature) != bands:
            raise BadInput("SPC-003", found=np.size(signature), bands=bands)
        self.columns, self.bands = columns, bands
        # memory (2 - m) / m lines must hold ten pixels per band
        self.rate = rate or min(_RATE, 2.0 / (PIXELS_PER_BAND * bands / columns + 1.0))
        self._signature = None if signature is None else np.asarray(signature, np.float64).ravel()
        self._first: list[NDArray[np.generic]] = []
        self._seen = self._lines = 0
        self._usual: Background | None = None
        self._scale = np.empty(0)

    @property
    def silent(self) -> bool:
        """Whether too little was seen to judge a line."""
        return self._usual is None

    def line(self, pixels: NDArray[np.generic], valid: NDArray[np.bool_] | None = None) -> LineScores:
        """Scores of the next line against those before it; then it is remembered.

        Args:
            pixels: (columns, bands). valid: (columns,) False where there are no data.

        Raises:
            BadInput: SPC-001, a line of another shape or type.
        """
        pixels = np.asarray(pixels)
        if pixels.shape != (self.columns, self.bands) or pixels.dtype.kind not in "iuf":
            raise BadInput("SPC-001", shape=pixels.shape, type=str(pixels.dtype))
        good = np.ones(self.columns, np.bool_) if valid is None else np.asarray(valid, np.bool_).copy()
        # one sum tells whether any value is not finite
        if pixels.dtype.kind == "f" and not np.isfinite(pixels.sum()):
            good &= np.isfinite(pixels).all(axis=1)
        chosen = pixels if good.all() else pixels[good]
        nothing = np.full(self.columns, np.nan, np.float32)
        if self._usual is None:
            self._begin(chosen)
            return LineScores(nothing, None if self._signature is None else nothing.copy())
        judged = LineScores(nothing, None if self._signature is None else nothing.copy())
        if len(chosen):
            white = self._whitened(chosen, self._usual)
            judged = self._judged(white, self._usual, good)
            self._remember(white, self._usual)
        return judged

    def _begin(self, pixels: NDArray[np.generic]) -> None:
        """Gather lines until they are enough for statistics; they are held no longer than that."""
        self._first.append(pixels.copy())
        self._seen += len(pixels)
        enough = PIXELS_PER_BAND * self.bands
        if self._seen < enough:
            return
        # lines without variance say nothing: wait on, with the latest alone
        flat = np.concatenate(self._first)
        if not (flat != flat[0]).any():
            self._first, self._seen = self._first[-1:], len(self._first[-1])
            return
        self._usual = statistics(flat, every=True)
        self._scale, _ = self._usual.single()
        self._first = []

    def _judged(self, white: Map, usual: Background, good: NDArray[np.bool_]) -> LineScores:
        norm = np.einsum("ij,ij->i", white, white)
        if self._signature is None:
            return LineScores(_spread(norm, good))
        target = usual.direction(self._signature)
        along = white @ (target / max(float(np.linalg.norm(target)), 1e-300)).astype(np.float32)
        with np.errstate(invalid="ignore", divide="ignore"):
            ace = np.where(norm > 0.0, along / np.sqrt(norm), np.float32(0.0))
        return LineScores(_spread(norm, good), _spread(ace, good))

    def _whitened(self, pixels: NDArray[np.generic], usual: Background) -> Map:
        from scipy.linalg.blas import strmm

        from atalaya.detect.spectral import kernels

        here = pixels if usual.kept.all() else pixels[:, usual.kept]
        near = np.empty(here.shape, np.float32)
        kernels.centre(here, usual.mean, self._scale, near)
        whitener = np.asfortranarray(usual.whitener / self._scale, np.float32)
        return np.asarray(strmm(1.0, whitener, near.T, side=0, lower=1, overwrite_b=1).T)

    def _remember(self, white: Map, usual: Background) -> None:
        """The line enters mean and covariance C = W^-1 W^-T as C + rate (S - C), seen in whitened space.

        There the covariance is the unit matrix, so that single precision loses nothing, and the new whitener
        is chol(M)^-1 W with M = (1 - rate) 1 + rate S.
        """
        from scipy.linalg.blas import ssyrk
        from scipy.linalg.lapack import dpotrf, dtrtrs

        count, bands = white.shape
        rate = self.rate
        shift = np.full(count, 1.0 / count, np.float32) @ white
        # of the lower triangle; about the mean as it will be
        spread = ssyrk(rate / count, white.T, lower=1).astype(np.float64)
        spread -= (rate * (2.0 - rate) * rate) * np.outer(shift, shift)
        spread.flat[:: bands + 1] += 1.0 - rate
        self._lines += 1
        if self._lines % _FLOOR_EVERY == 0:
            # a band that has gone dead must not be divided by nothing
            rough = usual.whitener / self._scale
            spread += (_FLOOR_EVERY * rate * _FLOOR) * (rough @ rough.T)
        factor, _ = dpotrf(spread, lower=1, clean=1, overwrite_a=1)
        whitener, _ = dtrtrs(factor, usual.whitener, lower=1)
        # L shift = W^-1 shift, back to the units of the lines
        back, _ = dtrtrs(usual.whitener, shift.astype(np.float64), lower=1)
        self._seen += count
        self._usual = Background(usual.mean + rate * back, whitener, usual.kept, self._seen)


def _spread(values: Map, good: NDArray[np.bool_]) -> Map:
    """Values of the good columns, NaN at the others."""
    if good.all():
        return values
    line = np.full(good.shape, np.nan, np.float32)
    line[good] = values
    return line
