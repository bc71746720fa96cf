"""The shipped anomaly detector: five unlike looks at a scene, joined by rank.

1, 2. what area openings take away from principal and from clean components (`attribute`), as a distance;
3, 4. clean components against a narrow and a wide ring (`local_rx`);
5.    RX in the clean subspace.

No parameter is fitted to a scene: windows, areas and numbers of components are constants below, cut only
where a scene is smaller. They were chosen on implants in the public MUUFL cubes and on made-up mixtures, see
docs/background/spectral.md.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.spectral.attribute import area_residuals
from atalaya.detect.spectral.fusion import fisher
from atalaya.detect.spectral.ring import local_distances
from atalaya.detect.spectral.subspace import Subspaces

Floats = NDArray[np.float64]

COMPONENTS = 10
CLEAN = 20
AREAS_PX = (25, 50, 100)
WINDOWS_PX = ((7, 19), (15, 31))


def anomaly_score(cube: NDArray[np.generic], valid: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """How unlike its scene each pixel is: (rows, columns), mean -ln of the share of pixels that are more so.

    Args:
        cube: (rows, columns, bands) integers or floats, a whole scene: ranks are of the scene.
        valid: (rows, columns) False where there are no data; NaN comes out there.

    Raises:
        BadInput: SPC-001 no such cube; SPC-002 too few pixels or bands that vary.
    """
    spaces = Subspaces(cube, valid)
    clean = spaces.clean(CLEAN)
    first = np.ascontiguousarray(clean[..., :COMPONENTS])
    maps = [
        _distance(area_residuals(spaces.principal(COMPONENTS), AREAS_PX), spaces.good),
        _distance(area_residuals(first, AREAS_PX), spaces.good),
        *(_ring(first, inner, outer, spaces.good) for inner, outer in WINDOWS_PX),
        np.square(clean).sum(axis=2),
    ]
    return fisher(maps, spaces.good).astype(np.float32)


def _distance(vectors: Floats, good: NDArray[np.bool_] | None) -> Floats:
    """(rows, columns) squared length in units of the spread about zero; 0 for vectors of zeros."""
    rows, columns, d = vectors.shape
    flat = vectors.reshape(-1, d)
    chosen = flat if good is None else flat[good.ravel()]
    spread = chosen.T @ chosen / len(chosen)
    values, turn = np.linalg.eigh(spread)
    alive = values > 1e-12 * max(float(values[-1]), 1e-300)
    white = flat @ (turn[:, alive] / np.sqrt(values[alive]))
    return np.asarray(np.square(white).sum(axis=1).reshape(rows, columns))


def _ring(components: Floats, inner: int, outer: int, good: NDArray[np.bool_] | None) -> Floats:
    """Local RX; windows cut to a small scene, plain RX where no ring fits."""
    rows, columns, d = components.shape
    fitting = min(outer, (min(rows, columns) - 1) // 2 * 2 + 1)
    if fitting**2 - inner**2 < 3 * d:
        return np.asarray(np.square(components).sum(axis=2))
    return local_distances(components, inner, fitting, valid=good)
