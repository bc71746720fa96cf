"""Headers of ENVI rasters: text of `key = value` lines, lists in braces (NV5, "ENVI Header Files").

Headers are written by many hands: keys in any case, values over several lines, remarks after a semicolon.
What decides how bytes are read must be there and be sound; whatever else cannot be read counts as absent.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import EPOCH, plausible
from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]
Interleave = Literal["bil", "bip", "bsq"]

MOST_BYTES = 16 << 20
MOST_SIDE = 1 << 24
MOST_BANDS = 1 << 14
TYPES = {"1": "u1", "2": "i2", "3": "i4", "4": "f4", "5": "f8", "12": "u2", "13": "u4"}
"""Data types of real numbers; complex ones and 64-bit integers are no spectra."""

_UNIT_NM = {"nanometers": 1.0, "nanometres": 1.0, "nm": 1.0, "micrometers": 1e3, "micrometres": 1e3,
            "microns": 1e3, "um": 1e3, "angstroms": 0.1}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class EnviHeader:
    """What the header of a cube says.

    Args:
        lines, columns, bands: of the raster. interleave, kind, offset: how and where its numbers lie.
        wavelength_nm, fwhm_nm: (bands,) or None where not stated.
        good: (bands,) False for bands that the bad band list leaves out.
        gain, added: (bands,) that make a value of a number: number * gain + added.
        ignore: number of pixels without data, None where there is none.
        t_us: of the first line, microseconds UTC; -1 unknown. sensor: as it is called, "" unknown.
        georeferenced: whether it has `map info`.
    """

    lines: int
    columns: int
    bands: int
    interleave: Interleave
    kind: np.dtype[np.generic]
    offset: int
    wavelength_nm: Floats | None
    fwhm_nm: Floats | None
    good: NDArray[np.bool_]
    gain: Floats
    added: Floats
    ignore: float | None
    t_us: int
    sensor: str
    georeferenced: bool

    @property
    def size(self) -> int:
        """Bytes that the numbers take, without what lies before them."""
        return self.lines * self.columns * self.bands * self.kind.itemsize

    @property
    def scaled(self) -> bool:
        """Whether numbers must be turned into values."""
        return bool((self.gain != 1.0).any() or (self.added != 0.0).any())


def header_text(path: Path) -> str:
    """Text of a header file.

    Raises:
        BadInput: DET-023, it is no ENVI header. OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        raw = stream.read(MOST_BYTES + 1)
    text = raw.decode("utf-8-sig", errors="replace")
    if len(raw) > MOST_BYTES or not text.startswith("ENVI"):
        raise BadInput("DET-023", where=str(path), detail="ENVI")
    return text


def header_fields(text: str) -> dict[str, str]:
    """Values by lower-case key; of a key given twice, the last; a list that never ends is empty."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, mark, value = line.partition("=")
        key, value = name.strip().lower(), value.strip()
        if not mark or not key[:1].isalpha() or "{" in key:
            continue
        if value.startswith("{"):
            parts = [value]
            while "}" not in parts[-1] and (more := next(lines, None)) is not None:
                parts.append(more.strip())
            whole = " ".join(parts)
            value = whole[: whole.find("}") + 1]
        found[key] = value
    return found


def words(value: str) -> list[str]:
    """Entries of a list in braces."""
    return [word.strip() for word in value.strip().strip("{}").split(",") if word.strip()]


def read_header(path: Path) -> EnviHeader:
    """The header of a cube.

    Raises:
        BadInput: DET-023, it is no header of a cube, or says what cannot be. OSError: it cannot be read.
    """
    known = header_fields(header_text(path))
    lines, columns, bands = (
        _whole(known, name, 1, MOST_BANDS if name == "bands" else MOST_SIDE, path)
        for name in ("lines", "samples", "bands")
    )
    kind = TYPES.get(known.get("data type", ""))
    interleave = known.get("interleave", "").lower()
    order = known.get("byte order", "0")
    for name, right in (
        ("data type", kind is not None),
        ("interleave", interleave in ("bil", "bip", "bsq")),
        ("byte order", order in ("0", "1")),
    ):
        if not right:
            raise _wrong(path, name, known.get(name, ""))
    gain, added = _scale(known, bands)
    return EnviHeader(
        lines, columns, bands, interleave, np.dtype(str(kind)).newbyteorder("<" if order == "0" else ">"),  # type: ignore[arg-type]
        _whole(known, "header offset", 0, 1 << 40, path, "0"),
        *_bands_of(known, bands),
        _good(known, bands), gain, added,
        _number(known.get("data ignore value", "")),
        _moment(known.get("acquisition time", "")),
        known.get("sensor type", "").strip("{} ")[:80],
        "map info" in known,
    )  # fmt: skip


def _bands_of(known: dict[str, str], bands: int) -> tuple[Floats | None, Floats | None]:
    """Middles and widths in nanometres."""
    middle = _list(known, "wavelength", bands)
    if middle is None or not (np.isfinite(middle) & (middle > 0.0)).all():
        return None, None
    unit = known.get("wavelength units", "").lower().strip("{} ")
    # without a unit that is known: micrometres stay below a hundred, nanometres do not
    factor = _UNIT_NM.get(unit, 1e3 if middle.max() < 100.0 else 1.0)
    middle = middle * factor
    width = _list(known, "fwhm", bands)
    if width is None or not (np.isfinite(width) & (width > 0.0)).all():
        step = np.abs(np.gradient(middle)) if bands > 1 else np.full(1, 10.0)
        return middle, np.maximum(step, 1e-3)
    return middle, width * factor


def _good(known: dict[str, str], bands: int) -> NDArray[np.bool_]:
    listed = _list(known, "bbl", bands)
    return np.ones(bands, np.bool_) if listed is None else np.asarray(listed > 0.5)


def _scale(known: dict[str, str], bands: int) -> tuple[Floats, Floats]:
    """Gains and offsets; a reflectance scale factor where there are none."""
    gain, added = _list(known, "data gain values", bands), _list(known, "data offset values", bands)
    if gain is None and added is None:
        steps = _number(known.get("reflectance scale factor", "")) or 1.0
        gain = np.full(bands, 1.0 / steps)
    gain = np.ones(bands) if gain is None else gain
    added = np.zeros(bands) if added is None else added
    sound = np.isfinite(gain).all() and np.isfinite(added).all() and (gain != 0.0).all()
    return (gain, added) if sound else (np.ones(bands), np.zeros(bands))


def _list(known: dict[str, str], name: str, bands: int) -> Floats | None:
    """(bands,) numbers, None where there are not as many."""
    values = [_number(word) for word in words(known.get(name, ""))]
    if len(values) != bands or None in values:
        return None
    return np.array(values, np.float64)


def _number(word: str) -> float | None:
    try:
        value = float(word.strip("{} "))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _whole(
    known: dict[str, str], name: str, least: int, most: int, path: Path, default: str | None = None
) -> int:
    word = known.get(name, default)
    try:
        value = int(word or "")
    except ValueError:
        raise _wrong(path, name, word or "") from None
    if not least <= value <= most:
        raise _wrong(path, name, str(value))
    return value


def _moment(text: str) -> int:
    try:
        found = datetime.fromisoformat(text.strip("{} "))
    except ValueError:
        return -1
    # ENVI states UTC where it states no zone
    moment = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    t_us = round((moment - EPOCH).total_seconds() * 1e6)
    return t_us if plausible(t_us) else -1


def _wrong(path: Path, name: str, found: str) -> BadInput:
    return BadInput("DET-023", where=str(path), detail=f"{name} = {found[:60]}")
