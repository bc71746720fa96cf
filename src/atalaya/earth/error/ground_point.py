"""A place on the ground and how far it may be from the truth."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import enu_basis, geodetic_to_ecef
from atalaya.earth.surface import HitStatus

Floats = NDArray[np.float64]


class Method(IntEnum):
    """How an error was had."""

    NONE = 0
    FIRST_ORDER = 1
    UNSCENTED = 2
    MONTE_CARLO = 3


@dataclass(frozen=True)
class Part:
    """One of the places where a look may have met the ground, with its share of the 90 % region.

    weight: 0..1, all parts of a point sum to 1. covariance: (3, 3) square metres, ENU.
    semi_major_m, semi_minor_m, azimuth_deg: its ellipse, centred on it; the region is the union over the
        parts and holds 90 %.
    """

    weight: float
    lon_deg: float
    lat_deg: float
    height_hae_m: float
    covariance: Floats
    semi_major_m: float
    semi_minor_m: float
    azimuth_deg: float


@dataclass(frozen=True)
class GroundPoint:
    """Where a pixel's line of sight meets the ground, with its error.

    The place is the meeting of the undisturbed line (the mean of the likeliest part where a slant range was
    fused or that line met nothing); NaN without any. `covariance` is that of the part the place belongs to,
    split in what all looks of the sortie share and what is this look's own; one covariance over several
    parts is never given. CE90 and LE90 are about the place and hold 90 % over all parts.
    """

    status: HitStatus
    lon_deg: float
    lat_deg: float
    height_hae_m: float
    covariance: Floats
    shared: Floats
    own: Floats
    ce90_m: float
    le90_m: float
    parts: tuple[Part, ...]
    region_scale: float
    method: Method
    range_used: bool
    range_conflict: bool
    sky: float
    outside: float
    assumed: tuple[str, ...]


@dataclass(frozen=True)
class GroundPoints:
    """n ground points as columns; `points[i]` is one of them. See `GroundPoint`.

    status, method: (n,) uint8              lon_deg, lat_deg, height_hae_m: (n,) WGS 84
    covariance, shared, own: (n, 3, 3) square metres, ENU at the place
    shared_factor: (n, 3, 20) metres per unit error of the sortie, in the order of `TERMS`: the covariance
        between points i and j of one sortie is shared_factor[i] @ shared_factor[j].T
    ce90_m, le90_m: (n,)                    region_scale: (n,) axes of the ellipses over the Gaussian ones
    range_used, range_conflict: (n,) a slant range was fused; was left aside as it contradicts the rest
    sky, outside: (n,) share of the rays that left upwards; that left the model or met no data
    part_weight: (n, 4) 0 where there is no such part; the first is the one of the place
    part_lon_deg, part_lat_deg, part_height_m: (n, 4)     part_covariance: (n, 4, 3, 3)
    part_semi_major_m, part_semi_minor_m, part_azimuth_deg: (n, 4)
    assumed: terms of the budget that come from a profile
    """

    status: NDArray[np.uint8]
    lon_deg: Floats
    lat_deg: Floats
    height_hae_m: Floats
    covariance: Floats
    shared: Floats
    own: Floats
    shared_factor: Floats
    ce90_m: Floats
    le90_m: Floats
    region_scale: Floats
    method: NDArray[np.uint8]
    range_used: NDArray[np.bool_]
    range_conflict: NDArray[np.bool_]
    sky: Floats
    outside: Floats
    part_weight: Floats
    part_lon_deg: Floats
    part_lat_deg: Floats
    part_height_m: Floats
    part_covariance: Floats
    part_semi_major_m: Floats
    part_semi_minor_m: Floats
    part_azimuth_deg: Floats
    assumed: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.status)

    @property
    def found(self) -> NDArray[np.bool_]:
        """(n,) whether there is a place."""
        return np.isfinite(self.lon_deg)

    @property
    def mixture(self) -> NDArray[np.bool_]:
        """(n,) whether the look may have met the ground in several separate places."""
        return np.asarray(np.count_nonzero(self.part_weight > 0.0, axis=1) > 1)

    @property
    def ellipse(self) -> Floats:
        """(n, 3) semi-axes, metres, and azimuth of the 90 % ellipse; NaN for mixtures, which have several."""
        axes = (self.part_semi_major_m, self.part_semi_minor_m, self.part_azimuth_deg)
        first = np.stack([part[:, 0] for part in axes], axis=1)
        return np.where(self.mixture[:, None], np.nan, first)

    def __getitem__(self, row: int) -> GroundPoint:
        return GroundPoint(
            HitStatus(int(self.status[row])),
            float(self.lon_deg[row]),
            float(self.lat_deg[row]),
            float(self.height_hae_m[row]),
            self.covariance[row],
            self.shared[row],
            self.own[row],
            float(self.ce90_m[row]),
            float(self.le90_m[row]),
            self._parts(row),
            float(self.region_scale[row]),
            Method(int(self.method[row])),
            bool(self.range_used[row]),
            bool(self.range_conflict[row]),
            float(self.sky[row]),
            float(self.outside[row]),
            self.assumed,
        )

    def _parts(self, row: int) -> tuple[Part, ...]:
        return tuple(
            Part(
                float(self.part_weight[row, k]),
                float(self.part_lon_deg[row, k]),
                float(self.part_lat_deg[row, k]),
                float(self.part_height_m[row, k]),
                self.part_covariance[row, k],
                float(self.part_semi_major_m[row, k]),
                float(self.part_semi_minor_m[row, k]),
                float(self.part_azimuth_deg[row, k]),
            )
            for k in np.flatnonzero(self.part_weight[row] > 0.0)
        )

    def holds(self, lon_deg: Floats, lat_deg: Floats) -> NDArray[np.bool_]:
        """(n,) whether places lie inside the 90 % regions of the points."""
        truth = geodetic_to_ecef(lon_deg, lat_deg, self.height_hae_m)
        inside = np.zeros(len(self), bool)
        for k in range(self.part_weight.shape[1]):
            rows = np.flatnonzero(self.part_weight[:, k] > 0.0)
            centre = geodetic_to_ecef(
                self.part_lon_deg[rows, k], self.part_lat_deg[rows, k], self.height_hae_m[rows]
            )
            frame = enu_basis(self.part_lon_deg[rows, k], self.part_lat_deg[rows, k])
            off = np.einsum("nji,nj->ni", frame, truth[rows] - centre)
            azimuth = np.radians(self.part_azimuth_deg[rows, k])
            along = off[:, 0] * np.sin(azimuth) + off[:, 1] * np.cos(azimuth)
            across = off[:, 0] * np.cos(azimuth) - off[:, 1] * np.sin(azimuth)
            major, minor = self.part_semi_major_m[rows, k], self.part_semi_minor_m[rows, k]
            inside[rows] |= (along / major) ** 2 + (across / minor) ** 2 <= 1.0
        return inside


def joined(blocks: Sequence[GroundPoints]) -> GroundPoints:
    """The points of several batches, one after the other."""
    if len(blocks) == 1:
        return blocks[0]
    columns = {
        spec.name: np.concatenate([getattr(block, spec.name) for block in blocks])
        for spec in fields(GroundPoints)
        if spec.name != "assumed"
    }
    names = tuple(dict.fromkeys(name for block in blocks for name in block.assumed))
    return GroundPoints(**columns, assumed=names)
