"""A flown track of every kind reads back as it was flown, for what was covered against what was planned."""

import json
from pathlib import Path

import numpy as np
import pytest

from atalaya.base.clock import iso
from atalaya.earth.track import Track, read_tracks
from atalaya.footage.track_source import HeldColumns, track_from_st0601
from atalaya.klv.columns import read_columns
from atalaya.klv.packet import encode_st0601
from atalaya.plan.exports import export
from tests.export_sorties import T0_US, worked
from tests.unit.test_earth_track_readers import onboard, telemetry

SORTIE = worked()
T_S = T0_US // 1_000_000
LONS = np.array([point.lon_deg for point in SORTIE.waypoints])
LATS = np.array([point.lat_deg for point in SORTIE.waypoints])
HEIGHTS_M = np.array([point.height_msl_m for point in SORTIE.waypoints])
STEP_S = 600


def one(path: Path) -> Track:
    (track,) = read_tracks(path)
    return track


def as_flown(track: Track) -> None:
    assert track.t_us.tolist() == [T0_US + n * STEP_S * 1_000_000 for n in range(len(LONS))]
    assert track.lon_deg == pytest.approx(LONS, abs=1e-7)
    assert track.lat_deg == pytest.approx(LATS, abs=1e-7)


def test_csv(tmp_path: Path) -> None:
    rows = "".join(
        f"N1,{T_S + n * STEP_S},{lon},{lat},{height}\n"
        for n, (lon, lat, height) in enumerate(zip(LONS, LATS, HEIGHTS_M, strict=True))
    )
    path = tmp_path / "flown.csv"
    path.write_text("tail,t_s,lon,lat,height_msl_m\n" + rows)
    track = one(path)
    as_flown(track)
    assert track.height_msl_m == pytest.approx(HEIGHTS_M)


def test_our_own_table_of_the_plan_is_a_track_too(tmp_path: Path) -> None:
    path = export(SORTIE, tmp_path / "plan.csv").path
    track = one(path)
    as_flown(track)
    assert track.height_msl_m == pytest.approx(HEIGHTS_M)


def test_adsb_json(tmp_path: Path) -> None:
    records = [
        {
            "timestamp": (T_S + n * STEP_S) * 1000,
            "icao24": "aa",
            "latitude": lat,
            "longitude": lon,
            "altitude": height / 0.3048,
            "geoaltitude": height / 0.3048,
            "groundspeed": 150.0,
        }
        for n, (lon, lat, height) in enumerate(zip(LONS, LATS, HEIGHTS_M, strict=True))
    ]
    path = tmp_path / "flown.json"
    path.write_text(json.dumps(records))
    track = one(path)
    as_flown(track)
    assert track.height_hae_m == pytest.approx(HEIGHTS_M)


def test_gpx(tmp_path: Path) -> None:
    times = [iso(T0_US + n * STEP_S * 1_000_000) for n in range(len(LONS))]
    points = "".join(
        f'<trkpt lat="{lat}" lon="{lon}"><ele>{height}</ele><time>{time}</time></trkpt>'
        for time, lon, lat, height in zip(times, LONS, LATS, HEIGHTS_M, strict=True)
    )
    path = tmp_path / "flown.gpx"
    path.write_text(f'<gpx version="1.1"><trk><name>N1</name><trkseg>{points}</trkseg></trk></gpx>')
    track = one(path)
    as_flown(track)
    assert track.height_msl_m == pytest.approx(HEIGHTS_M)


@pytest.mark.parametrize("name", ["flight.tlog", "flight.bin"])
def test_mavlink_logs(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("tlog"):
        telemetry(path, system_time=True)
    else:
        onboard(path)
    track = one(path)
    assert track.lat_deg == pytest.approx(np.full(len(track), 31.0))
    assert (np.diff(track.t_us) == 1_000_000).all()
    assert np.isfinite(track.height_msl_m).all()


def test_klv_of_the_sensor(tmp_path: Path) -> None:
    """The sensor's own metadata (MISB ST 0601) as a track of places, heights and times."""
    packets = [
        encode_st0601({2: T0_US + n * STEP_S * 1_000_000, 13: float(lat), 14: float(lon), 104: float(height)})
        for n, (lon, lat, height) in enumerate(zip(LONS, LATS, HEIGHTS_M, strict=True))
    ]
    columns = read_columns(b"".join(packets))
    held = HeldColumns(columns.t_us, columns.values, columns.states)
    track = track_from_st0601(held, columns.t_us)
    assert track.t_us.tolist() == [T0_US + n * STEP_S * 1_000_000 for n in range(len(LONS))]
    assert track.sensor_lon_deg == pytest.approx(LONS, abs=1e-7)
    assert track.sensor_lat_deg == pytest.approx(LATS, abs=1e-7)
    assert track.sensor_height_m == pytest.approx(HEIGHTS_M, abs=0.1)
