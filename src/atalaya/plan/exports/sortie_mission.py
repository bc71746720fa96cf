"""A planned sortie as the mission an autopilot flies: take-off, legs, speeds, sensor, landing."""

import math
from dataclasses import dataclass, field, replace

from atalaya.base.errors import BadInput
from atalaya.plan.exports.circled import Circled, climbed, descended
from atalaya.plan.exports.fence import Fence, RallyPoint, checked_fence
from atalaya.plan.exports.heights import (
    FRAME_OF,
    Ground,
    Heights,
    equivalent_airspeed_ms,
    height_in_frame,
)
from atalaya.plan.exports.mission import (
    Autopilot,
    Command,
    Frame,
    Home,
    Mission,
    MissionItem,
    checked_home,
    checked_item,
    checked_rally,
)
from atalaya.plan.exports.sensor_items import Camera, armed, stopped
from atalaya.plan.sortie import Sortie
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind


@dataclass(frozen=True, slots=True)
class MissionOptions:
    """How a sortie is put into the words of an autopilot.

    Args:
        heights: what heights count from; above mean sea level unless asked otherwise.
        ground: height of the ground, needed for heights above terrain.
        autopilot: who flies it.
        cruise_ms: true airspeed of legs that state none; None leaves it to the autopilot.
        equivalent_airspeed: True states airspeeds as the autopilot's own instrument shows them (standard
            atmosphere half-way up the leg), False as true airspeeds.
        loiter: "time" (command 19) or "turns" (command 18, whole turns, rounded up).
        landing: "land" at the last waypoint or "return" (command 20).
        climb_out_m: height above home at which the take-off ends, at least.
        climb_out_deg: pitch of the take-off.
        acceptance_m: how near a waypoint counts as reached; 0 for the autopilot's own.
        camera: how the camera is spoken to.
    """

    heights: Heights = Heights.MSL
    ground: Ground | None = None
    autopilot: Autopilot = Autopilot.GENERIC
    cruise_ms: float | None = None
    equivalent_airspeed: bool = True
    loiter: str = "time"
    landing: str = "land"
    climb_out_m: float = 60.0
    climb_out_deg: float = 12.0
    acceptance_m: float = 0.0
    camera: Camera = field(default_factory=Camera)


AS_PLANNED = MissionOptions()


def mission_of(
    sortie: Sortie,
    home: Home | None = None,
    *,
    fence: Fence | None = None,
    rally: tuple[RallyPoint, ...] = (),
    options: MissionOptions = AS_PLANNED,
) -> Mission:
    """The mission of one sortie.

    Args:
        sortie: its first waypoint is the take-off, its last the landing.
        home: where it starts; the first waypoint and its height if None.
        fence, rally: handed on.
        options: heights, autopilot, landing, camera.

    Raises:
        BadInput: XPT-025, fewer than two waypoints; XPT-004, XPT-012, numbers no autopilot can fly.
        DatumError: XPT-007, heights above terrain are asked for and the ground is not known.
    """
    if len(sortie.waypoints) < 2:
        raise BadInput("XPT-025", where=sortie.id, count=len(sortie.waypoints))
    first = sortie.waypoints[0]
    home = checked_home(home or Home(first.lon_deg, first.lat_deg, first.height_msl_m), where=sortie.id)
    writer = _Writer(home, options, climbed(sortie), descended(sortie))
    for waypoint, after in zip(sortie.waypoints, (*sortie.waypoints[1:], None), strict=True):
        writer.waypoint(waypoint, after)
    items = tuple(checked_item(item, where=f"{sortie.id} item {n}") for n, item in enumerate(writer.items, 1))
    return Mission(
        items,
        home,
        checked_fence(fence or Fence(), where=sortie.id),
        checked_rally(rally, where=sortie.id),
        round(writer.shown_ms, 2),
        options.autopilot,
    )


