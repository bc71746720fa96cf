"""What a photograph says of itself: camera, place, attitude."""

from dataclasses import dataclass, fields

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.earth.attitude import camera_to_ned
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef, ned_basis
from atalaya.sim.camera_angles import camera_angles
from atalaya.sim.flight.frame_track import FrameTrack

Three = tuple[float, float, float]

_MOST_NAME = 60


@dataclass(frozen=True, slots=True)
class StillCamera:
    """A camera for stills.

    Args:
        name: model, printable ASCII. sensor_width_mm: of its chip, so that a focal length has millimetres.
        quality: of the JPEG, 1 to 100. make: says that the picture is synthetic.

    Raises:
        BadInput: CUB-001, a value out of range.
    """

    name: str = "range still"
    sensor_width_mm: float = 17.3
    quality: int = 92
    make: str = "Atalaya digital range"

    def __post_init__(self) -> None:
        for name, low, high in (("sensor_width_mm", 0.5, 200.0), ("quality", 1, 100)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadInput("CUB-001", name=name, value=value, allowed=f"{low} ... {high}")
        for name in ("name", "make"):
            text = getattr(self, name)
            if not (0 < len(text) <= _MOST_NAME and text.isascii() and text.isprintable()):
                allowed = f"1 ... {_MOST_NAME} ASCII"
                raise BadInput("CUB-001", name=name, value=ascii(text[:_MOST_NAME]), allowed=allowed)


@dataclass(frozen=True, slots=True)
class StillStatement:
    """Where a photograph says it was taken, and which way.

    Args:
        lon_deg, lat_deg, height_hae_m: of the camera, WGS 84, above the ellipsoid.
        yaw_deg, pitch_deg, roll_deg: of the camera, absolute: from north, above the horizon, right side down.
        aircraft_deg: yaw, pitch, roll of the aircraft.
        above_take_off_m: over the place it started from.
        position_sd_m: east, north and up, as the receiver believes.

    Raises:
        BadInput: CUB-009, a value that is no number or no place on Earth.
    """

    lon_deg: float
    lat_deg: float
    height_hae_m: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    aircraft_deg: Three = (0.0, 0.0, 0.0)
    above_take_off_m: float = 0.0
    position_sd_m: Three = (0.02, 0.02, 0.03)

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not np.isfinite(value).all():
                raise BadInput("CUB-009", name=field.name, value=value)
        limits = {
            "lon_deg": 180.0,
            "lat_deg": 90.0,
            "height_hae_m": 1e5,
            "pitch_deg": 90.0,
            "roll_deg": 180.0,
        }
        for name, most in limits.items():
            if abs(getattr(self, name)) > most:
                raise BadInput("CUB-009", name=name, value=getattr(self, name))


def statement_of(
    pose: Pose, *, aircraft_deg: Three = (0.0, 0.0, 0.0), above_take_off_m: float = 0.0,
    position_sd_m: Three = (0.02, 0.02, 0.03),
) -> StillStatement:  # fmt: skip
    """The statement of a camera that knows its pose (one, not many).

    Raises:
        BadInput: CUB-009.
    """
    lon, lat, height, yaw, pitch, roll = (float(part[0]) for part in camera_angles(pose))
    return StillStatement(lon, lat, height, yaw, pitch, roll, aircraft_deg, above_take_off_m, position_sd_m)


def statement_of_row(
    track: FrameTrack, row: int, *, take_off_hae_m: float = 0.0, position_sd_m: Three = (0.02, 0.02, 0.03)
) -> StillStatement:
    """The statement of one row of a track: true for a true track, in error for one that errs.

    Raises:
        BadInput: CUB-001 no such row, CUB-009.
    """
    if not 0 <= row < len(track):
        raise BadInput("CUB-001", name="row", value=row, allowed=f"0 ... {len(track) - 1}")
    at = (track.lon_deg[row], track.lat_deg[row], track.height_hae_m[row])
    body = (float(track.heading_deg[row]), float(track.pitch_deg[row]), float(track.roll_deg[row]))
    gimbal = (track.rel_azimuth_deg[row], track.rel_elevation_deg[row], track.rel_roll_deg[row])
    if not np.isfinite((*at, *body, *gimbal)).all():
        raise BadInput("CUB-009", name="track", value=row)
    turn = ned_basis(at[0], at[1]) @ camera_to_ned(*body, *gimbal)
    above = float(at[2]) - take_off_hae_m
    pose = Pose(geodetic_to_ecef(*at), turn)
    return statement_of(pose, aircraft_deg=body, above_take_off_m=above, position_sd_m=position_sd_m)
