"""Local RX: each pixel against the ring of its own surroundings.

Principal components first (at most 20): a covariance of d components needs some 10 d pixels, and the work
grows with d squared. Windows as `spectral.rx(window=(inner, outer))` has them: near an edge the outer window
is shifted inwards and the inner one is cut.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.subspace import Subspaces

Floats = NDArray[np.float64]

MOST_COMPONENTS = 20
_FLOOR = 1e-9


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
    spaces = Subspaces(cube, valid)
    return local_distances(spaces.principal(min(most, MOST_COMPONENTS)), inner, outer, valid=spaces.good)


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
