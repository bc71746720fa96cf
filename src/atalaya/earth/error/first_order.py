"""First order: the Jacobian of the meeting with the ground, from the terrain's normal where it is met.

With n the terrain normal (n_up = 1), d the unit ray, t the range and P = I - d n^T / (n^T d):
dX = P (dC + t dd) + d n^T dG / (n^T d), where dC moves the sensor, dd the ray and dG the ground.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import ecef_to_geodetic
from atalaya.earth.error.cloud import Anchors
from atalaya.earth.error.effects import GROUND, SENSOR, TANGENT, TURN
from atalaya.earth.error.looks import Looks
from atalaya.earth.surface import Surface

Floats = NDArray[np.float64]

_LEAST_STEP_M, _MOST_STEP_M = 2.0, 200.0
_LEAST_SINE = 1e-3


def slopes(surface: Surface, anchor: Anchors, step_m: Floats) -> tuple[Floats, Floats]:
    """Rise of the ground per metre east and north about each anchor, over +- a step; NaN beside voids.

    Args:
        step_m: (n,) metres: the scale on which the error spreads.
    """
    n = len(step_m)
    sides = np.array([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)])
    moved = sides[:, None, :] * step_m[None, :, None]
    xyz = anchor.xyz_m[None] + np.einsum("nij,knj->kni", anchor.enu[..., :2], moved)
    lon, lat, _ = ecef_to_geodetic(xyz)
    height = surface.height_hae_m(lon.ravel(), lat.ravel()).reshape(4, n)
    return (height[0] - height[1]) / (2.0 * step_m), (height[2] - height[3]) / (2.0 * step_m)


def ray_effect(looks: Looks, effect: Floats) -> Floats:
    """(n, 3, k) change of the unit ray, ECEF, to first order; effect (n, 11, k) columns of the effect map."""
    ray = np.einsum("nij,nj->ni", looks.camera_to_ecef, looks.direction)
    length = np.linalg.norm(ray, axis=1)
    unit = ray / length[:, None]
    forward = looks.direction[:, :1, None] / length[:, None, None]
    change = looks.camera_to_ecef[..., 1:] @ effect[:, TANGENT] * forward
    change -= unit[..., None] * np.einsum("ni,nik->nk", unit, change)[:, None]
    return np.asarray(change + np.cross(effect[:, TURN], unit[..., None], axis=1))


def jacobian(surface: Surface, looks: Looks, anchor: Anchors, effect_map: Floats) -> Floats:
    """(n, 3, 40) metres east, north, up per unit error; NaN where nothing was met or the ray grazes.

    The slope is taken over the length the error has on level ground, up to 200 m: over less it would be
    the slope of a pebble.
    """
    ray = ray_effect(looks, effect_map)
    unit = np.einsum("nji,nj->ni", anchor.enu, looks.toward)
    local = anchor.enu.transpose(0, 2, 1)
    sensor = local @ (effect_map[:, SENSOR] + anchor.range_m[:, None, None] * ray)
    ground = local @ effect_map[:, GROUND]
    level = np.zeros((len(looks), 2))
    flat = _onto(level, unit, sensor, ground)
    spread = np.sqrt(np.sum(flat[:, :2] ** 2, axis=(1, 2)) / 2.0)
    step = np.clip(np.nan_to_num(spread, nan=_MOST_STEP_M), _LEAST_STEP_M, _MOST_STEP_M)
    east, north = slopes(surface, anchor, step)
    return _onto(np.stack((east, north), axis=1), unit, sensor, ground)


def _onto(slope: Floats, unit: Floats, sensor: Floats, ground: Floats) -> Floats:
    """Moves of the meeting, for a plane of the given slope."""
    normal = np.concatenate((-slope, np.ones((len(slope), 1))), axis=1)
    sinking = np.einsum("ni,ni->n", normal, unit)
    with np.errstate(invalid="ignore", divide="ignore"):
        # a ray that runs along the ground, or would come from below it, has no first order
        along = unit / np.where(sinking < -_LEAST_SINE, sinking, np.nan)[:, None]
    lift = np.einsum("ni,nik->nk", normal, ground - sensor)
    return np.asarray(sensor + along[..., None] * lift[:, None, :])


def plane_range_gradient(looks: Looks, anchor: Anchors, moves: Floats, effect_map: Floats) -> Floats:
    """(n, 40) metres of slant range per unit error, for moves (n, 3, 40) of the meeting."""
    unit = np.einsum("nji,nj->ni", anchor.enu, looks.toward)
    sensor = anchor.enu.transpose(0, 2, 1) @ effect_map[:, SENSOR]
    return np.asarray(np.einsum("ni,nik->nk", unit, moves - sensor))


def geodetic_of(anchor: Anchors, enu_m: Floats) -> tuple[Floats, Floats, Floats]:
    """Longitude, latitude, height above the ellipsoid of offsets (n, 3) from the anchors."""
    flat = enu_m.copy()
    flat[:, 2] = 0.0
    xyz = anchor.xyz_m + np.einsum("nij,nj->ni", anchor.enu, flat)
    lon, lat, _ = ecef_to_geodetic(xyz)
    return lon, lat, anchor.height_hae_m + enu_m[:, 2]
