"""16-byte universal labels: which standard a KLV packet follows (SMPTE 298M, ST 0107).

Labels are compared with byte 8 (the registry version) left out: real EG 0104 files carry 03 there where the
tables print 01.
"""

from enum import IntEnum
from typing import Final

KEY_LENGTH: Final = 16
PREFIX: Final = bytes.fromhex("060E2B34")
"""The four bytes every universal label begins with."""

VERSION_BYTE: Final = 7
"""Index of the registry version in a label: not compared."""


class Family(IntEnum):
    """The standard of a packet, told by its label."""

    UNKNOWN = 0
    ST0601 = 1
    ST0903 = 2
    EG0104 = 3
    ST0102_LOCAL = 4
    ST0102_UNIVERSAL = 5
    RVT = 6
    """ST 0806 remote video terminal set."""
    MIIS = 7
    """ST 1204 core identifier."""
    RANGE_IMAGE = 8
    """ST 1002."""
    SAR = 9
    """ST 1206."""


LABELS: Final[dict[Family, bytes]] = {
    Family.ST0601: bytes.fromhex("060E2B34020B01010E01030101000000"),
    Family.ST0903: bytes.fromhex("060E2B34020B01010E01030306000000"),
    Family.EG0104: bytes.fromhex("060E2B34020101010E01010201010000"),
    Family.ST0102_LOCAL: bytes.fromhex("060E2B34020301010E01030302000000"),
    Family.ST0102_UNIVERSAL: bytes.fromhex("060E2B34020101010208020000000000"),
    Family.RVT: bytes.fromhex("060E2B34020B01010E01030102000000"),
    Family.MIIS: bytes.fromhex("060E2B34010101010E01040503000000"),
    Family.RANGE_IMAGE: bytes.fromhex("060E2B34020B01010E0103030C000000"),
    Family.SAR: bytes.fromhex("060E2B34020B01010E0103030D000000"),
}
"""The label each family is written with."""


def masked(label: bytes) -> bytes:
    """A label with its registry version zeroed, for comparison."""
    return label[:VERSION_BYTE] + b"\0" + label[VERSION_BYTE + 1 : KEY_LENGTH]


_BY_MASKED: Final = {masked(label): family for family, label in LABELS.items()}


def family_of(label: bytes) -> Family:
    """The family a 16-byte label belongs to; UNKNOWN where it is none of ours or shorter than 16 bytes."""
    return _BY_MASKED.get(masked(label), Family.UNKNOWN)
