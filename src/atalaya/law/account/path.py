"""The believed fixes of a track with what the prisms between them need."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.language import say
from atalaya.earth import geodesic
from atalaya.earth.track import Flag, Integrity, Track
from atalaya.earth.track.kernels import pairs_m
from atalaya.law.account.options import AccountOptions

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

CHUNK = 1 << 16
"""Fixes worked on at once: bounded memory, and arrays that stay in the cache."""

SPEED_MARGIN = 1.1
"""The highest speed a prism allows, over the largest ground speed the track states."""

DISBELIEVED = Flag.FROZEN | Flag.STALE | Flag.QUARANTINED


_HASH = re.compile(r"[0-9a-f]{16,64}(?:\.\w+)*", re.ASCII)


@dataclass(frozen=True)
class Path:
    """Believed fixes in order of time.

    rows: (n,) their rows in the track
    t_us: (n,) int64, when each position was true. lon_deg, lat_deg: (n,)
    radius_m: (n,) 95 % position radius, the assumed one where the source states none
    dt_s, step_m: (n-1,) to the next fix
    speed_mps: highest speed of the prisms. speed_source: "given", "stated" (by the track) or "limit"
    start_us, end_us: first and last time of the whole record
    assumed: how many radii are assumed
    """

    track: Track
    rows: NDArray[np.intp]
    t_us: Times
    lon_deg: Floats
    lat_deg: Floats
    radius_m: Floats
    dt_s: Floats
    step_m: Floats
    speed_mps: float
    speed_source: str
    start_us: int
    end_us: int
    assumed: int

    def __len__(self) -> int:
        return len(self.t_us)


def believed_path(track: Track, integrity: Integrity, options: AccountOptions) -> Path:
    """The path of a judged track.

    Raises:
        BadInput: ACC-002, no fix can be believed.
    """
    rows = np.flatnonzero(integrity.credible)
    if not len(rows):
        raise _nothing_believed(track, integrity)
    every = len(rows) == len(track)
    pick: slice | NDArray[np.intp] = slice(None) if every else rows
    t_us = track.fix_t_us[pick]
    lon, lat = track.lon_deg[pick], track.lat_deg[pick]
    stated = track.containment_m[pick]
    unknown = ~np.isfinite(stated)
    radius = np.where(unknown, options.containment_m, stated)
    speed, source = _speed(track, pick, options)
    return Path(
        track, rows, t_us, lon, lat, radius, np.diff(t_us) * 1e-6, metres_between(lon[:-1], lat[:-1],
        lon[1:], lat[1:]), speed, source,
        int(min(t_us[0], track.t_us[0])), int(track.t_us[-1]), int(unknown.sum()),
    )  # fmt: skip


def _nothing_believed(track: Track, integrity: Integrity) -> BadInput:
    """ACC-002 in words: which aircraft, from which file, and what is wrong with its positions."""
    names = (track.aircraft, *track.callsigns)
    aircraft = " ".join(name for name in names if name) or say("track.unnamed")
    found = ", ".join(f"{say(f'track.flag.{name}')} {count}" for name, count in integrity.counts().items())
    where = "" if _HASH.fullmatch(track.source) else track.source  # a hash tells nobody which file it was
    return BadInput("ACC-002", where=where, aircraft=aircraft, fixes=len(track), found=found)


LOCAL_M = 50_000.0
"""Up to here the local metric is exact to 1e-5; longer ways are measured on the ellipsoid."""


def metres_between(lon0_deg: Floats, lat0_deg: Floats, lon1_deg: Floats, lat1_deg: Floats) -> Floats:
    """(n,) geodesic metres, to 1e-5."""
    metres: Floats = pairs_m(lon0_deg, lat0_deg, lon1_deg, lat1_deg)
    far = np.flatnonzero(metres > LOCAL_M)
    if len(far):
        metres[far] = geodesic(lon0_deg[far], lat0_deg[far], lon1_deg[far], lat1_deg[far])[0]
    return metres


def _speed(track: Track, pick: slice | NDArray[np.intp], options: AccountOptions) -> tuple[float, str]:
    if options.speed_bound_mps is not None:
        return options.speed_bound_mps, "given"
    stated = track.ground_speed_mps
    if stated.strides != (0,):
        usable = stated[pick]
        usable = usable[usable <= options.limits.vmax_mps]
        if len(usable) and usable.max() > 0.0:
            return SPEED_MARGIN * float(usable.max()), "stated"
    return options.limits.vmax_mps, "limit"


@dataclass(frozen=True)
class Claims:
    """Rows that put the aircraft somewhere but cannot be believed.

    t_us, lon_deg, lat_deg: (m,). follows: (m-1,) bool, the next of them is the next row of the record
    """

    t_us: Times
    lon_deg: Floats
    lat_deg: Floats
    follows: NDArray[np.bool_]

    def spans(self, inside: NDArray[np.bool_]) -> tuple[Times, Times]:
        """Start and end of every stretch in which such rows follow each other inside."""
        joined = self.follows & inside[:-1] & inside[1:] if len(inside) else np.empty(0, np.bool_)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], joined.view(np.int8), [0]))))
        return self.t_us[edges[::2]], self.t_us[edges[1::2]]


def claims_of(track: Track, integrity: Integrity) -> Claims:
    """The disbelieved rows of a judged track."""
    nowhere = (Flag.IMPOSSIBLE | Flag.FUTURE | Flag.TIME_ORDER).value
    rows = np.flatnonzero((integrity.flags & DISBELIEVED.value != 0) & (integrity.flags & nowhere == 0))
    return Claims(track.t_us[rows], track.lon_deg[rows], track.lat_deg[rows], np.diff(rows) == 1)
