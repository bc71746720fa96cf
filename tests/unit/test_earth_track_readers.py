"""Files of tracks: every format, units and zones, what is refused, what is counted and left out."""

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.earth.track import Track, read_tracks
from tests.shared_data import shared

T0_S = 1_700_000_000
KNOT = 1852 / 3600


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def one(path: Path, **options: object) -> Track:
    (track,) = read_tracks(path, **options)  # type: ignore[arg-type]
    return track


def code_of(path: Path, **options: object) -> str:
    with pytest.raises(AtalayaError) as caught:
        read_tracks(path, **options)  # type: ignore[arg-type]
    return caught.value.code


@pytest.mark.proves("AIR-001")
@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("timestamp", T0_S, T0_S + 1),
        ("timestamp", T0_S * 1000, (T0_S + 1) * 1000),
        ("t_us", T0_S * 10**6, (T0_S + 1) * 10**6),
        ("time", T0_S * 10**9, (T0_S + 1) * 10**9),
        ("time", "2023-11-14T22:13:20Z", "2023-11-14T22:13:21Z"),
        ("time", "2023-11-14 16:13:20-06:00", "2023-11-14 16:13:21-06:00"),
        ("time_utc", "2023-11-14T22:13:20", "2023-11-14T22:13:21"),
    ],
)
def test_times_of_any_clear_unit_are_the_same_instant(
    tmp_path: Path, column: str, first: object, second: object
) -> None:
    track = one(written(tmp_path, "a.csv", f"{column},lon,lat\n{first},-110,31\n{second},-110.001,31\n"))
    assert track.t_us.tolist() == [T0_S * 10**6, (T0_S + 1) * 10**6]
    assert track.lon_deg.tolist() == [-110.0, -110.001]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "TRK-009"),
        ("hello\n", "TRK-009"),
        ("a,b\n1,2\n", "TRK-003"),
        ("t_us,lon,lat\n", "TRK-002"),
        ("t,lon,lat\n12.5,1,2\n13.5,1,2\n", "TRK-004"),
        (f"t,lon,lat\n{T0_S},1,2\n{T0_S * 1000},1,2\n", "TRK-004"),
        ("time,lon,lat\n2023-11-14T22:13:20,1,2\n", "TRK-005"),
        (f"t,lon,lat,latitude\n{T0_S},1,2,3\n", "TRK-006"),
        ("[]", "TRK-009"),
        ("{", "TRK-007"),
        ('{"a": 1}', "TRK-003"),
        ('{"a": [], "b": {}}', "TRK-009"),
        ('{"trace": []}', "TRK-003"),
        ("<gpx", "TRK-007"),
        ("PAR1 but no table", "TRK-007"),
    ],
)
def test_what_is_not_clear_is_refused_with_its_code(tmp_path: Path, text: str, code: str) -> None:
    assert code_of(written(tmp_path, "a.csv", text)) == code


def test_a_time_without_zone_is_read_when_the_caller_says_utc(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "time,lon,lat\n2023-11-14T22:13:20,1,2\n")
    assert one(path, utc=True).t_us[0] == T0_S * 10**6


@pytest.mark.proves("AIR-010")
def test_heights_keep_their_datum_and_those_without_one_are_left_aside(tmp_path: Path) -> None:
    head = "t_s,lon,lat,height_hae_m,altitude_msl_ft,pressure_altitude_ft,altitude,groundspeed_kt\n"
    track = one(written(tmp_path, "a.csv", f"{head}{T0_S},1,2,100,1000,2000,333,100\n"))
    assert track.height_hae_m[0] == 100.0
    assert track.height_msl_m[0] == pytest.approx(304.8)
    assert track.height_pressure_m[0] == pytest.approx(609.6)
    assert track.ground_speed_mps[0] == pytest.approx(100 * KNOT)
    assert [finding.code for finding in track.findings] == ["TRK-010"]


