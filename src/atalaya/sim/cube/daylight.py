"""Light that reaches a spectrometer: sun, sky and the air between, in its bands.

A simple atmosphere, stated: the sun is a black body of 5778 K with 1361 W/m2; direct and sky light follow
`Weather` at 550 nm and turn bluer or redder as the powers below say; gases take exp(-depth (air mass) ^ 0.6),
the growth of saturated bands (Goody and Yung, "Atmospheric Radiation", 1989); haze follows the weather's
visibility with Angstrom's exponent 1.2 for its particles and Rayleigh's fourth power for the rest.
Radiance is in microwatts per square centimetre, steradian and nanometre.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.cube.push_broom import PushBroom
from atalaya.sim.spectrum import GRID_NM, band_weights, reflectances
from atalaya.sim.texture.ground_texture import Light
from atalaya.sim.weather import Weather

Floats = NDArray[np.float64]

NODES = 9
_WATER = (
    (690, 8, 0.03), (722, 9, 0.13), (818, 9, 0.12), (905, 12, 0.20), (938, 16, 0.62), (970, 12, 0.16),
    (1125, 16, 0.75), (1160, 16, 0.28), (1270, 20, 0.06), (1350, 16, 1.2), (1395, 26, 4.5),
    (1450, 22, 0.5),
    (1790, 20, 0.5), (1840, 20, 2.6), (1885, 34, 4.5), (1950, 20, 0.7), (2480, 30, 0.5), (2560, 40, 3.0),
)  # fmt: skip
_DRY = (
    (687, 3, 0.18), (761, 3, 0.80), (1268, 7, 0.10), (1575, 8, 0.03), (1608, 8, 0.03), (1666, 8, 0.03),
    (1960, 9, 0.16), (2008, 9, 0.55), (2060, 9, 0.35), (2300, 25, 0.10), (2370, 20, 0.16),
)  # fmt: skip
"""Bands of water vapour, and of the other gases of the air: nm, standard deviation, vertical depth."""
_SCALE_M = (2000.0, 8000.0)
_GROWTH = 0.6
_DARK = 0.08
"""Two-way share of light below which a band sees nothing of the ground."""


@dataclass(frozen=True)
class Daylight:
    """Light of one epoch, per band.

    by_sun, by_sky: (256, bands) float32 of each material under full light     level, veil: (bands,) of level
        ground that reflects everything, and of the air alone     sun_path: air masses of the sun's way
    """

    by_sun: NDArray[np.float32]
    by_sky: NDArray[np.float32]
    level: Floats
    veil: Floats
    sun_path: float


class Atmosphere:
    """What an imager's bands make of materials, light and air.

    Args:
        imager: whose bands. weather: haze and cloud.
    """

    def __init__(self, imager: PushBroom, weather: Weather) -> None:
        self._weather = weather
        self.weights = band_weights(imager.wavelengths_nm, imager.fwhm_nm)
        self._reflect = reflectances(self.weights)
        self._nm = imager.wavelengths_nm
        self.sun = self.weights @ _sunlight() / np.pi
        self._depths = tuple(self.weights @ _depth(table) for table in (_WATER, _DRY))
        ratio = self._nm / 550.0
        self._haze = 0.88 * ratio**-1.2 + 0.12 * ratio**-4.0
        self.usable = np.exp(-sum(depth * 2.0**_GROWTH for depth in self._depths)) > _DARK

    def daylight(self, light: Light) -> Daylight:
        """Sun and sky of an epoch on the ground."""
        up = max(float(light.sun[2]), 0.05)
        gases = self._gases(1.0 / up, (1.0, 1.0))
        blue = (self._nm / 550.0) ** -1.6
        cloud = self._weather.cloud
        direct = light.direct * np.exp(-0.1 / up * ((self._nm / 550.0) ** -1.8 - 1.0))
        sky = light.sky * ((1.0 - cloud) * blue + cloud)
        on_sun, on_sky = self.sun * gases * direct, self.sun * gases * sky
        level = on_sun * max(float(light.sun[2]), 0.0) + on_sky
        veil = 0.5 * (0.4 * on_sun * max(float(light.sun[2]), 0.0) + on_sky)
        by_sun, by_sky = (np.asarray(self._reflect * part, np.float32) for part in (on_sun, on_sky))
        return Daylight(by_sun, by_sky, level, veil, 1.0 / up)

    def way_up(self, light: Daylight, slant_m: Floats, up_m: float) -> tuple[Floats, Floats]:
        """(n, bands) share of light that comes through along (n,) slants to a height; what the air adds."""
        height = max(up_m, 1.0)
        grey = -np.log(self._weather.transmission(slant_m, height))
        scattered = np.exp(-grey[:, None] * self._haze)
        shares = (-np.expm1(-height / _SCALE_M[0]), -np.expm1(-height / _SCALE_M[1]))
        gases = self._gases(slant_m[:, None] / height, shares)
        return scattered * gases, (1.0 - scattered) * light.veil * np.sqrt(gases)

    def _gases(self, mass: Floats | float, shares: tuple[float, float]) -> Floats:
        depth = sum(d * (mass * share) ** _GROWTH for d, share in zip(self._depths, shares, strict=True))
        return np.asarray(np.exp(-np.asarray(depth)))


def _sunlight() -> Floats:
    """Of the sun at the top of the air on the grid, microwatts per square centimetre and nanometre."""
    metres = GRID_NM * 1e-9
    planck = 1.0 / (metres**5 * np.expm1(1.438777e-2 / (metres * 5778.0)))
    whole = 5778.0**4 * np.pi**4 / 15.0 / 1.438777e-2**4
    return np.asarray(1361.0 * planck / whole * 1e-9 * 100.0)


def _depth(table: tuple[tuple[float, float, float], ...]) -> Floats:
    total = np.zeros(len(GRID_NM))
    for centre, spread, peak in table:
        total += peak * np.exp(-0.5 * ((GRID_NM - centre) / spread) ** 2)
    return total
