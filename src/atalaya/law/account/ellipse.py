"""Whether an aircraft can have touched an area between two fixes outside: does |XP1| + |XP2| <= S meet it?

Cheap answers first: no, where d1 + d2 > S; yes, where the nearest place to either fix satisfies it. The
rest is
decided by halving cells of the ellipse: a cell is dropped when the area is farther than the cell is large or
the cell lies outside the ellipse, and answers yes when the area's nearest place to it satisfies the sum.
What is
still open at the tolerance counts as yes: possible is the answer that hides nothing.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import geodesic
from atalaya.earth.ellipsoid import geod
from atalaya.law.account.port import Index

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

FINEST_M = 50.0
FINEST_SHARE = 0.002
"""Cells are not halved below 50 m or 0.2 % of S."""

LEVELS = 14
MOST_CELLS = 200_000
WIDER = 1.006
"""A cell of the azimuthal map is never larger on the ground than on the map, ellipsoid included."""

Place = tuple[Floats, Floats]


def reachable(
    index: Index, area: int, first: Place, second: Place, sum_m: Floats, d1_m: Floats, d2_m: Floats
) -> Bools:
    """(k,) whether the area can have been touched.

    Args:
        first, second: (k,) longitude and latitude of both fixes, outside the area.
        sum_m: (k,) S, already enlarged by what positions and layer may be wrong.
        d1_m, d2_m: (k,) exact distances to the area.
    """
    met = np.zeros(len(sum_m), np.bool_)
    open_ = np.flatnonzero((d1_m + d2_m <= sum_m) & (sum_m > 0.0))
    for place in (first, second):
        if len(open_):
            lon, lat, _ = index.nearest(area, place[0][open_], place[1][open_])
            yes = _sum(lon, lat, first, second, open_) <= sum_m[open_]
            met[open_[yes]] = True
            open_ = open_[~yes]
    if len(open_):
        met[open_] = _by_cells(index, area, first, second, sum_m, open_)
    return met


def _sum(lon: Floats, lat: Floats, first: Place, second: Place, row: NDArray[np.intp]) -> Floats:
    one, _ = geodesic(lon, lat, first[0][row], first[1][row])
    two, _ = geodesic(lon, lat, second[0][row], second[1][row])
    return one + two


def _by_cells(
    index: Index, area: int, first: Place, second: Place, sum_m: Floats, rows: NDArray[np.intp]
) -> Bools:
    """(len(rows),) answers; cells of all ellipses are halved together."""
    span, azimuth = geodesic(first[0][rows], first[1][rows], second[0][rows], second[1][rows])
    solver = geod()
    middle_lon, middle_lat, back = solver.fwd(first[0][rows], first[1][rows], azimuth, span / 2)
    heading = np.asarray(back) + 180.0
    half_long = sum_m[rows] / 2
    half_wide = np.sqrt(np.maximum(half_long**2 - (span / 2) ** 2, 1.0))
    finest = np.maximum(FINEST_M, FINEST_SHARE * sum_m[rows])
    met = np.zeros(len(rows), np.bool_)
    who, x, y, hx, hy = _first_cells(half_long, half_wide)
    for _ in range(LEVELS):
        if not len(who):
            return met
        if len(who) > MOST_CELLS:
            break
        away, turn = np.hypot(x, y), np.degrees(np.arctan2(y, x))
        lon, lat, _ = solver.fwd(
            np.asarray(middle_lon)[who], np.asarray(middle_lat)[who], heading[who] + turn, away
        )
        lon, lat = np.asarray(lon), np.asarray(lat)
        half = WIDER * np.hypot(hx, hy)
        limit = sum_m[rows[who]]
        near_lon, near_lat, gap = index.nearest(area, lon, lat)
        within = index.contains(area, lon, lat)
        centre_sum = _sum(lon, lat, first, second, rows[who])
        edge_sum = _sum(near_lon, near_lat, first, second, rows[who])
        yes = (edge_sum <= limit) | (within & (centre_sum <= limit))
        met[who[yes]] = True
        live = ~met[who] & (centre_sum - 2.0 * half <= limit) & (within | (gap <= half))
        done = live & (half <= finest[who])
        met[who[done]] = True
        live &= ~met[who]
        who, x, y, hx, hy = _halved(who[live], x[live], y[live], hx[live], hy[live])
    met[who] = True
    return met


def _first_cells(half_long: Floats, half_wide: Floats) -> tuple[Ints, Floats, Floats, Floats, Floats]:
    """About square cells along the long axis of every ellipse."""
    count = np.clip(np.ceil(half_long / half_wide), 1, 64).astype(np.int64)
    who = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    hx = (half_long / count)[who]
    x = -half_long[who] + hx * (2 * number + 1)
    return who, x, np.zeros(len(who)), hx, half_wide[who]


def _halved(
    who: Ints, x: Floats, y: Floats, hx: Floats, hy: Floats
) -> tuple[Ints, Floats, Floats, Floats, Floats]:
    """Each cell as four."""
    signs = ((-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5))
    return (
        np.tile(who, 4),
        np.concatenate([x + sx * hx for sx, _ in signs]),
        np.concatenate([y + sy * hy for _, sy in signs]),
        np.tile(hx / 2, 4),
        np.tile(hy / 2, 4),
    )
