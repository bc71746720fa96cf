"""The worked examples of ST 0601, packet 0 of h264_klv.ts: bytes and values as the standard prints them."""

import pytest

from atalaya.klv import UNKNOWN, Packet, decode_packet, packs
from atalaya.klv.values import Special
from tests.klv_packets import packets

# tag: (bytes, value, tolerance)
WORKED = {
    2: ("000459F4A6AA4AA8", 1224807209913000, 0),
    5: ("71C2", 159.974365, 5e-7),
    6: ("FD3D", -0.431531724, 5e-10),
    7: ("08B8", 3.40586566, 5e-9),
    13: ("5595B66D", 60.1768229669783, 5e-14),
    14: ("5B5360C4", 128.426759042045, 5e-13),
    15: ("C221", 14190.7195, 5e-5),
    16: ("CD9C", 144.571298, 5e-7),
    17: ("D917", 152.643626, 5e-7),
    18: ("724A0A20", 160.719211437, 5e-10),
    19: ("87F84B86", -168.792324834, 5e-10),
    20: ("7DC55ECE", 176.865437649, 5e-10),
    21: ("03830926", 68590.983299, 5e-7),
    22: ("1281", 722.819867, 5e-7),
    23: ("F101A229", -10.5423886331, 5e-11),
    24: ("14BC082B", 29.1578901229, 5e-11),
    25: ("34F3", 3216.037232, 5e-7),
    26: ("1750", 0.0136600848, 5e-11),
    36: ("B2", 69.8039216, 5e-8),
    45: ("1A95", 425.215152, 5e-7),
    57: ("B38EACF1", 3506979.03161, 5e-6),
    79: ("09FB", 25.4977569, 5e-8),
    82: ("F1069B63", -10.5287283941, 5e-11),
    93: ("DE179323", -47.6830000, 5e-8),
    96: ("00D92A", 13898.5, 0),
    104: ("2F921E", 23456.234375, 0),
    109: ("0001A0", 1.625, 0),
    110: ("4DAF", 19887, 0),
    112: ("1F40", 125, 0),
    117: ("3E90", 1, 0),
    118: ("3E8011", 0.004150390625, 1e-15),
    119: ("3B60", -50, 0),
    132: ("0257C0", 2400, 1e-9),
    136: ("1E", 30, 0),
    137: ("012B8DC635", 5025678901, 0),
}


@pytest.fixture(scope="module")
def packet() -> Packet:
    return decode_packet(packets("klv/kwiver/h264_klv.ts")[0])


@pytest.mark.parametrize("tag", WORKED)
def test_value_of_the_standard(packet: Packet, tag: int) -> None:
    raw, value, tolerance = WORKED[tag]
    assert packet.items.raw(tag) == bytes.fromhex(raw)
    assert packet[tag] == pytest.approx(value, rel=0, abs=tolerance)


def test_country_codes_say_unknown_in_the_middle(packet: Packet) -> None:
    assert packet["country_codes"] == packs.CountryCodes(14, "CAN", UNKNOWN, "FRA")


def test_text_and_checksum(packet: Packet) -> None:
    assert packet["mission_id"] == "MISSION01"
    assert packet["platform_tail_number"] == "AF-101"
    assert packet["image_coordinate_system"] == "Geodetic WGS84"
    assert packet.checksum_ok is True


def test_every_item_but_two_is_there_and_readable(packet: Packet) -> None:
    assert set(packet.items.tags) == set(range(1, 143)) - {66, 98}
    assert packet.malformed == []


def test_reserved_codes_stay_states() -> None:
    """Where the other packets of the file write the most negative code, it never becomes a number."""
    codes = {2: b"\x80\x00", 4: b"\x80\x00\x00\x00"}
    seen = 0
    for data in packets("klv/kwiver/h264_klv.ts"):
        for field in decode_packet(data).items.fields():
            if field.item is not None and field.item.kind == "linear-signed":
                special = field.raw == codes[len(field.raw)]
                assert special == isinstance(field.value, Special)
                seen += 1
    assert seen == 30 * 36


def test_stores_are_kept_as_bytes(packet: Packet) -> None:
    assert packet["weapon_load"] == bytes.fromhex("AFD8")
    assert isinstance(packet["weapons_stores"], bytes)
