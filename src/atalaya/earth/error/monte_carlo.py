"""The error of a point read off a cloud of disturbed rays: parts, region, CE90, LE90, shared part."""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis
from atalaya.earth.error.budget import TERMS
from atalaya.earth.error.cloud import Anchors, Cloud, anchored
from atalaya.earth.error.clusters import Parts, moments, parts_by_range
from atalaya.earth.error.draws import Draws
from atalaya.earth.error.effects import disturbed
from atalaya.earth.error.estimate import Estimate
from atalaya.earth.error.first_order import jacobian
from atalaya.earth.error.ground_point import Method
from atalaya.earth.error.looks import Looks
from atalaya.earth.error.order import quantile_of_cloud
from atalaya.earth.error.ranging import with_ranges
from atalaya.earth.error.region import region_scale
from atalaya.earth.surface import HitStatus, Surface

Floats = NDArray[np.float64]

LEAST_FOUND = 20
"""Rays that must meet the ground before a place is given where the undisturbed one met none."""


def monte_carlo(
    surface: Surface, looks: Looks, anchor: Anchors, effect_map: Floats, draws: Draws
) -> tuple[Anchors, Estimate]:
    """Estimates of all looks from the same draws."""
    effect = draws.unit @ effect_map.transpose(0, 2, 1)
    met_nothing = np.isnan(anchor.xyz_m[:, 0])
    anchor, cloud = anchored(anchor, surface, looks, effect)
    bare = met_nothing & (cloud.weight.sum(axis=1) < LEAST_FOUND)
    anchor, cloud, alone = _by_range_alone(anchor, looks, effect, draws, cloud, bare)
    part = parts_by_range(np.where(cloud.weight > 0.0, cloud.range_m, np.nan))
    parts = moments(cloud.enu_m, cloud.range_m, cloud.weight, part)
    stated = np.where(alone, np.nan, looks.range_m)
    ranged = with_ranges(cloud, part, parts, stated, looks.range_sigma_m, draws.range_unit)
    cloud = ranged.cloud
    if ranged.used.any():
        parts = moments(cloud.enu_m, cloud.range_m, cloud.weight, part)
    at_anchor = ~(met_nothing | ranged.used)
    home = _home(anchor, parts, at_anchor)
    place = np.where(at_anchor[:, None], 0.0, parts.mean[np.arange(len(home)), home])
    place[cloud.weight.sum(axis=1) == 0.0] = np.nan
    scale = region_scale(cloud.enu_m, cloud.weight, parts)
    factor = _shared(surface, looks, anchor, effect_map, draws, cloud, part == home[:, None])
    off = cloud.enu_m - np.nan_to_num(place)[:, None, :]
    return anchor, Estimate(
        place,
        _home_first(parts, home),
        factor,
        quantile_of_cloud(np.hypot(off[..., 0], off[..., 1]), cloud.weight),
        quantile_of_cloud(np.abs(off[..., 2]), cloud.weight),
        scale,
        np.where(np.isfinite(place[:, 0]), Method.MONTE_CARLO, Method.NONE).astype(np.uint8),
        ranged.used | alone,
        ranged.conflict,
        cloud.sky,
        cloud.outside,
    )


