"""Pieces of supported steps in which the standing changes: depth is followed along the geodesic."""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import ecef_to_geodetic, geodetic_to_ecef
from atalaya.law.account.intervals import Pieces, Standing, pieces
from atalaya.law.account.port import Index

Floats = NDArray[np.float64]

SHORT_M = 100.0
"""Over so short a piece depth is taken as straight."""

LEVELS = 12


def walked(
    index: Index,
    area: int,
    start: tuple[Floats, Floats, Floats, Floats],
    end: tuple[Floats, Floats, Floats, Floats],
    length_m: Floats,
    threshold_m: Floats,
) -> list[Pieces]:
    """The pieces of k steps.

    Args:
        start, end: (k,) time in microseconds, longitude, latitude, exact depth of both ends.
        length_m: (k,) of each step. threshold_m: (k,) bound of the layer plus radius of the position.
    """
    made: list[Pieces] = []
    t0, lon0, lat0, d0 = start
    t1, lon1, lat1, d1 = end
    a, b = geodetic_to_ecef(lon0, lat0, 0.0), geodetic_to_ecef(lon1, lat1, 0.0)
    length, limit = length_m, threshold_m
    for level in range(LEVELS + 1):
        if not len(t0):
            break
        class0, class1 = _class(d0, limit), _class(d1, limit)
        same = class0 == class1
        settled = same & ((class0 == 0) | (np.abs(d0) + np.abs(d1) - length > 2.0 * limit))
        short = ~settled & ((length <= SHORT_M) | (level == LEVELS))
        standing = np.select([class0 > 0, class0 < 0], [Standing.CERTAIN_INSIDE, Standing.CERTAIN_OUTSIDE], 2)
        made.append(pieces(t0[settled], t1[settled], standing[settled], True))
        made += _straight(t0[short], t1[short], d0[short], d1[short], limit[short])
        go = ~(settled | short)
        if not go.any():
            break
        middle = (a[go] + b[go]) / 2
        lon, lat, _ = ecef_to_geodetic(middle)
        depth = index.depth_m(area, lon, lat)
        half_t = (t0[go] + t1[go]) / 2
        t0, t1 = np.concatenate((t0[go], half_t)), np.concatenate((half_t, t1[go]))
        d0, d1 = np.concatenate((d0[go], depth)), np.concatenate((depth, d1[go]))
        a, b = np.concatenate((a[go], middle)), np.concatenate((middle, b[go]))
        length, limit = np.tile(length[go] / 2, 2), np.tile(limit[go], 2)
    return made


def _class(depth: Floats, limit: Floats) -> NDArray[np.int8]:
    return (depth > limit).astype(np.int8) - (depth < -limit).astype(np.int8)


def _straight(t0: Floats, t1: Floats, d0: Floats, d1: Floats, limit: Floats) -> list[Pieces]:
    """Cut where a straight depth passes the limit on either side."""
    if not len(t0):
        return []
    change = np.where(d1 == d0, 1.0, d1 - d0)
    cuts = np.sort(np.clip(np.stack(((-limit - d0) / change, (limit - d0) / change)), 0.0, 1.0), axis=0)
    share = np.concatenate((np.zeros((1, len(t0))), cuts, np.ones((1, len(t0)))))
    made = []
    for part in range(3):
        middle = d0 + (d1 - d0) * (share[part] + share[part + 1]) / 2
        kind = _class(middle, limit)
        standing = np.select([kind > 0, kind < 0], [Standing.CERTAIN_INSIDE, Standing.CERTAIN_OUTSIDE], 2)
        made.append(pieces(t0 + (t1 - t0) * share[part], t0 + (t1 - t0) * share[part + 1], standing, True))
    return made
