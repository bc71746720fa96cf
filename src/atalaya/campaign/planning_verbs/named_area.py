"""An area somebody drew, and what it is called."""

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class NamedArea:
    """One area.

    Args:
        name: as its file calls it, else a number from 1.
        geometry: polygon or polygons: longitude and latitude (WGS 84), or metres where read as planar.
            It may be broken: who plans on it says so.
    """

    name: str
    geometry: BaseGeometry
