"""Any bytes give a packet or KLV-001, never anything else; what was read writes back unchanged."""

import json
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.klv import (
    LABELS,
    Family,
    Packet,
    VmtiState,
    ber,
    decode_packet,
    encode_packet,
    location,
    mdarray,
    packs,
    packs_geo,
    st0102,
    st1010,
    st1204,
)
from atalaya.klv.conformance import check_packets
from atalaya.klv.nested import TABLE
from atalaya.klv.table import Nested
from tests.klv_packets import packets

T = TypeVar("T")

BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.tuples(st.integers(0, 200), st.binary(max_size=40)).map(
            lambda pair: ber.write_oid(pair[0]) + ber.write_length(len(pair[1])) + pair[1]
        ),
        max_size=12,
    ).map(b"".join),
)


def all_of(packet: Packet) -> None:
    """Touch everything a reader would."""
    assert encode_packet(packet) == packet.data
    assert len(encode_packet(packet, keep_raw=False)) > 16
    json.dumps(packet.as_json(), allow_nan=False)
    check_packets([packet])
    assert packet.time_us is None or packet.time_us >= 0


def allowed(codes: tuple[str, ...], call: Callable[..., T], *args: object) -> T | None:
    """What a call gives, None where it refuses with one of the declared codes."""
    try:
        return call(*args)
    except BadInput as error:
        if error.code not in codes:
            raise
        return None


@given(st.binary(max_size=120))
@example(b"")
@example(LABELS[Family.ST0601])
@example(LABELS[Family.ST0601] + b"\x84\xff\xff\xff\xff")
def test_any_bytes_are_a_packet_or_no_packet(data: bytes) -> None:
    packet = allowed(("KLV-001",), decode_packet, data)
    if packet is not None:
        all_of(packet)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(list(LABELS)), BODIES, st.sampled_from((None, 1, 3, 4, 6)))
def test_any_body_under_any_label(family: Family, body: bytes, version: int | None) -> None:
    data = LABELS[family] + ber.write_length(len(body)) + body
    all_of(decode_packet(data, vmti=VmtiState(version, 640 if version else None)))


@pytest.mark.parametrize("name", sorted(TABLE.nested))
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_every_nested_reader_refuses_in_one_way(name: str, data: bytes) -> None:
    total(TABLE.nested[name], data)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80), st.booleans())
def test_arrays_and_locations_refuse_in_one_way(data: bytes, legacy: bool) -> None:
    for nested in (
        *location.nested(legacy).values(),
        mdarray.nested(mdarray.FLOAT),
        mdarray.nested(mdarray.UINT),
    ):
        total(nested, data)
    total(st1010.NESTED, data)
    total(st1204.NESTED, data)
    for one in (*packs.NESTED.values(), *packs_geo.NESTED.values()):
        total(one, data)
    total(Nested(st0102.read_wide_text, lambda value, _: str(value).encode()), data)


def total(nested: Nested, data: bytes) -> None:
    value = allowed(("KLV-005", "KLV-006"), nested.read, data)
    if value is not None:
        allowed(("KLV-002", "KLV-003"), nested.write, value, len(data))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_real_packets(data: st.DataObject) -> None:
    """Flip, cut out or repeat bytes inside a real packet; the length in front is made right again."""
    name = data.draw(
        st.sampled_from(("klv/kwiver/h264_klv.ts", "klv/jmisb/0903.bin", "klv/kwiver/aphill_short.ts"))
    )
    source = data.draw(st.sampled_from(packets(name)))
    body = bytearray(source[20:])
    at = data.draw(st.integers(0, len(body) - 1))
    end = data.draw(st.integers(at, min(len(body), at + 20)))
    body[at:end] = data.draw(st.binary(max_size=20))
    all_of(decode_packet(source[:16] + ber.write_length(len(body)) + bytes(body)))
