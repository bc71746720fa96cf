"""How a sortie is flown: wind, turns, climb, fuel by weight, time windows, and where to cut it in two.

In: waypoints, a platform, a wind field. Out: a `FlightPath` of time, place, height and fuel. Wind triangle,
Dubins paths in moving air, burn by weight. What needs numba is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.plan.flight.wind import (
    CALM,
    ConstantWind,
    GriddedWind,
    LayeredWind,
    WindField,
    ground_speed_ms,
    heading_deg,
    leg_times_s,
)
from atalaya.plan.flight.windows import Windows, all_of, daylight, with_wait

if TYPE_CHECKING:
    from atalaya.plan.flight.flying import fly
    from atalaya.plan.flight.splitting import Part, split
    from atalaya.plan.flight.turn import Dubins, Word, dubins_path, turn_radius_m, turn_time_s

_HEAVY = {
    "Dubins": "turn",
    "Part": "splitting",
    "Word": "turn",
    "dubins_path": "turn",
    "fly": "flying",
    "split": "splitting",
    "turn_radius_m": "turn",
    "turn_time_s": "turn",
}

__all__ = [
    "CALM",
    "ConstantWind",
    "Dubins",
    "GriddedWind",
    "LayeredWind",
    "Part",
    "WindField",
    "Windows",
    "Word",
    "all_of",
    "daylight",
    "dubins_path",
    "fly",
    "ground_speed_ms",
    "heading_deg",
    "leg_times_s",
    "split",
    "turn_radius_m",
    "turn_time_s",
    "with_wait",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.plan.flight.{_HEAVY[name]}"), name)
