"""What the positions alone say the camera must have looked at, next to what its angles say.

The platform and the stated frame centre fix a direction and a distance without any angle; the angles and the
slant range fix them again. Everything the audit knows comes from how the two differ. Heights are used in the
recording's own datum: a shift common to sensor and ground moves nothing.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import (
    azimuth_elevation,
    boresight_ned,
    camera_to_ned,
    converted_height_m,
    corners_in_camera,
    ecef_to_geodetic,
    geodetic_to_ecef,
    ned_basis,
    point_at_height,
    rotation_zyx,
    up_vector,
)
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sighting:
    """Line from the sensor to the stated frame centre, n rows, NaN where the packet does not say.

    sensor_m, centre_m: (n, 3) metres, ECEF, of heights in the recording's own datum
    basis: (n, 3, 3) north, east, down at the sensor
    platform: (n, 3, 3) body to NED
    range_m: (n,) length of the line
    bearing_deg, elevation_deg: (n,) of the line from north and the level plane
    body_azimuth_deg, body_elevation_deg: (n,) of the line from the platform's own axes
    """

    sensor_m: Floats
    centre_m: Floats
    basis: Floats
    platform: Floats
    range_m: Floats
    bearing_deg: Floats
    elevation_deg: Floats
    body_azimuth_deg: Floats
    body_elevation_deg: Floats


def wrapped(angle_deg: Floats) -> Floats:
    """Angles moved into -180 .. 180 degrees."""
    return np.asarray((angle_deg + 180.0) % 360.0 - 180.0)


def centre_height_in_sensor_datum(track: SensorTrack) -> Floats:
    """(n,) stated height of the frame centre, metres, in the datum of the sensor's height.

    Where one of the two datums is not known the height is taken to be in the other's; the audit tests that.
    """
    have, want = track.centre_height_datum, track.sensor_height_datum
    if have == want or "unknown" in (have, want):
        return track.centre_height_m
    place = (track.centre_lon_deg, track.centre_lat_deg)
    return converted_height_m(track.centre_height_m, *place, have=have, want=want)


def level_from_slant(track: SensorTrack) -> Floats:
    """(n,) height, in the sensor's datum, at which the frame centre lies one slant range from the sensor.

    NaN where the slant range is shorter than the way along the ground, or not stated.
    """
    sensor = geodetic_to_ecef(track.sensor_lon_deg, track.sensor_lat_deg, track.sensor_height_m)
    foot = geodetic_to_ecef(track.centre_lon_deg, track.centre_lat_deg, 0.0)
    up = up_vector(track.centre_lon_deg, track.centre_lat_deg)
    line = foot - sensor
    drop = -np.sum(line * up, axis=-1)
    with np.errstate(invalid="ignore"):
        inside = drop**2 - np.sum(line**2, axis=-1) + track.slant_m**2
        return np.where(inside >= 0.0, drop - np.sqrt(inside), np.nan)


def ground_level(track: SensorTrack) -> Floats:
    """(n,) target height, metres, in the sensor's datum: as stated, else from the slant range, else NaN."""
    stated = centre_height_in_sensor_datum(track)
    if np.isfinite(stated).all():
        return stated
    return np.where(np.isfinite(stated), stated, level_from_slant(track))


def sight(track: SensorTrack, level_m: Floats | None = None) -> Sighting:
    """The lines to the stated frame centres, at the stated ground level or at `level_m` (n,)."""
    level = ground_level(track) if level_m is None else level_m
    sensor = geodetic_to_ecef(track.sensor_lon_deg, track.sensor_lat_deg, track.sensor_height_m)
    centre = geodetic_to_ecef(track.centre_lon_deg, track.centre_lat_deg, level)
    basis = ned_basis(track.sensor_lon_deg, track.sensor_lat_deg)
    platform = rotation_zyx(track.heading_true_deg, track.pitch_deg, track.roll_deg)
    line = np.einsum("nji,nj->ni", basis, centre - sensor)
    bearing, elevation = azimuth_elevation(line)
    body_azimuth, body_elevation = azimuth_elevation(np.einsum("nji,nj->ni", platform, line))
    return Sighting(
        sensor_m=sensor,
        centre_m=centre,
        basis=basis,
        platform=platform,
        range_m=np.linalg.norm(line, axis=-1),
        bearing_deg=bearing,
        elevation_deg=elevation,
        body_azimuth_deg=body_azimuth,
        body_elevation_deg=body_elevation,
    )


@dataclass(frozen=True)
class Residual:
    """How far the angles and the range are from what the positions say, n rows.

    across_deg: stated minus required azimuth, as an angle at the sensor (that is, times cos elevation)
    along_deg: stated minus required elevation
    slant_m: stated slant range minus distance to the stated centre
    range_m: that distance
    """

    across_deg: Floats
    along_deg: Floats
    slant_m: Floats
    range_m: Floats

    @property
    def slant_deg(self) -> Floats:
        """(n,) the slant residual as an angle at the sensor, so that it compares with the others."""
        return np.degrees(self.slant_m / self.range_m)

    @property
    def off_deg(self) -> Floats:
        """(n,) angle between the stated line of sight and the one to the stated centre, for small angles."""
        return np.hypot(self.across_deg, self.along_deg)

    def take(self, rows: NDArray[np.intp]) -> "Residual":
        """The residuals of some rows."""
        parts = (self.across_deg, self.along_deg, self.slant_m, self.range_m)
        return Residual(*(part[rows] for part in parts))


