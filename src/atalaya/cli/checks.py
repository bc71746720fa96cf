"""What `atalaya doctor` looks at: each check says what it found, and where it failed a code with a remedy."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from atalaya.base.clock import LATEST_US, iso, now_us

DECODERS = ("h264", "hevc", "mpeg2video")
ENCODERS = ("libx264", "libx265")
DRIVERS = ("GPKG", "FlatGeobuf")
LEAST_FREE_BYTES = 2 << 30
BUILT_US = 1_767_225_600_000_000
"""2026-01-01: a machine whose clock is earlier was never set."""

GEOID_PROBE = (-107.0, 25.0, -26.4628)
"""Longitude, latitude, EGM96 undulation in metres (PROJ 9.5.1 with egm96_15.gtx)."""

VERSIONS = ("av", "numpy", "numba", "pyarrow", "pyogrio", "pyproj", "shapely", "sqlalchemy", "stanag4609")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Args:
        name: phrase key below "doctor.".
        detail: what was found.
        code: "" where all is well, else the code that explains it.
    """

    name: str
    detail: str
    code: str = ""


def run_checks(folder: Path) -> Iterator[Check]:
    """Every check in turn; one that breaks is reported and the rest go on.

    Args:
        folder: where work will be written; its disk is the one looked at.
    """
    checks: dict[str, Callable[[], Check]] = {
        "python": _python,
        "versions": _versions,
        "codecs": _codecs,
        "kernels": _kernels,
        "geoid": _geoid,
        "drivers": _drivers,
        "database": _database,
        "clock": _clock,
        "disk": lambda: _disk(folder),
    }
    for name, check in checks.items():
        try:
            yield check()
        except Exception as error:  # noqa: BLE001  a broken library may raise anything; that is the finding
            yield Check(name, f"{type(error).__name__}: {error}", "CLI-010")


def _python() -> Check:
    found = sys.version.split()[0]
    return Check("python", found, "" if sys.version_info >= (3, 11) else "CLI-011")


def _versions() -> Check:
    found, missing = [], []
    for name in VERSIONS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check("versions", ", ".join(missing), "CLI-010")
    import pyogrio
    import pyproj

    gdal = ".".join(map(str, pyogrio.__gdal_version__))
    return Check("versions", ", ".join([*found, f"GDAL {gdal}", f"PROJ {pyproj.proj_version_str}"]))


def _codecs() -> Check:
    import av

    missing = [name for name in DECODERS if not _has_codec(name, "r")]
    missing += [name for name in ENCODERS if not _has_codec(name, "w")]
    if missing:
        return Check("codecs", ", ".join(missing), "CLI-012")
    ffmpeg = ".".join(map(str, av.library_versions["libavcodec"]))
    return Check("codecs", f"{', '.join((*DECODERS, *ENCODERS))} (libavcodec {ffmpeg})")


def _has_codec(name: str, mode: Literal["r", "w"]) -> bool:
    import av

    try:
        av.codec.Codec(name, mode)
    except (av.codec.codec.UnknownCodecError, ValueError):
        return False
    return True


def _kernels() -> Check:
    import numba
    import numpy as np

    from atalaya.base.numeric import kernel

    def total(values: np.ndarray) -> float:
        sum_ = 0.0
        for value in values:
            sum_ += value
        return sum_

    good = kernel(total)(np.arange(4.0)) == 6.0
    return Check("kernels", f"numba {numba.__version__}", "" if good else "CLI-010")


def _geoid() -> Check:
    from atalaya.earth import undulation_m

    lon, lat, wanted = GEOID_PROBE
    found = float(undulation_m(lon, lat))
    detail = f"EGM96, N({lat:g}, {lon:g}) = {found:.4f} m"
    return Check("geoid", detail, "" if abs(found - wanted) < 0.02 else "CLI-013")


def _drivers() -> Check:
    import pyogrio

    known = pyogrio.list_drivers()
    missing = [name for name in DRIVERS if "w" not in known.get(name, "")]
    return Check("drivers", ", ".join(missing or DRIVERS), "CLI-014" if missing else "")


def _database() -> Check:
    found = sqlite3.sqlite_version
    return Check("database", f"SQLite {found}", "" if sqlite3.sqlite_version_info >= (3, 31) else "CLI-015")


def _clock() -> Check:
    now = now_us()
    return Check("clock", iso(now), "" if BUILT_US <= now < LATEST_US else "CLI-016")


def _disk(folder: Path) -> Check:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{free / 1e9:.1f} GB, {folder}"
    return Check("disk", detail, "" if free >= LEAST_FREE_BYTES else "CLI-017")
