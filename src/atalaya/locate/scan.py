"""A scan: one look at the ground for one kind of evidence, whatever it found.

A scan that found nothing is a scan. Of one pass and one kind of evidence there is one scan, however many
detectors and sensors took part: what they say of a place is not independent.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.table import SHARED_TERMS

Floats = NDArray[np.float64]

MOST_CHANCE = 0.999
"""No look is certain: a single miss must never prove."""


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """One look. Places are metres east, north in the frame of the area.

    sortie: whose shared errors it has      t_us: its middle, UTC      evidence, sensor: kinds
    z_m: (m, 2) places of tracklets      own_m2: (m, 2, 2) covariance without shared errors
    shared_m: (m, 2, 20) metres per unit of each shared error of the sortie
    llr: (m,) log-likelihood ratio of each tracklet, 0 where nothing was calibrated
    tracklet: (m,) their ids      cutpoint: (m,) how strong each is, see `conspicuity`; NaN not known
    cells: (v,) int64 cells seen, rising
    chance: (v,) float32 that a facility there that shows this gives a tracklet, at the reference hit rate
    clutter_per_m2: expected false tracklets per square metre of ground seen
    id: of its content
    """

    sortie: str
    t_us: int
    evidence: str
    sensor: str
    z_m: Floats
    own_m2: Floats
    shared_m: Floats
    llr: Floats
    tracklet: tuple[str, ...]
    cells: NDArray[np.int64]
    chance: NDArray[np.float32]
    clutter_per_m2: float
    cutpoint: Floats
    id: str = field(default="")

    def __post_init__(self) -> None:
        _check(self)
        if not self.id:
            object.__setattr__(self, "id", _content_id(self))

    def __len__(self) -> int:
        return len(self.z_m)


def make_scan(
    *,
    sortie: str,
    t_us: int,
    evidence: str,
    sensor: str,
    cells: NDArray[np.int64],
    chance: NDArray[np.float32],
    clutter_per_m2: float,
    z_m: Floats | None = None,
    own_m2: Floats | None = None,
    shared_m: Floats | None = None,
    llr: Floats | None = None,
    tracklet: Iterable[str] = (),
    cutpoint: Floats | None = None,
) -> Scan:
    """A scan from parts in any order: tracklets and cells are sorted, repeated ones dropped.

    Without ids, tracklets are named by their content. Shared errors default to none, evidence to 0,
    cutpoints to not known.

    Raises:
        BadInput: LOC-004, shapes or values that cannot be.
    """
    z = np.ascontiguousarray(np.zeros((0, 2)) if z_m is None else z_m, np.float64).reshape(-1, 2)
    m = len(z)
    own = np.ascontiguousarray(np.zeros((m, 2, 2)) if own_m2 is None else own_m2, np.float64)
    shared = np.ascontiguousarray(
        np.zeros((m, 2, SHARED_TERMS)) if shared_m is None else shared_m, np.float64
    )
    weight = np.ascontiguousarray(np.zeros(m) if llr is None else llr, np.float64)
    cut = np.ascontiguousarray(np.full(m, np.nan) if cutpoint is None else cutpoint, np.float64)
    if own.shape != (m, 2, 2) or shared.shape != (m, 2, SHARED_TERMS) or {weight.shape, cut.shape} != {(m,)}:
        raise BadInput("LOC-004", where=sortie, detail="own_m2, shared_m, llr, cutpoint")
    names = tuple(tracklet) or tuple(
        hashlib.sha256(z[k].tobytes() + own[k].tobytes() + shared[k].tobytes()).hexdigest()[:20]
        for k in range(m)
    )
    if len(names) != m:
        raise BadInput("LOC-004", where=sortie, detail="tracklet")
    _, order = np.unique(np.array(names, "U"), return_index=True)
    seen, seen_chance = _sorted_cells(cells, chance, sortie)
    return Scan(
        sortie,
        int(t_us),
        evidence,
        sensor,
        z[order],
        own[order],
        shared[order],
        weight[order],
        tuple(names[k] for k in order),
        seen,
        seen_chance,
        float(clutter_per_m2),
        cut[order],
    )


def canonical(scans: Iterable[Scan]) -> list[Scan]:
    """The order in which scans are used: sortie by sortie (first scan first), then by time; each once."""
    unique = {scan.id: scan for scan in scans}
    first: dict[str, int] = {}
    for scan in unique.values():
        first[scan.sortie] = min(scan.t_us, first.get(scan.sortie, scan.t_us))
    return sorted(
        unique.values(), key=lambda s: (first[s.sortie], s.sortie, s.t_us, s.evidence, s.sensor, s.id)
    )


def _sorted_cells(
    cells: NDArray[np.int64], chance: NDArray[np.float32], where: str
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    index, value = np.asarray(cells, np.int64).ravel(), np.asarray(chance, np.float32).ravel()
    if index.shape != value.shape:
        raise BadInput("LOC-004", where=where, detail="cells, chance")
    if index.size == 0 or (np.diff(index) > 0).all():
        return index, value
    order = np.lexsort((value, index))
    index, value = index[order], value[order]
    last = np.append(np.diff(index) > 0, True)
    return index[last], value[last]


def _check(scan: Scan) -> None:
    numbers = (scan.z_m, scan.own_m2, scan.shared_m, scan.llr)
    fault = ""
    if not all(np.isfinite(part).all() for part in numbers):
        fault = "z_m, own_m2, shared_m, llr"
    elif len(scan) and not (np.linalg.eigvalsh(scan.own_m2)[:, 0] > 0.0).all():
        fault = "own_m2"
    elif not ((scan.chance >= 0.0) & (scan.chance <= 1.0)).all():
        fault = "chance"
    elif scan.cells.size and scan.cells[0] < 0:
        fault = "cells"
    elif (scan.cutpoint < 0.0).any() or np.isinf(scan.cutpoint).any():
        fault = "cutpoint"
    elif not 0.0 < scan.clutter_per_m2 < np.inf:
        fault = "clutter_per_m2"
    if fault:
        raise BadInput("LOC-004", where=f"{scan.sortie} {scan.t_us}", detail=fault)


def _content_id(scan: Scan) -> str:
    text = f"{scan.sortie}|{scan.t_us}|{scan.evidence}|{scan.sensor}|{scan.clutter_per_m2!r}|"
    made = hashlib.sha256((text + "|".join(scan.tracklet)).encode())
    for part in (scan.z_m, scan.own_m2, scan.shared_m, scan.llr, scan.cutpoint, scan.cells, scan.chance):
        made.update(np.ascontiguousarray(part).tobytes())
    return made.hexdigest()
