"""TopoJSON: arcs of whole numbers, shared between neighbours, as polygons.

Format: TopoJSON 1.0 (Bostock), sections 2.1.2 to 2.1.4: delta-encoded arcs, scale and translate, negative
arc numbers run backwards.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CLOSED = 4
"""Fewest vertices of a closed ring, the first one repeated."""


def arcs_of(topology: Mapping[str, Any]) -> list[Floats]:
    """Every arc as (n, 2) longitude and latitude, degrees.

    Raises:
        KeyError, TypeError, ValueError: it is not TopoJSON.
    """
    transform = topology.get("transform")
    arcs = []
    for arc in topology["arcs"]:
        points = np.asarray(arc, np.float64)[:, :2]
        if transform is not None:
            points = np.cumsum(points, axis=0) * transform["scale"] + transform["translate"]
        arcs.append(points)
    return arcs


def polygon_of(geometry: Mapping[str, Any], arcs: Sequence[Floats]) -> shapely.Geometry:
    """A Polygon or MultiPolygon object of the topology; rings keep their jumps at the antimeridian.

    Raises:
        KeyError, TypeError, ValueError, IndexError: it is not such an object.
    """
    arcs_of_rings = geometry["arcs"]
    members = {"Polygon": [arcs_of_rings], "MultiPolygon": arcs_of_rings}[geometry["type"]]
    polygons = []
    for rings in members:
        shell, *holes = (_ring(numbers, arcs) for numbers in rings)
        if len(shell) >= CLOSED:  # quantising lets the smallest islets collapse
            polygons.append(shapely.Polygon(shell, [hole for hole in holes if len(hole) >= CLOSED]))
    return shapely.MultiPolygon(polygons)


def _ring(numbers: Sequence[int], arcs: Sequence[Floats]) -> Floats:
    parts = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    return np.vstack([parts[0], *(part[1:] for part in parts[1:])])
