"""Position error from what ADS-B transmits: radius that holds the true position in 95 % of cases.

RTCA DO-260B, 2.2.3.2.7.1.3.8 (NACp, 95 % bound on horizontal error) and 2.2.3.2.7.2.6 (NIC, containment
radius
beyond which the position lies at most once in 10^7 hours). The category 0 means unknown, never zero metres.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

NACP_M = {11: 3.0, 10: 10.0, 9: 30.0, 8: 93.0, 7: 185.0, 6: 556.0, 5: 926.0, 4: 1852.0}
"""Navigation accuracy category of position -> metres."""

NIC_M = {11: 7.5, 10: 25.0, 9: 75.0, 8: 185.0, 7: 370.0, 5: 1852.0}
"""Navigation integrity category -> metres. NIC 6 stands for three radii; the largest of them is taken."""

NIC_6_M = 1111.2

RAYLEIGH_95 = 2.4477468306808166
"""Radius that holds 95 % of a round normal error, in its standard deviations: sqrt(-2 ln 0.05)."""


def containment_from_nacp(nacp: ArrayLike) -> NDArray[np.float64]:
    """(n,) 95 % radius in metres for each NACp; NaN where it is unknown (0..3, missing, out of range)."""
    return _looked_up(nacp, NACP_M)


def containment_from_nic(nic: ArrayLike) -> NDArray[np.float64]:
    """(n,) containment radius in metres for each NIC; NaN where it is unknown.

    It holds far more than 95 %, so as a 95 % radius it errs on the wide side.
    """
    return _looked_up(nic, {**NIC_M, 6: NIC_6_M})


def _looked_up(category: ArrayLike, metres: dict[int, float]) -> NDArray[np.float64]:
    table = np.full(16, np.nan)
    for key, value in metres.items():
        table[key] = value
    number = np.asarray(category, np.float64)
    usable = np.isfinite(number) & (number >= 0) & (number < len(table))
    return np.where(usable, table[np.where(usable, number, 0).astype(np.int64)], np.nan)
