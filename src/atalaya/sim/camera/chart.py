"""Polynomials between the local frame of a picture and rows, columns and heights of the posts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import ecef_to_geodetic, geodetic_to_ecef
from atalaya.sim.country.country import Country

Floats = NDArray[np.float64]

_SAMPLES = 6
_MARGIN_M = 200.0


@dataclass(frozen=True)
class Chart:
    """A local frame and what joins it to the posts, good to millimetres over some tens of kilometres.

    zero_m: (3,) ECEF, on the ground in sight     axes: (3, 3) columns east, north of the grid and up, in ECEF
    forward: (15, 3) 14 terms of row, column and height in x, y, z, and the scale of these; as kernels take it
    backward: (14, 3) terms of x, y, z     low, span: (3,) by which row, column and height are scaled for it
    """

    zero_m: Floats
    axes: Floats
    forward: Floats
    backward: Floats
    low: Floats
    span: Floats

    def posts(self, local_m: Floats) -> Floats:
        """(..., 3) row, column, height of (..., 3) places in the local frame."""
        x, y, z = np.moveaxis(local_m * self.forward[14, 0], -1, 0)
        return np.asarray(_terms(x, y, z) @ self.forward[:14])

    def local(self, posts: Floats) -> Floats:
        """(..., 3) places in the local frame of (..., 3) rows, columns, heights."""
        x, y, z = np.moveaxis((posts - self.low) / self.span, -1, 0)
        return np.asarray(_terms(x, y, z) @ self.backward)

    def to_local(self, ecef_m: Floats) -> Floats:
        """(..., 3) places in the local frame of (..., 3) ECEF."""
        return np.asarray((ecef_m - self.zero_m) @ self.axes)


def chart_about(country: Country, places_m: Floats, eye_m: Floats) -> Chart:
    """The chart about (n, 3) places on the ground in sight, ECEF, of a camera at `eye_m`."""
    zero, axes = _frame(country, places_m)
    local = (places_m - zero) @ axes
    low, high = local.min(axis=0) - _MARGIN_M, local.max(axis=0) + _MARGIN_M
    high[2] += 0.1 * max(float((axes.T @ (eye_m - zero))[2]), 1.0)
    along = [np.linspace(a, b, _SAMPLES) for a, b in zip(low, high, strict=True)]
    xyz = np.stack([part.ravel() for part in np.meshgrid(*along, indexing="ij")], axis=1)
    lon, lat, height = ecef_to_geodetic(zero + xyz @ axes.T)
    east, north = country.metres(lon, lat)
    posts = np.stack(
        ((country.north_m - north) / country.post_m, (east - country.west_m) / country.post_m, height), axis=1
    )
    scale = 1.0 / float(np.abs(xyz).max())
    forward, *_ = np.linalg.lstsq(_terms(*(xyz * scale).T), posts, rcond=None)
    middle, span = posts.mean(axis=0), np.ptp(posts, axis=0)
    backward, *_ = np.linalg.lstsq(_terms(*((posts - middle) / span).T), xyz, rcond=None)
    return Chart(zero, axes, np.vstack((forward, np.full(3, scale))), backward, middle, span)


def _frame(country: Country, places: Floats) -> tuple[Floats, Floats]:
    lon, lat, height = ecef_to_geodetic(places.mean(axis=0))
    zero = geodetic_to_ecef(lon, lat, height)
    east, north = country.metres(lon, lat)
    up = geodetic_to_ecef(lon, lat, height + 1.0) - zero
    x = geodetic_to_ecef(*country.lonlat(east + 100.0, north), height) - zero
    x -= up * (up @ x)
    x /= np.linalg.norm(x)
    return zero, np.stack((x, np.cross(up, x), up), axis=1)


def _terms(x: Floats, y: Floats, z: Floats) -> Floats:
    """(..., 14), in the order of `kernels.charted`."""
    return np.stack(
        (
            *(np.ones_like(x), x, y, z, x * x, x * y, y * y, x * z, y * z, z * z),
            *(x * x * x, x * x * y, x * y * y, y * y * y),
        ),
        axis=-1,
    )
