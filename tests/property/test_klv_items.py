"""Every item of the tables: what is written reads back the same, at the bytes and at the value."""

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.klv import (
    Family,
    Item,
    Kind,
    Malformed,
    Special,
    codec,
    decode_packet,
    encode_set,
    imapb,
    linear,
)
from atalaya.klv.packet import TABLES
from atalaya.klv.st0903_sets import LEGACY_TARGET, TARGET

TABLE_ITEMS = [
    (table, item)
    for table in (*TABLES.values(), TARGET, LEGACY_TARGET)
    for item in table.items
    if item.kind is not Kind.NESTED
]
IDS = [f"{table.name}-{item.tag}" for table, item in TABLE_ITEMS]
MAPPED = (Kind.LINEAR_SIGNED, Kind.LINEAR_UNSIGNED, Kind.IMAPB)


def lengths(item: Item) -> st.SearchStrategy[int]:
    if item.length:
        return st.just(item.length)
    if item.kind is Kind.FLOAT:
        return st.sampled_from((4, 8))
    return st.integers(1, min(item.max_length or 8, 8))


@pytest.mark.parametrize(("table", "item"), TABLE_ITEMS, ids=IDS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_bytes_read_and_written_are_the_same(table: object, item: Item, data: st.DataObject) -> None:
    """Any bytes of a legal length come back, unless they stand for a number outside the item's range."""
    length = data.draw(lengths(item))
    raw = data.draw(st.binary(min_size=length, max_size=length))
    value = codec.decode_value(item, raw)
    if item.kind is Kind.FLOAT and isinstance(value, float) and math.isnan(value):
        return  # a signalling NaN becomes a quiet one on the way through a float
    if isinstance(value, float) and item.kind is Kind.IMAPB:
        slack = 1.01 / imapb.scale(item.low, item.high, length)[0]
        if length > 6 or not item.low - slack <= value <= item.high + slack:
            return  # 7 and 8 bytes hold more digits than a float; codes above `high` are not written
    assert codec.encode_value(item, value, length) == raw


@pytest.mark.parametrize(
    ("table", "item"),
    [pair for pair in TABLE_ITEMS if pair[1].kind in MAPPED],
    ids=[name for name, pair in zip(IDS, TABLE_ITEMS, strict=True) if pair[1].kind in MAPPED],
)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_values_come_back_within_one_step(table: object, item: Item, data: st.DataObject) -> None:
    length = data.draw(lengths(item))
    value = data.draw(st.floats(item.low, item.high))
    back = codec.decode_value(item, codec.encode_value(item, value, length))
    assert isinstance(back, float)
    step = {
        Kind.LINEAR_SIGNED: lambda: 0.5 * linear.signed_scale(item.low, item.high, length),
        Kind.LINEAR_UNSIGNED: lambda: 0.5 * linear.unsigned_scale(item.low, item.high, length),
        Kind.IMAPB: lambda: 1.0 / imapb.scale(item.low, item.high, length)[0],
    }[item.kind]()
    assert abs(back - value) <= step * 1.000001 + 4 * math.ulp(item.high - item.low)


@pytest.mark.parametrize("family", TABLES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_built_packet_reads_back(family: Family, data: st.DataObject) -> None:
    table = TABLES[family]
    plain = [
        item
        for item in table.items
        if item.kind is not Kind.NESTED and item.name not in ("checksum", "version")
    ]
    chosen = data.draw(st.lists(st.sampled_from(plain), unique_by=lambda item: item.tag, max_size=12))
    raws = {
        item.tag: data.draw(st.binary(min_size=(n := data.draw(lengths(item))), max_size=n))
        for item in chosen
    }
    values = {tag: codec.decode_value(table.by_tag[tag], raw) for tag, raw in raws.items()}
    values = {
        tag: value for tag, value in values.items() if isinstance(value, (int, str, Special, Malformed))
    }
    packet = decode_packet(encode_set(family, dict(values)))
    assert packet.family is family
    assert packet.items.rest == b""
    assert packet.checksum_ok is (True if family in (Family.ST0601, Family.ST0903, Family.RVT) else None)
    for tag, value in values.items():
        if not isinstance(value, Malformed):
            assert packet[tag] == value or isinstance(value, Special)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_reals_of_eg_0104_keep_their_width(value: float) -> None:
    item = TABLES[Family.EG0104].by_name["sensor_azimuth_true_deg"]
    assert codec.encode_value(item, value, 4) == struct.pack(">f", value)
    assert codec.encode_value(item, value, 8) == struct.pack(">d", value)
