"""Damaged and hostile files of tracks give tracks or one declared error, never anything else."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError
from atalaya.earth.track import integrity_of, read_tracks
from tests.unit.test_earth_track_readers import T0_S, onboard, shapes, telemetry

CSV = "icao24,t_s,lon,lat,height_hae_m,on_ground\n" + "".join(
    f"aa,{T0_S + i},{-110 + i / 100},31,{900 + i},false\n" for i in range(30)
)
GPX = (
    '<gpx><trk><name>N</name><trkseg><trkpt lat="31" lon="-110"><ele>5</ele>'
    "<time>2023-11-14T22:13:20Z</time></trkpt></trkseg></trk></gpx>"
)


def read_and_judge(path: Path) -> None:
    tracks, refusal = [], ""
    try:
        tracks = read_tracks(path)
    except AtalayaError as error:
        refusal = str(error)
    assert refusal.startswith("TRK-") != bool(tracks)
    for track in tracks:
        assert len(track)
        assert (np.diff(track.t_us) >= 0).all()
        found = integrity_of(track)
        assert len(found.credible) == len(track)


def damaged(data: bytes, draw: st.DataObject) -> bytes:
    """A sample cut, with bytes changed, pieces doubled or dropped."""
    made = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 6))):
        if not made:
            break
        at = draw.draw(st.integers(0, len(made) - 1))
        kind = draw.draw(st.sampled_from(["flip", "cut", "drop", "double", "insert"]))
        if kind == "flip":
            made[at] = draw.draw(st.integers(0, 255))
        elif kind == "cut":
            del made[at:]
        elif kind == "drop":
            del made[at : at + draw.draw(st.integers(1, 40))]
        elif kind == "double":
            made[at:at] = made[at : at + draw.draw(st.integers(1, 40))]
        else:
            made[at:at] = draw.draw(
                st.sampled_from([b"nan", b"1e999", b"-", b'"', b"{", b"[", b"\x00", b",,", b"9" * 30])
            )
    return bytes(made)


SAMPLES = {"a.csv": CSV, "a.gpx": GPX, **{f"{name}.json": text for name, text in shapes().items()}}


@pytest.mark.proves("AIR-001")
@pytest.mark.parametrize("name", sorted(SAMPLES))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.data())
def test_damaged_text_is_read_or_refused(name: str, tmp_path: Path, draw: st.DataObject) -> None:
    path = tmp_path / name
    path.write_bytes(damaged(SAMPLES[name].encode(), draw))
    read_and_judge(path)


@pytest.mark.parametrize("name", ["flight.tlog", "flight.bin"])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.data())
def test_damaged_logs_are_read_or_refused(name: str, tmp_path: Path, draw: st.DataObject) -> None:
    path = tmp_path / name
    whole = telemetry(path, system_time=True) if name.endswith("tlog") else onboard(path)
    path.write_bytes(damaged(whole.read_bytes(), draw))
    read_and_judge(path)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400))
def test_any_bytes_at_all(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(data)
    read_and_judge(path)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.none(), max_size=2)
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.fixed_dictionaries({"timestamp": VALUES, "lat": VALUES, "lon": VALUES, "icao24": VALUES}),
        max_size=6,
    )
)
def test_records_of_any_values(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(rows))
    read_and_judge(path)


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    for text in ("[" * 100_000, '{"a":' * 50_000, "[{" + '"a":[' * 50_000):
        path.write_text(text)
        read_and_judge(path)
