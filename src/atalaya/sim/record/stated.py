"""A stated track in the terms of the audit, and how far its line of sight is from what it says it sees."""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import azimuth_elevation, rotation_zyx
from atalaya.earth.ellipsoid import geodetic_to_ecef, ned_basis
from atalaya.footage.sensor_track import SensorTrack
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.seen import Seen

Floats = NDArray[np.float64]


def sensor_track(stated: FrameTrack, seen: Seen) -> SensorTrack:
    """What a reader makes of the packets of these rows, but for their rounding."""
    return SensorTrack(
        t_us=stated.t_us,
        sensor_lon_deg=stated.lon_deg,
        sensor_lat_deg=stated.lat_deg,
        sensor_height_m=stated.height_hae_m,
        heading_true_deg=stated.heading_deg,
        pitch_deg=stated.pitch_deg,
        roll_deg=stated.roll_deg,
        rel_azimuth_deg=stated.rel_azimuth_deg,
        rel_elevation_deg=stated.rel_elevation_deg,
        rel_roll_deg=stated.rel_roll_deg,
        hfov_deg=stated.hfov_deg,
        vfov_deg=stated.vfov_deg,
        slant_m=seen.range_m,
        ground_width_m=2.0 * seen.range_m * np.tan(np.radians(stated.hfov_deg) / 2.0),
        centre_lon_deg=seen.lon_deg[:, 0],
        centre_lat_deg=seen.lat_deg[:, 0],
        centre_height_m=seen.height_hae_m[:, 0],
        corner_lon_deg=seen.lon_deg[:, 1:],
        corner_lat_deg=seen.lat_deg[:, 1:],
        ce90_m=np.full(len(stated), np.nan),
        le90_m=np.full(len(stated), np.nan),
        sensor_height_datum="hae",
        centre_height_datum="hae",
        corner_source="full",
    )


def missed_deg(stated: FrameTrack, seen: Seen, *, but_for_constants: bool = False) -> Floats:
    """(n,) degrees by which the line of sight misses what is said to be seen; NaN where nothing is.

    Args:
        but_for_constants: take the medians of azimuth and elevation from the airframe off first.
    """
    there = geodetic_to_ecef(seen.lon_deg[:, 0], seen.lat_deg[:, 0], seen.height_hae_m[:, 0])
    here = geodetic_to_ecef(stated.lon_deg, stated.lat_deg, stated.height_hae_m)
    line = np.einsum("nji,nj->ni", ned_basis(stated.lon_deg, stated.lat_deg), there - here)
    platform = rotation_zyx(stated.heading_deg, stated.pitch_deg, stated.roll_deg)
    azimuth, elevation = azimuth_elevation(np.einsum("nji,nj->ni", platform, line))
    across = (stated.rel_azimuth_deg - azimuth + 180.0) % 360.0 - 180.0
    along = stated.rel_elevation_deg - elevation
    known = np.isfinite(across + along)
    if but_for_constants and known.any():
        across, along = across - np.median(across[known]), along - np.median(along[known])
    return np.hypot(across * np.cos(np.radians(elevation)), along)
