"""Change by two clusters of small patches (Celik 2009): a second opinion beside the thresholds."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_PATCH, _COMPONENTS, _ROUNDS = 4, 3, 50


def pca_kmeans(difference: Floats) -> NDArray[np.bool_]:
    """(rows, columns) pixels whose 4 x 4 patch falls to the cluster of larger mean.

    Patches are reduced to three principal components and split in two by k-means, started at the median of
    their means instead of by chance, so that the same picture always gives the same mask.

    Args:
        difference: (rows, columns) strength of difference, not negative; NaN counts as none.
    """
    values = np.nan_to_num(np.asarray(difference, np.float64))
    rows, columns = values.shape
    before = _PATCH // 2
    padded = np.pad(values, ((before, _PATCH - 1 - before),) * 2, mode="edge")
    patches = np.lib.stride_tricks.sliding_window_view(padded, (_PATCH, _PATCH)).reshape(rows * columns, -1)
    mean = patches.mean(axis=1)
    _, vectors = np.linalg.eigh(np.cov(patches.T) if len(patches) > 1 else np.eye(_PATCH**2))
    features = (patches - patches.mean(axis=0)) @ vectors[:, ::-1][:, :_COMPONENTS]
    high = mean > np.median(mean)
    for _ in range(_ROUNDS):
        if high.all() or not high.any():
            break
        near = [np.square(features - features[part].mean(axis=0)).sum(axis=1) for part in (~high, high)]
        new = near[1] < near[0]
        if (new == high).all():
            break
        high = new
    if high.any() and not high.all() and mean[high].mean() < mean[~high].mean():
        high = ~high
    return np.asarray(high.reshape(rows, columns)) & bool((values != values.flat[0]).any())
