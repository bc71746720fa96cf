"""A flight frame by frame: all of it, a window of it, or stretch by stretch in bounded memory."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.attitude import camera_to_ned
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef, ned_basis
from atalaya.earth.surface import Surface
from atalaya.plan.flight.wind import CALM, WindField
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.waypoint import Waypoint
from atalaya.sensing.platform import Platform
from atalaya.sim.flight.flight import Flight, Handling, flight_of
from atalaya.sim.flight.frame_track import FrameTrack

Ints = NDArray[np.int64]
Rows = NDArray[np.intp]

STRETCH = 18_000
"""Frames of a stretch: ten minutes at 30 Hz."""


def fly_frames(
    path: FlightPath,
    waypoints: Sequence[Waypoint],
    platform: Platform,
    *,
    rate_hz: float = 30.0,
    wind: WindField = CALM,
    start_us: int | None = None,
    end_us: int | None = None,
    seed: int = 0,
    terrain: Surface | None = None,
    handling: Handling | None = None,
) -> FrameTrack:
    """A sortie flown frame by frame; see `flight_of` for what is flown and what is raised.

    Frame k is at take-off + k / rate_hz (rounded to a microsecond): a window holds the frames it would have
    in the whole.

    Args:
        start_us, end_us: window, UTC, the end left out; None for take-off and landing.

    Raises:
        BadInput: RNG-004, a frame rate that is none; RNG-005, a window the flight is not in.
    """
    flight = flight_of(path, waypoints, platform, wind=wind, seed=seed, terrain=terrain, handling=handling)
    return flight.at(frame_times_us(flight, rate_hz, start_us, end_us))


def fly_stretches(
    flight: Flight,
    *,
    rate_hz: float = 30.0,
    start_us: int | None = None,
    end_us: int | None = None,
    frames: int = STRETCH,
) -> Iterator[FrameTrack]:
    """The same stretch by stretch: what they hold does not depend on where they are cut."""
    for t_us in stretch_times_us(flight, rate_hz, start_us, end_us, frames):
        yield flight.at(t_us)


def frame_times_us(
    flight: Flight, rate_hz: float = 30.0, start_us: int | None = None, end_us: int | None = None
) -> Ints:
    """(n,) int64 UTC of the frames in a window.

    Raises:
        BadInput: RNG-004, RNG-005.
    """
    first, last = _numbers(flight, rate_hz, start_us, end_us)
    return _times(flight, rate_hz, np.arange(first, last))


def stretch_times_us(
    flight: Flight,
    rate_hz: float = 30.0,
    start_us: int | None = None,
    end_us: int | None = None,
    frames: int = STRETCH,
) -> Iterator[Ints]:
    """The times of `frame_times_us`, so many at once."""
    first, last = _numbers(flight, rate_hz, start_us, end_us)
    for begin in range(first, last, frames):
        yield _times(flight, rate_hz, np.arange(begin, min(begin + frames, last)))


def poses(track: FrameTrack, rows: Rows | slice = slice(None)) -> Pose:
    """Where the camera is and how it is turned, (n, 3) and (n, 3, 3), of some rows of a track."""
    some = take(track, rows)
    origin = geodetic_to_ecef(some.lon_deg, some.lat_deg, some.height_hae_m)
    return Pose(origin, ned_basis(some.lon_deg, some.lat_deg) @ cameras(some))


def cameras(track: FrameTrack) -> NDArray[np.float64]:
    """(n, 3, 3) rotations from the camera to north, east, down."""
    return camera_to_ned(
        track.heading_deg,
        track.pitch_deg,
        track.roll_deg,
        track.rel_azimuth_deg,
        track.rel_elevation_deg,
        track.rel_roll_deg,
    )


def take(track: FrameTrack, rows: Rows | slice) -> FrameTrack:
    """Some rows of a track."""
    columns = {spec.name: getattr(track, spec.name) for spec in fields(track)}
    return FrameTrack(**{n: v if n == "sensors" else v[rows] for n, v in columns.items()})


def _numbers(flight: Flight, rate_hz: float, start_us: int | None, end_us: int | None) -> tuple[int, int]:
    if not (np.isfinite(rate_hz) and 1e-4 <= rate_hz <= 1e4):
        raise BadInput("RNG-004", value=f"{rate_hz:g}")
    landing = flight.start_us + round(flight.duration_s * 1e6)
    begin = flight.start_us if start_us is None else start_us
    end = landing + 1 if end_us is None else end_us
    first, last = (int(np.ceil((t - flight.start_us) / 1e6 * rate_hz - 1e-7)) for t in (begin, end))
    highest = int(np.floor(flight.duration_s * rate_hz + 1e-7)) + 1
    first, last = max(first, 0), min(last, highest)
    if first >= last:
        raise BadInput("RNG-005", start=begin, end=end, takeoff=flight.start_us, landing=landing)
    return first, last


def _times(flight: Flight, rate_hz: float, number: NDArray[np.int64]) -> Ints:
    return np.asarray(flight.start_us + np.rint(number * (1e6 / rate_hz)), np.int64)