def test_semicolons_with_decimal_commas_and_a_byte_order_mark(tmp_path: Path) -> None:
    track = one(written(tmp_path, "a.csv", f"\ufefft_s;lon;lat;tail\n{T0_S};-110,5;31,25;N1\n"))
    assert (track.lon_deg[0], track.lat_deg[0], track.aircraft) == (-110.5, 31.25, "N1")


@pytest.mark.proves("AIR-001")
def test_bad_rows_are_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = [f"{T0_S},1,2", "nonsense,1,2", f"{T0_S + 1},,2", f"{T0_S + 2},1", f"{T0_S + 3},1.1,2", "9,9,9,9"]
    track = one(written(tmp_path, "a.csv", "t_s,lon,lat\n" + "\n".join(rows) + "\n"))
    assert len(track) == 2
    assert sum(finding.count for finding in track.findings if finding.code == "TRK-011") == 4


def test_rows_out_of_order_are_sorted_and_said_so(tmp_path: Path) -> None:
    track = one(written(tmp_path, "a.csv", f"t_s,lon,lat\n{T0_S + 1},2,2\n{T0_S},1,2\n"))
    assert track.lon_deg.tolist() == [1.0, 2.0]
    assert [finding.code for finding in track.findings] == ["TRK-012"]


def test_aircraft_are_told_apart_and_found_by_any_name(tmp_path: Path) -> None:
    text = "icao24,callsign,t_s,lon,lat\n" + "".join(
        f"{name},{call},{T0_S + i},{i / 100},2\n"
        for i in range(4)
        for name, call in (("aa", "X1"), ("bb", "Y2"))
    )
    path = written(tmp_path, "a.csv", text)
    assert [len(track) for track in read_tracks(path)] == [4, 4]
    assert one(path, aircraft="y2").aircraft == "bb"
    with pytest.raises(NotFound):
        read_tracks(path, aircraft="zz")


def record(i: int, **more: object) -> dict[str, object]:
    base = {"timestamp": (T0_S + i) * 1000, "icao24": "aa", "callsign": "X1", "latitude": 31.0}
    return {**base, "longitude": -110 + i / 100, "altitude": 1000.0, "groundspeed": 100.0, **more}


def shapes() -> dict[str, str]:
    records = [record(i, geoaltitude=1100.0) for i in range(5)]
    columns = {name: {str(i): row[name] for i, row in enumerate(records)} for name in records[0]}
    trace = [[i, 31.0, -110 + i / 100, 1000, 100.0, 90.0, 0, 0, None, "adsb_icao", 1100] for i in range(5)]
    return {
        "records": json.dumps(records),
        "lines": "\n".join(json.dumps(row) for row in records),
        "columns": json.dumps(columns),
        "lists": json.dumps({name: list(column.values()) for name, column in columns.items()}),
        "trace": json.dumps({"icao": "aa", "timestamp": T0_S, "trace": trace}),
    }


