"""Air and light of a day: temperature through the hours, haze, and how warm each material is at a time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.sun import sun_position
from atalaya.sim.material import by_code

Floats = NDArray[np.float64]

_HOUR_US = 3_600_000_000
_STEP_H = 0.25
_SPAN_H = 36.0
_MEAN_SHARE = 0.55
"""Sine of the sun's elevation, averaged over the hours a surface remembers, that counts as full warming."""
_SCALE_HEIGHT_M = 2000.0


@dataclass(frozen=True, slots=True)
class Weather:
    """A settled day.

    Args:
        air_c: mean temperature of the air near the ground, Celsius. swing_k: half of its daily range.
        visibility_m: meteorological range at the ground (Koschmieder: 2 % contrast).
        cloud: share of the sky, 0 to 1; takes from direct light, day warming and night cooling.
    """

    air_c: float = 18.0
    swing_k: float = 8.0
    visibility_m: float = 40_000.0
    cloud: float = 0.0

    def air_at_k(self, t_us: int, lon_deg: float) -> float:
        """Of the air near the ground, kelvin; warmest at 15 h solar time."""
        hour = (t_us / _HOUR_US + lon_deg / 15.0) % 24.0
        return 273.15 + self.air_c + self.swing_k * float(np.cos((hour - 15.0) / 24.0 * 2.0 * np.pi))

    def transmission(self, slant_m: Floats, up_m: float) -> Floats:
        """Share of light that comes through from the ground to a height `up_m` above it, along a slant."""
        depth = _SCALE_HEIGHT_M / max(up_m, 1.0) * (1.0 - np.exp(-max(up_m, 1.0) / _SCALE_HEIGHT_M))
        return np.asarray(np.exp(-3.912 / self.visibility_m * depth * slant_m))

    def direct_and_sky(self, sun_up: float) -> tuple[float, float]:
        """Light of the sun on what faces it and of the sky on level ground; 1 together at the zenith."""
        if sun_up <= -0.1:
            return 0.0, 0.0
        path = 1.0 / max(sun_up, 0.05)
        direct = 0.85 * (1.0 - 0.75 * self.cloud) * np.exp(-0.12 * (path - 1.0)) * (sun_up > 0.0)
        sky = (0.15 + 0.15 * self.cloud) * min(1.0, (sun_up + 0.1) / 0.4)
        return float(direct), float(sky)

    def temperatures_k(self, t_us: int, lon_deg: float, lat_deg: float) -> tuple[Floats, Floats]:
        """(256,) surface temperature of level ground of each material, and kelvin a full sun adds to it now.

        Warming follows the sun through an exponential memory of `lag_h` hours; under a clear night sky a
        surface falls below the air by its `night_drop_k`.
        """
        ages = np.arange(0.0, _SPAN_H, _STEP_H)
        sun = sun_position(t_us - (ages * _HOUR_US).astype(np.int64), lon_deg, lat_deg)
        high = np.maximum(np.sin(np.radians(sun.elevation_deg)), 0.0)
        lag = np.maximum(by_code("lag_h"), 0.1)[:, None]
        weight = np.exp(-ages / lag)
        felt = (weight * high).sum(axis=1) / weight.sum(axis=1)
        clear = 1.0 - 0.7 * self.cloud
        gain = by_code("sun_gain_k") * clear
        dark = np.clip(1.0 - felt / 0.3, 0.0, 1.0)
        level = self.air_at_k(t_us, lon_deg) + gain * felt / _MEAN_SHARE * 0.75
        return level - by_code("night_drop_k") * clear * dark, gain * (high[0] > 0.0)
