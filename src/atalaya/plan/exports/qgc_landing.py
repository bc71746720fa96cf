"""The fixed-wing landing pattern of QGroundControl plans as the items it flies.

The file holds places and switches, not items. What the ground station makes of them (LandingComplexItem): the
start of the landing, stops of stills and video if wanted, a circle down to the approach height (or a
waypoint), the landing.
"""

import math

from atalaya.base.errors import BadInput
from atalaya.plan.exports.mission import Command, Frame, MissionItem, checked_item
from atalaya.plan.exports.source import Object, listing, number, require

PATTERN = "fwLandingPattern"


def landing_items(item: Object, where: str) -> list[MissionItem]:
    """The items of one pattern.

    Raises:
        BadInput: XPT-002, another version (older ones give heights of two datums) or layout; XPT-004, an
            impossible number.
    """
    require(item.get("version"), 2, "version", where)
    frame = Frame.RELATIVE if _switch(item, "altitudesAreRelative", None, where) else Frame.MSL
    items = [MissionItem(Command.LAND_START, Frame.MISSION)]
    if _switch(item, "stopTakingPhotos", False, where):
        items += [MissionItem(Command.TRIGGER_DISTANCE, Frame.MISSION)]
        items += [MissionItem(Command.IMAGES_STOP, Frame.MISSION)]
    if _switch(item, "stopVideoPhotos", False, where):
        items.append(MissionItem(Command.VIDEO_STOP, Frame.MISSION))
    key = "landingApproachCoordinate" if "landingApproachCoordinate" in item else "loiterCoordinate"
    approach = _place(item, key, where)
    if _switch(item, "useLoiterToAlt", True, where):
        turn = 1.0 if _switch(item, "loiterClockwise", None, where) else -1.0
        radius = turn * abs(number(item.get("loiterRadius"), "loiterRadius", where))
        items.append(MissionItem(Command.LOITER_TO_HEIGHT, frame, (1.0, radius, 0.0, 1.0), *approach))
    else:
        items.append(MissionItem(Command.WAYPOINT, frame, (0.0, 0.0, 0.0, math.nan), *approach))
    items.append(MissionItem(Command.LAND, frame, (0.0,) * 4, *_place(item, "landCoordinate", where)))
    return [checked_item(found, where=where) for found in items]


def _switch(item: Object, name: str, default: bool | None, where: str) -> bool:
    value = item.get(name, default)
    if not isinstance(value, bool):
        raise BadInput("XPT-002", where=where, name=name, found=str(value)[:60], known="true, false")
    return value


def _place(item: Object, name: str, where: str) -> tuple[float, float, float]:
    """Latitude, longitude, height."""
    found = [number(part, name, where) for part in listing(item.get(name), name, where)]
    if len(found) != 3:
        raise BadInput("XPT-002", where=where, name=name, found=len(found), known=3)
    return found[0], found[1], found[2]
