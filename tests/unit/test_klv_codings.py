"""BER, labels, checksums, linear maps and arrays, one fact at a time."""

import pytest

from atalaya.base.errors import BadInput
from atalaya.klv import LABELS, Family, Special, State, ber, checksum, family_of, imapb, linear, mdarray


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("00", (0, 1)),
        ("7F", (127, 1)),
        ("8180", (128, 2)),
        ("820005", (5, 3)),
        ("84FFFFFFFF", (0xFFFFFFFF, 5)),
        ("80", None),
        ("85FFFFFFFFFF", None),
        ("8201", None),
        ("", None),
    ],
)
def test_ber_length(data: str, expected: tuple[int, int] | None) -> None:
    raw = bytes.fromhex(data)
    assert ber.read_length(raw, 0, len(raw)) == expected


def test_ber_length_is_written_short_unless_asked() -> None:
    assert [ber.write_length(n).hex() for n in (0, 127, 128, 256)] == ["00", "7f", "8180", "820100"]
    assert ber.write_length(5, 2).hex() == "820005"
    with pytest.raises(BadInput, match="KLV-002"):
        ber.write_length(300, 1)


@pytest.mark.parametrize(
    ("number", "data"), [(1, "01"), (127, "7f"), (128, "8100"), (138, "810a"), (143, "810f")]
)
def test_ber_oid(number: int, data: str) -> None:
    assert ber.write_oid(number).hex() == data
    assert ber.read_oid(bytes.fromhex(data), 0, len(data) // 2) == (number, len(data) // 2)


def test_ber_oid_gives_up_on_endless_or_cut_numbers() -> None:
    assert ber.read_oid(b"\x81" * 20, 0, 20) is None
    assert ber.read_oid(b"\x81", 0, 1) is None


def test_labels_are_compared_without_their_registry_version() -> None:
    for family, label in LABELS.items():
        assert family_of(label) is family
        assert family_of(label[:7] + b"\x0b" + label[8:]) is family
    assert family_of(LABELS[Family.ST0601][:-1] + b"\x01") is Family.UNKNOWN
    assert family_of(b"") is Family.UNKNOWN


def test_running_sum_takes_even_offsets_as_high_bytes() -> None:
    assert checksum.running_sum(b"") == 0
    assert checksum.running_sum(b"\x01") == 0x0100
    assert checksum.running_sum(b"\x01\x02\xff") == 0x0002
    assert checksum.running_sum(b"\xff\xff" * 3) == 0xFFFD


def test_crc_32_of_the_check_string() -> None:
    assert checksum.crc32_mpeg2(b"123456789") == 0x0376E6E7


def test_linear_maps_hit_their_ends() -> None:
    assert linear.encode_unsigned(360, 0, 360, 2) == b"\xff\xff"
    assert linear.encode_unsigned(-900, -900, 19000, 2) == b"\0\0"
    assert linear.encode_signed(-90, -90, 90, 4) == bytes.fromhex("80000001")
    assert linear.encode_signed(90, -90, 90, 4) == bytes.fromhex("7FFFFFFF")


@pytest.mark.parametrize("value", [-0.001, 360.001, float("nan"), float("inf")])
def test_linear_maps_refuse_what_they_cannot_say(value: float) -> None:
    with pytest.raises(BadInput, match="KLV-002"):
        linear.encode_unsigned(value, 0, 360, 2, "heading")


def test_imapb_examples_of_the_note() -> None:
    assert imapb.encode(10.1, 0, 100, 3).hex() == "0a1999"
    assert imapb.decode(bytes.fromhex("0a1999"), 0, 100) == pytest.approx(10.0999908447, abs=5e-11)
    assert imapb.encode(0, -9.9, 110, 3).hex() == "09e667"
    assert imapb.encode(-9.9, -9.9, 110, 3).hex() == "000000"


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ("C80000", State.POSITIVE_INFINITY),
        ("E80000", State.NEGATIVE_INFINITY),
        ("D00000", State.NOT_A_NUMBER),
        ("E00000", State.BELOW_MINIMUM),
        ("E10000", State.ABOVE_MAXIMUM),
        ("900000", State.OTHER_SPECIAL),
        ("C00001", State.OTHER_SPECIAL),
    ],
)
def test_imapb_specials_are_states_with_their_bytes(data: str, state: State) -> None:
    raw = bytes.fromhex(data)
    assert imapb.decode(raw, 0, 100) == Special(state, raw)


def test_imapb_refuses_empty_ranges_and_lengths() -> None:
    for low, high, length in (
        (0.0, 0.0, 2),
        (1.0, 0.0, 2),
        (0.0, 1.0, 0),
        (0.0, 1.0, 9),
        (0.0, float("inf"), 2),
    ):
        with pytest.raises(BadInput, match="KLV-006"):
            imapb.scale(low, high, length)


@pytest.mark.parametrize(
    "array",
    [
        mdarray.MdArray((2, 3), 2, mdarray.NATURAL, (1, 2, 3, 4, 5, 65535)),
        mdarray.MdArray((2,), 3, mdarray.MAPPED, (0.0, 50.0), (0.0, 100.0), 16),
        mdarray.MdArray((3, 3), 1, mdarray.BOOLEAN, (True, False, True) * 3),
        mdarray.MdArray((4,), 1, mdarray.BIASED, (1000, 1001, 1200, 1000), bias=1000),
        mdarray.MdArray((9, 9), 1, mdarray.RUNS, default=7, patches=(mdarray.Patch(1, (2, 3), (4, 5)),)),
        mdarray.MdArray((5,), 0, mdarray.NATURAL),
    ],
    ids=["natural", "mapped", "boolean", "biased", "runs", "no-array"],
)
def test_arrays_come_back(array: mdarray.MdArray) -> None:
    assert mdarray.read(mdarray.write(array)) == array


def test_an_array_that_claims_a_billion_elements_is_refused() -> None:
    claim = b"".join(ber.write_oid(number) for number in (2, 100_000, 100_000, 1, mdarray.RUNS)) + b"\0"
    with pytest.raises(BadInput, match="KLV-005"):
        mdarray.read(claim)
