"""Reading and writing every packet of the shared data gives the same bytes, kept or encoded anew."""

import json

import pytest

from atalaya.base.errors import BadInput
from atalaya.klv import Family, VmtiState, decode_packet, encode_packet
from tests.klv_packets import BARE, STREAMS, packets


@pytest.mark.parametrize("name", STREAMS + BARE)
def test_identity_on_the_bytes(name: str) -> None:
    state = VmtiState()
    for data in packets(name):
        packet = decode_packet(data, vmti=state)
        assert encode_packet(packet) == data
        assert encode_packet(packet, keep_raw=False) == data


@pytest.mark.parametrize("name", STREAMS + BARE)
def test_every_top_level_item_is_encoded_from_its_value(name: str) -> None:
    """`to_bytes` falls back to the bytes where a value may not be written; no item here needs it."""
    state = VmtiState()
    for data in packets(name):
        packet = decode_packet(data, vmti=state)
        for field in packet.items.fields():
            assert field.item is not None
            try:
                written = packet.items.table.encode(field.item, field.value, len(field.raw))
            except BadInput as error:  # pragma: no cover - only on failure
                pytest.fail(f"{field.name}: {error}")
            assert written == field.raw, field.name


@pytest.mark.parametrize("name", STREAMS + BARE)
def test_everything_becomes_json(name: str) -> None:
    state = VmtiState()
    for data in packets(name):
        shown = decode_packet(data, vmti=state).as_json()
        assert json.loads(json.dumps(shown, allow_nan=False))["items"]


def test_families_and_checksums_of_the_files() -> None:
    verdicts = {}
    for name in STREAMS + BARE:
        read = [decode_packet(data) for data in packets(name)]
        verdicts[name.rsplit("/")[-1]] = ({p.family for p in read}, {p.checksum_ok for p in read}, len(read))
    assert verdicts == {
        "sample-stream.ts": ({Family.ST0601}, {True}, 277),
        "h264_klv.ts": ({Family.ST0601}, {True}, 30),
        "h265_klv.ts": ({Family.ST0601}, {True}, 30),
        "mpeg2_klv.ts": ({Family.ST0601}, {True}, 30),
        "aphill_klv_10s.ts": ({Family.EG0104}, {None}, 300),
        "aphill_short.ts": ({Family.EG0104}, {None}, 48),
        "0903.bin": ({Family.ST0903}, {True}, 5),
        "DynamicOnlyMISMMSPacketData.bin": ({Family.ST0601}, {True}, 1),
        "DynamicConstantMISMMSPacketData.bin": ({Family.ST0601}, {False}, 1),
    }
