"""What an autopilot is told: places to fly over, and what the sensor does from there on."""

from dataclasses import dataclass
from enum import StrEnum


class WaypointKind(StrEnum):
    """What happens at a waypoint."""

    TAKEOFF = "takeoff"
    FLY = "fly"
    LOITER = "loiter"
    LAND = "land"


class LegKind(StrEnum):
    """What the aircraft does on the way from a waypoint to the next."""

    TRANSIT = "transit"
    SEARCH = "search"
    TURN = "turn"
    LOITER = "loiter"


@dataclass(frozen=True, slots=True)
class SensorTask:
    """What a sensor does on a leg.

    Args:
        sensor: name of the sensor in the platform's profile.
        mode: name of the field of view.
        bearing_relative_deg: look direction from the nose, clockwise; 90 is to the right.
        depression_deg: below the horizon, 90 is straight down.
        trigger_m: distance between stills; None for video.
    """

    sensor: str
    mode: str
    bearing_relative_deg: float = 0.0
    depression_deg: float = 90.0
    trigger_m: float | None = None


@dataclass(frozen=True, slots=True)
class Waypoint:
    """One place of a sortie, and the leg that starts there.

    Args:
        lon_deg, lat_deg: WGS 84.
        height_msl_m: above mean sea level (EGM96); never above the ellipsoid or the ground.
        kind: what happens here.
        leg: what the leg to the next waypoint is; of no meaning for the last.
        task: what the sensor does on that leg; None for nothing.
        loiter_s: how long to stay, seconds, at a LOITER.
        loiter_radius_m: radius of the circle, positive clockwise, negative anticlockwise.
        airspeed_ms: true airspeed of the leg that starts here; None for the platform's own.
        label: a short name for people; "" for none.
    """

    lon_deg: float
    lat_deg: float
    height_msl_m: float
    kind: WaypointKind = WaypointKind.FLY
    leg: LegKind = LegKind.TRANSIT
    task: SensorTask | None = None
    loiter_s: float = 0.0
    loiter_radius_m: float = 0.0
    airspeed_ms: float | None = None
    label: str = ""
