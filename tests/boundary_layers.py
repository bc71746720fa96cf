"""Layers made for tests: rough polygons with holes, circles, layers of shared files."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary import Edge, Kind, Layer, LayerRecord
from atalaya.law.boundary.reading.read import read_layer
from tests.shared_data import shared

Floats = NDArray[np.float64]

FILES = {
    "land": ("airspace/geo-maps-land-10m/land10m_MEX_GTM_BLZ_USAconus.gpkg", "A3"),
    "maritime": ("airspace/geo-maps-maritime-10m/maritime10m.parquet", "A3"),
    "ne": ("airspace/natural-earth-10m/ne_10m_admin_0_countries.parquet", "ADM0_A3"),
    "dcw": ("airspace/dcw-gmt/dcw_americas.parquet", "iso2"),
    "fir": ("airspace/vatspy-fir/Boundaries.geojson", "id"),
}


def record(kind: Kind = Kind.SOVEREIGN, edge: Edge = Edge.PLANAR, **known: object) -> LayerRecord:
    """A record with nothing special in it."""
    usual = {"name": "made", "edition": "1", "source": "made", "licence": "none", "attribution": ""}
    return LayerRecord(**{**usual, "viewpoint": "operator", "kind": kind, "edge": edge, **known})  # type: ignore[arg-type]


def layer(shapes: Mapping[str, shapely.Geometry], **known: object) -> Layer:
    """A layer of given shapes."""
    polygons = np.empty(len(shapes), dtype=object)
    polygons[:] = list(shapes.values())
    return Layer(record(**known), tuple(shapes), polygons)  # type: ignore[arg-type]


@cache
def real(name: str) -> Layer:
    """A layer of the shared data; the test is skipped where it is absent."""
    file, key = FILES[name]
    return read_layer(Path(shared(file)), record(), key)


def rough_polygon(rng: np.random.Generator, lon: float, lat: float, size: float) -> shapely.Geometry:
    """A star of random radii with a hole, valid, perhaps in several parts."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, 40)))
    radius = size * rng.uniform(0.2, 1.0, len(angle))
    shell = np.column_stack((lon + radius * np.cos(angle), lat + radius * np.sin(angle)))
    hole = np.column_stack((lon + 0.15 * size * np.cos(angle), lat + 0.1 * size * np.sin(angle)))
    shape = shapely.difference(
        shapely.make_valid(shapely.Polygon(shell)), shapely.make_valid(shapely.Polygon(hole))
    )
    return shapely.MultiPolygon([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])


def brute_depth_m(
    shape: shapely.Geometry, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Unsigned geodesic distance to a boundary by measuring to places a few metres apart along it."""
    from pyproj import Geod

    line = shapely.segmentize(shapely.boundary(shape), 5e-5)
    places = shapely.get_coordinates(line)
    geod = Geod(ellps="WGS84")
    found = np.empty(len(lon))
    for i in range(len(lon)):
        many = np.ones(len(places))
        found[i] = np.min(geod.inv(lon[i] * many, lat[i] * many, *places.T)[2])
    return found
