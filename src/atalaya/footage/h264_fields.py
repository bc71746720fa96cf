"""Tell H.264 field pictures from frames, from the sequence parameter set and the first slice header only.

FFmpeg hands out field-coded H.264 one field per packet; two packets then make one frame. H.265 and MPEG-2
need nothing of the kind: each of their packets is one picture.
"""

from dataclasses import dataclass

from atalaya.footage.sei import unit_starts
from atalaya.klv.st0604 import unescaped

_SPS, _SLICES = 7, (1, 5)
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_HEAD = 4096


class _Bits:
    """Big-endian bit reader (H.264 section 7.2); reading past the end gives zeros."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left >= 0:
            return (self._value >> self._left) & ((1 << count) - 1)
        return 0

    def ue(self) -> int:
        """Unsigned exp-Golomb code (H.264 section 9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32 or self._left <= 0:
                return 0
        return (1 << zeros) - 1 + self.take(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """What the slice header needs of a sequence parameter set."""

    frame_num_bits: int
    separate_planes: bool
    frames_only: bool


@dataclass(frozen=True, slots=True)
class FieldPicture:
    """One field: which half, and the number it shares with the other half."""

    bottom: bool
    frame_num: int


def parse_sequence_set(unit: bytes) -> SequenceSet:
    """Read a sequence parameter set (H.264 section 7.3.2.1.1), header byte included."""
    bits = _Bits(unescaped(unit))
    bits.take(8)
    profile = bits.take(8)
    bits.take(16)
    bits.ue()
    separate = False
    if profile in _HIGH_PROFILES:
        separate = _skip_high_profile(bits)
    frame_num_bits = bits.ue() + 4
    order_type = bits.ue()
    if order_type == 0:
        bits.ue()
    elif order_type == 1:
        bits.take(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()
    bits.ue()
    bits.take(1)
    bits.ue()
    bits.ue()
    return SequenceSet(frame_num_bits, separate, bool(bits.take(1)))


def _skip_high_profile(bits: _Bits) -> bool:
    chroma = bits.ue()
    separate = chroma == 3 and bool(bits.take(1))
    bits.ue()
    bits.ue()
    bits.take(1)
    if bits.take(1):
        for number in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if number < 6 else 64)
    return separate


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


class FieldReader:
    """Reads field pictures from packets in decode order, keeping the sequence parameter set in force.

    Args:
        extradata: the codec's out-of-band parameter sets, Annex B or an `avcC` record.
    """

    def __init__(self, extradata: bytes) -> None:
        self.length_bytes = prefix_bytes("h264", extradata)
        self._sequence: SequenceSet | None = None
        if self.length_bytes and len(extradata) > 8:
            size = int.from_bytes(extradata[6:8], "big")
            self._sequence = parse_sequence_set(extradata[8 : 8 + size])
        else:
            self._adopt(extradata, unit_starts(extradata, 0))

    def read(self, view: memoryview, key: bool) -> FieldPicture | None:
        """The field picture in a packet; None where it holds a whole frame (or nothing readable)."""
        if not key and (self._sequence is None or self._sequence.frames_only):
            return None
        head = bytes(view[:_HEAD])
        units = unit_starts(head, self.length_bytes)
        if key:
            self._adopt(head, units)
        sequence = self._sequence
        if sequence is None or sequence.frames_only:
            return None
        first = next((unit for unit in units if head[unit] & 0x1F in _SLICES), None)
        return None if first is None else _field(head[first : first + 32], sequence)

    def _adopt(self, data: bytes, units: list[int]) -> None:
        for unit in units:
            if data[unit] & 0x1F == _SPS:
                self._sequence = parse_sequence_set(data[unit : unit + 512])


def _field(unit: bytes, sequence: SequenceSet) -> FieldPicture | None:
    bits = _Bits(unescaped(unit[1:]))
    bits.ue()
    bits.ue()
    bits.ue()
    if sequence.separate_planes:
        bits.take(2)
    number = bits.take(sequence.frame_num_bits)
    if not bits.take(1):
        return None
    return FieldPicture(bool(bits.take(1)), number)


def prefix_bytes(codec: str, extradata: bytes) -> int:
    """Bytes of the length before each unit: 1-4 for `avcC`/`hvcC` streams (MP4), 0 for Annex B (MPEG-TS)."""
    if not extradata or extradata[0] != 1:
        return 0
    if codec == "h264" and len(extradata) > 4:
        return (extradata[4] & 3) + 1
    if codec == "hevc" and len(extradata) > 21:
        return (extradata[21] & 3) + 1
    return 0
