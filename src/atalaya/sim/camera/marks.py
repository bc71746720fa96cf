"""Painted areas of a scene in a picture: outline, size, and how much of it no ground hides."""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.geoid import undulation_m
from atalaya.earth.lens import Pinhole
from atalaya.sim.camera.frame_geometry import FrameGeometry
from atalaya.sim.camera.sightings import Sightings
from atalaya.sim.country.country import Country
from atalaya.sim.scene.things import Decal

Floats = NDArray[np.float64]

_HIDDEN = 2e-3
"""A point is hidden where the ground in its pixel is nearer by this share of its depth."""


class Marks:
    """Areas ready to be found in pictures.

    Args:
        country: whose ground they lie on. decals: the areas.
    """

    def __init__(self, country: Country, decals: tuple[Decal, ...]) -> None:
        rings = [np.asarray(d.ring_m, np.float64) for d in decals]
        self._starts = np.cumsum([0, *(len(ring) for ring in rings)])[:-1]
        self._of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
        points = np.concatenate(rings) if rings else np.empty((0, 2))
        middles = np.array([ring.mean(axis=0) for ring in rings]).reshape(-1, 2)
        self._outline_m = _on_ground(country, points)
        self._inside_m = _on_ground(country, 0.5 * (points + middles[self._of]))
        self._middle_m = _on_ground(country, middles)
        self._radius_m = np.array(
            [np.hypot(*(ring - ring.mean(axis=0)).T).max() for ring in rings], np.float64
        )

    def sightings(
        self, geometry: FrameGeometry, lens: Pinhole, inverse: NDArray[np.float32],
        owner: NDArray[np.int32], first: int,
    ) -> Sightings:  # fmt: skip
        """Those in the picture; index counts from `first`.

        Args:
            inverse: (h, w) inverse depth of what is in each pixel.
            owner: (h, w) below 0 where that is ground.
        """
        if not len(self._radius_m):
            return Sightings.none()
        middle = geometry.chart.to_local(self._middle_m)
        column, row, depth = geometry.pixels(middle)
        reach = self._radius_m * lens.focal_x_px / np.maximum(depth, 1.0)
        near = (depth > 10.0) & (np.abs(column - lens.width / 2.0) < lens.width / 2.0 + reach)
        near &= np.abs(row - lens.height / 2.0) < lens.height / 2.0 + reach
        which = np.flatnonzero(near)
        found = [self._one(int(n), geometry, inverse, owner) for n in which]
        kept = np.array([one is not None for one in found], np.bool_)
        if not kept.any():
            return Sightings.none()
        rows = np.array([one for one in found if one is not None])
        slant = np.linalg.norm(middle[which[kept]] - geometry.eye, axis=1)
        return Sightings(
            which[kept].astype(np.int64) + first,
            column[which[kept]],
            row[which[kept]],
            rows[:, :4],
            rows[:, 4],
            rows[:, 5],
            slant,
        )

    def _one(
        self, number: int, geometry: FrameGeometry, inverse: NDArray[np.float32], owner: NDArray[np.int32]
    ) -> tuple[float, ...] | None:
        """Box, pixels of the outline and pixels in sight; None where none of it is in the picture."""
        mine = np.flatnonzero(self._of == number)
        column, row, _ = geometry.pixels(geometry.chart.to_local(self._outline_m[mine]))
        height, width = inverse.shape
        box = (
            max(float(column.min()), -0.5),
            max(float(row.min()), -0.5),
            min(float(column.max()), width - 0.5),
            min(float(row.max()), height - 0.5),
        )
        if box[2] <= box[0] or box[3] <= box[1]:
            return None
        area = 0.5 * abs(float(np.dot(column, np.roll(row, 1)) - np.dot(row, np.roll(column, 1))))
        u, v, depth = geometry.pixels(geometry.chart.to_local(self._inside_m[mine]))
        i, j = np.rint(v).astype(int), np.rint(u).astype(int)
        inside = (i >= 0) & (j >= 0) & (i < height) & (j < width)
        place = np.clip(i, 0, height - 1), np.clip(j, 0, width - 1)
        ground = inverse[place]
        seen = inside & (owner[place] < 0) & (ground > 0.0) & (depth * ground < 1.0 + _HIDDEN)
        return (*box, area, area * float(seen.mean()))


def _on_ground(country: Country, places: Floats) -> Floats:
    """(n, 3) ECEF of places on the grid."""
    lon, lat = country.lonlat(places[:, 0], places[:, 1])
    return geodetic_to_ecef(
        lon, lat, country.height_msl_m(places[:, 0], places[:, 1]) + undulation_m(lon, lat)
    )
