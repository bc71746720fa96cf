"""Score maps and masks: NumPy arrays, GeoTIFF, MATLAB files."""

import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.base.language import printable
from atalaya.detect.scoring.files.columns import MOST_BYTES, raw_bytes
from atalaya.detect.scoring.files.matlab import numeric_arrays

MOST_PIXELS = 400_000_000
FORMS = ".npy .npz .mat .tif .tiff"


def read_map(path: Path, name: str = "") -> NDArray[Any]:
    """Values of one map, (rows, columns); pixels without data become NaN.

    Args:
        name: of the array in a .mat or .npz file that holds several.

    Raises:
        NotFound: SCO-030. BadInput: SCO-031, no such file; SCO-034, too large; SCO-035, several arrays and
            no name, or none of that name.
    """
    kind = path.suffix.casefold()
    if kind not in FORMS.split():
        raise BadInput("SCO-031", where=path.name, form=FORMS, detail=kind or "-")
    if not path.is_file():
        raise NotFound("SCO-030", where=str(path), detail="")
    try:
        found = _raster(path) if kind.startswith(".tif") else _array(path, kind, name)
    except AtalayaError:
        raise
    except Exception as error:  # the readers raise whatever a broken file leads them into
        raise BadInput(
            "SCO-031", where=path.name, form=kind[1:], detail=printable(str(error)[:80])
        ) from error
    if found.dtype.kind not in "buif" or found.ndim != 2:
        detail = f"{found.dtype} {found.shape}"
        raise BadInput("SCO-031", where=path.name, form=kind[1:], detail=detail)
    return found


def _array(path: Path, kind: str, name: str) -> NDArray[Any]:
    if kind == ".mat":
        return _one_of(numeric_arrays(raw_bytes(path), MOST_BYTES), path, name)
    if kind == ".npz":
        return _one_of(_zipped(path), path, name)
    # mapped, so that a header that promises more than the file holds allocates nothing
    loaded = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    _check_size(loaded.size, path)
    return loaded


def _zipped(path: Path) -> dict[str, NDArray[Any]]:
    found = {}
    with zipfile.ZipFile(path) as archive:
        members = [each for each in archive.infolist() if each.filename.endswith(".npy")]
        if sum(each.file_size for each in members) > MOST_BYTES:
            raise BadInput("SCO-034", where=path.name, most=f"{MOST_BYTES / 1e6:.0f} MB")
        for member in members:
            with archive.open(member) as file:
                found[member.filename[:-4]] = np.lib.format.read_array(file, allow_pickle=False)
    return found


def _one_of(arrays: Mapping[str, Any], path: Path, name: str) -> NDArray[Any]:
    """The array of that name, or the only one that could be a map."""
    if name:
        known = {name: np.asarray(arrays[name])} if name in arrays else {}
    else:
        every = {key: arrays[key] for key in arrays if not key.startswith("__")}
        known = {key: each for key, each in every.items() if _is_map(each)}
    if len(known) != 1:
        names = ", ".join(key for key in arrays if not key.startswith("__"))
        raise BadInput("SCO-035", where=path.name, names=printable(names[:120]))
    found = next(iter(known.values()))
    _check_size(found.size, path)
    return np.asarray(found)


def _is_map(value: Any) -> bool:
    return (
        isinstance(value, np.ndarray)
        and value.dtype.kind in "buif"
        and value.ndim == 2
        and min(value.shape) > 1
    )


def _raster(path: Path) -> NDArray[Any]:
    return np.asarray(raster_bands(path, 1)[0])


def raster_bands(path: Path, most: int) -> NDArray[Any]:
    """(bands, rows, columns) of the first bands of a picture; float64 with NaN where some pixel has no data.

    Raises:
        BadInput: SCO-034. Whatever rasterio raises on a broken file.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # values are compared, not places
        with rasterio.open(path) as file:
            _check_size(file.width * file.height * min(file.count, most), path)
            bands = file.read(list(range(1, min(file.count, most) + 1)), masked=True)
    if not np.ma.is_masked(bands):
        return np.asarray(bands.data)
    return np.asarray(bands.astype(np.float64).filled(np.nan))


def _check_size(pixels: int, path: Path) -> None:
    if pixels > MOST_PIXELS:
        raise BadInput("SCO-034", where=path.name, most=f"{MOST_PIXELS:,} px")
