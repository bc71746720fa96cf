"""How near to each other own aircraft come: said, not solved."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from atalaya.campaign.planning.made_plan import PlannedSortie
from atalaya.earth.ellipsoid import geod

STEP_US = 10_000_000
LEVEL_M = 300.0
NEAR_M = 5_556.0
"""Three nautical miles: closer, at less than a thousand feet apart, is told."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The closest approach of two sorties. t_us: when; apart_m: horizontally, at nearly one height."""

    first: str
    second: str
    t_us: int
    apart_m: float


def meetings(sorties: Sequence[PlannedSortie]) -> tuple[Meeting, ...]:
    """Pairs of sorties that come nearer than `NEAR_M` within `LEVEL_M` of height, the nearest first."""
    found = []
    for one, other in combinations(sorties, 2):
        a, b = one.sortie.path, other.sortie.path
        start, end = max(a.t_us[0], b.t_us[0]), min(a.t_us[-1], b.t_us[-1])
        if one.sortie.aircraft == other.sortie.aircraft or start >= end:
            continue
        at = np.arange(start, end, STEP_US)
        places = [
            [np.interp(at, path.t_us, column) for column in (path.lon_deg, path.lat_deg, path.height_msl_m)]
            for path in (a, b)
        ]
        apart = geod().inv(places[0][0], places[0][1], places[1][0], places[1][1])[2]
        level = np.abs(places[0][2] - places[1][2]) < LEVEL_M
        apart = np.where(level, apart, np.inf)
        nearest = int(np.argmin(apart))
        if apart[nearest] < NEAR_M:
            found.append(Meeting(one.sortie.id, other.sortie.id, int(at[nearest]), float(apart[nearest])))
    return tuple(sorted(found, key=lambda meeting: meeting.apart_m))
