"""Spectra of cubes: what is unlike its scene, and what is like a signature.

In: (rows, columns, bands) cubes as they come, integers too, or lines of a push-broom imager one by one. Out:
maps of scores, and candidates. Reed and Yu 1990 (RX), Kraut and Scharf 1999 (ACE), Kang 2017 (attributes).
Names that need numba or scipy are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atalaya.detect.spectral.anomaly import anomaly_score
    from atalaya.detect.spectral.background import Background, background_of
    from atalaya.detect.spectral.library import Signature, read_library, resampled
    from atalaya.detect.spectral.lines import LineScores, PushBroomRx
    from atalaya.detect.spectral.matched import Scores, angle, scores
    from atalaya.detect.spectral.ring import local_rx
    from atalaya.detect.spectral.subspace import Subspaces

_HEAVY = {
    "Background": "background",
    "LineScores": "lines",
    "PushBroomRx": "lines",
    "Scores": "matched",
    "Signature": "library",
    "Subspaces": "subspace",
    "angle": "matched",
    "anomaly_score": "anomaly",
    "background_of": "background",
    "local_rx": "ring",
    "read_library": "library",
    "resampled": "library",
    "scores": "matched",
}

__all__ = [
    "Background",
    "LineScores",
    "PushBroomRx",
    "Scores",
    "Signature",
    "Subspaces",
    "angle",
    "anomaly_score",
    "background_of",
    "local_rx",
    "read_library",
    "resampled",
    "scores",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.detect.spectral.{_HEAVY[name]}"), name)
