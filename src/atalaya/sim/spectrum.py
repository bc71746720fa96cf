"""Reflectance of materials and absorption of gases, as bands of a spectrometer see them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sim.material import Material, materials

Floats = NDArray[np.float64]

FIRST_NM, LAST_NM = 350.0, 2500.0
GRID_NM = np.arange(FIRST_NM, LAST_NM + 0.5)
COLOURS = {"blue": (460.0, 20.0), "green": (550.0, 20.0), "red": (650.0, 20.0)}
"""Middle and standard deviation, nm, of what a material's red, green and blue are taken over."""

_SIGMA_PER_FWHM = 1.0 / 2.3548200450309493
_MOST = 0.98


def material_reflectance(name: str) -> Floats:
    """(2151,) reflectance of a material from 350 to 2500 nm in steps of 1: its shape, in its own colours.

    The shape is multiplied by a factor, linear between the middles of blue, green and red and constant beyond
    them, so that it integrates to the material's blue, green and red (for dark or bright ones up to 0.98).
    """
    material = materials()[name]
    shape = _shape(material.spectrum)
    knots = np.array([middle for middle, _ in COLOURS.values()])
    parts = np.stack([np.interp(GRID_NM, knots, row) for row in np.eye(3)])
    seen = np.stack([colour_weights(colour) for colour in COLOURS])
    wanted = np.array([material.blue, material.green, material.red])
    factors = np.linalg.solve(seen @ (parts * shape).T, wanted)
    return np.asarray(np.clip(factors @ parts * shape, 0.0, _MOST))


def colour_weights(colour: str) -> Floats:
    """(2151,) weights, summing to 1, of "red", "green" or "blue" over the grid."""
    middle, spread = COLOURS[colour]
    weights = np.exp(-0.5 * ((GRID_NM - middle) / spread) ** 2)
    return np.asarray(weights / weights.sum())


def band_weights(wavelengths_nm: Floats, fwhm_nm: Floats) -> Floats:
    """(bands, 2151) weights of Gaussian bands over the grid; each row sums to 1."""
    sigma = np.maximum(fwhm_nm * _SIGMA_PER_FWHM, 0.3)[:, None]
    weights = np.exp(-0.5 * ((GRID_NM[None] - wavelengths_nm[:, None]) / sigma) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def reflectances(weights: Floats) -> Floats:
    """(256, bands) reflectance of each material at the place of its code; 0 where there is none."""
    table = np.zeros((256, len(weights)))
    for material in materials().values():
        table[material.code] = weights @ material_reflectance(material.name)
    return table


def gas_absorption(gas: str) -> Floats:
    """(2151,) absorption of a gas on the grid, per ppm m at 101,325 Pa and 298.15 K (natural logarithm).

    Raises:
        BadInput: CUB-003, a gas whose spectrum is not known.
    """
    table = _table("gases.toml")
    if gas not in table:
        raise BadInput("CUB-003", where=gas[:40], names=", ".join(sorted(table)))
    total = np.zeros(len(GRID_NM))
    for centre, spread, peak in table[gas]["features"]:
        total += 1e-6 * peak * np.exp(-0.5 * ((GRID_NM - centre) / spread) ** 2)
    return total


def spectrum_source(material: Material) -> str:
    """Class of the literature a material's spectrum follows; see spectra.toml."""
    return str(_table("spectra.toml")[material.spectrum]["source"])


@cache
def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((files("atalaya.sim") / name).read_text(encoding="utf-8"))


@cache
def _shape(name: str) -> Floats:
    entry = _table("spectra.toml")[name]
    points = np.array(entry["continuum"], np.float64)
    shape: Floats = np.interp(GRID_NM, points[:, 0], points[:, 1])
    for centre, spread, depth in entry["features"]:
        shape *= 1.0 - depth * np.exp(-0.5 * ((GRID_NM - centre) / spread) ** 2)
    return np.asarray(shape, np.float64)
