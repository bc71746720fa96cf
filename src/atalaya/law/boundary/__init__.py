"""Boundary layers: what they are, how far their lines may be wrong, and exact geometry against them.

In: packaged layers ("world", "north-america") or a user's file, positions in degrees. Out: area numbers,
signed geodesic depth, crossings of geodesic segments. Edges follow what the layer's record says they mean
(geodesic, planar, parallel); distances are on the WGS 84 ellipsoid (Karney, J. Geodesy 87, 2013).

Names that need numba are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.law.boundary.layer import Layer, edition_at
from atalaya.law.boundary.record import SOVEREIGN_KINDS, Edge, Kind, LayerRecord, Repair, Section
from atalaya.law.boundary.shelf import layers_in, open_layer, open_record, packaged_names, records_in

if TYPE_CHECKING:
    from atalaya.law.boundary.crossing.crossing import Crossings
    from atalaya.law.boundary.index import LayerIndex, Memberships, layer_index

_HEAVY = {
    "Crossings": "crossing.crossing",
    "LayerIndex": "index",
    "Memberships": "index",
    "layer_index": "index",
}

__all__ = [
    "SOVEREIGN_KINDS",
    "Crossings",
    "Edge",
    "Kind",
    "Layer",
    "LayerIndex",
    "LayerRecord",
    "Memberships",
    "Repair",
    "Section",
    "edition_at",
    "layer_index",
    "layers_in",
    "open_layer",
    "open_record",
    "packaged_names",
    "records_in",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.law.boundary.{_HEAVY[name]}"), name)
