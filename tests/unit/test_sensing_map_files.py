"""Layers from files of all kinds, and the search map as a GeoTIFF."""

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from shapely import box

from atalaya.base.errors import BadInput, NotFound
from atalaya.sensing import Decay, Layer, SearchMap, from_layers, make_grid
from atalaya.sensing.map_geotiff import read_search_map, write_search_map
from atalaya.sensing.raster_file import raster_layer
from atalaya.sensing.vector_file import class_layer, covered_layer, distance_layer, read_features

AREA = box(-107.0, 24.0, -106.8, 24.2)
GRID = make_grid(AREA, 500.0)
TRACK = shapely.LineString([(-107.0, 24.05), (-106.9, 24.1), (-106.8, 24.15)])
FIELD = box(-106.95, 24.05, -106.9, 24.1).difference(box(-106.93, 24.07, -106.92, 24.08))


def vector(path: Path, shapes: list[Any], driver: str, crs: str | None = "EPSG:4326") -> Path:
    kind = "Polygon" if isinstance(shapes[0], shapely.Polygon) else shapes[0].geom_type
    values = np.arange(1, len(shapes) + 1, dtype=np.int32)
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(shapes)), [values], ["kind"], crs=crs, geometry_type=kind, driver=driver
    )
    return path


@pytest.mark.parametrize(
    ("driver", "name"),
    [("GPKG", "a.gpkg"), ("GeoJSON", "a.geojson"), ("ESRI Shapefile", "a.shp"), ("KML", "a.kml")],
)
def test_distance_to_the_features_of_any_vector_file(driver: str, name: str, tmp_path: Path) -> None:
    features = read_features(vector(tmp_path / name, [TRACK], driver), GRID)
    found = distance_layer(features, GRID)
    lon, lat = GRID.middles()
    rows, columns = [3, 20, 40], [5, 30, 11]
    line = features.shapes[0]
    east, north = GRID.grid.east_north(columns, rows)
    assert found[rows, columns] == pytest.approx(
        shapely.distance(line, shapely.points(east, north)), abs=1e-6
    )
    assert found.min() < 400.0
    assert found.shape == lon.shape == lat.shape


def test_points_and_areas_too(tmp_path: Path) -> None:
    wells = [shapely.Point(-106.95, 24.1), shapely.Point(-106.85, 24.15)]
    near = distance_layer(read_features(vector(tmp_path / "w.gpkg", wells, "GPKG"), GRID), GRID)
    columns, rows = GRID.grid.cells([-106.95], [24.1])
    assert near[round(rows[0]), round(columns[0])] < 360.0
    fields = read_features(
        vector(tmp_path / "f.gpkg", [FIELD, box(-106.85, 24.12, -106.82, 24.15)], "GPKG"), GRID
    )
    away, share, kinds = (
        distance_layer(fields, GRID),
        covered_layer(fields, GRID),
        class_layer(fields, GRID, "kind"),
    )
    assert share.sum() * 0.25 == pytest.approx(sum(one.area for one in fields.shapes) / 1e6, rel=0.03)
    assert (away[share == 1.0] == 0.0).all()
    assert (away[share == 0.0] > 0.0).all()
    assert set(np.unique(kinds[np.isfinite(kinds)])) == {1.0, 2.0}
    assert np.isnan(kinds[share == 0.0]).all()


def test_vector_files_that_say_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="SNS-005"):
        read_features(tmp_path / "none.gpkg", GRID)
    (tmp_path / "bad.gpkg").write_bytes(b"no file of any kind")
    with pytest.raises(BadInput, match="SNS-020"):
        read_features(tmp_path / "bad.gpkg", GRID)
    good = vector(tmp_path / "good.gpkg", [TRACK], "GPKG")
    with pytest.raises(BadInput, match="SNS-022"):
        read_features(good, GRID, layer="roads")
    with pytest.raises(BadInput, match="SNS-022"):
        class_layer(read_features(good, GRID), GRID, "height")
    with pytest.warns(UserWarning, match="crs"):
        nowhere = vector(tmp_path / "nowhere.shp", [TRACK], "ESRI Shapefile", crs=None)
    with pytest.raises(BadInput, match="SNS-021"):
        read_features(nowhere, GRID)


