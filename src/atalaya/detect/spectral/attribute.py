"""Small things by their area: what openings and closings by area take away, component by component.

After Kang et al. 2017 (attribute and edge-preserving filters): a part of a picture brighter (or darker) than
all around it and smaller than an area goes when the picture is opened (closed) by that area; what went is the
residual. Theirs is added up over components; here it is a vector, and its distance from zero is measured
with the covariance that such residuals have in the scene, so that texture counts for little.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS = 65_535


def area_residuals(components: Floats, areas: tuple[int, ...]) -> Floats:
    """(rows, columns, d) mean over areas of what opening and closing take away, dark parts negative.

    Args:
        components: (rows, columns, d), quantised to 16 bits each. areas: pixels, the largest thing searched
            for last.
    """
    from atalaya.detect.spectral import kernels

    rows, columns, d = components.shape
    out = np.empty((d, rows * columns))
    sizes = np.array(areas, np.int32)
    for k in range(d):
        values = components[..., k].ravel()
        low, span = values.min(), max(float(np.ptp(values)), 1e-300)
        level = np.rint((values - low) * (_STEPS / span)).astype(np.uint16)
        bright, dark = np.zeros(values.size), np.zeros(values.size)
        for sign, steps, found in ((1.0, level, bright), (-1.0, _STEPS - level, dark)):
            order = np.argsort(steps, kind="stable").astype(np.int32)
            kernels.area_residual(steps, sign * values, order, columns, sizes, found)
        out[k] = (bright - dark) / len(areas)
    return np.ascontiguousarray(out.T).reshape(rows, columns, d)
