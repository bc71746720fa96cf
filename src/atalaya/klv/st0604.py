"""ST 0604: time stamps inside compressed video (SEI of H.264 and H.265, user data of MPEG-2).

A stamp is a 16-byte identifier, a status byte (ST 0603), and 64 bits of time in four pairs of bytes parted
by FF, so that no start code can arise:

    4D49 5350 6D69 6372 6F73 6563 7469 6D65  1F  0004 FF C39D FF 51A8 FF 2B20
    "MISPmicrosectime"                  status   1340980354100000 microseconds
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Codec = Literal["h264", "hevc", "mpeg2video"]

MICROSECONDS_ID = b"MISPmicrosectime"
"""H.262 and H.264, microseconds (ST 0604.6 section 7)."""
HEVC_MICROSECONDS_ID = bytes.fromhex("a8687dd4d7593758a5cef0338b6545f1")
HEVC_NANOSECONDS_ID = bytes.fromhex("cf848278ee23306c9265e8fef22fb8b8")
IDENTIFIERS = (MICROSECONDS_ID, HEVC_MICROSECONDS_ID, HEVC_NANOSECONDS_ID)

ID_BYTES = 16
STAMP_BYTES = 28
LOCKED = 0x1F
"""Status of a locked clock without a jump: the five low bits are always one."""

_NOT_LOCKED, _JUMP, _REVERSE = 0x80, 0x40, 0x20
_MOST_US = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """One ST 0604 time stamp as it stands in the video.

    Args:
        value: the 64-bit count, microseconds or nanoseconds.
        status: the ST 0603 status byte.
        nanoseconds: whether `value` counts nanoseconds.
    """

    value: int
    status: int = LOCKED
    nanoseconds: bool = False

    @property
    def t_us(self) -> int:
        """Microseconds, at most 2^63 - 1; as the sender counts them, not checked against the calendar."""
        return min(self.value // 1000 if self.nanoseconds else self.value, _MOST_US)

    @property
    def well_formed(self) -> bool:
        """Whether the five reserved bits of the status byte are one, as ST 0603 wants."""
        return self.status & LOCKED == LOCKED

    @property
    def locked(self) -> bool:
        """Whether the sender's clock was locked to its reference."""
        return not self.status & _NOT_LOCKED

    @property
    def jumped(self) -> bool:
        """Whether the sender says that its clock jumped (forward, or back) since the last stamp."""
        return bool(self.status & _JUMP)


def status_byte(*, locked: bool = True, jumped: bool = False, backwards: bool = False) -> int:
    """The ST 0603 status byte; `backwards` counts only with `jumped`."""
    reverse = _REVERSE if jumped and backwards else 0
    return LOCKED | (0 if locked else _NOT_LOCKED) | (_JUMP if jumped else 0) | reverse


def parse_stamp(payload: bytes) -> TimeStamp | None:
    """Read a stamp from 28 bytes or more; None if the identifier or one of the three FF is not there."""
    if len(payload) < STAMP_BYTES or payload[:ID_BYTES] not in IDENTIFIERS:
        return None
    time = payload[ID_BYTES + 1 : STAMP_BYTES]
    if not time[2] == time[5] == time[8] == 0xFF:
        return None
    value = int.from_bytes(time[0:2] + time[3:5] + time[6:8] + time[9:11], "big")
    return TimeStamp(value, payload[ID_BYTES], payload[:ID_BYTES] == HEVC_NANOSECONDS_ID)


def make_stamp(stamp: TimeStamp, codec: Codec) -> bytes:
    """The 28 bytes of a stamp.

    Raises:
        ValueError: nanoseconds outside H.265, or a count that does not fit 64 bits.
    """
    if stamp.nanoseconds and codec != "hevc":
        raise ValueError("ST 0604 has nanosecond stamps for H.265 only")
    if not 0 <= stamp.value < 1 << 64:
        raise ValueError(f"time {stamp.value} does not fit 64 bits")
    identifier = MICROSECONDS_ID
    if codec == "hevc":
        identifier = HEVC_NANOSECONDS_ID if stamp.nanoseconds else HEVC_MICROSECONDS_ID
    raw = stamp.value.to_bytes(8, "big")
    return identifier + bytes((stamp.status,)) + b"\xff".join(raw[i : i + 2] for i in range(0, 8, 2))


def make_unit(stamp: TimeStamp, codec: Codec) -> bytes:
    """A stamp as a whole Annex B unit with start code: an SEI of H.264 or H.265, or MPEG-2 user data.

    Raises:
        ValueError: as `make_stamp`.
    """
    payload = make_stamp(stamp, codec)
    if codec == "mpeg2video":
        return b"\x00\x00\x01\xb2" + payload
    header = b"\x06" if codec == "h264" else b"\x4e\x01"
    return b"\x00\x00\x00\x01" + header + escaped(b"\x05" + bytes((len(payload),)) + payload + b"\x80")


def find_stamps(data: bytes) -> Iterator[TimeStamp]:
    """Every readable stamp in some video bytes, in order of their place.

    The identifiers hold no two zeros in a row, so emulation prevention cannot break them up and a plain
    search finds them; the bytes behind are freed of it (a status of 00 before a small count may bring it in).
    """
    places = sorted(place for identifier in IDENTIFIERS for place in _places(data, identifier))
    for place in places:
        chunk = data[place : place + STAMP_BYTES + 4]
        stamp = parse_stamp(chunk) or parse_stamp(unescaped(chunk))
        if stamp is not None:
            yield stamp


def _places(data: bytes, identifier: bytes) -> Iterator[int]:
    place = data.find(identifier)
    while place >= 0:
        yield place
        place = data.find(identifier, place + ID_BYTES)


def escaped(rbsp: bytes) -> bytes:
    """Bytes with emulation prevention (00 00 0x becomes 00 00 03 0x), H.264 section 7.4.1."""
    out = bytearray()
    zeros = 0
    for byte in rbsp:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def unescaped(unit: bytes) -> bytes:
    """Bytes without emulation prevention: every 00 00 03 becomes 00 00."""
    return unit.replace(b"\x00\x00\x03", b"\x00\x00")
