"""Local RX: each pixel against the ring of its own surroundings.

Principal components first (at most 20): a covariance of d components needs some 10 d pixels, and the work
grows with d squared. Windows as `spectral.rx(window=(inner, outer))` has them: near an edge the outer window
is shifted inwards and the inner one is cut.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.background import CHUNK, moments, pixels_of, usable

Floats = NDArray[np.float64]

MOST_COMPONENTS = 20
_FLOOR = 1e-9


def components(cube: NDArray[np.generic], most: int = 10, valid: NDArray[np.bool_] | None = None) -> Floats:
    """(rows, columns, d) first principal components, each of unit variance; 0 where there are no data.

    Raises:
        BadInput: SPC-001 no such cube; SPC-002 too few pixels or bands that vary.
    """
    cube = np.asarray(cube)
    flat, good = pixels_of(cube), usable(cube, valid)
    rows = flat if good is None else flat[good]
    if len(rows) < 3:
        raise BadInput("SPC-002", pixels=len(rows))
    mean, covariance = moments(rows)
    values, vectors = np.linalg.eigh(covariance)
    count = min(most, int((values > 1e-12 * max(values[-1], 0.0)).sum()))
    if not values[-1] > 0.0 or not count:
        raise BadInput("SPC-002", pixels=len(rows))
    turn = vectors[:, ::-1][:, :count] / np.sqrt(values[::-1][:count])
    out = np.zeros((len(flat), count))
    for i in range(0, len(flat), CHUNK):
        chunk = flat[i : i + CHUNK] - mean
        out[i : i + CHUNK] = chunk @ turn
    if good is not None:
        out[~good] = 0.0
    return out.reshape(*cube.shape[:2], count)


def local_rx(
    cube: NDArray[np.generic], inner: int, outer: int, *, most: int = 10,
    valid: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:  # fmt: skip
    """(rows, columns) squared distances from the ring around each pixel, in `most` principal components.

    Args:
        cube: (rows, columns, bands). inner, outer: odd widths of the windows in pixels; the inner one at
            least as large as what is searched for, the ring at least ten pixels per component.
        most: components, at most 20. valid: (rows, columns) False where there are no data.

    Raises:
        BadInput: SPC-005 windows that do not fit each other, the cube or the components; SPC-001, SPC-002.
    """
    return local_distances(
        components(cube, min(most, MOST_COMPONENTS), valid), inner, outer, valid=_mask(cube, valid)
    )


def local_distances(
    values: Floats, inner: int, outer: int, *, valid: NDArray[np.bool_] | None = None
) -> Floats:
    """The same of (rows, columns, d) values taken as they are.

    Raises:
        BadInput: SPC-005, windows that do not fit each other, the cube or the components.
    """
    from atalaya.detect.spectral import kernels

    rows, columns, d = values.shape
    odd = inner % 2 == 1 and outer % 2 == 1
    if not odd or not 0 < inner < outer <= min(rows, columns) or outer**2 - inner**2 < d + 2:
        raise BadInput("SPC-005", inner=inner, outer=outer, rows=rows, columns=columns, components=d)
    score = np.empty((rows, columns))
    good = np.ones((rows, columns), np.bool_) if valid is None else valid
    kernels.local_distances(np.ascontiguousarray(values, np.float64), good, inner, outer, _FLOOR, score)
    return score


def _mask(cube: NDArray[np.generic], valid: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    good = usable(np.asarray(cube), valid)
    return None if good is None else good.reshape(np.asarray(cube).shape[:2])
