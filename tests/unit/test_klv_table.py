"""The item table of ST 0601 is whole, consistent and says what columns need to know."""

import re

from atalaya.klv import Family, Kind, State, nested, st0601, st0902
from atalaya.klv.packet import TABLES
from atalaya.klv.reference import reference
from atalaya.klv.st0903_sets import LEGACY_TARGET, TARGET

ALL = [*TABLES.values(), TARGET, LEGACY_TARGET]
UNITS = {
    "deg": "deg", "m": "m", "m/s": "mps", "us": "us", "%": "pct", "hPa": "hpa", "kg": "kg", "px": "px",
    "deg/s": "dps", "km": "km", "s": "s", "rpm": "rpm", "MHz": "mhz", "GB": "gb", "degC": "c",
}  # fmt: skip


def test_items_1_to_142_once_each() -> None:
    assert [item.tag for item in st0601.ITEMS] == list(range(1, 143))


def test_names_are_unique_snake_case_columns() -> None:
    for table in ALL:
        names = [item.name for item in table.items]
        assert len(set(names)) == len(names), table.name
        assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) for name in names), table.name


def test_names_carry_unit_and_vertical_datum() -> None:
    for item in st0601.ITEMS:
        if item.unit:
            assert item.name.endswith("_" + UNITS[item.unit]), item.name
        for datum in ("msl", "hae", "agl"):
            if f"_{datum}_" in item.name:
                assert item.datum == datum.upper()


def test_mapped_items_have_a_range_and_a_length() -> None:
    for table in ALL:
        for item in table.items:
            if item.kind in (Kind.LINEAR_SIGNED, Kind.LINEAR_UNSIGNED):
                assert item.low < item.high, item.name
                assert item.length in (1, 2, 4), item.name
            if item.kind is Kind.IMAPB:
                assert item.low < item.high, item.name
                assert item.length or 0 < item.max_length <= 8, item.name


def test_every_nested_item_has_a_reader() -> None:
    for table in ALL:
        for item in table.items:
            assert (item.kind is Kind.NESTED) == bool(item.nested)
            if item.nested:
                assert item.nested in table.nested, (table.name, item.name)
    for item in nested.SEGMENT_TABLE.items:
        known = item.nested in nested.SEGMENT_TABLE.nested
        assert not item.nested or known or item.nested.startswith("st1607"), item.name


def test_special_codes_follow_the_standard() -> None:
    states = {item.tag: item.special for item in st0601.ITEMS if item.kind is Kind.LINEAR_SIGNED}
    assert {tag for tag, state in states.items() if state is State.OUT_OF_RANGE} == {
        6, 7, 50, 51, 52, 79, 80, 90, 91, 92, 93,
    }  # fmt: skip
    assert {tag for tag, state in states.items() if state is State.RESERVED} == {13, 14, 19, 67, 68}
    assert {tag for tag, state in states.items() if state is State.OFF_EARTH} == {
        23, 24, *range(26, 34), 40, 41, *range(82, 90),
    }  # fmt: skip


def test_better_items_say_the_same_kind_of_thing() -> None:
    for item in st0601.ITEMS:
        if item.preferred:
            better = st0601.BY_TAG[item.preferred]
            assert better.unit == item.unit
            assert better.tag > item.tag


def test_stores_are_bytes_and_never_interpreted() -> None:
    for tag in (60, 61, 62, 66, 140):
        item = st0601.BY_TAG[tag]
        assert (item.kind, item.codes, item.bits, item.nested) == (Kind.BYTES, (), (), "")


def test_eg_0104_shares_its_names_and_numbers_with_st_0601() -> None:
    for item in TABLES[Family.EG0104].items:
        if item.tag < 200:
            assert st0601.BY_TAG[item.tag].name == item.name
        else:
            assert item.name not in st0601.BY_NAME


def test_universal_sets_have_a_label_for_each_item() -> None:
    for family in (Family.EG0104, Family.ST0102_UNIVERSAL):
        table = TABLES[family]
        assert set(table.labels) == {item.tag for item in table.items}
        assert len(set(table.labels.values())) == len(table.labels)


def test_minimum_set_names_items_of_the_table() -> None:
    assert set(st0601.BY_TAG) >= st0902.MINIMUM_TAGS


def test_the_reference_shows_every_item_once() -> None:
    text = reference()
    assert text.count("\n| ") == sum(len(table.items) + 1 for table in ALL)
    assert (
        "| 15 | `sensor_altitude_msl_m` | Sensor True Altitude | unsigned map | 2 | -900 … 19000 | m | MSL |"
        in text
    )
