"""The rest of a mission after a break: the interrupted leg from its start, sensor and speed told anew."""

from dataclasses import replace

from atalaya.base.errors import BadInput
from atalaya.plan.exports.mission import Command, Frame, Mission, MissionItem

_STATES: dict[int, str] = {
    Command.CHANGE_SPEED: "speed",
    Command.ROI_LOCATION: "look",
    Command.ROI_NONE: "look",
    Command.MOUNT_CONTROL: "look",
    Command.GIMBAL: "look",
    Command.TRIGGER_DISTANCE: "stills",
    Command.VIDEO_START: "video",
    Command.VIDEO_STOP: "video",
}
"""Commands whose effect lasts until another of the same sort."""


def resumed(
    mission: Mission, at: int, *, airborne: bool = False, stopped_at: tuple[float, float] | None = None
) -> Mission:
    """The mission from where it was left.

    Args:
        mission: as it was being flown.
        at: index in `mission.items` of the item the aircraft was flying to when it stopped.
        airborne: False puts the take-off in front again.
        stopped_at: (lon_deg, lat_deg) where the leg was left, so that only its rest is flown; None flies the
            whole leg again.

    Returns:
        A mission that enters the interrupted leg at its start (or where it was left), tells speed, look
        direction, stills and video as they stood there, and goes on unchanged.

    Raises:
        BadInput: XPT-013, `at` is no item that flies somewhere.
    """
    items = mission.items
    if not 0 <= at < len(items) or not items[at].flies:
        raise BadInput("XPT-013", where=f"item {at}", count=len(items))
    start = max((n for n in range(at) if items[n].flies and items[n].command != Command.TAKEOFF), default=-1)
    head: list[MissionItem] = []
    if not airborne:
        head = [item for item in items[:at] if item.command == Command.TAKEOFF][:1]
    if start >= 0:
        head.append(_entry(items[start], items[at], stopped_at))
    return replace(mission, items=(*head, *_standing(items[:at]), *items[at:]))


def _entry(
    leg_start: MissionItem, leg_end: MissionItem, stopped_at: tuple[float, float] | None
) -> MissionItem:
    """A plain waypoint where the interrupted leg is taken up again."""
    place = leg_start
    if stopped_at is not None and leg_end.frame == leg_start.frame:
        lon, lat = stopped_at
        place = replace(leg_end, lon_deg=round(lon, 7), lat_deg=round(lat, 7))
    params = (0.0, 0.0, 0.0, place.params[3] if place.command == Command.WAYPOINT else 0.0)
    if place.frame == Frame.MISSION:
        return leg_start
    return replace(place, command=Command.WAYPOINT, params=params)


def _standing(before: tuple[MissionItem, ...]) -> list[MissionItem]:
    """The last command of each lasting sort, in the order they were given; stops are not repeated."""
    last: dict[str, MissionItem] = {}
    for item in before:
        if (sort := _STATES.get(item.command)) is not None:
            last.pop(sort, None)
            last[sort] = item
    return [item for item in last.values() if not _is_stop(item)]


def _is_stop(item: MissionItem) -> bool:
    off = item.command == Command.TRIGGER_DISTANCE and item.params[0] == 0.0
    return off or item.command in (Command.VIDEO_STOP, Command.ROI_NONE)
