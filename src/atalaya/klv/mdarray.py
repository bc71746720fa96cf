"""ST 1303 MDARRAY: arrays of any shape in one item, with the array processing that shortens them.

    number of dimensions, size of each, bytes of an element, algorithm, parameters of the algorithm, elements

The first numbers are BER-OID. Algorithms: 1 natural, 2 ST 1201, 3 boolean, 4 unsigned integers in BER-OID
with a bias, 5 run-length patches over a default.
"""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from atalaya.base.errors import BadInput
from atalaya.klv import ber, imapb, series
from atalaya.klv.table import Nested
from atalaya.klv.values import Special

NATURAL, MAPPED, BOOLEAN, BIASED, RUNS = 1, 2, 3, 4, 5
MAX_ELEMENTS: Final = 1_000_000
_WHAT: Final = "MDARRAY"
_FLOATS: Final = {2: ">e", 4: ">f", 8: ">d"}
_BOUNDS: Final = {8: ">2f", 16: ">2d"}


@dataclass(frozen=True, slots=True)
class Patch:
    """A block of one value: first index and size in every dimension; later patches lie over earlier ones."""

    value: object
    start: tuple[int, ...]
    size: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MdArray:
    """An array as it was sent.

    Args:
        shape: elements in each dimension.
        element_bytes: of one element; 0 says that there is no array.
        algorithm: 1 to 5, see the module.
        values: elements in row-major order; empty for run-length arrays.
        bounds: range of algorithm 2.
        bounds_bytes: bytes of both bounds, 8 or 16.
        bias: of algorithm 4.
        default: element outside every patch of algorithm 5.
        patches: of algorithm 5.
    """

    shape: tuple[int, ...]
    element_bytes: int
    algorithm: int
    values: tuple[object, ...] = ()
    bounds: tuple[float, float] | None = None
    bounds_bytes: int = 8
    bias: int = 0
    default: object = None
    patches: tuple[Patch, ...] = ()


_Element = tuple[Callable[[bytes], object], Callable[[object, int], bytes]]


def _read_float(data: bytes) -> float:
    form = _FLOATS.get(len(data))
    if form is None:
        raise BadInput("KLV-005", set=_WHAT)
    value: float = struct.unpack(form, data)[0]
    return value


def _write_float(value: object, length: int) -> bytes:
    if not isinstance(value, (int, float)) or length not in _FLOATS:
        raise BadInput("KLV-003", item=_WHAT, value=value)
    return struct.pack(_FLOATS[length], value)


def _write_uint(value: object, length: int) -> bytes:
    if not isinstance(value, int) or not 0 <= value < 1 << 8 * length:
        raise BadInput("KLV-003", item=_WHAT, value=value)
    return value.to_bytes(length, "big")


FLOAT: Final[_Element] = (_read_float, _write_float)
UINT: Final[_Element] = (lambda data: int.from_bytes(data, "big"), _write_uint)


def read(data: bytes, element: _Element = UINT) -> MdArray:
    """The array in some bytes; `element` reads elements of the algorithms that do not say what they are.

    Raises:
        BadInput: KLV-005, lengths do not agree, more than a million elements, or an unknown algorithm.
    """
    (dimensions, *_), at = _numbers(data, 0, 1)
    if not 1 <= dimensions <= 16:
        raise BadInput("KLV-005", set=_WHAT)
    shape, at = _numbers(data, at, dimensions)
    (size, algorithm), at = _numbers(data, at, 2)
    count = math.prod(shape)
    if not 1 <= count <= MAX_ELEMENTS or algorithm not in _READERS:
        raise BadInput("KLV-005", set=_WHAT)
    if size == 0:
        if at != len(data):
            raise BadInput("KLV-005", set=_WHAT)
        return MdArray(shape, 0, algorithm)
    return _READERS[algorithm](data[at:], shape, size, element)


def _numbers(data: bytes, at: int, count: int) -> tuple[tuple[int, ...], int]:
    out = []
    for _ in range(count):
        number, at = series.oid(data, at, _WHAT)
        out.append(number)
    return tuple(out), at


def _cut(data: bytes, shape: tuple[int, ...], size: int) -> list[bytes]:
    """Elements of `size` bytes; the bytes must be exactly theirs."""
    if len(data) != math.prod(shape) * size:
        raise BadInput("KLV-005", set=_WHAT)
    return [data[place : place + size] for place in range(0, len(data), size)]


def _read_natural(data: bytes, shape: tuple[int, ...], size: int, element: _Element) -> MdArray:
    values = tuple(element[0](part) for part in _cut(data, shape, size))
    return MdArray(shape, size, NATURAL, values)


