"""Wind, and what it does to speed over the ground.

Directions are where the wind comes **from**, degrees true, at every public boundary; inside, wind is the
vector the air moves by, east and north. Ground speed on a course = w_along + sqrt(V^2 - w_cross^2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import geodesic

Floats = NDArray[np.float64]

STRONGEST_MS = 150.0
"""Faster than any wind an aircraft has met: a wrong unit."""


class WindField(Protocol):
    """The air's movement over the ground anywhere and at any time."""

    def at(self, t_us: ArrayLike, height_msl_m: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """(n, 2) metres per second, towards east and north.

        Args:
            t_us, height_msl_m, lon_deg, lat_deg: (n,) or single values.
        """


@dataclass(frozen=True, slots=True)
class ConstantWind:
    """One wind everywhere. speed_ms: not negative; from_deg: true direction it comes from."""

    speed_ms: float = 0.0
    from_deg: float = 0.0

    def __post_init__(self) -> None:
        _believed(np.array([self.speed_ms]), np.array([self.from_deg]))

    def at(self, t_us: ArrayLike, height_msl_m: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """See `WindField`."""
        shape = np.broadcast(
            *(np.atleast_1d(np.asarray(x)) for x in (t_us, height_msl_m, lon_deg, lat_deg))
        ).shape
        return np.broadcast_to(vector_from(self.speed_ms, self.from_deg), (*shape, 2)).copy()


@dataclass(frozen=True, slots=True)
class LayeredWind:
    """Winds by height, linear (as vectors) in between, held beyond the lowest and the highest.

    Args:
        height_msl_m: rising. speed_ms, from_deg: of each height.
    """

    height_msl_m: tuple[float, ...]
    speed_ms: tuple[float, ...]
    from_deg: tuple[float, ...]

    def __post_init__(self) -> None:
        rising = len(self.height_msl_m) > 0 and bool(np.all(np.diff(self.height_msl_m) > 0))
        if not rising or not len(self.height_msl_m) == len(self.speed_ms) == len(self.from_deg):
            raise BadInput(
                "FLT-002", detail=f"{len(self.height_msl_m)} x {len(self.speed_ms)} x {len(self.from_deg)}"
            )
        _believed(np.asarray(self.speed_ms), np.asarray(self.from_deg))

    def at(self, t_us: ArrayLike, height_msl_m: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """See `WindField`."""
        height = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, np.float64)) for x in (height_msl_m, lon_deg))
        )[0]
        layers = vector_from(np.asarray(self.speed_ms), np.asarray(self.from_deg))
        return np.stack([np.interp(height, self.height_msl_m, layers[:, k]) for k in (0, 1)], axis=-1)


@dataclass(frozen=True, eq=False)
class GriddedWind:
    """A forecast on a grid, linear in time, height, latitude and longitude, held beyond its edges.

    Args:
        t_us: (a,) int64 rising. height_msl_m: (b,) rising. lat_deg: (c,) rising. lon_deg: (d,) rising.
        east_ms, north_ms: (a, b, c, d) float64, the air's movement towards east and north.

    Raises:
        BadInput: FLT-002 axes do not rise or do not fit the values; FLT-003 winds nobody has met, NaN.
    """

    t_us: NDArray[np.int64]
    height_msl_m: Floats
    lat_deg: Floats
    lon_deg: Floats
    east_ms: Floats
    north_ms: Floats

    def __post_init__(self) -> None:
        axes = (self.t_us, self.height_msl_m, self.lat_deg, self.lon_deg)
        shape = tuple(len(axis) for axis in axes)
        fits = self.east_ms.shape == shape == self.north_ms.shape and all(n > 0 for n in shape)
        if not fits or not all(np.all(np.diff(axis) > 0) for axis in axes):
            raise BadInput("FLT-002", detail=f"{self.east_ms.shape} / {shape}")
        _believed(np.hypot(self.east_ms, self.north_ms), np.zeros(1))

    def at(self, t_us: ArrayLike, height_msl_m: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """See `WindField`."""
        asked = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, np.float64)) for x in (t_us, height_msl_m, lat_deg, lon_deg))
        )
        axes = (self.t_us, self.height_msl_m, self.lat_deg, self.lon_deg)
        low, part = zip(
            *(_bracket(np.asarray(x, np.float64), q) for x, q in zip(axes, asked, strict=True)), strict=True
        )
        total = np.zeros((*asked[0].shape, 2))
        for corner in range(16):
            picks = [(corner >> k) & 1 for k in range(4)]
            index = tuple(np.minimum(i + p, len(x) - 1) for i, p, x in zip(low, picks, axes, strict=True))
            weight = np.prod([s if p else 1.0 - s for s, p in zip(part, picks, strict=True)], axis=0)
            total += weight[..., None] * np.stack((self.east_ms[index], self.north_ms[index]), axis=-1)
        return total


