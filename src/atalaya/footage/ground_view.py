"""What each row of a track looks at: line of sight, frame centre and four corners on the ground.

Ground is the terrain where a model is given. Without one it is the surface of constant height above the
ellipsoid through the stated target height; where none is stated, through the end of the slant range;
where it has neither, the ground is unknown.
"""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import (
    azimuth_elevation,
    camera_to_ned,
    converted_height_m,
    corners_in_camera,
    ecef_to_geodetic,
    geodetic_to_ecef,
    ned_basis,
    pixel_in_camera,
    point_at_height,
)
from atalaya.earth.surface import Surface
from atalaya.footage.sensor_track import Floats, SensorTrack

BLOCK_ROWS = 100_000
"""Rows worked on at once: bounds the memory of a day's flight."""


class GroundSource(IntEnum):
    """Where the height of the ground under the frame comes from."""

    NONE = 0
    STATED = 1
    SLANT_RANGE = 2
    TERRAIN = 3


@dataclass(frozen=True)
class GroundView:
    """Derived geometry, one row per row of the track; NaN where it cannot be had. WGS 84.

    centre_* and corner_* are where the optical axis and the image's corners meet the ground (NaN above the
    horizon); corners run upper left, upper right, lower right, lower left.

        sensor_hae_m, centre_hae_m: (n,) metres above the ellipsoid
        bearing_true_deg, depression_deg: (n,) of the optical axis at the sensor, depression positive down
        slant_m: (n,) sensor to frame centre
        corner_lon_deg, corner_lat_deg: (n, 4)
        ground_source: (n,) uint8 `GroundSource`
    """

    sensor_hae_m: Floats
    bearing_true_deg: Floats
    depression_deg: Floats
    centre_lon_deg: Floats
    centre_lat_deg: Floats
    centre_hae_m: Floats
    slant_m: Floats
    corner_lon_deg: Floats
    corner_lat_deg: Floats
    ground_source: NDArray[np.uint8]


def view_ground(track: SensorTrack, surface: Surface | None = None) -> GroundView:
    """The derived geometry of every row of a track, on a model of the ground where there is one."""
    starts = range(0, max(len(track), 1), BLOCK_ROWS)
    blocks = [_view(track.take(np.arange(a, min(a + BLOCK_ROWS, len(track)))), surface) for a in starts]
    joined = {
        spec.name: np.concatenate([getattr(block, spec.name) for block in blocks])
        for spec in fields(GroundView)
    }
    return GroundView(**joined)


def pixels_on_ground(
    track: SensorTrack,
    column: Floats,
    row: Floats,
    width: int,
    height: int,
    ground_hae_m: Floats,
    surface: Surface | None = None,
) -> tuple[Floats, Floats]:
    """Longitude and latitude where pixels meet the ground, one pixel per row of the track.

    Args:
        column, row: (n,) pixel indices from 0, upper left; an integer means the pixel's centre.
        width, height: of the image, pixels.
        ground_hae_m: (n,) height of the ground there, metres above the ellipsoid; not used with a surface.
        surface: model of the ground.
    """
    rays = pixel_in_camera(column, row, width, height, track.hfov_deg, track.vfov_deg)
    origin, turn = _sensor_frame(track)
    toward = np.einsum("nij,nj->ni", turn, rays)
    if surface is not None:
        hits = surface.hits(origin, toward)
        return np.where(hits.found, hits.lon_deg, np.nan), np.where(hits.found, hits.lat_deg, np.nan)
    lon, lat, _ = ecef_to_geodetic(point_at_height(origin, toward, ground_hae_m))
    return lon, lat


