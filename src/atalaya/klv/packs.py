"""The packs of ST 0601 that are neither sets nor numbers: commands, countries, payloads, rates.

Every `read_*` raises BadInput KLV-005 where the bytes are no such pack; every `write_*` KLV-002 or KLV-003.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeVar

from atalaya.base.errors import BadInput
from atalaya.klv import ber, imapb, series
from atalaya.klv.table import Nested
from atalaya.klv.values import UNKNOWN, Unknown

P = TypeVar("P")
TextOrUnknown = str | Unknown


def checked(kind: type[P], what: str, write: Callable[[P], bytes]) -> Callable[[object, int], bytes]:
    """A writer that takes a value of `kind` only."""

    def writer(value: object, _length: int) -> bytes:
        if not isinstance(value, kind):
            raise BadInput("KLV-003", item=what, value=value)
        return write(value)

    return writer


def text(data: bytes, what: str) -> str:
    """UTF-8 text.

    Raises:
        BadInput: KLV-005, it is not.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("KLV-005", set=what) from error


@dataclass(frozen=True, slots=True)
class FrameRate:
    """Item 127: frames per second as a ratio."""

    numerator: int
    denominator: int = 1

    @property
    def per_second(self) -> Fraction:
        """The exact rate."""
        return Fraction(self.numerator, self.denominator)


def read_frame_rate(data: bytes) -> FrameRate:
    """One or two BER-OID numbers."""
    numbers = series.read_oids(data, "item 127")
    if len(numbers) not in (1, 2) or numbers[-1] == 0:
        raise BadInput("KLV-005", set="item 127")
    return FrameRate(*numbers)


def _write_frame_rate(value: FrameRate) -> bytes:
    tail = ber.write_oid(value.denominator) if value.denominator != 1 else b""
    return ber.write_oid(value.numerator) + tail


@dataclass(frozen=True, slots=True)
class CountryCodes:
    """Item 122: coding method (as ST 0102 item 12) and three countries; None where the pack ends earlier."""

    coding_method: int
    overflight: TextOrUnknown
    operator: TextOrUnknown | None = None
    manufacture: TextOrUnknown | None = None


def read_country_codes(data: bytes) -> CountryCodes:
    """Two to four elements behind their BER lengths; an empty one is "unknown now"."""
    parts = series.split(data, "item 122")
    if not 2 <= len(parts) <= 4 or len(parts[0]) != 1:
        raise BadInput("KLV-005", set="item 122")
    words = [text(part, "item 122") if part else UNKNOWN for part in parts[1:]]
    return CountryCodes(parts[0][0], *words)


def _write_country_codes(value: CountryCodes) -> bytes:
    words = [value.overflight]
    for word in (value.operator, value.manufacture):
        if word is None:
            break
        words.append(word)
    parts = (word.encode() if isinstance(word, str) else b"" for word in words)
    return series.join((bytes((value.coding_method,)), *parts))


@dataclass(frozen=True, slots=True)
class ControlCommand:
    """Item 115: a command to the platform or sensor, with the time it was given where stated."""

    command_id: int
    command: str
    time_us: int | None = None


def read_control_command(data: bytes) -> ControlCommand:
    """BER-OID identifier, text behind its length, and optionally 8 bytes of time."""
    number, position = series.oid(data, 0, "item 115")
    length = ber.read_length(data, position, len(data))
    if length is None or len(data) - length[1] - length[0] not in (0, 8):
        raise BadInput("KLV-005", set="item 115")
    stop = length[1] + length[0]
    time = int.from_bytes(data[stop:], "big") if stop < len(data) else None
    return ControlCommand(number, text(data[length[1] : stop], "item 115"), time)


def _write_control_command(value: ControlCommand) -> bytes:
    time = b"" if value.time_us is None else value.time_us.to_bytes(8, "big")
    return ber.write_oid(value.command_id) + series.join((value.command.encode(),)) + time


@dataclass(frozen=True, slots=True)
class Numbers:
    """Items 116 and 121: identifiers, in order."""

    ids: tuple[int, ...]


def read_numbers(data: bytes) -> Numbers:
    """BER-OID numbers end to end."""
    return Numbers(series.read_oids(data, "identifier list"))


def _write_numbers(value: Numbers) -> bytes:
    return b"".join(ber.write_oid(number) for number in value.ids)


