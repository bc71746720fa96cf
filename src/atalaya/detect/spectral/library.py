"""Signatures of materials: read from the user's files, brought to the bands of a sensor.

ENVI spectral libraries (`.sli` with `.hdr`, NV5 "ENVI Header Files") and tables of text: the first column
wavelengths in nanometres, a column per spectrum, names in the first row. Atalaya ships no spectra: what a
tarpaulin or a drum looks like must come from measurements the user trusts (USGS splib07, own spectrometer).
Signatures are kept per material: objects of one class differ in material, and no one filter leads for all.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.envi_header import TYPES, header_fields, words
from atalaya.detect.tile import Bands

Floats = NDArray[np.float64]

_MOST_BYTES = 256 << 20
_MOST_HEADER = 16 << 20
_SIGMAS_PER_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """One spectrum: (k,) wavelengths in nanometres, rising, and values in the file's unit."""

    name: str
    wavelength_nm: Floats
    value: Floats


def read_library(path: Path) -> tuple[Signature, ...]:
    """All signatures of a library.

    Args:
        path: `.sli`, its `.hdr`, or a table with commas, semicolons, tabs or blanks between columns.

    Raises:
        BadInput: SPC-007 it cannot be read; SPC-008 it is no library, or a damaged one.
    """
    path = Path(path)
    try:
        if path.suffix.lower() in (".sli", ".hdr"):
            return _envi(path)
        return _table(_text(path, _MOST_BYTES), path)
    except OSError as error:
        raise BadInput("SPC-007", where=str(path), detail=error.strerror or str(error)) from error


def resampled(signature: Signature, bands: Bands) -> Floats:
    """(b,) means of a signature over Gaussian bands of given widths.

    A band narrower than the steps of the signature takes the line between its neighbours.

    Raises:
        BadInput: SPC-009, the signature ends before the middle of a band.
    """
    known, value = signature.wavelength_nm, signature.value
    middle = np.asarray(bands.middle_nm, np.float64)
    width = np.broadcast_to(np.asarray(bands.fwhm_nm, np.float64), middle.shape)
    if not len(middle) or middle.min() < known[0] or middle.max() > known[-1]:
        low, high = (middle.min(), middle.max()) if len(middle) else (0.0, 0.0)
        raise BadInput(
            "SPC-009", name=signature.name, first=f"{known[0]:g}", last=f"{known[-1]:g}",
            low=f"{low:g}", high=f"{high:g}",
        )  # fmt: skip
    # each sample stands for the way half to its neighbours
    share = np.gradient(known) if len(known) > 1 else np.ones(1)
    sigma = np.maximum(width, 1e-9) / _SIGMAS_PER_FWHM
    weight = np.exp(-0.5 * np.square((known[None, :] - middle[:, None]) / sigma[:, None])) * share
    total = weight.sum(axis=1)
    step = np.interp(middle, known, share)
    coarse = (width < 2.0 * step) | ~(total > 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = weight @ value / total
    return np.where(coarse, np.interp(middle, known, value), mean)


def _envi(path: Path) -> tuple[Signature, ...]:
    header_path, data_path = path.with_suffix(".hdr"), path.with_suffix(".sli")
    header = _header(_text(header_path, _MOST_HEADER), header_path)
    try:
        columns, lines = int(header["samples"]), int(header["lines"])
        kind = np.dtype(TYPES[header["data type"]])
        offset = int(header.get("header offset", "0"))
        waves = np.array([float(word) for word in words(header["wavelength"])])
    except (KeyError, ValueError) as error:
        raise _damaged(header_path, f"header: {error}") from error
    if header.get("byte order", "0").strip() == "1":
        kind = kind.newbyteorder(">")
    size = columns * lines * kind.itemsize
    if not (0 < columns <= 1 << 20 and 0 < lines <= 1 << 20 and size <= _MOST_BYTES and offset >= 0):
        raise _damaged(header_path, f"{columns} x {lines}")
    with data_path.open("rb") as stream:
        stream.seek(offset)
        raw = stream.read(size)
    if len(raw) < size:
        raise _damaged(data_path, f"{len(raw)} of {size} bytes")
    names = words(header.get("spectra names", ""))
    table = np.frombuffer(raw, kind).reshape(lines, columns).astype(np.float64)
    unit = header.get("wavelength units", "nanometers").strip().lower()
    waves = waves * (1000.0 if unit.startswith(("micro", "um")) else 1.0)
    names += [f"spectrum {k + 1}" for k in range(len(names), lines)]
    return tuple(_signature(names[k], waves, table[k], data_path) for k in range(lines))


def _table(text: str, path: Path) -> tuple[Signature, ...]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = next((mark for mark in (";", "\t", ",") if mark in first), None)
    if mark is None:
        rows = [line.split() for line in text.splitlines() if line.strip()]
    else:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=mark) if any(map(str.strip, row))]
    if not rows or len(rows[0]) < 2:
        raise _damaged(path, "a column of wavelengths and one of values are needed")
    names = [] if _number(rows[0][0]) is not None else [word.strip() for word in rows.pop(0)[1:]]
    numbers = [[_number(word) for word in row] for row in rows]
    width = len(numbers[0]) if numbers else 0
    if width < 2 or any(len(row) != width or None in row for row in numbers):
        raise _damaged(path, "rows of unlike length, or words among the numbers")
    table = np.array(numbers, np.float64)
    names += [f"spectrum {k + 1}" for k in range(len(names), width - 1)]
    return tuple(_signature(names[k], table[:, 0], table[:, 1 + k], path) for k in range(width - 1))


def _signature(name: str, waves: Floats, value: Floats, path: Path) -> Signature:
    if waves.shape != value.shape or not np.isfinite(waves).all():
        raise _damaged(path, f"{name}: {value.size} values at {waves.size} wavelengths")
    # USGS marks what was not measured by -1.23e34
    good = np.isfinite(value) & (np.abs(value) < 1e30)
    order = np.argsort(waves[good], kind="stable")
    waves, value = waves[good][order], value[good][order]
    if len(waves) < 2 or (np.diff(waves) <= 0.0).any() or waves[0] <= 0.0:
        raise _damaged(path, f"{name}: fewer than two values, or one wavelength twice")
    return Signature(name, waves, value)


def _header(text: str, path: Path) -> dict[str, str]:
    if not text.startswith("ENVI"):
        raise _damaged(path, "no ENVI header")
    return header_fields(text)


def _text(path: Path, most: int) -> str:
    with path.open("rb") as stream:
        raw = stream.read(most + 1)
    if len(raw) > most:
        raise _damaged(path, f"more than {most} bytes")
    return raw.decode("utf-8-sig", errors="replace")


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _damaged(path: Path, detail: str) -> BadInput:
    return BadInput("SPC-008", where=str(path), detail=detail)
