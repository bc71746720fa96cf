"""Names of sites, and what readers said of them, brought onto rows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.judgement import Judgement
from atalaya.locate.scan import Scan
from atalaya.locate.settle.links import Links

Index = NDArray[np.int64]


def site_id(tracklet: str) -> str:
    """Name of the site a tracklet founded: the same whenever it is founded again."""
    return "S" + hashlib.sha256(tracklet.encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class Rows:
    """Sites in the order of their founding.

    names: id of each      founder: (n, 2) scan and tracklet
    known: rows by every id that leads to them, joined sites' too      parted: pairs of rows never to join
    barred: scan, tracklet and row of what a reader said is not the site's
    """

    names: tuple[str, ...]
    founder: Index
    known: Mapping[str, int]
    parted: tuple[tuple[int, int], ...] = ()
    barred: tuple[tuple[int, int, int], ...] = ()

    @classmethod
    def of(cls, founder: Index, scans: Sequence[Scan]) -> "Rows":
        """Named by the tracklets that founded them."""
        names = tuple(site_id(scans[s].tracklet[t]) for s, t in founder.tolist())
        return cls(names, founder, {name: row for row, name in enumerate(names)})

    def merged_into(self, row: Index) -> "Rows":
        """Numbered anew; of several that become one, the first keeps its name."""
        _, first = np.unique(row, return_index=True)
        known = {name: int(row[old]) for name, old in self.known.items()}
        parted = tuple((int(row[a]), int(row[b])) for a, b in self.parted)
        barred = tuple((scan, tracklet, int(row[old])) for scan, tracklet, old in self.barred)
        return Rows(tuple(self.names[k] for k in first), self.founder[first], known, parted, barred)

    def take(self, keep: NDArray[np.bool_]) -> "Rows":
        """Without some."""
        new = np.cumsum(keep) - 1
        known = {name: int(new[row]) for name, row in self.known.items() if keep[row]}
        parted = tuple((int(new[a]), int(new[b])) for a, b in self.parted if keep[a] and keep[b])
        names = tuple(name for name, kept in zip(self.names, keep.tolist(), strict=True) if kept)
        barred = tuple((scan, tracklet, int(new[a])) for scan, tracklet, a in self.barred if keep[a])
        return Rows(names, self.founder[keep], known, parted, barred)


def split_off(
    rows: Rows, links: Links, reviews: Sequence[Judgement], scans: Sequence[Scan]
) -> tuple[Rows, Links]:
    """Found a site of its own for every tracklet a reader split off; both never join again."""
    if not any(review.verdict == "split" for review in reviews):
        return rows, links
    names, founder, known, parted = (
        list(rows.names),
        [*rows.founder.tolist()],
        dict(rows.known),
        list(rows.parted),
    )
    barred = list(rows.barred)
    place = {name: (s, t) for s, scan in enumerate(scans) for t, name in enumerate(scan.tracklet)}
    for review in reviews:
        if review.verdict != "split" or review.site not in known or review.other not in place:
            continue
        new = site_id(review.other)
        old = known[review.site]
        if new not in known:
            known[new] = len(names)
            names.append(new)
            founder.append(list(place[review.other]))
        if known[new] == old:
            continue
        parted.append((min(old, known[new]), max(old, known[new])))
        barred.append((*place[review.other], old))
        links = _given(links, place[review.other], old, known[new])
    founders = np.array(founder, np.int64).reshape(-1, 2)
    return Rows(tuple(names), founders, known, tuple(parted), tuple(barred)), links


def _given(links: Links, place: tuple[int, int], old: int, new: int) -> Links:
    """A tracklet taken from one site and given whole to another."""
    mine = (
        (links.scan == place[0]) & (links.tracklet == place[1]) & ((links.site == old) | (links.site == new))
    )
    heard = float(links.heard[mine].max()) if mine.any() else 1.0
    rest = links.take(~mine)
    added = (place[0], new, place[1], 1.0, heard)
    columns = (rest.scan, rest.site, rest.tracklet, rest.share, rest.heard)
    return Links(*(np.append(column, value) for column, value in zip(columns, added, strict=True))).sorted()


def joined(rows: Rows, reviews: Sequence[Judgement]) -> list[tuple[int, int]]:
    """Pairs of rows a reader said are one."""
    return [
        (rows.known[review.site], rows.known[review.other])
        for review in reviews
        if review.verdict == "merge" and review.site in rows.known and review.other in rows.known
    ]


def judged(
    rows: Rows, reviews: Sequence[Judgement], scans: Sequence[Scan]
) -> dict[int, list[tuple[int, Judgement]]]:
    """Verdicts by the number of the scan they come before, each with the row it judges."""
    times = np.maximum.accumulate(np.array([scan.t_us for scan in scans], np.int64))
    found: dict[int, list[tuple[int, Judgement]]] = {}
    for review in reviews:
        if review.verdict in ("accept", "reject", "unsure") and review.site in rows.known:
            at = int(np.searchsorted(times, review.t_us, "right"))
            found.setdefault(at, []).append((rows.known[review.site], review))
    return found
