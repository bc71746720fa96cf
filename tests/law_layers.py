"""Boundary layers of the shared data, as layer indexes, with the bounds of the field note."""

import math
from functools import cache

import numpy as np
import pyarrow.parquet
import pyogrio
import shapely

from atalaya.law.boundary import Edge, Kind, Layer, LayerIndex, LayerRecord, layer_index
from tests.shared_data import shared

OSM_BOUND_M, DCW_BOUND_M, NE_BOUND_M = 10.0, 1417.0, 3262.0
WATERS_BOUND_M = 159.0


@cache
def osm_land() -> LayerIndex:
    return _index("osm-land", "geo-maps-land-10m/land10m_MEX_GTM_BLZ_USAconus.gpkg", "A3", OSM_BOUND_M)


@cache
def osm_waters(*codes: str) -> LayerIndex:
    return _index(
        "osm-waters", "geo-maps-maritime-10m/maritime10m.parquet", "A3", WATERS_BOUND_M, codes=codes
    )


@cache
def dcw() -> LayerIndex:
    return _index("dcw", "dcw-gmt/dcw_americas.parquet", "iso2", DCW_BOUND_M)


@cache
def natural_earth(*codes: str) -> LayerIndex:
    return _index(
        "natural-earth",
        "natural-earth-10m/ne_10m_admin_0_countries.parquet",
        "ADM0_A3",
        NE_BOUND_M,
        codes=codes,
    )


LONGER = {"MX": "MEX", "GT": "GTM", "BZ": "BLZ"}


def _index(name: str, path: str, key: str, bound_m: float, codes: tuple[str, ...] = ()) -> LayerIndex:
    file = shared(f"airspace/{path}")
    if file.suffix == ".parquet":
        table = pyarrow.parquet.read_table(file, columns=[key, "geometry"])
        given, shapes = table.column(key).to_pylist(), table.column("geometry").to_pylist()
    else:
        _, _, shapes, (given,) = pyogrio.raw.read(file, columns=[key])
    areas = [LONGER.get(str(code), str(code)) for code in given]
    keep = [i for i, code in enumerate(areas) if not codes or code in codes]
    polygons = np.array([_polygonal(shapely.from_wkb(shapes[i])) for i in keep], dtype=object)
    return layer_index(Layer(record_of(name, bound_m), tuple(areas[i] for i in keep), polygons))


def record_of(name: str, bound_m: float) -> LayerRecord:
    return LayerRecord(
        name, "test", "shared data", "", "", "test", Kind.SOVEREIGN, Edge.PLANAR,
        bound_m=bound_m, sigma_m=bound_m / 3.0 if math.isfinite(bound_m) else math.inf,
    )  # fmt: skip


def _polygonal(shape: shapely.Geometry) -> shapely.MultiPolygon:
    valid = shape if shape.is_valid else shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(shapely.get_parts(valid)) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
