"""Gas over the pixels of a strip, and what it takes from light that passes through it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sim.scene.dispersion import Air, kg_m2_per_ppm_m, plume_column_kg_m2
from atalaya.sim.scene.things import Plume
from atalaya.sim.spectrum import gas_absorption

Floats = NDArray[np.float64]

_STANDARD = Air(wind_ms=1.0, from_deg=0.0)
"""Absorption is stated per ppm m of this air."""
_LEAST_PPM_M = 1e-3
_FAINT = 1e-9
"""Absorption per ppm m below which a band does not see a gas."""


class GasColumns:
    """Columns of the gases of a scene.

    Args:
        plumes: of the scene. air: wind they drift in. weights: (bands, grid) of the imager.

    Raises:
        BadInput: CUB-003 a gas whose spectrum is not known, CUB-005 plumes without wind.
    """

    def __init__(self, plumes: Sequence[Plume], air: Air | None, weights: Floats) -> None:
        if plumes and air is None:
            raise BadInput("CUB-005", count=len(plumes))
        self.gases = tuple(sorted({plume.gas for plume in plumes}))
        self._plumes, self._air = tuple(plumes), air
        rows = [weights @ gas_absorption(gas) for gas in self.gases]
        self.absorb = np.array(rows).reshape(len(rows), len(weights))
        self.absorb[self.absorb < _FAINT] = 0.0
        self._kg_m2 = np.array([kg_m2_per_ppm_m(gas, _STANDARD) for gas in self.gases])

    def over(self, grid_m: Floats, footprint: Floats) -> Floats:
        """(l, c, g) kilograms per square metre of each gas, the mean of nine places in each pixel.

        Args:
            grid_m: (l, c, 3) middles of pixels. footprint: (l, c, 4) their extents, see `kernels.mixtures`.
        """
        total = np.zeros((*grid_m.shape[:2], len(self.gases)))
        if self._air is None:
            return total
        shares = [(a, b) for a in (-1 / 3, 0.0, 1 / 3) for b in (-1 / 3, 0.0, 1 / 3)]
        for plume in self._plumes:
            column = np.zeros(grid_m.shape[:2])
            for across, along in shares:
                east = grid_m[..., 0] + across * footprint[..., 0] + along * footprint[..., 2]
                north = grid_m[..., 1] + across * footprint[..., 1] + along * footprint[..., 3]
                column += plume_column_kg_m2(plume, self._air, east, north)
            total[..., self.gases.index(plume.gas)] += column / len(shares)
        return total

    def ppm_m(self, kg_m2: Floats) -> Floats:
        """(l, c, g) the same in ppm m at 101,325 Pa and 298.15 K; 0 where there is next to none."""
        columns = kg_m2 / self._kg_m2
        return np.where(columns > _LEAST_PPM_M, columns, 0.0)