def residual(track: SensorTrack, level_m: Floats | None = None) -> Residual:
    """Residuals of a track read by the book (azimuth and elevation relative to the platform)."""
    line = sight(track, level_m)
    shrink = np.cos(np.radians(line.body_elevation_deg))
    return Residual(
        across_deg=wrapped(track.rel_azimuth_deg - line.body_azimuth_deg) * shrink,
        along_deg=wrapped(track.rel_elevation_deg - line.body_elevation_deg),
        slant_m=track.slant_m - line.range_m,
        range_m=line.range_m,
    )


def frame_centre_miss(track: SensorTrack) -> Floats:
    """(n,) metres from the stated frame centre to where the line of sight meets the stated ground level.

    The ground is the ellipsoid raised to the stated target height (ST 0601 items 23-25 against 5-7, 13-15,
    18, 19); where no height is stated, to the height the slant range implies. NaN where a part is missing or
    the line of sight goes above the horizon.
    """
    level = ground_level(track)
    sensor = geodetic_to_ecef(track.sensor_lon_deg, track.sensor_lat_deg, track.sensor_height_m)
    centre = geodetic_to_ecef(track.centre_lon_deg, track.centre_lat_deg, level)
    look = boresight_ned(
        track.heading_true_deg,
        track.pitch_deg,
        track.roll_deg,
        track.rel_azimuth_deg,
        track.rel_elevation_deg,
    )
    ray = np.einsum("nij,nj->ni", ned_basis(track.sensor_lon_deg, track.sensor_lat_deg), look)
    return np.asarray(np.linalg.norm(point_at_height(sensor, ray, level) - centre, axis=-1))


def predicted_corners(track: SensorTrack) -> Floats:
    """(n, 4, 3) metres, ECEF: where the corners of the image meet the stated ground level, in ST 0601 order.

    A missing camera roll counts as none (EG 0104 often leaves it out).
    """
    turned = camera_to_ned(
        track.heading_true_deg,
        track.pitch_deg,
        track.roll_deg,
        track.rel_azimuth_deg,
        track.rel_elevation_deg,
        np.nan_to_num(track.rel_roll_deg, nan=0.0),
    )
    to_ecef = ned_basis(track.sensor_lon_deg, track.sensor_lat_deg) @ turned
    rays = np.einsum("nij,nkj->nki", to_ecef, corners_in_camera(track.hfov_deg, track.vfov_deg))
    sensor = geodetic_to_ecef(track.sensor_lon_deg, track.sensor_lat_deg, track.sensor_height_m)
    return point_at_height(sensor[:, None, :], rays, ground_level(track)[:, None])


def stated_corners(track: SensorTrack) -> Floats:
    """(n, 4, 3) metres, ECEF: the stated corners at the stated ground level."""
    return geodetic_to_ecef(track.corner_lon_deg, track.corner_lat_deg, ground_level(track)[:, None])


def corner_miss(track: SensorTrack) -> Floats:
    """(n, 4) metres from each stated corner to where that corner of the image meets the ground level."""
    return np.asarray(np.linalg.norm(predicted_corners(track) - stated_corners(track), axis=-1))


def with_directions(track: SensorTrack, rotation: Floats) -> SensorTrack:
    """The track whose gimbal angles turn the camera to a (n, 3, 3) rotation camera to NED.

    Where the platform's attitude is missing it is taken as level and north, which keeps the direction exact.
    """
    attitude = (track.heading_true_deg, track.pitch_deg, track.roll_deg)
    blank = ~np.isfinite(sum(attitude))
    heading, pitch, roll = (np.where(blank, 0.0, part) for part in attitude)
    relative = np.swapaxes(rotation_zyx(heading, pitch, roll), -1, -2) @ rotation
    azimuth = np.degrees(np.arctan2(relative[:, 1, 0], relative[:, 0, 0])) % 360.0
    elevation = np.degrees(np.arcsin(np.clip(-relative[:, 2, 0], -1.0, 1.0)))
    camera_roll = np.degrees(np.arctan2(relative[:, 2, 1], relative[:, 2, 2])) % 360.0
    known = np.isfinite(azimuth)
    return replace(
        track,
        heading_true_deg=np.where(blank & known, heading, track.heading_true_deg),
        pitch_deg=np.where(blank & known, pitch, track.pitch_deg),
        roll_deg=np.where(blank & known, roll, track.roll_deg),
        rel_azimuth_deg=azimuth,
        rel_elevation_deg=elevation,
        rel_roll_deg=camera_roll,
    )


def centre_from_sight(track: SensorTrack) -> tuple[Floats, Floats]:
    """(n,) longitude and latitude, degrees, where the line of sight meets the stated ground level."""
    sensor = geodetic_to_ecef(track.sensor_lon_deg, track.sensor_lat_deg, track.sensor_height_m)
    look = boresight_ned(
        track.heading_true_deg,
        track.pitch_deg,
        track.roll_deg,
        track.rel_azimuth_deg,
        track.rel_elevation_deg,
    )
    ray = np.einsum("nij,nj->ni", ned_basis(track.sensor_lon_deg, track.sensor_lat_deg), look)
    lon, lat, _ = ecef_to_geodetic(point_at_height(sensor, ray, ground_level(track)))
    return lon, lat
