"""Packets written and read: order, checksum, states, damage that stays where it is."""

import pytest

from atalaya.base.errors import BadInput
from atalaya.klv import (
    LABELS,
    UNKNOWN,
    Family,
    LocalSet,
    Malformed,
    Special,
    State,
    VmtiState,
    ber,
    checksum,
    decode_packet,
    encode_packet,
    encode_set,
    encode_st0601,
    nested,
    packs,
    packs_geo,
    st0102,
    st0903,
    st1010,
)
from atalaya.klv.location import Location

TIME = 1_700_000_000_000_000


def sealed(body: bytes) -> bytes:
    """An ST 0601 packet of a body, with its checksum."""
    packet = LABELS[Family.ST0601] + ber.write_length(len(body) + 4) + body + b"\x01\x02"
    return packet + checksum.running_sum(packet).to_bytes(2, "big")


def test_time_comes_first_and_the_checksum_last() -> None:
    data = encode_st0601({"sensor_latitude_deg": 10.0, "platform_heading_true_deg": 90.0, 2: TIME})
    packet = decode_packet(data)
    assert packet.items.tags == (2, 5, 13, 65, 1)
    assert packet.checksum_ok is True
    assert packet.time_us == TIME
    assert packet["uas_ls_version"] == 19


def test_states_stay_apart() -> None:
    packet = decode_packet(
        encode_st0601(
            {
                2: TIME,
                "mission_id": UNKNOWN,
                "platform_pitch_deg": State.OUT_OF_RANGE,
                "frame_centre_latitude_deg": State.OFF_EARTH,
                "zoom_pct": State.ABOVE_MAXIMUM,
                "sensor_hfov_deg": Malformed(b"\x01", "length"),
            }
        )
    )
    assert packet.get("target_width_m") is None
    assert "target_width_m" not in packet
    assert packet["mission_id"] is UNKNOWN
    assert packet["platform_pitch_deg"] == Special(State.OUT_OF_RANGE, b"\x80\x00")
    assert packet["sensor_hfov_deg"] == Malformed(b"\x01", "length")
    assert packet.as_json()["items"] == {
        "precision_time_stamp_us": TIME,
        "mission_id": {"special": "unknown"},
        "platform_pitch_deg": {"special": "out-of-range"},
        "sensor_hfov_deg": {"malformed": "length", "raw": "01"},
        "frame_centre_latitude_deg": {"special": "off-earth"},
        "zoom_pct": {"special": "above-maximum"},
        "uas_ls_version": 19,
        "checksum": packet["checksum"],
    }


def test_one_bad_item_costs_that_item_alone() -> None:
    packet = decode_packet(
        sealed(
            b"\x02\x08" + TIME.to_bytes(8, "big")
            + b"\x16\x03\x01\x02\x03"  # target width of three bytes
            + b"\x03\x02\xff\xfe"  # mission that is no text
            + b"\x7a\x02\x01\x05"  # country codes cut off
            + b"\x05\x02\x71\xc2"
        )
    )  # fmt: skip
    assert [(name, value.reason) for name, value in packet.malformed] == [
        ("target_width_m", "length"),
        ("mission_id", "text"),
        ("country_codes", "nested"),
    ]
    assert packet["platform_heading_true_deg"] == pytest.approx(159.974365, abs=1e-6)
    assert encode_packet(packet, keep_raw=False) == packet.data


def test_unknown_tags_repeats_and_long_length_forms_survive() -> None:
    data = sealed(
        b"\x02\x82\x00\x08" + TIME.to_bytes(8, "big")
        + b"\x81\x48\x02\xab\xcd"  # tag 200
        + b"\x05\x81\x02\x71\xc2\x05\x02\x00\x00"
    )  # fmt: skip
    packet = decode_packet(data)
    assert packet.items.names[1:4] == ("tag_200", "platform_heading_true_deg", "platform_heading_true_deg")
    assert packet[200] == b"\xab\xcd"
    assert len(packet.items.all("platform_heading_true_deg")) == 2
    assert packet["platform_heading_true_deg"] == pytest.approx(159.974365, abs=1e-6)
    assert encode_packet(packet) == encode_packet(packet, keep_raw=False) == data


