"""A short made-up recording for the demo: half an orbit over open country, metadata true to the picture.

Everything follows from a few numbers and a seed: no clock, no outside data. The ground is a plane with
fields, a track and two roofs; the aircraft circles it and keeps the camera on one spot that slowly drifts.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import (
    angles_zyx,
    azimuth_elevation,
    corners_in_camera,
    ecef_to_geodetic,
    enu_basis,
    geodetic_to_ecef,
    ned_basis,
    pixel_in_camera,
    point_at_height,
    rotation_zyx,
)
from atalaya.footage.writer import KlvVideoWriter, StreamFormat
from atalaya.klv import st0102, st0903, timebase
from atalaya.klv.location import Location
from atalaya.klv.packet import encode_st0601

Floats = NDArray[np.float64]

START_US = 1_768_490_000_000_000
"""2026-01-15T15:13:20Z."""

CENTRE_LON_DEG, CENTRE_LAT_DEG, GROUND_HAE_M = -107.0, 25.0, 1400.0
"""Open country in the western Sierra Madre; the ground is flat in this picture, not in the world."""

RADIUS_M, ABOVE_GROUND_M, SPEED_MPS = 3000.0, 3200.0, 60.0
HFOV_DEG, VFOV_DEG = 8.0, 4.5
WIDTH, HEIGHT, FRAME_RATE = 640, 360, 15
MIIS_CORE_ID = bytes.fromhex("0168" + "a7a1a7a0de3040008000000000000001" + "a7a1a7a0de3040008000000000000002")
"""ST 1204 version 1: sensor and platform by made-up identifiers."""

ROOFS_M = ((40.0, 60.0), (-95.0, -30.0))
"""East and north of the centre; each 14 by 9 metres."""


@dataclass(frozen=True)
class _Pose:
    """One frame: sensor place, attitude (degrees), gimbal angles (degrees), and the camera in ECEF."""

    lon_deg: float
    lat_deg: float
    hae_m: float
    heading_deg: float
    pitch_deg: float
    roll_deg: float
    rel_azimuth_deg: float
    rel_elevation_deg: float
    rel_roll_deg: float
    origin_m: Floats
    camera: Floats


def write_demo(path: Path, *, seconds: float = 8.0, seed: int = 2026) -> int:
    """Write the recording (H.264, KLV asynchronous, SEI time stamps) and return its number of frames."""
    form = StreamFormat(WIDTH, HEIGHT, Fraction(FRAME_RATE), key_interval=FRAME_RATE)
    texture = _texture(np.random.default_rng(seed))
    frames = round(seconds * FRAME_RATE)
    with KlvVideoWriter(path, form) as writer:
        for number in range(frames):
            t_us = START_US + round(number * 1e6 / FRAME_RATE)
            pose = _pose(number / FRAME_RATE)
            stamp_us = t_us + 1_000_000 * timebase.doubt_s(t_us)
            writer.write(_picture(pose, texture), stamp_us, _packet(pose, stamp_us, t_us))
    return frames


def _pose(seconds: float) -> _Pose:
    """Left-hand circle, wings banked, camera held on a spot that drifts 12 m/s to the north-east."""
    turn = SPEED_MPS / RADIUS_M * seconds
    origin, basis = _centre()
    place = origin + basis @ [RADIUS_M * np.cos(turn), RADIUS_M * np.sin(turn), ABOVE_GROUND_M]
    lon, lat, hae = (float(value) for value in ecef_to_geodetic(place))
    heading = (-np.degrees(turn)) % 360.0
    roll = -np.degrees(np.arctan(SPEED_MPS**2 / (9.81 * RADIUS_M)))
    pitch = 2.0
    platform = rotation_zyx(heading, pitch, roll)
    spot = origin + basis @ [8.5 * seconds - 30.0, 8.5 * seconds - 30.0, 0.0]
    toward = ned_basis(lon, lat).T @ (spot - place)
    azimuth, elevation = azimuth_elevation(toward)
    level = rotation_zyx(azimuth, elevation, 0.0)
    rel_azimuth, rel_elevation, rel_roll = (float(angle) for angle in angles_zyx(platform.T @ level))
    camera = ned_basis(lon, lat) @ level
    return _Pose(
        lon, lat, hae, heading, pitch, roll, rel_azimuth, rel_elevation, rel_roll % 360.0, place, camera
    )


def _centre() -> tuple[Floats, Floats]:
    origin = geodetic_to_ecef(CENTRE_LON_DEG, CENTRE_LAT_DEG, GROUND_HAE_M)
    return origin, enu_basis(CENTRE_LON_DEG, CENTRE_LAT_DEG)


def _packet(pose: _Pose, stamp_us: int, t_us: int) -> bytes:
    """What the aircraft would say: ST 0902's minimum set with full-range angles, corners and two roofs."""
    centre = point_at_height(pose.origin_m, pose.camera[:, 0], GROUND_HAE_M)
    lon, lat, _ = (float(value) for value in ecef_to_geodetic(centre))
    corners = point_at_height(
        pose.origin_m, corners_in_camera(HFOV_DEG, VFOV_DEG) @ pose.camera.T, GROUND_HAE_M
    )
    corner_lon, corner_lat, _ = ecef_to_geodetic(corners)
    width = float(np.linalg.norm(corners[1] - corners[0] + corners[2] - corners[3]) / 2.0)
    values: dict[int | str, object] = {
        "precision_time_stamp_us": stamp_us,
        "mission_id": "DEMO",
        "platform_heading_true_deg": pose.heading_deg,
        "platform_designation": "ATALAYA DEMO",
        "image_source_sensor": "EO",
        "image_coordinate_system": "Geodetic WGS84",
        "sensor_latitude_deg": pose.lat_deg,
        "sensor_longitude_deg": pose.lon_deg,
        "sensor_hfov_deg": HFOV_DEG,
        "sensor_vfov_deg": VFOV_DEG,
        "sensor_rel_azimuth_deg": pose.rel_azimuth_deg,
        "sensor_rel_elevation_deg": pose.rel_elevation_deg,
        "sensor_rel_roll_deg": pose.rel_roll_deg,
        "slant_range_m": float(np.linalg.norm(centre - pose.origin_m)),
        "frame_centre_latitude_deg": lat,
        "frame_centre_longitude_deg": lon,
        "security": _marking(),
        "vmti": _roofs(pose, stamp_us),
        "frame_centre_height_hae_m": GROUND_HAE_M,
        "platform_pitch_full_deg": pose.pitch_deg,
        "platform_roll_full_deg": pose.roll_deg,
        "target_width_extended_m": width,
        "sensor_height_extended_hae_m": pose.hae_m,
        "leap_seconds_s": timebase.doubt_s(t_us),
    }
    for n in range(4):
        values[f"corner_latitude_{n + 1}_deg"] = float(corner_lat[n])
        values[f"corner_longitude_{n + 1}_deg"] = float(corner_lon[n])
    values["miis_core_id"] = MIIS_CORE_ID
    return encode_st0601(values)