def raster(path: Path, values: Any, crs: str | None = "EPSG:4326", **more: Any) -> Path:
    rows, columns = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype=values.dtype, crs=crs,
        transform=from_origin(-107.1, 24.3, 0.002, 0.002), **more,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path


def test_a_raster_lands_on_the_grid_where_it_belongs(tmp_path: Path) -> None:
    rows, columns = np.mgrid[0:200, 0:200]
    lat = 24.3 - 0.002 * (rows + 0.5)
    values = lat.astype(np.float32)
    values[90:95] = np.nan
    found = raster_layer(raster(tmp_path / "lat.tif", values), GRID, how="bilinear")
    _, wanted = GRID.middles()
    known = np.isfinite(found)
    # beside a gap a pixel is all there is
    assert found[known] == pytest.approx(wanted[known], abs=2e-3)
    assert np.quantile(np.abs(found - wanted)[known], 0.9) < 1e-4
    assert 0 < (~known).sum() < found.size / 5
    whole = raster_layer(raster(tmp_path / "class.tif", (columns % 7).astype(np.uint8)), GRID, how="mode")
    assert set(np.unique(whole)) <= set(range(7))
    marked = raster(tmp_path / "marked.tif", np.where(rows < 100, 5, -9999).astype(np.int16), nodata=-9999)
    half = raster_layer(marked, GRID)
    assert set(np.unique(half[np.isfinite(half)])) == {5.0}
    assert np.isnan(half).any()


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_rasters_that_say_nothing_are_refused(tmp_path: Path) -> None:
    ones = np.ones((20, 20), np.float32)
    with pytest.raises(NotFound, match="SNS-005"):
        raster_layer(tmp_path / "none.tif", GRID)
    with pytest.raises(BadInput, match="SNS-021"):
        raster_layer(raster(tmp_path / "nowhere.tif", ones, crs=None), GRID)
    with pytest.raises(BadInput, match="SNS-022"):
        raster_layer(raster(tmp_path / "far.tif", ones, crs="EPSG:3857"), GRID)
    with pytest.raises(BadInput, match="SNS-022"):
        raster_layer(raster(tmp_path / "one.tif", ones), GRID, band=2)
    (tmp_path / "bad.tif").write_bytes(b"II*\0nothing follows")
    with pytest.raises(BadInput, match="SNS-020"):
        raster_layer(tmp_path / "bad.tif", GRID)


def a_map() -> SearchMap:
    rng = np.random.default_rng(1)
    away = rng.uniform(0.0, 5000.0, GRID.shape)
    made = from_layers(
        GRID, [Layer("track", away, Decay(800.0), 2.0)], 7.5, hidden=rng.uniform(0, 1, GRID.shape)
    )
    looks = rng.integers(0, 9, GRID.shape)
    return SearchMap(made.map.rate, made.map.hidden, made.map.crs, made.map.post_affine, looks)


@pytest.mark.proves("SNS-005")
def test_a_map_is_read_back_equal(tmp_path: Path) -> None:
    before = a_map()
    write_search_map(before, tmp_path / "map.tif")
    after = read_search_map(tmp_path / "map.tif")
    np.testing.assert_array_equal(after.rate, before.rate)
    np.testing.assert_array_equal(after.hidden, before.hidden)
    np.testing.assert_array_equal(after.looks, before.looks)
    assert (after.crs, after.post_affine, after.grid) == (before.crs, before.post_affine, before.grid)
    uncounted = SearchMap(before.rate, before.hidden, before.crs, before.post_affine)
    write_search_map(uncounted, tmp_path / "map.tif")
    assert read_search_map(tmp_path / "map.tif").looks is None
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.descriptions == ("rate", "hidden", "looks")
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.tags()["SCHEMA"] == "atalaya.search_map/1"
        assert all(file.units)
        # where another program puts it
        west = rasterio.warp.transform_bounds(file.crs, "EPSG:4326", *file.bounds)[0]
    assert west == pytest.approx(-107.0, abs=0.01)


