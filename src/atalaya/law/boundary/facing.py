"""The line between two areas of one layer, as places at equal steps along it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import geodesic
from atalaya.law.boundary.edges import Edges, edges_of
from atalaya.law.boundary.nearest.tree import Tree, tree_of

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]

EVERY_M = 500.0
WITHIN_M = 100.0
"""How far two areas may lie apart and still share a line: banks of a river drawn as land."""

END_M = 1000.0
"""How near to the end of a shared line nothing is measured against it from afar."""


@dataclass(frozen=True, eq=False)
class Boundary:
    """The edges of one area, cuts left out.

    Args:
        edges: (m, 4) ax, ay, bx, by, degrees, in the order of the rings.
    """

    edges: Floats

    @classmethod
    def of(cls, polygon: object) -> "Boundary":
        """The boundary of one geometry."""
        shapes = np.empty(1, dtype=object)
        shapes[0] = polygon
        return cls.of_edges(edges_of(shapes), 0)

    @classmethod
    def of_edges(cls, edges: Edges, area: int) -> "Boundary":
        """The boundary of one area of a layer."""
        own = slice(edges.start[area], edges.start[area + 1])
        return cls(np.column_stack(edges.ends)[own][~edges.cut[own]])

    @cached_property
    def tree(self) -> Tree:
        """The tree for distances to it."""
        return tree_of(*self.edges.T)

    def inside(self, box: Box) -> NDArray[np.bool_]:
        """(m,) which edges have their middle in a box: west, south, east, north."""
        lon, lat = ((self.edges[:, :2] + self.edges[:, 2:]) / 2).T
        found: NDArray[np.bool_] = (lon >= box[0]) & (lon <= box[2]) & (lat >= box[1]) & (lat <= box[3])
        return found

    def places(self, every_m: float = EVERY_M) -> Floats:
        """(n, 2) longitude and latitude each `every_m` along the rings, one after the other."""
        if not len(self.edges):
            return np.empty((0, 2))
        length, _ = geodesic(*self.edges.T)
        end = np.cumsum(length)
        at = np.arange(0.0, end[-1], every_m)
        edge = np.minimum(np.searchsorted(end, at, side="right"), len(end) - 1)
        share = (at - (end[edge] - length[edge])) / np.maximum(length[edge], 1e-9)
        start, stop = self.edges[edge, :2], self.edges[edge, 2:]
        places: Floats = start + (stop - start) * share[:, None]
        return places


def distances_m(places: Floats, tree: Tree) -> Floats:
    """(n,) geodesic metres from (n, 2) places to a boundary."""
    return tree.nearest(places[:, 0], places[:, 1])[2]


@dataclass(frozen=True, eq=False)
class Line:
    """The part of an area's boundary that faces another area of the same layer.

    Args:
        shared: edges within reach of the other area; rest: all others (coasts, other neighbours).
    """

    shared: Boundary
    rest: Boundary

    def opposite(self, places: Floats) -> Floats:
        """Those of some other line's places that lie over against this one.

        Their nearest place of the whole boundary is on the shared part, and not where that part ends: what
        runs on beyond its end (a limit at sea) is measured against nothing here.
        """
        over = places[straight_m(places, self.shared.tree) <= straight_m(places, self.rest.tree)]
        lon, lat, _, _ = self.shared.tree.nearest(*over.T)
        return over[straight_m(np.column_stack((lon, lat)), self.rest.tree) > END_M]


def facing(
    boundary: Boundary, other: Boundary, *, box: Box | None = None, within_m: float = WITHIN_M
) -> Line:
    """The line between two areas, as the first one draws it.

    Args:
        box: west, south, east, north: only edges whose middle lies in it.
        within_m: how far apart the two may be.
    """
    middle = (boundary.edges[:, :2] + boundary.edges[:, 2:]) / 2
    near = straight_m(middle, other.tree) <= within_m
    if box is not None:
        near &= boundary.inside(box)
    return Line(Boundary(boundary.edges[near]), Boundary(boundary.edges[~near]))


def straight_m(places: Floats, tree: Tree) -> Floats:
    """(n,) straight metres to a boundary: enough to tell near from far; infinite where there is none."""
    return tree.chords(places[:, 0], places[:, 1])[2] if len(tree.pieces) else np.full(len(places), np.inf)
