"""Where the middle and the corners of frames lie on the ground."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import corners_in_camera
from atalaya.earth.surface import Surface
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.frames import poses

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Seen:
    """Where the middle and the corners of each frame lie on the ground, NaN where they meet none.

    range_m: (n,). lon_deg, lat_deg, height_hae_m: (n, 5) middle, then upper left, upper right, lower right,
        lower left.
    """

    range_m: Floats
    lon_deg: Floats
    lat_deg: Floats
    height_hae_m: Floats

    def take(self, rows: NDArray[np.intp]) -> "Seen":
        """Some rows of it."""
        return Seen(*(getattr(self, name)[rows] for name in Seen.__dataclass_fields__))


def seen_by(track: FrameTrack, surface: Surface) -> Seen:
    """Cast the middle and the corners of each frame of a track."""
    pose = poses(track)
    n = len(track)
    inside = np.concatenate(
        (np.broadcast_to([[[1.0, 0.0, 0.0]]], (n, 1, 3)), corners_in_camera(track.hfov_deg, track.vfov_deg)),
        axis=1,
    )
    toward = inside @ np.swapaxes(pose.camera_to_ecef, -1, -2)
    hits = surface.hits(np.repeat(pose.origin_m, 5, axis=0), toward.reshape(-1, 3))
    found = hits.found
    lon, lat, height, reach = (
        np.where(found, part, np.nan).reshape(n, 5)
        for part in (hits.lon_deg, hits.lat_deg, hits.height_hae_m, hits.range_m)
    )
    return Seen(reach[:, 0], lon, lat, height)
