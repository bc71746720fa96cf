"""Series of elements that each carry a BER length, as the packs of ST 0601 and ST 0903 are built."""

from collections.abc import Iterable

from atalaya.base.errors import BadInput
from atalaya.klv import ber
from atalaya.klv.localset import LocalSet
from atalaya.klv.table import Nested, Table


def split(data: bytes, what: str) -> list[bytes]:
    """The elements of a series.

    Raises:
        BadInput: KLV-005, an element is cut off.
    """
    parts, position, end = [], 0, len(data)
    while position < end:
        length = ber.read_length(data, position, end)
        if length is None or length[1] + length[0] > end:
            raise BadInput("KLV-005", set=what)
        position = length[1] + length[0]
        parts.append(data[length[1] : position])
    return parts


def join(parts: Iterable[bytes]) -> bytes:
    """A series of elements, each behind its shortest BER length."""
    return b"".join(ber.write_length(len(part)) + part for part in parts)


def read_oids(data: bytes, what: str) -> tuple[int, ...]:
    """BER-OID numbers end to end.

    Raises:
        BadInput: KLV-005, the last is cut off.
    """
    numbers, position = [], 0
    while position < len(data):
        number, position = oid(data, position, what)
        numbers.append(number)
    return tuple(numbers)


def oid(data: bytes, position: int, what: str) -> tuple[int, int]:
    """BER-OID number at `position` and the index after it.

    Raises:
        BadInput: KLV-005, it is cut off.
    """
    found = ber.read_oid(data, position, len(data))
    if found is None:
        raise BadInput("KLV-005", set=what)
    return found


def nested_set(table: Table) -> Nested:
    """A nested local set read and written by its own table."""
    return Nested(table.read, write_set)


def nested_series(table: Table) -> Nested:
    """A series of local sets of one table: a tuple of `LocalSet`."""

    def read(data: bytes) -> tuple[LocalSet, ...]:
        return tuple(table.read(part) for part in split(data, table.name))

    def write(value: object, _length: int) -> bytes:
        if not isinstance(value, tuple):
            raise BadInput("KLV-003", item=table.name, value=value)
        return join(write_set(part, 0) for part in value)

    return Nested(read, write)


def write_set(value: object, _length: int) -> bytes:
    """The bytes of a local set, every item encoded from its value.

    Raises:
        BadInput: KLV-003, the value is no local set.
    """
    if not isinstance(value, LocalSet):
        raise BadInput("KLV-003", item="local set", value=value)
    return value.to_bytes(keep_raw=False)
