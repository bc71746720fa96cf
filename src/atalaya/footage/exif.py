"""The tags of a photograph: JPEG segments and TIFF directories, read without touching the pixels.

Every offset is checked against the bytes that are there: a damaged or hostile file loses the tags it hides,
no more. Follows JPEG (ITU-T T.81 annex B), TIFF 6.0 and EXIF 2.32.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

Value = int | float | str | bytes | tuple[float, ...]

MAKE, MODEL, XMP_TAG, EXIF_IFD, GPS_IFD = 0x010F, 0x0110, 0x02BC, 0x8769, 0x8825
WIDTH, HEIGHT = 0x0100, 0x0101
BODY_SERIAL = 0xA431

_EXIF_HEAD, _XMP_HEAD = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MOST_TAGS, _MOST_BYTES = 512, 1 << 16
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_CODES = {3: "H", 4: "I", 8: "h", 9: "i", 11: "f", 12: "d"}


@dataclass
class PhotoTags:
    """What a photograph says of itself; zero or empty where it does not.

    `main`, `exif` and `gps` map tag numbers to values; numbers are floats or tuples of them.
    """

    width: int = 0
    height: int = 0
    main: dict[int, Value] = field(default_factory=dict)
    exif: dict[int, Value] = field(default_factory=dict)
    gps: dict[int, Value] = field(default_factory=dict)
    xmp: bytes = b""


def read_tags(path: Path) -> PhotoTags:
    """Tags of a JPEG or TIFF file.

    Raises:
        OSError: the file cannot be read.
    """
    tags = PhotoTags()
    with path.open("rb") as stream:
        if stream.read(2) == b"\xff\xd8":
            _read_jpeg(stream, tags)
        else:
            _Tiff(stream, 0).into(tags)
            tags.width = _whole(tags.main.get(WIDTH))
            tags.height = _whole(tags.main.get(HEIGHT))
            packet = tags.main.get(XMP_TAG)
            tags.xmp = packet if isinstance(packet, bytes) else b""
    return tags


def _whole(value: Value | None) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _read_jpeg(stream: IO[bytes], tags: PhotoTags) -> None:
    while len(marker := stream.read(2)) == 2 and marker[0] == 0xFF:
        code = marker[1]
        if code == 0xFF:
            stream.seek(-1, 1)
            continue
        size = int.from_bytes(stream.read(2), "big")
        if code == 0xDA or size < 2:
            return
        start = stream.tell()
        if code == 0xE1:
            body = stream.read(size - 2)
            if body.startswith(_EXIF_HEAD):
                _Tiff(stream, start + len(_EXIF_HEAD), start + size - 2).into(tags)
            elif body.startswith(_XMP_HEAD):
                tags.xmp = body[len(_XMP_HEAD) :]
        elif code in _FRAME_MARKERS and len(body := stream.read(5)) == 5:
            tags.height, tags.width = struct.unpack(">HH", body[1:])
        stream.seek(start + size - 2)


class _Tiff:
    """Directories of a TIFF structure that begins at `base` and must not be read beyond `end`."""

    def __init__(self, stream: IO[bytes], base: int, end: int | None = None) -> None:
        self._stream = stream
        self._base = base
        self._end = stream.seek(0, 2) if end is None else end
        self._order = {b"II": "<", b"MM": ">"}.get(self._at(0, 2), "")

    def into(self, tags: PhotoTags) -> None:
        """Read the main, EXIF and GPS directories."""
        head = self._at(4, 4)
        if not self._order or len(head) < 4:
            return
        tags.main.update(self._directory(self._number(head)))
        for pointer, target in ((EXIF_IFD, tags.exif), (GPS_IFD, tags.gps)):
            place = tags.main.get(pointer)
            if isinstance(place, (int, float)):
                target.update(self._directory(int(place)))

    def _at(self, offset: int, size: int) -> bytes:
        start = self._base + offset
        if offset < 0 or size < 0 or start + size > self._end:
            return b""
        self._stream.seek(start)
        return self._stream.read(size)

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, "little" if self._order == "<" else "big")

    def _directory(self, offset: int) -> Iterator[tuple[int, Value]]:
        count = min(self._number(self._at(offset, 2)), _MOST_TAGS)
        for entry in range(count):
            raw = self._at(offset + 2 + 12 * entry, 12)
            if len(raw) < 12:
                return
            tag, kind = self._number(raw[:2]), self._number(raw[2:4])
            length = self._number(raw[4:8]) * _SIZES.get(kind, 0)
            if not 0 < length <= _MOST_BYTES:
                continue
            data = raw[8 : 8 + length] if length <= 4 else self._at(self._number(raw[8:12]), length)
            if len(data) == length:
                yield tag, self._value(kind, data)

    def _value(self, kind: int, data: bytes) -> Value:
        if kind == 2:
            return data.split(b"\0")[0].decode("utf-8", "replace").strip()
        if kind in (1, 6, 7):
            return data if len(data) > 1 else data[0]
        if kind in (5, 10):
            code = "I" if kind == 5 else "i"
            parts = struct.unpack(f"{self._order}{len(data) // 4}{code}", data)
            numbers = tuple(
                a / b if b else float("nan") for a, b in zip(parts[::2], parts[1::2], strict=True)
            )
        else:
            numbers = struct.unpack(f"{self._order}{len(data) // _SIZES[kind]}{_CODES[kind]}", data)
        return numbers[0] if len(numbers) == 1 else tuple(float(n) for n in numbers)
