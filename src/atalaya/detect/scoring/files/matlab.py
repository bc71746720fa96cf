"""Numeric matrices of MATLAB level 5 files (MathWorks, MAT-File Format, section "Level 5 MAT-File Format").

SciPy 1.17 reads past its tables when a damaged file names a data type that does not exist, and takes the
process with it. Score maps need plain matrices only; everything else in a file is passed over.
"""

import zlib
from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

_MATRIX, _COMPRESSED = 14, 15
_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""Types of data elements (table 1-1)."""
_CLASSES = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip
"""Classes of arrays that hold numbers (table 1-3)."""
_COMPLEX = 0x08


def numeric_arrays(data: bytes, most_bytes: int) -> dict[str, NDArray[np.generic]]:
    """Real matrices of a file, by name.

    Args:
        most_bytes: of an array packed in the file.

    Raises:
        ValueError: the data are no level 5 file, or damaged.
    """
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None:
        raise ValueError("no MATLAB file of level 5 (save with -v6 or -v7)")
    found = {}
    for kind, body in _elements(data[128:], order):
        if kind == _COMPRESSED:
            unpacker = zlib.decompressobj()
            try:
                unpacked = unpacker.decompress(body, most_bytes)
            except zlib.error as error:
                raise ValueError(str(error)) from error
            kind, body = next(_elements(unpacked, order), (0, b""))
        if kind == _MATRIX:
            found.update(_matrix(body, order))
    return found


def _elements(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and content of each element; of small ones too, which keep four bytes in the tag itself."""
    at = 0
    while at + 8 <= len(data):
        kind, size = (int(each) for each in np.frombuffer(data, order + "u4", 2, at))
        first = at + 8
        if kind >> 16:
            kind, size, first = kind & 0xFFFF, kind >> 16, at + 4
            if size > 4:
                raise ValueError(f"small element of {size} bytes")
        if first + size > len(data):
            raise ValueError(f"{size} bytes promised, {len(data) - first} there")
        yield kind, data[first : first + size]
        at = first + size
        if kind != _COMPRESSED:
            at += -at % 8


def _matrix(body: bytes, order: str) -> dict[str, NDArray[np.generic]]:
    """Name and values of a matrix element; nothing where it holds no plain numbers."""
    parts = list(islice(_elements(body, order), 4))
    if len(parts) < 4 or len(parts[0][1]) < 4:
        raise ValueError("matrix cut short")
    flags, extent, name = (content for _, content in parts[:3])
    bits = int(np.frombuffer(flags, order + "u4", 1)[0])
    wanted = _CLASSES.get(bits & 0xFF)
    if wanted is None or bits >> 8 & _COMPLEX:
        return {}
    kind, values = parts[3]
    if kind not in _STORED:
        raise ValueError(f"data type {kind}")
    shape = tuple(int(each) for each in np.frombuffer(extent, order + "i4"))
    stored = np.frombuffer(values, order + _STORED[kind])
    if min(shape, default=0) < 0:
        raise ValueError(f"extent {shape}")
    return {name.decode("latin-1"): stored.reshape(shape, order="F").astype(wanted)}
