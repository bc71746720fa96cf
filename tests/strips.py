"""A flight line over the plain country for cubes, and files read back as they were written."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import rotation_zyx
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef, ned_basis
from atalaya.sim.country.country import Country

NOON_US = 1_746_730_800_000_000
"""2025-05-08T19:00Z, noon by the sun in the western Sierra Madre."""


def strip(
    country: Country, lines: int, *, step_m: float = 1.0, above_m: float = 1500.0, heading_deg: float = 90.0,
    start_m: tuple[float, float] = (2000.0, 4000.0), roll_deg: float = 0.0, start_us: int = NOON_US,
) -> tuple[Pose, NDArray[np.int64]]:  # fmt: skip
    """Poses looking straight down from a height above the mean ground, and times at 50 m/s."""
    along = np.arange(lines) * step_m
    east = country.west_m + start_m[0] + along * np.sin(np.radians(heading_deg))
    north = country.north_m - start_m[1] + along * np.cos(np.radians(heading_deg))
    lon, lat = country.lonlat(east, north)
    height = np.full(lines, float(country.heights_hae_m.mean()) + above_m)
    # forward is down, right is right of the flight, down in the image is behind
    turn = ned_basis(lon, lat) @ rotation_zyx(heading_deg, 0.0, roll_deg) @ rotation_zyx(0.0, -90.0, 0.0)
    times = start_us + np.rint(along / 50.0 * 1e6).astype(np.int64)
    return Pose(geodetic_to_ecef(lon, lat, height), turn), times


def raster(path: Path) -> NDArray[np.float64]:
    """(lines, bands, columns) of an ENVI file, by its header."""
    header = dict(
        line.split(" = ", 1) for line in path.with_suffix(".hdr").read_text().splitlines() if " = " in line
    )
    kind = {"1": "u1", "4": "<f4", "5": "<f8", "12": "<u2"}[header["data type"]]
    shape = tuple(int(header[name]) for name in ("lines", "bands", "samples"))
    return np.fromfile(path, kind).reshape(shape).astype(np.float64)
