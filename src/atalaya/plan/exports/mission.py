"""A mission as autopilots know it: MAVLink items, each with the frame its height counts from.

Source: MAVLink common message set, MAV_CMD and MAV_FRAME; https://mavlink.io/en/services/mission.html
"""

import math
from dataclasses import dataclass, replace
from enum import IntEnum

from atalaya.base.errors import BadInput
from atalaya.plan.exports.fence import NO_FENCE, Fence, RallyPoint, on_earth

HIGHEST_M, DEEPEST_M, LOWEST_RELATIVE_M = 100_000.0, -1_000.0, -20_000.0


class Frame(IntEnum):
    """What the height of an item counts from."""

    MSL = 0  # above mean sea level
    MISSION = 2  # no position: the three last numbers are plain parameters, never scaled
    RELATIVE = 3  # above home
    TERRAIN = 10  # above the ground below, as the autopilot knows it


INT_FRAMES = {5: Frame.MSL, 6: Frame.RELATIVE, 11: Frame.TERRAIN}
"""Frames with the same meaning that only say that the position travels as integers."""


class Command(IntEnum):
    """Commands that our own missions use."""

    WAYPOINT = 16
    LOITER_TURNS = 18
    LOITER_TIME = 19
    RETURN = 20
    LAND = 21
    TAKEOFF = 22
    LOITER_TO_HEIGHT = 31
    CHANGE_SPEED = 178
    LAND_START = 189
    ROI_LOCATION = 195
    ROI_NONE = 197
    MOUNT_CONTROL = 205
    TRIGGER_DISTANCE = 206
    GIMBAL = 1000
    IMAGES_STOP = 2001
    VIDEO_START = 2500
    VIDEO_STOP = 2501
    FENCE_INSIDE = 5001
    FENCE_OUTSIDE = 5002
    FENCE_CIRCLE_INSIDE = 5003
    FENCE_CIRCLE_OUTSIDE = 5004
    RALLY = 5100


NAVIGATION = range(16, 96)
"""Commands that fly somewhere; the others act at once and do not move the aircraft."""


@dataclass(frozen=True, slots=True)
class MissionItem:
    """One item.

    Args:
        command: MAV_CMD.
        frame: what `height_m` counts from. In frame MISSION latitude, longitude and height are the plain
            parameters 5, 6 and 7 of the command.
        params: parameters 1 to 4; NaN where the command is to decide itself.
        lat_deg, lon_deg: WGS 84.
        height_m: in the datum of `frame`.
        autocontinue: go on with the next item by itself.
    """

    command: int
    frame: Frame
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    lat_deg: float = 0.0
    lon_deg: float = 0.0
    height_m: float = 0.0
    autocontinue: bool = True

    @property
    def flies(self) -> bool:
        """Whether the item moves the aircraft."""
        return self.command in NAVIGATION


@dataclass(frozen=True, slots=True)
class Home:
    """Where the flight starts, the zero of relative heights; itself above mean sea level (EGM96)."""

    lon_deg: float
    lat_deg: float
    height_msl_m: float


class Autopilot(IntEnum):
    """Who is to fly it (MAV_AUTOPILOT): some read the same item differently."""

    GENERIC = 0
    ARDUPILOT = 3
    PX4 = 12


@dataclass(frozen=True, slots=True)
class Mission:
    """All that one autopilot is told for one flight.

    Args:
        items: in order of flight, home not among them.
        home: planned place of the start; None where a file has none.
        fence, rally: where it may be and where it may come down.
        cruise_ms: airspeed the ground station shows for it, m/s.
        autopilot: whose mission it is.
    """

    items: tuple[MissionItem, ...]
    home: Home | None = None
    fence: Fence = NO_FENCE
    rally: tuple[RallyPoint, ...] = ()
    cruise_ms: float = 15.0
    autopilot: Autopilot = Autopilot.GENERIC


def known_frame(number: int, *, where: str = "") -> Frame:
    """The frame of a number of MAV_FRAME.

    Raises:
        BadInput: XPT-005, a frame with another meaning (local, ECEF ...), which is never guessed at.
    """
    try:
        return INT_FRAMES.get(number) or Frame(number)
    except ValueError as error:
        raise BadInput("XPT-005", where=where, name="frame", value=number) from error


def checked_item(item: MissionItem, *, where: str = "") -> MissionItem:
    """The same item as MAVLink can carry it: places rounded to 1e-7 degrees, heights to centimetres.

    Raises:
        BadInput: XPT-004, a number that is infinite or no place on Earth; XPT-005, an impossible command.
    """
    if not 0 < item.command < 65536:
        raise BadInput("XPT-005", where=where, name="command", value=item.command)
    for number, value in enumerate(item.params, 1):
        if math.isinf(value) or abs(value) > 3.4e38:
            raise BadInput("XPT-004", where=where, name=f"param{number}", value=value)
    if not math.isfinite(item.height_m) or abs(item.height_m) > 3.4e38:
        raise BadInput("XPT-004", where=where, name="height", value=item.height_m)
    if item.frame == Frame.MISSION:
        if not (abs(item.lat_deg) < 2**31 and abs(item.lon_deg) < 2**31):
            raise BadInput("XPT-004", where=where, name="param5, param6", value=(item.lat_deg, item.lon_deg))
        return item
    if not on_earth(item.lon_deg, item.lat_deg):
        raise BadInput("XPT-004", where=where, name="lat, lon", value=(item.lat_deg, item.lon_deg))
    lowest_m = DEEPEST_M if item.frame == Frame.MSL else LOWEST_RELATIVE_M
    if not lowest_m <= item.height_m <= HIGHEST_M:
        raise BadInput("XPT-004", where=where, name="height", value=item.height_m)
    return replace(
        item,
        lat_deg=round(item.lat_deg, 7),
        lon_deg=round(item.lon_deg, 7),
        height_m=round(item.height_m, 2),
    )


def checked_home(home: Home, *, where: str = "") -> Home:
    """The same home, rounded as items are.

    Raises:
        BadInput: XPT-004, no place on Earth.
    """
    if not on_earth(home.lon_deg, home.lat_deg) or not DEEPEST_M <= home.height_msl_m <= HIGHEST_M:
        value = (home.lon_deg, home.lat_deg, home.height_msl_m)
        raise BadInput("XPT-004", where=where, name="home", value=value)
    return Home(round(home.lon_deg, 7), round(home.lat_deg, 7), round(home.height_msl_m, 2))


def checked_rally(points: tuple[RallyPoint, ...], *, where: str = "") -> tuple[RallyPoint, ...]:
    """The same rally points, rounded as items are.

    Raises:
        BadInput: XPT-004, one is no place on Earth.
    """
    homes = (
        checked_home(Home(point.lon_deg, point.lat_deg, point.height_msl_m), where=f"{where} rally {n}")
        for n, point in enumerate(points, 1)
    )
    return tuple(RallyPoint(home.lon_deg, home.lat_deg, home.height_msl_m) for home in homes)
