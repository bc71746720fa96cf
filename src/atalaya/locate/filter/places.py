"""The sites known so far: Bernoulli components as columns that grow."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.table import SHARED_TERMS
from atalaya.locate.model import CLASSES

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(slots=True)
class Places:
    """Columns with one row per site; rows change when sites are dropped, `serial` never does.

    serial: (n,) number of the site, rising      founder: (n, 2) scan and tracklet that founded it
    r: (n,) existence      cls: (n, classes) given that it exists
    node: by kind of evidence, (n, classes, nodes) given existence and class
    x: (n, 2) metres      p: (n, 2, 2) covariance without the shared errors of the sortie under way
    a: (n, 2, 20) metres per unit of the shared errors of the sortie under way
    sharing: whether any of them is not zero
    """

    serial: Index = field(default_factory=lambda: np.empty(0, np.int64))
    founder: Index = field(default_factory=lambda: np.empty((0, 2), np.int64))
    r: Floats = field(default_factory=lambda: np.empty(0))
    cls: Floats = field(default_factory=lambda: np.empty((0, len(CLASSES))))
    x: Floats = field(default_factory=lambda: np.empty((0, 2)))
    p: Floats = field(default_factory=lambda: np.empty((0, 2, 2)))
    a: Floats = field(default_factory=lambda: np.empty((0, 2, SHARED_TERMS)))
    node: dict[str, Floats] = field(default_factory=dict)
    born: int = 0
    sharing: bool = False

    def __len__(self) -> int:
        return len(self.r)

    def add(
        self,
        founder: Index,
        r: Floats,
        cls: Floats,
        node: dict[str, Floats],
        place: tuple[Floats, Floats, Floats],
    ) -> Index:
        """Found sites; returns their serial numbers."""
        serial = np.arange(self.born, self.born + len(r))
        self.born += len(r)
        self.serial = np.concatenate((self.serial, serial))
        self.founder = np.concatenate((self.founder, founder))
        self.r, self.cls = np.concatenate((self.r, r)), np.concatenate((self.cls, cls))
        self.x = np.concatenate((self.x, place[0]))
        self.p = np.concatenate((self.p, place[1]))
        self.a = np.concatenate((self.a, place[2]))
        self.sharing = self.sharing or bool(place[2].any())
        for kind, new in node.items():
            new = np.asarray(new, np.float64)
            self.node[kind] = np.concatenate((self.node[kind], new)) if kind in self.node else new
        return serial

    def keep(self, rows: NDArray[np.bool_] | Index) -> None:
        """Drop all others."""
        for name in ("serial", "founder", "r", "cls", "x", "p", "a"):
            setattr(self, name, getattr(self, name)[rows])
        self.node = {kind: values[rows] for kind, values in self.node.items()}

    def terms(self, shared: Floats) -> tuple[Floats, Floats]:
        """Shared parts of sites and of tracklets (m, 2, 20); cut to no terms at all where all are zero."""
        self.sharing = self.sharing or bool(shared.any())
        return (self.a, shared) if self.sharing else (self.a[:, :, :0], shared[:, :, :0])

    def some(self, rows: Index) -> "Places":
        """A copy with some of them, in the order given."""
        names = ("serial", "founder", "r", "cls", "x", "p", "a")
        node = {kind: values[rows] for kind, values in self.node.items()}
        return Places(**{name: getattr(self, name)[rows] for name in names}, node=node, born=self.born)

    def put(self, rows: Index, others: "Places") -> None:
        """Take existence, class and hit rates of some rows from others."""
        self.r[rows], self.cls[rows] = others.r, others.cls
        for kind, values in others.node.items():
            self.node[kind][rows] = values

    def know(self, kind: str, weight: Floats) -> None:
        """Start the nodes of a kind of evidence from their prior weights, where it is new."""
        if kind not in self.node:
            self.node[kind] = np.broadcast_to(weight, (len(self), *weight.shape)).copy()

    def survive(self, chance: Floats) -> None:
        """Time passes: classes (classes,) stay with a chance."""
        if (chance == 1.0).all():
            return
        left = self.cls * chance
        whole = left.sum(axis=1)
        self.r = self.r * whole
        self.cls = left / np.where(whole > 0.0, whole, 1.0)[:, None]
