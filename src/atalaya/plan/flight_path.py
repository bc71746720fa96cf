"""A sortie as it is expected to be flown: place, time and fuel, turns and climbs included."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FlightPath:
    """Columns of equal length n, in order of time.

    Args:
        t_us: (n,) int64, microseconds UTC.
        lon_deg, lat_deg: (n,) float64, degrees, WGS 84; straight pieces between rows are geodesics.
        height_msl_m: (n,) float64, metres above mean sea level (EGM96).
        fuel: (n,) float64, what is left, in the unit of the platform's tank.
        waypoint: (n,) int64, index of the waypoint whose leg the row is on; never falls.
    """

    t_us: NDArray[np.int64]
    lon_deg: Floats
    lat_deg: Floats
    height_msl_m: Floats
    fuel: Floats
    waypoint: NDArray[np.int64]

    @property
    def duration_s(self) -> float:
        """From the first row to the last, seconds."""
        return float(self.t_us[-1] - self.t_us[0]) / 1e6
