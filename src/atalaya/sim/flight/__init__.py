"""A plan flown: the true track of aircraft and camera, and what the aircraft's own metadata says of it.

In: a planned path, its waypoints, a platform, wind. Out: `FrameTrack`s of the truth, and of what the aircraft
states once its instruments err as `earth.error` models it. Names that need compiled code are imported when
they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.sim.flight.frame_track import FrameTrack

if TYPE_CHECKING:
    from atalaya.sim.flight.flight import Flight, Handling, flight_of
    from atalaya.sim.flight.frames import fly_frames, fly_stretches, frame_times_us, poses, take

_HEAVY = {
    "Flight": "flight",
    "Handling": "flight",
    "flight_of": "flight",
    "fly_frames": "frames",
    "fly_stretches": "frames",
    "frame_times_us": "frames",
    "poses": "frames",
    "take": "frames",
}

__all__ = [
    "Flight",
    "FrameTrack",
    "Handling",
    "flight_of",
    "fly_frames",
    "fly_stretches",
    "frame_times_us",
    "poses",
    "take",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.sim.flight.{_HEAVY[name]}"), name)
