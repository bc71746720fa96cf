"""ENVI rasters for tests, in every interleave, with whatever the header is to say."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_TYPES = {"u1": 1, "i2": 2, "i4": 3, "f4": 4, "f8": 5, "u2": 12, "u4": 13}
_AXES = {"bip": (0, 1, 2), "bil": (0, 2, 1), "bsq": (2, 0, 1)}


def write_envi(
    stem: Path,
    cube: NDArray[np.generic],
    *,
    interleave: str = "bil",
    order: str = "<",
    offset: int = 0,
    **keys: str,
) -> Path:
    """Write (lines, columns, bands) as NAME.img and NAME.hdr; keys are more of the header, `_` for blanks."""
    lines, columns, bands = cube.shape
    kind = cube.dtype.str[1:]
    shown = np.ascontiguousarray(cube.transpose(_AXES[interleave])).astype(order + kind)
    path = stem.with_name(stem.name + ".img")
    path.write_bytes(b"\0" * offset + shown.tobytes())
    known = {
        "samples": columns, "lines": lines, "bands": bands, "header offset": offset,
        "data type": _TYPES[kind], "interleave": interleave, "byte order": int(order == ">"),
        **{name.replace("_", " "): value for name, value in keys.items()},
    }  # fmt: skip
    text = "\n".join(["ENVI", *(f"{name} = {value}" for name, value in known.items()), ""])
    stem.with_name(stem.name + ".hdr").write_text(text)
    return path


def listed(values: NDArray[np.floating] | list[float]) -> str:
    """A list in braces."""
    return "{" + ", ".join(f"{value:.6g}" for value in values) + "}"