class _Writer:
    """Items so far, and what the autopilot has been told already."""

    def __init__(
        self, home: Home, options: MissionOptions, climb: Circled | None, descent: Circled | None
    ) -> None:
        self.items: list[MissionItem] = []
        self._climb, self._descent = climb, descent
        self._home, self._options = home, options
        self._running: SensorTask | None = None
        self._told_ms: float | None = None
        self.shown_ms = (
            15.0 if options.cruise_ms is None else self._stated(options.cruise_ms, home.height_msl_m)
        )

    def waypoint(self, waypoint: Waypoint, after: Waypoint | None) -> None:
        """What happens at a waypoint, then what the leg from there to the one after asks for."""
        if after is None or waypoint.kind == WaypointKind.LAND:
            self._sensor(None, search=False)
            if self._descent is not None:
                low_m = waypoint.height_msl_m + self._options.climb_out_m
                above = replace(waypoint, height_msl_m=self._descent.height_msl_m)
                self._fly(above)
                self._circle_to(waypoint, low_m, self._descent.radius_m)
            self._land(waypoint)
            return
        if waypoint.kind == WaypointKind.TAKEOFF:
            self._take_off(waypoint)
            if self._climb is not None:
                self._circle_to(waypoint, self._climb.height_msl_m, self._climb.radius_m)
        elif waypoint.kind == WaypointKind.LOITER and waypoint.loiter_s > 0.0:
            if waypoint.task is not None:
                # commands between two places run when the first is reached: looking while circling needs one
                self._fly(waypoint)
                self._sensor(waypoint.task, search=True)
            self._loiter(waypoint)
        else:
            self._fly(waypoint)
        self._speed(waypoint, after)
        self._sensor(waypoint.task, search=waypoint.leg == LegKind.SEARCH)

    def _place(self, command: Command, waypoint: Waypoint, height_msl_m: float, *params: float) -> None:
        frame = FRAME_OF[self._options.heights]
        height = height_in_frame(
            waypoint.lon_deg, waypoint.lat_deg, height_msl_m, frame, self._home, self._options.ground
        )
        first, second, third, fourth = (*params, 0.0, 0.0, 0.0, 0.0)[:4]
        self.items.append(
            MissionItem(
                command, frame, (first, second, third, fourth), waypoint.lat_deg, waypoint.lon_deg, height
            )
        )

    @property
    def _yaw(self) -> float:
        """PX4 turns a hovering aircraft north at 0; NaN leaves its heading alone. Others need no NaN."""
        return math.nan if self._options.autopilot == Autopilot.PX4 else 0.0

    def _take_off(self, waypoint: Waypoint) -> None:
        height = max(waypoint.height_msl_m, self._home.height_msl_m + self._options.climb_out_m)
        self._place(Command.TAKEOFF, waypoint, height, self._options.climb_out_deg, 0.0, 0.0, self._yaw)

    def _circle_to(self, waypoint: Waypoint, height_msl_m: float, radius_m: float) -> None:
        """Circle to the right until a height is reached, then leave towards the next place."""
        self._place(Command.LOITER_TO_HEIGHT, waypoint, height_msl_m, 1.0, radius_m, 0.0, 1.0)

    def _fly(self, waypoint: Waypoint) -> None:
        near = self._options.acceptance_m
        self._place(Command.WAYPOINT, waypoint, waypoint.height_msl_m, 0.0, near, 0.0, self._yaw)

    def _loiter(self, waypoint: Waypoint) -> None:
        radius = round(waypoint.loiter_radius_m, 1)
        if self._options.loiter == "turns" and radius:
            speed = waypoint.airspeed_ms or self._options.cruise_ms or self.shown_ms
            turns = float(max(1, math.ceil(waypoint.loiter_s * speed / (2.0 * math.pi * abs(radius)))))
            self._place(Command.LOITER_TURNS, waypoint, waypoint.height_msl_m, turns, 0.0, radius, 1.0)
            return
        seconds = round(waypoint.loiter_s, 1)
        self._place(Command.LOITER_TIME, waypoint, waypoint.height_msl_m, seconds, 0.0, radius, 1.0)

    def _land(self, waypoint: Waypoint) -> None:
        if self._options.landing == "return":
            self.items.append(MissionItem(Command.RETURN, Frame.MISSION))
            return
        self.items.append(MissionItem(Command.LAND_START, Frame.MISSION))
        self._place(Command.LAND, waypoint, waypoint.height_msl_m, 0.0, 0.0, 0.0, self._yaw)

    def _stated(self, true_ms: float, height_msl_m: float) -> float:
        stated = (
            equivalent_airspeed_ms(true_ms, height_msl_m) if self._options.equivalent_airspeed else true_ms
        )
        return round(stated, 2)

    def _speed(self, waypoint: Waypoint, after: Waypoint) -> None:
        """Tell the leg's airspeed where it differs from what was told last; -2 is the autopilot's own."""
        wanted = self._options.cruise_ms if waypoint.airspeed_ms is None else waypoint.airspeed_ms
        if wanted is None and self._told_ms is None:
            return
        middle_m = (waypoint.height_msl_m + after.height_msl_m) / 2.0
        stated = -2.0 if wanted is None else self._stated(wanted, middle_m)
        if stated != self._told_ms:
            params = (0.0, stated, -1.0, 0.0)
            self.items.append(MissionItem(Command.CHANGE_SPEED, Frame.MISSION, params))
            self._told_ms = stated

    def _sensor(self, task: SensorTask | None, *, search: bool) -> None:
        """Stop what runs and is no longer wanted; arm what is, and anew at every search leg."""
        camera = self._options.camera
        running = self._running
        if running is not None and (task is None or (running.trigger_m is None) != (task.trigger_m is None)):
            self.items += stopped(running, camera)
        if task is not None and (search or task != running):
            self.items += armed(task, camera)
        self._running = task
