"""GDAL 3.12 (of pyogrio 0.12) reads our KML, GeoJSON and GPX and finds the same places and heights."""

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from atalaya.plan.exports import export
from atalaya.plan.exports.heights import hae_of_msl
from tests.export_sorties import FENCE, named_corridors, worked

PLACES = np.array([(p.lon_deg, p.lat_deg, p.height_msl_m) for p in worked().waypoints])
HAE_M = np.array([hae_of_msl(*place) for place in PLACES])


def geometries(path: Path, layer: str | int = 0) -> list[shapely.Geometry]:
    _, _, shapes, _ = pyogrio.raw.read(path, layer=layer)
    return list(shapely.from_wkb(shapes))


def lines(shapes: list[shapely.Geometry]) -> list[np.ndarray]:
    found = [shape for shape in shapes if shape.geom_type in ("LineString", "MultiLineString")]
    return [shapely.get_coordinates(shape, include_z=True) for shape in found]


def test_geojson(tmp_path: Path) -> None:
    path = export(worked(), tmp_path / "a.geojson", fence=FENCE, swaths=named_corridors(worked())).path
    shapes = geometries(path)
    (line,) = lines(shapes)
    assert line[:, :2] == pytest.approx(PLACES[:, :2], abs=1e-7)
    assert line[:, 2] == pytest.approx(HAE_M, abs=1e-3)
    assert sum(shape.geom_type == "Polygon" for shape in shapes) == 2 + 6


def test_kml(tmp_path: Path) -> None:
    path = export(worked(), tmp_path / "a.kml", fence=FENCE).path
    shapes = [shape for layer, _ in pyogrio.list_layers(path) for shape in geometries(path, layer)]
    (line,) = lines([shape for shape in shapes if shape is not None])
    assert line == pytest.approx(PLACES, abs=1e-3)
    assert line[:, :2] == pytest.approx(PLACES[:, :2], abs=1e-7)


def test_gpx(tmp_path: Path) -> None:
    path = export(worked(), tmp_path / "a.gpx").path
    (line,) = lines(geometries(path, "routes"))
    assert line[:, :2] == pytest.approx(PLACES[:, :2], abs=1e-7)
    _, _, _, (elevations,) = pyogrio.raw.read(path, layer="route_points", columns=["ele"])
    assert elevations == pytest.approx(PLACES[:, 2])
