"""What the ground and things on it are made of: how they reflect, how warm they get, by which spectrum."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

_FILE = "materials.toml"


@dataclass(frozen=True, slots=True)
class Material:
    """One material.

    Args:
        name: key of the table. code: 0 to 255, what rasters hold.
        red, green, blue: reflectance 0 to 1 in the visible.
        contrast: standard deviation of its brightness over some metres, as a share of it.
        emissivity: 8 to 12 micrometres.
        sun_gain_k: how far above the air its surface would rise under the sun at the zenith for hours.
        lag_h: hours by which it follows the sun.
        night_drop_k: how far below the air it falls under a clear night sky.
        spectrum: name of its reflectance spectrum for cubes.
        crown: how much light and shade its crowns make, as a share of its brightness.
    """

    name: str
    code: int
    red: float
    green: float
    blue: float
    contrast: float
    emissivity: float
    sun_gain_k: float
    lag_h: float
    night_drop_k: float
    spectrum: str
    crown: float = 0.0

    @property
    def luma(self) -> float:
        """Reflectance as a grey camera sees it (ITU-R BT.601 weights)."""
        return 0.299 * self.red + 0.587 * self.green + 0.114 * self.blue


@cache
def materials() -> Mapping[str, Material]:
    """All materials by name."""
    table = tomllib.loads((files("atalaya.sim") / _FILE).read_text(encoding="utf-8"))
    return {name: Material(name, **entry) for name, entry in table.items()}


@cache
def by_code(field: str) -> NDArray[np.float64]:
    """(256,) one number of each material at the place of its code; 0 where there is none."""
    column = np.zeros(256)
    for material in materials().values():
        column[material.code] = getattr(material, field)
    return column