def _marking() -> bytes:
    return st0102.TABLE.build(
        {
            "classification": 1,
            "country_coding_method": 14,
            "classifying_country": "//MEX",
            "object_country_coding_method": 14,
            "object_country_codes": "MEX",
            "security_version": 12,
        }.items()
    )


def _roofs(pose: _Pose, stamp_us: int) -> bytes:
    """The roofs that are in the frame, as ST 0903 reports: pixel and place."""
    origin, basis = _centre()
    targets: list[tuple[int, dict[int | str, object]]] = []
    for number, (east, north) in enumerate(ROOFS_M, start=1):
        # on the surface of equal height, like the ground the reader assumes
        raised = (east**2 + north**2) / (2.0 * 6_371_000.0)
        place = origin + basis @ [east, north, -raised]
        ahead, right, down = pose.camera.T @ (place - pose.origin_m)
        column = (right / ahead / np.tan(np.radians(HFOV_DEG / 2.0)) + 1.0) * WIDTH / 2.0
        row = (down / ahead / np.tan(np.radians(VFOV_DEG / 2.0)) + 1.0) * HEIGHT / 2.0
        if not (0 <= column < WIDTH and 0 <= row < HEIGHT):
            continue
        lon, lat, height = (float(value) for value in ecef_to_geodetic(place))
        location = Location(lat, lon, height)
        report: dict[int | str, object] = {"location": location, "detection_status": 1}
        report |= {"centroid_row": int(row) + 1, "centroid_column": int(column) + 1}
        targets.append((number, report))
    values: dict[int | str, object] = {
        "precision_time_stamp_us": stamp_us,
        "frame_width_px": WIDTH,
        "frame_height_px": HEIGHT,
    }
    return st0903.build(values, targets)


def _texture(rng: np.random.Generator) -> Floats:
    """(64, 64) brightness of a field each, 40 m wide, smooth from field to field."""
    rough = rng.normal(0.0, 1.0, (64, 64))
    smooth = sum(np.roll(rough, shift, axis) for axis in (0, 1) for shift in (-1, 0, 1))
    return np.asarray(110.0 + 14.0 * smooth)


def _picture(pose: _Pose, texture: Floats) -> NDArray[np.uint8]:
    """(HEIGHT, WIDTH) grey: fields, a track, two roofs with their shadow."""
    row, column = np.mgrid[0:HEIGHT, 0:WIDTH]
    rays = pixel_in_camera(column, row, WIDTH, HEIGHT, HFOV_DEG, VFOV_DEG) @ pose.camera.T
    origin, basis = _centre()
    start, local = (pose.origin_m - origin) @ basis, rays @ basis
    reach = -start[2] / local[..., 2]
    east, north = start[0] + reach * local[..., 0], start[1] + reach * local[..., 1]
    fields = texture[(north // 40.0).astype(int) % 64, (east // 40.0).astype(int) % 64]
    grain = 5.0 * np.sin(east * 0.9) * np.sin(north * 0.7)
    shown = np.where(np.abs(north - 0.6 * east - 25.0 * np.sin(east / 70.0)) < 3.0, 205.0, fields + grain)
    for roof_east, roof_north in ROOFS_M:
        shadow = (np.abs(east - roof_east - 4.0) < 7.0) & (np.abs(north - roof_north - 5.0) < 4.5)
        roof = (np.abs(east - roof_east) < 7.0) & (np.abs(north - roof_north) < 4.5)
        shown = np.where(roof, 235.0, np.where(shadow, 45.0, shown))
    return np.clip(shown, 16, 235).astype(np.uint8)
