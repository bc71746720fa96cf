"""Fence and rally points as MAVLink carries them: items of mission types 1 and 2, and back.

Source: MAVLink common, MAV_CMD_NAV_FENCE_* (5001-5004; param1 = number of corners or radius) and
MAV_CMD_NAV_RALLY_POINT (5100).
"""

from collections.abc import Sequence

from atalaya.base.errors import BadInput, DatumError
from atalaya.plan.exports.fence import Fence, FenceCircle, FencePolygon, RallyPoint, checked_fence
from atalaya.plan.exports.mission import (
    Command,
    Frame,
    Home,
    MissionItem,
    checked_item,
    checked_rally,
)

_POLYGONS = {Command.FENCE_INSIDE: True, Command.FENCE_OUTSIDE: False}
_CIRCLES = {Command.FENCE_CIRCLE_INSIDE: True, Command.FENCE_CIRCLE_OUTSIDE: False}


def fence_items(fence: Fence) -> tuple[MissionItem, ...]:
    """Corner by corner, each naming how many its polygon has; then the circles.

    Raises:
        BadInput: XPT-004, XPT-012, as `checked_fence` does.
    """
    checked = checked_fence(fence)
    items = []
    for area in checked.polygons:
        command = Command.FENCE_INSIDE if area.inclusion else Command.FENCE_OUTSIDE
        corners = (float(len(area.ring)), 0.0, 0.0, 0.0)
        items += [_area(command, corners, lat, lon) for lon, lat in area.ring]
    for circle in checked.circles:
        command = Command.FENCE_CIRCLE_INSIDE if circle.inclusion else Command.FENCE_CIRCLE_OUTSIDE
        radius = (circle.radius_m, 0.0, 0.0, 0.0)
        items.append(_area(command, radius, circle.lat_deg, circle.lon_deg))
    return tuple(items)


def _area(
    command: Command, params: tuple[float, float, float, float], lat_deg: float, lon_deg: float
) -> MissionItem:
    return MissionItem(command, Frame.MSL, params, lat_deg, lon_deg, autocontinue=False)


def fence_of(items: Sequence[MissionItem], *, where: str = "") -> Fence:
    """The fence that items of mission type 1 mean.

    Raises:
        BadInput: XPT-005, another command; XPT-012, corners missing or of different counts.
    """
    polygons, circles = [], []
    at = 0
    while at < len(items):
        item = items[at]
        place = f"{where} fence item {at}"
        if item.command in _CIRCLES:
            circles.append(
                FenceCircle(item.lon_deg, item.lat_deg, item.params[0], _CIRCLES[Command(item.command)])
            )
            at += 1
            continue
        if item.command not in _POLYGONS:
            raise BadInput("XPT-005", where=place, name="command", value=item.command)
        count = item.params[0]
        corners = items[at : at + int(count)] if 3 <= count <= len(items) - at else ()
        if not corners or any(c.command != item.command or c.params[0] != count for c in corners):
            raise BadInput("XPT-012", where=place, detail=f"param1 = {count:g}")
        ring = tuple((corner.lon_deg, corner.lat_deg) for corner in corners)
        polygons.append(FencePolygon(ring, _POLYGONS[Command(item.command)]))
        at += len(corners)
    return checked_fence(Fence(tuple(polygons), tuple(circles)), where=where)


def rally_items(points: Sequence[RallyPoint], home: Home | None = None) -> tuple[MissionItem, ...]:
    """Rally points relative to home where it is known (older ArduPilot takes no other frame), else above mean
    sea level; said so by their frame.

    Raises:
        BadInput: XPT-004, one is no place on Earth.
    """
    frame = Frame.MSL if home is None else Frame.RELATIVE
    zero_m = 0.0 if home is None else home.height_msl_m
    return tuple(
        MissionItem(
            Command.RALLY, frame, (0.0,) * 4, p.lat_deg, p.lon_deg, round(p.height_msl_m - zero_m, 2), False
        )
        for p in checked_rally(tuple(points))
    )


def rally_of(
    items: Sequence[MissionItem], home: Home | None = None, *, where: str = ""
) -> tuple[RallyPoint, ...]:
    """The rally points that items of mission type 2 mean, heights relative to home converted by it.

    Raises:
        BadInput: XPT-005, another command.
        DatumError: XPT-007, a height relative to a home that is not known, or above terrain.
    """
    points = []
    for number, item in enumerate(items):
        place = f"{where} rally item {number}"
        if item.command != Command.RALLY:
            raise BadInput("XPT-005", where=place, name="command", value=item.command)
        sound = checked_item(item, where=place)
        height = sound.height_m
        if sound.frame == Frame.RELATIVE and home is not None:
            height += home.height_msl_m
        elif sound.frame != Frame.MSL:
            raise DatumError("XPT-007", where=place, have=sound.frame.name, want=Frame.MSL.name)
        points.append(RallyPoint(sound.lon_deg, sound.lat_deg, height))
    return checked_rally(tuple(points), where=where)
