"""The map layers of one recording, from its frame table: track, positions, footprints, centres, targets."""

from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from atalaya.store.vector import Layer, parts_across_antimeridian

MOST_FEATURES = 20_000
"""Per layer; longer recordings are thinned evenly in frames (the Parquet table keeps every frame)."""

TRACK_GAP_US = 30_000_000
"""A longer silence breaks the track: nothing is drawn where nothing is known."""

_SENSOR = ("sensor_lon_deg", "sensor_lat_deg", "sensor_height_hae_m")
_CENTRE = ("centre_lon_deg", "centre_lat_deg", "centre_height_hae_m")


def thinned(frames: pa.Table) -> tuple[pa.Table, int]:
    """Every n-th frame so that at most `MOST_FEATURES` remain, and n."""
    step = max(1, -(-frames.num_rows // MOST_FEATURES))
    return frames.take(pa.array(np.arange(0, frames.num_rows, step))), step


def map_layers(frames: pa.Table, targets: pa.Table) -> list[Layer]:
    """All layers, in drawing order; layers without features keep their columns.

    Args:
        frames: the frame table, thinned as wanted.
        targets: the target table.
    """
    return [
        footprint_layer(frames),
        track_layer(frames),
        _positions(frames),
        _centres(frames),
        _targets(targets),
    ]


def footprint_layer(frames: pa.Table) -> Layer:
    """One polygon per frame that has four corners."""
    corners = np.stack(
        [
            np.column_stack([numbers(frames, f"corner{n}_lon_deg"), numbers(frames, f"corner{n}_lat_deg")])
            for n in (1, 2, 3, 4)
        ],
        axis=1,
    )
    rows = np.flatnonzero(np.isfinite(corners).all(axis=(1, 2)))
    polygons = shapely.polygons(shapely.linearrings(corners[rows])) if len(rows) else np.empty(0, object)
    jumps = np.ptp(corners[rows, :, 0], axis=1) > 180 if len(rows) else np.zeros(0, np.bool_)
    for n in np.flatnonzero(jumps):
        polygons[n] = parts_across_antimeridian(polygons[n])
    multi = np.array([_as_multi(polygon) for polygon in polygons], dtype=object)
    fields = _fields(
        frames,
        rows,
        ("frame", "time", "footprint_source", "ground_source", "pose_source"),
        ("slant_m", "bearing_true_deg", "depression_deg", "hfov_deg", "vfov_deg", "centre_miss_m"),
    )
    return Layer("footprints", "MultiPolygon", multi, fields)


def _as_multi(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    return geometry if geometry.geom_type == "MultiPolygon" else shapely.MultiPolygon([geometry])


def track_layer(frames: pa.Table) -> Layer:
    """The aircraft's path as lines, broken at silences and at the antimeridian; heights are HAE."""
    place = np.column_stack([numbers(frames, name) for name in _SENSOR])
    t_us = numbers(frames, "t_us")
    rows = np.flatnonzero(np.isfinite(place[:, :2]).all(axis=1))
    place, t_us = np.nan_to_num(place[rows], nan=0.0), t_us[rows]
    breaks = (np.abs(np.diff(place[:, 0])) > 180) | (np.abs(np.diff(t_us)) > TRACK_GAP_US)
    pieces = [piece for piece in np.split(np.arange(len(rows)), np.flatnonzero(breaks) + 1) if len(piece) > 1]
    lines = np.array([shapely.LineString(place[piece]) for piece in pieces], dtype=object)
    ends = [(rows[piece[0]], rows[piece[-1]]) for piece in pieces]
    starts, stops = (np.array([end[side] for end in ends], np.intp) for side in (0, 1))
    fields = {
        "first_frame": _column(frames, "frame", starts),
        "last_frame": _column(frames, "frame", stops),
        "start": _column(frames, "time", starts),
        "end": _column(frames, "time", stops),
    }
    return Layer("track", "LineString Z", lines, fields)


def _positions(frames: pa.Table) -> Layer:
    plain = ("frame", "time", "pose_source")
    real = (
        *("sensor_height_hae_m", "sensor_height_msl_m", "heading_true_deg", "pitch_deg", "roll_deg"),
        *("bearing_true_deg", "depression_deg", "hfov_deg", "clock_residual_us"),
    )
    return _point_layer("positions", frames, _SENSOR, plain, real)


def _centres(frames: pa.Table) -> Layer:
    real = (
        *("centre_height_hae_m", "slant_m", "stated_centre_lon_deg", "stated_centre_lat_deg"),
        *("centre_miss_m", "stated_ce90_m", "stated_le90_m"),
    )
    return _point_layer("centres", frames, _CENTRE, ("frame", "time", "ground_source"), real)


def _targets(targets: pa.Table) -> Layer:
    plain = ("packet", "time", "target_id", "row", "column")
    real = ("confidence_pct", "height_hae_m", "miss_m")
    return _point_layer("targets", targets, ("lon_deg", "lat_deg", "height_hae_m"), plain, real)


def _point_layer(
    name: str, table: pa.Table, place: tuple[str, str, str], plain: tuple[str, ...], real: tuple[str, ...]
) -> Layer:
    """One point for every row with a longitude and a latitude; a missing height is drawn at 0."""
    points = np.column_stack([numbers(table, column) for column in place])
    rows = np.flatnonzero(np.isfinite(points[:, :2]).all(axis=1))
    return Layer(name, "Point Z", _points(points[rows]), _fields(table, rows, plain, real))


def _points(place: NDArray[np.float64]) -> NDArray[np.object_]:
    points: NDArray[np.object_] = shapely.points(np.nan_to_num(place, nan=0.0))
    return points if len(place) else np.empty(0, object)


def numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """A numeric column as float64, NaN for nulls."""
    column = table[name].cast(pa.float64()).combine_chunks()
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _fields(
    table: pa.Table, rows: NDArray[np.intp], plain: tuple[str, ...], real: tuple[str, ...]
) -> dict[str, NDArray[Any]]:
    fields = {name: _column(table, name, rows) for name in plain}
    return fields | {name: np.ma.masked_invalid(numbers(table, name)[rows]) for name in real}


def _column(table: pa.Table, name: str, rows: NDArray[np.intp]) -> NDArray[Any]:
    """Rows of a column for GDAL: masked integers, datetime64[ms], or text."""
    column = table[name].combine_chunks().take(pa.array(rows, pa.int64()))
    if pa.types.is_timestamp(column.type):
        return np.asarray(column.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)).astype(
            "datetime64[ms]"
        )
    if pa.types.is_integer(column.type):
        missing = np.asarray(column.is_null().to_numpy(zero_copy_only=False))
        return np.ma.MaskedArray(column.fill_null(0).to_numpy(zero_copy_only=False), missing)
    return np.asarray(column.to_numpy(zero_copy_only=False), object)
