"""One item: bytes to value and back, driven by its row of a table.

A reader never raises: what it cannot read becomes `Malformed`, and the rest of the packet is untouched.
"""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from atalaya.base.errors import BadInput
from atalaya.klv import imapb, linear
from atalaya.klv.item import Item, Kind
from atalaya.klv.values import UNKNOWN, Malformed, Reason, Special, State, Unknown

Reader = Callable[[Any], object]
"""From what `struct` gives for the item's format (int, float or bytes) to its value."""

MAX_INTEGER: Final = 8
"""Bytes of the longest integer read; a longer one is damage."""

_UNSIGNED_FORMAT: Final = {1: "B", 2: "H", 4: "I", 8: "Q"}
_SIGNED_FORMAT: Final = {1: "b", 2: "h", 4: "i", 8: "q"}


def reader(item: Item, length: int) -> tuple[str, Reader]:
    """The `struct` format and the reader of an item of `length` bytes (not NESTED: see `nested`)."""
    if length == 0:
        return "0s", _unknown
    return _READERS[item.kind](item, length)


def decode_value(item: Item, data: bytes) -> object:
    """The value of an item's bytes, by the same reader the packet decoder uses."""
    form, read = reader(item, len(data))
    return read(struct.unpack(">" + form, data)[0])


def _unknown(_raw: object) -> Unknown:
    return UNKNOWN


def _bytes(_item: Item, length: int) -> tuple[str, Reader]:
    return f"{length}s", _same


def _same(raw: object) -> object:
    return raw


def _wrong_length(length: int) -> tuple[str, Reader]:
    def read(raw: bytes) -> Malformed:
        return Malformed(raw, Reason.LENGTH)

    return f"{length}s", read


@lru_cache(maxsize=4096)
def _linear_unsigned(item: Item, length: int) -> tuple[str, Reader]:
    if length != item.length:
        return _wrong_length(length)
    step, low = linear.unsigned_scale(item.low, item.high, length), item.low

    def read(raw: int) -> float:
        return raw * step + low

    return _UNSIGNED_FORMAT[length], read


@lru_cache(maxsize=4096)
def _linear_signed(item: Item, length: int) -> tuple[str, Reader]:
    if length != item.length:
        return _wrong_length(length)
    step, special = linear.signed_scale(item.low, item.high, length), linear.special_code(length)
    reserved = Special(item.special, special.to_bytes(length, "big", signed=True))

    def read(raw: int) -> float | Special:
        return raw * step if raw != special else reserved

    return _SIGNED_FORMAT[length], read


def _from_integer(length: int, read: Reader) -> tuple[str, Reader]:
    """A reader of an unsigned integer of any length, through bytes where `struct` has no format for it."""
    form = _UNSIGNED_FORMAT.get(length)
    if form:
        return form, read
    return f"{length}s", lambda raw: read(int.from_bytes(raw, "big"))


@lru_cache(maxsize=4096)
def _imapb(item: Item, length: int) -> tuple[str, Reader]:
    if length > imapb.MAX_LENGTH or (item.length and length != item.length):
        return _wrong_length(length)
    return _from_integer(length, imapb.decoder(item.low, item.high, length))


@lru_cache(maxsize=4096)
def _uint(item: Item, length: int) -> tuple[str, Reader]:
    if length > MAX_INTEGER or (item.length and length != item.length):
        return _wrong_length(length)
    return _from_integer(length, _same)


@lru_cache(maxsize=4096)
def _int(item: Item, length: int) -> tuple[str, Reader]:
    if length > MAX_INTEGER or (item.length and length != item.length):
        return _wrong_length(length)
    form = _SIGNED_FORMAT.get(length)
    if form:
        return form, _same

    def read(raw: bytes) -> int:
        return int.from_bytes(raw, "big", signed=True)

    return f"{length}s", read


def _read_text(raw: bytes) -> object:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return Malformed(raw, Reason.TEXT)


def _text(_item: Item, length: int) -> tuple[str, Reader]:
    return f"{length}s", _read_text


def _float(_item: Item, length: int) -> tuple[str, Reader]:
    form = {4: "f", 8: "d"}.get(length)
    return (form, _same) if form else _wrong_length(length)


