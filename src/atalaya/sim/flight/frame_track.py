"""A flight frame by frame: where the aircraft truly was, how it and its camera were turned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FrameTrack:
    """Columns of equal length n, in order of time. Angles in degrees, as MISB ST 0601 names them.

    Args:
        t_us: (n,) int64, microseconds UTC.
        lon_deg, lat_deg, height_hae_m: (n,) of the sensor, WGS 84, above the ellipsoid.
        heading_deg, pitch_deg, roll_deg: (n,) of the platform (items 5, 90, 91).
        rel_azimuth_deg, rel_elevation_deg, rel_roll_deg: (n,) of the sensor to the platform (18, 19, 20).
        hfov_deg, vfov_deg: (n,) full angles of view.
        north_ms, east_ms, down_ms: (n,) velocity over ground.
        fuel: (n,) left, in the unit of the platform's tank.
        leg: (n,) int64, index of the planned waypoint whose leg it is on.
        sensor: (n,) int64, index into `sensors`; -1 where none looks.
        sensors: names of sensor and mode, "eo/narrow".
    """

    t_us: Ints
    lon_deg: Floats
    lat_deg: Floats
    height_hae_m: Floats
    heading_deg: Floats
    pitch_deg: Floats
    roll_deg: Floats
    rel_azimuth_deg: Floats
    rel_elevation_deg: Floats
    rel_roll_deg: Floats
    hfov_deg: Floats
    vfov_deg: Floats
    north_ms: Floats
    east_ms: Floats
    down_ms: Floats
    fuel: Floats
    leg: Ints
    sensor: Ints
    sensors: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.t_us)
