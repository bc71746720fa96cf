"""What a sensor is told at the start of a leg: where to look, and to take stills or video, each time anew.

A task left running from an earlier leg is not trusted: ground stations lose it at a resume
(mavlink/qgroundcontrol#5393), so every search leg arms its own.
"""

from dataclasses import dataclass

from atalaya.plan.exports.mission import Command, Frame, MissionItem
from atalaya.plan.waypoint import SensorTask

HORIZON_LOCKED = 12
"""GIMBAL_MANAGER_FLAGS: roll and pitch hold to the horizon, yaw turns with the aircraft."""

_MAVLINK_TARGETING = 2.0


@dataclass(frozen=True, slots=True)
class Camera:
    """How the aircraft's camera is spoken to.

    Args:
        gimbal: "manager" (command 1000), "mount" (command 205, older autopilots) or "none" (fixed camera).
        gimbal_id: of several gimbals; 0 for the first or all.
        stream: number of the video stream; 0 for all.
    """

    gimbal: str = "manager"
    gimbal_id: int = 0
    stream: int = 0


def armed(task: SensorTask, camera: Camera) -> list[MissionItem]:
    """Point the gimbal, then start stills or video."""
    items = _pointed(task, camera)
    if task.trigger_m is not None:
        return [*items, _do(Command.TRIGGER_DISTANCE, (round(task.trigger_m, 2), 0.0, 1.0, 0.0))]
    return [*items, _do(Command.VIDEO_START, (float(camera.stream), 0.0, 0.0, 0.0))]


def stopped(task: SensorTask, camera: Camera) -> list[MissionItem]:
    """Stop what `armed` started."""
    if task.trigger_m is not None:
        return [_do(Command.TRIGGER_DISTANCE, (0.0, 0.0, 0.0, 0.0))]
    return [_do(Command.VIDEO_STOP, (float(camera.stream), 0.0, 0.0, 0.0))]


def _pointed(task: SensorTask, camera: Camera) -> list[MissionItem]:
    pitch = round(-task.depression_deg, 3) + 0.0
    yaw = round((task.bearing_relative_deg + 180.0) % 360.0 - 180.0, 3)
    if camera.gimbal == "manager":
        rates = (pitch, yaw, 0.0, 0.0)
        return [_do(Command.GIMBAL, rates, (float(HORIZON_LOCKED), 0.0, float(camera.gimbal_id)))]
    if camera.gimbal == "mount":
        return [_do(Command.MOUNT_CONTROL, (pitch, 0.0, yaw, 0.0), (0.0, 0.0, _MAVLINK_TARGETING))]
    return []


def _do(
    command: Command,
    params: tuple[float, float, float, float],
    last: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> MissionItem:
    """A command without a place; MAVLink's parameters 5 to 7 stand where places stand elsewhere."""
    return MissionItem(command, Frame.MISSION, params, *last)