@dataclass(frozen=True, slots=True)
class BitList:
    """Item 139: numbers of the bits set, lowest bit of the first byte is 0; `length` is the pack's bytes."""

    ids: tuple[int, ...]
    length: int = 0


def read_bit_list(data: bytes) -> BitList:
    """One bit for each payload."""
    ids = tuple(8 * place + bit for place, octet in enumerate(data) for bit in range(8) if octet >> bit & 1)
    return BitList(ids, len(data))


def _write_bit_list(value: BitList) -> bytes:
    out = bytearray(max(value.length, max(value.ids, default=0) // 8 + 1))
    for number in value.ids:
        out[number // 8] |= 1 << number % 8
    return bytes(out)


@dataclass(frozen=True, slots=True)
class Payload:
    """One payload of item 138; types are 0 electro-optical, 1 lidar, 2 radar, 3 SIGINT, 4 SAR."""

    payload_id: int
    payload_type: int
    name: str


@dataclass(frozen=True, slots=True)
class Payloads:
    """Item 138: how many payloads there are, and the ones this pack describes."""

    count: int
    payloads: tuple[Payload, ...]


def read_payloads(data: bytes) -> Payloads:
    """A count, then records behind their lengths."""
    count, position = series.oid(data, 0, "item 138")
    return Payloads(count, tuple(_read_payload(part) for part in series.split(data[position:], "item 138")))


def _read_payload(data: bytes) -> Payload:
    number, position = series.oid(data, 0, "item 138")
    kind, position = series.oid(data, position, "item 138")
    names = series.split(data[position:], "item 138")
    if len(names) != 1:
        raise BadInput("KLV-005", set="item 138")
    return Payload(number, kind, text(names[0], "item 138"))


def _write_payloads(value: Payloads) -> bytes:
    records = (
        ber.write_oid(one.payload_id) + ber.write_oid(one.payload_type) + series.join((one.name.encode(),))
        for one in value.payloads
    )
    return ber.write_oid(value.count) + series.join(records)


@dataclass(frozen=True, slots=True)
class Wavelength:
    """One custom band of item 128, nanometres; a bound may be a `Special`."""

    wavelength_id: int
    minimum_nm: object
    maximum_nm: object
    name: str


_WAVELENGTH: Final = (0.0, 1e9)


def read_wavelengths(data: bytes) -> tuple[Wavelength, ...]:
    """Records behind their lengths."""
    return tuple(_read_wavelength(part) for part in series.split(data, "item 128"))


def _read_wavelength(data: bytes) -> Wavelength:
    number, at = series.oid(data, 0, "item 128")
    if len(data) < at + 8:
        raise BadInput("KLV-005", set="item 128")
    low, high = (imapb.decode(data[place : place + 4], *_WAVELENGTH) for place in (at, at + 4))
    return Wavelength(number, low, high, text(data[at + 8 :], "item 128"))


def write_imapb(value: object, low: float, high: float, length: int, what: str) -> bytes:
    """An IMAPB number or a `Special` as it was."""
    raw = getattr(value, "raw", None)
    if isinstance(raw, bytes):
        return raw
    if not isinstance(value, (int, float)):
        raise BadInput("KLV-003", item=what, value=value)
    return imapb.encode(value, low, high, length, what)


def _write_wavelengths(value: tuple[Wavelength, ...]) -> bytes:
    return series.join(
        ber.write_oid(one.wavelength_id)
        + write_imapb(one.minimum_nm, *_WAVELENGTH, 4, "item 128")
        + write_imapb(one.maximum_nm, *_WAVELENGTH, 4, "item 128")
        + one.name.encode()
        for one in value
    )


NESTED: Final = {
    "frame_rate": Nested(read_frame_rate, checked(FrameRate, "item 127", _write_frame_rate)),
    "country_codes": Nested(read_country_codes, checked(CountryCodes, "item 122", _write_country_codes)),
    "control_command": Nested(
        read_control_command, checked(ControlCommand, "item 115", _write_control_command)
    ),
    "oid_list": Nested(read_numbers, checked(Numbers, "identifier list", _write_numbers)),
    "bit_list": Nested(read_bit_list, checked(BitList, "item 139", _write_bit_list)),
    "payloads": Nested(read_payloads, checked(Payloads, "item 138", _write_payloads)),
    "wavelengths": Nested(read_wavelengths, checked(tuple, "item 128", _write_wavelengths)),
}
"""Readers and writers, by the `nested` name of the item table."""
