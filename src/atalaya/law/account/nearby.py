"""Which areas of a layer a path may have touched: so that only those are accounted for, and none is
missed."""

import numpy as np
from numpy.typing import NDArray

from atalaya.law.account import kernels
from atalaya.law.account.options import AccountOptions
from atalaya.law.account.path import Claims, Path
from atalaya.law.account.port import Index

SPACING_M = 20_000.0
DEGREE_M = 110_000.0
"""Metres of a degree of latitude, rather too few: boxes come out rather too large."""

Floats = NDArray[np.float64]


def areas_near(index: Index, path: Path, claims: Claims, options: AccountOptions) -> list[int]:
    """Numbers of the areas within reach of the path or claimed by unbelieved fixes, in the layer's order.

    Gaps longer than `prism_limit_s` name no area: from there any could be reached.
    """
    place, reach = kernels.knots(
        path.lon_deg, path.lat_deg, path.dt_s, path.step_m, path.speed_mps, SPACING_M, options.prism_limit_s
    )
    near = reach + float(path.radius_m.max()) + 1.0
    lon, lat = path.lon_deg[place], path.lat_deg[place]
    claim_lon, claim_lat = _thinned(claims)
    found = []
    for area, box in enumerate(index.boxes):
        largest = index.record.bound_of(index.areas[area])
        close = np.flatnonzero(_within(box, lon, lat, near + (largest if np.isfinite(largest) else 0.0)))
        if len(close) and _may_touch(index, area, lon[close], lat[close], near[close]):
            found.append(area)
            continue
        here = np.flatnonzero(_within(box, claim_lon, claim_lat, np.zeros(len(claim_lon))))
        if len(here) and index.contains(area, claim_lon[here], claim_lat[here]).any():
            found.append(area)
    return found


def _may_touch(index: Index, area: int, lon: Floats, lat: Floats, near_m: Floats) -> bool:
    """Whether any place lies inside or nearer than its reach; widest reach first, a few at a time."""
    order = np.argsort(-near_m, kind="stable")
    for start in range(0, len(order), 256):
        some = order[start : start + 256]
        _, upper = index.depth_bounds_m(area, lon[some], lat[some])
        bound = index.bound_m(area, lon[some], lat[some])
        if (upper >= -near_m[some] - np.where(np.isfinite(bound), bound, 0.0)).any():
            return True
    return False


def _within(box: Floats, lon: Floats, lat: Floats, near_m: Floats) -> NDArray[np.bool_]:
    """Whether places lie in a box made larger by a distance; wide boxes (antimeridian) hold every
    longitude."""
    west, south, east, north = box
    more_lat = near_m / DEGREE_M
    polar = np.maximum(np.abs(lat) + more_lat, np.maximum(abs(south), abs(north)))
    more_lon = np.where(polar < 89.0, more_lat / np.cos(np.radians(np.minimum(polar, 89.0))), 360.0)
    away = np.abs((lon - (west + east) / 2 + 180.0) % 360.0 - 180.0)
    near: NDArray[np.bool_] = (
        (lat >= south - more_lat) & (lat <= north + more_lat) & (away <= (east - west) / 2 + more_lon)
    )
    return near


def _thinned(claims: Claims) -> tuple[Floats, Floats]:
    """The places of unbelieved fixes, repeated ones once."""
    if not len(claims.lon_deg):
        return claims.lon_deg, claims.lat_deg
    places = np.unique(np.stack((claims.lon_deg, claims.lat_deg), axis=1), axis=0)
    return places[:, 0], places[:, 1]
