"""What is still undetected: expected places per square metre, by class and hit rate, in every cell."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.area import Area, summed
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(slots=True)
class Undetected:
    """A Poisson intensity.

    Classes and kinds of evidence are kept apart: per cell and class a density, and per kind of evidence the
    weights of its nodes given the class. That is exact but for time passing, which mixes; then the marginals
    are kept.

    area: where. density: (classes, cells) per square metre.
    node: by kind of evidence, (cells, classes, nodes) float32; kinds not looked for yet have none.
    looks: (cells,) how many scans saw the cell
    """

    area: Area
    density: Floats
    node: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    looks: Index = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def before(cls, area: Area) -> "Undetected":
        """Nothing has been looked at."""
        return cls(area, area.density.copy(), {}, np.zeros(area.cells, np.int64))

    def know(self, kind: str, weight: Floats) -> None:
        """Start the nodes of a kind of evidence from their prior weights, where it is new."""
        if kind not in self.node:
            self.node[kind] = np.broadcast_to(
                weight.astype(np.float32), (self.area.cells, *weight.shape)
            ).copy()

    def at(self, cell: Index, kind: str, u: Floats) -> tuple[Floats, Floats]:
        """Of tracklets in cells (m,) with chances (m, classes, nodes): density of places that give one, by
        class and node (m, classes, nodes), and the same summed (m,). 0 outside the area.
        """
        inside = (cell >= 0)[:, None, None]
        density = self.density[:, cell].T[:, :, None]
        parts = np.where(inside, density * self.node[kind][cell] * u, 0.0)
        return parts, parts.sum(axis=(1, 2))

    def thin(self, scan: Scan, model: SiteModel) -> None:
        """Every cell the scan saw: what would have shown itself is less."""
        from atalaya.locate.filter import kernels

        inside = int(np.searchsorted(scan.cells, self.area.cells))  # cells rise
        cells, chance = scan.cells[:inside], scan.chance[:inside]
        odds = model.nodes_of(scan.evidence).odds
        kernels.thin(cells, chance, model.reference_odds, odds, self.density, self.node[scan.evidence])
        self.looks[cells] += chance > 0.0

    def survive(self, chance: Floats, model: SiteModel) -> None:
        """Time passes: places close, and others open, so that the long-run density is the prior's."""
        if (chance == 1.0).all():
            return
        old = self.density * chance[:, None]
        new = self.area.density * (1.0 - chance)[:, None]
        whole = old + new
        share = np.divide(new, whole, out=np.zeros_like(new), where=whole > 0.0).T[:, :, None]
        for kind, node in self.node.items():
            node += share * (model.nodes_of(kind).weight - node)
        self.density = whole

    def recycle(self, cell: Index, expected: Floats, node: dict[str, Floats]) -> None:
        """Give back sites (n,) that hardly exist: (n, classes) expected places, with their nodes."""
        from atalaya.locate.filter import kernels

        inside = cell >= 0
        where, places = cell[inside], expected[inside] / self.area.cell_m2
        before = self.density
        for kind, known in self.node.items():
            mixed = before.copy() if len(self.node) > 1 else before
            kernels.give_back(where, places, mixed, known, node[kind][inside], True)
            self.density = mixed

    def search_map(self, like: SearchMap) -> SearchMap:
        """What planning reads next: undetected facilities per cell of the map the area was made from."""
        area = self.area
        hidden = area.hidden * area.cell_m2
        rate = summed(self.density[0] * area.cell_m2 + hidden, area)
        never = summed(hidden, area)
        share = np.divide(never, rate, out=np.zeros_like(rate), where=rate > 0.0)
        looks = summed(self.looks.astype(np.float64), area) / area.split**2
        return SearchMap(rate, share, like.crs, like.post_affine, np.ceil(looks).astype(np.int64))
