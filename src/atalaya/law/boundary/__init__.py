"""Boundary layers: what they are, how far their lines may be wrong, and exact geometry against them.

In: packaged layers ("world", "north-america") or a user's file, positions in degrees. Out: area numbers,
signed geodesic depth, crossings of geodesic segments. Edges follow what the layer's record says they mean
(geodesic, planar, parallel); distances are on the WGS 84 ellipsoid (Karney, J. Geodesy 87, 2013).
"""

from atalaya.law.boundary.crossing.crossing import Crossings
from atalaya.law.boundary.index import LayerIndex, Memberships, layer_index
from atalaya.law.boundary.layer import Layer, edition_at
from atalaya.law.boundary.record import SOVEREIGN_KINDS, Edge, Kind, LayerRecord, Repair, Section
from atalaya.law.boundary.shelf import layers_in, open_layer, packaged_names

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
    "packaged_names",
]
