"""What every method gives: place, parts, covariance and its shared part, relative to the anchors."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.error.circular import CHI2_2_90, principal_axes
from atalaya.earth.error.cloud import Anchors
from atalaya.earth.error.clusters import Parts
from atalaya.earth.error.first_order import geodetic_of
from atalaya.earth.error.ground_point import GroundPoints

Floats = NDArray[np.float64]

_FLOOR_M = 0.01
_FLOOR_M2 = _FLOOR_M**2


@dataclass(frozen=True)
class Estimate:
    """n estimates, metres ENU from their anchors; the first part is the one of the place.

    place: (n, 3)   shared_factor: (n, 3, 20)   ce90_m, le90_m, scale, sky, outside: (n,)
    method: (n,) uint8 `Method`   range_used, range_conflict: (n,)
    """

    place: Floats
    parts: Parts
    shared_factor: Floats
    ce90_m: Floats
    le90_m: Floats
    scale: Floats
    method: NDArray[np.uint8]
    range_used: NDArray[np.bool_]
    range_conflict: NDArray[np.bool_]
    sky: Floats
    outside: Floats

    def put(self, rows: NDArray[np.intp], other: "Estimate") -> None:
        """Write the estimates of some rows over the present ones."""
        for spec in fields(self):
            mine, theirs = getattr(self, spec.name), getattr(other, spec.name)
            if isinstance(mine, Parts):
                for name in mine.__dataclass_fields__:
                    getattr(mine, name)[rows] = getattr(theirs, name)
            else:
                mine[rows] = theirs


def nothing_known(n: int) -> Estimate:
    """n estimates without a place."""
    nan, no = np.full(n, np.nan), np.zeros(n, bool)
    return Estimate(
        np.full((n, 3), np.nan),
        Parts(
            np.zeros((n, 4)),
            np.full((n, 4, 3), np.nan),
            np.full((n, 4, 3, 3), np.nan),
            np.full((n, 4), np.nan),
            np.full((n, 4), np.nan),
            np.full((n, 4, 3), np.nan),
        ),
        np.full((n, 3, 20), np.nan),
        nan.copy(),
        nan.copy(),
        nan.copy(),
        np.zeros(n, np.uint8),
        no.copy(),
        no.copy(),
        np.zeros(n),
        np.zeros(n),
    )


def shared_share(factor: Floats, covariance: Floats) -> Floats:
    """Shared factors (n, 3, 20), shortened where their covariance would exceed the whole one (n, 3, 3)."""
    whole = covariance + _FLOOR_M2 * np.eye(3)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(whole).all(axis=(1, 2)) & np.isfinite(factor).all(axis=(1, 2))
    out = factor.copy()
    lower = np.linalg.cholesky(whole[known])
    inner = np.linalg.solve(lower, factor[known])
    largest = np.linalg.norm(inner, ord=2, axis=(1, 2))
    out[known] /= np.maximum(largest, 1.0)[:, None, None]
    return out


def ground_points(anchor: Anchors, found: Estimate, assumed: tuple[str, ...]) -> GroundPoints:
    """Estimates told as longitudes, latitudes and heights."""
    lon, lat, height = geodetic_of(anchor, found.place)
    parts = found.parts
    there = parts.weight > 0.0
    covariance = np.where(there[..., None, None], parts.covariance, np.nan)
    major, minor, azimuth = principal_axes(covariance[..., :2, :2] + _FLOOR_M2 * np.eye(2))
    radius = np.sqrt(CHI2_2_90) * found.scale[:, None]
    places = np.full((3, *there.shape), np.nan)
    for k in range(there.shape[1]):
        places[:, :, k] = geodetic_of(anchor, np.where(there[:, k, None], parts.mean[:, k], np.nan))
    whole = covariance[:, 0]
    factor = shared_share(found.shared_factor, whole)
    shared = factor @ factor.transpose(0, 2, 1)
    return GroundPoints(
        status=anchor.status,
        lon_deg=lon,
        lat_deg=lat,
        height_hae_m=height,
        covariance=whole,
        shared=shared,
        own=whole - shared,
        shared_factor=factor,
        ce90_m=found.ce90_m,
        le90_m=found.le90_m,
        region_scale=found.scale,
        method=found.method,
        range_used=found.range_used,
        range_conflict=found.range_conflict,
        sky=found.sky,
        outside=found.outside,
        part_weight=parts.weight,
        part_lon_deg=places[0],
        part_lat_deg=places[1],
        part_height_m=places[2],
        part_covariance=covariance,
        part_semi_major_m=np.maximum(major * radius, _FLOOR_M),
        part_semi_minor_m=np.maximum(minor * radius, _FLOOR_M),
        part_azimuth_deg=np.where(there, azimuth, np.nan),
        assumed=assumed,
    )
