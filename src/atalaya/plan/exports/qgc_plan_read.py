"""QGroundControl plan files, read: ours and those of others, surveys and corridor scans as flown."""

import math
from typing import Any

from atalaya.base.errors import BadInput, DatumError
from atalaya.plan.exports.fence import Fence, FenceCircle, FencePolygon, RallyPoint, checked_fence
from atalaya.plan.exports.mission import (
    Frame,
    Home,
    Mission,
    MissionItem,
    checked_home,
    checked_item,
    checked_rally,
    known_frame,
)
from atalaya.plan.exports.qgc_landing import PATTERN, landing_items
from atalaya.plan.exports.qgc_plan import ALTITUDE_MODE, FORMAT, known_autopilot
from atalaya.plan.exports.source import Object, json_object, listing, number, require, table, whole

_CALCULATED = 3
_FRAME_OF_MODE = {mode: frame for frame, mode in ALTITUDE_MODE.items()} | {_CALCULATED: Frame.MSL}
_TRANSECTS = ("survey", "CorridorScan")


def read_plan_bytes(data: bytes, where: str) -> Mission:
    """The mission, fence and rally points of a plan file.

    Raises:
        BadInput: XPT-001, no JSON; XPT-002, another type or version; XPT-004, an impossible number; XPT-005,
            an item whose flight the file does not hold; XPT-012, an impossible fence.
        DatumError: XPT-006, an item says two different things about its height.
    """
    plan = json_object(data, FORMAT, where)
    require(plan.get("fileType"), "Plan", "fileType", where)
    require(plan.get("version"), 1, "version", where)
    mission = table(plan.get("mission"), "mission", where)
    require(mission.get("version"), 2, "mission.version", where)
    home = _home(mission.get("plannedHomePosition"), where)
    return Mission(
        tuple(_items(listing(mission.get("items"), "mission.items", where), where)),
        home,
        _fence(plan.get("geoFence"), where),
        _rally(plan.get("rallyPoints"), home, where),
        number(mission.get("cruiseSpeed", 15.0), "cruiseSpeed", where),
        known_autopilot(whole(mission.get("firmwareType", 0), "firmwareType", where)),
    )


def _home(value: object, where: str) -> Home | None:
    if value is None:
        return None
    place = _numbers(value, 3, f"{where} plannedHomePosition")
    return checked_home(Home(place[1], place[0], place[2]), where=where)


def _numbers(value: object, count: int, where: str) -> list[float]:
    found = listing(value, where, where)
    if len(found) != count:
        raise BadInput("XPT-002", where=where, name="[...]", found=len(found), known=count)
    return [number(part, str(place), where) for place, part in enumerate(found)]


def _items(values: list[Any], where: str) -> list[MissionItem]:
    found: list[MissionItem] = []
    for position, value in enumerate(values, 1):
        place = f"{where} item {position}"
        item = table(value, "item", place)
        kind = item.get("type")
        if kind == "SimpleItem":
            found.append(_simple(item, place))
        elif kind == "ComplexItem":
            found += _transects(item, place)
        else:
            raise BadInput("XPT-005", where=place, name="type", value=str(kind)[:60])
    return found


def _transects(item: Object, where: str) -> list[MissionItem]:
    """A survey or corridor scan as flown, `TransectStyleComplexItem.Items`, or a landing pattern."""
    kind = item.get("complexItemType")
    if kind == PATTERN:
        return landing_items(item, where)
    if kind not in _TRANSECTS:
        raise BadInput("XPT-005", where=where, name="complexItemType", value=str(kind)[:60])
    style = table(item.get("TransectStyleComplexItem"), "TransectStyleComplexItem", where)
    flown = listing(style.get("Items"), "TransectStyleComplexItem.Items", where)
    return [
        _simple(table(part, "item", f"{where}.{position}"), f"{where}.{position}")
        for position, part in enumerate(flown, 1)
    ]


