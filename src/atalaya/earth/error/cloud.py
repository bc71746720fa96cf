"""Where the ground is met when every input is wrong by its drawn error: one cloud of places per look."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis, geodetic_to_ecef
from atalaya.earth.error.effects import disturbed
from atalaya.earth.error.looks import Looks
from atalaya.earth.surface import Hits, HitStatus, Surface

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Anchors:
    """The undisturbed meeting of each look, and the frame its error is told in.

    status: (n,) uint8 `HitStatus`     xyz_m: (n, 3) ECEF; NaN where nothing was met
    range_m: (n,)                      height_hae_m: (n,)     enu: (n, 3, 3) columns east, north, up
    """

    status: NDArray[np.uint8]
    xyz_m: Floats
    range_m: Floats
    height_hae_m: Floats
    enu: Floats

    def take(self, rows: NDArray[np.intp]) -> "Anchors":
        """The anchors of some rows."""
        return Anchors(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Cloud:
    """s disturbed meetings of each of n looks.

    enu_m: (n, s, 3) from the anchor: east and north in its tangent plane, up as difference of heights
    range_m: (n, s) from the disturbed sensor
    weight: (n, s) 1 where the ground was met, 0 where not
    sky, outside: (n,) share of the rays that left upwards or past the horizon; that left the model's area,
        met no data, or could not be cast
    """

    enu_m: Floats
    range_m: Floats
    weight: Floats
    sky: Floats
    outside: Floats


def anchors(surface: Surface, looks: Looks) -> Anchors:
    """Cast the undisturbed rays."""
    hits = surface.hits(looks.origin_m, looks.toward)
    xyz = _places(hits)
    # what the ray meets at a place without terrain is told in the frame of the sensor
    lon, lat, _ = ecef_to_geodetic(np.where(hits.found[:, None], xyz, looks.origin_m))
    return Anchors(hits.status, xyz, hits.range_m, hits.height_hae_m, enu_basis(lon, lat))


def anchored(anchor: Anchors, surface: Surface, looks: Looks, effect: Floats) -> tuple[Anchors, Cloud]:
    """Cast the disturbed rays. Where the undisturbed ray met nothing, the first that did becomes the anchor.

    Args:
        effect: (n, s, 11), the effect map times the draws.
    """
    n, samples = effect.shape[:2]
    origin, ray, shift = disturbed(looks, effect)
    hits = surface.hits(origin.reshape(-1, 3), ray.reshape(-1, 3))
    found = hits.found.reshape(n, samples)
    xyz = _places(hits).reshape(n, samples, 3) + shift
    lift = np.einsum("nsi,ni->ns", shift, anchor.enu[..., 2])
    height = hits.height_hae_m.reshape(n, samples) + lift
    anchor = _with_stand_ins(anchor, xyz, height, hits.range_m.reshape(n, samples), found)
    enu = (xyz - anchor.xyz_m[:, None, :]) @ anchor.enu
    enu[..., 2] = height - anchor.height_hae_m[:, None]
    enu[~found] = 0.0
    status = hits.status.reshape(n, samples)
    left = (status == HitStatus.SKY) | (status == HitStatus.BEYOND_HORIZON)
    return anchor, Cloud(
        enu,
        np.where(found, hits.range_m.reshape(n, samples), np.nan),
        found.astype(np.float64),
        left.mean(axis=1),
        (~found & ~left).mean(axis=1),
    )


def _with_stand_ins(
    anchor: Anchors, xyz: Floats, height: Floats, distance: Floats, found: NDArray[np.bool_]
) -> Anchors:
    lacking = np.isnan(anchor.xyz_m[:, 0]) & found.any(axis=1)
    if not lacking.any():
        return anchor
    rows = np.flatnonzero(lacking)
    first = np.argmax(found[rows], axis=1)
    place, reach, level, frame = (
        part.copy() for part in (anchor.xyz_m, anchor.range_m, anchor.height_hae_m, anchor.enu)
    )
    place[rows], reach[rows], level[rows] = xyz[rows, first], distance[rows, first], height[rows, first]
    lon, lat, _ = ecef_to_geodetic(place[rows])
    frame[rows] = enu_basis(lon, lat)
    return Anchors(anchor.status, place, reach, level, frame)


def _places(hits: Hits) -> Floats:
    return geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m)
