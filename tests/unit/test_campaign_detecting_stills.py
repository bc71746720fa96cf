"""Photographs under detectors: one frame, its place, pictures finer or larger than a detector is made for."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from atalaya.base.hashing import sha256_file
from atalaya.campaign.detecting import stills
from atalaya.campaign.detecting.detect import Detected, Footage, detect
from atalaya.campaign.detecting.detection_files import DetectionFiles
from atalaya.campaign.detecting.examine import Task
from atalaya.campaign.detecting.footage import footage_named
from atalaya.campaign.executor import ThisThread
from atalaya.detect import Candidates, CardClass, Context, ModelCard, Tile
from atalaya.detect.table import detection_schema
from atalaya.earth import geodesic
from atalaya.earth.lens import Pinhole
from atalaya.sim.still import StillStatement, write_still
from atalaya.store.workspace import Workspace
from tests.shared_data import shared
from tests.strips import NOON_US

LENS = Pinhole.from_fov(320, 240, 40.0)
GREY = np.full((240, 320, 3), 90, np.uint8)
ABOVE_M = 120.0
STATED = StillStatement(-106.9, 25.9, 1500.0, 60.0, -50.0, 0.0, (60.0, 0.0, 0.0), ABOVE_M)


class Bright:
    """Claims the box of what is bright; remembers the shapes it was shown."""

    def __init__(self, gsd_m: tuple[float, float] = (0.0, math.inf)) -> None:
        self.card = ModelCard("try", "1", ("EO",), ("DN",), (CardClass("shed", "structure"),), gsd_m=gsd_m)
        self.shown: list[tuple[int, int]] = []

    def prepare(self, context: Context) -> Any:
        return None

    def detect(self, tile: Tile, state: Any) -> Candidates:
        self.shown.append(tile.shape)
        row, column = np.nonzero(tile.array > 200)
        if not len(row):
            return Candidates(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int16))
        edges = [column.min() - 0.5, row.min() - 0.5, column.max() + 0.5, row.max() + 0.5]
        return Candidates(np.array([edges], np.float32), np.ones(1, np.float32), np.zeros(1, np.int16))


def still(folder: Path, *, name: str = "a.jpg", at_us: int = NOON_US) -> Path:
    """A grey picture with a white square about its middle, 16 pixels wide."""
    picture = GREY.copy()
    picture[112:128, 152:168] = 255
    return write_still(folder / name, picture, LENS, STATED, at_us)


def rewritten(path: Path, change: Callable[[bytes, Image.Exif], tuple[bytes | None, Image.Exif]]) -> Path:
    """The picture with other tags."""
    with Image.open(path) as picture:
        xmp, exif = change(picture.info["xmp"], picture.getexif())
        target = path.with_name(f"new-{path.name}")
        picture.save(target, exif=exif, **({"xmp": xmp} if xmp else {}))
    return target


def run(folder: Path, *paths: Path, detector: Any = None, **options: Any) -> list[Detected]:
    footage = [Footage(sha256_file(path), path, path.name) for path in paths]
    tasks = [Task(detector or Bright(), 3)]
    return list(detect(footage, Workspace.open(folder), tasks, ThisThread(), **options))


def table_of(folder: Path, path: Path) -> Any:
    return pq.read_table(DetectionFiles(folder, sha256_file(path)).detections)


def test_a_claim_lies_where_the_axis_meets_the_ground(tmp_path: Path) -> None:
    path = still(tmp_path)
    (one,) = run(tmp_path / "w", path)
    assert one.result is not None
    assert (one.result["frames"], one.result["detections"], one.result["placed"]) == (1, 1, 1)
    table = table_of(tmp_path / "w", path)
    assert table.schema.equals(detection_schema())
    (row,) = table.to_pylist()
    away = geodesic(-106.9, 25.9, row["lon_deg"], row["lat_deg"])
    metres, azimuth = float(away[0]), float(away[1]) % 360.0
    assert metres == pytest.approx(ABOVE_M / math.tan(math.radians(50.0)), abs=0.3)
    assert azimuth == pytest.approx(60.0, abs=0.2)
    assert row["height_hae_m"] == pytest.approx(1500.0 - ABOVE_M, abs=0.1)
    assert row["t_us"] == NOON_US
    assert row["cov_ee"] > row["own_ee"] > 0.0
    slant = ABOVE_M / math.sin(math.radians(50.0))
    pixel = slant * 2.0 * math.tan(math.radians(20.0)) / 320
    assert row["gsd_m"] == pytest.approx(pixel / math.sqrt(math.sin(math.radians(50.0))), rel=0.01)
    coverage = pq.read_table(DetectionFiles(tmp_path / "w", sha256_file(path)).coverage)
    assert coverage.num_rows >= 1


def test_a_picture_finer_than_a_card_is_reduced_and_claims_are_in_its_own_pixels(tmp_path: Path) -> None:
    path = still(tmp_path)
    whole, coarse = Bright(), Bright(gsd_m=(1.0, 3.0))
    run(tmp_path / "whole", path, detector=whole)
    run(tmp_path / "coarse", path, detector=coarse)
    assert whole.shown == [(240, 320)]
    ((rows, columns),) = coarse.shown
    gsd = table_of(tmp_path / "whole", path)["gsd_m"][0].as_py()
    factor = math.ceil(1.0 / gsd)
    assert (rows, columns) == (math.ceil(240 / factor), math.ceil(320 / factor))
    names = ("box_column_0", "box_row_0", "box_column_1", "box_row_1")
    tables = [table_of(tmp_path / way, path) for way in ("whole", "coarse")]
    seen = [np.array([table[name][0].as_py() for name in names]) for table in tables]
    assert np.abs(seen[0] - [151.5, 111.5, 167.5, 127.5]).max() <= 1.0
    assert np.abs(seen[1] - seen[0]).max() <= factor + 1


def test_a_coarser_picture_is_not_examined(tmp_path: Path) -> None:
    (one,) = run(tmp_path / "w", still(tmp_path), detector=Bright(gsd_m=(0.001, 0.01)))
    assert one.result is not None
    assert one.result["detectors"] == []


def test_large_pictures_are_looked_at_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = still(tmp_path)
    monkeypatch.setattr(stills, "LARGE_PX", 20_000)
    monkeypatch.setattr(stills, "CORE_PX", 100)
    monkeypatch.setattr(stills, "HALO_PX", 20)
    seen = Bright()
    run(tmp_path / "w", path, detector=seen)
    assert len(seen.shown) == 3 * 4
    assert max(max(shape) for shape in seen.shown) <= 140
    (row,) = table_of(tmp_path / "w", path).to_pylist()
    assert (row["column"], row["row"]) == (pytest.approx(159.5, abs=1), pytest.approx(119.5, abs=1))


def test_a_burst_of_one_camera_and_day_is_one_sortie(tmp_path: Path) -> None:
    first = still(tmp_path)
    second = still(tmp_path, name="b.jpg", at_us=NOON_US + 2_000_000)
    next_day = still(tmp_path, name="c.jpg", at_us=NOON_US + 86_400_000_000)

    def numbered(serial: str) -> Callable[[bytes, Image.Exif], tuple[bytes, Image.Exif]]:
        def change(xmp: bytes, exif: Image.Exif) -> tuple[bytes, Image.Exif]:
            told = f'drone-dji:RtkFlag="50" drone-dji:DroneSerialNumber="{serial}"'.encode()
            return xmp.replace(b'drone-dji:RtkFlag="50"', told), exif

        return change

    others = [rewritten(first, numbered("A1")), rewritten(second, numbered("A2"))]
    done = run(tmp_path / "w", first, second, next_day, *others)
    sorties = [one.result["sortie"] for one in done if one.result]
    assert sorties[0] == sorties[1]
    assert sorties[2:] == [sorties[0][:-2] + "09", "A1/2025-05-08", "A2/2025-05-08"]


def test_a_picture_without_a_position_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = still(tmp_path)
    bare = tmp_path / "bare.jpg"
    Image.fromarray(GREY).save(bare)
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(good.read_bytes()[:-200])
    word = tmp_path / "word.jpg"
    word.write_bytes(b"no picture")
    place = Workspace.open(tmp_path / "w")
    names = [str(path) for path in (bare, cut, word, tmp_path / "none.jpg", good)]
    done = list(detect(footage_named(place, names), place, [Task(Bright())], ThisThread()))
    codes = [one.error.code if one.error else "" for one in done]
    assert codes == ["DET-022", "FTG-099", "FTG-005", "DET-021", ""]


def test_without_angles_claims_are_kept_in_pixels_and_it_is_said(tmp_path: Path) -> None:
    def change(xmp: bytes, exif: Image.Exif) -> tuple[bytes, Image.Exif]:
        return xmp.replace(b"drone-dji:Gimbal", b"drone-dji:Former"), exif

    (one,) = run(tmp_path / "w", rewritten(still(tmp_path), change))
    assert one.result is not None
    assert (one.result["detections"], one.result["placed"]) == (1, 0)
    assert [finding["code"] for finding in one.result["findings"]] == ["FTG-092"]


def test_a_thermal_camera_is_known_by_its_makers_word(tmp_path: Path) -> None:
    def change(xmp: bytes, exif: Image.Exif) -> tuple[bytes, Image.Exif]:
        told = b'drone-dji:RtkFlag="50" drone-dji:ImageSource="InfraredCamera"'
        return xmp.replace(b'drone-dji:RtkFlag="50"', told), exif

    (one,) = run(tmp_path / "w", rewritten(still(tmp_path), change))
    assert one.result is not None
    assert one.result["sensor"] == "IR"


def test_over_ground_level_with_take_off_places_have_no_height(tmp_path: Path) -> None:
    path = shared("earth/brighton-dji/DJI_0018.JPG")
    (one,) = run(tmp_path, path)
    assert one.result is not None
    assert one.result["ground"] == "level with the point of take-off"
    assert one.result["sortie"] == "DJI FC300S/2016-06-23"
    (row,) = table_of(tmp_path, path).to_pylist()
    assert row["height_hae_m"] is None
    # nadir at 40 m: nothing in the picture is farther away than its half diagonal
    assert float(geodesic(-91.9941, 46.8428, row["lon_deg"], row["lat_deg"])[0]) < 200.0
