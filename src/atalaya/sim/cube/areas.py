"""Areas of a scene as a spectrometer meets them: exact polygons, however small."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.cube.near import lists_of
from atalaya.sim.material import materials
from atalaya.sim.scene.things import Decal

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Areas:
    """Areas as arrays; see `kernels.mixtures` for `rings`, `first`, `box` and `codes`.

    Args:
        decals: of the scene, later ones over earlier ones.
    """

    def __init__(self, decals: Sequence[Decal]) -> None:
        corners = [np.asarray(d.ring_m, np.float64).reshape(-1, 2) for d in decals]
        self.rings = np.concatenate([np.empty((0, 2)), *corners])
        self.first = np.cumsum([0, *(len(ring) for ring in corners)]).astype(np.int64)
        self.codes = np.array([materials()[d.material].code for d in decals], np.uint8)
        self.box = np.full((len(corners), 4), np.nan)
        for n, ring in enumerate(corners):
            if len(ring) >= 3:
                self.box[n] = *ring.min(axis=0), *ring.max(axis=0)

    def near(self, ground: Floats, reach_m: float) -> tuple[Ints, Ints]:
        """(l + 1,) first of each line in (q,) numbers of areas it may touch.

        Args:
            ground: (l, c, 3) of the pixels. reach_m: of a pixel, generous.
        """
        return lists_of(ground, self.box[:, :2] - reach_m, self.box[:, 2:] + reach_m)
