"""From tracklets and what each look could see to scans: one per pass and kind of evidence.

Looks of different sensors over the same ground at the same time are one pass. For one kind of evidence they
count as wholly dependent: the chance of the pass is the best of its sensors', the evidence is the best
tracklet's, false tracklets add up. Different kinds of evidence are independent given what the place is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.locate.area import Area
from atalaya.locate.conspicuity import Cutpoints
from atalaya.locate.scan import Scan, make_scan
from atalaya.locate.tracklets.link import LinkRules
from atalaya.locate.tracklets.table import Tracklets

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_OVERLAP = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What one look of one sensor could see of one kind of evidence; it counts whatever it found.

    Args:
        sortie, sensor, evidence: as tracklets have them. first_us, last_us: when.
        cells: (v,) int64 cells of the area that were visible. chance: (v,) that a facility there that shows
            this evidence gives a tracklet.
        clutter_per_m2: expected false tracklets per square metre.
    """

    sortie: str
    sensor: str
    evidence: str
    first_us: int
    last_us: int
    cells: NDArray[np.int64]
    chance: NDArray[np.float32]
    clutter_per_m2: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Scans, and ids of tracklets that are in none.

    moving: they move. astray: no look covers their time, sensor and evidence, or they lie beyond the area.
    """

    scans: tuple[Scan, ...]
    moving: tuple[str, ...]
    astray: tuple[str, ...]


def split_looks(t_us: ArrayLike, azimuth_true_deg: ArrayLike, rules: LinkRules | None = None) -> Index:
    """(n,) number of the look of each frame of a clip: a new one after a gap or a turn of the line of sight.

    Args:
        t_us, azimuth_true_deg: (n,) of frames in order; azimuth from the sensor to the ground.
    """
    rules = rules or LinkRules()
    t, azimuth = np.asarray(t_us, np.int64), np.asarray(azimuth_true_deg, np.float64)
    look = np.zeros(len(t), np.int64)
    begun = 0
    for k in range(1, len(t)):
        turned = abs((azimuth[k] - azimuth[begun] + 180.0) % 360.0 - 180.0)
        new = t[k] - t[k - 1] > rules.gap_s * 1e6 or turned > rules.turn_deg
        look[k] = look[k - 1] + new
        begun = k if new else begun
    return look


def scans_from(
    tracklets: Tracklets,
    coverage: Iterable[Coverage],
    area: Area,
    rules: LinkRules | None = None,
    cutpoints: Cutpoints | None = None,
) -> Placed:
    """Scans of all passes, with the tracklets that stand still.

    Args:
        tracklets: of any number of clips. coverage: of every look, with or without a tracklet.
        cutpoints: of scores; of detectors not named here only that there is a tracklet counts.
    """
    strong = _cutpoints(tracklets, cutpoints or {})
    rules = rules or LinkRules()
    z = area.from_lon_lat(tracklets.lon_deg, tracklets.lat_deg)
    free = ~tracklets.moving & (area.cell_of(z) >= 0)
    taken = np.zeros(len(tracklets), np.bool_)
    scans = []
    for group in _passes(coverage):
        inside = free & ~taken & _within(tracklets, group, rules)
        taken |= inside
        rows = _one_each(tracklets, z, np.flatnonzero(inside), rules)
        scans.append(_scan(group, tracklets, z, rows, strong))
    astray = ~tracklets.moving & ~taken
    return Placed(tuple(scans), tuple(tracklets.id[tracklets.moving]), tuple(tracklets.id[astray]))


def _cutpoints(tracklets: Tracklets, known: Cutpoints) -> Floats:
    """(n,) of tracklets, by their mean scores: the best of many frames says how many there were.

    NaN of scores nobody measured.
    """
    found = np.full(len(tracklets), np.nan)
    for (detector, kind), cutpoint in known.items():
        mine = (tracklets.detector == detector) & (tracklets.evidence == kind)
        found[mine] = cutpoint.of(tracklets.mean_score[mine])
    return found


def _passes(coverage: Iterable[Coverage]) -> list[list[Coverage]]:
    """Looks that overlap by half of the shorter one's time, one per sensor."""
    ordered = sorted(coverage, key=lambda c: (c.sortie, c.evidence, c.first_us, c.last_us, c.sensor))
    groups: list[list[Coverage]] = []
    for one in ordered:
        for group in reversed(groups[-8:]):
            alike = (group[0].sortie, group[0].evidence) == (one.sortie, one.evidence)
            if alike and all(each.sensor != one.sensor and _together(each, one) for each in group):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _together(a: Coverage, b: Coverage) -> bool:
    common = min(a.last_us, b.last_us) - max(a.first_us, b.first_us)
    return common >= _OVERLAP * min(a.last_us - a.first_us, b.last_us - b.first_us)


