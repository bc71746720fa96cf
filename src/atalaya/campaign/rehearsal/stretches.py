"""Which stretches of a sortie are recorded on video, where not all of it is.

A quarter of the clips show facilities, a quarter their look-alikes, each another one while there are enough;
half show ground without any: recordings of nothing but sites would flatter whoever looks for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.sim.flight.flight import Flight
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.frames import frame_times_us, poses, take

Bools = NDArray[np.bool_]
Place = tuple[float, float, float]
Window = tuple[int, int]
"""First second of a flight and the one after the last."""

_EVERY_S = 1.0
_BEYOND = 1.05
"""A site just outside of the picture counts as in it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A window of a flight with one sensor: microseconds UTC, the end left out. sensor: of `FrameTrack`."""

    start_us: int
    end_us: int
    sensor: int


def stretches_of(
    flight: Flight,
    places: Sequence[Place],
    facility: Sequence[bool],
    video_s: float,
    clip_s: float,
    seed: int,
) -> list[Stretch]:
    """Windows of about `clip_s` seconds that together last `video_s`, in order of time.

    Args:
        places: longitude, latitude, height above the ellipsoid of the sites. facility: which of them are.
        seed: of which of many.
    """
    track = flight.at(frame_times_us(flight, 1.0 / _EVERY_S))
    looking = track.sensor >= 0
    wanted = round(video_s / clip_s) if video_s < float(looking.sum()) * _EVERY_S else None
    seconds = max(1, round(clip_s / _EVERY_S))
    windows = _windows(track, looking, seconds)
    if wanted is None:
        return [_stretch(track, first, last) for first, last in windows]
    shown = _in_sight(track, places)
    generator = np.random.default_rng((0x57E7, seed))
    sites = generator.permutation(len(places))
    chosen: list[Window] = []
    for wish in (True, False):
        mine = [int(n) for n in sites if facility[n] is wish]
        chosen += _of_sites(windows, shown, mine, (wanted + (3 if wish else 1)) // 4, chosen)
    without = [w for w in windows if not shown[:, w[0] : w[1]].any()]
    chosen += _some(without, wanted - len(chosen), generator)
    return [_stretch(track, first, last) for first, last in sorted(chosen)]


def _of_sites(
    windows: Sequence[Window], shown: Bools, sites: Sequence[int], count: int, taken: Sequence[Window]
) -> list[Window]:
    """One window for each of some sites in turn, that with most of it; none twice."""
    chosen: list[Window] = []
    for site in sites:
        free = [w for w in windows if w not in taken and w not in chosen and shown[site, w[0] : w[1]].any()]
        if free and len(chosen) < count:
            chosen.append(max(free, key=lambda w: (int(shown[site, w[0] : w[1]].sum()), -w[0])))
    return chosen


def _windows(track: FrameTrack, looking: Bools, seconds: int) -> list[Window]:
    """Runs of one sensor and one mode, cut into windows."""
    found = []
    changes = np.flatnonzero(np.diff(track.sensor) != 0) + 1
    for first, last in zip([0, *changes], [*changes, len(track)], strict=True):
        if looking[first]:
            found += [
                (int(at), int(min(at + seconds, last)))
                for at in range(first, last, seconds)
                if min(at + seconds, last) - at >= max(1, seconds // 2)
            ]
    return found


def _in_sight(track: FrameTrack, places: Sequence[Place]) -> Bools:
    """(places, n) whether a place projects into the picture; ground before it is not asked for."""
    shown = np.zeros((len(places), len(track)), np.bool_)
    rows = np.flatnonzero(track.sensor >= 0)
    if not len(rows) or not places:
        return shown
    pose = poses(take(track, rows))
    wide, tall = (np.tan(np.radians(part[rows]) / 2.0) * _BEYOND for part in (track.hfov_deg, track.vfov_deg))
    for number, (lon, lat, height) in enumerate(places):
        ray = np.einsum("nji,nj->ni", pose.camera_to_ecef, geodetic_to_ecef(lon, lat, height) - pose.origin_m)
        ahead = ray[:, 0] > 0.0
        inside = (np.abs(ray[:, 1]) < wide * ray[:, 0]) & (np.abs(ray[:, 2]) < tall * ray[:, 0])
        shown[number, rows] = ahead & inside
    return shown


def _some(windows: list[Window], count: int, generator: np.random.Generator) -> list[Window]:
    if count <= 0 or not windows:
        return []
    picked = generator.permutation(len(windows))[:count]
    return [windows[n] for n in picked]


def _stretch(track: FrameTrack, first: int, last: int) -> Stretch:
    step = round(_EVERY_S * 1e6)
    start = int(track.t_us[first])
    return Stretch(start, start + (last - first) * step, int(track.sensor[first]))