def vector_from(speed_ms: ArrayLike, from_deg: ArrayLike) -> Floats:
    """(..., 2) movement of the air towards east and north, of winds that come from a direction."""
    speed, angle = np.asarray(speed_ms, np.float64), np.radians(np.asarray(from_deg, np.float64))
    return np.stack((-speed * np.sin(angle), -speed * np.cos(angle)), axis=-1)


def ground_speed_ms(airspeed_ms: ArrayLike, wind_ms: Floats, course_deg: ArrayLike) -> Floats:
    """(n,) ground speed on courses; 0 where the wind does not let the aircraft hold them.

    Args:
        airspeed_ms: (n,) true airspeed. wind_ms: (n, 2) towards east and north. course_deg: (n,) true.
    """
    course = np.radians(np.asarray(course_deg, np.float64))
    east, north = np.sin(course), np.cos(course)
    along = wind_ms[..., 0] * east + wind_ms[..., 1] * north
    across = wind_ms[..., 0] * north - wind_ms[..., 1] * east
    left = np.asarray(airspeed_ms, np.float64) ** 2 - across**2
    speed = along + np.sqrt(np.maximum(left, 0.0))
    return np.where((left > 0.0) & (speed > 0.0), speed, 0.0)


def heading_deg(airspeed_ms: ArrayLike, wind_ms: Floats, course_deg: ArrayLike) -> Floats:
    """(n,) where the nose points, degrees true, so that the track is the course: the crab into the wind.

    Raises:
        BadInput: FLT-001, the wind across is as fast as the aircraft.
    """
    course = np.radians(np.asarray(course_deg, np.float64))
    across = wind_ms[..., 0] * np.cos(course) - wind_ms[..., 1] * np.sin(course)
    share = across / np.asarray(airspeed_ms, np.float64)
    if not np.all(np.abs(share) < 1.0):
        worst = float(np.nanmax(np.abs(across)))
        raise BadInput("FLT-001", wind=f"{worst:.1f}", airspeed=f"{np.min(airspeed_ms):.1f}")
    return np.asarray(np.degrees(course - np.arcsin(share)) % 360.0)


def leg_times_s(
    lon_deg: Sequence[float] | Floats, lat_deg: Sequence[float] | Floats, airspeed_ms: float, wind_ms: Floats
) -> Floats:
    """(n - 1,) seconds of straight legs by the wind triangle alone: no turns, no climb.

    Args:
        lon_deg, lat_deg: (n,) places flown in order. wind_ms: (2,) or (n - 1, 2) towards east and north.

    Raises:
        BadInput: FLT-001, a leg cannot be held in this wind.
    """
    lon, lat = np.asarray(lon_deg, np.float64), np.asarray(lat_deg, np.float64)
    length, course = geodesic(lon[:-1], lat[:-1], lon[1:], lat[1:])
    speed = ground_speed_ms(airspeed_ms, np.broadcast_to(wind_ms, (len(length), 2)), course)
    if np.any(speed[length > 0.0] <= 0.0):
        leg = int(np.flatnonzero((speed <= 0.0) & (length > 0.0))[0])
        wind = float(np.hypot(*np.broadcast_to(wind_ms, (len(length), 2))[leg]))
        raise BadInput("FLT-001", where=f"leg {leg}", wind=f"{wind:.1f}", airspeed=f"{airspeed_ms:.1f}")
    return np.where(length > 0.0, length / np.maximum(speed, 1e-9), 0.0)


def _bracket(axis: Floats, asked: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Lower neighbour on an axis and the share of the way to the next; ends are held."""
    low = np.clip(np.searchsorted(axis, asked, side="right") - 1, 0, max(len(axis) - 2, 0))
    if len(axis) == 1:
        return low, np.zeros(asked.shape)
    return low, np.clip((asked - axis[low]) / (axis[low + 1] - axis[low]), 0.0, 1.0)


def _believed(speed_ms: Floats, from_deg: Floats) -> None:
    good = np.isfinite(speed_ms).all() and np.isfinite(from_deg).all()
    if not good or speed_ms.min() < 0.0 or speed_ms.max() > STRONGEST_MS:
        raise BadInput("FLT-003", value=f"{speed_ms.max():.1f}", most=f"{STRONGEST_MS:.0f}")


CALM = ConstantWind()
