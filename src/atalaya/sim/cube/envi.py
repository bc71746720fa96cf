"""ENVI rasters: plain numbers, interleaved by line, and a header of text beside them.

The header's keys are those of ENVI (NV5, "ENVI Header Files") that `spectral`, GDAL and QGIS read. Numbers
are little endian.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput

_TYPES = {"uint8": 1, "float32": 4, "float64": 5, "uint16": 12}

HeaderValue = str | int | float | tuple[str, ...] | tuple[float, ...]


class EnviWriter:
    """A raster written line by line; the header follows when all of it is there.

    Args:
        stem: path without suffix; `.img` and `.hdr` are added.
        columns, bands: of it. kind: "uint8", "uint16", "float32" or "float64".
        header: more keys and their values, in order.

    Raises:
        BadInput: CUB-006, it cannot be written.
    """

    def __init__(
        self, stem: Path, columns: int, bands: int, kind: str, header: Mapping[str, HeaderValue]
    ) -> None:
        self.path = stem.with_name(stem.name + ".img")
        self._header_path = stem.with_name(stem.name + ".hdr")
        self._columns, self._bands, self._kind = columns, bands, np.dtype(kind).newbyteorder("<")
        self._header, self._type = dict(header), _TYPES[kind]
        self.lines = 0
        try:
            # what an older header says of the numbers no longer holds
            self._header_path.unlink(missing_ok=True)
            self._stream: BinaryIO = self.path.open("wb")
        except OSError as error:
            raise BadInput("CUB-006", where=str(self.path), detail=error.strerror or str(error)) from error

    def write(self, lines: NDArray[np.generic]) -> None:
        """Append (l, bands, columns) lines.

        Raises:
            BadInput: CUB-006, it cannot be written.
        """
        try:
            self._stream.write(np.ascontiguousarray(lines, self._kind).data)
        except OSError as error:
            raise BadInput("CUB-006", where=str(self.path), detail=error.strerror or str(error)) from error
        self.lines += len(lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        if error is None:
            self._header_path.write_text(self._text(), encoding="ascii", errors="replace", newline="\n")

    def _text(self) -> str:
        first: dict[str, HeaderValue] = {
            "samples": self._columns,
            "lines": self.lines,
            "bands": self._bands,
            "header offset": 0,
            "file type": "ENVI Standard",
            "data type": self._type,
            "interleave": "bil",
            "byte order": 0,
        }
        rows = [f"{key} = {_shown(value)}" for key, value in {**first, **self._header}.items()]
        return "\n".join(["ENVI", *rows, ""])


def _shown(value: HeaderValue) -> str:
    if isinstance(value, tuple):
        return "{" + ", ".join(_plain(part) for part in value) + "}"
    return _plain(value)


def _plain(value: str | float) -> str:
    if isinstance(value, str):
        # braces, commas and line ends mean something in a header
        return "".join(" " if c in "{},\r\n=" else c for c in value)
    return f"{value:.10g}"
