"""Spectra of cubes: what is unlike its scene, and what is like a signature.

In: (rows, columns, bands) cubes as they come, integers too, or lines of a push-broom imager one by one. Out:
maps of scores, and candidates. Reed and Yu 1990 (RX), Kraut and Scharf 1999 (ACE), Kang 2017 (attributes).
Names that need numba or scipy are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atalaya.detect.spectral.background import Background, background
    from atalaya.detect.spectral.local_rx import components, local_rx
    from atalaya.detect.spectral.push_broom import LineScores, PushBroomRx
    from atalaya.detect.spectral.scores import Scores, angle, scores

_HEAVY = {
    "Background": "background",
    "LineScores": "push_broom",
    "PushBroomRx": "push_broom",
    "Scores": "scores",
    "angle": "scores",
    "background": "background",
    "components": "local_rx",
    "local_rx": "local_rx",
    "scores": "scores",
}

__all__ = [
    "Background",
    "LineScores",
    "PushBroomRx",
    "Scores",
    "angle",
    "background",
    "components",
    "local_rx",
    "scores",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.detect.spectral.{_HEAVY[name]}"), name)
