"""Mission items as they travel: positions in 1e-7 degrees, plain parameters of frame 2 as they are."""

from typing import Any

from atalaya.base.errors import BadInput
from atalaya.plan.exports.mission import Frame, MissionItem, checked_item, known_frame

SCALE = 10_000_000

RESULTS = {
    0: "ACCEPTED",
    1: "ERROR",
    2: "UNSUPPORTED_FRAME",
    3: "UNSUPPORTED",
    4: "NO_SPACE",
    5: "INVALID",
    **{5 + n: f"INVALID_PARAM{n}" for n in range(1, 5)},
    10: "INVALID_PARAM5_X",
    11: "INVALID_PARAM6_Y",
    12: "INVALID_PARAM7",
    13: "INVALID_SEQUENCE",
    14: "DENIED",
    15: "OPERATION_CANCELLED",
}
"""MAV_MISSION_RESULT."""


def scaled(item: MissionItem) -> tuple[int, int]:
    """x and y of MISSION_ITEM_INT: latitude and longitude times 1e7, or parameters 5 and 6 unscaled."""
    factor = 1 if item.frame == Frame.MISSION else SCALE
    return round(item.lat_deg * factor), round(item.lon_deg * factor)


def message_of(words: Any, target: tuple[int, int], sequence: int, item: MissionItem, sort: int) -> Any:
    """MISSION_ITEM_INT of one item.

    Args:
        words: pymavlink's dialect.
        target: system and component.
        sort: mission type, 0 mission, 1 fence, 2 rally.
    """
    x, y = scaled(item)
    current = int(sort == 0 and sequence == 0)
    head = (*target, sequence, int(item.frame), int(item.command), current, int(item.autocontinue))
    return words.MAVLink_mission_item_int_message(*head, *item.params, x, y, item.height_m, sort)


def item_of(message: Any, *, where: str = "") -> MissionItem:
    """The item of a MISSION_ITEM_INT, or of an old MISSION_ITEM, whose position is in degrees.

    Raises:
        BadInput: XPT-004, XPT-005, values no aircraft can fly.
    """
    frame = known_frame(message.frame, where=where)
    plain = frame == Frame.MISSION or message.get_type() == "MISSION_ITEM"
    factor = 1 if plain else SCALE
    params = (message.param1, message.param2, message.param3, message.param4)
    try:
        item = MissionItem(
            message.command, frame, params, message.x / factor, message.y / factor, message.z,
            bool(message.autocontinue),
        )  # fmt: skip
        return checked_item(item, where=where)
    except (TypeError, OverflowError) as error:
        raise BadInput("XPT-004", where=where, name="x, y", value=str(error)) from error
