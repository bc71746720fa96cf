"""An unarmed aircraft and what it carries: flight figures, fuel by weight, sensors, fields of view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Tank:
    """What the aircraft flies on.

    burn per hour = coefficient * mass_kg ** mass_exponent * factor of the phase. At constant lift coefficient
    the exponent is 1.5; a battery has exponent 0, and its coefficient is the draw itself.

    Args:
        unit: "kg" of fuel, which the aircraft grows lighter by, or "Wh" of charge.
        capacity: how much it holds, in that unit.
        coefficient: of the burn at loiter speed.
        mass_exponent: of the burn.
        cruise_factor, climb_factor: burn at cruise speed and in climb as a multiple of that at loiter.
        reserve_share: part of what was loaded that must be left at landing.
    """

    unit: Literal["kg", "Wh"]
    capacity: float
    coefficient: float
    mass_exponent: float = 1.5
    cruise_factor: float = 1.0
    climb_factor: float = 1.0
    reserve_share: float = 0.1


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """One mode of a camera: angles and pixels across (H) and along (V).

    Args:
        name: for example "wide".
        horizontal_deg, vertical_deg: full angles.
        columns, rows: pixels.
    """

    name: str
    horizontal_deg: float
    vertical_deg: float
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Sensor:
    """One camera or imager.

    Args:
        name: unique on its platform.
        kind: "EO", "IR", "SAR", "HSI", as authorisations name them.
        modes: its fields of view, widest first.
        rer: relative edge response; snr: signal to noise at a usual scene; both as GIQE-5 takes them.
        frame_rate_hz: pictures a second.
        slew_deg_s, slew_deg_s2: how fast its line of sight turns, and how fast that rate changes; 0 where it
            is fixed to the airframe.
        lowest_deg, highest_deg: elevations it can look at, from the plane of the airframe.
    """

    name: str
    kind: str
    modes: tuple[FieldOfView, ...]
    rer: float
    snr: float
    frame_rate_hz: float = 30.0
    slew_deg_s: float = 60.0
    slew_deg_s2: float = 120.0
    lowest_deg: float = -90.0
    highest_deg: float = 30.0


@dataclass(frozen=True, slots=True)
class Platform:
    """One type of aircraft in one configuration.

    Args:
        name: key of the profile, for example "mq9a".
        labels: what people call it, by language.
        empty_kg: without fuel and payload; payload_kg: what this configuration carries.
        tank: fuel or battery.
        loiter_ms, cruise_ms: true airspeeds; climb_ms, descent_ms: vertical speeds, both positive.
        ceiling_msl_m: as high as it flies.
        bank_deg: of a planned turn.
        sensors: what it carries.
        sources: for each value, by name, where it is from and its class: "official", "maker", "press",
            "computed" or "assumed".
    """

    name: str
    labels: Mapping[str, str]
    empty_kg: float
    payload_kg: float
    tank: Tank
    loiter_ms: float
    cruise_ms: float
    climb_ms: float
    descent_ms: float
    ceiling_msl_m: float
    bank_deg: float
    sensors: tuple[Sensor, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
