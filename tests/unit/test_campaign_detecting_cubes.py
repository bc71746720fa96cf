"""Cubes under detectors: claims in pixels and on the ground, maps of scores; damage has codes."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer

from atalaya.base.errors import BadInput
from atalaya.campaign.detecting.cubes import scenes
from atalaya.campaign.detecting.cubes.asked import CubeAsked, asked, evidence_of, of_persons
from atalaya.campaign.detecting.detect import Detected, detect
from atalaya.campaign.detecting.detection_files import DetectionFiles
from atalaya.campaign.detecting.footage import footage_named
from atalaya.campaign.executor import ThisThread
from atalaya.cli.main import main
from atalaya.detect.spectral.library import Signature
from atalaya.detect.table import detection_schema
from atalaya.earth import geodesic
from atalaya.sim.cube import CubeFile, CubeFormat, PushBroom, record_cube
from atalaya.sim.material import materials
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.things import Decal
from atalaya.sim.spectrum import band_weights, reflectances
from atalaya.sim.weather import Weather
from atalaya.store.workspace import Workspace
from tests.envi_files import listed, write_envi
from tests.plain_country import plain_country
from tests.strips import raster, strip

UTM = "{UTM, 1, 1, 300000, 2870000, 2, 2, 13, North, WGS-84, units=Meters}"
WAVES = np.linspace(450.0, 900.0, 12)
SHEET = np.linspace(0.9, 0.2, 12)


def made(lines: int = 60, columns: int = 40) -> NDArray[np.float32]:
    """Noise about a usual spectrum, with a sheet of three by three pixels whose middle is (30, 10)."""
    noise = np.random.default_rng(5).normal(0.0, 0.01, (lines, columns, 12))
    cube = (0.2 + 0.02 * np.sin(WAVES / 90.0) + noise).astype(np.float32)
    cube[9:12, 29:32] += (0.7 * (SHEET - 0.2)).astype(np.float32)
    return cube


def written(folder: Path, cube: NDArray[np.generic] | None = None, name: str = "c", **keys: str) -> Path:
    waves = {"wavelength": listed(WAVES), "wavelength_units": "nm"}
    return write_envi(folder / name, made() if cube is None else cube, **{**waves, **keys})


def run(folder: Path, *paths: Path, wanted: CubeAsked | None = None) -> list[Detected]:
    place = Workspace.open(folder)
    footage = footage_named(place, [str(path) for path in paths])
    return list(detect(footage, place, [], ThisThread(), cubes=wanted))


def result_of(folder: Path, path: Path, **wanted: Any) -> dict[str, Any]:
    (one,) = run(folder, path, wanted=CubeAsked(**wanted))
    assert one.result is not None, one.error
    return one.result


def rows_of(folder: Path, result: dict[str, Any]) -> list[dict[str, Any]]:
    table = pq.read_table(DetectionFiles(folder, result["clip"]).detections)
    assert table.schema.equals(detection_schema())
    return list(table.to_pylist())


def signature(name: str = "roof sheet") -> Signature:
    return Signature(
        name, np.linspace(400.0, 1000.0, 61), np.interp(np.linspace(400, 1000, 61), WAVES, SHEET)
    )


def test_a_mapped_cube_places_its_claims_and_its_map(tmp_path: Path) -> None:
    result = result_of(tmp_path / "w", written(tmp_path, map_info=UTM), library=(signature(),), error_m=3.0)
    assert result["georeferencing"] == {
        "source": "map info, EPSG:32613", "error_m": 3.0, "error": "stated",
        "gsd_m": pytest.approx(2, rel=2e-3),
    }  # fmt: skip
    (row,) = [row for row in rows_of(tmp_path / "w", result) if row["detector"] == "signature/1"]
    assert (row["label"], row["evidence"], row["sensor"]) == ("roof sheet", "roof", "HSI")
    x, y = 300_000 + 2 * (row["column"] + 0.5), 2_870_000 - 2 * (row["row"] + 0.5)
    lon, lat = Transformer.from_crs(32613, 4326, always_xy=True).transform(x, y)
    assert geodesic(lon, lat, row["lon_deg"], row["lat_deg"])[0] < 0.01
    assert (row["column"], row["row"]) == (pytest.approx(30, abs=1), pytest.approx(10, abs=1))
    assert row["cov_ee"] == pytest.approx(row["own_ee"] + 9.0)
    assert np.sum(np.square(row["shared_east"])) == pytest.approx(9.0)
    assert np.dot(row["shared_east"], row["shared_north"]) == 0.0
    with rasterio.open(DetectionFiles(tmp_path / "w", result["clip"]).scores) as file:
        assert file.crs.to_epsg() == 32613
        assert file.descriptions == ("anomaly", "ACE roof sheet")
        assert np.unravel_index(np.nanargmax(file.read(2)), (60, 40)) in [
            (r, c) for r in (9, 10, 11) for c in (29, 30, 31)
        ]
    coverage = pq.read_table(DetectionFiles(tmp_path / "w", result["clip"]).coverage)
    assert set(coverage["detector"].to_pylist()) == {"anomaly/1", "signature/1"}


def test_without_georeferencing_boxes_and_scores_are_kept_and_no_ground_counts(tmp_path: Path) -> None:
    result = result_of(tmp_path / "w", written(tmp_path))
    assert [finding["code"] for finding in result["findings"]] == ["DET-028"]
    assert result["georeferencing"] is None
    rows = rows_of(tmp_path / "w", result)
    assert rows
    assert all(row["lon_deg"] is None and row["cov_ee"] is None and row["score"] > 0 for row in rows)
    assert pq.read_table(DetectionFiles(tmp_path / "w", result["clip"]).coverage).num_rows == 0


def test_a_strip_in_scenes_claims_each_thing_once_and_its_map_has_no_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cube = np.concatenate([made(), made()[::-1]])
    path = written(tmp_path, cube, map_info=UTM)
    monkeypatch.setattr(scenes, "MOST_VALUES", 50 * 40 * 12)
    result = result_of(tmp_path / "w", path, library=(signature(),))
    found = [row for row in rows_of(tmp_path / "w", result) if row["detector"] == "signature/1"]
    assert sorted(round(row["row"]) for row in found) == [10, 109]
    assert all(each["examined"] == 120 for each in result["detectors"])
    with rasterio.open(DetectionFiles(tmp_path / "w", result["clip"]).scores) as file:
        assert np.isfinite(file.read()).all()


def test_pixels_without_data_have_no_score_and_cover_nothing(tmp_path: Path) -> None:
    cube = made()
    cube[40:] = np.nan
    result = result_of(tmp_path / "w", written(tmp_path, cube, map_info=UTM))
    with rasterio.open(DetectionFiles(tmp_path / "w", result["clip"]).scores) as file:
        assert np.isnan(file.read(1)[40:]).all()
        assert np.isfinite(file.read(1)[:40]).all()
    assert all(row["row"] < 40 for row in rows_of(tmp_path / "w", result))


def test_damaged_cubes_cost_themselves_alone(tmp_path: Path) -> None:
    good = written(tmp_path, name="good")
    cut = written(tmp_path, name="cut")
    cut.write_bytes(cut.read_bytes()[:-1])
    nothing = written(tmp_path, np.full((8, 9, 12), np.nan, np.float32), name="nothing")
    empty = written(tmp_path, name="empty")
    empty.write_bytes(b"")
    alone = written(tmp_path, name="alone").with_suffix(".hdr")
    alone.with_suffix(".img").unlink()
    lying = written(tmp_path, name="lying", interleave="bil")
    header = lying.with_suffix(".hdr")
    header.write_text(header.read_text().replace("= bil", "= bxx"))
    done = run(tmp_path / "w", cut, nothing, empty, alone, lying, good)
    codes = [one.error.code if one.error else "" for one in done]
    assert codes == ["DET-024", "DET-032", "DET-024", "DET-025", "DET-023", ""]
    kept = sorted(path.name for path in (tmp_path / "w" / "detections").iterdir())
    assert len({name.split(".")[0] for name in kept}) == 1


def test_signatures_that_do_not_reach_are_left_out_and_all_of_them_are_an_error(tmp_path: Path) -> None:
    short = Signature("short", np.array([500.0, 600.0]), np.array([0.1, 0.2]))
    path = written(tmp_path)
    result = result_of(tmp_path / "w", path, library=(short, signature()))
    assert "DET-029" in [finding["code"] for finding in result["findings"]]
    assert result["scores"]["bands"] == ["anomaly", "ACE roof sheet"]
    (one,) = run(tmp_path / "w", path, wanted=CubeAsked(library=(short,)))
    assert isinstance(one.error, BadInput)
    assert one.error.code == "SPC-009"
    bare = write_envi(tmp_path / "bare", made())
    (one,) = run(tmp_path / "w", bare, wanted=CubeAsked(library=(signature(),)))
    assert one.error is not None
    assert one.error.code == "SPC-014"


@pytest.mark.proves("DET-001")
@pytest.mark.parametrize("name", ["human skin", "person", "Piel clara", "face_1", "woman's hair"])
def test_signatures_of_persons_are_not_searched_for(tmp_path: Path, name: str) -> None:
    assert of_persons(signature(name))
    result = result_of(tmp_path / "w", written(tmp_path), library=(signature(name),))
    assert "DET-031" in [finding["code"] for finding in result["findings"]]
    assert result["scores"]["bands"] == ["anomaly"]
    assert {row["label"] for row in rows_of(tmp_path / "w", result)} == {"anomaly"}


def test_a_signature_is_evidence_of_what_its_first_word_says() -> None:
    assert [evidence_of(signature(name)) for name in ("roof: tarp", "Drums", "PVC blue")] == [
        "roof", "drums", "anomaly",
    ]  # fmt: skip
    assert not of_persons(signature("human-made roofing".replace("human-", "man")))


def test_georeferencing_that_does_not_fit_is_said_and_nothing_is_placed(tmp_path: Path) -> None:
    arbitrary = written(tmp_path, name="a", map_info="{Arbitrary, 1, 1, 0, 0, 1, 1}")
    other = written(tmp_path, name="b", map_info=UTM)
    write_envi(tmp_path / "b_igm", np.zeros((5, 5, 3)))
    for path in (arbitrary, other):
        result = result_of(tmp_path / "w", path)
        assert "DET-034" in [finding["code"] for finding in result["findings"]]
        assert result["placed"] == 0


def test_a_plume_is_claimed_and_its_columns_are_a_band(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    bright = rng.uniform(0.8, 1.2, (60, 40, 1))
    cube = 5.0 * bright * (1.0 + rng.normal(0.0, 0.003, (60, 40, 12)))
    absorption = np.zeros(12)
    absorption[4:7] = (-0.5, -1.0, -0.5)
    amount = np.zeros((60, 40, 1))
    amount[20:26, 10:18] = 0.1
    path = written(tmp_path, (cube * np.exp(absorption * amount)).astype(np.float32), map_info=UTM)
    table = tmp_path / "gas.txt"
    wide = np.linspace(400.0, 1000.0, 121)
    values = np.interp(wide, WAVES, absorption)
    rows = zip(wide, values, strict=True)
    table.write_text("\n".join(f"{n} {nm} {value}" for n, (nm, value) in enumerate(rows)))
    wanted = asked(None, table, anomaly=False, error_m=5.0)
    (one,) = run(tmp_path / "w", path, wanted=wanted)
    assert one.result is not None
    (row,) = rows_of(tmp_path / "w", one.result)
    assert (row["detector"], row["evidence"], row["label"]) == ("gas/1", "plume", "plume")
    assert (row["column"], row["row"]) == (pytest.approx(13.5, abs=1.5), pytest.approx(22.5, abs=1.5))
    assert one.result["scores"]["bands"] == ["column gas"]


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> tuple[CubeFile, Path]:
    """A strip of the range over a white sheet, and a library of its spectrum."""
    folder = tmp_path_factory.mktemp("flown")
    country = plain_country()
    half = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * 3.0
    middle = np.array([country.west_m + 2000.0 + 120.0, country.north_m - 4000.0 + 20.0])
    scene = Scene(decals=(Decal("d1", "dump", "s1", "white_plastic", half + middle),))
    broom = PushBroom.even(64, 5.0, 40)
    poses, t_us = strip(country, 120, step_m=2.0)
    form = CubeFormat("reflectance", "uint16")
    cube = record_cube(country, scene, Weather(), poses, t_us, broom, folder / "strip", seed=1, form=form)
    waves = broom.wavelengths_nm
    spectrum = reflectances(band_weights(waves, broom.fwhm_nm))[materials()["white_plastic"].code]
    rows = [f"{nm:.4f};{value:.6f}" for nm, value in zip(waves, spectrum, strict=True)]
    library = folder / "library.csv"
    library.write_text("\n".join(["wavelength;roof white plastic", *rows]))
    return cube, library


def test_a_strip_of_the_range_is_placed_by_its_table_of_places(
    flown: tuple[CubeFile, Path], tmp_path: Path
) -> None:
    cube, library = flown
    wanted = asked(library, None, anomaly=True, error_m=None)
    (one,) = run(tmp_path, cube.cube, wanted=wanted)
    assert one.result is not None
    assert one.result["sortie"] == "range push-broom/2025-05-08"
    assert "DET-030" in [finding["code"] for finding in one.result["findings"]]
    (row,) = [row for row in rows_of(tmp_path, one.result) if row["evidence"] == "roof"]
    table = raster(cube.geometry)[:, :2]
    r, c = round(row["row"]), round(row["column"])
    assert geodesic(table[r, 0, c], table[r, 1, c], row["lon_deg"], row["lat_deg"])[0] < 2.0
    truth = raster(cube.truth)[:, 0]
    assert truth[r, c] == materials()["white_plastic"].code
    with rasterio.open(DetectionFiles(tmp_path, one.result["clip"]).scores) as file:
        points, crs = file.gcps
    assert len(points) > 100
    assert crs.to_epsg() == 4326


def test_the_verb_works_from_an_empty_directory(
    flown: tuple[CubeFile, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cube, library = flown
    monkeypatch.chdir(tmp_path)
    shutil.copy(cube.cube.with_suffix(".hdr"), tmp_path / "lone.hdr")
    words = [
        "detect",
        str(cube.cube.with_suffix(".hdr")),
        "lone.hdr",
        "--library",
        str(library),
        "--workers",
        "1",
    ]
    assert main([*words, "--progress", "none"]) == 7
    told = capsys.readouterr()
    assert "roof 1" in told.out
    assert "DET-025" in told.err
    assert main([*words[:2], "--json", "--workers", "1", "--progress", "none"]) == 0
    assert json.loads(capsys.readouterr().out)["cube"]["lines"] == 120
    assert main(["sites", "--json"]) == 0
    assert main([*words[:2], "--detector", "square-edges", "--progress", "none"]) == 3
    assert "DET-035" in capsys.readouterr().err
