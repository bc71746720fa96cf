"""Which zero a raster's heights count from, told or found out, and the way from there to the ellipsoid.

Nothing passes unconverted: a datum whose geoid is not at hand is a `DatumError`. PROJ's own transformations
are asked for `best_available`, because without the grid they return heights unchanged and report success.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.transformer import Transformer, TransformerGroup

from atalaya.base.errors import DatumError, Usage
from atalaya.earth.geoid import undulation_m

Floats = NDArray[np.float64]
VerticalName = Literal["msl", "hae", "egm96", "egm2008"]
Undulation = Callable[[Floats, Floats], Floats]

_EGM96, _EGM2008, _MEAN_SEA_LEVEL = 5773, 3855, 5714


@dataclass(frozen=True)
class Vertical:
    """A vertical datum and the way to the ellipsoid.

    label: for people, with where it is known from      undulation: metres to add at (lon, lat); None for zero
    unit_m: metres in one unit of the heights, where the CRS says so
    """

    label: str
    undulation: Undulation | None
    unit_m: float = 1.0


def known_vertical(
    told: VerticalName | None, crs: CRS | None, product: VerticalName | None, *, where: str
) -> Vertical:
    """The vertical datum of a raster: what the user says, else its CRS, else what its product is known for.

    Raises:
        Usage: EAR-020, `told` is not a known name.
        DatumError: EAR-010 nothing states the datum; EAR-011 its geoid is not installed; EAR-012 the user and
            the file contradict each other.
    """
    if told is not None and told not in get_args(VerticalName):
        raise Usage("EAR-020", where=where, given=told, known=", ".join(get_args(VerticalName)))
    vertical = _vertical_part(crs)
    unit = _unit_m(vertical)
    if told is not None:
        stated = _name_of(vertical)
        if stated is not None and stated != _plain(told):
            raise DatumError("EAR-012", where=where, told=told, stated=stated)
        return _named(_plain(told), "as told", unit, where)
    if vertical is not None:
        name = _name_of(vertical)
        if name is not None:
            return _named(name, "from its CRS", unit, where)
        assert crs is not None
        return _by_proj(crs, vertical, unit, where)
    if product is not None:
        return _named(_plain(product), "known of this product", unit, where)
    raise DatumError("EAR-010", where=where)


def _plain(name: VerticalName) -> VerticalName:
    """Mean sea level means EGM96 here, as everywhere in this package."""
    return "egm96" if name == "msl" else name


def _vertical_part(crs: CRS | None) -> CRS | None:
    """The vertical CRS of a compound one; a three-dimensional geographic CRS itself; None for neither."""
    if crs is None:
        return None
    for part in crs.sub_crs_list:
        if part.is_vertical:
            return part
    return crs if len(crs.axis_info) == 3 and not crs.is_geocentric else None


def _name_of(vertical: CRS | None) -> VerticalName | None:
    if vertical is None:
        return None
    if not vertical.is_vertical:
        return "hae"
    code = vertical.to_epsg(min_confidence=70)
    name = vertical.name.lower()
    if code in (_EGM96, _MEAN_SEA_LEVEL) or name.startswith("egm96"):
        return "egm96"
    if code == _EGM2008 or name.startswith("egm2008"):
        return "egm2008"
    return "hae" if "ellipsoid" in name else None


def _unit_m(vertical: CRS | None) -> float:
    if vertical is None:
        return 1.0
    return float(vertical.axis_info[-1].unit_conversion_factor)


def _named(name: VerticalName, how: str, unit: float, where: str) -> Vertical:
    if name == "hae":
        return Vertical(f"HAE ({how})", None, unit)
    if name == "egm96":
        return Vertical(f"EGM96 ({how})", undulation_m, unit)
    return Vertical(f"EGM2008 ({how})", _proj_undulation("EPSG:4326+3855", "EGM2008", where), unit)


def _by_proj(crs: CRS, vertical: CRS, unit: float, where: str) -> Vertical:
    """Any other vertical CRS, where PROJ has its grid."""
    base = crs.geodetic_crs
    if base is None:
        raise DatumError("EAR-011", where=where, datum=vertical.name)
    compound = CRS.from_wkt(
        f'COMPOUNDCRS["for the geoid",{base.to_2d().to_wkt("WKT2_2019")},{vertical.to_wkt("WKT2_2019")}]'
    )
    found = _proj_undulation(compound, vertical.name, where)
    return Vertical(f"{vertical.name} (from its CRS)", found, unit)


def _proj_undulation(source: CRS | str, name: str, where: str) -> Undulation:
    """Undulation by PROJ, which must have the grid: without it PROJ answers zero and calls it success."""
    with warnings.catch_warnings():
        # it warns of what is refused below with a remedy
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(source, 4979, always_xy=True)
    usable = group.transformers[0] if group.best_available and group.transformers else None
    if usable is None or "ballpark" in usable.description.lower():
        raise DatumError("EAR-011", where=where, datum=name)
    return _Undulation(usable)


@dataclass(frozen=True)
class _Undulation:
    transformer: Transformer

    def __call__(self, lon: Floats, lat: Floats) -> Floats:
        _, _, height = self.transformer.transform(lon, lat, np.zeros_like(lon))
        return np.asarray(height, np.float64)
