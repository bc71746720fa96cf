"""Values against stanag4609 0.4.0 on every ST 0601 packet of the shared data, to 1e-9."""

from fractions import Fraction
from typing import Any

import pytest
from stanag4609.st0601 import FieldDecodingMode, SpecialValue, decode_uas_local_set

from atalaya.klv import UNKNOWN, Special, State, VmtiState, ber, checksum, decode_packet
from tests.klv_packets import packets

FILES = {
    "klv/osh/sample-stream.ts": 277 * 28,
    "klv/kwiver/h264_klv.ts": 30 * 100,
    "klv/klvdata/DynamicOnlyMISMMSPacketData.bin": 15,
    "klv/klvdata/DynamicConstantMISMMSPacketData.bin": 22,
}
STATES = {
    SpecialValue.OUT_OF_RANGE: State.OUT_OF_RANGE,
    SpecialValue.OFF_EARTH: State.OFF_EARTH,
    SpecialValue.RESERVED: State.RESERVED,
}


def agree(ours: object, theirs: Any) -> bool:
    if isinstance(theirs, SpecialValue):
        if theirs is SpecialValue.UNKNOWN:
            return ours is UNKNOWN
        return isinstance(ours, Special) and ours.state is STATES[theirs]
    if isinstance(theirs, str):
        return ours == theirs
    if isinstance(theirs, bool) or not isinstance(theirs, (int, float, Fraction)):
        return True
    return isinstance(ours, (int, float)) and abs(ours - float(theirs)) <= 1e-9 * max(1.0, abs(float(theirs)))


def without_segments(data: bytes) -> bytes:
    """The packet without items 100 and 101: stanag4609 refuses one that has both."""
    body = b"".join(
        field.head + field.raw
        for field in decode_packet(data).items.fields()
        if field.tag not in (1, 100, 101)
    )
    packet = data[:16] + ber.write_length(len(body) + 4) + body + b"\x01\x02"
    return packet + checksum.running_sum(packet).to_bytes(2, "big")


@pytest.mark.parametrize("name", FILES)
def test_every_value_agrees(name: str) -> None:
    compared, state = 0, VmtiState()
    for data in packets(name):
        data = without_segments(data) if "kwiver" in name else data
        ours = decode_packet(data, vmti=state)
        theirs = decode_uas_local_set(data, verify_checksum=False, field_decoding=FieldDecodingMode.PRESERVE)
        for field in theirs.fields:
            tag = field.definition.tag
            if tag in (60, 61, 62) or not isinstance(field.value, (int, float, Fraction, str, SpecialValue)):
                continue
            assert agree(ours[tag], field.value), (tag, ours[tag], field.value)
            compared += 1
    assert compared >= FILES[name]
