"""Countries as files: read back equal, layers replaced by a user's, same bytes, clear errors."""

import json
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from pyproj import Transformer

from atalaya.base.catalogue import text_of
from atalaya.base.errors import AtalayaError, BadInput, DatumError, NotFound
from atalaya.base.hashing import sha256_file
from atalaya.sim.country import Country, country_picture, read_country, write_country, write_picture
from atalaya.sim.material import materials
from tests.made_countries import made_country

FILES = ("terrain.tif", "cover.tif", "country.gpkg", "country.json")


@pytest.fixture
def country() -> Country:
    return made_country("mountain")


@pytest.fixture
def folder(country: Country, tmp_path: Path) -> Path:
    write_country(country, tmp_path / "country")
    return tmp_path / "country"


def replace_layer(
    folder: Path, layer: str, shapes: list[object], fields: dict[str, object], **more: object
) -> None:
    """Another file with this layer alone."""
    path = folder / "country.gpkg"
    path.unlink()
    crs = more.pop("crs", None)
    pyogrio.raw.write(
        path,
        np.array(shapely.to_wkb(np.array(shapes, object)), object),
        [np.array(values) for values in fields.values()],
        list(fields),
        layer=layer,
        driver="GPKG",
        crs=crs,
        geometry_type=more.pop("geometry_type", "Unknown"),
    )


def test_what_is_written_is_read_back_equal(country: Country, folder: Path) -> None:
    found = read_country(folder)
    assert np.array_equal(found.heights_msl_m, country.heights_msl_m)
    assert found.heights_msl_m.dtype == np.float32
    assert np.array_equal(found.cover, country.cover)
    for name in ("name", "seed", "epsg", "west_m", "north_m", "post_m", "cover_m", "solids", "settlements"):
        assert getattr(found, name) == getattr(country, name), name
    for one, two in zip(found.lines, country.lines, strict=True):
        assert (one.kind, one.width_m, one.material) == (two.kind, two.width_m, two.material)
        assert np.abs(one.points_m - two.points_m).max() < 1e-6
    for mine, theirs in zip(found.patches, country.patches, strict=True):
        assert replace(mine, ring_m=theirs.ring_m) == theirs or mine.id == theirs.id
        assert mine.material == theirs.material
        assert np.abs(mine.ring_m - theirs.ring_m).max() < 1e-6


@pytest.mark.proves("CTY-004")
def test_the_same_country_gives_the_same_bytes(country: Country, folder: Path, tmp_path: Path) -> None:
    time.sleep(1.1)  # GDAL would stamp another second
    write_country(country, tmp_path / "again")
    for name in FILES:
        assert sha256_file(folder / name) == sha256_file(tmp_path / "again" / name), name


@pytest.mark.proves("CTY-003")
def test_the_terrain_states_its_datums(country: Country, folder: Path) -> None:
    from atalaya.earth import Terrain

    with Terrain.open(folder / "terrain.tif") as ground:
        assert "EGM96" in ground.source
        x, y = country.west_m + 4000.0, country.north_m - 3000.0
        lon, lat = country.lonlat(x, y)
        assert ground.height_hae_m(lon, lat) == pytest.approx(
            country.terrain.height_hae_m(lon, lat), abs=0.02
        )


def test_cover_has_colours_and_names_for_a_gis(folder: Path) -> None:
    with rasterio.open(folder / "cover.tif") as file:
        colours = file.colormap(1)
        assert file.crs.to_epsg() == 32612
    code = materials()["woodland"].code
    assert colours[code][1] > colours[code][0]
    assert "<Category>woodland</Category>" in (folder / "cover.tif.aux.xml").read_text()


def test_layers_may_be_missing(country: Country, folder: Path) -> None:
    (folder / "country.gpkg").unlink()
    (folder / "cover.tif").unlink()
    found = read_country(folder)
    assert not found.lines
    assert not found.solids
    assert np.unique(found.cover).tolist() == [materials()["bare_soil"].code]
    assert found.cover.shape == country.cover.shape


