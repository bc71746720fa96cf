"""Signs of one kind that lie together are one claim: two roofs of a camp, twenty drums beside a shed."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.tracklets.table import Tracklets

TOGETHER_M = 120.0
"""Signs of one kind in one look, none farther from another than this, are of one place."""

_MOST_COMPARED = 2_000

ONE_LOOK_S = 120.0
"""Recordings of one sensor of one sortie that show a place within so many seconds are one look at it."""


def together(tracklets: Tracklets, reach_m: float = TOGETHER_M) -> Tracklets:
    """Tracklets of one look, sensor and kind of evidence that lie together, as the one with most evidence.

    The filter lets a place give one tracklet per look: without this each roof of a camp would found a site.
    The claim is placed at the mean of its members, and keeps id, evidence and errors of the best. What moves
    is left as it is.

    Args:
        reach_m: between any two signs of a place; a village, or a row of houses, is several.
    """
    rows = np.flatnonzero(~tracklets.moving)
    if not len(rows):
        return tracklets
    place = _places(tracklets, rows, reach_m)
    order = np.lexsort((tracklets.id[rows].astype("U"), -tracklets.score[rows], -tracklets.llr[rows], place))
    first = np.r_[True, place[order][1:] != place[order][:-1]]
    best, whose = rows[order[first]], np.cumsum(first) - 1
    weight = np.maximum(tracklets.frames[rows[order]], 1).astype(np.float64)
    total = np.bincount(whose, weight)
    kept = tracklets.take(best)
    shift = [
        np.bincount(whose, weight * (values[rows[order]] - values[best][whose])) / total
        for values in (tracklets.lon_deg, tracklets.lat_deg)
    ]
    joined = replace(kept, lon_deg=kept.lon_deg + shift[0], lat_deg=kept.lat_deg + shift[1])
    moving = tracklets.take(np.flatnonzero(tracklets.moving))
    return _stacked(joined, moving)


def _places(tracklets: Tracklets, rows: NDArray[np.intp], reach_m: float) -> NDArray[np.intp]:
    """(n,) number of the place of each row, within a sortie, sensor and kind of evidence."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    names = [getattr(tracklets, name)[rows].astype("U") for name in ("sortie", "sensor", "evidence")]
    _, group = np.unique(np.stack(names), axis=1, return_inverse=True)
    lat = tracklets.lat_deg[rows]
    east = ((tracklets.lon_deg[rows] - tracklets.lon_deg[rows[0]] + 180.0) % 360.0 - 180.0) * 111_320.0
    flat = np.stack((east * np.cos(np.radians(lat)), lat * 110_574.0), axis=1)
    # groups, and looks at other times, lie so far apart that none reaches into another
    later = _looks(group.ravel(), tracklets.t_us[rows])
    apart = np.column_stack((flat, group.ravel() * 10.0 * reach_m, later * 10.0 * reach_m))
    pairs = cKDTree(apart).query_pairs(reach_m, output_type="ndarray")
    n = len(rows)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return _split(connected_components(graph, directed=False)[1], flat, reach_m)


def _split(chain: NDArray[np.intp], flat: NDArray[np.float64], reach_m: float) -> NDArray[np.intp]:
    """Chains (n,) cut into places: complete linkage, or squares where there are too many signs for it."""
    from scipy.cluster.hierarchy import fcluster, linkage

    place, born = np.empty(len(chain), np.intp), 0
    order = np.argsort(chain, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(chain[order])) + 1):
        own = np.zeros(len(rows), np.intp)
        if len(rows) > _MOST_COMPARED:
            own = np.unique(np.floor(flat[rows] / reach_m), axis=0, return_inverse=True)[1].ravel()
        elif np.ptp(flat[rows], axis=0).max() > reach_m / 2.0:
            own = fcluster(linkage(flat[rows], "complete"), reach_m, "distance")
        _, own = np.unique(own, return_inverse=True)
        place[rows] = born + own.ravel()
        born += int(own.max()) + 1
    return place


def _looks(group: NDArray[np.intp], t_us: NDArray[np.int64]) -> NDArray[np.intp]:
    """(n,) number of the look: a new one after a silence of `ONE_LOOK_S` in the claims of a group."""
    order = np.lexsort((t_us, group))
    gap = np.diff(t_us[order], prepend=t_us[order[:1]]) > ONE_LOOK_S * 1e6
    gap |= np.diff(group[order], prepend=group[order[:1]]) != 0
    number = np.empty(len(group), np.intp)
    number[order] = np.cumsum(gap)
    return number


def _stacked(first: Tracklets, second: Tracklets) -> Tracklets:
    columns = {
        name: np.concatenate((getattr(first, name), getattr(second, name)))
        for name in Tracklets.__dataclass_fields__
    }
    return Tracklets(**columns)
