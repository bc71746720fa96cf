"""`atalaya law layer` as a user runs it: add, list, check, compare, in text, JSON and Spanish."""

import json
from pathlib import Path

import pytest

from atalaya.cli.main import main

RING = [[-111, 30], [-110, 30], [-110, 31], [-111, 31], [-111, 30]]


def layer_file(path: Path, west: float = 0.0) -> Path:
    ring = [[lon + west, lat] for lon, lat in RING]
    features = [
        {
            "type": "Feature",
            "properties": {"iso3": "MEX"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def added(file: Path, workspace: Path, edition: str, *more: str) -> int:
    options = ["--name", "official", "--edition", edition, "--kind", "sovereign", "--licence", "public"]
    return main(["law", "layer", "add", str(file), *options, "--workspace", str(workspace), *more])


def test_add_list_check_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = tmp_path / "w"
    first, second = layer_file(tmp_path / "a.geojson"), layer_file(tmp_path / "b.geojson", west=0.001)
    assert added(first, workspace, "2024", "--bound-m", "25", "--valid-from", "2024-01-01", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["schema"] == "atalaya.law-layer-add/1"
    assert (shown["bound_m"], shown["areas"], shown["sovereign"]) == (25.0, ["MEX"], True)
    assert shown["valid_from_us"] == 1_704_067_200_000_000
    assert added(second, workspace, "2025") == 0
    assert "not measured" in capsys.readouterr().out

    assert main(["law", "layer", "list", "--workspace", str(workspace)]) == 0
    listed = capsys.readouterr().out
    assert all(word in listed for word in ("world", "north-america", "2024", "2025", "ODbL 1.0"))

    assert main(["law", "layer", "check", str(first), "--against", str(second)]) == 0
    checked = capsys.readouterr().out
    assert "LAY-104" in checked
    assert "MEX" in checked

    names = ["official@2024", "official@2025"]
    assert main(["law", "layer", "compare", *names, "--workspace", str(workspace), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["areas"]
    # the square moved 0.001 degrees east: 96 m there, ground of one side each
    assert row["there"]["max_m"] == pytest.approx(96.4, abs=1.0)
    assert row["only_first_km2"] == pytest.approx(0.0960 * 110.86, rel=0.01)
    assert row["only_second_km2"] == pytest.approx(row["only_first_km2"], rel=0.01)


def test_a_refusal_has_its_code_and_keeps_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = tmp_path / "w"
    broken = tmp_path / "x.geojson"
    broken.write_text("{", encoding="utf-8")
    assert added(broken, workspace, "1") == 3
    assert "LAY-009" in capsys.readouterr().err
    assert not list((workspace / "layers").glob("*"))
    assert added(layer_file(tmp_path / "a.geojson"), workspace, "1", "--valid-from", "soon") == 2
    assert "LAY-017" in capsys.readouterr().err
    assert main(["law", "layer", "check", "no-such-layer"]) == 4
    assert "LAY-005" in capsys.readouterr().err
    assert main(["law", "layer", "compare", "world", "north-america", "--area", "ZZZ"]) == 4
    assert "LAY-003" in capsys.readouterr().err


def test_spanish(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "es")
    assert main(["law", "layer", "list"]) == 0
    assert "soberano" in capsys.readouterr().out
