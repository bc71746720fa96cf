"""What an MPEG transport stream declares of itself: programme tables (ISO/IEC 13818-1 section 2.4.4)."""

from collections.abc import Iterator
from dataclasses import dataclass

SYNC = 0x47
STRIDES = (188, 192, 204)
_KLVA = b"KLVA"
_REGISTRATION, _METADATA = 0x05, 0x26


@dataclass(frozen=True, slots=True)
class Declared:
    """One elementary stream of a programme map.

    Args:
        pid: packet identifier.
        programme: number of its programme.
        stream_type: 0x06 private, 0x15 metadata in PES, 0x1B H.264 ...
        klva: whether a registration or metadata descriptor names KLVA.
    """

    pid: int
    programme: int
    stream_type: int
    klva: bool


def packet_stride(head: bytes) -> tuple[int, int] | None:
    """(offset of the first packet, bytes per packet) of a transport stream, None if these bytes are none."""
    for start in range(min(len(head), 4096)):
        if head[start] != SYNC:
            continue
        for stride in STRIDES:
            places = range(start, min(len(head), start + 8 * stride), stride)
            short = start == 0 and len(head) < 5 * stride
            if (len(places) >= 4 or short) and all(head[place] == SYNC for place in places):
                return start, stride
    return None


def declared_streams(head: bytes) -> dict[int, Declared]:
    """The elementary streams that the first programme tables in `head` declare, by PID."""
    found = packet_stride(head)
    if found is None:
        return {}
    maps: dict[int, int] = {}
    streams: dict[int, Declared] = {}
    for pid, section in _sections(head, *found, {0}):
        if pid == 0 and section[0] == 0x00 and not maps:
            maps = dict(_associations(section))
            break
    for pid, section in _sections(head, *found, set(maps)):
        if section[0] == 0x02 and pid in maps:
            for entry in _map_entries(section, maps.pop(pid)):
                streams.setdefault(entry.pid, entry)
        if not maps:
            break
    return streams


def _sections(head: bytes, start: int, stride: int, pids: set[int]) -> Iterator[tuple[int, bytes]]:
    """Whole table sections of some PIDs, in order."""
    partial: dict[int, bytearray] = {}
    for place in range(start, len(head) - 187, stride):
        packet = head[place : place + 188]
        pid = int.from_bytes(packet[1:3], "big") & 0x1FFF
        if packet[0] != SYNC or pid not in pids or not packet[3] & 0x10:
            continue
        payload = packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]
        if packet[1] & 0x40:
            partial[pid] = bytearray(payload[1 + payload[0] :]) if payload else bytearray()
        elif pid in partial:
            partial[pid] += payload
        section = partial.get(pid, b"")
        if len(section) >= 3:
            size = 3 + (int.from_bytes(section[1:3], "big") & 0x0FFF)
            if len(section) >= size >= 12:
                yield pid, bytes(section[:size])
                del partial[pid]


def _associations(section: bytes) -> Iterator[tuple[int, int]]:
    for place in range(8, len(section) - 7, 4):
        programme = int.from_bytes(section[place : place + 2], "big")
        if programme:
            yield int.from_bytes(section[place + 2 : place + 4], "big") & 0x1FFF, programme


def _map_entries(section: bytes, programme: int) -> Iterator[Declared]:
    place = 12 + (int.from_bytes(section[10:12], "big") & 0x0FFF)
    while place + 5 <= len(section) - 4:
        size = int.from_bytes(section[place + 3 : place + 5], "big") & 0x0FFF
        pid = int.from_bytes(section[place + 1 : place + 3], "big") & 0x1FFF
        descriptors = section[place + 5 : place + 5 + size]
        yield Declared(pid, programme, section[place], _names_klva(descriptors))
        place += 5 + size


def _names_klva(descriptors: bytes) -> bool:
    place = 0
    while place + 2 <= len(descriptors):
        tag, size = descriptors[place], descriptors[place + 1]
        body = descriptors[place + 2 : place + 2 + size]
        if tag in (_REGISTRATION, _METADATA) and _KLVA in body:
            return True
        place += 2 + size
    return False