def _by_range_alone(
    anchor: Anchors, looks: Looks, effect: Floats, draws: Draws, cloud: Cloud, bare: NDArray[np.bool_]
) -> tuple[Anchors, Cloud, NDArray[np.bool_]]:
    """Where there is no ground to meet but a slant range was measured: its end is the place.

    Too few meetings without a range are no place at all.
    """
    alone = bare & np.isfinite(looks.range_m + looks.range_sigma_m)
    enu, reach, weight = cloud.enu_m.copy(), cloud.range_m.copy(), cloud.weight.copy()
    weight[bare & ~alone] = 0.0
    rows = np.flatnonzero(alone)
    if not len(rows):
        return anchor, Cloud(enu, reach, weight, cloud.sky, cloud.outside), alone
    xyz, height_hae, distance, frame = (
        part.copy() for part in (anchor.xyz_m, anchor.height_hae_m, anchor.range_m, anchor.enu)
    )
    xyz[rows] = looks.origin_m[rows] + looks.range_m[rows, None] * looks.toward[rows]
    lon, lat, height_hae[rows] = ecef_to_geodetic(xyz[rows])
    frame[rows], distance[rows] = enu_basis(lon, lat), looks.range_m[rows]
    origin, ray, shift = disturbed(looks.take(rows), effect[rows])
    measured = looks.range_m[rows, None] + looks.range_sigma_m[rows, None] * draws.range_unit
    ends = origin + shift + measured[..., None] * ray
    enu[rows] = (ends - xyz[rows, None, :]) @ frame[rows]
    enu[rows, :, 2] = ecef_to_geodetic(ends)[2] - height_hae[rows, None]
    reach[rows], weight[rows] = measured, 1.0
    moved = Anchors(anchor.status, xyz, distance, height_hae, frame)
    return moved, Cloud(enu, reach, weight, cloud.sky, cloud.outside), alone


def _home(anchor: Anchors, parts: Parts, at_anchor: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(n,) the part the place belongs to: that of the undisturbed meeting, else the likeliest."""
    spread = np.sqrt(parts.range_variance) + 1.0
    off = np.abs(parts.range_m - anchor.range_m[:, None]) / spread
    nearest = np.argmin(np.where(parts.weight > 0.0, off, np.inf), axis=1)
    return np.asarray(np.where(at_anchor, nearest, np.argmax(parts.weight, axis=1)), np.intp)


def _home_first(parts: Parts, home: NDArray[np.intp]) -> Parts:
    """The parts with the place's own in front, the others by falling weight."""
    rank = parts.weight.copy()
    rank[np.arange(len(home)), home] = 2.0
    order = np.argsort(-rank, axis=1, kind="stable")
    rows = np.arange(len(home))[:, None]
    return Parts(*(getattr(parts, name)[rows, order] for name in Parts.__dataclass_fields__))


def _shared(
    surface: Surface,
    looks: Looks,
    anchor: Anchors,
    effect_map: Floats,
    draws: Draws,
    cloud: Cloud,
    at_home: NDArray[np.bool_],
) -> Floats:
    """(n, 3, 20) how the place moves per unit error of the sortie, by regression of the cloud on its draws.

    Where too few draws are left to regress on, the Jacobian; where that fails, NaN.
    """
    n, terms, samples = len(looks), len(TERMS), len(draws)
    weight = np.where(at_home, cloud.weight, 0.0)
    out = np.full((n, 3, terms), np.nan)
    full = np.ptp(weight, axis=1) == 0.0
    out[full] = cloud.enu_m[full].transpose(0, 2, 1) @ draws.unit[:, :terms] / samples
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = np.nan_to_num(weight.sum(axis=1) ** 2 / np.sum(weight**2, axis=1))
    fit = ~full & (effective >= 3 * draws.unit.shape[1])
    rows = np.flatnonzero(fit)
    if len(rows):
        out[rows] = _regressed(cloud.enu_m[rows], weight[rows], draws.unit)[..., :terms]
    rows = np.flatnonzero(~full & ~fit & (anchor.status <= HitStatus.GRAZING))
    if len(rows):
        local = jacobian(surface, looks.take(rows), anchor.take(rows), effect_map[rows])
        out[rows] = local[..., :terms]
    return out


def _regressed(enu_m: Floats, weight: Floats, unit: Floats) -> Floats:
    """(n, 3, 40) weighted least squares of places (n, s, 3) on unit errors (s, 40) and a constant."""
    columns = np.concatenate((np.ones((len(unit), 1)), unit), axis=1)
    scaled = columns[None] * weight[..., None]
    normal = scaled.transpose(0, 2, 1) @ columns
    # errors that are not in the budget move nothing and leave the normal matrix regular all the same
    solved = np.linalg.solve(normal, scaled.transpose(0, 2, 1) @ enu_m)
    return np.asarray(solved.transpose(0, 2, 1)[..., 1:])
