"""Sites that are one: nearer than their errors tell apart, and never seen apart in one scan; or so near that
whatever lies there is one place, such as a camp and its dump.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.bias import Solution
from atalaya.locate.settle.links import Links

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_SIGMAS2 = 4.0
_APART = 0.5
_AS_TWO = 0.5


def twins(
    found: Solution,
    links: Links,
    must: Iterable[tuple[int, int]],
    never: Iterable[tuple[int, int]],
    one_place_m: float = 0.0,
) -> Index:
    """(n,) row each site becomes after twins are joined: rows are numbered anew, the earlier site's first.

    Args:
        must, never: pairs of rows a reader joined, or parted.
        one_place_m: records nearer than this to one with more tracklets are of its place.
    """
    n = len(found.x_m)
    parent = np.arange(n)
    parted = {tuple(sorted(pair)) for pair in never}
    group: dict[int, set[int]] = {}

    def top(i: int) -> int:
        while parent[i] != i:
            i = int(parent[i])
        return i

    def join(a: int, b: int, *, ask: bool) -> None:
        a, b = sorted((top(a), top(b)))
        ours, theirs = group.get(a, {a}), group.get(b, {b})
        if a == b or any((min(i, j), max(i, j)) in parted for i in ours for j in theirs):
            return
        if ask and any((min(i, j), max(i, j)) in apart for i in ours for j in theirs):
            return
        parent[b] = a
        group[a] = ours | theirs

    pairs = _near(found)
    apart = _seen_apart(links, pairs)
    for a, b in must:
        join(a, b, ask=False)
    for a, b in pairs:
        join(int(a), int(b), ask=True)
    records = np.array([top(i) for i in range(n)], np.int64)
    for a, b in _of_one_place(found, links, records, one_place_m):
        join(a, b, ask=False)
    roots = np.array([top(i) for i in range(n)], np.int64)
    _, row = np.unique(roots, return_inverse=True)
    return row.astype(np.int64)


def _of_one_place(found: Solution, links: Links, record: Index, one_place_m: float) -> list[tuple[int, int]]:
    """Pairs of records (rows, as numbered by `record`): those with most tracklets take all near them that no
    other has taken.
    """
    from scipy.spatial import cKDTree

    if one_place_m <= 0.0 or len(record) < 2:
        return []
    held = np.bincount(links.site, links.share, len(record))
    rows, of = np.unique(record, return_inverse=True)
    whole = np.bincount(of, held)
    middle = np.stack([np.bincount(of, held * axis) / whole for axis in found.x_m.T], axis=1)
    near = cKDTree(middle).query_ball_point(middle, one_place_m, return_sorted=True)
    taken = np.zeros(len(rows), np.bool_)
    pairs = []
    for k in np.lexsort((np.arange(len(whole)), -whole)).tolist():
        if taken[k]:
            continue
        mine = [other for other in near[k] if not taken[other]]
        taken[mine] = True
        pairs += [(int(rows[k]), int(rows[other])) for other in mine if other != k]
    return pairs


def _near(found: Solution) -> Index:
    """(k, 2) pairs nearer than 2 sigma of what they do not share, nearest first."""
    from scipy.spatial import cKDTree

    if len(found.x_m) < 2:
        return np.empty((0, 2), np.int64)
    spread = np.sqrt(found.own_m2[:, 0, 0] + found.own_m2[:, 1, 1])
    order = np.argsort(spread)
    wide = spread[order[int(0.99 * (len(order) - 1))]]
    tree = cKDTree(found.x_m)
    pairs = [tree.query_pairs(2.0 * np.sqrt(2.0) * float(wide), output_type="ndarray")]
    for i in np.flatnonzero(spread > wide):
        others = np.array(tree.query_ball_point(found.x_m[i], 4.0 * spread[i]), np.int64)
        others = others[others != i]
        pairs.append(np.stack((np.minimum(others, i), np.maximum(others, i)), axis=1))
    near = np.unique(np.concatenate(pairs).astype(np.int64), axis=0)
    v = found.x_m[near[:, 0]] - found.x_m[near[:, 1]]
    s = found.own_m2[near[:, 0]] + found.own_m2[near[:, 1]]
    d2 = np.einsum("ki,kij,kj->k", v, np.linalg.inv(s), v)
    close = d2 < _SIGMAS2
    return np.asarray(near[close][np.argsort(d2[close], kind="stable")], np.int64)


def _seen_apart(links: Links, pairs: Index) -> set[tuple[int, int]]:
    """Pairs that gave different tracklets to the same scans as often as two things would.

    Two things seen in a and b of n scans are both seen in a b / n of them; one thing with two records is seen
    twice only where a false tracklet lies beside it.
    """
    wanted = np.zeros(int(links.site.max(initial=-1)) + 1, np.bool_)
    wanted[pairs.ravel()] = True
    sure = links.take((links.share > _APART) & wanted[links.site])
    scans: dict[int, dict[int, int]] = {}
    columns = (sure.site.tolist(), sure.scan.tolist(), sure.tracklet.tolist())
    for site, scan, tracklet in zip(*columns, strict=True):
        scans.setdefault(site, {})[scan] = tracklet
    found = set()
    for a, b in pairs.tolist():
        ours, theirs = scans.get(a, {}), scans.get(b, {})
        both = sum(theirs.get(scan, tracklet) != tracklet for scan, tracklet in ours.items())
        seen = len(ours.keys() | theirs.keys())
        if both and both * seen > _AS_TWO * len(ours) * len(theirs):
            found.add((min(a, b), max(a, b)))
    return found
