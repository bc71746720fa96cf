"""Columns of tracks: names that carry unit and datum are read, others are named with what they lack."""

import re
from pathlib import Path

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth.track import Track, read_tracks
from atalaya.earth.track.column_names import (
    DATUMS,
    FLIGHT_LEVELS,
    HEIGHT_UNITS,
    HEIGHT_WORDS,
    SPEED_UNITS,
    SPEED_WORDS,
)
from atalaya.earth.track.dialects import _PLAIN, OWN

T0_S = 1_700_000_000
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "howto" / "account.md").read_text(encoding="utf-8")


def table(folder: Path, column: str, values: list[float], end: str = "\n") -> Track:
    rows = [f"{T0_S + i},{-110 + i / 1000},31,{value}" for i, value in enumerate(values)]
    path = folder / "a.csv"
    path.write_text("\n".join([f"t_s,lon,lat,{column}", *rows]) + end)
    (track,) = read_tracks(path)
    return track


@pytest.mark.proves("AIR-010")
@pytest.mark.parametrize(
    ("column", "field", "factor"),
    [
        ("baro_altitude_ft", "height_pressure_m", 0.3048),
        ("height_pressure_ft", "height_pressure_m", 0.3048),
        ("altitude_pressure_ft", "height_pressure_m", 0.3048),
        ("baroaltitude_m", "height_pressure_m", 1.0),
        ("FL", "height_pressure_m", 30.48),
        ("ellipsoid_height_m", "height_hae_m", 1.0),
        ("alt_geom_ft", "height_hae_m", 0.3048),
        ("geoaltitude_m", "height_hae_m", 1.0),
        ("Altitude MSL (ft)", "height_msl_m", 0.3048),
        ("amsl_m", "height_msl_m", 1.0),
        ("elevation-msl [m]", "height_msl_m", 1.0),
        ("speed_kmh", "ground_speed_mps", 1 / 3.6),
        ("Ground Speed (kts)", "ground_speed_mps", 1852 / 3600),
        ("sog_kn", "ground_speed_mps", 1852 / 3600),
    ],
)
def test_a_name_with_unit_and_datum_is_read(tmp_path: Path, column: str, field: str, factor: float) -> None:
    track = table(tmp_path, column, [100.0, 110.0])
    assert getattr(track, field) == pytest.approx(np.array([100.0, 110.0]) * factor)
    assert track.columns[field] == column
    assert track.findings == ()


@pytest.mark.proves("AIR-010")
@pytest.mark.parametrize(
    ("column", "lack"),
    [
        ("alt_m", "a datum (their unit is known)"),
        ("gps_altitude_ft", "a datum (their unit is known)"),
        ("altitude", "unit and datum"),
        ("level", "unit and datum"),
        ("altitude_msl", "a unit"),
        ("speed", "a unit"),
        ("height_agl_m", "a meaning that is known"),
        ("baro_height_setting_m", "a meaning that is known"),
    ],
)
def test_a_name_that_is_not_read_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, lack: str
) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "en")
    (finding,) = table(tmp_path, column, [100.0, 110.0]).findings
    assert finding.code == "TRK-010"
    assert f"lack {lack}: {column}" in finding.message


@pytest.mark.parametrize(
    "column", ["vertical_speed_fpm", "wind_speed_kt", "battery_level", "heading", "squawk"]
)
def test_what_nobody_takes_for_a_height_or_ground_speed_is_left_in_peace(tmp_path: Path, column: str) -> None:
    assert table(tmp_path, column, [1.0, 2.0]).findings == ()


def test_heights_no_aircraft_flies_at_are_pointed_at(tmp_path: Path) -> None:
    (finding,) = table(tmp_path, "flight_level", [210.0, 21_000.0, 21_000.0]).findings
    assert (finding.code, finding.count) == ("TRK-018", 2)
    assert "640,080" in finding.message


@pytest.mark.parametrize(
    ("end", "codes"), [("\n", []), ("", ["TRK-022"]), ("\n17000", ["TRK-011", "TRK-022"])]
)
def test_a_file_cut_in_a_row_says_so(tmp_path: Path, end: str, codes: list[str]) -> None:
    track = table(tmp_path, "speed_kmh", [1.0, 2.0], end)
    assert sorted(finding.code for finding in track.findings) == codes


def flown(folder: Path, lon0: float, lat0: float, *, exchange: bool) -> Path:
    """Due east at 100 m/s, a position every ten seconds."""
    rows = ["t_s,lon,lat,ground_speed_mps"]
    for i in range(60):
        place = (lon0 + i * 1000 / (111_195 * np.cos(np.radians(lat0))), lat0)
        lon, lat = place[::-1] if exchange else place
        rows.append(f"{T0_S + 10 * i},{lon:.6f},{lat:.6f},100")
    path = folder / "b.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_exchanged_longitude_and_latitude_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        read_tracks(flown(tmp_path, -110.0, 31.0, exchange=True))
    assert refused.value.code == "TRK-017"
    for lon, lat in ((-88.0, 15.0), (2.0, 48.0)):
        (track,) = read_tracks(flown(tmp_path, lon, lat, exchange=True))
        assert [finding.code for finding in track.findings] == ["TRK-019"]
    for lon, lat in ((-110.0, 31.0), (-88.0, 15.0), (2.0, 48.0), (20.0, 70.0)):
        (track,) = read_tracks(flown(tmp_path, lon, lat, exchange=False))
        assert track.findings == ()


def test_the_page_names_every_column_word_and_unit() -> None:
    rows = {
        name: row
        for row in re.findall(r"^\| `.*$", PAGE, re.MULTILINE)
        for name in re.findall(r"^\| `(\w+)`", row)
    }
    assert rows.keys() >= set(OWN)
    said = set(re.findall(r"`(\w+)`", PAGE))
    for field, names in _PLAIN.items():
        if field not in {*DATUMS, "ground_speed_mps"}:
            assert names.keys() - said == set(), field
    for field, words in DATUMS.items():
        assert set(words) - set(re.findall(r"`(\w+)`", rows[field])) == set(), field
    known = {*HEIGHT_WORDS, *HEIGHT_UNITS, *SPEED_WORDS, *SPEED_UNITS, *FLIGHT_LEVELS}
    assert known - said == set()
