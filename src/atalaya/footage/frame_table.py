"""The table of a recording, one row per frame: when, from where, at what, and from which source."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.earth import converted_height_m, geodesic
from atalaya.footage.ground_view import GroundSource, GroundView
from atalaya.footage.resample import PoseSource
from atalaya.footage.sensor_track import Floats, SensorTrack

CORNERS = (1, 2, 3, 4)
ABSOLUTE_HEIGHTS = (
    *("sensor_height_hae_m", "sensor_height_msl_m", "centre_height_hae_m"),
    *("stated_centre_height_msl_m", "stated_centre_height_hae_m"),
    *("stated_sensor_height_msl_m", "stated_sensor_height_hae_m"),
)
"""Columns that mean nothing where only differences of height are known."""

_POSE_WORDS = tuple(source.name.lower() for source in PoseSource)
_GROUND_WORDS = tuple(source.name.lower().replace("_", "-") for source in GroundSource)


def frame_table(
    pts: NDArray[np.int64],
    key: NDArray[np.bool_],
    t_us: NDArray[np.int64],
    stamp_us: NDArray[np.int64],
    packet: NDArray[np.int64],
    residual_us: Floats,
    stated: SensorTrack,
    track: SensorTrack,
    view: GroundView,
    pose_source: NDArray[np.uint8],
) -> pa.Table:
    """Join what is known of each frame.

    Args:
        pts: (n,) 90 kHz ticks. key: (n,) whether decoding can start there.
        t_us: (n,) microseconds UTC, negative where the frame has no time. stamp_us: the stream's own count.
        packet: (n,) row of its metadata packet, -1 for none. residual_us: (n,) frame time minus packet time.
        stated: what the record says at each frame. track: the same after repairs. view: geometry of `track`.
        pose_source: (n,) `PoseSource`.

    Returns:
        Arrow table of n rows, the same columns for every recording. `stated_*` columns are the record as
        received; all others are derived. Nulls mean "not known".
    """
    columns: dict[str, pa.Array] = {
        "frame": pa.array(np.arange(len(pts), dtype=np.int32)),
        "pts": pa.array(pts),
        "key_frame": pa.array(key),
        "t_us": _whole(t_us),
        "time": pa.array(t_us, mask=t_us < 0).cast(pa.timestamp("us", tz="UTC")),
        "stamp_us": _whole(stamp_us),
        "packet": _whole(packet),
        "clock_residual_us": _real(residual_us),
        "pose_source": _words(pose_source, _POSE_WORDS),
    }
    columns |= _sensor_columns(track, view) | _ground_columns(stated, view) | _stated_columns(stated)
    return pa.table(columns)


def _sensor_columns(track: SensorTrack, view: GroundView) -> dict[str, pa.Array]:
    msl = converted_height_m(
        view.sensor_hae_m, track.sensor_lon_deg, track.sensor_lat_deg, have="hae", want="msl"
    )
    return {
        "sensor_lon_deg": _real(track.sensor_lon_deg),
        "sensor_lat_deg": _real(track.sensor_lat_deg),
        "sensor_height_hae_m": _real(view.sensor_hae_m),
        "sensor_height_msl_m": _real(msl),
        "heading_true_deg": _real(track.heading_true_deg),
        "pitch_deg": _real(track.pitch_deg),
        "roll_deg": _real(track.roll_deg),
        "rel_azimuth_deg": _real(track.rel_azimuth_deg),
        "rel_elevation_deg": _real(track.rel_elevation_deg),
        "rel_roll_deg": _real(track.rel_roll_deg),
        "hfov_deg": _real(track.hfov_deg),
        "vfov_deg": _real(track.vfov_deg),
        "bearing_true_deg": _real(view.bearing_true_deg),
        "depression_deg": _real(view.depression_deg),
    }


def _ground_columns(stated: SensorTrack, view: GroundView) -> dict[str, pa.Array]:
    lon, lat, source = footprint(stated, view)
    miss, _ = geodesic(view.centre_lon_deg, view.centre_lat_deg, stated.centre_lon_deg, stated.centre_lat_deg)
    columns = {
        "centre_lon_deg": _real(view.centre_lon_deg),
        "centre_lat_deg": _real(view.centre_lat_deg),
        "centre_height_hae_m": _real(view.centre_hae_m),
        "slant_m": _real(view.slant_m),
        "ground_source": _words(view.ground_source, _GROUND_WORDS),
        "centre_miss_m": _real(miss),
        "footprint_source": pa.array(source),
    }
    for n in CORNERS:
        columns[f"corner{n}_lon_deg"] = _real(lon[:, n - 1])
        columns[f"corner{n}_lat_deg"] = _real(lat[:, n - 1])
    return columns


def _stated_columns(stated: SensorTrack) -> dict[str, pa.Array]:
    columns = {
        "stated_centre_lon_deg": _real(stated.centre_lon_deg),
        "stated_centre_lat_deg": _real(stated.centre_lat_deg),
        "stated_centre_height_msl_m": _if(stated.centre_height_datum, "msl", stated.centre_height_m),
        "stated_centre_height_hae_m": _if(stated.centre_height_datum, "hae", stated.centre_height_m),
        "stated_sensor_height_msl_m": _if(stated.sensor_height_datum, "msl", stated.sensor_height_m),
        "stated_sensor_height_hae_m": _if(stated.sensor_height_datum, "hae", stated.sensor_height_m),
        "stated_slant_m": _real(stated.slant_m),
        "stated_rel_azimuth_deg": _real(stated.rel_azimuth_deg),
        "stated_rel_elevation_deg": _real(stated.rel_elevation_deg),
        "stated_ce90_m": _real(stated.ce90_m),
        "stated_le90_m": _real(stated.le90_m),
    }
    for n in CORNERS:
        columns[f"stated_corner{n}_lon_deg"] = _real(stated.corner_lon_deg[:, n - 1])
        columns[f"stated_corner{n}_lat_deg"] = _real(stated.corner_lat_deg[:, n - 1])
    return columns


def footprint(stated: SensorTrack, view: GroundView) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """(n, 4) longitudes and latitudes of each frame's corners, and (n,) where they come from.

    Sources: "computed" from pose and field of view; "stated" by the stream where they cannot be computed;
    "horizon" where the frame looks over it; "none".
    """
    computed = np.all(np.isfinite(view.corner_lon_deg), axis=1)
    given = np.all(np.isfinite(stated.corner_lon_deg + stated.corner_lat_deg), axis=1)
    posed = np.isfinite(view.bearing_true_deg) & np.isfinite(stated.hfov_deg) & np.isfinite(view.sensor_hae_m)
    source = np.select(
        [computed, given, posed & (view.ground_source != GroundSource.NONE)],
        ["computed", "stated", "horizon"],
        "none",
    )
    lon = np.where(computed[:, None], view.corner_lon_deg, np.nan)
    lat = np.where(computed[:, None], view.corner_lat_deg, np.nan)
    use = given & ~computed
    lon[use], lat[use] = stated.corner_lon_deg[use], stated.corner_lat_deg[use]
    return lon, lat, source


def _real(values: Floats) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))


def _whole(values: NDArray[np.int64]) -> pa.Array:
    return pa.array(values, mask=values < 0)


def _words(codes: NDArray[np.uint8], words: tuple[str, ...]) -> pa.Array:
    return pa.array(np.array(words)[codes])


def _if(datum: str, wanted: str, values: Floats) -> pa.Array:
    return _real(values if datum == wanted else np.full(len(values), np.nan))
