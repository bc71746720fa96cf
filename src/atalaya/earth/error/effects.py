"""How each unit error moves a look: the linear map from errors to a disturbed ray and a disturbed ground."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis
from atalaya.earth.error.budget import TERMS, ErrorBudget
from atalaya.earth.error.draws import LATENTS
from atalaya.earth.error.looks import Looks

Floats = NDArray[np.float64]

SENSOR, GROUND, TURN, TANGENT = slice(0, 3), slice(3, 6), slice(6, 9), slice(9, 11)
"""Rows of an effect: move of the sensor and of the ground (metres, ECEF), rotation of the ray (radians,
ECEF rotation vector), change of [x, y] in the camera."""

EFFECTS = 11
_AT = {name: place for place, name in enumerate(TERMS)}


def effect_map(looks: Looks, budgets: Sequence[ErrorBudget]) -> Floats:
    """(n, 11, 40) effect of each unit error on each look; columns as in `Draws.unit`.

    Args:
        budgets: one for all looks, or one each.
    """
    per_unit = _per_input(looks)
    n, terms = len(looks), len(TERMS)
    out = np.empty((n, EFFECTS, LATENTS))
    cache: dict[int, tuple[Floats, Floats]] = {}
    for place, budget in enumerate(budgets):
        if id(budget) not in cache:
            shared, own = budget.sigmas()
            mixing = budget.mixing() if budget.correlations else np.eye(terms)
            cache[id(budget)] = shared[:, None] * mixing, own[:, None] * mixing
        rows = slice(None) if len(budgets) == 1 else slice(place, place + 1)
        shared_map, own_map = cache[id(budget)]
        out[rows, :, :terms] = per_unit[rows] @ shared_map
        out[rows, :, terms:] = per_unit[rows] @ own_map
    return out


def _per_input(looks: Looks) -> Floats:
    """(n, 11, 20) effect of one unit (metre, degree, pixel, second) of each input."""
    n = len(looks)
    out = np.zeros((n, EFFECTS, len(TERMS)))
    lon, lat, _ = ecef_to_geodetic(looks.origin_m)
    enu = enu_basis(lon, lat)
    out[:, SENSOR, _AT["position_east_m"] : _AT["position_up_m"] + 1] = enu
    out[:, GROUND, _AT["terrain_up_m"]] = enu[..., 2]
    out[:, GROUND, _AT["terrain_east_m"]] = enu[..., 0]
    out[:, GROUND, _AT["terrain_north_m"]] = enu[..., 1]
    out[:, GROUND, _AT["geoid_m"]] = enu[..., 2]
    radian = np.pi / 180.0
    platform, gimbal = _AT["heading_deg"], _AT["gimbal_azimuth_deg"]
    boresight = _AT["boresight_azimuth_deg"]
    out[:, TURN, platform : platform + 3] = radian * looks.platform_axes.transpose(0, 2, 1)
    out[:, TURN, gimbal : gimbal + 3] = radian * looks.gimbal_axes.transpose(0, 2, 1)
    # azimuth, elevation, roll of the camera: about its down, right and forward axis
    out[:, TURN, boresight : boresight + 3] = radian * looks.camera_to_ecef[..., ::-1]
    out[:, SENSOR, _AT["time_s"]] = looks.velocity_mps
    out[:, TURN, _AT["time_s"]] = radian * looks.slew_dps
    with np.errstate(invalid="ignore", divide="ignore"):
        out[:, TANGENT, _AT["focal_relative"]] = looks.direction[:, 1:] / looks.direction[:, :1]
    out[:, TANGENT.start, _AT["pixel_column_px"]] = looks.pixel_tangent
    out[:, TANGENT.start + 1, _AT["pixel_row_px"]] = looks.pixel_tangent
    return out


def disturbed(looks: Looks, effect: Floats) -> tuple[Floats, Floats, Floats]:
    """Rays through disturbed sensors onto the undisturbed ground, and how far that ground is moved.

    A terrain that lies too far east is met where the undisturbed one is met by a ray shifted west: so one
    model serves all draws.

    Args:
        effect: (n, s, 11) from the effect map times the draws.

    Returns:
        origin (n, s, 3), toward (n, s, 3) unit, ground shift (n, s, 3) to add to what is hit. ECEF, metres.
    """
    ray = np.broadcast_to(looks.direction[:, None, :], (*effect.shape[:2], 3)).copy()
    ray[..., 1:] += effect[..., TANGENT] * ray[..., :1]
    ray = ray @ looks.camera_to_ecef.transpose(0, 2, 1)
    ray = turned(ray, effect[..., TURN])
    with np.errstate(invalid="ignore", divide="ignore"):
        ray /= np.sqrt(np.einsum("...i,...i->...", ray, ray))[..., None]
    origin = looks.origin_m[:, None, :] + effect[..., SENSOR] - effect[..., GROUND]
    return origin, ray, effect[..., GROUND]


def turned(vector: Floats, rotation: Floats) -> Floats:
    """(..., 3) vectors turned by rotation vectors (radians): Rodrigues' formula, good at any angle."""
    angle2 = np.einsum("...i,...i->...", rotation, rotation)[..., None]
    angle = np.sqrt(angle2)
    sinc = np.sinc(angle / np.pi)
    half = 0.5 * np.sinc(angle / (2.0 * np.pi)) ** 2
    dot = np.einsum("...i,...i->...", rotation, vector)[..., None]
    cross = _cross(rotation, vector)
    return np.asarray(vector * (1.0 - half * angle2) + sinc * cross + half * dot * rotation)


def _cross(a: Floats, b: Floats) -> Floats:
    """np.cross without its overhead on long arrays."""
    out = np.empty(np.broadcast_shapes(a.shape, b.shape))
    for first, second, third in ((1, 2, 0), (2, 0, 1), (0, 1, 2)):
        out[..., third] = a[..., first] * b[..., second] - a[..., second] * b[..., first]
    return out
