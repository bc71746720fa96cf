"""A plan flown: the true track of aircraft and camera, and what the aircraft's own metadata says of it."""

from atalaya.sim.flight.frame_track import FrameTrack

__all__ = ["FrameTrack"]