def _view(track: SensorTrack, surface: Surface | None) -> GroundView:
    origin, turn = _sensor_frame(track)
    axis = turn[..., 0]
    ned = np.einsum("nji,nj->ni", ned_basis(track.sensor_lon_deg, track.sensor_lat_deg), axis)
    bearing, elevation = azimuth_elevation(ned)
    corners = np.einsum("nij,nkj->nki", turn, corners_in_camera(track.hfov_deg, track.vfov_deg))
    if surface is None:
        place, source = _level_place(track, origin, axis, corners)
    else:
        place, source = _terrain_place(surface, origin, axis, corners)
    lon, lat, hae = place[..., 0], place[..., 1], place[..., 2]
    centre = geodetic_to_ecef(lon[:, 0], lat[:, 0], hae[:, 0])
    return GroundView(
        sensor_hae_m=sensor_hae_m(track),
        bearing_true_deg=bearing,
        depression_deg=-elevation,
        centre_lon_deg=lon[:, 0],
        centre_lat_deg=lat[:, 0],
        centre_hae_m=hae[:, 0],
        slant_m=np.linalg.norm(centre - origin, axis=-1),
        corner_lon_deg=lon[:, 1:],
        corner_lat_deg=lat[:, 1:],
        ground_source=source,
    )


def _level_place(
    track: SensorTrack, origin: Floats, axis: Floats, corners: Floats
) -> tuple[Floats, NDArray[np.uint8]]:
    """(n, 5, 3) longitude, latitude and height of centre and corners on level ground, and its source."""
    ground, source = _ground_height(track, origin, axis)
    rays = np.concatenate([axis[:, None], corners], axis=1)
    points = point_at_height(origin[:, None], rays, ground[:, None])
    return np.stack(ecef_to_geodetic(points), axis=-1), source


def _terrain_place(
    surface: Surface, origin: Floats, axis: Floats, corners: Floats
) -> tuple[Floats, NDArray[np.uint8]]:
    """The same on a model of the ground."""
    n = len(origin)
    rays = np.concatenate([axis[:, None], corners], axis=1).reshape(5 * n, 3)
    hits = surface.hits(np.repeat(origin, 5, axis=0), rays)
    place = np.stack([hits.lon_deg, hits.lat_deg, hits.height_hae_m], axis=-1)
    place[~hits.found] = np.nan
    place = place.reshape(n, 5, 3)
    source = np.where(np.isfinite(place[:, 0, 0]), GroundSource.TERRAIN, GroundSource.NONE)
    return place, source.astype(np.uint8)


def sensor_hae_m(track: SensorTrack) -> Floats:
    """(n,) sensor height above the ellipsoid, metres.

    Raises:
        DatumError: EAR-002, the track does not say in which datum its heights are.
    """
    return converted_height_m(
        track.sensor_height_m,
        track.sensor_lon_deg,
        track.sensor_lat_deg,
        have=track.sensor_height_datum,
        want="hae",
    )


def _sensor_frame(track: SensorTrack) -> tuple[Floats, Floats]:
    """(n, 3) sensor position, metres ECEF, and (n, 3, 3) rotation from the camera frame to ECEF."""
    origin = geodetic_to_ecef(track.sensor_lon_deg, track.sensor_lat_deg, sensor_hae_m(track))
    camera = camera_to_ned(
        track.heading_true_deg,
        track.pitch_deg,
        track.roll_deg,
        track.rel_azimuth_deg,
        track.rel_elevation_deg,
        np.nan_to_num(track.rel_roll_deg),  # absent means level (ST 0601 item 20)
    )
    return origin, ned_basis(track.sensor_lon_deg, track.sensor_lat_deg) @ camera


def _ground_height(track: SensorTrack, origin: Floats, axis: Floats) -> tuple[Floats, NDArray[np.uint8]]:
    """(n,) metres above the ellipsoid, and where each comes from."""
    near_lon = np.where(np.isfinite(track.centre_lon_deg), track.centre_lon_deg, track.sensor_lon_deg)
    near_lat = np.where(np.isfinite(track.centre_lat_deg), track.centre_lat_deg, track.sensor_lat_deg)
    ground = converted_height_m(
        track.centre_height_m, near_lon, near_lat, have=track.centre_height_datum, want="hae"
    ).copy()
    source = np.where(np.isfinite(ground), GroundSource.STATED, GroundSource.NONE).astype(np.uint8)
    open_rows = source == GroundSource.NONE
    if open_rows.any():
        _, _, implied = ecef_to_geodetic(origin + track.slant_m[:, None] * axis)
        fill = open_rows & np.isfinite(implied) & (track.slant_m > 0)
        ground[fill], source[fill] = implied[fill], GroundSource.SLANT_RANGE
    return ground, source
