"""A look: one pass of one sensor over one piece of ground, planned or executed, with or without a find."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """How a sensor is used: what a plan decides.

    Args:
        sensor, mode: names in the platform's profile.
        height_agl_m: over the ground. depression_deg: of the optical axis below the horizon, body included.
    """

    sensor: str
    mode: str
    height_agl_m: float
    depression_deg: float


@dataclass(frozen=True, slots=True)
class Look:
    """One pass.

    Args:
        t_us: its middle, microseconds UTC.
        platform: name of the profile. setting: how the sensor was used.
        ground: ((lon, lat), ...) border of the ground seen, degrees, not closed.
        chance: of detection of a facility there that is not hidden.
        hidden: share of facilities that cover hides from it.
        sun_elevation_deg: at its time and place.
        executed: flown, not only planned.
        reports: how many facilities it reported; None where nobody has looked at the footage yet.
    """

    t_us: int
    platform: str
    setting: Setting
    ground: tuple[tuple[float, float], ...]
    chance: float
    hidden: float
    sun_elevation_deg: float
    executed: bool = False
    reports: int | None = None
