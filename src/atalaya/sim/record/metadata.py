"""ST 0601 metadata of a flight as columns: what the aircraft states, and what it computes from that.

Slant range, frame centre, corners and widths come from the stated pose on the aircraft's own terrain model,
as
a real mission computer works them out: they share its errors. Items: the minimum set of ST 0902 with angles
    and heights of full range, full corners, speed over ground, and leap seconds (the time stamp counts MISP
    time).
"""

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.klv import st0102, timebase
from atalaya.klv.encode_columns import Packets, encode_st0601_columns, interleaved
from atalaya.klv.packet import encode_st0601
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.frames import take
from atalaya.sim.flight.seen import Seen

Floats = NDArray[np.float64]
Columns = dict[int | str, object]

_EXERCISE = 3
"""Item 77: nobody is to take a recording of the range for one of a flight."""
_VIRTUAL = 0x50
"""Usage of a core identifier whose sensor and platform are both virtual (ST 1204)."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "atalaya digital range")


@dataclass(frozen=True, slots=True)
class SortieNames:
    """What a recording says in words.

    Args:
        mission: item 3. platform: item 10. tail: item 4.
        country: of classification, over: of the ground, "" for the same (ST 0102, GENC three letters).
        fuel_in_kg: whether the track's fuel is kilograms (item 58).
    """

    mission: str = "RANGE"
    platform: str = "ATALAYA RANGE"
    tail: str = "SIM-1"
    country: str = "MEX"
    over: str = ""
    fuel_in_kg: bool = True


def metadata_columns(track: FrameTrack, seen: Seen, names: SortieNames) -> Columns:
    """The columns of `encode_st0601_columns` for a stretch of one sensor.

    Args:
        track: as stated by the aircraft. seen: from the same track.
    """
    leap = timebase.doubt_s(int(track.t_us[0])) if len(track) else 0
    columns: Columns = {
        "precision_time_stamp_us": track.t_us + 1_000_000 * leap,
        "mission_id": names.mission,
        "platform_tail_number": names.tail,
        "platform_heading_true_deg": track.heading_deg,
        "platform_designation": names.platform,
        "image_source_sensor": _sensor_name(track),
        "image_coordinate_system": "Geodetic WGS84",
        "sensor_latitude_deg": track.lat_deg,
        "sensor_longitude_deg": track.lon_deg,
        "sensor_hfov_deg": track.hfov_deg,
        "sensor_vfov_deg": track.vfov_deg,
        "sensor_rel_azimuth_deg": track.rel_azimuth_deg,
        "sensor_rel_elevation_deg": track.rel_elevation_deg,
        "sensor_rel_roll_deg": track.rel_roll_deg,
        "security": marking(names.country, names.over or names.country),
        "sensor_north_velocity_mps": track.north_ms,
        "sensor_east_velocity_mps": track.east_ms,
        "platform_pitch_full_deg": track.pitch_deg,
        "platform_roll_full_deg": track.roll_deg,
        "miis_core_id": core_id(names),
        "sensor_height_extended_hae_m": track.height_hae_m,
        "leap_seconds_s": leap,
        "operational_mode": _EXERCISE,
    }
    if names.fuel_in_kg:
        columns["platform_fuel_kg"] = np.clip(track.fuel, 0.0, 10_000.0)
    return columns | _ground(seen)


def packets_of(track: FrameTrack, seen: Seen, names: SortieNames) -> Packets:
    """One packet for each row of a track as stated, in its order; sensors may change on the way."""
    parts = []
    for sensor in np.unique(track.sensor).tolist():
        rows = np.flatnonzero(track.sensor == sensor)
        some = track if len(rows) == len(track) else take(track, rows)
        columns = metadata_columns(some, seen.take(rows), names)
        parts.append((rows, encode_st0601_columns(columns, len(rows))))
    return interleaved(parts)


def packet_of(
    track: FrameTrack, seen: Seen, names: SortieNames, row: int, extra: Mapping[int | str, object]
) -> bytes:
    """One packet with further items, for example `{"vmti": st0903.build(...)}`: what arrays do not hold.

    Args:
        row: of track and seen. extra: values by name or tag, as `encode_st0601` takes them; they win.

    Raises:
        BadInput: KLV-002, KLV-003, KLV-004, KLV-007 of `encode_st0601`.
    """
    only = np.array([row])
    columns = metadata_columns(take(track, only), seen.take(only), names)
    values = {key: one.item() if isinstance(one, np.ndarray) else one for key, one in columns.items()}
    known = {key: one for key, one in values.items() if not (isinstance(one, float) and math.isnan(one))}
    return encode_st0601(known | dict(extra))


def _sensor_name(track: FrameTrack) -> str:
    """Item 11: of the turret's first sensor where none is tasked."""
    index = int(track.sensor[0]) if len(track) else -1
    return track.sensors[max(index, 0)].split("/")[0].upper()


def _ground(seen: Seen) -> Columns:
    """Slant range, frame centre, width and corners. One that is not met is left out of its packet."""
    place = geodetic_to_ecef(seen.lon_deg, seen.lat_deg, seen.height_hae_m)
    across = (place[:, 2] - place[:, 1] + place[:, 3] - place[:, 4]) / 2.0
    columns: Columns = {
        "slant_range_m": seen.range_m,
        "frame_centre_latitude_deg": seen.lat_deg[:, 0],
        "frame_centre_longitude_deg": seen.lon_deg[:, 0],
        "frame_centre_height_hae_m": seen.height_hae_m[:, 0],
        "target_width_extended_m": np.linalg.norm(across, axis=-1),
    }
    for corner in range(1, 5):
        columns[f"corner_latitude_{corner}_deg"] = seen.lat_deg[:, corner]
        columns[f"corner_longitude_{corner}_deg"] = seen.lon_deg[:, corner]
    return columns


def marking(country: str, over: str) -> bytes:
    """The security set (ST 0102.12) of an unclassified recording of a country's, over another's ground."""
    return st0102.TABLE.build(
        {
            "classification": 1,
            "country_coding_method": 14,
            "classifying_country": f"//{country}",
            "object_country_coding_method": 14,
            "object_country_codes": over,
            "security_version": 12,
        }.items()
    )


def core_id(names: SortieNames) -> bytes:
    """The core identifier (ST 1204 version 1): virtual sensor and platform by identifiers of these names."""
    ids = (uuid.uuid5(_NAMESPACE, f"{kind} {names.platform} {names.tail}") for kind in ("sensor", "platform"))
    return bytes((1, _VIRTUAL)) + b"".join(one.bytes for one in ids)
