"""Where to cut a map in two without anybody saying where: three classical rules over a histogram.

Otsu (1979) splits evenly and misplaces the cut when one class is rare; Kittler and Illingworth (1986) assume
two normal laws; the mixture fits them by expectation maximisation and cuts where change becomes the likelier.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BINS = 256
_ROUNDS = 100


def _histogram(values: Floats) -> tuple[Floats, Floats]:
    finite = np.asarray(values, np.float64).ravel()
    finite = finite[np.isfinite(finite)]
    if not finite.size or finite.min() == finite.max():
        edge = float(finite[0]) if finite.size else 0.0
        return np.ones(1), np.array([edge])
    counts, edges = np.histogram(finite, _BINS)
    return counts / counts.sum(), 0.5 * (edges[1:] + edges[:-1])


def otsu(values: Floats) -> float:
    """Threshold of most variance between the classes; the value itself where there is but one."""
    share, middle = _histogram(values)
    below, first = np.cumsum(share), np.cumsum(share * middle)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = np.square(first[-1] * below - first) / (below * (1.0 - below))
    between[~np.isfinite(between)] = -1.0
    return float(middle[int(between.argmax())])


def kittler_illingworth(values: Floats) -> float:
    """Threshold of least error of two normal laws; Otsu's where no split has two of them."""
    share, middle = _histogram(values)
    p, m, s = np.cumsum(share), np.cumsum(share * middle), np.cumsum(share * middle**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        q = 1.0 - p
        low, high = s / p - (m / p) ** 2, (s[-1] - s) / q - ((m[-1] - m) / q) ** 2
        error = p * np.log(low) + q * np.log(high) - 2.0 * (p * np.log(p) + q * np.log(q))
    least = 1e-9 * max(float(np.ptp(middle)) ** 2, 1e-300)
    fair = (low > least) & (high > least) & np.isfinite(error)
    return float(middle[int(np.where(fair, error, np.inf).argmin())]) if fair.any() else otsu(values)


def mixture(values: Floats) -> float:
    """Value above which the upper of two fitted normal laws is the likelier; Otsu's where they merge."""
    share, middle = _histogram(values)
    start = otsu(values)
    upper = (middle > start).astype(np.float64)
    if not 0.0 < float(share @ upper) < 1.0:
        return start
    least = float(np.ptp(middle)) / _BINS
    density = np.zeros((2, len(middle)))
    for _ in range(_ROUNDS):
        for k, part in enumerate((1.0 - upper, upper)):
            weight = max(float(share @ part), 1e-12)
            mean = float(share @ (part * middle)) / weight
            spread = max(float(np.sqrt(share @ (part * (middle - mean) ** 2) / weight)), least)
            density[k] = weight / spread * np.exp(-0.5 * ((middle - mean) / spread) ** 2)
        new = density[1] / np.maximum(density.sum(axis=0), 1e-300)
        done = float(np.abs(new - upper).max()) < 1e-6
        upper = new
        if done:
            break
    # the wider law wins again far below the narrow one's middle: only the last crossing counts
    lower = np.flatnonzero(upper < 0.5)
    return float(middle[lower[-1]]) if lower.size and lower[-1] < len(middle) - 1 else start