def test_an_unreadable_end_is_kept_and_said() -> None:
    body = b"\x02\x08" + TIME.to_bytes(8, "big") + b"\x05\x09\x71"
    data = LABELS[Family.ST0601] + ber.write_length(len(body)) + body
    packet = decode_packet(data)
    assert packet.items.tags == (2,)
    assert packet.items.rest == b"\x05\x09\x71"
    assert packet.checksum_ok is None
    assert encode_packet(packet, keep_raw=False) == data


@pytest.mark.parametrize("cut", [0, 15, 16, 17, 30, -1])
def test_what_is_not_one_packet_is_refused(cut: int) -> None:
    data = encode_st0601({2: TIME})
    with pytest.raises(BadInput, match="KLV-001"):
        decode_packet(data[:cut])
    with pytest.raises(BadInput, match="KLV-001"):
        decode_packet(data + b"\0")


@pytest.mark.parametrize("tag", [60, 61, 62, 140])
def test_stores_and_laser_codes_are_not_written(tag: int) -> None:
    with pytest.raises(BadInput, match="KLV-007"):
        encode_st0601({2: TIME, tag: b"\0"})


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"sensor_latitude_deg": 91.0}, "KLV-002"),
        ({"sensor_latitude_deg": "north"}, "KLV-003"),
        ({"sensor_latitude_deg": True}, "KLV-003"),
        ({"platform_true_airspeed_mps": 256}, "KLV-002"),
        ({"mission_id": "x" * 128}, "KLV-002"),
        ({"mission_id": 7}, "KLV-003"),
        ({"sensor_latitude": 1.0}, "KLV-004"),
        ({"vmti": 3}, "KLV-003"),
        ({"sensor_hfov_deg": State.OFF_EARTH}, "KLV-003"),
    ],
)
def test_what_cannot_be_written_is_refused_with_a_code(values: dict[int | str, object], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        encode_st0601({2: TIME, **values})
    assert refused.value.code == code
    assert code in str(refused.value)


def test_nested_sets_and_packs_written_from_values() -> None:
    security = st0102.TABLE.build([(1, 1), (2, 1), (3, "//US"), (12, 1), (13, "US;CAN"), (22, 12)])
    places = (packs_geo.Waypoint(1, 0, 1, packs_geo.Place(25.0, -107.0, 1500.0)), packs_geo.Waypoint(2, -1))
    values: dict[int | str, object] = {
        2: TIME,
        "security": st0102.TABLE.read(security),
        "country_codes": packs.CountryCodes(14, "MEX", UNKNOWN, "FRA"),
        "sensor_frame_rate": packs.FrameRate(30000, 1001),
        "waypoints": places,
        "airbase_locations": packs_geo.Airbases(packs_geo.Place(25.0, -107.0)),
        "active_payloads": packs.BitList((0, 9)),
        "payloads": packs.Payloads(1, (packs.Payload(0, 0, "EO"),)),
        "sdcc": [st1010.standard_deviations([1.0, 2.5])],
    }
    packet = decode_packet(encode_st0601(values))
    assert packet.malformed == []
    assert packet.security is not None
    assert packet.security.text("classifying_country") == "//US"
    assert packet.security.raw("object_country_codes") == "US;CAN".encode("utf-16-be")
    assert packet["country_codes"] == values["country_codes"]
    assert packet["sensor_frame_rate"] == packs.FrameRate(30000, 1001)
    waypoint = packet["waypoints"][0].place  # type: ignore[index]
    assert waypoint.latitude_deg == pytest.approx(25.0, abs=1e-6)
    assert packet["active_payloads"] == packs.BitList((0, 9), 2)
    assert packet["sdcc"].deviation(1) == 2.5  # type: ignore[attr-defined]
    assert encode_packet(packet, keep_raw=False) == packet.data


@pytest.mark.parametrize("version", [3, 6])
def test_vmti_written_and_read_in_both_codings(version: int) -> None:
    place = Location(25.1, -107.2, 812.0, legacy=version == 3)
    items: dict[int | str, object] = {
        "centroid_pixel": st0903.pixel_number(403, 104, 640),
        "confidence_pct": 80,
        "offset_latitude_deg": 0.01,
        "offset_longitude_deg": -0.02,
        "height_hae_m": 812.0,
        "location": place,
    }
    body = st0903.build(
        {"frame_width_px": 640, "frame_height_px": 480, 2: TIME}, [(7, items)], version=version
    )
    state = VmtiState()
    packet = decode_packet(encode_st0601({2: TIME, "vmti": body}), vmti=state)
    assert packet.vmti is not None
    assert (packet.vmti.version, packet.vmti.legacy, state.frame_width) == (version, version == 3, 640)
    (target,) = packet.vmti.targets
    assert (target.target_id, target.row, target.column) == (7, 403, 104)
    assert target.offset_longitude_deg == pytest.approx(-0.02, abs=1e-5)
    assert target.latitude_deg == pytest.approx(25.1, abs=1e-6)
    assert target.height_hae_m == pytest.approx(812.0, abs=0.7)
    assert encode_packet(packet, keep_raw=False) == packet.data


def test_an_unstated_old_version_shows_in_the_widths() -> None:
    body = st0903.build({}, [(1, {"offset_latitude_deg": 1e-4, "offset_longitude_deg": 1e-4})], version=3)
    silent = body.replace(b"\x04\x01\x03", b"")
    report = st0903.read(silent)
    assert (report.version, report.legacy) == (None, True)
    assert report.targets[0].offset_latitude_deg == pytest.approx(1e-4, abs=2e-6)


def test_security_countries_are_sniffed() -> None:
    assert st0102.read_wide_text(bytes.fromhex("5553")) == "US"
    assert st0102.read_wide_text(bytes.fromhex("005500530041")) == "USA"
    assert st0102.read_wide_text(b"USA").width == 1


def test_a_core_identifier_alone() -> None:
    value = bytes.fromhex("0170F592F02373364AF8AA9162C00F2EB2DA16B74341000841A0BE365B5AB96A3645")
    packet = decode_packet(LABELS[Family.MIIS] + ber.write_length(len(value)) + value)
    assert packet.family is Family.MIIS
    assert packet.as_json()["items"] == {
        "value": {
            "version": 1,
            "sensor": "f592f023-7336-4af8-aa91-62c00f2eb2da",
            "sensor_quality": "physical",
            "platform": "16b74341-0008-41a0-be36-5b5ab96a3645",
            "platform_quality": "virtual",
        }
    }


def test_a_remote_terminal_set_alone_ends_with_a_crc() -> None:
    data = encode_set(Family.RVT, {"precision_time_stamp_us": TIME, "platform_true_airspeed_mps": 60})
    assert decode_packet(data).checksum_ok is True
    assert decode_packet(data[:-5] + b"\x3f" + data[-4:]).checksum_ok in (False, None)


def test_packets_of_another_kind_are_told_and_left_alone() -> None:
    data = bytes(16) + b"\x02\xab\xcd"
    packet = decode_packet(data)
    assert (packet.family, packet.value, len(packet.items)) == (Family.UNKNOWN, b"\xab\xcd", 0)
    assert encode_packet(packet) == data


def test_a_segment_holds_items_of_its_own() -> None:
    inside = nested.SEGMENT_TABLE.build(
        [("sensor_hfov_deg", 2.0), ("segment", b"\x03\x01x"), ("substream_id", nested.SubstreamId(4))]
    )
    packet = decode_packet(encode_st0601({2: TIME, "segment": [inside, inside]}))
    first, second = packet.items.all("segment")
    assert isinstance(first, LocalSet)
    assert first == second
    assert first.number("sensor_hfov_deg") == pytest.approx(2.0, abs=2e-3)
    assert first["segment"] == b"\x03\x01x"
    assert first["substream_id"] == nested.SubstreamId(4)
    assert encode_packet(packet, keep_raw=False) == packet.data


def test_a_bad_item_inside_a_nested_set_is_named_by_its_path() -> None:
    bad = st0102.TABLE.build([(3, "//US")]) + b"\x01\x02\x00\x01"
    packet = decode_packet(encode_st0601({2: TIME, "security": bad}))
    assert packet.malformed == [("security.classification", Malformed(b"\x00\x01", "length"))]
    assert packet.security is not None
    assert packet.security.text(3) == "//US"
