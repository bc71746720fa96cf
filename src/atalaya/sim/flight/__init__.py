"""A plan flown: the true track of aircraft and camera, and what the aircraft's own metadata says of it.

In: a planned path, its waypoints, a platform, wind. Out: `FrameTrack`s of the truth, and of what the aircraft
states once its instruments err as `earth.error` models it; what ground was seen. What needs compiled code
is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.sim.flight.frame_track import FrameTrack

if TYPE_CHECKING:
    from atalaya.sim.flight.errors import Errors, StatedSurface, errors_of, stated_track
    from atalaya.sim.flight.flight import Flight, Handling, flight_of
    from atalaya.sim.flight.frames import cameras, fly_frames, fly_stretches, frame_times_us, poses, take
    from atalaya.sim.flight.looks import looks_of
    from atalaya.sim.flight.seen import Seen, seen_by

_HEAVY = {
    "Errors": "errors",
    "Flight": "flight",
    "Handling": "flight",
    "Seen": "seen",
    "StatedSurface": "errors",
    "cameras": "frames",
    "errors_of": "errors",
    "flight_of": "flight",
    "fly_frames": "frames",
    "fly_stretches": "frames",
    "frame_times_us": "frames",
    "looks_of": "looks",
    "poses": "frames",
    "seen_by": "seen",
    "stated_track": "errors",
    "take": "frames",
}

__all__ = [
    "Errors",
    "Flight",
    "FrameTrack",
    "Handling",
    "Seen",
    "StatedSurface",
    "cameras",
    "errors_of",
    "flight_of",
    "fly_frames",
    "fly_stretches",
    "frame_times_us",
    "looks_of",
    "poses",
    "seen_by",
    "stated_track",
    "take",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.sim.flight.{_HEAVY[name]}"), name)
