"""Signs of one kind that lie together are one claim: two roofs of a camp, twenty drums beside a shed."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.tracklets.table import Tracklets

TOGETHER_M = 60.0
"""Signs of one kind within so many metres in one look are of one place."""


def together(tracklets: Tracklets, reach_m: float = TOGETHER_M) -> Tracklets:
    """Tracklets of one clip, sensor and kind of evidence that lie together, as the one with most evidence.

    The filter lets a place give one tracklet per look: without this each roof of a camp would found a site.
    The claim is placed at the mean of its members, and keeps id, evidence and errors of the best. What moves
    is left as it is.

    Args:
        reach_m: from one sign to the next; chains of them are one place.
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
    """(n,) number of the place of each row: connected within a clip, sensor and kind of evidence."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    names = [getattr(tracklets, name)[rows].astype("U") for name in ("clip", "sensor", "evidence")]
    _, group = np.unique(np.stack(names), axis=1, return_inverse=True)
    lat = tracklets.lat_deg[rows]
    east = ((tracklets.lon_deg[rows] - tracklets.lon_deg[rows[0]] + 180.0) % 360.0 - 180.0) * 111_320.0
    flat = np.stack((east * np.cos(np.radians(lat)), lat * 110_574.0), axis=1)
    # groups lie so far apart that none reaches into another
    apart = np.column_stack((flat, group.ravel() * 10.0 * reach_m))
    pairs = cKDTree(apart).query_pairs(reach_m, output_type="ndarray")
    n = len(rows)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.intp)


def _stacked(first: Tracklets, second: Tracklets) -> Tracklets:
    columns = {
        name: np.concatenate((getattr(first, name), getattr(second, name)))
        for name in Tracklets.__dataclass_fields__
    }
    return Tracklets(**columns)
