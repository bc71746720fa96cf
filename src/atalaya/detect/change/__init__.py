"""Change between two passes over the same ground, registered onto each other.

In: two rasters of one shape, radar intensities or optical bands. Out: masks and maps of change. Radar:
log-ratios, whose law under no change is known for intensities of known looks (`logratio_cfar`), and an
automatic threshold for pictures of unknown scale (`radar_change`). Optical: differences of indices.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atalaya.detect.change.agreement import accuracy, kappa
    from atalaya.detect.change.clusters import pca_kmeans
    from atalaya.detect.change.indices import index_change, normalised_difference
    from atalaya.detect.change.radar import RadarChange, radar_change
    from atalaya.detect.change.ratio import cfar_threshold, log_ratio, logratio_cfar, measured_looks
    from atalaya.detect.change.thresholds import kittler_illingworth, mixture, otsu

_HEAVY = {
    "RadarChange": "radar",
    "accuracy": "agreement",
    "cfar_threshold": "ratio",
    "index_change": "indices",
    "kappa": "agreement",
    "kittler_illingworth": "thresholds",
    "log_ratio": "ratio",
    "logratio_cfar": "ratio",
    "measured_looks": "ratio",
    "mixture": "thresholds",
    "normalised_difference": "indices",
    "otsu": "thresholds",
    "pca_kmeans": "clusters",
    "radar_change": "radar",
}

__all__ = [
    "RadarChange",
    "accuracy",
    "cfar_threshold",
    "index_change",
    "kappa",
    "kittler_illingworth",
    "log_ratio",
    "logratio_cfar",
    "measured_looks",
    "mixture",
    "normalised_difference",
    "otsu",
    "pca_kmeans",
    "radar_change",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.detect.change.{_HEAVY[name]}"), name)
