"""One entry for all files of tracks: recognise the format by its content, read it, split it by aircraft."""

import gzip
import io
import shutil
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from atalaya.base.errors import BadInput, NotFound
from atalaya.base.hashing import sha256_file
from atalaya.earth.track.adsb_json import read_adsb_json
from atalaya.earth.track.collector import Collector
from atalaya.earth.track.csv_table import read_csv
from atalaya.earth.track.gpx import read_gpx
from atalaya.earth.track.mavlink_log import read_mavlink
from atalaya.earth.track.parquet_table import read_parquet
from atalaya.earth.track.track import Track

GZIP = b"\x1f\x8b"
DATAFLASH = b"\xa3\x95"
MAVLINK = (0xFE, 0xFD)
"""First byte of a MAVLink 1 or 2 packet; eight bytes of time stand before it in a .tlog."""

LARGEST = 64 << 30
"""Bytes after unpacking at which a file is refused: no log of flights is that large, a gzip bomb is."""


def read_tracks(path: Path | str, *, aircraft: str | None = None, utc: bool = False) -> list[Track]:
    """The tracks in a file: CSV, ADS-B JSON (four shapes), GPX, Parquet, MAVLink .tlog, ArduPilot .bin;
    also .gz.

    Args:
        path: the file.
        aircraft: give only this one (its address, tail or a call sign, any letter case).
        utc: times written without a zone are UTC.

    Returns:
        One track per aircraft, each in order of time, in the order of first appearance.

    Raises:
        NotFound: TRK-020, no such file; TRK-021, no such aircraft in it.
        BadInput: TRK-002..TRK-009, TRK-015 as the file deserves.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound("TRK-020", where=str(path))
    try:
        tracks = _read(path, utc=utc)
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise BadInput("TRK-007", where=path.name, detail=str(error)[:120]) from error
    if aircraft is None:
        return tracks
    wanted = aircraft.casefold()
    chosen = [
        track
        for track in tracks
        if wanted in {name.casefold() for name in (track.aircraft, *track.callsigns)}
    ]
    if not chosen:
        known = ", ".join(track.aircraft for track in tracks[:12])
        raise NotFound("TRK-021", where=path.name, wanted=aircraft, known=known)
    return chosen


def _read(path: Path, *, utc: bool) -> list[Track]:
    open_bytes = _opener(path)
    with open_bytes() as stream:
        head = stream.read(4096)
    kind = _format(head, path)
    collector = Collector(path.name, sha256_file(path), kind)
    if kind in ("parquet", "mavlink"):
        _read_seekable(path, kind, collector, open_bytes)
    elif kind == "gpx":
        with open_bytes() as stream:
            read_gpx(stream, collector)
    else:

        def open_text() -> IO[str]:
            return io.TextIOWrapper(open_bytes(), encoding="utf-8-sig", errors="replace", newline=None)

        if kind == "json":
            read_adsb_json(open_text, collector)
        else:
            read_csv(open_text, open_bytes, collector, utc=utc)
    return collector.tracks()


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    with path.open("rb") as stream:
        packed = stream.read(2) == GZIP
    if not packed:
        return lambda: path.open("rb")
    return lambda: io.BufferedReader(_Unpacked(path), 1 << 20)


class _Unpacked(io.RawIOBase):
    """The content of a .gz file, up to `LARGEST` bytes."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._packed = gzip.GzipFile(path, "rb")
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._packed.read(len(buffer))
        self._count += len(data)
        if self._count > LARGEST:
            raise BadInput("TRK-008", where=self._name, limit=f"{LARGEST >> 30} GB")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._packed.close()
        super().close()


def _format(head: bytes, path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"PAR1"):
        return "parquet"
    if (
        head.startswith(DATAFLASH)
        or name.endswith(".tlog")
        or (len(head) > 8 and head[8] in MAVLINK and 0 in head[:8])
    ):
        return "mavlink"
    if text[:1] in (b"[", b"{"):
        return "json"
    if text.startswith(b"<"):
        return "gpx"
    if not head or b"\0" in head:
        raise BadInput("TRK-009", where=path.name)
    return "csv"


def _read_seekable(path: Path, kind: str, collector: Collector, open_bytes: Callable[[], IO[bytes]]) -> None:
    """Formats read from their end or by name: a packed one is unpacked beside the others that are
    temporary."""
    onboard = ".bin" if path.name.lower().removesuffix(".gz").endswith(".bin") else ".tlog"
    with path.open("rb") as stream:
        packed = stream.read(2) == GZIP
    read = read_parquet if kind == "parquet" else read_mavlink
    if not packed and (kind == "parquet" or path.suffix.lower() == onboard):
        read(path, collector)
        return
    with tempfile.TemporaryDirectory(prefix="atalaya-") as folder:
        copy = Path(folder) / f"track{onboard}"
        with open_bytes() as stream, copy.open("wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)
        read(copy, collector)
