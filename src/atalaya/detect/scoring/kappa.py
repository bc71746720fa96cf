"""Agreement of two maps of yes and no beyond chance: what accuracy hides when change is rare."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.inputs import Bools, numbers, yes_or_no


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts of a table of two by two, and what follows from them."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def accuracy(self) -> float:
        """Share that agrees."""
        return (self.tp + self.tn) / self.n

    @property
    def kappa(self) -> float:
        """Cohen's kappa (1960); NaN where both maps are one and the same class throughout."""
        yes = (self.tp + self.fp) * (self.tp + self.fn)
        no = (self.fn + self.tn) * (self.fp + self.tn)
        chance = (yes + no) / self.n**2
        return (self.accuracy - chance) / (1.0 - chance) if chance < 1.0 else float("nan")


def agreement(found: ArrayLike, truth: ArrayLike, valid: Bools | None = None) -> Agreement:
    """Compare a map with the truth, pixel by pixel; what is greater than 0 is yes.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-004, no pixel to compare.
    """
    wanted = np.asarray(truth)
    said = numbers(found, "map", wanted.shape) > 0.0
    true = yes_or_no(wanted, "truth", wanted.shape)
    if valid is not None:
        said, true = said[valid], true[valid]
    if not said.size:
        raise BadInput("SCO-004", where="map")
    counts = np.bincount((2 * said + true).ravel().astype(np.int64), minlength=4)
    return Agreement(tp=int(counts[3]), fp=int(counts[2]), fn=int(counts[1]), tn=int(counts[0]))
