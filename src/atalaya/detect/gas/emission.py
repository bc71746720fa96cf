"""From columns of a gas to kilograms per hour: integrated mass enhancement.

    IME = sum(column x pixel area)      L = sqrt(plume area)      Q = U_eff IME / L

U_eff, the wind that stands for all of the plume, depends on the instrument and on how the plume was cut out:
it is the caller's, with a citation, and never assumed. Frankenberg et al. 2016; Varon et al. 2018.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput

METHANE_KG_MOL = 16.0425e-3
_GAS_CONSTANT = 8.314462618
_PRESSURE_PA, _TEMPERATURE_K = 101_325.0, 298.15


def kg_m2_per_ppm_m(kg_mol: float = METHANE_KG_MOL) -> float:
    """Kilograms per square metre of one ppm m of a gas at 101,325 Pa and 298.15 K."""
    return 1e-6 * kg_mol * _PRESSURE_PA / (_GAS_CONSTANT * _TEMPERATURE_K)


@dataclass(frozen=True, slots=True)
class Emission:
    """Of one plume.

    Args:
        mass_kg: integrated mass enhancement. length_m: square root of the plume's area.
        rate_kg_h: emission for the wind stated. wind_ms: that wind.
    """

    mass_kg: float
    length_m: float
    rate_kg_h: float
    wind_ms: float


def emission_of(
    column_kg_m2: NDArray[np.float64], plume: NDArray[np.bool_], pixel_m2: float, u_eff_ms: float
) -> Emission:
    """Mass and emission rate of a plume.

    Args:
        column_kg_m2: (rows, columns), NaN where unknown. plume: (rows, columns) its mask.
        pixel_m2: ground of one pixel. u_eff_ms: effective wind, for this instrument and this mask.

    Raises:
        BadInput: SPC-010, an empty plume, or an area or wind that cannot be.
    """
    inside = np.asarray(plume, np.bool_) & np.isfinite(column_kg_m2)
    count = int(inside.sum())
    if not count or not (0.0 < pixel_m2 < math.inf) or not (0.0 < u_eff_ms < math.inf):
        raise BadInput("SPC-010", pixels=count, area=pixel_m2, wind=u_eff_ms)
    mass = float(np.asarray(column_kg_m2)[inside].sum()) * pixel_m2
    length = math.sqrt(count * pixel_m2)
    return Emission(mass, length, 3600.0 * u_eff_ms * mass / length, u_eff_ms)
