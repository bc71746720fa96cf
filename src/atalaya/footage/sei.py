"""Find the ST 0604 time stamp of a video packet without parsing its slices."""

from atalaya.klv.st0604 import IDENTIFIERS, TimeStamp, find_stamps

_HEAD = 2048
"""Bytes in which the parameter sets and messages before the first slice lie in almost every packet."""


def packet_stamp(view: memoryview, codec: str, length_bytes: int = 0) -> TimeStamp | None:
    """The first ST 0604 stamp of an access unit, None if it has none.

    Args:
        view: the packet's bytes, Annex B or length-prefixed.
        codec: "h264", "hevc" or "mpeg2video"; anything else has no stamps.
        length_bytes: bytes of each unit's length prefix (MP4), 0 for Annex B.
    """
    if codec not in _SLICE_STARTS:
        return None
    head = bytes(view[:_HEAD])
    stamp = _first(head)
    if stamp is None and len(view) > _HEAD and not _slice_begins(head, codec, length_bytes):
        stamp = _first(bytes(view))
    return stamp


def _first(data: bytes) -> TimeStamp | None:
    if not any(identifier in data for identifier in IDENTIFIERS):
        return None
    return next(find_stamps(data), None)


def _h264_slice(head: bytes, unit: int) -> bool:
    return 1 <= head[unit] & 0x1F <= 5


def _hevc_slice(head: bytes, unit: int) -> bool:
    return (head[unit] >> 1) & 0x3F <= 31


def _mpeg2_slice(head: bytes, unit: int) -> bool:
    return 0x01 <= head[unit] <= 0xAF


_SLICE_STARTS = {"h264": _h264_slice, "hevc": _hevc_slice, "mpeg2video": _mpeg2_slice}


def _slice_begins(head: bytes, codec: str, length_bytes: int) -> bool:
    """Whether a slice starts inside these first bytes: then no stamp can come later."""
    is_slice = _SLICE_STARTS[codec]
    return any(is_slice(head, unit) for unit in unit_starts(head, length_bytes))


def unit_starts(data: bytes, length_bytes: int) -> list[int]:
    """Offsets of the first byte (the header) of every unit that starts in `data`."""
    starts: list[int] = []
    if length_bytes:
        place = 0
        while place + length_bytes < len(data):
            starts.append(place + length_bytes)
            place += length_bytes + int.from_bytes(data[place : place + length_bytes], "big")
        return starts
    place = data.find(b"\x00\x00\x01")
    while 0 <= place < len(data) - 3:
        starts.append(place + 3)
        place = data.find(b"\x00\x00\x01", place + 3)
    return starts