@pytest.mark.proves("SNS-005")
@pytest.mark.parametrize(
    ("part", "value", "code"),
    [
        ("rate", -1.0, "SNS-025"),
        ("rate", np.nan, "SNS-025"),
        ("rate", np.inf, "SNS-025"),
        ("hidden", 1.01, "SNS-025"),
        ("hidden", np.nan, "SNS-025"),
        ("looks", -1, "SNS-025"),
        ("crs", "EPSG:4326", "SNS-024"),
        ("crs", "EPSG:32613", "SNS-024"),
        ("crs", "EPSG:3857", "SNS-024"),
        ("crs", "nonsense", "SNS-024"),
        ("post_affine", (0.0, 500.0, 0.0, 0.0, 0.0, -400.0), "SNS-024"),
        ("post_affine", (0.0, 500.0, 0.0, 0.0, 0.0, 500.0), "SNS-024"),
        ("post_affine", (np.nan, 500.0, 0.0, 0.0, 0.0, -500.0), "SNS-024"),
    ],
)
def test_an_unsound_map_is_not_written(part: str, value: Any, code: str, tmp_path: Path) -> None:
    from dataclasses import replace

    made = a_map()
    if isinstance(getattr(made, part), np.ndarray):
        wrong = getattr(made, part).copy()
        wrong[2, 3] = value
        value = wrong
    with pytest.raises(BadInput) as caught:
        write_search_map(replace(made, **{part: value}), tmp_path / "map.tif")
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.proves("SNS-005")
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_file_that_is_no_map_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="SNS-005"):
        read_search_map(tmp_path / "none.tif")
    with pytest.raises(BadInput, match="SNS-023"):
        read_search_map(raster(tmp_path / "one.tif", np.ones((20, 20), np.float32)))
    for name, crs, value, code in (
        ("utm.tif", "EPSG:32613", 1.0, "SNS-024"),
        ("none.tif", None, 1.0, "SNS-024"),
        ("nan.tif", "EPSG:6933", np.nan, "SNS-025"),
        ("less.tif", "EPSG:6933", -1.0, "SNS-025"),
    ):
        with rasterio.open(
            tmp_path / name, "w", driver="GTiff", height=4, width=4, count=3, dtype="float64", crs=crs,
            transform=from_origin(0.0, 0.0, 500.0, 500.0),
        ) as file:  # fmt: skip
            file.write(np.full((3, 4, 4), value))
            file.descriptions = ("rate", "hidden", "looks")
        with pytest.raises(BadInput) as caught:
            read_search_map(tmp_path / name)
        assert caught.value.code == code


def searched() -> SearchMap:
    rng, grid = np.random.default_rng(3), GRID.grid
    shape = (grid.height, grid.width)
    affine = (grid.west_m, grid.cell_m, 0.0, grid.north_m, 0.0, -grid.cell_m)
    return SearchMap(
        rng.random(shape), rng.random(shape), grid.crs, affine, rng.integers(0, 9, shape).astype(np.int64)
    )


def test_a_zarr_store_is_the_same_map_and_is_replaced_whole(tmp_path: Path) -> None:
    one, path = searched(), tmp_path / "maps" / "search.zarr"
    for rate in (one.rate, one.rate / 2.0):
        write_search_map(SearchMap(rate, one.hidden, one.crs, one.post_affine, one.looks), path)
        found = read_search_map(path)
        np.testing.assert_array_equal(found.rate, rate)
        np.testing.assert_array_equal(found.hidden, one.hidden)
        np.testing.assert_array_equal(found.looks, one.looks)
        assert (found.crs, found.post_affine) == (one.crs, one.post_affine)
        with rasterio.open(path) as file:
            assert file.crs.is_projected
            assert file.tags()["SCHEMA"] == "atalaya.search_map/1"
    assert [each.name for each in path.parent.iterdir()] == ["search.zarr"]


def read_or_code(path: Path) -> str:
    try:
        read_search_map(path)
    except BadInput as error:
        return error.code
    return "map"


def test_a_damaged_zarr_store_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "search.zarr"
    path.mkdir()
    with pytest.raises(BadInput, match="SNS-02"):
        read_search_map(path)
    write_search_map(searched(), path)
    for part in sorted(each for each in path.rglob("*") if each.is_file()):
        kept = part.read_bytes()
        for bad in (b"", kept[: len(kept) // 2], b"{}"):
            part.write_bytes(bad)
            assert read_or_code(path) in ("map", "SNS-020", "SNS-023", "SNS-024", "SNS-025")
        part.write_bytes(kept)
    assert read_search_map(path).expected == pytest.approx(searched().expected)
