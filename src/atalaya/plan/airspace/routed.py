"""Search legs joined into one sortie that keeps every rule, or the rules that exclude each other.

Legs are flown in the order given. What cannot be reached or flown is left out and said; trailing legs are
left out where the fuel, with reserve, does not suffice. The sortie that comes back has passed `check_path`
whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely

from atalaya.base.errors import BadInput
from atalaya.base.language import say
from atalaya.earth.surface import Surface
from atalaya.plan.airspace.check import check_path
from atalaya.plan.airspace.conflict import Conflict, ConflictTerm, Place
from atalaya.plan.airspace.conflicts import Constraint, ConstraintKind, minimal_conflict
from atalaya.plan.airspace.routed_sortie import Infeasible, LeftOut, LeftOutWhy, RoutedSortie
from atalaya.plan.airspace.rules import Rules, places
from atalaya.plan.airspace.transit import SPARE_M, NoTransit, against, transit
from atalaya.plan.airspace.volume import Atmosphere, Volume, VolumeKind
from atalaya.plan.flight.flying import columns_of, fly
from atalaya.plan.flight.fuel import require_load
from atalaya.plan.flight.wind import CALM, WindField
from atalaya.plan.flight.windows import Windows
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.plane import centre_of
from atalaya.plan.waypoint import LegKind, Waypoint, WaypointKind
from atalaya.sensing.platform import Platform

Leg = tuple[Waypoint, ...]

UNLIMITED_CEILING_M = 30_000.0

_NOT_FLOWN = frozenset({"FLT-001", "FLT-007"})
"""Codes of a wind that a leg or a turn cannot be flown in."""


def route_sortie(
    legs: Sequence[Sequence[Waypoint]],
    base: Waypoint,
    recovery: Waypoint,
    platform: Platform,
    volumes: Sequence[Volume],
    terrain: Surface | None,
    wind: WindField = CALM,
    start_us: int = 0,
    fuel: float = 0.0,
    clearance_m: float = 100.0,
    *,
    windows: Windows | None = None,
    atmosphere: Atmosphere | None = None,
    id: str = "S01",  # noqa: A002
    aircraft: str = "",
    explain: bool = True,
) -> RoutedSortie | Infeasible:
    """One sortie from a base over search legs, in their order, to a recovery.

    Args:
        legs: of two or more waypoints each, flown as they are (raised where the ground asks for it).
        base, recovery: where it starts and ends; heights are those of the runways, above mean sea level.
        volumes, terrain, windows, atmosphere: see `check_path`.
        start_us, fuel: at take-off.
        clearance_m: over the ground, away from the runways.
        explain: whether to look for the smallest set of constraints when nothing can be flown.

    Raises:
        BadInput: FLT-004 no such load, FLT-005 a waypoint that is nowhere, FLT-006 a leg of one waypoint.
        DatumError: FLT-012, a volume's limits cannot be compared with the flight.
    """
    chains = [_armed(leg) for leg in legs]
    ends = (
        replace(base, kind=WaypointKind.TAKEOFF, leg=LegKind.TRANSIT),
        replace(recovery, kind=WaypointKind.LAND),
    )
    every = [*ends, *(point for chain in chains for point in chain)]
    require_load(platform.tank, fuel)
    columns_of(every, platform)
    rules = Rules(
        platform, tuple(volumes), terrain, centre_of(*places(every)), wind, clearance_m, windows, atmosphere
    )
    found = _routed(rules, chains, ends, start_us, fuel)
    if isinstance(found, _Plan):
        names = (base.label, recovery.label)
        return RoutedSortie(
            id, platform.name, aircraft, *names, found.waypoints, found.path, 0.0,
            found.flown, found.left_out, found.raised,
        )  # fmt: skip
    conflict = _excluding(rules, chains, ends, start_us, fuel) if explain and chains else ()
    return Infeasible(conflict, found)


@dataclass(frozen=True, slots=True)
class _Plan:
    waypoints: tuple[Waypoint, ...]
    path: FlightPath
    flown: tuple[int, ...]
    left_out: tuple[LeftOut, ...]
    raised: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class _Link:
    """A search leg and the way to it."""

    index: int
    way: tuple[Waypoint, ...]
    leg: Leg
    seconds: float


def _armed(leg: Sequence[Waypoint]) -> Leg:
    """A search leg whose every waypoint but the last carries the task; the last ends it."""
    if len(leg) < 2:
        raise BadInput("FLT-006", count=len(leg))
    task = next((point.task for point in leg if point.task is not None), None)
    inner = [replace(point, leg=LegKind.SEARCH, task=point.task or task) for point in leg[:-1]]
    return (*inner, replace(leg[-1], leg=LegKind.TRANSIT, task=None))


def _routed(
    rules: Rules, chains: Sequence[Leg], ends: tuple[Waypoint, Waypoint], start_us: int, fuel: float
) -> _Plan | tuple[LeftOut, ...]:
    out: dict[int, LeftOut] = {}
    raised: dict[int, float] = {}
    usable: dict[int, Leg] = {}
    for index, chain in enumerate(chains):
        lifted, by = _over_ground(rules, chain)
        wrong = _against_leg(rules, lifted, start_us, fuel)
        if wrong:
            out[index] = LeftOut(index, LeftOutWhy.LEG, wrong)
            continue
        usable[index] = lifted
        if by > 0.0:
            raised[index] = by
    for _ in range(len(chains) + 2):
        links = _linked(rules, usable, ends[0], start_us, fuel, out)
        plan, wrong_leg = _longest(rules, links, ends, start_us, fuel, out)
        if plan is not None:
            flown = {link.index for link in plan[2]}
            return _Plan(
                plan[0], plan[1], tuple(sorted(flown)),
                tuple(out[k] for k in sorted(out) if k not in flown),
                tuple((k, by) for k, by in raised.items() if k in flown),
            )  # fmt: skip
        if wrong_leg is None:
            break
        usable.pop(wrong_leg, None)
    return tuple(out[k] for k in sorted(out))


def _over_ground(rules: Rules, chain: Leg) -> tuple[Leg, float]:
    """The leg raised as a whole so that it clears the ground, and by how much."""
    ground = rules.ground_msl_m(*places(chain)) + rules.clearance_m
    lower = np.array([min(a.height_msl_m, b.height_msl_m) for a, b in pairwise(chain)])
    short = float((ground - lower).max())
    if not short > 0.0:
        return chain, 0.0
    by = short + SPARE_M
    return tuple(replace(point, height_msl_m=point.height_msl_m + by) for point in chain), by


def _against_leg(rules: Rules, chain: Leg, start_us: int, fuel: float) -> tuple[Conflict, ...]:
    """What stands against a leg by itself; its time is not known yet: volumes with times come later."""
    timeless = tuple(v for v in rules.volumes if not v.valid)
    some = any(v.kind is VolumeKind.KEEP_IN for v in rules.volumes if v.valid)
    if some:
        timeless = tuple(v for v in timeless if v.kind is VolumeKind.KEEP_OUT)
    try:
        path = fly(chain, rules.platform, start_us=start_us, fuel=fuel, wind=rules.wind)
    except BadInput as error:
        if error.code in _NOT_FLOWN:
            return (_too_windy(chain, start_us),)
        raise
    return against(replace(rules, volumes=timeless, _bands={}, _spaces={}, _obstacles={}), path, chain, chain)


def _too_windy(chain: Leg, start_us: int) -> Conflict:
    first, last = (_place_of(point, start_us) for point in (chain[0], chain[-1]))
    return Conflict(ConflictTerm.WIND, 0, "", first, last, 0.0, 0.0, "m/s")


def _place_of(point: Waypoint, t_us: int) -> Place:
    return Place(t_us, point.lon_deg, point.lat_deg, point.height_msl_m)


def _linked(
    rules: Rules, usable: dict[int, Leg], base: Waypoint, start_us: int, fuel: float, out: dict[int, LeftOut]
) -> list[_Link]:
    """Ways from the base to the first leg, from each leg to the next; legs no way leads to are left out."""
    links: list[_Link] = []
    before: tuple[Waypoint, ...] = (base,)
    at_us, left = start_us, fuel
    for index, leg in usable.items():
        found = transit(rules, before, leg[:2], at_us, left)
        if isinstance(found, NoTransit):
            out[index] = LeftOut(index, LeftOutWhy.WAY, found.conflicts)
            continue
        out.pop(index, None)
        try:
            path = fly(leg, rules.platform, start_us=at_us, fuel=fuel, wind=rules.wind)
        except BadInput:  # sound by itself, but not in the wind of its time
            out[index] = LeftOut(index, LeftOutWhy.LEG, (_too_windy(leg, at_us),))
            continue
        links.append(_Link(index, found.waypoints, leg, found.seconds))
        at_us += int((found.seconds + path.duration_s) * 1e6)
        left = max(left - found.fuel - float(path.fuel[0] - path.fuel[-1]), 0.05 * fuel)
        before = leg[-2:]
    return links


def _longest(
    rules: Rules,
    links: Sequence[_Link],
    ends: tuple[Waypoint, Waypoint],
    start_us: int,
    fuel: float,
    out: dict[int, LeftOut],
) -> tuple[tuple[tuple[Waypoint, ...], FlightPath, Sequence[_Link]] | None, int | None]:
    """The sortie of as many first legs as fuel and windows allow; or None and the leg to try without."""
    few, many, best = 0, len(links), None
    count = many
    while few < many:
        tried = _assembled(rules, links[:count], ends[0], ends[1], start_us, fuel)
        if isinstance(tried, NoTransit):
            wrong: tuple[Conflict, ...] = tried.conflicts
            late = False
        else:
            wrong = _checked(rules, tried[1])
            late = all(c.term in (ConflictTerm.FUEL, ConflictTerm.WINDOW) for c in wrong)
        if not isinstance(tried, NoTransit) and not wrong:
            best, few = (*tried, links[:count]), count
        elif late:
            out[links[count - 1].index] = LeftOut(links[count - 1].index, LeftOutWhy.FUEL, wrong)
            many = count - 1
        else:
            no_return = isinstance(tried, NoTransit)
            index = links[count - 1].index if no_return else _blamed(links[:count], wrong)
            out[index] = LeftOut(index, LeftOutWhy.WAY, wrong)
            if best is None or no_return:
                return None, index
            many = count - 1
        count = (few + many + 1) // 2
    for link in links[few:]:
        out.setdefault(link.index, LeftOut(link.index, LeftOutWhy.FUEL))
    return best, None


def _blamed(links: Sequence[_Link], conflicts: Sequence[Conflict]) -> int:
    """The leg to give up for conflicts of a whole sortie: the one they are on, or on the way to."""
    at = 1
    for link in links:
        at += len(link.way) + len(link.leg)
        if any(conflict.leg < at - 1 for conflict in conflicts):
            return link.index
    return links[-1].index


def _assembled(
    rules: Rules, links: Sequence[_Link], base: Waypoint, recovery: Waypoint, start_us: int, fuel: float
) -> tuple[tuple[Waypoint, ...], FlightPath] | NoTransit:
    body = [point for link in links for point in (*link.way, *link.leg)]
    try:
        return _returned(rules, links, body, base, recovery, start_us, fuel)
    except BadInput as error:
        if error.code in _NOT_FLOWN:
            return NoTransit(())
        raise


def _returned(
    rules: Rules,
    links: Sequence[_Link],
    body: Sequence[Waypoint],
    base: Waypoint,
    recovery: Waypoint,
    start_us: int,
    fuel: float,
) -> tuple[tuple[Waypoint, ...], FlightPath] | NoTransit:
    there = fly((base, *body), rules.platform, start_us=start_us, fuel=fuel, wind=rules.wind)
    left = max(float(there.fuel[-1]), 0.05 * fuel)
    back = transit(rules, links[-1].leg[-2:], (recovery,), int(there.t_us[-1]), min(left, fuel))
    if isinstance(back, NoTransit):
        return back
    waypoints = (base, *body, *back.waypoints, recovery)
    return waypoints, fly(waypoints, rules.platform, start_us=start_us, fuel=fuel, wind=rules.wind)


def _checked(rules: Rules, path: FlightPath) -> tuple[Conflict, ...]:
    found = check_path(
        path, rules.volumes, rules.terrain, rules.platform, clearance_m=rules.clearance_m,
        windows=rules.windows, atmosphere=rules.atmosphere,
    )  # fmt: skip
    return tuple(c for c in found if rules.keep_fuel or c.term is not ConflictTerm.FUEL)


def _constraints(rules: Rules, fuel: float, base: Waypoint) -> Iterator[Constraint]:
    """Everything that could stand in the way; the sturdiest first."""
    if rules.keep_fuel:
        yield Constraint(ConstraintKind.FUEL, value=f"{fuel:.0f} {rules.platform.tank.unit}")
    yield Constraint(ConstraintKind.CEILING, value=f"{rules.platform.ceiling_msl_m:.0f} m")
    if rules.terrain is not None:
        yield Constraint(ConstraintKind.TERRAIN, value=f"{rules.clearance_m:.0f} m")
    yield Constraint(ConstraintKind.WIND)
    if rules.windows is not None:
        yield Constraint(ConstraintKind.WINDOW, rules.windows.name)
    kinds = {VolumeKind.KEEP_IN: ConstraintKind.KEEP_IN, VolumeKind.KEEP_OUT: ConstraintKind.KEEP_OUT}
    for index, volume in enumerate(rules.volumes):
        inside = volume.polygon_on(volume.plane).contains(
            shapely.Point(volume.plane.to_plane(base.lon_deg, base.lat_deg))
        )
        strange = inside is (volume.kind is VolumeKind.KEEP_OUT)
        key = "inside" if inside else "outside"
        yield Constraint(kinds[volume.kind], volume.name, index, say(f"flight.base.{key}") if strange else "")


def _only(rules: Rules, kept: Sequence[Constraint]) -> Rules:
    """The rules with only some of them in force."""
    kinds = {one.kind for one in kept}
    high = (
        rules.platform
        if ConstraintKind.CEILING in kinds
        else replace(rules.platform, ceiling_msl_m=UNLIMITED_CEILING_M)
    )
    chosen = tuple(rules.volumes[one.index] for one in kept if one.index >= 0)
    agl = any(limit and limit.datum == "agl" for v in chosen for limit in (v.floor, v.ceiling))
    return replace(
        rules,
        platform=high,
        volumes=chosen,
        terrain=rules.terrain if ConstraintKind.TERRAIN in kinds or agl else None,
        clearance_m=rules.clearance_m if ConstraintKind.TERRAIN in kinds else -1e5,
        wind=rules.wind if ConstraintKind.WIND in kinds else CALM,
        windows=rules.windows if ConstraintKind.WINDOW in kinds else None,
        keep_fuel=ConstraintKind.FUEL in kinds,
        _bands={},
        _spaces={},
        _obstacles={},
    )


def _excluding(
    rules: Rules, chains: Sequence[Leg], ends: tuple[Waypoint, Waypoint], start_us: int, fuel: float
) -> tuple[Constraint, ...]:
    """The smallest set of constraints that exclude the first search leg alone."""

    def feasible(kept: Sequence[Constraint]) -> bool:
        try:
            return isinstance(_routed(_only(rules, kept), chains[:1], ends, start_us, fuel), _Plan)
        except BadInput:
            return False

    return minimal_conflict(tuple(_constraints(rules, fuel, ends[0])), feasible)
