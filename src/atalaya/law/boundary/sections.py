"""Which bound holds where: every stretch of an area's line with its own."""

import numpy as np
from numpy.typing import NDArray

from atalaya.law.boundary.edges import Edges
from atalaya.law.boundary.facing import Boundary, facing
from atalaya.law.boundary.nearest.tree import Tree
from atalaya.law.boundary.record import LayerRecord

Floats = NDArray[np.float64]


class SectionBounds:
    """The bounds of one area's line.

    A place p is certain where every stretch s is farther than its own bound: d_s(p) > B_s + r. The bound in
    effect at p is B(p) = d(p) - min over s of (d_s(p) - B_s), so that |d(p)| > B(p) + r says the same.

    Args:
        record: the layer's; areas: its codes; edges: its edges; area: number of the area.
    """

    def __init__(self, record: LayerRecord, areas: tuple[str, ...], edges: Edges, area: int) -> None:
        self._default_m = record.bound_m
        self._stretches: list[tuple[Tree, float]] = []
        code, left = areas[area], Boundary.of_edges(edges, area)
        for section in record.sections:
            if section.areas == (code,) and section.box is not None:
                inside = left.inside(section.box)
                self._stretches.append((Boundary(left.edges[inside]).tree, section.bound_m))
                left = Boundary(left.edges[~inside])
            elif section.areas == (code,):
                self._default_m = section.bound_m
            elif code in section.areas:
                other = next(name for name in section.areas if name != code)
                if other in areas:
                    neighbour = Boundary.of_edges(edges, areas.index(other))
                    line = facing(left, neighbour, box=section.box)
                    self._stretches.append((line.shared.tree, section.bound_m))
                    left = line.rest
        self._stretches = [(tree, bound_m) for tree, bound_m in self._stretches if len(tree.pieces)]
        if self._stretches:
            self._stretches.append((left.tree, self._default_m))

    def at(self, lon: Floats, lat: Floats) -> Floats:
        """(n,) metres: the bound in effect at each point; no NaN among them."""
        if not self._stretches:
            return np.full(len(lon), self._default_m)
        distance = np.array([tree.nearest(lon, lat)[2] for tree, _ in self._stretches])
        bound = np.array([bound_m for _, bound_m in self._stretches])
        effective: Floats = distance.min(axis=0) - (distance - bound[:, None]).min(axis=0)
        return effective
