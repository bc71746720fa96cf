"""When each aircraft may fly: light, wanted hours, and the hours in which the law opens most of the map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.planning.asked_sorties import Law
from atalaya.campaign.planning.openings import AskedFlight, Opening, opening_of
from atalaya.campaign.planning.regions import Regions
from atalaya.campaign.planning.request import CampaignRequest, Fleet
from atalaya.earth.sun import sun_windows
from atalaya.plan.flight.windows import Windows

Floats = NDArray[np.float64]
Interval = tuple[int, int]

DAY_US = 86_400_000_000
TURNAROUND_US = 3_600_000_000
"""Between a landing and the next take-off of the same aircraft."""

APART_US = 600_000_000
"""Between take-offs of aircraft of one base."""

SHORTEST_US = 600_000_000
"""A flight of less than ten minutes is none."""


@dataclass(frozen=True, eq=False)
class Slot:
    """One flight that may be planned: who, when at the earliest, for how long at most, over which ground.

    Args:
        fleet: index in the request. aircraft: registration. day: from 0. turn: of that day.
        start_us, end_us: the time it may take, all of it; equal where there is no time for it.
        openings: of every region on that day.
        open: (regions,) bool, open all through start to end; where there is no time for it, open long enough
            for a flight at some wanted hour.
    """

    fleet: int
    aircraft: str
    day: int
    turn: int
    start_us: int
    end_us: int
    openings: tuple[Opening, ...]
    open: NDArray[np.bool_]

    @property
    def idle(self) -> bool:
        """Whether there is no time at which it could be flown."""
        return self.start_us == self.end_us


def slots_of(
    request: CampaignRequest,
    regions: dict[str, Regions],
    worth: dict[str, Floats],
    flights: dict[int, AskedFlight],
    longest_s: dict[int, float],
    law: Law,
) -> Iterator[Slot]:
    """Every flight of the campaign in order of days, then of the request.

    An aircraft for which a day has no time has one idle slot on it: what keeps it down is asked there.

    Args:
        regions: operator State to the regions of the ground.
        worth: operator State to (regions,) facilities expected in the asked part of each.
        flights: fleet to what the gates are asked, its airframe and times to be filled in.
        longest_s: fleet to how long its flights may be.
    """
    free_us = dict.fromkeys((name for fleet in request.fleets for name in fleet.aircraft), request.start_us)
    late_us = _staggered(request)
    for day in range(request.days):
        for number, fleet in enumerate(request.fleets):
            for aircraft in fleet.aircraft:
                for slot in _of_aircraft(
                    request,
                    (number, fleet, aircraft, day),
                    (free_us[aircraft], late_us[aircraft]),
                    regions[fleet.operator_state],
                    worth[fleet.operator_state],
                    flights[number],
                    longest_s[number],
                    law,
                ):
                    if not slot.idle:
                        free_us[aircraft] = max(free_us[aircraft], slot.end_us + TURNAROUND_US)
                    yield slot


def _staggered(request: CampaignRequest) -> dict[str, int]:
    """Aircraft to how much later than the first of its base it takes off, microseconds."""
    found: dict[str, int] = {}
    count: dict[str, int] = {}
    for fleet in request.fleets:
        for aircraft in fleet.aircraft:
            found[aircraft] = count.get(fleet.base, 0) * APART_US
            count[fleet.base] = count.get(fleet.base, 0) + 1
    return found


def flyable_hours(request: CampaignRequest, day: int) -> list[Interval]:
    """When flying is wanted on a day: its light at the areas, and the hours the file states."""
    start_us = request.start_us + day * DAY_US
    hours = [(start_us, start_us + DAY_US)]
    if request.weather.light != "any":
        middle = request.areas[0].geometry.centroid
        lit = sun_windows(start_us, start_us + DAY_US, middle.x, middle.y)
        hours = _both(hours, lit) if request.weather.light == "day" else _gaps(lit, hours[0])
    if request.weather.windows:
        hours = _both(hours, list(request.weather.windows))
    return [each for each in hours if each[1] - each[0] >= SHORTEST_US]


def _of_aircraft(
    request: CampaignRequest,
    who: tuple[int, Fleet, str, int],
    earliest_us: tuple[int, int],
    regions: Regions,
    worth: Floats,
    flight: AskedFlight,
    longest_s: float,
    law: Law,
) -> Iterator[Slot]:
    number, fleet, aircraft, day = who
    start_us = request.start_us + day * DAY_US
    asked = AskedFlight(
        aircraft,
        fleet.operator_state,
        flight.sensors,
        request.purpose,
        flight.heights_m,
        start_us,
        start_us + DAY_US,
    )
    openings = tuple(
        opening_of(
            region,
            asked,
            law.register,
            law.known_us,
            payloads=law.payloads,
            inspected=law.inspected.get(aircraft),
        )
        for region in regions.regions
    )
    free_us, late_us = earliest_us
    wanted = [(start + late_us, end) for start, end in flyable_hours(request, day)]
    hours = _both(
        [each for each in wanted if each[1] - each[0] >= SHORTEST_US], [(free_us, start_us + DAY_US)]
    )
    times: list[Interval] = []
    while len(times) < fleet.sorties_per_day:
        found = _best_time(hours, openings, worth, round(longest_s * 1e6))
        if found is None:
            break
        times.append(found)
        busy = (found[0] - TURNAROUND_US, found[1] + TURNAROUND_US)
        hours = [each for free in hours for each in _gaps([busy], free) if each[1] - each[0] >= SHORTEST_US]
    if not times:
        yield Slot(number, aircraft, day, 0, start_us, start_us, openings, _ever_open(hours, openings))
    for turn, (begins, ends) in enumerate(sorted(times)):
        is_open = np.array([opening.covers(begins, ends) for opening in openings], np.bool_)
        yield Slot(number, aircraft, day, turn, begins, ends, openings, is_open)


def _ever_open(hours: Sequence[Interval], openings: Sequence[Opening]) -> NDArray[np.bool_]:
    """(regions,) whether each is open long enough for a flight at some wanted hour; at any, where none is."""
    there = [_both(hours, opening.open_us) if hours else opening.open_us for opening in openings]
    return np.array([any(b - a >= SHORTEST_US for a, b in each) for each in there], np.bool_)


def _best_time(
    hours: Sequence[Interval], openings: Sequence[Opening], worth: Floats, longest_us: int
) -> Interval | None:
    """The time of at most `longest_us` with the most open facilities times hours; the earliest of equals."""
    marks = sorted({mark for opening in openings for interval in opening.open_us for mark in interval})
    best: tuple[float, Interval] | None = None
    for first, last in hours:
        for begins in sorted({first, *(mark for mark in marks if first < mark < last)}):
            limits = {min(begins + longest_us, last), *(mark for mark in marks if begins < mark < last)}
            for ends in sorted(limit for limit in limits if limit - begins <= longest_us):
                if ends - begins < SHORTEST_US:
                    continue
                there = [opening.covers(begins, ends) for opening in openings]
                value = float(worth[np.array(there, np.bool_)].sum()) * (ends - begins)
                if best is None or value > best[0] * (1.0 + 1e-12):
                    best = (value, (begins, ends))
    return None if best is None or best[0] <= 0.0 else best[1]


def _both(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    """What lies in an interval of each."""
    return list((Windows(tuple(one)) & Windows(tuple(other))).intervals)


def _gaps(intervals: Sequence[Interval], whole: Interval) -> list[Interval]:
    """What of a period lies in none of some intervals."""
    return list(Windows(tuple(intervals)).gaps(*whole))