def _read_mapped(data: bytes, shape: tuple[int, ...], size: int, _element: _Element) -> MdArray:
    head = len(data) - math.prod(shape) * size
    if head not in _BOUNDS or size > imapb.MAX_LENGTH:
        raise BadInput("KLV-005", set=_WHAT)
    low, high = struct.unpack_from(_BOUNDS[head], data)
    read_one = imapb.decoder(low, high, size)
    values = tuple(read_one(int.from_bytes(part, "big")) for part in _cut(data[head:], shape, size))
    return MdArray(shape, size, MAPPED, values, (low, high), head)


def _read_boolean(data: bytes, shape: tuple[int, ...], size: int, _element: _Element) -> MdArray:
    count = math.prod(shape)
    if len(data) != (count + 7) // 8:
        raise BadInput("KLV-005", set=_WHAT)
    values = tuple(bool(data[place // 8] >> 7 - place % 8 & 1) for place in range(count))
    return MdArray(shape, size, BOOLEAN, values)


def _read_biased(data: bytes, shape: tuple[int, ...], size: int, _element: _Element) -> MdArray:
    if math.prod(shape) > len(data):
        raise BadInput("KLV-005", set=_WHAT)
    (bias, *values), at = _numbers(data, 0, 1 + math.prod(shape))
    if at != len(data):
        raise BadInput("KLV-005", set=_WHAT)
    return MdArray(shape, size, BIASED, tuple(value + bias for value in values), bias=bias)


def _read_runs(data: bytes, shape: tuple[int, ...], size: int, element: _Element) -> MdArray:
    if len(data) < size:
        raise BadInput("KLV-005", set=_WHAT)
    default, at, patches = element[0](data[:size]), size, []
    while at < len(data):
        value = element[0](data[at : at + size])
        numbers, at = _numbers(data, at + size, 2 * len(shape))
        patches.append(Patch(value, numbers[: len(shape)], numbers[len(shape) :]))
    return MdArray(shape, size, RUNS, default=default, patches=tuple(patches))


_READERS: Final = {
    NATURAL: _read_natural,
    MAPPED: _read_mapped,
    BOOLEAN: _read_boolean,
    BIASED: _read_biased,
    RUNS: _read_runs,
}


def write(array: MdArray, element: _Element = UINT) -> bytes:
    """The bytes of an array.

    Raises:
        BadInput: KLV-002 or KLV-003, a value does not fit.
    """
    numbers = (len(array.shape), *array.shape, array.element_bytes, array.algorithm)
    head = b"".join(ber.write_oid(number) for number in numbers)
    return head + (_body(array, element) if array.element_bytes else b"")


def _body(array: MdArray, element: _Element) -> bytes:
    size = array.element_bytes
    if array.algorithm == MAPPED:
        return _mapped_body(array)
    if array.algorithm == BOOLEAN:
        return _boolean_body(array)
    if array.algorithm == BIASED:
        return b"".join(ber.write_oid(number) for number in _unbiased(array))
    if array.algorithm == RUNS:
        return element[1](array.default, size) + b"".join(
            element[1](patch.value, size) + b"".join(map(ber.write_oid, (*patch.start, *patch.size)))
            for patch in array.patches
        )
    return b"".join(element[1](value, size) for value in array.values)


def _mapped_body(array: MdArray) -> bytes:
    if array.bounds is None:
        raise BadInput("KLV-003", item=_WHAT, value=None)
    low, high = array.bounds
    out = bytearray(struct.pack(_BOUNDS[array.bounds_bytes], low, high))
    for value in array.values:
        if isinstance(value, Special):
            out += value.raw
        elif isinstance(value, (int, float)):
            out += imapb.encode(value, low, high, array.element_bytes, _WHAT)
        else:
            raise BadInput("KLV-003", item=_WHAT, value=value)
    return bytes(out)


def _boolean_body(array: MdArray) -> bytes:
    out = bytearray((len(array.values) + 7) // 8)
    for place, value in enumerate(array.values):
        out[place // 8] |= bool(value) << 7 - place % 8
    return bytes(out)


def _unbiased(array: MdArray) -> list[int]:
    return [array.bias, *(value - array.bias for value in array.values if isinstance(value, int))]


def nested(element: _Element) -> Nested:
    """An item that is an array of such elements."""

    def read_item(data: bytes) -> MdArray:
        return read(data, element)

    def write_item(value: object, _length: int) -> bytes:
        if not isinstance(value, MdArray):
            raise BadInput("KLV-003", item=_WHAT, value=value)
        return write(value, element)

    return Nested(read_item, write_item)