@pytest.mark.parametrize("shape", ["records", "lines", "columns", "lists", "trace"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_shape_of_adsb_json_gives_the_same_track(tmp_path: Path, shape: str, packed: bool) -> None:
    data = shapes()[shape].encode()
    path = tmp_path / ("a.json.gz" if packed else "a.json")
    path.write_bytes(gzip.compress(data) if packed else data)
    track = one(path)
    assert track.aircraft == "aa"
    assert track.t_us.tolist() == [(T0_S + i) * 10**6 for i in range(5)]
    assert track.lon_deg == pytest.approx(-110 + np.arange(5) / 100)
    assert track.height_pressure_m == pytest.approx(np.full(5, 304.8))
    assert track.height_hae_m == pytest.approx(np.full(5, 335.28))
    assert track.ground_speed_mps == pytest.approx(np.full(5, 100 * KNOT))


@pytest.mark.proves("AIR-015")
def test_a_trace_carries_ground_and_integrity(tmp_path: Path) -> None:
    more = {"flight": "X1 ", "nic": 8, "rc": 186, "nac_p": 9}
    trace = [
        [0, 31, -110, "ground", 5.0, 0, 0, 0, None],
        [1, 31, -110, 900, 60.0, 0, 0, 0, more],
        [2, 31, -110, 950, 60.0, 0, 0, 0, None],
        [5000, 31, -110, 950, 60.0, 0, 0, 0, None],
        "bad",
    ]
    track = one(written(tmp_path, "a.json", json.dumps({"icao": "aa", "timestamp": T0_S, "trace": trace})))
    assert track.on_ground.tolist() == [True, False, False, False]
    assert track.containment_m[1:3].tolist() == [30.0, 30.0]
    assert np.isnan(track.containment_m[[0, 3]]).all()
    assert track.callsigns == ("X1",)
    assert [finding.code for finding in track.findings] == ["TRK-011"]


def test_a_list_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    text = json.dumps([record(i) for i in range(50)])
    track = one(written(tmp_path, "a.json", text[: len(text) // 2 - 9]))
    assert len(track) >= 20
    assert "TRK-011" in {finding.code for finding in track.findings}


def test_a_gpx_track_is_read_with_its_names_and_its_doubt(tmp_path: Path) -> None:
    points = "".join(
        f'<trkpt lat="31.0" lon="{-110 + i / 100}"><ele>1200</ele><time>2023-11-14T22:13:2{i}Z</time></trkpt>'
        for i in range(3)
    )
    space = "http://www.topografix.com/GPX/1/1"
    odd = '<trkpt lat="1" lon="x"/>'
    text = f'<gpx xmlns="{space}"><trk><name>N1</name><trkseg>{points}{odd}</trkseg></trk></gpx>'
    track = one(written(tmp_path, "a.gpx", text))
    assert track.aircraft == "N1"
    assert track.height_msl_m.tolist() == [1200.0] * 3
    assert {finding.code for finding in track.findings} == {"TRK-011", "TRK-014"}


def test_a_gpx_with_entities_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "c">]><gpx><trk><name>&b;</name></trk></gpx>'
    assert code_of(written(tmp_path, "a.gpx", bomb)) == "TRK-007"


def test_our_table_of_frames_is_a_track(tmp_path: Path) -> None:
    columns = {
        "frame": [0, 1, 2],
        "t_us": pa.array([T0_S * 10**6, None, (T0_S + 1) * 10**6]),
        "sensor_lon_deg": [1.0, 1.1, 1.2],
        "sensor_lat_deg": [2.0, 2.0, 2.0],
        "sensor_height_hae_m": [900.0, 900.0, None],
        "sensor_height_msl_m": [930.0, 930.0, 930.0],
    }
    pa.parquet.write_table(pa.table(columns), tmp_path / "frames.parquet")
    track = one(tmp_path / "frames.parquet")
    assert track.lon_deg.tolist() == [1.0, 1.2]
    assert track.height_hae_m[0] == 900.0
    assert np.isnan(track.height_hae_m[1])
    assert track.height_msl_m.tolist() == [930.0, 930.0]


def telemetry(path: Path, *, system_time: bool) -> Path:
    """A .tlog: eight bytes of stamp before every packet, as ground stations write it."""
    from pymavlink.dialects.v20 import ardupilotmega as mav

    link = mav.MAVLink(None, srcSystem=7)
    with path.open("wb") as out:
        for i in range(5):
            messages = [
                mav.MAVLink_global_position_int_message(
                    60_000 + i * 1000,
                    310_000_000,
                    -1_100_000_000 + i * 1000,
                    1_200_000,
                    5000,
                    3000,
                    4000,
                    0,
                    0,
                )
            ]
            messages.append(
                mav.MAVLink_gps_raw_int_message(
                    0,
                    3,
                    310_000_000,
                    -1_100_000_000,
                    1_200_000,
                    80,
                    80,
                    5000,
                    0,
                    12,
                    1_170_000,
                    4_000,
                    0,
                    0,
                    0,
                    0,
                )
            )
            if system_time:
                messages.insert(
                    0, mav.MAVLink_system_time_message(T0_S * 10**6 + i * 1_000_000, 60_000 + i * 1000)
                )
            for message in messages:
                out.write(struct.pack(">Q", (T0_S + 3600 + i) * 10**6) + message.pack(link))
    return path


def test_a_telemetry_log_is_timed_by_the_autopilots_clock(tmp_path: Path) -> None:
    track = one(telemetry(tmp_path / "flight.tlog", system_time=True))
    assert track.aircraft == "7"
    assert track.t_us.tolist() == [(T0_S + i) * 10**6 for i in range(5)]
    assert track.lat_deg[0] == pytest.approx(31.0)
    assert track.height_msl_m[0] == pytest.approx(1200.0)
    assert track.ground_speed_mps[0] == pytest.approx(50.0)
    assert track.containment_m[0] == pytest.approx(2.4477 * 4.0, abs=0.01)


def test_a_telemetry_log_without_system_time_says_whose_clock_it_uses(tmp_path: Path) -> None:
    track = one(telemetry(tmp_path / "flight.tlog", system_time=False))
    assert track.t_us[0] == (T0_S + 3600) * 10**6
    assert "TRK-016" in {finding.code for finding in track.findings}


def onboard(path: Path) -> Path:
    """An ArduPilot .bin: self-describing records behind the bytes A3 95."""
    fmt = "BBBIHBcLLeffffB".replace(" ", "")
    body = "<BBBIHBhiiiffffB"

    def head(kind: int) -> bytes:
        return bytes((0xA3, 0x95, kind))

    def layout(kind: int, length: int, name: str, form: str, columns: str) -> bytes:
        return head(128) + struct.pack(
            "<BB4s16s64s", kind, length, name.encode(), form.encode(), columns.encode()
        )

    columns = "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U"
    form = "QBBIHBcLLeffffB"
    record_ = struct.Struct("<QBBIHBhiiiffffB")
    del fmt, body
    week, ms = divmod((T0_S + 18 - 315_964_800) * 1000, 604_800_000)
    with path.open("wb") as out:
        out.write(layout(128, 89, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns"))
        out.write(layout(130, 3 + record_.size, "GPS", form, columns))
        for i in range(4):
            values = (
                i * 10**6,
                0,
                3,
                ms + i * 1000,
                week,
                12,
                80,
                310_000_000,
                -1_100_000_000 + i * 1000,
                120_000,
                50.0,
                90.0,
                0.0,
                0.0,
                1,
            )
            out.write(head(130) + record_.pack(*values))
    return path


def test_an_onboard_log_is_timed_by_gps_weeks(tmp_path: Path) -> None:
    track = one(onboard(tmp_path / "00000001.BIN"))
    assert track.t_us.tolist() == [(T0_S + i) * 10**6 for i in range(4)]
    assert track.height_msl_m[0] == pytest.approx(1200.0)
    assert track.ground_speed_mps[0] == pytest.approx(50.0)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert code_of(tmp_path / "no.csv") == "TRK-020"


@pytest.mark.parametrize(
    ("name", "aircraft", "fixes"),
    [
        ("calfire.json.gz", 45, 9_955),
        ("noisy_spoofing.json.gz", 1, 8_670),
        ("trace_full_ac671b.json", 1, 2_500),
    ],
)
def test_real_files_are_read_whole(name: str, aircraft: int, fixes: int) -> None:
    tracks = read_tracks(shared(f"airspace/flights/{name}"))
    assert (len(tracks), sum(len(track) for track in tracks)) == (aircraft, fixes)
    assert all((np.diff(track.t_us) >= 0).all() for track in tracks)


def test_bad_input_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_tracks(written(tmp_path, "odd.csv", "a,b\n1,2\n"))
    assert caught.value.where == "odd.csv"
