"""Packets of whole arrays are byte for byte those written one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.klv import st0601
from atalaya.klv.encode_columns import encode_st0601_columns, interleaved
from atalaya.klv.item import Item, Kind
from atalaya.klv.packet import encode_st0601

LINEAR = (Kind.LINEAR_SIGNED, Kind.LINEAR_UNSIGNED, Kind.IMAPB)
NUMERIC = [item for item in st0601.ITEMS if item.kind in LINEAR]
FIXED = [item for item in st0601.ITEMS if item.kind is Kind.UINT and item.length and item.tag not in (1, 65)]
ROWS = 12


@st.composite
def column(draw: st.DrawFn, item: Item) -> np.ndarray:
    """Any values of an item's range, ends and steps of the code among them, some missing."""
    if item.kind is Kind.UINT:
        largest = int(item.high) or (1 << 8 * item.length) - 1
        return np.array(draw(st.lists(st.integers(0, largest), min_size=ROWS, max_size=ROWS)))
    inside = st.floats(item.low, item.high)
    step = (item.high - item.low) / ((1 << 8 * (item.length or 3)) - 1)
    halves = st.integers(0, 1000).map(lambda k: min(item.low + (k + 0.5) * step, item.high))
    one = st.one_of(inside, halves, st.just(item.low), st.just(item.high), st.just(float("nan")))
    return np.array(draw(st.lists(one, min_size=ROWS, max_size=ROWS)))


def row_of(columns: dict[int | str, object], row: int) -> dict[int | str, object]:
    values = {key: v[row].item() if isinstance(v, np.ndarray) else v for key, v in columns.items()}
    return {key: v for key, v in values.items() if not (isinstance(v, float) and np.isnan(v))}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_rows_equal_single_packets(data: st.DataObject) -> None:
    chosen = data.draw(
        st.lists(st.sampled_from(NUMERIC + FIXED), max_size=12, unique_by=lambda item: item.tag)
    )
    columns: dict[int | str, object] = {item.name: data.draw(column(item)) for item in chosen}
    columns[2] = np.array(data.draw(st.lists(st.integers(0, 2**63 - 1), min_size=ROWS, max_size=ROWS)))
    columns["mission_id"] = data.draw(st.text(st.characters(codec="ascii"), max_size=60))
    columns["leap_seconds_s"] = 37
    packets = encode_st0601_columns(columns, ROWS)
    assert [packets[row] for row in range(len(packets))] == [
        encode_st0601(row_of(columns, row)) for row in range(ROWS)
    ]


def test_every_numeric_item_at_once() -> None:
    rng = np.random.default_rng(5)
    columns: dict[int | str, object] = {
        item.tag: rng.uniform(item.low, item.high, 300) for item in NUMERIC if item.tag != st0601.CHECKSUM
    }
    packets = encode_st0601_columns(columns, 300)
    assert [packets[row] for row in range(300)] == [encode_st0601(row_of(columns, row)) for row in range(300)]


def test_rows_of_several_sets_come_back_in_order() -> None:
    first, second = (
        encode_st0601_columns({"mission_id": name, 2: np.arange(3) + start}, 3)
        for name, start in (("A", 10), ("LONGER", 20))
    )
    joined = interleaved([(np.array([0, 3, 4]), first), (np.array([1, 2, 5]), second)])
    assert [joined[row] for row in range(6)] == [
        first[0],
        second[0],
        second[1],
        first[1],
        first[2],
        second[2],
    ]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({13: np.array([0.0, 91.0])}, "KLV-002"),
        ({104: np.array([0.0, np.inf])}, "KLV-002"),
        ({56: np.array([1, 256])}, "KLV-002"),
        ({56: np.array([1.0, 2.0])}, "KLV-003"),
        ({3: np.array([1.0, 2.0])}, "KLV-003"),
        ({110: np.array([1, 2])}, "KLV-003"),
        ({13: np.array([0.0])}, "KLV-003"),
        ({60: b"\0\0"}, "KLV-007"),
        ({62: np.array([1, 2])}, "KLV-007"),
        ({"no_such_item": 1.0}, "KLV-004"),
    ],
)
def test_what_no_packet_can_hold_is_refused(columns: dict[int | str, object], code: str) -> None:
    with pytest.raises(BadInput, match=code):
        encode_st0601_columns(columns, 2)
