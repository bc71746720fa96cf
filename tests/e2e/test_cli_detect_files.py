"""`atalaya detect` on photographs, from an empty directory."""

import json
from pathlib import Path

import numpy as np
import pytest

from atalaya.cli.main import main
from atalaya.earth.lens import Pinhole
from atalaya.sim.still import StillStatement, write_still
from tests.strips import NOON_US

QUIET = ("--detector", "square-edges", "--workers", "1", "--progress", "none")


@pytest.fixture
def burst(tmp_path: Path) -> list[str]:
    """Two pictures of one flight, a second apart, of ground with a shed."""
    noise = np.random.default_rng(2).integers(80, 100, (480, 640, 1), dtype=np.uint8)
    picture = np.repeat(noise, 3, axis=2)
    picture[220:260, 300:350] = 230
    lens = Pinhole.from_fov(640, 480, 60.0)
    shots = []
    for n in range(2):
        stated = StillStatement(-106.9 + n * 1e-5, 25.9, 1500.0, 0.0, -90.0, 0.0, above_take_off_m=100.0)
        path = tmp_path / "card" / f"{n}.jpg"
        shots.append(str(write_still(path, picture, lens, stated, NOON_US + n * 1_000_000)))
    return shots


def test_a_burst_goes_from_an_empty_directory_to_sites(
    burst: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert main(["exploit", *burst, "--workers", "1", "--progress", "none"]) == 0
    capsys.readouterr()
    assert main(["detect", "--json", *QUIET]) == 0
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len({one["sortie"] for one in results}) == 1
    assert [one["detections"] == one["placed"] >= 1 for one in results] == [True, True]
    assert main(["sites", "--json"]) == 0
    assert main(["detect", burst[0], "nowhere.jpg", *QUIET]) == 7
    told = capsys.readouterr()
    assert "DET-021" in told.err
