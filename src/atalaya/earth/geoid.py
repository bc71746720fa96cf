"""EGM96: how far mean sea level lies above the ellipsoid, and heights moved between the two, never silently.

Ellipsoidal height h = orthometric height H + undulation N. The 15-minute grid of NGA (WW15MGH.DAC, public
domain) comes with the package, so that no missing file can turn a conversion into "unchanged".
"""

import hashlib
import zlib
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import DatumError, VerificationFailed

Floats = NDArray[np.float64]
HeightDatum = Literal["msl", "hae", "unknown"]

_FILE = "egm96_15m.zlib"
_SHA256 = "72521e4f4d6e2efe5210af0c7e3dae4e48abc7b25665fd2b873414785e0d2644"
_ROWS, _COLUMNS, _STEP_DEG = 721, 1440, 0.25


@cache
def _grid_m() -> Floats:
    """(721, 1441) metres, from the north pole south, from longitude 0 east; the last column is the first."""
    data = (files("atalaya.earth") / "data" / _FILE).read_bytes()
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise VerificationFailed("EAR-003", where=_FILE)
    steps = np.frombuffer(zlib.decompress(data), "<i2").reshape(_ROWS, _COLUMNS)
    centimetres = np.cumsum(np.cumsum(steps, axis=0, dtype=np.int16), axis=1, dtype=np.int16)
    return np.concatenate((centimetres, centimetres[:, :1]), axis=1) / 100.0


def undulation_m(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
    """N of EGM96 (metres, positive where mean sea level is above the ellipsoid), bilinear in the 15' grid.

    Args:
        lon_deg, lat_deg: (...) degrees; any longitude; NaN gives NaN.

    Raises:
        VerificationFailed: EAR-003, the grid file of the package is damaged.
    """
    lon, lat = np.broadcast_arrays(np.asarray(lon_deg, np.float64), np.asarray(lat_deg, np.float64))
    known = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90.0)
    row = (90.0 - np.where(known, lat, 0.0)) / _STEP_DEG
    column = (np.where(known, lon, 0.0) % 360.0) / _STEP_DEG
    top = np.minimum(row.astype(np.intp), _ROWS - 2)
    left = column.astype(np.intp) % _COLUMNS
    down, right = row - top, column - np.floor(column)
    grid = _grid_m()
    upper = grid[top, left] * (1.0 - right) + grid[top, left + 1] * right
    lower = grid[top + 1, left] * (1.0 - right) + grid[top + 1, left + 1] * right
    return np.where(known, upper * (1.0 - down) + lower * down, np.nan)


def converted_height_m(
    height_m: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike, *, have: HeightDatum, want: HeightDatum
) -> Floats:
    """Heights moved from one vertical datum to another.

    Args:
        height_m, lon_deg, lat_deg: (...) metres in `have`, degrees.
        have, want: "msl" (EGM96 orthometric) or "hae" (WGS 84 ellipsoidal).

    Returns:
        (...) metres in `want`.

    Raises:
        DatumError: EAR-002, one of the two is "unknown" and they are not the same.
    """
    height = np.asarray(height_m, np.float64)
    if have == want:
        return height
    if "unknown" in (have, want):
        raise DatumError("EAR-002", have=have, want=want)
    shift = undulation_m(lon_deg, lat_deg)
    return height + shift if want == "hae" else height - shift


def require_same_datum(first: HeightDatum, second: HeightDatum, *, where: str = "") -> None:
    """Refuse to use two heights together that are not stated in the same datum.

    Raises:
        DatumError: EAR-001 when both are known and differ, EAR-002 when either is unknown.
    """
    if "unknown" in (first, second):
        raise DatumError("EAR-002", where=where, have=first, want=second)
    if first != second:
        raise DatumError("EAR-001", where=where, first=first, second=second)