@pytest.mark.parametrize("name", ["terrain.tif", "country.json"])
def test_a_folder_without_its_ground_is_none(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(NotFound, match="CTY-007"):
        read_country(folder)


def test_roads_of_the_users_in_degrees(country: Country, folder: Path) -> None:
    west, south, east, _ = country.bounds_m
    middle = np.array([[west + 2000.0, south + 2000.0], [west + 5000.0, south + 2500.0]])
    far = np.array([[east - 500.0, south + 900.0], [east + 9000.0, south + 900.0]])
    outside = middle + np.array([0.0, 1e5])
    back = Transformer.from_crs(country.epsg, 4326, always_xy=True)
    shapes = [
        shapely.MultiLineString([np.stack(back.transform(*part.T), axis=1)])
        for part in (middle, far, outside)
    ]
    fields = {"kind": ["road", "track", "path"], "width_m": [7.0, 4.0, 2.0], "osm_id": [1, 2, 3]}
    replace_layer(folder, "roads", shapes, fields, crs="EPSG:4326")
    lines = read_country(folder).lines
    assert [(line.kind, line.width_m, line.material) for line in lines] == [
        ("road", 7.0, "bare_soil"),
        ("track", 4.0, "bare_soil"),
    ]
    assert lines[0].points_m == pytest.approx(middle, abs=1e-5)
    assert lines[1].points_m[:, 0].max() == pytest.approx(east, abs=1e-5)


def test_terrain_of_the_users_in_degrees(country: Country, folder: Path) -> None:
    from atalaya.earth import rough_ground

    made = rough_ground(
        np.random.default_rng(1),
        posts=400,
        west_deg=-108.6,
        north_deg=30.5,
        step_deg=1 / 1800,
        mean_m=700.0,
        deviation_m=30.0,
    )
    made.write(folder / "terrain.tif", vertical_epsg=5773)
    found = read_country(folder)
    assert found.heights_msl_m.shape == country.heights_msl_m.shape
    assert 500.0 < found.heights_msl_m.mean() < 900.0
    made.write(folder / "terrain.tif")
    with pytest.raises(DatumError, match="EAR-010"):
        read_country(folder)


def test_cover_of_the_users_in_degrees(country: Country, folder: Path) -> None:
    profile = {"driver": "GTiff", "width": 40, "height": 40, "count": 1, "dtype": "uint8", "crs": "EPSG:4326"}
    wide = rasterio.transform.from_origin(-108.7, 30.6, 0.01, 0.01)
    with rasterio.open(folder / "cover.tif", "w", transform=wide, **profile) as file:
        file.write(np.full((1, 40, 40), 4, np.uint8))
    assert np.unique(read_country(folder).cover).tolist() == [4]
    with rasterio.open(folder / "cover.tif", "w", transform=wide, **profile) as file:
        file.write(np.full((1, 40, 40), 201, np.uint8))
    with pytest.raises(BadInput, match="CTY-009") as caught:
        read_country(folder)
    assert "201" in str(caught.value)
    narrow = rasterio.transform.from_origin(-108.5, 30.4, 0.001, 0.001)
    with rasterio.open(folder / "cover.tif", "w", transform=narrow, **profile) as file:
        file.write(np.full((1, 40, 40), 4, np.uint8))
    with pytest.raises(BadInput, match="CTY-006"):
        read_country(folder)


LINE = shapely.LineString([(0, 0), (1, 1)])
BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
HOLED = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)]])


@pytest.mark.parametrize(
    ("layer", "shapes", "fields", "crs", "code"),
    [
        ("roads", [LINE], {"kind": ["road"]}, "EPSG:32612", "CTY-010"),
        ("roads", [LINE], {"kind": ["motorway"], "width_m": [7.0]}, "EPSG:32612", "CTY-012"),
        ("roads", [LINE], {"kind": ["road"], "width_m": [float("nan")]}, "EPSG:32612", "CTY-012"),
        ("roads", [LINE], {"kind": ["road"], "width_m": [-4.0]}, "EPSG:32612", "CTY-012"),
        ("roads", [LINE], {"kind": ["road"], "width_m": ["wide"]}, "EPSG:32612", "CTY-012"),
        (
            "roads",
            [LINE],
            {"kind": ["road"], "width_m": [4.0], "material": ["gold"]},
            "EPSG:32612",
            "CTY-012",
        ),
        ("roads", [shapely.Point(1, 1)], {"kind": ["road"], "width_m": [4.0]}, "EPSG:32612", "CTY-011"),
        ("roads", [None], {"kind": ["road"], "width_m": [4.0]}, "EPSG:32612", "CTY-011"),
        ("roads", [LINE], {"kind": ["road"], "width_m": [4.0]}, None, "CTY-013"),
        ("patches", [BOW], {"material": ["crop"]}, "EPSG:32612", "CTY-011"),
        ("patches", [HOLED], {"material": ["crop"]}, "EPSG:32612", "CTY-011"),
        ("settlements", [shapely.Point(1, 1)], {"name": ["X"], "kind": ["city"]}, "EPSG:32612", "CTY-012"),
        ("houses", [shapely.Point(1, 1)], {"length_m": [9.0]}, "EPSG:32612", "CTY-010"),
    ],
)
def test_a_layer_that_does_not_serve_is_explained(
    folder: Path, layer: str, shapes: list[object], fields: dict[str, object], crs: str | None, code: str
) -> None:
    with pytest.warns(UserWarning, match="crs") if crs is None else nullcontext():
        replace_layer(folder, layer, shapes, fields, crs=crs)
    with pytest.raises(BadInput) as caught:
        read_country(folder)
    assert caught.value.code == code
    assert layer in str(caught.value)
    for lang in ("en", "es"):
        assert text_of(code, lang).filled(caught.value.details).remedy


