"""A sortie as an ICAO flight plan: what is flown comes from the plan, what only the operator knows from them.

Nothing is made up: a clearance number that is not given is written as not given, and said.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from atalaya.base.clock import EPOCH
from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.plan.exports.flight_plan_text import (
    OTHER,
    SUPPLEMENT,
    FlightPlan,
    Named,
    RouteElement,
    checked_flight_plan,
)
from atalaya.plan.exports.heights import FOOT_M, KNOT_MS
from atalaya.plan.sortie import Sortie
from atalaya.plan.waypoint import LegKind, Waypoint

MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class FlightPlanFields:
    """What a flight plan asks of the operator.

    Args:
        aircraft_id: item 7; code: transponder code with its A, "" for none.
        rules, kind: item 8, for example "I" and "X" (other) or "M" (military).
        aircraft_type, wake: item 9; "ZZZZ" puts `type_name` behind TYP/.
        equipment, surveillance: item 10.
        departure, destination, alternates: ICAO location indicators; "ZZZZ" puts the base and its position
            behind DEP/ or DEST/.
        cruise_ms: true airspeed of legs that state none.
        flight_levels_from_ft: heights from here on are filed as flight levels; None files all as altitudes.
        taxi_min: between off-block time and take-off.
        search: "points" writes every waypoint, "delay" writes entry and exit of each searched area with DLE/.
        sts: statuses of item 18, for example ("STATE", "SAR").
        clearances: State -> number of its diplomatic clearance; None where there is none yet.
        remarks: plain text for RMK/.
        other: more of item 18, for example {"REG": "N123", "OPR": "..."}.
        supplement: item 19, for example {"R": "UV"}; E/ is filled from `endurance_min`.
        endurance_min: fuel endurance; None leaves E/ out.
        persons: on board.
    """

    aircraft_id: str
    aircraft_type: str
    wake: str
    equipment: str
    surveillance: str
    departure: str
    destination: str
    cruise_ms: float
    alternates: tuple[str, ...] = ()
    code: str = ""
    rules: str = "I"
    kind: str = "X"
    type_name: str = ""
    flight_levels_from_ft: float | None = None
    taxi_min: int = 10
    search: str = "points"
    sts: tuple[str, ...] = ()
    clearances: Mapping[str, str | None] = field(default_factory=dict)
    remarks: str = "UNMANNED AIRCRAFT"
    other: Mapping[str, str] = field(default_factory=dict)
    supplement: Mapping[str, str] = field(default_factory=dict)
    endurance_min: int | None = None
    persons: int = 0


def flight_plan_of(sortie: Sortie, fields: FlightPlanFields) -> tuple[FlightPlan, list[Finding]]:
    """The flight plan of one sortie, and what its reader should know.

    Raises:
        BadInput: XPT-015, a field of a wrong form; XPT-025, fewer than two waypoints or no times.
    """
    if len(sortie.waypoints) < 2 or not len(sortie.path.t_us):
        raise BadInput("XPT-025", where=sortie.id, count=len(sortie.waypoints))
    findings: list[Finding] = []
    start_us, end_us = int(sortie.path.t_us[0]), int(sortie.path.t_us[-1])
    off_block_us = (start_us // MINUTE_US - fields.taxi_min) * MINUTE_US
    off_block = EPOCH + timedelta(microseconds=off_block_us)
    minutes = -(-(end_us - start_us) // MINUTE_US)
    route = _Route(sortie, fields)
    plan = FlightPlan(
        fields.aircraft_id,
        fields.code,
        fields.rules,
        fields.kind,
        "",
        fields.aircraft_type,
        fields.wake,
        fields.equipment,
        fields.surveillance,
        fields.departure,
        f"{off_block:%H%M}",
        *route.first,
        route.elements,
        fields.destination,
        hhmm(minutes),
        fields.alternates,
        _other(sortie, fields, f"{off_block:%y%m%d}", route.delays, findings),
        _supplement(fields),
    )
    return checked_flight_plan(plan, where=sortie.id), findings


def coordinates(lon_deg: float, lat_deg: float) -> str:
    """Degrees and minutes in eleven letters, for example 3120N11020W."""
    lat, lon = round(abs(lat_deg) * 60.0), round(abs(lon_deg) * 60.0)
    north, east = "N" if lat_deg >= 0.0 else "S", "E" if lon_deg >= 0.0 else "W"
    return f"{lat // 60:02d}{lat % 60:02d}{north}{lon // 60:03d}{lon % 60:02d}{east}"


def hhmm(minutes: int) -> str:
    """A duration as hours and minutes.

    Raises:
        BadInput: XPT-015, negative or 100 hours and more.
    """
    if not 0 <= minutes < 6000:
        raise BadInput("XPT-015", where="EET", item="hhmm", value=minutes)
    return f"{minutes // 60:02d}{minutes % 60:02d}"


@dataclass(frozen=True, slots=True)
class _Stop:
    """A place of the route: the waypoint, the one flown to next, and a delay planned there."""

    waypoint: Waypoint
    target: Waypoint
    delay_min: int = 0


class _Route:
    """Item 15 of a sortie and the delays of its item 18."""

    def __init__(self, sortie: Sortie, fields: FlightPlanFields) -> None:
        self._fields = fields
        points = sortie.waypoints
        target = points[1] if len(points) > 2 else points[0]
        self.first = (self._speed(points[0]), self._level(target))
        stops = list(self._stops(sortie))
        self.elements = tuple(self._written(stops))
        self.delays = " ".join(
            coordinates(stop.waypoint.lon_deg, stop.waypoint.lat_deg) + hhmm(stop.delay_min)
            for stop in stops
            if stop.delay_min
        )

    def _stops(self, sortie: Sortie) -> Iterator[_Stop]:
        """Waypoints between the aerodromes; a searched area is its entry and exit where asked so."""
        points = sortie.waypoints
        inner = list(range(1, len(points) - 1))
        blocks = groupby(inner, lambda n: self._fields.search == "delay" and _searches(points[n]))
        for searched, block in blocks:
            numbers = list(block)
            if not searched or len(numbers) == 1:
                for n in numbers:
                    delay = round(points[n].loiter_s / 60.0)
                    yield _Stop(points[n], _target(points, n), delay)
                continue
            entry, last = numbers[0], numbers[-1]
            minutes = round(_minutes_between(sortie, entry, last + 1))
            yield _Stop(points[entry], points[entry], minutes)
            if last + 1 < len(points) - 1:
                continue
            yield _Stop(points[last], points[last])

    def _written(self, stops: list[_Stop]) -> list[RouteElement]:
        """Points joined by DCT; stops in one minute of arc are one point with the last speed and level."""
        speed, level = self.first
        written: list[RouteElement] = []
        for stop in stops:
            place = coordinates(stop.waypoint.lon_deg, stop.waypoint.lat_deg)
            told = self._speed(stop.waypoint), self._level(stop.target)
            changed = told != (speed, level)
            speed, level = told
            element = RouteElement(place, speed, level) if changed else RouteElement(place)
            if not written or written[-1].text != place:
                written += [RouteElement("DCT"), element]
            elif changed:
                written[-1] = element
        return [*written, RouteElement("DCT")]

    def _speed(self, waypoint: Waypoint) -> str:
        speed_ms = self._fields.cruise_ms if waypoint.airspeed_ms is None else waypoint.airspeed_ms
        return f"N{round(speed_ms / KNOT_MS):04d}"

    def _level(self, waypoint: Waypoint) -> str:
        hundreds_ft = max(round(waypoint.height_msl_m / FOOT_M / 100.0), 0)
        lowest = self._fields.flight_levels_from_ft
        return f"{'F' if lowest is not None and hundreds_ft * 100 >= lowest else 'A'}{hundreds_ft:03d}"


def _searches(waypoint: Waypoint) -> bool:
    return waypoint.leg in (LegKind.SEARCH, LegKind.TURN)


def _target(points: tuple[Waypoint, ...], at: int) -> Waypoint:
    """Whose height the leg from `at` goes to; the last leg keeps its level until the descent."""
    return points[at + 1] if at + 1 < len(points) - 1 else points[at]


def _minutes_between(sortie: Sortie, first: int, last: int) -> float:
    path = sortie.path
    inside = (path.waypoint >= first) & (path.waypoint < last)
    times = path.t_us[inside]
    return 0.0 if not len(times) else float(times[-1] - times[0]) / MINUTE_US


def _other(
    sortie: Sortie, fields: FlightPlanFields, date: str, delays: str, findings: list[Finding]
) -> Named:
    """Item 18 in the order of the message."""
    given = {name: _plain(text, findings) for name, text in fields.other.items()}
    given |= {"DOF": date} | ({"DLE": delays} if delays else {})
    if fields.sts:
        given["STS"] = " ".join(fields.sts)
    for name, code, base, point in (
        ("DEP", fields.departure, sortie.base, sortie.waypoints[0]),
        ("DEST", fields.destination, sortie.recovery, sortie.waypoints[-1]),
    ):
        if code == "ZZZZ":
            given[name] = _plain(f"{base} {coordinates(point.lon_deg, point.lat_deg)}", findings)
    if fields.aircraft_type == "ZZZZ" and fields.type_name:
        given["TYP"] = _plain(fields.type_name, findings)
    remarks = [_plain(fields.remarks, findings)] if fields.remarks else []
    remarks += [_clearance(state, number, findings) for state, number in fields.clearances.items()]
    if remarks:
        given["RMK"] = " ".join([*([given["RMK"]] if "RMK" in given else []), *remarks])
    return _ordered(given, OTHER, "item 18", sortie.id)


def _ordered(given: Mapping[str, str], known: tuple[str, ...], item: str, where: str) -> Named:
    """Indicators in the order of the message.

    Raises:
        BadInput: XPT-015, one the message does not have, which would be lost.
    """
    for name in given:
        if name not in known:
            raise BadInput("XPT-015", where=where, item=item, value=name)
    return tuple((name, given[name]) for name in known if name in given)


def _clearance(state: str, number: str | None, findings: list[Finding]) -> str:
    """What the remark says of one State's clearance; its absence is said, and never filled."""
    name = _plain(state, findings)
    if number is None or not number.strip():
        findings.append(Finding("XPT-023", Severity.WARNING, 1, details={"state": state}))
        return f"DIPLOMATIC CLEARANCE {name} NOT GIVEN"
    return f"DIPLOMATIC CLEARANCE {name} {_plain(number, findings)}"


def _plain(text: str, findings: list[Finding]) -> str:
    """Text in the letters of the message; hyphens, strokes and brackets mean something there: blanks."""
    base = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    shown = " ".join(re.sub(r"[^A-Z0-9 .,?:'+=]", " ", base.upper()).split())
    if shown != " ".join(text.upper().split()):
        findings.append(
            Finding("XPT-024", Severity.INFO, 1, details={"text": text[:80], "shown": shown[:80]})
        )
    return shown


def _supplement(fields: FlightPlanFields) -> Named:
    given = dict(fields.supplement)
    if fields.endurance_min is not None:
        given["E"] = hhmm(fields.endurance_min)
    if given:
        given.setdefault("P", f"{fields.persons:03d}")
    return _ordered(given, SUPPLEMENT, "item 19", fields.aircraft_id)
