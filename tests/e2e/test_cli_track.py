"""`atalaya track`: what a user sees, in both languages, and what programs read."""

import json
from itertools import pairwise
from pathlib import Path

import pyogrio
import pytest

from atalaya.cli.main import main
from tests.shared_data import shared


def flight(folder: Path) -> Path:
    """Two hours astride the line near Nogales, with a silence of ten minutes."""
    rows = ["t_s,icao24,lon,lat,ground_speed_mps,height_msl_m,containment_m"]
    for i in range(0, 7200, 10):
        if not 3000 < i < 3600:
            lat = 31.3322 + 0.15 * (
                (i % 2400) / 1200 - 1 if i % 2400 < 1200 else 1 - (i % 2400 - 1200) / 1200
            )
            rows.append(f"{1_700_000_000 + i},aa11,-110.94,{lat:.6f},30,1800,10")
    path = folder / "flight.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "en")
    monkeypatch.chdir(tmp_path)


@pytest.mark.proves("AIR-016")
def test_account_prints_states_windows_and_what_was_assumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = flight(tmp_path)
    assert main(["track", "account", str(path), "--state", "MEX"]) == 0
    text = capsys.readouterr().out
    for words in (
        "aa11",
        "MEX",
        "north-america",
        "world",
        "certainly inside",
        "assumed: at most 33 m/s",
        "between layers",
    ):
        assert words in text
    monkeypatch.setenv("ATALAYA_LANG", "es")
    assert main(["track", "account", str(path), "--state", "MEX"]) == 0
    text = capsys.readouterr().out
    for words in ("dentro con certeza", "se supone", "entre capas", "línea dibujada"):
        assert words in text


@pytest.mark.proves("AIR-016")
def test_account_as_json_covers_the_whole_time_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["track", "account", str(flight(tmp_path)), "--layer", "north-america", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "atalaya.track-account/1"
    assert {one["state"] for one in found["states"]} == {"MEX", "USA"}
    for one in found["states"]:
        table = one["intervals"]
        assert (table[0]["start"], table[-1]["end"]) == (found["start"], found["end"])
        assert all(a["end"] == b["start"] for a, b in pairwise(table))
        assert sum(one["standing_s"].values()) == pytest.approx(found["total_s"], abs=0.01)


def test_account_writes_a_map_that_a_gis_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "account.gpkg"
    assert main(["track", "account", str(flight(tmp_path)), "--output", str(output)]) == 0
    assert str(output) in capsys.readouterr().out
    assert {name for name, _ in pyogrio.list_layers(output)} == {"standing", "crossings", "not_believed"}
    assert pyogrio.read_info(output, layer="crossings")["features"] >= 8
    again = tmp_path / "again.gpkg"
    assert main(["track", "account", str(flight(tmp_path)), "--output", str(again)]) == 0
    assert again.read_bytes() == output.read_bytes()


def test_one_bad_file_never_stops_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    assert main(["track", "account", str(bad), str(flight(tmp_path))]) == 7
    shown = capsys.readouterr()
    assert "TRK-003" in shown.err
    assert "MEX" in shown.out
    assert main(["track", "account", str(bad)]) == 3
    assert main(["track", "show", str(tmp_path / "none.csv")]) == 4
    assert main(["track", "account", str(bad), "--vmax", "-1"]) == 2
    assert main(["track", "account"]) == 2


def test_an_input_is_never_replaced(tmp_path: Path) -> None:
    path = flight(tmp_path)
    before = path.read_bytes()
    assert main(["track", "account", str(path), "--output", str(path)]) == 2
    assert path.read_bytes() == before


def test_show_says_what_a_spoofed_file_is_worth(capsys: pytest.CaptureFixture[str]) -> None:
    path = shared("airspace/flights/noisy_spoofing.json.gz")
    assert main(["track", "show", str(path)]) == 0
    text = capsys.readouterr().out
    assert "quarantined: 2024-09-17T09:24:25Z – 09:58:10Z, 2026 positions" in text
    assert main(["track", "show", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["integrity"]["flags"]["quarantined"] == 2026
    assert found["schema"] == "atalaya.track-show/1"


def test_show_says_which_columns_were_read_and_their_range(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = flight(tmp_path)
    assert main(["track", "show", str(path)]) == 0
    text = capsys.readouterr().out
    assert "height above mean sea level 1800 to 1800 m (661 positions), from column height_msl_m" in text
    assert "ground speed 30 to 30 m/s (661 positions), from column ground_speed_mps" in text
    assert main(["track", "show", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["heights"]["height_msl_m"]["highest"] == 1800.0
    assert found["ground_speed"]["column"] == "ground_speed_mps"
    bare = tmp_path / "bare.csv"
    bare.write_text("t_s,lon,lat\n1700000000,1,2\n1700000001,1,2\n")
    monkeypatch.setenv("ATALAYA_LANG", "es")
    assert main(["track", "show", str(bare)]) == 0
    text = capsys.readouterr().out
    assert "no se leyó ninguna altura" in text
    assert "no se leyó ninguna velocidad" in text
