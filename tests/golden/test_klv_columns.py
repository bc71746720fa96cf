"""Columns of every shared ST 0601 stream against the packet codec and against stanag4609."""

from fractions import Fraction

import numpy as np
import pytest
from stanag4609.st0601 import FieldDecodingMode, decode_uas_local_set

from atalaya.klv.columns import read_columns
from atalaya.klv.eg0104_columns import decode_eg0104_columns
from atalaya.klv.framer import Checksum, Reason, frame
from atalaya.klv.keys import Family
from atalaya.klv.values import State
from tests.klv_packets import BARE, STREAMS, packets
from tests.unit.test_klv_columns import EVERY, same_as_codec


@pytest.mark.parametrize("name", STREAMS)
def test_every_packet_of_every_stream_is_framed(name: str) -> None:
    """stanag4609 and FFmpeg agree with the framer on where packets lie, and nothing is left over."""
    whole = packets(name)
    found = frame(b"".join(whole))
    assert [found.packets.packet(row) for row in range(len(found.packets))] == [
        data[: int(length)] for data, length in zip(whole, found.packets.length, strict=True)
    ]
    assert len(found.rejected) == 0
    universal = "aphill" in name
    assert set(found.packets.family) == {Family.EG0104 if universal else Family.ST0601}
    assert set(found.packets.checksum) == {Checksum.NONE if universal else Checksum.GOOD}


def test_bare_files() -> None:
    vmti, dynamic, constant = (frame(b"".join(packets(name))) for name in BARE)
    assert vmti.packets.family.tolist() == [Family.ST0903] * 5
    assert set(vmti.packets.checksum) == {Checksum.GOOD}
    assert dynamic.packets.length.tolist() == [114]
    assert [(r.offset, r.length, r.reason) for r in constant.rejected] == [(0, 228, Reason.CHECKSUM)]
    assert constant.suspects.length.tolist() == [228]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("klv/osh/sample-stream.ts", 277 * 26),
        ("klv/kwiver/h264_klv.ts", 16 * 100),
        ("klv/klvdata/DynamicOnlyMISMMSPacketData.bin", 14),
    ],
)
def test_columns_equal_the_codec(name: str, least: int) -> None:
    whole = packets(name)
    columns = read_columns(b"".join(whole), EVERY)
    assert len(columns) == len(whole)
    assert same_as_codec(columns, whole) >= least


def test_columns_equal_stanag4609() -> None:
    whole = packets("klv/osh/sample-stream.ts")
    columns = read_columns(b"".join(whole), EVERY)
    by_tag = {item.tag: item.name for item in columns.items}
    worst, compared = 0.0, 0
    for row, data in enumerate(whole):
        theirs = decode_uas_local_set(data, verify_checksum=True, field_decoding=FieldDecodingMode.PRESERVE)
        for field in theirs.fields:
            name = by_tag.get(field.definition.tag)
            if name and isinstance(field.value, (int, float, Fraction)):
                assert columns.states[name][row] == State.VALUE
                worst = max(worst, abs(columns[name][row] - float(field.value)))
                compared += 1
    assert compared > 277 * 25
    assert worst <= 1e-9


def test_worked_values_of_the_standard() -> None:
    columns = read_columns(b"".join(packets("klv/kwiver/h264_klv.ts")), EVERY)
    expected = {
        "platform_heading_true_deg": 159.974365,
        "platform_pitch_deg": -0.431531724,
        "sensor_latitude_deg": 60.1768229669783,
        "sensor_longitude_deg": 128.426759042045,
        "slant_range_m": 68590.983299,
        "frame_centre_latitude_deg": -10.5423886331,
        "corner_offset_latitude_1_deg": 0.0136600848,
        "target_width_extended_m": 13898.5,
        "sensor_height_extended_hae_m": 23456.234375,
        "sensor_roll_rate_dps": -50.0,
        "time_airborne_s": 19887.0,
        "leap_seconds_s": 30.0,
        "correction_offset_us": 5025678901.0,
    }
    assert columns.t_us[0] == 1224807209913000
    for name, value in expected.items():
        assert columns[name][0] == pytest.approx(value, rel=4e-9), name


def test_universal_set_columns() -> None:
    found = frame(b"".join(packets("klv/kwiver/aphill_klv_10s.ts")))
    columns = decode_eg0104_columns(found.packets)
    assert len(columns) == 300
    assert columns.t_us[0] == 1221665012027000
    first = {name: values[0] for name, values in columns.values.items()}
    assert first["sensor_latitude_deg"] == pytest.approx(38.15993, abs=1e-5)
    assert first["slant_range_m"] == pytest.approx(3430.3745, abs=1e-3)
    assert first["frame_centre_longitude_deg"] == pytest.approx(-77.35811980460, abs=1e-10)
    assert first["sensor_azimuth_true_deg"] == pytest.approx(-1.964837, abs=1e-5)
    assert np.isnan(first["frame_centre_elevation_msl_m"])
    assert columns.to_arrow().num_rows == 300
