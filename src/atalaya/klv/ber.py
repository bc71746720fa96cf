"""BER lengths (ISO/IEC 8825-1 8.1.3) and BER-OID tags, read and written without losing non-minimal forms.

The readers are total: any bytes give a value or None, never an exception.
"""

from typing import Final

from atalaya.base.errors import BadInput

MAX_LENGTH_OCTETS: Final = 4
"""A long-form length with more octets than this is damage, not a packet of over 4 GiB."""

MAX_OID_OCTETS: Final = 9


def read_length(data: bytes, position: int, end: int) -> tuple[int, int] | None:
    """BER length at `position`: (length, index after it); None where it is cut off, indefinite or absurd.

    The length is not compared with what follows; the caller knows what "enough" means.
    """
    if position >= end:
        return None
    first = data[position]
    if first < 0x80:
        return first, position + 1
    octets = first & 0x7F
    stop = position + 1 + octets
    if not 1 <= octets <= MAX_LENGTH_OCTETS or stop > end:
        return None
    return int.from_bytes(data[position + 1 : stop], "big"), stop


def read_oid(data: bytes, position: int, end: int) -> tuple[int, int] | None:
    """BER-OID number at `position`: (value, index after it); None where it is cut off or too long."""
    value = 0
    for index in range(position, min(end, position + MAX_OID_OCTETS)):
        octet = data[index]
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            return value, index + 1
    return None


def write_length(length: int, octets: int = 0) -> bytes:
    """A BER length, shortest form; with `octets` the long form of that many octets after the first.

    Raises:
        BadInput: KLV-002, the length does not fit.
    """
    if octets == 0 and length < 0x80:
        return bytes((length,))
    needed = max(1, (length.bit_length() + 7) // 8)
    octets = octets or needed
    if needed > octets or octets > MAX_LENGTH_OCTETS:
        raise BadInput("KLV-002", item="BER length", value=length, low=0, high=(1 << 8 * octets) - 1)
    return bytes((0x80 | octets,)) + length.to_bytes(octets, "big")


def write_oid(value: int) -> bytes:
    """A BER-OID number, shortest form.

    Raises:
        BadInput: KLV-002, the number is negative or too large.
    """
    if not 0 <= value < 1 << 7 * MAX_OID_OCTETS:
        raise BadInput("KLV-002", item="BER-OID", value=value, low=0, high=(1 << 7 * MAX_OID_OCTETS) - 1)
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(value & 0x7F | 0x80)
    return bytes(reversed(octets))
