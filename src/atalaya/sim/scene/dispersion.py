"""How much gas of a leak lies over each place: the steady Gaussian plume, summed over its height.

With total reflection at the ground the column of a Gaussian plume is
Q / (sqrt(2 pi) sigma_y U) exp(-y^2 / (2 sigma_y^2)), whatever the height of its source (Sutton,
"Micrometeorology", 1953; Turner, "Workbook of Atmospheric Dispersion Estimates", AP-26, US EPA 1970).
sigma_y: Pasquill-Gifford classes as Briggs fitted them for open country ("Diffusion estimation for small
emissions", ATDL 79, NOAA 1973; Hanna, Briggs and Hosker, "Handbook on Atmospheric Diffusion", DOE/TIC-11223,
1982, table 4.5), means over about ten minutes.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.sim.scene.things import Plume

Floats = NDArray[np.float64]
Stability = Literal["A", "B", "C", "D", "E", "F"]

MOLAR_KG = {
    "methane": 0.0160425,
    "ethane": 0.0300690,
    "propane": 0.0440956,
    "carbon_dioxide": 0.0440095,
}
"""kg per mole of the gases a plume may be of."""

SPREAD = {"A": 0.22, "B": 0.16, "C": 0.11, "D": 0.08, "E": 0.06, "F": 0.04}
"""sigma_y = this x (1 + x / 10 km)^-1/2, x downwind in metres."""

SOURCE_M = 1.0
"""Standard deviation of the gas across the wind where it leaves: a source has a size."""

CALM_MS = 0.5
"""Below this there is no steady plume: the formula does not hold."""

_GAS_CONSTANT = 8.314462618


@dataclass(frozen=True, slots=True)
class Air:
    """The air a plume drifts in.

    Args:
        wind_ms: at the plume's height, 0.5 or more. from_deg: where it comes from, from grid north.
        stability: Pasquill's class, "A" very unstable to "F" stable.
        pressure_pa, temperature_k: turn mass into ppm m.
    """

    wind_ms: float
    from_deg: float
    stability: Stability = "D"
    pressure_pa: float = 101_325.0
    temperature_k: float = 298.15

    def __post_init__(self) -> None:
        _require("wind_ms", self.wind_ms, CALM_MS, 60.0)
        _require("from_deg", self.from_deg, -360.0, 720.0)
        _require("pressure_pa", self.pressure_pa, 10_000.0, 120_000.0)
        _require("temperature_k", self.temperature_k, 180.0, 340.0)
        if self.stability not in SPREAD:
            raise BadInput("SCN-011", name="stability", value=self.stability, allowed="A ... F")


def stability_class(wind_ms: float, sun_elevation_deg: float, *, cloud_share: float = 0.0) -> Stability:
    """Pasquill's class from wind, sun and cloud (Pasquill 1961; insolation by the sun's height: Turner 1970).

    Args:
        wind_ms: at 10 m. sun_elevation_deg: below 0 is night. cloud_share: of the sky, 0 to 1.
    """
    column = int(np.searchsorted((2.0, 3.0, 5.0, 6.0), wind_ms, side="right"))
    if sun_elevation_deg <= 0.0:
        rows = ("FEDDD", "FFEDD")
        row = rows[0 if cloud_share > 0.5 else 1]
        return row[column]  # type: ignore[return-value]
    level = int(np.searchsorted((35.0, 60.0), sun_elevation_deg, side="right"))
    level = max(0, level - (1 if cloud_share > 0.5 else 0))
    return ("BCCDD", "ABBCD", "AABCC")[level][column]  # type: ignore[return-value]


def crosswind_spread_m(downwind_m: ArrayLike, stability: Stability) -> Floats:
    """Standard deviation of the plume across the wind, metres; NaN upwind of its source."""
    x = np.asarray(downwind_m, np.float64)
    ahead = np.where(x >= 0.0, x, np.nan)
    return np.hypot(SOURCE_M, SPREAD[stability] * ahead / np.sqrt(1.0 + 1e-4 * ahead))


def plume_column_kg_m2(plume: Plume, air: Air, east_m: ArrayLike, north_m: ArrayLike) -> Floats:
    """Gas over each place, kilograms per square metre of ground; 0 upwind.

    Args:
        plume: its source and rate. air: wind and stability.
        east_m, north_m: (...) metres in the country's projection; they broadcast.

    Raises:
        BadInput: SCN-011, the rate is negative or no number.
    """
    _require("rate_kg_h", plume.rate_kg_h, 0.0, 1e7)
    east = np.asarray(east_m, np.float64) - plume.east_m
    north = np.asarray(north_m, np.float64) - plume.north_m
    towards = np.radians(air.from_deg + 180.0)
    along = east * np.sin(towards) + north * np.cos(towards)
    across = east * np.cos(towards) - north * np.sin(towards)
    spread = crosswind_spread_m(along, air.stability)
    rate_kg_s = plume.rate_kg_h / 3600.0
    column = rate_kg_s / (np.sqrt(2.0 * np.pi) * spread * air.wind_ms) * np.exp(-0.5 * (across / spread) ** 2)
    return np.asarray(np.nan_to_num(column, nan=0.0))


def plume_column_ppm_m(plume: Plume, air: Air, east_m: ArrayLike, north_m: ArrayLike) -> Floats:
    """Gas over each place as parts per million times metres at the air's pressure and temperature.

    Args:
        plume, air, east_m, north_m: as of `plume_column_kg_m2`.

    Raises:
        BadInput: SCN-011, a rate or a gas that is not known.
    """
    return plume_column_kg_m2(plume, air, east_m, north_m) / kg_m2_per_ppm_m(plume.gas, air)


def kg_m2_per_ppm_m(gas: str, air: Air) -> float:
    """Mass over a square metre of one part per million in one metre of air.

    1 ppm m of methane at 101,325 Pa and 298.15 K is 6.557e-7 kg/m2.

    Raises:
        BadInput: SCN-011, a gas that is not known.
    """
    if gas not in MOLAR_KG:
        raise BadInput("SCN-011", name="gas", value=gas[:40], allowed=", ".join(MOLAR_KG))
    return 1e-6 * MOLAR_KG[gas] * air.pressure_pa / (_GAS_CONSTANT * air.temperature_k)


def _require(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise BadInput("SCN-011", name=name, value=value, allowed=f"{low:g} ... {high:g}")
