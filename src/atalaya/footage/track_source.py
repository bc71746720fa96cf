"""From KLV columns to a `SensorTrack`: which item wins, how long a value holds, which datum a height has."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import HeightDatum, converted_height_m
from atalaya.footage.sensor_track import Floats, SensorTrack
from atalaya.klv.values import State

HOLD_US = 30_000_000
"""ST 0601 report-on-change: a value stays in force for 30 s unless it is cleared."""


_SENSOR_HEIGHTS: tuple[tuple[str, HeightDatum], ...] = (
    ("sensor_height_extended_hae_m", "hae"),
    ("sensor_height_hae_m", "hae"),
    ("sensor_altitude_msl_m", "msl"),
)
_CENTRE_HEIGHTS: tuple[tuple[str, HeightDatum], ...] = (
    ("frame_centre_height_hae_m", "hae"),
    ("frame_centre_elevation_msl_m", "msl"),
)

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

    def freshest(self, names: Sequence[str]) -> Floats:
        """Row by row, the value said last among several items; of equally fresh ones the first named."""
        return np.asarray(self._freshest([(name, self.column(name)) for name in names]))

    def freshest_height(self, candidates: Sequence[tuple[str, HeightDatum]], want: HeightDatum) -> Floats:
        """The same for heights of several datums, moved to one of them at the place of the sensor."""
        place = (self.column("sensor_longitude_deg"), self.column("sensor_latitude_deg"))
        moved = [
            (name, converted_height_m(self.column(name), *place, have=have, want=want))
            for name, have in candidates
            if self.any_of((name,))
        ]
        return self._freshest(moved) if moved else np.full(len(self), np.nan)

    def _freshest(self, columns: Sequence[tuple[str, Floats]]) -> Floats:
        if len(columns) == 1:
            return columns[0][1]
        values = np.stack([column for _, column in columns])
        ages = np.stack([self._age_us(name) for name, _ in columns])
        best = np.argmin(np.where(np.isnan(values), np.iinfo(np.int64).max, ages), axis=0)
        return np.asarray(np.take_along_axis(values, best[None], axis=0)[0])

    def count(self, names: Sequence[str]) -> int:
        """How often one of the items is said with a value, not held."""
        states = (self._states.get(name) for name in names)
        return sum(int((said == State.VALUE).sum()) for said in states if said is not None)

    def any_of(self, names: Sequence[str]) -> bool:
        """Whether one of the items ever has a value."""
        return any(bool(np.isfinite(self.column(name)).any()) for name in names)

    def _held(self, name: str) -> Floats:
        states = self._states.get(name)
        if states is None or len(states) == 0:
            return np.full(len(self), np.nan)
        last = _last_said(states)
        valid = (last >= 0) & (states[last] == State.VALUE) & (self._age_us(name) <= HOLD_US)
        return np.where(valid, self._values[name][last], np.nan)

    def _age_us(self, name: str) -> NDArray[np.int64]:
        """(n,) how long ago the item was said; the largest number where it never was."""
        states = self._states.get(name)
        never = np.iinfo(np.int64).max
        if states is None or len(states) == 0:
            return np.full(len(self), never)
        last = _last_said(states)
        return np.where(last >= 0, np.abs(self._t_us - self._t_us[last]), never)


def _last_said(states: NDArray[np.uint8]) -> NDArray[np.intp]:
    """(n,) row that last said anything of an item, -1 before the first."""
    return np.maximum.accumulate(np.where(states != State.ABSENT, np.arange(len(states)), -1))


def track_from_st0601(columns: HeldColumns, t_us: NDArray[np.int64]) -> SensorTrack:
    """The track an ST 0601 stream states: full-range items before short ones, one datum before a mix."""
    sensor_datum, centre_datum = _heights(columns)
    lon, lat, corner_source = _corners(columns)
    return SensorTrack(
        t_us=t_us,
        **_plain(columns),
        rel_azimuth_deg=columns.column("sensor_rel_azimuth_deg"),
        sensor_height_m=columns.freshest_height(_SENSOR_HEIGHTS, sensor_datum),
        centre_height_m=columns.freshest_height(_CENTRE_HEIGHTS, centre_datum),
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
        rel_azimuth_deg=columns.freshest(("sensor_azimuth_true_deg", "sensor_rel_azimuth_deg")),
        sensor_height_m=columns.freshest_height(_SENSOR_HEIGHTS, "msl"),
        centre_height_m=columns.freshest_height(_CENTRE_HEIGHTS, "msl"),
        corner_lon_deg=lon,
        corner_lat_deg=lat,
        sensor_height_datum="msl",
        centre_height_datum="msl",
        standard="EG 0104",
        corner_source=corner_source,
    )


def _plain(columns: HeldColumns) -> dict[str, Floats]:
    """The columns both standards name alike; NaN for those a stream lacks."""
    found = {field: columns.freshest(names) for field, names in _ITEMS.items()}
    found["heading_true_deg"] = found["heading_true_deg"] % 360.0  # EG 0104 writes signed headings
    for field in ("hfov_deg", "vfov_deg"):
        found[field] = np.where(found[field] > 0.0, found[field], np.nan)  # zero means not known
    return found


def _heights(columns: HeldColumns) -> tuple[HeightDatum, HeightDatum]:
    """Datums for heights of sensor and frame centre: the one both are said in, else the commoner of each."""
    sensor_hae, sensor_msl = (columns.count(_names(_SENSOR_HEIGHTS, datum)) for datum in ("hae", "msl"))
    centre_hae, centre_msl = (columns.count(_names(_CENTRE_HEIGHTS, datum)) for datum in ("hae", "msl"))
    if min(sensor_hae, centre_hae) > 0 and min(sensor_hae, centre_hae) >= min(sensor_msl, centre_msl):
        return "hae", "hae"
    if min(sensor_msl, centre_msl) > 0:
        return "msl", "msl"
    return "hae" if sensor_hae >= sensor_msl else "msl", "hae" if centre_hae > centre_msl else "msl"


def _names(candidates: Sequence[tuple[str, HeightDatum]], datum: str) -> tuple[str, ...]:
    return tuple(name for name, have in candidates if have == datum)


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
