"""Detectors over a recording: what fails costs its picture alone, what passes has a place with its error."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from atalaya.base.hashing import sha256_file
from atalaya.campaign.detecting.detect import Detected, Footage, detect
from atalaya.campaign.detecting.detection_files import DetectionFiles
from atalaya.campaign.detecting.examine import Task
from atalaya.campaign.executor import ThisThread
from atalaya.detect import Candidates, CardClass, Context, ModelCard, Tile
from atalaya.detect.table import detection_schema
from atalaya.footage.writer import StreamFormat
from atalaya.store.workspace import Workspace
from tests.made_stream import make

CARD = ModelCard("try", "1", ("EO",), ("DN",), (CardClass("shed", "structure"), CardClass("person", "")))
FRAMES = 45


class Middle:
    """Claims the middle of every picture; fails as told on some."""

    card = CARD

    def __init__(self, **faults: int) -> None:
        self.faults = faults

    def prepare(self, context: Context) -> Any:
        if "prepare" in self.faults:
            raise RuntimeError("no state")
        return None

    def detect(self, tile: Tile, state: Any) -> Any:
        fault = next((name for name, at in self.faults.items() if at == tile.index), "")
        if fault == "raise":
            raise ValueError("broken on purpose")
        if fault == "million":
            n = 1_000_000
            return Candidates(np.ones((n, 4), np.float32), np.ones(n, np.float32), np.zeros(n, np.int16))
        if fault == "nothing":
            return None
        rows, columns = tile.shape
        box = np.array([[columns / 2 - 5, rows / 2 - 5, columns / 2 + 4, rows / 2 + 4]], np.float32)
        if fault == "outside":
            box += 10_000.0
        if fault == "nan":
            box[0, 0] = np.nan
        return Candidates(np.repeat(box, 2, 0), np.ones(2, np.float32), np.array([0, 1], np.int16))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "a.ts"
    make(path, StreamFormat(320, 240), FRAMES)
    return path


def run(clip: Path, folder: Path, *detectors: Any, **options: Any) -> list[Detected]:
    footage = [Footage(sha256_file(clip), clip, clip.name)]
    tasks = [Task(detector) for detector in detectors]
    return list(detect(footage, Workspace.open(folder), tasks, ThisThread(), **options))


def table_of(clip: Path, folder: Path) -> Any:
    return pq.read_table(DetectionFiles(folder, sha256_file(clip)).detections)


def test_claims_have_places_with_errors(clip: Path, tmp_path: Path) -> None:
    (one,) = run(clip, tmp_path, Middle())
    assert one.result is not None
    assert one.result["detections"] == one.result["placed"] == FRAMES
    table = table_of(clip, tmp_path)
    assert table.schema.equals(detection_schema())
    assert set(table["evidence"].to_pylist()) == {"structure"}
    covariance = np.asarray(table["cov_ee"]), np.asarray(table["own_ee"])
    east = np.array(table["shared_east"].to_pylist())
    # the whole error is the shared part and the own one, nothing else
    assert np.allclose(covariance[0], covariance[1] + (east**2).sum(axis=1), rtol=1e-6)
    assert (covariance[0] > covariance[1]).all()
    assert (np.asarray(table["gsd_m"]) > 0).all()
    assert 20 < np.asarray(table["depression_deg"]).mean() < 40


@pytest.mark.proves("DET-001")
def test_persons_reach_no_table(clip: Path, tmp_path: Path) -> None:
    (one,) = run(clip, tmp_path, Middle())
    assert one.result is not None
    assert one.result["detectors"][0]["dropped"] == FRAMES
    assert "person" not in table_of(clip, tmp_path)["label"].to_pylist()


@pytest.mark.proves("DET-002")
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("raise", "DET-016"), ("nan", "DET-013"), ("outside", "DET-015"), ("million", "DET-012"),
        ("nothing", "DET-011"),
    ],
)  # fmt: skip
def test_a_picture_a_detector_fails_on_is_not_examined(
    clip: Path, tmp_path: Path, fault: str, code: str
) -> None:
    (one,) = run(clip, tmp_path, Middle(**{fault: 7}))
    assert one.result is not None
    mine = one.result["detectors"][0]
    assert mine["examined"] == FRAMES - 1
    assert [finding["code"] for finding in mine["findings"]] == [code]
    assert 7 not in table_of(clip, tmp_path)["frame"].to_pylist()


@pytest.mark.proves("DET-002")
def test_a_detector_that_cannot_begin_examines_nothing_and_stops_no_other(clip: Path, tmp_path: Path) -> None:
    (one,) = run(clip, tmp_path, Middle(prepare=0), Middle())
    assert one.result is not None
    first, second = one.result["detectors"]
    assert (first["examined"], second["examined"]) == (0, FRAMES)
    # ground nobody looked at is not looked at
    coverage = pq.read_table(DetectionFiles(tmp_path, sha256_file(clip)).coverage)
    assert coverage.num_rows > 0


@pytest.mark.proves("DET-002")
def test_ground_of_unexamined_pictures_is_not_covered(clip: Path, tmp_path: Path) -> None:
    run(clip, tmp_path, Middle(prepare=0))
    assert pq.read_table(DetectionFiles(tmp_path, sha256_file(clip)).coverage).num_rows == 0


def test_a_detector_of_other_sensors_does_not_look(clip: Path, tmp_path: Path) -> None:
    (one,) = run(clip, tmp_path, Middle(), kind="IR")
    assert one.result is not None
    assert one.result["detectors"] == []


def test_the_same_on_any_number_of_threads(clip: Path, tmp_path: Path) -> None:
    footage = [Footage(sha256_file(clip), clip, clip.name)]
    for name, executor in (("one", ThisThread()), ("three", ThreadPoolExecutor(3))):
        list(detect(footage, Workspace.open(tmp_path / name), [Task(Middle())], executor))
    files = [DetectionFiles(tmp_path / name, sha256_file(clip)) for name in ("one", "three")]
    for part in ("detections", "coverage", "geopackage", "result"):
        assert getattr(files[0], part).read_bytes() == getattr(files[1], part).read_bytes()


def test_a_damaged_recording_costs_itself_alone(clip: Path, tmp_path: Path) -> None:
    broken = tmp_path / "b.ts"
    broken.write_bytes(b"nothing of the kind" * 100)
    footage = [Footage(sha256_file(path), path, path.name) for path in (broken, clip)]
    done = list(detect(footage, Workspace.open(tmp_path / "w"), [Task(Middle())], ThisThread()))
    assert done[0].error is not None
    assert done[1].result is not None
