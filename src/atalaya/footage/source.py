"""What a path or address is, told from its content: a recording, bare KLV, a photograph, or none of ours."""

import re
from enum import StrEnum
from pathlib import Path

from atalaya.base.errors import BadInput, NotFound
from atalaya.footage.mpegts import packet_stride

HEAD_BYTES = 1 << 20
"""Bytes read from the start of a file to tell what it is and what it declares."""

_ADDRESS = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_LIVE = frozenset({"udp", "rtp", "rtsp"})
_LABEL = b"\x06\x0e\x2b\x34"
_MXF = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"
_KLV_WITHIN = 1 << 16


class Source(StrEnum):
    """Kinds of input."""

    TRANSPORT_STREAM = "mpegts"
    MOVIE = "movie"
    """Any other container that FFmpeg reads: MP4, MOV, Matroska, MXF ..."""
    KLV = "klv"
    STILL = "still"
    ADDRESS = "address"


def address_scheme(source: str | Path) -> str | None:
    """`udp`, `rtp` or `rtsp` of a live address, None for a path.

    Raises:
        BadInput: FTG-008, an address of another protocol.
    """
    found = _ADDRESS.match(str(source)) if isinstance(source, str) else None
    if found is None or found[1].lower() == "file":
        return None
    scheme = found[1].lower()
    if scheme not in _LIVE:
        raise BadInput("FTG-008", where=str(source), scheme=scheme)
    return scheme


def local_path(source: str | Path) -> Path:
    """The file behind a path or `file://` address.

    Raises:
        NotFound: FTG-001, nothing is there.
        BadInput: FTG-002, it is a folder or device; FTG-003, it is empty; FTG-004, it cannot be read.
    """
    path = Path(str(source).removeprefix("file://"))
    if "\0" in str(path) or not path.exists():
        raise NotFound("FTG-001", where=repr(str(path))[1:-1])
    if not path.is_file():
        raise BadInput("FTG-002", where=str(path))
    if path.stat().st_size == 0:
        raise BadInput("FTG-003", where=str(path))
    return path


def file_head(path: Path, size: int = HEAD_BYTES) -> bytes:
    """The first bytes of a file.

    Raises:
        BadInput: FTG-004, it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError as error:
        raise BadInput("FTG-004", where=str(path), reason=error.strerror or str(error)) from error


def kind_of(head: bytes) -> Source:
    """What a file is, from its first bytes; MOVIE where only FFmpeg can tell."""
    if head[:3] == b"\xff\xd8\xff" or head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return Source.STILL
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip") or _MXF in head[:_KLV_WITHIN]:
        return Source.MOVIE
    if head.startswith(_LABEL):
        return Source.KLV
    if packet_stride(head) is not None:
        return Source.TRANSPORT_STREAM
    if _LABEL in head[:_KLV_WITHIN]:
        return Source.KLV
    return Source.MOVIE
