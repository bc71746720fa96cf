"""What one sortie says of the sites it saw, summed up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.table import SHARED_TERMS

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SortieBlock:
    """Normal equations of one sortie.

    site: (k,) numbers of sites, rising      h: (k, 2, 2) sum of R^-1      g: (k, 2) of R^-1 z
    m: (k, 2, 20) of R^-1 J      b: (20, 20) of J^T R^-1 J      rhs: (20,) of J^T R^-1 z
    """

    site: Index
    h: Floats
    g: Floats
    m: Floats
    b: Floats
    rhs: Floats

    @property
    def shares(self) -> bool:
        """Whether the sortie has shared errors at all."""
        return bool(self.b.any())


def block_of(
    site: Index, pick: Index, weight: Floats, z: Floats, own: Floats, shared: Floats, *, shares: bool = True
) -> SortieBlock:
    """Sum up pairs of one sortie.

    Args:
        site: (p,) number of each pair's site. weight: (p,) that the tracklet is the site's, times trust.
        pick: (p,) of each pair's tracklet among z, own, shared: (m, 2), (m, 2, 2), (m, 2, 20).
        shares: False where shared is all zeros.
    """
    from atalaya.locate.bias import kernels

    names, row = np.unique(site, return_inverse=True)
    k = len(names)
    h, g, m = np.zeros((k, 2, 2)), np.zeros((k, 2)), np.zeros((k, 2, SHARED_TERMS))
    b, rhs = np.zeros((SHARED_TERMS, SHARED_TERMS)), np.zeros(SHARED_TERMS)
    kernels.accumulate(row, pick, weight, z, own, shared, h, g, m, b, rhs, shares)
    return SortieBlock(names, h, g, m, np.triu(b) + np.triu(b, 1).T, rhs)
