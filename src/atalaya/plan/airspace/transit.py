"""The way from one place to another through allowed space: around, over or under what is in between.

A way is found on a plane, flown with wind, climb and turns, and held against every rule on the ellipsoid.
What
stands against it moves the next try: a volume met is taken up, a corner cut widens the margin, ground too
near raises the level or asks for a climb in circles. The cheapest in fuel of the levels tried is taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.plan.airspace.check import check_path
from atalaya.plan.airspace.conflict import Conflict, ConflictTerm
from atalaya.plan.airspace.rules import Rules, places
from atalaya.plan.airspace.volume import VolumeKind
from atalaya.plan.flight.flying import fly
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.waypoint import LegKind, Waypoint, WaypointKind

Floats = NDArray[np.float64]

TRIES = 14
LEVELS = 6
SPARE_M = 25.0
"""Added to every height that is chosen: more than rounding in files, less than anybody notices."""

_LATER = frozenset({ConflictTerm.FUEL, ConflictTerm.WINDOW})
"""Terms of a whole sortie, not of one transit."""

_HOOKS = (
    (0.0, 0.0),
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, 1.0),
    (0.0, -1.0),
    (1.0, 1.0),
    (-1.0, -1.0),
    (1.0, -1.0),
    (-1.0, 1.0),
)


@dataclass(frozen=True, slots=True)
class Transit:
    """A way found. waypoints: between the two places, neither included; seconds and fuel it takes."""

    waypoints: tuple[Waypoint, ...]
    seconds: float
    fuel: float


@dataclass(frozen=True, slots=True)
class NoTransit:
    """No way found. conflicts: what stood against the last try; closed: volumes leave no way at all."""

    conflicts: tuple[Conflict, ...]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class _Try:
    """One shape of a way: its level, volumes taken up, margin, circles at either end, hooks at either end."""

    level_m: float
    taken: frozenset[int]
    margin: int = 0
    steep: tuple[bool, bool] = (False, False)
    hook: int = 0


def transit(
    rules: Rules, before: Sequence[Waypoint], after: Sequence[Waypoint], start_us: int, fuel: float
) -> Transit | NoTransit:
    """The way from the last waypoint before to the first after.

    Args:
        before, after: one or two waypoints each: where it comes from and goes on, so that turns are flown.
        start_us, fuel: at the first of them.
    """
    best: Transit | NoTransit = NoTransit(())
    tried: list[float] = []
    levels = [_nominal_m(rules, before, after)]
    while levels and len(tried) < LEVELS:
        level = levels.pop(0)
        if any(abs(level - other) < 5.0 for other in tried) or level > rules.platform.ceiling_msl_m:
            continue
        tried.append(level)
        found, met = _at_level(rules, before, after, level, start_us, fuel)
        if isinstance(found, Transit):
            if not isinstance(best, Transit) or found.fuel < best.fuel:
                best = found
            if not met:
                break
        elif isinstance(best, NoTransit):
            best = found if found.conflicts or found.closed else best
        levels += sorted(_other_levels(rules, met, before, after), key=lambda other: abs(other - level))
    if not tried:
        return NoTransit((), closed=False)
    return best


def _nominal_m(rules: Rules, before: Sequence[Waypoint], after: Sequence[Waypoint]) -> float:
    """The higher of both ends that are in the air, and over the ground of the straight way."""
    ends = [p for p in (before[-1], after[0]) if p.kind not in (WaypointKind.TAKEOFF, WaypointKind.LAND)]
    flown = ends or (before[-1], after[0])
    level = max(p.height_msl_m for p in flown) + (0.0 if ends else rules.clearance_m + SPARE_M)
    ground = float(rules.ground_msl_m(*places((before[-1], after[0])))[0])
    return max(level, ground + rules.clearance_m + SPARE_M)


def _other_levels(
    rules: Rules, met: frozenset[int], before: Sequence[Waypoint], after: Sequence[Waypoint]
) -> Iterator[float]:
    """Levels over and under keep-outs that were met, and inside keep-ins that were left upwards or down."""
    lowest = float(rules.ground_msl_m(*places((before[-1], after[0])))[0]) + rules.clearance_m
    for index in met:
        low, high = rules.band_msl_m(index)
        sign = 1.0 if rules.volumes[index].kind is VolumeKind.KEEP_OUT else -1.0
        for level in (high + sign * SPARE_M, low - sign * SPARE_M):
            if np.isfinite(level) and lowest <= level <= rules.platform.ceiling_msl_m:
                yield float(level)


def _at_level(
    rules: Rules,
    before: Sequence[Waypoint],
    after: Sequence[Waypoint],
    level_m: float,
    start_us: int,
    fuel: float,
) -> tuple[Transit | NoTransit, frozenset[int]]:
    """The first shape at about one level against which nothing stands, and all volumes that were met."""
    straight_s = (
        np.hypot(*(_on_plane(rules, after[0]) - _on_plane(rules, before[-1]))) / rules.platform.loiter_ms
    )
    until_us = start_us + int((1.5 * straight_s + 900.0) * 1e6)
    one = _Try(level_m, rules.active(level_m, start_us, until_us))
    met: frozenset[int] = frozenset()
    conflicts: tuple[Conflict, ...] = ()
    for _ in range(TRIES):
        middle, bent = _shaped(rules, before, after, one)
        if middle is None:
            return NoTransit(conflicts, closed=True), met | one.taken
        met = met | bent
        try:
            path = fly(
                (*before, *middle, *after), rules.platform, start_us=start_us, fuel=fuel, wind=rules.wind
            )
        except BadInput:
            return NoTransit(conflicts), met
        conflicts = against(rules, path, before, after)
        if not conflicts:
            seconds = _seconds_between(path, len(before) - 1, len(before) + len(middle))
            return Transit(middle, seconds, float(path.fuel[0] - path.fuel[-1])), met
        subjects = {c.subject for c in conflicts if c.term in (ConflictTerm.KEEP_OUT, ConflictTerm.KEEP_IN)}
        met = met | {k for k, volume in enumerate(rules.volumes) if volume.name in subjects}
        following = _next(rules, one, conflicts, len(before) - 1, len(before) + len(middle) - 1)
        if following is None:
            break
        one = following
    return NoTransit(conflicts), met


def against(
    rules: Rules, path: FlightPath, before: Sequence[Waypoint], after: Sequence[Waypoint]
) -> tuple[Conflict, ...]:
    """What stands against a part of a sortie, terms of the whole sortie left out."""
    found = check_path(
        path,
        rules.volumes,
        rules.terrain,
        rules.platform,
        clearance_m=rules.clearance_m,
        atmosphere=rules.atmosphere,
        runways=(before[0].kind is WaypointKind.TAKEOFF, after[-1].kind is WaypointKind.LAND),
    )
    return tuple(conflict for conflict in found if conflict.term not in _LATER)


def _next(rules: Rules, one: _Try, conflicts: Sequence[Conflict], first: int, last: int) -> _Try | None:
    """What to try after conflicts; None for nothing. first, last: legs the transit starts and ends with."""
    steep = _steeper(one, conflicts, first, last)
    outs = {c.subject for c in conflicts if c.term is ConflictTerm.KEEP_OUT}
    new = {
        k for k, v in enumerate(rules.volumes) if v.name in outs and v.kind is VolumeKind.KEEP_OUT
    } - one.taken
    if new and steep is not None:
        return steep
    if new:
        return replace(one, taken=one.taken | new)
    ground = [c for c in conflicts if c.term is ConflictTerm.TERRAIN]
    if ground:
        if steep is not None:
            return steep
        level = one.level_m + max(c.asked - c.least for c in ground) + SPARE_M
        return replace(one, level_m=level) if level <= rules.platform.ceiling_msl_m else None
    if any(c.term in (ConflictTerm.TERRAIN_UNKNOWN, ConflictTerm.CEILING) for c in conflicts):
        return None
    if one.margin < 2:
        return replace(one, margin=one.margin + 1)
    return replace(one, hook=one.hook + 1) if one.hook + 1 < len(_HOOKS) else None


def _steeper(one: _Try, conflicts: Sequence[Conflict], first: int, last: int) -> _Try | None:
    """Climb, or descend, in circles where something stands at an end of the way; None if it does already."""
    met = [c for c in conflicts if c.term in (ConflictTerm.KEEP_OUT, ConflictTerm.TERRAIN)]
    if any(c.leg <= first for c in met) and not one.steep[0]:
        return replace(one, steep=(True, one.steep[1]))
    if any(c.leg >= last for c in met) and not one.steep[1]:
        return replace(one, steep=(one.steep[0], True))
    return None


def _radius_m(rules: Rules) -> float:
    speed = max(rules.platform.cruise_ms, rules.platform.loiter_ms)
    return float(speed**2 / (9.80665 * np.tan(np.radians(rules.platform.bank_deg))))


def _on_plane(rules: Rules, point: Waypoint) -> Floats:
    return rules.plane.to_plane(point.lon_deg, point.lat_deg)


def _shaped(
    rules: Rules, before: Sequence[Waypoint], after: Sequence[Waypoint], one: _Try
) -> tuple[tuple[Waypoint, ...] | None, frozenset[int]]:
    """Waypoints of a way of one shape (None where volumes close it), and the volumes it bends around."""
    radius = _radius_m(rules)
    margin = (20.0 + 0.06 * radius, 0.4 * radius, 1.2 * radius)[one.margin]
    start, goal = _on_plane(rules, before[-1]), _on_plane(rules, after[0])
    way = rules.space(one.taken, margin).way(start, goal) if one.taken else np.vstack((start, goal))
    if way is None:
        return None, frozenset()
    bent = one.taken & rules.between(start, goal, margin) if len(way) > 2 else frozenset[int]()
    points = list(way[1:-1])
    left, right = _HOOKS[one.hook]
    if left and len(before) > 1:
        points.insert(0, _hook(_on_plane(rules, before[-2]), start, left, radius))
    if right and len(after) > 1:
        points.append(_hook(_on_plane(rules, after[1]), goal, right, radius))
    points = _with_climb(rules, before[-1], after[0], [start, *points, goal], one, radius)
    lon, lat = rules.plane.to_lonlat(np.array(points).reshape(-1, 2))
    return tuple(
        Waypoint(float(x), float(y), one.level_m, leg=LegKind.TRANSIT) for x, y in zip(lon, lat, strict=True)
    ), bent


def _hook(behind: Floats, end: Floats, side: float, radius: float) -> Floats:
    """A place abeam of the end of a line and a little back, so that the turn goes to one side and inwards."""
    along = (end - behind) / max(float(np.linalg.norm(end - behind)), 1e-9)
    across = np.array([along[1], -along[0]]) * side
    return np.asarray(end + 2.2 * radius * across - 0.8 * radius * along)


def _with_climb(
    rules: Rules, first: Waypoint, last: Waypoint, points: list[Floats], one: _Try, radius: float
) -> list[Floats]:
    """The inner points of a way with places added where its level is reached and left."""
    inner = points[1:-1]
    platform = rules.platform
    speed = max(platform.cruise_ms, platform.loiter_ms)
    ups = (
        (first, points[0], points[1], platform.climb_ms),
        (last, points[-1], points[-2], platform.descent_ms),
    )
    added: list[Floats | None] = [None, None]
    for k, (end, here, there, rate) in enumerate(ups):
        room = float(np.linalg.norm(there - here))
        if abs(one.level_m - end.height_msl_m) < 1.0 or room < 6.0 * radius:
            continue
        reach = (
            3.0 * radius
            if one.steep[k]
            else abs(one.level_m - end.height_msl_m) / rate * speed * 1.2 + 2.0 * radius
        )
        share = min(reach / room, 0.45 if len(points) == 2 else 0.9)
        added[k] = here + share * (there - here)
    return [*([] if added[0] is None else [added[0]]), *inner, *([] if added[1] is None else [added[1]])]


def _seconds_between(path: FlightPath, first: int, last: int) -> float:
    """Time from where leg `first` starts to where leg `last` starts."""
    rows = np.searchsorted(path.waypoint, (first, last))
    ends = path.t_us[np.minimum(rows, len(path.t_us) - 1)]
    return float(ends[1] - ends[0]) / 1e6
