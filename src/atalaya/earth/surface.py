"""The ground as lines of sight meet it: what any model of it can be asked, and the simplest one."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import ecef_to_geodetic
from atalaya.earth.sightline import range_to_height

Floats = NDArray[np.float64]
SurfaceKind = Literal["dsm", "dtm", "level", "unknown"]


class HitStatus(IntEnum):
    """What became of a line of sight."""

    HIT = 0
    GRAZING = 1
    """Met the ground at less than two degrees: the place slides far for a small error."""
    SKY = 2
    """Left above everything; nothing was hit."""
    OUTSIDE = 3
    """Left the model's area before it met anything: ground there is unknown, not absent."""
    BEYOND_HORIZON = 4
    """Passed the farthest distance asked for without a meeting."""
    VOID = 5
    """Reached a place where the model has no data."""
    INVALID = 6
    """The ray itself is not finite, or starts below the ground."""


@dataclass(frozen=True)
class Hits:
    """Where n lines of sight first meet the ground; NaN unless the status is HIT or GRAZING.

    status: (n,) uint8 `HitStatus`      range_m: (n,) along the line
    lon_deg, lat_deg: (n,) WGS 84       height_hae_m: (n,) metres above the ellipsoid
    """

    status: NDArray[np.uint8]
    range_m: Floats
    lon_deg: Floats
    lat_deg: Floats
    height_hae_m: Floats

    @property
    def found(self) -> NDArray[np.bool_]:
        """(n,) whether there is a place."""
        return self.status <= HitStatus.GRAZING


class Surface(Protocol):
    """A model of the ground."""

    @property
    def kind(self) -> SurfaceKind:
        """Bare ground ("dtm"), with roofs and crowns ("dsm"), a plane of equal height, or not stated."""

    @property
    def source(self) -> str:
        """File or name, with its vertical datum, for people."""

    def hits(self, origin_m: Floats, toward: Floats) -> Hits:
        """First meeting of n rays.

        Args:
            origin_m: (n, 3) or (3,) metres, ECEF. toward: (n, 3) directions, ECEF, of any length.
        """

    def height_hae_m(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """(n,) metres above the ellipsoid; NaN outside the model and in its voids."""


@dataclass(frozen=True)
class LevelSurface:
    """Ground of one height above the ellipsoid everywhere: what is assumed without a terrain model."""

    height_m: float

    @property
    def kind(self) -> SurfaceKind:
        """See `Surface`."""
        return "level"

    @property
    def source(self) -> str:
        """See `Surface`."""
        return f"level at {self.height_m:.1f} m HAE"

    def hits(self, origin_m: Floats, toward: Floats) -> Hits:
        """See `Surface`."""
        ray = np.atleast_2d(np.asarray(toward, np.float64))
        origin = np.broadcast_to(np.asarray(origin_m, np.float64), ray.shape)
        distance = range_to_height(origin, ray, self.height_m)
        finite = np.isfinite(origin).all(axis=1) & np.isfinite(ray).all(axis=1)
        status = np.where(np.isfinite(distance), HitStatus.HIT, HitStatus.SKY)
        status = np.where(finite, status, HitStatus.INVALID).astype(np.uint8)
        with np.errstate(invalid="ignore", divide="ignore"):
            unit = ray / np.linalg.norm(ray, axis=1, keepdims=True)
        lon, lat, height = ecef_to_geodetic(origin + distance[:, None] * unit)
        return Hits(status, distance, lon, lat, height)

    def height_hae_m(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """See `Surface`."""
        return np.where(np.isfinite(lon_deg + lat_deg), self.height_m, np.nan)
