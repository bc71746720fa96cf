"""`atalaya plan` from an empty folder: files that other tools open, in both languages, exit codes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio

from atalaya.cli.main import main
from tests.tiny_campaign import authorisation, tiny, write

KNOWN = ("--known", "2026-12-01T00:00Z", "--effort", "1000", "--workers", "1", "--progress", "none")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `atalaya plan` in an empty folder; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATALAYA_WORKSPACE", raising=False)
    monkeypatch.delenv("ATALAYA_ENGINE", raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["plan", *arguments])
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_plan_from_an_empty_folder(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("ATALAYA_LANG", language)
    file = write(tmp_path, tiny())
    code, out, _ = run(str(file), "--output", "out", "--format", "plan", "--format", "kml", *KNOWN, "--json")
    assert code == 0
    folder = tmp_path / "out"
    shown = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert shown == {key: value for key, value in json.loads(out).items() if key != "folder"}
    assert shown["schema"] == "atalaya.plan/1"
    assert shown["complete"]
    (sortie,) = shown["sorties"]
    assert sortie["waypoints"][0]["kind"] == "takeoff"
    assert sortie["waypoints"][-1]["kind"] == "land"
    assert 0.0 < sortie["expected_finds"] <= shown["expected"]["bound"]
    assert sortie["fuel"]["left"] >= sortie["fuel"]["reserve"]
    sheet = (folder / "sheet.txt").read_text(encoding="utf-8")
    assert sortie["id"] in sheet
    assert ("latitud " in sheet) == (language == "es")
    assert (folder / "map.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert json.loads((folder / f"{sortie['id']}.plan").read_text())["fileType"] == "Plan"
    assert (folder / f"{sortie['id']}.kml").is_file()
    layers = {str(name) for name, _ in pyogrio.list_layers(folder / "plan.gpkg")}
    assert layers == {"paths", "search_legs", "areas", "left_out"}
    assert pyogrio.read_info(folder / "plan.gpkg", layer="paths")["features"] == 1
    sums = []
    for name in ("before.tif", "after.tif"):
        with rasterio.open(folder / name) as raster:
            assert raster.crs.is_projected
            sums.append(float(np.nansum(raster.read(1))))
    assert sums[0] == pytest.approx(shown["expected"]["facilities"], rel=1e-4)
    assert sums[0] - sums[1] == pytest.approx(shown["expected"]["finds"], rel=1e-3)


def test_refused_flights_are_partly_done_and_say_what_would_open_the_ground(run: Any, tmp_path: Path) -> None:
    code, out, _ = run(str(write(tmp_path, tiny(authorisation=[]))), "--output", "out", *KNOWN)
    assert code == 7
    assert "MEX" in out
    shown = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    assert shown["refused"][0]["reasons"]
    assert shown["left_out"][0]["opens"]


def test_a_bad_file_and_a_missing_one(run: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[[area]")
    assert run("bad.toml", *KNOWN)[0] == 3
    assert run("absent.toml", *KNOWN)[0] == 4
    arms = write(tmp_path, tiny(authorisation=[authorisation(instrument="missiles")]))
    assert run(str(arms), *KNOWN)[0] == 3
    assert {each.name for each in tmp_path.iterdir()} == {"bad.toml", "tiny.toml"}