@pytest.mark.parametrize("value", [np.nan, np.inf, -9999.0, 1e30])
def test_a_height_no_ground_has_is_refused(country: Country, tmp_path: Path, value: float) -> None:
    heights = country.heights_msl_m.copy()
    heights[3, 4] = value
    write_country(replace(country, heights_msl_m=heights), tmp_path)
    with pytest.raises(BadInput, match=r"CTY-006|CTY-009"):
        read_country(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"name": 5},
        {"seed": -1},
        {"epsg": 4326},
        {"epsg": 999999},
        {"rows": 10**9},
        {"rows": 2.5},
        {"post_m": 0},
        {"west_m": float("nan")},
        {"cover_m": 1e-9},
        {"cover_m": None},
        {"rows": 6000, "columns": 6000, "cover_m": 0.1},
    ],
)
def test_a_description_that_does_not_serve_is_explained(folder: Path, changed: dict[str, object]) -> None:
    path = folder / "country.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))
    with pytest.raises(BadInput, match="CTY-008"):
        read_country(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, '"x"', "\x00"])
def test_a_description_that_is_none(folder: Path, text: str) -> None:
    (folder / "country.json").write_text(text)
    with pytest.raises(BadInput, match="CTY-008"):
        read_country(folder)


@pytest.mark.parametrize("name", ["terrain.tif", "cover.tif", "country.gpkg"])
@pytest.mark.parametrize("bytes_", [b"", b"II*\x00", b"nothing of the kind" * 50])
def test_a_file_that_is_something_else(folder: Path, name: str, bytes_: bytes) -> None:
    (folder / name).write_bytes(bytes_)
    with pytest.raises(BadInput, match=r"CTY-009|CTY-015"):
        read_country(folder)


def test_a_folder_that_cannot_be_written_is_said(country: Country, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AtalayaError, match="CTY-014"):
        write_country(country, tmp_path / "file")
    with pytest.raises(AtalayaError, match="CTY-014"):
        write_picture(country, tmp_path / "file" / "map.png", pixels=64)


def test_the_picture_has_north_up_and_water_where_it_is(country: Country, tmp_path: Path) -> None:
    river = max(
        (line for line in country.lines if line.kind in ("stream", "river")), key=lambda line: line.width_m
    )
    picture = country_picture(replace(country, patches=(), solids=(), settlements=()), pixels=400)
    assert picture.shape == (300, 400, 3)
    without = country_picture(replace(country, lines=(), patches=(), solids=()), pixels=400)
    x, y = river.points_m[len(river.points_m) // 2]
    row, column = int((country.north_m - y) / 30.0), int((x - country.west_m) / 30.0)
    assert (picture[row, column] != without[row, column]).any()
    write_picture(country, tmp_path / "map.png", geotiff=tmp_path / "map.tif", pixels=400)
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.crs.to_epsg() == country.epsg
        assert file.bounds.top == pytest.approx(country.north_m)
        assert (file.read().std(axis=(1, 2)) > 5.0).all()
    first = sha256_file(tmp_path / "map.png")
    write_picture(country, tmp_path / "map.png", pixels=400)
    assert sha256_file(tmp_path / "map.png") == first
    with pytest.raises(BadInput, match="CTY-001"):
        country_picture(country, pixels=0)