_READERS: Final[dict[Kind, Callable[[Item, int], tuple[str, Reader]]]] = {
    Kind.LINEAR_UNSIGNED: _linear_unsigned,
    Kind.LINEAR_SIGNED: _linear_signed,
    Kind.IMAPB: _imapb,
    Kind.UINT: _uint,
    Kind.INT: _int,
    Kind.TIME: _uint,
    Kind.TEXT: _text,
    Kind.FLOAT: _float,
    Kind.BYTES: _bytes,
    Kind.NESTED: _bytes,
}


def is_plain(value: object) -> bool:
    """Whether a value says something itself, and is not a state, a special code or unreadable bytes."""
    return value is not UNKNOWN and not isinstance(value, (Special, Malformed, State))


def encode_value(item: Item, value: object, length: int = 0) -> bytes:
    """The bytes of a value. `length` chooses among the lengths the standard leaves open (0: a good default).

    Raises:
        BadInput: KLV-002, outside the item's range; KLV-003, a value of the wrong type.
    """
    if isinstance(value, (Special, Malformed)):
        return value.raw
    if value is UNKNOWN:
        return b""
    if isinstance(value, State):
        return _state(item, value, item.length or length or 3)
    try:
        return _WRITERS[item.kind](item, value, item.length or length)
    except (TypeError, AttributeError, struct.error, UnicodeEncodeError) as error:
        raise BadInput("KLV-003", item=item.name, value=value) from error
    except OverflowError as error:
        raise BadInput("KLV-002", item=item.name, value=value, low=item.low, high=item.high) from error


def _state(item: Item, state: State, length: int) -> bytes:
    if state is State.UNKNOWN:
        return b""
    if item.kind is Kind.LINEAR_SIGNED and state is item.special:
        return linear.special_code(length).to_bytes(length, "big", signed=True)
    if item.kind is Kind.IMAPB:
        return imapb.special(state, length).raw
    raise BadInput("KLV-003", item=item.name, value=state.name)


def _number(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise TypeError


def _integer(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError


def _write_unsigned(item: Item, value: object, length: int) -> bytes:
    return linear.encode_unsigned(_number(value), item.low, item.high, length, item.name)


def _write_signed(item: Item, value: object, length: int) -> bytes:
    return linear.encode_signed(_number(value), item.low, item.high, length, item.name)


def _write_imapb(item: Item, value: object, length: int) -> bytes:
    # Three bytes hold centimetres over 40 km and millidegrees over a circle; what a sensor knows.
    length = length or min(4 if item.high - item.low > 1e5 else 3, item.max_length or 8)
    return imapb.encode(_number(value), item.low, item.high, length, item.name)


def _write_uint(item: Item, value: object, length: int) -> bytes:
    number = _integer(value)
    return number.to_bytes(length or max(1, (number.bit_length() + 7) // 8), "big")


def _write_time(item: Item, value: object, length: int) -> bytes:
    return _integer(value).to_bytes(length or 8, "big")


def _write_int(item: Item, value: object, length: int) -> bytes:
    number = _integer(value)
    magnitude = number if number >= 0 else ~number
    return number.to_bytes(length or magnitude.bit_length() // 8 + 1, "big", signed=True)


def _write_text(item: Item, value: Any, _length: int) -> bytes:
    data: bytes = value.encode("utf-8")
    if item.max_length and len(data) > item.max_length:
        raise BadInput("KLV-002", item=item.name, value=f"{len(data)} bytes", low=0, high=item.max_length)
    return data


def _write_float(_item: Item, value: object, length: int) -> bytes:
    return struct.pack(">f" if length == 4 else ">d", _number(value))


def _write_bytes(_item: Item, value: Any, _length: int) -> bytes:
    return bytes(memoryview(value))


_WRITERS: Final[dict[Kind, Callable[[Item, object, int], bytes]]] = {
    Kind.LINEAR_UNSIGNED: _write_unsigned,
    Kind.LINEAR_SIGNED: _write_signed,
    Kind.IMAPB: _write_imapb,
    Kind.UINT: _write_uint,
    Kind.INT: _write_int,
    Kind.TIME: _write_time,
    Kind.TEXT: _write_text,
    Kind.FLOAT: _write_float,
    Kind.BYTES: _write_bytes,
    Kind.NESTED: _write_bytes,
}
