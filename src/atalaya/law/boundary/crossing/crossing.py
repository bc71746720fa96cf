"""Crossings of geodesic segments with one area's boundary, consistent with containment of their ends."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.law.boundary.crossing.chords import Chords, chords_of
from atalaya.law.boundary.crossing.kernels import chords_meeting
from atalaya.law.boundary.grid.grid import Grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Contains = Callable[[Floats, Floats], Bools]

AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class Crossings:
    """Where geodesic segments cross an area's boundary, ordered by (segment, fraction).

    Args:
        segment: (m,) number of the segment.
        fraction: (m,) 0..1, share of the segment's length at the crossing.
        entering: (m,) whether the segment comes into the area there.
        lon_deg, lat_deg: (m,) the place.
    """

    segment: Ints
    fraction: Floats
    entering: Bools
    lon_deg: Floats
    lat_deg: Floats


def crossings_of(grid: Grid, area: int, lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Crossings:
    """Crossings of (n,) segments between points within ±180 degrees; a segment with NaN has none.

    Along a segment the side is looked up at both ends and between every two places where the line may be met;
    a crossing is where it changes, so crossings always alternate and agree with the ends.
    """
    usable = np.flatnonzero(np.isfinite(lon0 + lat0 + lon1 + lat1))
    found = []
    for start in range(0, len(usable), AT_ONCE):
        rows = usable[start : start + AT_ONCE]
        part = _crossed(grid, area, lon0[rows], lat0[rows], lon1[rows], lat1[rows])
        found.append((rows[part.segment], part.fraction, part.entering, part.lon_deg, part.lat_deg))
    if not found:
        none = np.empty(0)
        return Crossings(none.astype(np.int64), none, none.astype(np.bool_), none, none)
    return Crossings(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _crossed(grid: Grid, area: int, lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Crossings:
    chords = chords_of(lon0, lat0, lon1, lat1)
    segment, fraction = _met(grid, area, chords)
    touched = np.unique(segment)
    number = np.searchsorted(touched, segment)  # cuts of the touched segments, both ends among them
    owner = np.concatenate((np.arange(len(touched)), number, np.arange(len(touched))))
    cut = np.concatenate((np.zeros(len(touched)), fraction, np.ones(len(touched))))
    owner, cut = _each_once(owner, cut)
    same = owner[1:] == owner[:-1]
    between_owner, between = owner[:-1][same], ((cut[1:] + cut[:-1]) / 2)[same]
    ends = np.arange(len(touched))
    lon, lat = chords.places(touched[between_owner], between)
    probe_owner = np.concatenate((ends, between_owner, ends))
    probe = np.concatenate((np.full(len(ends), -1.0), between, np.full(len(ends), 2.0)))
    order = np.lexsort((probe, probe_owner))
    probed_lon = np.concatenate((lon0[touched], lon, lon1[touched]))
    probed_lat = np.concatenate((lat0[touched], lat, lat1[touched]))
    inside = grid.contains(area, probed_lon, probed_lat)[order]
    probe_owner = probe_owner[order]
    # probes of a segment: start, one between every two cuts, end; so the n-th change is at its n-th cut
    changed = np.flatnonzero((inside[1:] != inside[:-1]) & (probe_owner[1:] == probe_owner[:-1]))
    at = cut[changed - probe_owner[changed]]
    crossed = touched[probe_owner[changed]]
    return Crossings(crossed, at, inside[changed + 1], *chords.places(crossed, at))


def _met(grid: Grid, area: int, chords: Chords) -> tuple[Ints, Floats]:
    """Segments and fractions where the line may be met."""
    found = np.empty((max(1024, len(chords.lon) // 4), 2))
    asked = (area, chords.lon, chords.lat, chords.dlon, chords.dlat, grid.tables)
    many = chords_meeting(*asked, found=found)
    if many > len(found):
        found = np.empty((many, 2))
        chords_meeting(*asked, found=found)
    chord = found[:many, 0].astype(np.int64)
    segment = chords.segment[chord]
    step = chord - chords.first[segment]
    return segment, (step + found[:many, 1]) / chords.count[segment]


def _each_once(owner: Ints, cut: Floats) -> tuple[Ints, Floats]:
    """Pairs in order, each once."""
    order = np.lexsort((cut, owner))
    owner, cut = owner[order], cut[order]
    new = np.append(True, (owner[1:] != owner[:-1]) | (cut[1:] != cut[:-1]))[: len(owner)]
    return owner[new], cut[new]
