"""From KLV columns to a `SensorTrack`: which item wins, how long a value holds, which datum a height has."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import HeightDatum
from atalaya.footage.sensor_track import Floats, SensorTrack
from atalaya.klv.values import State

HOLD_US = 30_000_000
"""ST 0601 report-on-change: a value stays in force for 30 s unless it is cleared."""


_SENSOR_HAE = ("sensor_height_extended_hae_m", "sensor_height_hae_m")
_SENSOR_MSL = ("sensor_altitude_msl_m",)
_CENTRE_HAE = ("frame_centre_height_hae_m",)
_CENTRE_MSL = ("frame_centre_elevation_msl_m",)


_ITEMS = {
    "sensor_lon_deg": ("sensor_longitude_deg",),
    "sensor_lat_deg": ("sensor_latitude_deg",),
    "heading_true_deg": ("platform_heading_true_deg",),
    "pitch_deg": ("platform_pitch_full_deg", "platform_pitch_deg"),
    "roll_deg": ("platform_roll_full_deg", "platform_roll_deg"),
    "rel_elevation_deg": ("sensor_rel_elevation_deg",),
    "rel_roll_deg": ("sensor_rel_roll_deg",),
    "hfov_deg": ("sensor_hfov_deg",),
    "vfov_deg": ("sensor_vfov_deg",),
    "slant_m": ("slant_range_m",),
    "ground_width_m": ("target_width_extended_m", "target_width_m"),
    "centre_lon_deg": ("frame_centre_longitude_deg",),
    "centre_lat_deg": ("frame_centre_latitude_deg",),
    "ce90_m": ("target_error_ce90_m",),
    "le90_m": ("target_error_le90_m",),
}
"""Field of the track and the items it comes from, best first."""


class HeldColumns:
    """Columns read with the standard's rule of holding: absent keeps the last value, "unknown" clears it.

    Args:
        t_us: (n,) int64, time of each packet.
        values: column name to (n,) float64.
        states: column name to (n,) uint8 `State`.
    """

    def __init__(
        self, t_us: NDArray[np.int64], values: Mapping[str, Floats], states: Mapping[str, NDArray[np.uint8]]
    ) -> None:
        self._t_us = t_us
        self._values = values
        self._states = states
        self._cache: dict[str, Floats] = {}

    def __len__(self) -> int:
        return len(self._t_us)

    def column(self, name: str) -> Floats:
        """(n,) held values of one item; NaN where there is none."""
        if name not in self._cache:
            self._cache[name] = self._held(name)
        return self._cache[name]

    def first_of(self, names: Sequence[str]) -> Floats:
        """Row by row, the first of several items that has a value."""
        chosen = self.column(names[0]).copy()
        for name in names[1:]:
            missing = np.isnan(chosen)
            if not missing.any():
                break
            chosen[missing] = self.column(name)[missing]
        return chosen

    def any_of(self, names: Sequence[str]) -> bool:
        """Whether one of the items ever has a value."""
        return any(bool(np.isfinite(self.column(name)).any()) for name in names)

    def _held(self, name: str) -> Floats:
        states = self._states.get(name)
        if states is None or len(states) == 0:
            return np.full(len(self), np.nan)
        said = states != State.ABSENT
        if said.all():
            return np.where(states == State.VALUE, self._values[name], np.nan)
        last = np.maximum.accumulate(np.where(said, np.arange(len(states)), -1))
        known = last >= 0
        age_us = np.abs(self._t_us - self._t_us[last])
        valid = known & (states[last] == State.VALUE) & (age_us <= HOLD_US)
        return np.where(valid, self._values[name][last], np.nan)


def track_from_st0601(columns: HeldColumns, t_us: NDArray[np.int64]) -> SensorTrack:
    """The track an ST 0601 stream states: full-range items before short ones, one datum before a mix."""
    sensor, centre, sensor_datum, centre_datum = _heights(columns)
    lon, lat, corner_source = _corners(columns)
    return SensorTrack(
        t_us=t_us,
        **_plain(columns),
        rel_azimuth_deg=columns.column("sensor_rel_azimuth_deg"),
        sensor_height_m=columns.first_of(sensor),
        centre_height_m=columns.first_of(centre),
        corner_lon_deg=lon,
        corner_lat_deg=lat,
        sensor_height_datum=sensor_datum,
        centre_height_datum=centre_datum,
        standard="ST 0601",
        corner_source=corner_source,
    )


def track_from_eg0104(columns: HeldColumns, t_us: NDArray[np.int64]) -> SensorTrack:
    """The track an EG 0104 stream states: its azimuth and obliquity as given, heights MSL."""
    lon, lat, corner_source = _corners(columns)
    return SensorTrack(
        t_us=t_us,
        **_plain(columns),
        rel_azimuth_deg=columns.first_of(("sensor_azimuth_true_deg", "sensor_rel_azimuth_deg")),
        sensor_height_m=columns.first_of(_SENSOR_MSL),
        centre_height_m=columns.first_of(_CENTRE_MSL),
        corner_lon_deg=lon,
        corner_lat_deg=lat,
        sensor_height_datum="msl",
        centre_height_datum="msl",
        standard="EG 0104",
        corner_source=corner_source,
    )


def _plain(columns: HeldColumns) -> dict[str, Floats]:
    """The columns both standards name alike; NaN for those a stream lacks."""
    return {field: columns.first_of(names) for field, names in _ITEMS.items()}


def _heights(
    columns: HeldColumns,
) -> tuple[Sequence[str], Sequence[str], HeightDatum, HeightDatum]:
    """Items for sensor and frame-centre height, of one datum where the stream offers a pair of one."""
    sensor_hae, centre_hae = columns.any_of(_SENSOR_HAE), columns.any_of(_CENTRE_HAE)
    sensor_msl, centre_msl = columns.any_of(_SENSOR_MSL), columns.any_of(_CENTRE_MSL)
    if sensor_hae and centre_hae:
        return _SENSOR_HAE, _CENTRE_HAE, "hae", "hae"
    if sensor_msl and centre_msl:
        return _SENSOR_MSL, _CENTRE_MSL, "msl", "msl"
    return (
        _SENSOR_HAE if sensor_hae else _SENSOR_MSL,
        _CENTRE_HAE if centre_hae else _CENTRE_MSL,
        "hae" if sensor_hae else "msl",
        "hae" if centre_hae else "msl",
    )


def _corners(columns: HeldColumns) -> tuple[Floats, Floats, Literal["full", "offset", "none"]]:
    """(n, 4) longitudes and latitudes: full corners, else frame centre plus offsets."""
    names = (1, 2, 3, 4)
    lon = np.column_stack([columns.column(f"corner_longitude_{n}_deg") for n in names])
    lat = np.column_stack([columns.column(f"corner_latitude_{n}_deg") for n in names])
    if np.isfinite(lon).any() and np.isfinite(lat).any():
        return lon, lat, "full"
    centre_lon = columns.column("frame_centre_longitude_deg")[:, None]
    centre_lat = columns.column("frame_centre_latitude_deg")[:, None]
    lon = centre_lon + np.column_stack([columns.column(f"corner_offset_longitude_{n}_deg") for n in names])
    lat = centre_lat + np.column_stack([columns.column(f"corner_offset_latitude_{n}_deg") for n in names])
    lon = (lon + 180.0) % 360.0 - 180.0
    return lon, lat, "offset" if np.isfinite(lon).any() else "none"
