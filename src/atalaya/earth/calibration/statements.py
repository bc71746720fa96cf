"""What goes into a self-calibration: looks, places, marks, ranges, and how far each may be trusted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Lens, Pose

Floats = NDArray[np.float64]

INF = float("inf")
NAN = float("nan")

STATES = (
    "boresight_roll_deg",
    "boresight_pitch_deg",
    "boresight_yaw_deg",
    "heading_deg",
    "focal_change",
    "centre_column_px",
    "centre_row_px",
    "k1",
    "lag_s",
    "drift_s_per_h",
    "east_m",
    "north_m",
    "height_m",
)
"""What a sortie can share, in this order everywhere; each is a correction, 0 = the metadata are right."""

ROLL, PITCH, YAW, HEADING, FOCAL, COLUMN, ROW, K1, LAG, DRIFT, EAST, NORTH, HEIGHT = range(len(STATES))


@dataclass(frozen=True)
class Priors:
    """How wrong the metadata of a sortie may be (1 sigma); 0 keeps a state at the metadata's value.

    Args:
        boresight_deg: (roll, pitch, yaw) of the camera against the stated camera axes: about its line of
            sight, its right-hand axis and its downward axis; `rotation_zyx(yaw, pitch, roll)` applied last.
        heading_deg: error of true north, clockwise, about the vertical (magnetometer, course for heading).
            Looking straight down it cannot be told from boresight roll; one of them is then kept.
        focal_change: relative error of the focal length (0.05 = 5 %).
        centre_px: error of the optical centre, both ways.
        k1: radial distortion x' = x (1 + k1 r^2) the lens does not know of, x in focal lengths.
        lag_s, drift_s_per_h: how much later than stamped the picture was taken, at the sortie's middle time,
            and its growth; moves along the velocity, turns along the turn rate of each look.
        position_m: (east, north, up) error that all camera positions share against the points: the base
            station's or survey's datum, the slow part of satellite positions, heights of another kind.
    """

    boresight_deg: tuple[float, float, float] = (5.0, 15.0, 5.0)
    heading_deg: float = 0.0
    focal_change: float = 0.05
    centre_px: float = 0.0
    k1: float = 0.1
    lag_s: float = 0.0
    drift_s_per_h: float = 0.0
    position_m: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def sd(self) -> Floats:
        """(13,) 1 sigma in the order of `STATES`."""
        parts = (*self.boresight_deg, self.heading_deg, self.focal_change, self.centre_px, self.centre_px)
        return np.array((*parts, self.k1, self.lag_s, self.drift_s_per_h, *self.position_m), np.float64)


@dataclass(frozen=True)
class CalibrationLook:
    """One picture as its metadata describe it.

    Args:
        name: of the picture; marks refer to it.
        lens: nominal.
        pose: stated: origin_m (3,) ECEF, camera_to_ecef (3, 3).
        t_us: microseconds since 1970 UTC; only lag drift uses it.
        position_sd_m: (east, north, up) 1 sigma of this look's own position error; 0 = exact.
        attitude_sd_deg: (yaw, pitch, roll) 1 sigma of this look's own attitude error: about the vertical, the
            horizontal axis to the right of the view, the horizontal axis of the view; 0 = exact.
        velocity_m_s: (3,) ECEF, for the lag; zeros where not known.
        turn_rate_deg_s: (3,) rotation vector of the camera per second, ECEF; zeros where not known.
    """

    name: str
    lens: Lens
    pose: Pose
    t_us: int = 0
    position_sd_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    attitude_sd_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    velocity_m_s: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn_rate_deg_s: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class CalibrationPoint:
    """A place on the ground that marks refer to.

    Surveyed: all three coordinates with small sigmas. On ground of known height: longitude and latitude NaN,
    height given. A tie, known only from the pictures: all NaN.

    Args:
        name: of the point.
        lon_deg, lat_deg, height_hae_m: WGS 84, NaN where not known.
        sd_m: (east, north, up) 1 sigma; what is NaN above has no say here.
    """

    name: str
    lon_deg: float = NAN
    lat_deg: float = NAN
    height_hae_m: float = NAN
    sd_m: tuple[float, float, float] = (0.02, 0.02, 0.04)

    @property
    def surveyed(self) -> bool:
        """Whether all three coordinates are known."""
        return bool(np.isfinite(self.lon_deg + self.lat_deg + self.height_hae_m))


@dataclass(frozen=True)
class Mark:
    """A point seen in a picture; pixels as in `Lens`: an integer is the middle of a pixel."""

    look: str
    point: str
    column: float
    row: float
    sd_px: float = 1.0


@dataclass(frozen=True)
class SlantRange:
    """A measured distance from a camera to a point (ST 0601 item 21, a laser range finder for mapping)."""

    look: str
    point: str
    range_m: float
    sd_m: float
