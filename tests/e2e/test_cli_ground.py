"""Journeys with pixels, orthophotos, mosaics, viewsheds, calibrations and terrain."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
import rasterio.warp
from PIL import Image
from rasterio.transform import from_origin

from atalaya.campaign.demo_flight import CENTRE_LAT_DEG, CENTRE_LON_DEG, GROUND_HAE_M, ROOFS_M, write_demo
from atalaya.cli.main import main
from atalaya.earth import camera_to_ned, ecef_to_geodetic, enu_basis, geodesic, geodetic_to_ecef, ned_basis
from tests.shared_data import shared

POSTS = 400
STEP_DEG = 1.0 / 3600.0


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("flight") / "flight.ts"
    write_demo(path, seconds=2.0)
    return path


@pytest.fixture(scope="module")
def flat_dem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ellipsoidal ground of the demo's height, 3 arc seconds wide posts, about 11 km square."""
    path = tmp_path_factory.mktemp("dem") / "flat.tif"
    half = POSTS * STEP_DEG / 2.0
    where = from_origin(CENTRE_LON_DEG - half, CENTRE_LAT_DEG + half, STEP_DEG, STEP_DEG)
    profile = {"driver": "GTiff", "width": POSTS, "height": POSTS, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", crs="EPSG:4326", transform=where, **profile) as file:
        file.write(np.full((POSTS, POSTS), GROUND_HAE_M, np.float32), 1)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main([*arguments, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


def roof_places() -> list[tuple[float, float]]:
    origin = geodetic_to_ecef(CENTRE_LON_DEG, CENTRE_LAT_DEG, GROUND_HAE_M)
    basis = enu_basis(CENTRE_LON_DEG, CENTRE_LAT_DEG)
    places = (ecef_to_geodetic(origin + basis @ [east, north, 0.0]) for east, north in ROOFS_M)
    return [(float(lon), float(lat)) for lon, lat, _ in places]


def test_terrain_must_say_its_datum(flight: Path, flat_dem: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run(capsys, "locate-pixel", str(flight), "--dem", str(flat_dem))
    assert code == 3
    assert answer["error"]["code"] == "EAR-010"


def test_a_pixel_is_placed_with_its_error(
    flight: Path, flat_dem: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo reports its roofs with pixel and place: the pixel must lead to the place."""
    main(["exploit", str(flight), "--workspace", str(tmp_path / "w"), "--json"])
    result = json.loads(capsys.readouterr().out)
    target = pq.read_table(result["outputs"]["targets"]).to_pylist()[0]
    pixel = (str(target["column"]), str(target["row"]))
    for dem in ((), ("--dem", str(flat_dem), "--dem-datum", "hae")):
        code, answer = run(capsys, "locate-pixel", str(flight), "--frame", "0", "--px", *pixel, *dem)
        assert code == 0
        place = answer["place"]
        miss, _ = geodesic(place["lon_deg"], place["lat_deg"], target["lon_deg"], target["lat_deg"])
        assert float(miss) < 1.5  # a pixel is 0.9 m
        assert place["height_hae_m"] == pytest.approx(GROUND_HAE_M, abs=0.5)
        assert place["height_hae_m"] - place["height_msl_m"] == pytest.approx(-26.46, abs=0.05)
        assert answer["ce90_m"] > float(miss)
        assert "heading_deg" in answer["assumed"]
        first = answer["parts"][0]
        assert first["semi_minor_m"] < answer["ce90_m"] < first["semi_major_m"] * 1.1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--frame", "999"), 4), (("--px", "9999", "0"), 2), (("--px", "nan", "0"), 2), (("--frame", "-1"), 4)],
)
def test_pixels_that_are_not_there_are_refused(
    arguments: tuple[str, ...], code: int, flight: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "locate-pixel", str(flight), *arguments)[0] == code


def test_exploit_on_terrain_states_the_error_of_every_frame(
    flight: Path, flat_dem: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dem = ("--dem", str(flat_dem), "--dem-datum", "hae")
    code, result = run(capsys, "exploit", str(flight), "--workspace", str(tmp_path / "w"), *dem)
    assert code == 0
    frames = pq.read_table(result["outputs"]["frames"])
    assert set(frames["ground_source"].to_pylist()) == {"terrain"}
    assert frames["centre_ce90_m"].null_count == 0
    assert max(frames["centre_miss_m"].to_pylist()) < 0.5
    assert result["terrain"]["file"] == "flat.tif"
    assert result["geolocation"]["centre_ce90_m"]["n"] == 30
    level = run(capsys, "exploit", str(flight), "--workspace", str(tmp_path / "w"))[1]
    assert level["outputs"]["frames"] != result["outputs"]["frames"]


def test_roofs_lie_where_they_are_in_orthophoto_and_mosaic(
    flight: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ortho, mosaic = tmp_path / "ortho.tif", tmp_path / "mosaic.tif"
    code, shown = run(capsys, "ortho", str(flight), "--frame", "3", "--output", str(ortho))
    assert code == 0
    assert shown["crs"] == "EPSG:32613"
    assert run(capsys, "mosaic", str(flight), "--every", "0.5", "--output", str(mosaic))[0] == 0
    for product in (ortho, mosaic):
        with rasterio.open(product) as file:
            image, crs = file.read(1), file.crs
            assert file.profile["tiled"]
            assert file.overviews(1) or min(image.shape) < 1024
            for lon, lat in roof_places():
                (x,), (y,) = rasterio.warp.transform("EPSG:4326", crs, [lon], [lat])
                row, column = file.index(x, y)
                assert image[row - 2 : row + 3, column - 2 : column + 3].min() > 200, "the roof is white"
                assert image[row - 12 : row + 13, column - 12 : column + 13].min() < 80, "its shadow is dark"


def test_a_wall_hides_what_is_behind_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dem = tmp_path / "wall.tif"
    heights = np.zeros((200, 200), np.float32)
    heights[:, 100] = 100.0
    profile = {"driver": "GTiff", "width": 200, "height": 200, "count": 1, "dtype": "float32"}
    with rasterio.open(
        dem, "w", crs="EPSG:32613", transform=from_origin(5e5, 2.8e6, 10, 10), **profile
    ) as file:
        file.write(heights, 1)
    (lon,), (lat,) = rasterio.warp.transform("EPSG:32613", "EPSG:4326", [5e5 + 505.0], [2.8e6 - 1005.0])
    out = tmp_path / "seen.tif"
    place = ("--lon", f"{lon}", "--lat", f"{lat}", "--height", "20", "--dem-datum", "hae")
    code, shown = run(capsys, "viewshed", str(dem), *place, "--output", str(out))
    assert code == 0
    with rasterio.open(out) as file:
        seen = file.read(1)
        assert file.transform == from_origin(5e5, 2.8e6, 10, 10)
    assert (seen[10:190, 10:98] == 1).all()
    assert (seen[10:190, 105:190] == 0).all()
    assert 0.4 < shown["seen_share"] < 0.6


def photograph(path: Path, lon: float, lat: float, height: float, yaw: float, focal_px: float) -> None:
    tags = {
        "AbsoluteAltitude": f"{height:+.3f}",
        "GpsLatitude": f"{lat:.9f}",
        "GpsLongitude": f"{lon:.9f}",
        "GimbalYawDegree": f"{yaw:+.4f}",
        "GimbalPitchDegree": "-89.9000",
        "GimbalRollDegree": "+0.0000",
        "FlightYawDegree": f"{yaw:+.4f}",
        "FlightPitchDegree": "+0.0",
        "FlightRollDegree": "+0.0",
        "CalibratedFocalLength": f"{focal_px:.3f}",
        "CalibratedOpticalCenterX": "399.5",
        "CalibratedOpticalCenterY": "299.5",
    }
    attributes = " ".join(f'drone-dji:{name}="{value}"' for name, value in tags.items())
    xmp = f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" {attributes}/></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
    Image.new("L", (800, 600), 128).save(path, xmp=xmp.encode())


def test_a_crooked_camera_is_found_from_photographs_and_control(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sixteen photographs whose camera points 3 degrees off what they state, with a focal length 2 % off."""
    focal, true_focal, crooked_deg = 1000.0, 1020.0, 3.0
    origin, basis = geodetic_to_ecef(-107.0, 25.0, 500.0), enu_basis(-107.0, 25.0)
    points = [(east, north) for east in (-30.0, 0.0, 30.0) for north in (-20.0, 0.0, 20.0)]
    lines, names = ["EPSG:4326"], []
    for number in range(16):
        east, north, yaw = 8.0 * (number % 4) - 12.0, 8.0 * (number // 4) - 12.0, 90.0 * (number % 4)
        camera = origin + basis @ [east, north, 60.0]
        lon, lat, height = (float(value) for value in ecef_to_geodetic(camera))
        name = f"P{number:02}.JPG"
        photograph(tmp_path / name, lon, lat, height, (yaw + 180) % 360 - 180, focal)
        names.append(str(tmp_path / name))
        turn = ned_basis(lon, lat) @ camera_to_ned(0, 0, 0, yaw, -89.9 + crooked_deg, 0.0)
        for label, (px, py) in enumerate(points):
            place = origin + basis @ [px, py, 0.0]
            ahead, right, down = turn.T @ (place - camera)
            column, row = 399.5 + true_focal * right / ahead, 299.5 + true_focal * down / ahead
            if 0 <= column < 800 and 0 <= row < 600:
                plon, plat, phae = (float(value) for value in ecef_to_geodetic(place))
                lines.append(f"{plon:.10f} {plat:.10f} {phae:.4f} {column:.3f} {row:.3f} {name} g{label}")
    gcp = tmp_path / "gcp_list.txt"
    gcp.write_text("\n".join(lines) + "\n")
    out = tmp_path / "calibration.json"
    code, shown = run(capsys, "calibrate", *names, "--gcp", str(gcp), "--datum", "hae", "--output", str(out))
    assert code == 0
    assert shown["schema"] == "atalaya.calibration/1"
    assert shown == json.loads(out.read_text())
    assert shown["accepted"]
    assert shown["held_out"]["before"]["median_m"] > 2.5
    assert shown["held_out"]["after"]["median_m"] < 0.1
    states = {state["name"]: state["value"] for state in shown["states"]}
    turned = math.hypot(states["boresight_pitch_deg"], states["boresight_roll_deg"])
    assert turned == pytest.approx(crooked_deg, abs=0.1)
    assert states["focal_change"] == pytest.approx(0.02, abs=0.002)
    dem = tmp_path / "dem.tif"
    profile = {"driver": "GTiff", "width": 60, "height": 60, "count": 1, "dtype": "float32"}
    where = from_origin(-107.0 - 30 * STEP_DEG, 25.0 + 30 * STEP_DEG, STEP_DEG, STEP_DEG)
    with rasterio.open(dem, "w", crs="EPSG:4326", transform=where, **profile) as file:
        file.write(np.full((60, 60), 500.0, np.float32), 1)
    misses = []
    for line in lines[1:6]:
        lon, lat, _, column, row, name, _ = line.split()
        asked = (
            "locate-pixel",
            str(tmp_path / name),
            "--px",
            column,
            row,
            "--dem",
            str(dem),
            "--dem-datum",
            "hae",
        )
        place = run(capsys, *asked, "--calibration", str(out))[1]
        misses.append(
            float(geodesic(place["place"]["lon_deg"], place["place"]["lat_deg"], float(lon), float(lat))[0])
        )
        assert misses[-1] < place["ce90_m"] < 10.0
        assert place["sigmas"]["boresight_elevation_deg"]["provenance"] == "calibrated"
    assert max(misses) < 0.3


def test_a_control_list_without_datum_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gcp = tmp_path / "gcp_list.txt"
    gcp.write_text("EPSG:4326\n-107 25 500 10 10 P00.JPG a\n")
    photograph(tmp_path / "P00.JPG", -107.0, 25.0, 560.0, 0.0, 1000.0)
    arguments = (str(tmp_path / "P00.JPG"), "--gcp", str(gcp), "--output", str(tmp_path / "c.json"))
    code, answer = run(capsys, "calibrate", *arguments)
    assert code == 3
    assert answer["error"]["code"] == "EAR-002"
    assert not (tmp_path / "c.json").exists()


def test_a_reference_picture_sharpens_the_place_and_an_unlike_one_changes_nothing(
    flight: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = tmp_path / "reference.tif"
    assert run(capsys, "ortho", str(flight), "--frame", "3", "--output", str(reference))[0] == 0
    plain = run(capsys, "locate-pixel", str(flight), "--frame", "9")[1]
    arguments = ("locate-pixel", str(flight), "--frame", "9", "--reference")
    sharp = run(capsys, *arguments, str(reference), "--reference-error", "1")[1]
    assert sharp["registration"]["accepted"]
    assert sharp["ce90_m"] < plain["ce90_m"] / 5
    places = (answer["place"] for answer in (plain, sharp))
    (lon1, lat1), (lon2, lat2) = ((place["lon_deg"], place["lat_deg"]) for place in places)
    assert float(geodesic(lon1, lat1, lon2, lat2)[0]) < 1.5
    with rasterio.open(reference) as file:
        noise = np.random.default_rng(5).integers(0, 255, file.shape, np.uint8)
        profile = {**file.profile, "driver": "GTiff"}
    unlike = tmp_path / "unlike.tif"
    with rasterio.open(unlike, "w", **profile) as file:
        file.write(noise, 1)
    kept = run(capsys, *arguments, str(unlike))[1]
    assert kept["registration"]["accepted"] is False
    assert kept["registration"]["reason"]["message"]
    assert (kept["place"], kept["ce90_m"]) == (plain["place"], plain["ce90_m"])


@pytest.mark.parametrize("verb", ["ortho", "mosaic", "viewshed", "calibrate"])
def test_an_output_never_replaces_an_input(
    verb: str, flight: Path, flat_dem: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, dem, gcp = tmp_path / "s.ts", tmp_path / "d.tif", tmp_path / "gcp_list.txt"
    source.write_bytes(flight.read_bytes())
    dem.write_bytes(flat_dem.read_bytes())
    gcp.write_text("EPSG:4326\n-107 25 500 10 10 P00.JPG a\n")
    photograph(tmp_path / "P00.JPG", -107.0, 25.0, 560.0, 0.0, 1000.0)
    link = tmp_path / "link.tif"
    link.symlink_to(dem)
    terrain = ("--dem", str(dem), "--dem-datum", "hae")
    place = ("--dem-datum", "hae", "--lon", "-107", "--lat", "25", "--height", "30")
    calls = {
        "ortho": [(str(source), *terrain, "--output", str(out)) for out in (source, dem, link)],
        "mosaic": [(str(source), *terrain, "--output", str(out)) for out in (source, dem)],
        "viewshed": [(str(dem), *place, "--output", str(out)) for out in (dem, link)],
        "calibrate": [
            (str(tmp_path / "P00.JPG"), "--gcp", str(gcp), "--datum", "hae", "--output", str(out))
            for out in (gcp, tmp_path / "P00.JPG")
        ],
    }
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for arguments in calls[verb]:
        assert run(capsys, verb, *arguments)[0] == 2
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("value", ["0", "-1", "nan"])
def test_sizes_that_are_none_are_usage_errors(
    value: str, flight: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in ("--cell", "--range"):
        arguments = ("ortho", str(flight), "--output", str(tmp_path / "o.tif"), option, value)
        assert run(capsys, *arguments)[0] == 2


def test_terrain_that_ends_before_the_ground_claims_no_place(
    flight: Path, flat_dem: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "elsewhere.tif"
    with rasterio.open(flat_dem) as file:
        profile, heights = file.profile, file.read(1)
    profile["transform"] = from_origin(-100.0, 30.0, STEP_DEG, STEP_DEG)
    with rasterio.open(elsewhere, "w", **profile) as file:
        file.write(heights, 1)
    dem = ("--dem", str(elsewhere), "--dem-datum", "hae")
    code, answer = run(capsys, "locate-pixel", str(flight), *dem)
    assert code == 3
    assert answer["place"] is None
    assert "ce90_m" not in answer
    _, result = run(capsys, "exploit", str(flight), "--workspace", str(tmp_path / "w"), *dem)
    told = {finding["code"]: finding["severity"] for finding in result["verdict"]}
    assert told["FTG-086"] == "error"
    assert pq.read_table(result["outputs"]["frames"])["centre_ce90_m"].null_count == 30


def test_terrain_in_feet_is_noticed_and_models_do_not_share_files(
    flight: Path, flat_dem: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feet = tmp_path / "feet.tif"
    with rasterio.open(flat_dem) as file:
        profile = file.profile
    with rasterio.open(feet, "w", **profile) as file:
        file.write(np.full((POSTS, POSTS), GROUND_HAE_M / 2.0, np.float32), 1)
    outputs = set()
    for dem, wrong in ((flat_dem, False), (feet, True)):
        options = ("--dem", str(dem), "--dem-datum", "hae", "--workspace", str(tmp_path / "w"))
        _, result = run(capsys, "exploit", str(flight), *options)
        assert ("FTG-087" in {finding["code"] for finding in result["verdict"]}) is wrong
        outputs.add(result["outputs"]["frames"])
    assert len(outputs) == 2


def test_marks_of_another_place_are_not_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, names = ["EPSG:4326"], []
    for number in range(4):
        name = f"P{number:02}.JPG"
        photograph(tmp_path / name, -107.0 + number * 1e-4, 25.0, 560.0, 0.0, 1000.0)
        names.append(str(tmp_path / name))
        for k in range(4):
            place = f"{-106.94 + k * 1e-4} {25.0 + k * 7e-5} 500"
            lines.append(f"{place} {200 + 90 * k} {150 + 70 * k} {name} g{k}")
    gcp, out = tmp_path / "gcp_list.txt", tmp_path / "c.json"
    gcp.write_text("\n".join(lines) + "\n")
    code, shown = run(capsys, "calibrate", *names, "--gcp", str(gcp), "--datum", "hae", "--output", str(out))
    assert code == 3 or shown["accepted"] is False


def test_a_photograph_over_terrain_is_placed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = shared("earth/brighton-dji/DJI_0018.JPG")
    dem = tmp_path / "dem.tif"
    profile = {"driver": "GTiff", "width": 90, "height": 90, "count": 1, "dtype": "float32"}
    where = from_origin(-92.0069, 46.8551, STEP_DEG, STEP_DEG)
    with rasterio.open(dem, "w", crs="EPSG:4326", transform=where, **profile) as file:
        file.write(np.full((90, 90), 158.0, np.float32), 1)
    code, answer = run(capsys, "locate-pixel", str(source), "--dem", str(dem), "--dem-datum", "hae")
    assert code == 0
    assert answer["place"]["height_hae_m"] == pytest.approx(158.0, abs=0.01)
    miss, _ = geodesic(
        answer["place"]["lon_deg"], answer["place"]["lat_deg"], -91.99455988888889, 46.842607083333334
    )
    assert float(miss) < 1.0, "it looks straight down"
    code, answer = run(capsys, "locate-pixel", str(source))
    assert (code, answer["error"]["code"]) == (3, "EXP-013")
