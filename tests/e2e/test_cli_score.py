"""`atalaya score` on files of detections: the examples of its page, what is printed, how it refuses."""

import json
import re
import shlex
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atalaya.cli.main import main
from tests.coco_sets import random_set

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "score-detections.md"
EXAMPLES = re.findall(r"^\$ atalaya (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
SQUARE = "POLYGON ((0 0, {0} 0, {0} 9, 0 9, 0 0))"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATALAYA_LANG", "en")
    truth, claims = random_set(np.random.default_rng(1), images=4)
    truth["categories"][1]["name"] = "bicycle"
    rng = np.random.default_rng(2)
    p = rng.random(60).round(3)
    rows = [f"{a},{int(rng.random() < a)},s{n % 5}" for n, a in enumerate(p)]
    files = {
        "truth.json": json.dumps(truth),
        "detections.json": json.dumps(claims),
        "sites.csv": "scene,east_m,north_m\na,0,0\na,90,0\nb,5,5\n",
        "claims.csv": "scene;east_m;north_m;score\na;3;4;.9\nb;50;50;.8\nb;6;6;.7\n",
        "scenes.csv": "scene,km2\na,2\na,2\nb,4\nc,2\n",
        "outlines.csv": f'ImageId,PolygonWKT_Pix\na,"{SQUARE.format(9)}"\nb,POLYGON EMPTY\n',
        "proposals.csv": f'ImageId,PolygonWKT_Pix,Confidence\na,"{SQUARE.format(8)}",.9\n',
        "probabilities.csv": "\n".join(["p,y,scene", *rows]),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name, count, level in (("old", 8, 100), ("new", 3, 160)):
        for number in range(1, count + 1):
            write_picture(
                tmp_path / f"{name}-{number}.tif", rng.normal(level + rng.normal(0, 5), 15, (2, 30, 30))
            )
    mask = np.zeros((20, 20), np.uint8)
    mask[3:6, 3:6] = 1
    np.save(tmp_path / "mask.npy", mask)
    np.save(tmp_path / "scores.npy", mask * 0.4 + rng.random((20, 20)))
    return tmp_path


def write_picture(path: Path, bands: np.ndarray) -> None:
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    kind = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2], "dtype": "uint8"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", driver="GTiff", **kind) as file:
            file.write(bands.clip(0, 255).astype(np.uint8))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["score", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["schema"] == f"atalaya.score-{words[0]}/1"
    return found


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_example_of_the_page_runs(place: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    monkeypatch.setenv("ATALAYA_LANG", lang)
    for line in EXAMPLES:
        assert main(shlex.split(line)) == 0, line
    assert {line.split()[1] for line in EXAMPLES} == {
        *("coco", "froc", "polygons", "map", "calibration", "drift")
    }
    first = (place / "froc.svg").read_bytes()
    assert main(shlex.split(EXAMPLES[2])) == 0
    assert (place / "froc.svg").read_bytes() == first, "the same input, the same picture"


def test_places_count_false_alarms_per_km2_of_ground_seen(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = run(
        capsys, "froc", "sites.csv", "claims.csv", "--scenes", "scenes.csv", "--within", "10", "--rate", ".1"
    )
    assert (found["truths"], found["size"], found["per"]) == (3, 10.0, "km2")
    point = found["points"][0]
    assert (point["pd"], point["threshold"]) == (pytest.approx(2 / 3), 0.7)
    assert point["rate_upper_95"] == pytest.approx(0.474, abs=1e-3)


def test_json_of_the_other_verbs(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0.0 < run(capsys, "coco", "truth.json", "detections.json")["ap"] < 1.0
    assert run(capsys, "polygons", "outlines.csv", "proposals.csv")["f1"] == 1.0
    found = run(capsys, "map", "scores.npy", "mask.npy", "--threshold", "0.9")
    assert found["pixels"] == 400
    assert -1.0 <= found["kappa"] <= 1.0
    found = run(capsys, "calibration", "probabilities.csv")
    assert found["n"] == 60
    assert found["intervals"]["brier"][0] <= found["brier"] <= found["intervals"]["brier"][1]


@pytest.mark.proves("SCO-007")
def test_drift_is_told_without_truth(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["score", "drift", "reference.json", *sorted(str(p) for p in place.glob("old-*")), "--learn"])
        == 0
    )
    capsys.readouterr()
    assert run(capsys, "drift", "reference.json", "new-1.tif", "new-2.tif", "new-3.tif")["fired"]
    assert not run(capsys, "drift", "reference.json", "old-1.tif", "old-4.tif", "old-7.tif")["fired"]
    kept = json.loads((place / "reference.json").read_text(encoding="utf-8"))
    card = {"type": "Feature", "properties": {"atalaya:drift": kept}}
    (place / "card.json").write_text(json.dumps(card), encoding="utf-8")
    assert run(capsys, "drift", "card.json", "new-1.tif", "new-2.tif", "new-3.tif")["fired"]


@pytest.mark.proves("SCO-006")
def test_persons_are_left_out(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (place / "truth.json").read_text(encoding="utf-8").replace("bicycle", "person")
    (place / "truth.json").write_text(text, encoding="utf-8")
    names = [row["name"] for row in run(capsys, "coco", "truth.json", "detections.json")["classes"]]
    assert names == ["kind 1", "kind 3"]
    assert run(capsys, "froc", "truth.json", "detections.json")["truths"] < 4 * 12


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("coco absent.json detections.json", 4, "SCO-030"),
        ("coco probabilities.csv detections.json", 3, "SCO-031"),
        ("coco truth.json detections.json --bin a:9:3", 2, "SCO-040"),
        ("froc truth.json detections.json --ignore bus", 2, "SCO-041"),
        ("froc truth.json detections.json --within 3", 2, "SCO-040"),
        ("froc sites.csv claims.csv --scenes sites.csv --within 3", 3, "SCO-032"),
        ("froc truth.json detections.json --plot f.gif", 3, "SCO-038"),
        ("froc truth.json detections.json --plot truth.json", 2, "CLI-019"),
        ("polygons outlines.csv claims.csv", 3, "SCO-032"),
        ("map scores.npy truth.json", 3, "SCO-031"),
        ("calibration claims.csv", 3, "SCO-032"),
        ("drift reference.json old-1.tif old-2.tif --learn", 3, "SCO-013"),
        ("drift truth.json new-1.tif", 3, "SCO-012"),
        ("drift scores.npy new-1.tif", 3, "SCO-031"),
        ("calibration probabilities.csv --plot absent.svg/f.svg", 1, "SCO-039"),
    ],
)
def test_refusals_have_codes(
    place: Path, capsys: pytest.CaptureFixture[str], words: str, code: int, told: str
) -> None:
    (place / "absent.svg").write_text("a file, not a folder", encoding="utf-8")
    assert main(["score", *words.split()]) == code
    assert told in capsys.readouterr().err


def test_a_workspace_is_still_scored_by_its_name(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "no-workspace"]) == 4
    assert main(["score", "./map", "--json"]) == 4
    assert "LED-023" in capsys.readouterr().err
