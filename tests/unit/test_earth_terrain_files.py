"""Terrain from files: formats, pixel conventions, vertical datums, and what is refused with which code."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj.transformer import TransformerGroup
from rasterio.transform import Affine

from atalaya.base.errors import AtalayaError, BadInput, DatumError
from atalaya.earth import Terrain, rough_ground, undulation_m, vertical

WEST, NORTH, STEP = -107.0, 26.0, 1.0 / 1200.0
POSTS = np.linspace(0.0, 400.0, 30)[:, None] + np.linspace(0.0, 90.0, 40)[None, :] ** 1.1
HALF = Affine(STEP, 0, WEST - STEP / 2, 0, -STEP, NORTH + STEP / 2)


def written(path: Path, heights: NDArray[Any] = POSTS, **changes: Any) -> Path:
    tags = changes.pop("tags", {})
    units = changes.pop("units", None)
    bands = heights if heights.ndim == 3 else heights[None]
    profile = {
        "driver": "GTiff", "dtype": "float32", "count": len(bands), "height": bands.shape[1],
        "width": bands.shape[2], "crs": "EPSG:4326+5773", "transform": HALF,
    } | changes  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(bands.astype(profile["dtype"]))
        file.update_tags(**tags)
        if units:
            file.units = [units]
    return path


def at_posts(terrain: Terrain, row: int, column: int) -> float:
    return float(terrain.height_hae_m(WEST + column * STEP, NORTH - row * STEP))


def test_orthometric_heights_become_ellipsoidal_by_the_packaged_geoid(tmp_path: Path) -> None:
    terrain = Terrain.open(written(tmp_path / "a.tif"))
    for row, column in ((0, 0), (7, 31), (29, 39)):
        lon, lat = WEST + column * STEP, NORTH - row * STEP
        wanted = POSTS[row, column] + float(undulation_m(lon, lat))
        assert at_posts(terrain, row, column) == pytest.approx(wanted, abs=2e-3)
    assert terrain.source == "a.tif, EGM96 (from its CRS), unknown"


def test_ellipsoidal_heights_stay(tmp_path: Path) -> None:
    for crs, told in (("EPSG:4979", None), ("EPSG:4326", "hae")):
        terrain = Terrain.open(written(tmp_path / "b.tif", crs=crs), vertical_datum=told)
        assert at_posts(terrain, 5, 6) == pytest.approx(POSTS[5, 6], abs=1e-4)
        assert "HAE" in terrain.source


def test_the_user_may_state_datum_and_kind_where_the_file_is_silent(tmp_path: Path) -> None:
    silent = written(tmp_path / "c.tif", crs="EPSG:4326")
    for told in ("msl", "egm96"):
        terrain = Terrain.open(silent, vertical_datum=told, kind="dsm")
        assert at_posts(terrain, 0, 0) == pytest.approx(float(undulation_m(WEST, NORTH)), abs=1e-3)
        assert terrain.kind == "dsm"
        assert "as told" in terrain.source


def test_pixels_of_points_and_of_areas_give_the_same_ground(tmp_path: Path) -> None:
    heights = []
    for name in ("Area", "Point"):
        path = written(tmp_path / f"{name}.tif", tags={"AREA_OR_POINT": name})
        with rasterio.open(path) as file:
            assert file.tags()["AREA_OR_POINT"] == name
        heights.append(at_posts(Terrain.open(path), 11, 13))
    assert heights[0] == heights[1]


def test_heights_in_feet_are_metres_inside(tmp_path: Path) -> None:
    feet = written(tmp_path / "f.tif", POSTS / 0.3048, crs="EPSG:4326", units="ft")
    terrain = Terrain.open(feet, vertical_datum="hae")
    assert at_posts(terrain, 20, 20) == pytest.approx(POSTS[20, 20], abs=1e-3)


@pytest.mark.parametrize("driver", ["COG", "VRT"])
def test_other_containers_of_the_same_raster(tmp_path: Path, driver: str) -> None:
    import rasterio.shutil

    source = written(tmp_path / "plain.tif")
    copy = tmp_path / f"copy.{driver.lower()}"
    rasterio.shutil.copy(source, copy, driver=driver)
    assert at_posts(Terrain.open(copy), 9, 9) == at_posts(Terrain.open(source), 9, 9)


def test_srtm_tiles_are_known_and_their_posts_lie_on_whole_seconds(tmp_path: Path) -> None:
    posts = np.arange(1201 * 1201, dtype=np.int64).reshape(1201, 1201) % 2000
    posts[3, 5] = -32768
    path = tmp_path / "N25W107.hgt"
    path.write_bytes(posts.astype(">i2").tobytes())
    terrain = Terrain.open(path)
    assert terrain.source == "N25W107.hgt, EGM96 (known of this product), dsm"
    north_west = float(terrain.height_hae_m(-107.0, 26.0))
    assert north_west == pytest.approx(float(undulation_m(-107.0, 26.0)), abs=1e-3)
    lon, lat = -107.0 + 700 / 1200, 26.0 - 400 / 1200
    assert float(terrain.height_hae_m(lon, lat)) == pytest.approx(
        posts[400, 700] + float(undulation_m(lon, lat)), abs=3e-3
    )
    assert np.isnan(terrain.height_hae_m(-107.0 + 5 / 1200, 26.0 - 3 / 1200))


def test_dted_is_known(tmp_path: Path) -> None:
    import rasterio.shutil

    posts = (np.add.outer(np.arange(121), np.arange(121)) * 3.0).astype(np.int16)
    step = 1.0 / 120.0
    plain = written(
        tmp_path / "d.tif", posts, dtype="int16", crs="EPSG:4326",
        transform=Affine(step, 0, 10.0 - step / 2, 0, -step, 47.0 + step / 2),
    )  # fmt: skip
    rasterio.shutil.copy(plain, tmp_path / "n46.dt0", driver="DTED")
    terrain = Terrain.open(tmp_path / "n46.dt0")
    assert "EGM96 (known of this product)" in terrain.source
    assert float(terrain.height_hae_m(10.5, 46.5)) == pytest.approx(
        360.0 + float(undulation_m(10.5, 46.5)), abs=3e-3
    )


def test_rough_ground_comes_back_from_its_file_and_from_its_seed(tmp_path: Path) -> None:
    made = rough_ground(np.random.default_rng(4), posts=151)
    made.write(tmp_path / "rough.tif", vertical_epsg=5773)
    held, read = made.terrain(vertical_datum="egm96"), Terrain.open(tmp_path / "rough.tif")
    lon, lat = -107.0 + 0.02 + np.arange(50) * 2e-4, np.full(50, 25.98)
    assert np.abs(held.height_hae_m(lon, lat) - read.height_hae_m(lon, lat)).max() < 3e-3
    again = rough_ground(np.random.default_rng(4), posts=151)
    assert np.array_equal(made.heights_m, again.heights_m)


def test_rough_ground_is_as_rough_as_mountains() -> None:
    heights = rough_ground(np.random.default_rng(1), posts=1201).heights_m.astype(np.float64)
    rise = np.hypot(np.gradient(heights, axis=0) / 30.8, np.gradient(heights, axis=1) / 27.9)
    middle, steep = np.percentile(np.degrees(np.arctan(rise)), [50, 90])
    assert 22.0 < middle < 32.0
    assert 36.0 < steep < 48.0
    assert heights.std() == pytest.approx(450.0, rel=1e-3)


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no datum": ({"crs": "EPSG:4326"}, {}, "EAR-010"),
    "contradiction": ({}, {"vertical_datum": "hae"}, "EAR-012"),
    "unknown name": ({}, {"vertical_datum": "navd"}, "EAR-020"),
    "no CRS": ({"crs": None}, {"vertical_datum": "hae"}, "EAR-013"),
    "three bands": ({"heights": np.stack((POSTS,) * 3)}, {}, "EAR-014"),
    "complex numbers": ({"dtype": "complex64"}, {}, "EAR-014"),
    "one row": ({"heights": POSTS[:1]}, {}, "EAR-019"),
    "no data": ({"heights": np.full((9, 9), np.nan)}, {}, "EAR-022"),
    "only nodata": ({"heights": np.full((9, 9), -9999.0), "nodata": -9999.0}, {}, "EAR-022"),
    "a mark not declared": ({"heights": np.where(POSTS > 450, -9999.0, POSTS)}, {}, "EAR-016"),
    "infinite": ({"heights": np.where(POSTS > 450, np.inf, POSTS)}, {}, "EAR-016"),
    "unknown unit": ({"units": "cubits"}, {}, "EAR-018"),
}


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_terrain_is_refused_with_its_code(case: str, tmp_path: Path) -> None:
    written_with, opened_with, code = REFUSED[case]
    path = written(tmp_path / "x.tif", **written_with)
    with pytest.raises(AtalayaError) as caught:
        Terrain.open(path, **opened_with)
    assert caught.value.code == code
    assert str(path) in str(caught.value)


def test_a_mark_for_missing_data_can_be_stated(tmp_path: Path) -> None:
    path = written(tmp_path / "x.tif", np.where(POSTS > 450, -9999.0, POSTS))
    assert np.isnan(at_posts(Terrain.open(path, nodata=-9999.0), 29, 39))


def test_a_text_file_and_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "t.tif").write_text("not a raster")
    with pytest.raises(BadInput) as caught:
        Terrain.open(tmp_path / "t.tif")
    assert caught.value.code == "EAR-021"
    with pytest.raises(AtalayaError) as absent:
        Terrain.open(tmp_path / "nothing.tif")
    assert (absent.value.code, absent.value.exit_code) == ("EAR-015", 4)


def test_a_file_cut_off_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path / "cut.tif", np.random.default_rng(1).uniform(0, 100, (300, 300)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BadInput) as caught:
        Terrain.open(path)
    assert caught.value.code in {"EAR-017", "EAR-021"}


@pytest.mark.filterwarnings("ignore:Best transformation is not available")
@pytest.mark.parametrize("crs", ["EPSG:4326+3855", "EPSG:4269+5703"])
def test_a_geoid_proj_does_not_have_is_an_error_never_silence(tmp_path: Path, crs: str) -> None:
    path = written(tmp_path / "g.tif", crs=crs)
    if TransformerGroup(crs, 4979, always_xy=True).best_available:
        lifted = at_posts(Terrain.open(path), 0, 0)
        assert abs(lifted - float(undulation_m(WEST, NORTH))) < 3.0
        return
    with pytest.raises(DatumError) as caught:
        Terrain.open(path)
    assert caught.value.code == "EAR-011"


def test_proj_is_believed_only_with_its_best_transformation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "g.tif", crs="EPSG:4326+3855")

    def found(available: bool, description: str) -> Any:
        lifting = SimpleNamespace(
            description=description, transform=lambda lon, lat, height: (lon, lat, height - 27.5)
        )
        return lambda *_, **__: SimpleNamespace(best_available=available, transformers=[lifting])

    monkeypatch.setattr(vertical, "TransformerGroup", found(True, "EGM2008 height to WGS 84 by grid"))
    terrain = Terrain.open(path)
    assert at_posts(terrain, 0, 0) == pytest.approx(-27.5, abs=1e-3)
    assert "EGM2008" in terrain.source
    for available, description in ((False, "by grid"), (True, "Ballpark vertical transformation")):
        monkeypatch.setattr(vertical, "TransformerGroup", found(available, description))
        with pytest.raises(DatumError):
            Terrain.open(path)
