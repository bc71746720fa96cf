"""CSV of fixes: our own columns or common synonyms, comma, semicolon or tab, ISO or counted times."""

import io
import zlib
from collections.abc import Callable
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.earth.track.collector import Collector
from atalaya.earth.track.dialects import Columns, columns_of
from atalaya.earth.track.rows import add_block, note_unclear

BLOCK_BYTES = 1 << 22
DELIMITERS = ",;\t|"
LONGEST_HEADER = 1 << 16


def read_csv(
    open_text: Callable[[], IO[str]], open_bytes: Callable[[], IO[bytes]], collector: Collector, *, utc: bool
) -> None:
    """Read one file into the collector; rows of another number of cells are counted and left out.

    Args:
        utc: ISO times without a zone are UTC.

    Raises:
        BadInput: TRK-003 or TRK-006 for its columns, TRK-005 for times without a zone, TRK-009 for what is
            no table.
    """
    with open_text() as stream:
        header = stream.readline(LONGEST_HEADER)
    delimiter = max(DELIMITERS, key=header.count)
    if not header.strip("\ufeff \r\n") or "\0" in header or delimiter not in header:
        raise BadInput("TRK-009", where=collector.source)
    names = [name.strip().strip('"') for name in header.strip("\ufeff\r\n").split(delimiter)]
    columns = columns_of(names, collector.source)
    note_unclear(columns, collector)
    with open_bytes() as raw, _Watched(raw) as watched:
        _read_blocks(watched, delimiter, names, columns, collector, utc=utc)
    if watched.last not in (b"\n", b"\r"):
        collector.notes.append(Finding("TRK-022", Severity.WARNING, 1, collector.source))


class _Watched(io.RawIOBase):
    """A stream whose last byte read is remembered."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.last = b"\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self.last = data[-1:] or self.last
        return len(data)


def _read_blocks(
    raw: io.RawIOBase, delimiter: str, names: list[str], columns: Columns, collector: Collector, *, utc: bool
) -> None:
    def skip(row: pa.csv.InvalidRow) -> str:
        collector.reject("CSV")
        return "skip"

    wanted = list(dict.fromkeys(columns.names.values()))
    unique = [name if names.index(name) == i else f"{name} {i}" for i, name in enumerate(names)]
    try:
        reader = pa.csv.open_csv(
            raw,
            read_options=pa.csv.ReadOptions(
                block_size=BLOCK_BYTES, skip_rows=1, column_names=unique, encoding="latin1", use_threads=False
            ),
            parse_options=pa.csv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip),
            convert_options=pa.csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.binary()),
                strings_can_be_null=False,
            ),
        )
        for batch in reader:
            block = {
                name: [
                    _text(
                        value,
                        delimiter,
                        words=name in (columns.names.get("aircraft"), columns.names.get("callsign")),
                    )
                    for value in batch.column(place).to_pylist()
                ]
                for place, name in enumerate(wanted)
            }
            add_block(block, columns, collector, utc=utc)
    except (pa.ArrowInvalid, EOFError, OSError, zlib.error) as error:
        if not collector.filled:
            raise BadInput("TRK-007", where=collector.source, detail=str(error)[:120]) from error
        collector.reject("CSV")


def _text(value: bytes, delimiter: str, *, words: bool) -> str:
    """A cell; in tables with semicolons a comma is a decimal sign."""
    text = value.decode().strip()
    if words and not text.isascii():  # read byte by byte, so that no stray byte stops the table
        text = text.encode("latin-1", "replace").decode("utf-8", "replace")
    return text.replace(",", ".") if delimiter == ";" and not words and text.count(",") == 1 else text
