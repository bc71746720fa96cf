"""Sites that talked each other out of existence: the strongest of them is asked again without the others.

Two records of one thing, a little apart, each explain the other's tracklets. Asked at the same time, each
with the other taken for certain, both fall; asked alone, one of them stands.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.bias import Solution
from atalaya.locate.filter import Places, ScanField
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan
from atalaya.locate.settle.links import Links
from atalaya.locate.settle.positions import of_sites
from atalaya.locate.settle.reassociate import reassociate

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_STOOD = 0.5
_SHARED = 0.05


def spared(
    found: Solution,
    before: tuple[Places, Links],
    after: tuple[Places, Links],
    scans: Sequence[Scan],
    sortie: Index,
    where: ScanField,
    model: SiteModel,
) -> tuple[Index, Links]:
    """Rows spared, and all links with theirs anew.

    Args:
        found: places of sites. before, after: sites and links before they were associated again, and after.
    """
    (first, old), (final, links) = before, after
    lost = (first.r > _STOOD) & (final.r < _STOOD)
    kept, neighbours = _choose(lost, first.r, old)
    if len(kept) == 0:
        return kept, links
    rows = np.union1d(kept, np.setdiff1d(neighbours, np.flatnonzero(lost)))
    new = np.full(len(final), -1)
    new[rows] = np.arange(len(rows))
    some = first.some(rows)
    some.r = np.where(np.isin(rows, kept), first.r[rows], final.r[rows])
    fewer = old.take(new[old.site] >= 0).renamed(new)
    again = reassociate(of_sites(found, rows), some, fewer, scans, sortie, where, model)
    asked = again.take(np.isin(rows[again.site], kept))
    rest = links.take(~np.isin(links.site, kept))
    stands = np.intersect1d(kept, rows[asked.site])
    if len(stands) < len(kept):
        return kept[:0], links
    return kept, rest.joined(asked.renamed(rows)).sorted()


def _choose(lost: NDArray[np.bool_], r: Floats, old: Links) -> tuple[Index, Index]:
    """Of lost sites that shared tracklets with others lost: the strongest of each group, and all that shared
    tracklets with it.
    """
    real = old.take(old.share > _SHARED)
    tracklet = real.scan * (int(real.tracklet.max(initial=0)) + 1) + real.tracklet
    real = real.take(np.isin(tracklet, np.unique(tracklet[lost[real.site]])))
    by_tracklet: dict[tuple[int, int], list[int]] = {}
    columns = (real.scan.tolist(), real.tracklet.tolist(), real.site.tolist())
    for scan, tracklet, site in zip(*columns, strict=True):
        by_tracklet.setdefault((scan, tracklet), []).append(site)
    rivals: dict[int, set[int]] = {}
    for sites in by_tracklet.values():
        if len(sites) > 1 and any(lost[site] for site in sites):
            for site in sites:
                rivals.setdefault(site, set()).update(sites)
    kept: list[int] = []
    fallen: set[int] = set()
    for row in sorted(np.flatnonzero(lost).tolist(), key=lambda row: (-r[row], row)):
        others = {site for site in rivals.get(row, set()) if lost[site] and site != row}
        if others and row not in fallen:
            kept.append(row)
            fallen |= others
    near = sorted({site for row in kept for site in rivals[row]})
    return np.array(sorted(kept), np.int64), np.array(near, np.int64)