def _simple(item: Object, where: str) -> MissionItem:
    params = listing(item.get("params"), "params", where)
    if len(params) != 7:
        raise BadInput("XPT-002", where=where, name="params", found=len(params), known=7)
    frame = known_frame(whole(item.get("frame"), "frame", where), where=where)
    _agree(item, frame, where)
    first = [math.nan if p is None else number(p, f"params[{n}]", where) for n, p in enumerate(params[:4])]
    last = [0.0 if p is None else number(p, f"params[{n}]", where) for n, p in enumerate(params[4:], 4)]
    autocontinue = item.get("autoContinue", True)
    if not isinstance(autocontinue, bool):
        raise BadInput(
            "XPT-002", where=where, name="autoContinue", found=str(autocontinue)[:60], known="bool"
        )
    return checked_item(
        MissionItem(
            whole(item.get("command"), "command", where),
            frame,
            (first[0], first[1], first[2], first[3]),
            last[0],
            last[1],
            last[2],
            autocontinue,
        ),
        where=where,
    )


def _agree(item: Object, frame: Frame, where: str) -> None:
    """What the screen of the ground station shows (AltitudeMode) is what the aircraft flies (frame)."""
    mode = item.get("AltitudeMode")
    if mode is None or frame == Frame.MISSION:
        return
    shown = _FRAME_OF_MODE.get(whole(mode, "AltitudeMode", where))
    if shown is not None and shown != frame:
        raise DatumError("XPT-006", where=where, first=f"AltitudeMode {mode}", second=f"frame {int(frame)}")


def _fence(value: object, where: str) -> Fence:
    if value is None:
        return Fence()
    fence = table(value, "geoFence", where)
    require(fence.get("version", 2), 2, "geoFence.version", where)
    polygons = listing(fence.get("polygons", []), "geoFence.polygons", where)
    circles = listing(fence.get("circles", []), "geoFence.circles", where)
    return checked_fence(
        Fence(
            tuple(_polygon(area, f"{where} polygon {n}") for n, area in enumerate(polygons, 1)),
            tuple(_circle(area, f"{where} circle {n}") for n, area in enumerate(circles, 1)),
        ),
        where=where,
    )


def _polygon(value: object, where: str) -> FencePolygon:
    area = table(value, "polygon", where)
    corners = [_numbers(corner, 2, where) for corner in listing(area.get("polygon"), "polygon", where)]
    return FencePolygon(tuple((lon, lat) for lat, lon in corners), _inclusion(area, where))


def _circle(value: object, where: str) -> FenceCircle:
    area = table(value, "circle", where)
    circle = table(area.get("circle"), "circle", where)
    lat, lon = _numbers(circle.get("center"), 2, where)
    return FenceCircle(lon, lat, number(circle.get("radius"), "radius", where), _inclusion(area, where))


def _inclusion(area: Object, where: str) -> bool:
    inclusion = area.get("inclusion")
    if not isinstance(inclusion, bool):
        raise BadInput(
            "XPT-002", where=where, name="inclusion", found=str(inclusion)[:60], known="true, false"
        )
    return inclusion


def _rally(value: object, home: Home | None, where: str) -> tuple[RallyPoint, ...]:
    """Rally points are written above home."""
    if value is None:
        return ()
    rally = table(value, "rallyPoints", where)
    require(rally.get("version", 2), 2, "rallyPoints.version", where)
    places = [_numbers(p, 3, where) for p in listing(rally.get("points", []), "rallyPoints.points", where)]
    if places and home is None:
        raise DatumError(
            "XPT-007", where=f"{where} rallyPoints", have=Frame.RELATIVE.name, want=Frame.MSL.name
        )
    zero_m = 0.0 if home is None else home.height_msl_m
    points = tuple(RallyPoint(lon, lat, height + zero_m) for lat, lon, height in places)
    return checked_rally(points, where=where)
