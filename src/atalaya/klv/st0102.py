"""ST 0102.12, Security Metadata: local set (tag 48 of ST 0601, or alone) and universal set.

Item 13 should be UTF-16BE, but ASCII occurs in the wild; both are read, and told apart by their bytes.
"""

from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv.item import Item, Kind
from atalaya.klv.localset import LocalSet
from atalaya.klv.table import Nested, Table

_CODING: Final = (
    (1, "ISO-3166 two letter"),
    (2, "ISO-3166 three letter"),
    (3, "FIPS 10-4 two letter"),
    (4, "FIPS 10-4 four letter"),
    (5, "ISO-3166 numeric"),
    (6, "STANAG 1059 two letter"),
    (7, "STANAG 1059 three letter"),
    (10, "FIPS 10-4 mixed"),
    (11, "ISO 3166 mixed"),
    (12, "STANAG 1059 mixed"),
    (13, "GENC two letter"),
    (14, "GENC three letter"),
    (15, "GENC numeric"),
    (16, "GENC mixed"),
)
_OBJECT_CODING: Final = (
    (1, "ISO-3166 two letter"),
    (2, "ISO-3166 three letter"),
    (3, "ISO-3166 numeric"),
    (4, "FIPS 10-4 two letter"),
    (5, "FIPS 10-4 four letter"),
    (6, "STANAG 1059 two letter"),
    (7, "STANAG 1059 three letter"),
    (13, "GENC two letter"),
    (14, "GENC three letter"),
    (15, "GENC numeric"),
    (64, "GENC administrative subdivision"),
)
CLASSIFICATIONS: Final = (
    (1, "UNCLASSIFIED"),
    (2, "RESTRICTED"),
    (3, "CONFIDENTIAL"),
    (4, "SECRET"),
    (5, "TOP SECRET"),
)


def _text(tag: int, name: str, title: str, length: int = 0) -> Item:
    return Item(tag, name, title, Kind.TEXT, length=length)


_WORDS: Final = (
    _text(3, "classifying_country", "Classifying Country"),
    _text(4, "sci_shi_information", "Security-SCI/SHI Information"),
    _text(5, "caveats", "Caveats"),
    _text(6, "releasing_instructions", "Releasing Instructions"),
    _text(7, "classified_by", "Classified By"),
    _text(8, "derived_from", "Derived From"),
    _text(9, "classification_reason", "Classification Reason"),
    _text(10, "declassification_date", "Declassification Date", 8),
    _text(11, "classification_marking_system", "Classification and Marking System"),
    _text(14, "classification_comments", "Classification Comments"),
    _text(23, "country_coding_method_date", "Country Coding Method Version Date", 10),
    _text(24, "object_country_coding_method_date", "Object Country Coding Method Version Date", 10),
)
_VERSION: Final = Item(22, "security_version", "Security Metadata Version", Kind.UINT, length=2)
_OBJECT_CODES: Final = Item(
    13, "object_country_codes", "Object Country Codes", Kind.NESTED, nested="wide_text"
)
_OBJECT_METHOD = "object_country_coding_method"

ITEMS: Final = tuple(
    sorted(
        (
            Item(1, "classification", "Security Classification", Kind.UINT, 1, 5, 1, codes=CLASSIFICATIONS),
            Item(2, "country_coding_method", "Country Coding Method", Kind.UINT, 1, 16, 1, codes=_CODING),
            Item(
                12, _OBJECT_METHOD, "Object Country Coding Method", Kind.UINT, 1, 64, 1, codes=_OBJECT_CODING
            ),
            *_WORDS,
            _OBJECT_CODES,
            _VERSION,
        ),
        key=lambda item: item.tag,
    )
)
"""Items of the local set."""

UNIVERSAL_ITEMS: Final = tuple(
    sorted(
        (
            _text(1, "classification", "Security Classification"),
            _text(2, "country_coding_method", "Country Coding Method"),
            _text(12, _OBJECT_METHOD, "Object Country Coding Method"),
            *_WORDS,
            _OBJECT_CODES,
            _VERSION,
        ),
        key=lambda item: item.tag,
    )
)
"""Items of the universal set: the codes are words there."""

_LABEL_TAILS: Final = {
    1: "030208020100000000",
    2: "030701200102070000",
    3: "030701200102080000",
    4: "010E01020302000000",
    5: "030208020200000000",
    6: "030701200102090000",
    7: "030208020300000000",
    8: "030208020600000000",
    9: "030208020400000000",
    10: "030208020500000000",
    11: "030208020800000000",
    12: "030701200102060000",
    13: "030701200102010100",
    14: "030208020700000000",
    22: "010E01020504000000",
    23: "010E01040303000000",
    24: "010E01040304000000",
}
LABELS: Final = {tag: bytes.fromhex("060E2B34010101" + tail) for tag, tail in _LABEL_TAILS.items()}


class WideText(str):
    """Object country codes, and how many bytes a character had (1 or 2)."""

    __slots__ = ("width",)
    width: int

    def __new__(cls, text: str, width: int = 2) -> "WideText":
        """The text; `width` 2 writes UTF-16BE as the standard asks, 1 ASCII."""
        made = super().__new__(cls, text)
        made.width = width
        return made


def read_wide_text(data: bytes) -> WideText:
    """UTF-16BE or ASCII, whichever the bytes are: ASCII text in UTF-16BE has a zero in every even place.

    Raises:
        BadInput: KLV-005, neither.
    """
    wide = len(data) % 2 == 0 and not any(data[0::2])
    try:
        if wide:
            return WideText(data.decode("utf-16-be"), 2)
        if data.isascii():
            return WideText(data.decode("ascii"), 1)
        return WideText(data.decode("utf-16-be"), 2)
    except UnicodeDecodeError as error:
        raise BadInput("KLV-005", set="ST 0102 item 13") from error


def _write_wide_text(value: object, _length: int) -> bytes:
    if not isinstance(value, str):
        raise BadInput("KLV-003", item="object_country_codes", value=value)
    width = value.width if isinstance(value, WideText) else 2
    return value.encode("utf-16-be" if width == 2 else "ascii")


_NESTED: Final = {"wide_text": Nested(read_wide_text, _write_wide_text)}
TABLE: Final = Table("ST 0102", ITEMS, _NESTED)
UNIVERSAL_TABLE: Final = Table("ST 0102 universal", UNIVERSAL_ITEMS, _NESTED, LABELS)

_REMEMBERED: dict[bytes, LocalSet] = {}
_MAX_REMEMBERED: Final = 64


def read(data: bytes) -> LocalSet:
    """The local set in some bytes; a stream repeats the same few markings, so the last are remembered."""
    known = _REMEMBERED.get(data)
    if known is None:
        if len(_REMEMBERED) >= _MAX_REMEMBERED:
            _REMEMBERED.clear()
        known = _REMEMBERED[data] = TABLE.read(data)
    return known
