"""The areas of a campaign: rings in the file, or features of a file any GIS writes."""

from pathlib import Path

import numpy as np
import pyogrio
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.request import AskedArea, Prior
from atalaya.campaign.planning.toml_part import Part
from atalaya.earth.ellipsoid import geod

LARGEST_M2 = 4.0e12


def read_areas(parts: list[Part], prior: Prior) -> tuple[AskedArea, ...]:
    """The areas, each with the facilities believed to be in it.

    Raises:
        BadInput: PLN-003 there is none, or two of a name; PLN-004 a ring or file that gives no area.
    """
    areas = [area for part in parts for area in _areas_of(part)]
    names = [area.name for area in areas]
    if not areas or len(set(names)) < len(names):
        raise BadInput("PLN-003", where="[[area]]", value=", ".join(names)[:60], wanted="[[area]] name = ...")
    sizes = np.array([abs(geod().geometry_area_perimeter(area.geometry)[0]) for area in areas])
    if float(sizes.sum()) > LARGEST_M2:
        raise BadInput("PLN-004", where="[[area]]")
    known = sum(area.expected or 0.0 for area in areas)
    open_size = sum(size for size, area in zip(sizes, areas, strict=True) if area.expected is None)
    rest = max(prior.expected - known, 0.0)
    return tuple(
        AskedArea(
            area.name,
            area.geometry,
            rest * float(size) / open_size if area.expected is None else area.expected,
        )
        for area, size in zip(areas, sizes, strict=True)
    )


def _areas_of(part: Part) -> list[AskedArea]:
    name, expected = part.text("name"), part.optional("expected", least=0.0, most=1e6)
    file = part.file("file")
    geometry = _union(file, part) if file else Polygon(part.ring("polygon"), part.rings("holes"))
    part.close()
    if not shapely.is_valid(geometry) or geometry.area == 0.0:
        raise BadInput("PLN-004", where=part.where)
    return [AskedArea(name, geometry, expected)]


def _union(file: Path, part: Part) -> BaseGeometry:
    """All polygons of a file as one, WGS 84."""
    try:
        found = pyogrio.read_info(file)
        _, _, raw, _ = pyogrio.raw.read(file, columns=[])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError) as error:
        raise BadInput("PLN-004", where=f"{part.where}, {file.name}") from error
    geometries = shapely.from_wkb(raw)
    rings = [each for each in geometries if isinstance(each, Polygon | MultiPolygon)]
    if not rings:
        raise BadInput("PLN-004", where=f"{part.where}, {file.name}")
    return shapely.force_2d(_as_wgs84(shapely.union_all(rings), str(found.get("crs") or "EPSG:4326")))


def _as_wgs84(geometry: BaseGeometry, crs: str) -> BaseGeometry:
    from pyproj import CRS, Transformer

    if CRS.from_user_input(crs) == CRS.from_epsg(4326):
        return geometry
    to_wgs84 = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return shapely.transform(geometry, lambda xy: np.column_stack(to_wgs84.transform(xy[:, 0], xy[:, 1])))