def _within(tracklets: Tracklets, group: Sequence[Coverage], rules: LinkRules) -> NDArray[np.bool_]:
    slack = int(rules.gap_s * 1e6)
    inside = np.zeros(len(tracklets), np.bool_)
    for look in group:
        during = (tracklets.t_us >= look.first_us - slack) & (tracklets.t_us <= look.last_us + slack)
        inside |= during & (tracklets.sensor == look.sensor)
    same = (tracklets.sortie == group[0].sortie) & (tracklets.evidence == group[0].evidence)
    return np.asarray(inside & same)


def _one_each(tracklets: Tracklets, z: Floats, rows: Index, rules: LinkRules) -> Index:
    """Of tracklets of one pass that may be one thing, the one with most evidence."""
    from scipy.spatial import cKDTree

    if len(rows) < 2:
        return rows
    order = np.lexsort((tracklets.id[rows].astype("U"), -tracklets.frames[rows], -tracklets.llr[rows]))
    rows = rows[order]
    own, shared = tracklets.own_m2[rows], tracklets.shared_m[rows]
    spread = np.sqrt(own[:, 0, 0] + own[:, 1, 1] + 2.0 * (shared**2).sum(axis=(1, 2)))
    reach = rules.sigmas * 2.0 * float(spread.max())
    dropped = np.zeros(len(rows), np.bool_)
    for a, b in sorted(cKDTree(z[rows]).query_pairs(reach)):
        if dropped[a] or dropped[b] or _seen_apart(tracklets, int(rows[a]), int(rows[b])):
            continue
        turned = shared[a] - shared[b]
        s = own[a] + own[b] + turned @ turned.T
        v = z[rows[a]] - z[rows[b]]
        dropped[b] = v @ np.linalg.solve(s, v) < rules.sigmas**2
    return rows[~dropped]


def _seen_apart(tracklets: Tracklets, a: int, b: int) -> bool:
    """Whether one clip shows both at the same time: then they are two things."""
    together = min(tracklets.last_us[a], tracklets.last_us[b]) >= max(
        tracklets.first_us[a], tracklets.first_us[b]
    )
    return bool(together and tracklets.clip[a] == tracklets.clip[b])


def _scan(group: Sequence[Coverage], tracklets: Tracklets, z: Floats, rows: Index, strong: Floats) -> Scan:
    cells, place = np.unique(np.concatenate([one.cells for one in group]), return_inverse=True)
    chance = np.zeros(len(cells), np.float32)
    np.maximum.at(chance, place, np.concatenate([one.chance for one in group]).astype(np.float32))
    first, last = min(one.first_us for one in group), max(one.last_us for one in group)
    return make_scan(
        sortie=group[0].sortie,
        t_us=(first + last) // 2,
        evidence=group[0].evidence,
        sensor="+".join(sorted(one.sensor for one in group)),
        cells=cells,
        chance=chance,
        clutter_per_m2=sum(one.clutter_per_m2 for one in group),
        z_m=z[rows],
        own_m2=tracklets.own_m2[rows],
        shared_m=tracklets.shared_m[rows],
        llr=tracklets.llr[rows],
        tracklet=tuple(tracklets.id[rows]),
        cutpoint=strong[rows],
    )
