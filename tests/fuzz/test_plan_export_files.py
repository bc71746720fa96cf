"""Damaged plans and flight plan messages give a plan or one declared error, never anything else."""

import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common

from atalaya.base.errors import AtalayaError
from atalaya.plan.exports import export, read_flight_plan, read_mission, read_routes
from atalaya.plan.exports.formats import MAP_FORMATS, MISSION_FORMATS
from atalaya.plan.exports.mavlink import Link, endpoint_of
from tests.export_sorties import FENCE, FIELDS, RALLY, named_corridors, worked
from tests.fuzz.test_earth_track_files import damaged
from tests.mavlink_vehicle import free_port

PIECES = st.sampled_from(
    [b"null", b"true", b"-1", b"1e400", b"[]", b"{}", b'"x"', b"9" * 40, b"NaN", b"<a/>", b"\t"]
)


def sample(folder: Path, name: str) -> bytes:
    path = folder / f"sample.{name}"
    export(
        worked(), path, format=name, fence=FENCE, rally=RALLY, swaths=named_corridors(worked()),
        flight_plan=FIELDS,
    )  # fmt: skip
    return path.read_bytes()


def read_or_refuse(path: Path, name: str) -> None:
    refusal = ""
    try:
        if name in MISSION_FORMATS:
            read_mission(path, name)
        elif name in MAP_FORMATS:
            read_routes(path, name)
        else:
            read_flight_plan(path.read_bytes().decode("latin-1"))
    except AtalayaError as error:
        refusal = str(error)
    assert not refusal or refusal.startswith("XPT-")


@pytest.mark.proves("XPT-005")
@pytest.mark.parametrize("name", [*MISSION_FORMATS, *MAP_FORMATS, "fpl"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.data())
def test_damaged_files_are_read_or_refused(name: str, tmp_path: Path, draw: st.DataObject) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(damaged(sample(tmp_path, name), draw))
    read_or_refuse(path, name)


@pytest.mark.proves("XPT-005")
@pytest.mark.parametrize("name", ["plan", "geojson"])
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.data())
def test_values_of_any_type_are_read_or_refused(name: str, tmp_path: Path, draw: st.DataObject) -> None:
    """Whole values are exchanged, so that the JSON stays sound and the readers' own checks are met."""
    data = sample(tmp_path, name)
    starts = [n for n, letter in enumerate(data) if letter in b":,["]
    for at in sorted({draw.draw(st.sampled_from(starts)) for _ in range(3)}, reverse=True):
        ends = [data.find(mark, at + 1) for mark in (b",", b"]", b"}")]
        end = min(place for place in ends if place > 0)
        data = data[: at + 1] + draw.draw(PIECES) + data[end:]
    path = tmp_path / "changed"
    path.write_bytes(data)
    read_or_refuse(path, name)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), name=st.sampled_from([*MISSION_FORMATS, *MAP_FORMATS, "fpl"]))
def test_any_bytes_at_all(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / "any"
    path.write_bytes(data)
    read_or_refuse(path, name)


@settings(max_examples=30, deadline=None)
@given(packets=st.lists(st.binary(min_size=1, max_size=300), max_size=10), cut=st.integers(0, 40))
def test_anything_on_a_link_is_passed_over(packets: list[bytes], cut: int) -> None:
    port = free_port()
    beat = common.MAVLink_heartbeat_message(1, 3, 0, 0, 4, 3).pack(common.MAVLink(None, 7, 1))
    with (
        Link(endpoint_of(f"udpin:127.0.0.1:{port}")) as link,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        for packet in (*packets, beat[:cut], b"\xfd\x09" + beat[2:], bytes(300), beat):
            sender.sendto(packet, ("127.0.0.1", port))
        assert link.vehicle(5.0).system == 7
