"""Which tracklets are whose, of all scans, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.filter.step import Met
from atalaya.locate.scan import Scan

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs by scan, site, tracklet; (p,) each.

    scan, site, tracklet: numbers (site: row of the sites settled)
    share: that the tracklet is the site's, given that the site exists      heard: its part of T
    """

    scan: Index
    site: Index
    tracklet: Index
    share: Floats
    heard: Floats

    def __len__(self) -> int:
        return len(self.scan)

    def take(self, rows: NDArray[np.bool_] | Index) -> "Links":
        """Some of them."""
        return Links(
            self.scan[rows], self.site[rows], self.tracklet[rows], self.share[rows], self.heard[rows]
        )

    def renamed(self, row: Index) -> "Links":
        """With sites numbered anew, one to one."""
        return replace(self, site=row[self.site])

    def joined(self, other: "Links") -> "Links":
        """With those of another."""
        return Links(
            np.concatenate((self.scan, other.scan)),
            np.concatenate((self.site, other.site)),
            np.concatenate((self.tracklet, other.tracklet)),
            np.concatenate((self.share, other.share)),
            np.concatenate((self.heard, other.heard)),
        )

    def sorted(self) -> "Links":
        """By scan, site, tracklet."""
        if len(self) == 0:
            return self
        sites, tracklets = int(self.site.max()) + 1, int(self.tracklet.max()) + 1
        # one number for all three sorts faster than three do
        key = (self.scan * sites + self.site) * tracklets + self.tracklet
        return self.take(np.argsort(key, kind="stable"))

    def of_scans(self, count: int) -> list[slice]:
        """The rows of each scan."""
        edge = np.searchsorted(self.scan, np.arange(count + 1))
        return [slice(int(a), int(b)) for a, b in pairwise(edge)]

    def merged_into(self, row: Index) -> "Links":
        """With sites numbered anew, several old ones to one; a site then has at most one whole tracklet of
        a scan, so shares that add up to more are scaled down.
        """
        new = self.renamed(row).sorted()
        first = np.append(True, (np.diff(new.scan) != 0) | (np.diff(new.site) != 0))[: len(new)]
        at = np.cumsum(first) - 1
        total = np.bincount(at, new.share)
        return replace(new, share=new.share / np.maximum(total, 1.0)[at])


def links_of(met: Sequence[Met], serial: Index) -> Links:
    """Links of sites known by their serial numbers, rising; those of others are left out."""
    if not met:
        none, empty = np.empty(0, np.int64), np.empty(0)
        return Links(none, none, none, empty, empty)
    scan = np.repeat(np.arange(len(met)), [len(each.site) for each in met])
    site = np.concatenate([each.site for each in met])
    row = np.searchsorted(serial, site)
    known = row < len(serial)
    known[known] = serial[row[known]] == site[known]
    rest = (np.concatenate([getattr(each, name) for each in met]) for name in ("tracklet", "share", "heard"))
    return Links(scan, row, *rest).take(known).sorted()


@dataclass(frozen=True, slots=True)
class Stacked:
    """Tracklets of all scans as one set of columns.

    first: (scans,) where each scan's begin      z, own, shared, llr: as `Scan` has them,
    shared with no terms at all where no scan has any
    """

    first: Index
    z: Floats
    own: Floats
    shared: Floats
    llr: Floats


def stacked(scans: Sequence[Scan]) -> Stacked:
    """All tracklets in the order of the scans."""
    first = np.concatenate(([0], np.cumsum([len(scan) for scan in scans])))[:-1].astype(np.int64)
    z, own, llr = (
        np.concatenate([getattr(scan, name) for scan in scans]) for name in ("z_m", "own_m2", "llr")
    )
    if any(scan.shared_m.any() for scan in scans):
        return Stacked(first, z, own, np.concatenate([scan.shared_m for scan in scans]), llr)
    return Stacked(first, z, own, np.empty((len(z), 2, 0)), llr)
