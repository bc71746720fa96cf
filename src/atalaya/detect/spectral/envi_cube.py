"""ENVI cubes, read by blocks of lines: what is not asked for is never in memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.detect.spectral.envi_header import EnviHeader, read_header
from atalaya.detect.tile import Bands

_SUFFIXES = ("", ".img", ".dat", ".bil", ".bip", ".bsq", ".raw", ".bin", ".cube")
_ALWAYS = (".img", ".bil", ".bip", ".bsq")


@dataclass(frozen=True, slots=True, eq=False)
class EnviCube:
    """A cube on disk.

    Args:
        data, header_path: its files. header: what the second says of the first.
        findings: what to know of it.
    """

    data: Path
    header_path: Path
    header: EnviHeader
    findings: tuple[Finding, ...] = ()

    @property
    def kept(self) -> NDArray[np.intp]:
        """Numbers of the bands that are used: those the bad band list does not leave out."""
        return np.flatnonzero(self.header.good)

    def bands(self) -> Bands | None:
        """Middles and widths of the bands used; None where the header states no wavelengths."""
        middle, width = self.header.wavelength_nm, self.header.fwhm_nm
        return None if middle is None or width is None else Bands(middle[self.kept], width[self.kept])

    def block(self, first: int, after: int) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
        """Values of some lines in the bands used, and where there are data.

        Args:
            first, after: lines, half-open.

        Returns:
            (lines, columns, bands) in the type of the file, float32 where numbers are scaled; and
            (lines, columns) False where a pixel has the value that means nothing, or one that is no number.

        Raises:
            BadInput: DET-024, the file ends before. OSError: it cannot be read.
        """
        numbers = self._numbers(first, after)
        head, kept = self.header, self.kept
        valid = np.ones(numbers.shape[:2], np.bool_)
        if head.ignore is not None and len(kept):
            nothing = numbers == head.ignore
            # zero may be a true value of one band; of all bands it is none
            valid &= ~(nothing.all(axis=2) if head.ignore == 0.0 else nothing.any(axis=2))
        if head.scaled:
            with np.errstate(over="ignore", invalid="ignore"):
                numbers = (numbers.astype(np.float64) * head.gain[kept] + head.added[kept]).astype(np.float32)
        if numbers.dtype.kind == "f":
            valid &= np.isfinite(numbers).all(axis=2)
        return numbers, valid

    def _numbers(self, first: int, after: int) -> NDArray[np.generic]:
        """(lines, columns, bands used) as they are, in the byte order of this machine."""
        head, kept = self.header, self.kept
        native = head.kind.newbyteorder("=")
        out = np.empty((after - first, head.columns, len(kept)), native)
        with self.data.open("rb") as stream:
            if head.interleave == "bsq":
                for n, band in enumerate(kept):
                    start = (int(band) * head.lines + first) * head.columns
                    out[:, :, n] = self._read(stream, start, out.shape[:2])
                return out
            turned = head.interleave == "bil"
            shape = (head.bands, head.columns) if turned else (head.columns, head.bands)
            for n in range(first, after):
                line = self._read(stream, n * head.columns * head.bands, shape)
                out[n - first] = (line.T if turned else line)[:, kept]
        return out

    def _read(self, stream: BinaryIO, start: int, shape: tuple[int, ...]) -> NDArray[np.generic]:
        item = self.header.kind.itemsize
        count = int(np.prod(shape))
        stream.seek(self.header.offset + start * item)
        raw = stream.read(count * item)
        if len(raw) < count * item:
            raise _short(self.data, self.header)
        return np.frombuffer(raw, self.header.kind).reshape(shape)


def cube_files(path: Path) -> tuple[Path, Path] | None:
    """The data file and the header of a cube, one of which is named; None where it is no cube.

    Raises:
        BadInput: DET-025, one of the two is missing.
    """
    if path.suffix.lower() == ".hdr":
        if not _is_header(path):
            return None
        stem = path.with_suffix("")
        found = [each for suffix in _SUFFIXES if (each := stem.with_name(stem.name + suffix)).is_file()]
        if not found:
            raise BadInput("DET-025", where=str(path))
        return found[0], path
    for header in (path.with_suffix(".hdr"), path.with_name(path.name + ".hdr")):
        if _is_header(header):
            return path, header
    if path.suffix.lower() in _ALWAYS:  # other suffixes may be of recordings
        raise BadInput("DET-025", where=str(path))
    return None


def _is_header(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == b"ENVI"


def open_cube(data: Path, header_path: Path) -> EnviCube:
    """A cube, whose header and file agree.

    Raises:
        BadInput: DET-023 the header cannot be used; DET-024 the file is shorter than it says; DET-026 the
            bad band list leaves no three bands. OSError: one cannot be read.
    """
    header = read_header(header_path)
    length, need = data.stat().st_size, header.offset + header.size
    if length < need:
        raise _short(data, header)
    if int(header.good.sum()) < 3:
        raise BadInput("DET-026", where=str(header_path), bands=int(header.good.sum()))
    findings: tuple[Finding, ...] = ()
    if length > need:
        findings = (Finding("DET-027", Severity.WARNING, details={"more": length - need}),)
    return EnviCube(data, header_path, header, findings)


def _short(data: Path, header: EnviHeader) -> BadInput:
    need = header.offset + header.size
    return BadInput("DET-024", where=str(data), found=data.stat().st_size, need=need)
