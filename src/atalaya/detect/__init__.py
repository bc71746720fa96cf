"""From pixels to claims: pictures, cubes and pairs go in, a table of detections comes out.

A detector proposes *places*: heat, roofs, tracks, gas, change. Persons are no class of it: every class names
an evidence type of `sensing.evidence`; what names none never passes `admitted`. Detectors are found by the
entry points of the group "atalaya.detectors"; each brings a model card (STAC MLM) or is not loaded.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.detect.candidates import Candidates, no_candidates
from atalaya.detect.card import CardClass, ModelCard
from atalaya.detect.detector import Context, Detector
from atalaya.detect.tile import Bands, Tile

if TYPE_CHECKING:
    from atalaya.detect.boundary import Admitted, admitted

_HEAVY = {"Admitted": "boundary", "admitted": "boundary"}

__all__ = [
    "Admitted",
    "Bands",
    "Candidates",
    "CardClass",
    "Context",
    "Detector",
    "ModelCard",
    "Tile",
    "admitted",
    "no_candidates",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.detect.{_HEAVY[name]}"), name)
