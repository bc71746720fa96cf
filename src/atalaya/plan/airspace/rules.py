"""Everything a flight must keep, in one place, and what of it matters at a height and a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.earth.geoid import undulation_m
from atalaya.earth.surface import Surface
from atalaya.plan.airspace.ground import underfoot
from atalaya.plan.airspace.pieces import pieces_of
from atalaya.plan.airspace.visibility.free_space import Border, FreeSpace, enclosure, obstacle
from atalaya.plan.airspace.volume import Atmosphere, Limit, LimitDatum, Volume, VolumeKind
from atalaya.plan.flight.wind import CALM, WindField
from atalaya.plan.flight.windows import Windows
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.plane import TangentPlane
from atalaya.plan.waypoint import Waypoint
from atalaya.sensing.platform import Platform

Floats = NDArray[np.float64]
_GROUND_SAMPLES = 48


@dataclass(frozen=True, eq=False)
class Rules:
    """What a flight must keep.

    Args:
        platform, volumes, terrain, wind, clearance_m, windows, atmosphere: as `check_path` takes them.
        plane: about the middle of the work.
        keep_fuel: whether the reserve counts.
    """

    platform: Platform
    volumes: tuple[Volume, ...]
    terrain: Surface | None
    plane: TangentPlane
    wind: WindField = CALM
    clearance_m: float = 100.0
    windows: Windows | None = None
    atmosphere: Atmosphere | None = None
    keep_fuel: bool = True
    _spaces: dict[tuple[object, ...], FreeSpace] = field(default_factory=dict, repr=False)
    _obstacles: dict[tuple[int, float], Border] = field(default_factory=dict, repr=False)
    _bands: dict[int, tuple[float, float]] = field(default_factory=dict, repr=False)

    def band_msl_m(self, index: int) -> tuple[float, float]:
        """From where to where a volume reaches, its vertical buffer included, taken wide for a keep-out."""
        if index not in self._bands:
            volume = self.volumes[index]
            grow = 1.0 if volume.kind is VolumeKind.KEEP_OUT else -1.0
            low = self._limit(volume, volume.floor, -grow)
            high = self._limit(volume, volume.ceiling, grow)
            by = volume.vertical_buffer_m * grow
            self._bands[index] = (
                (-np.inf if low is None else low - by),
                (np.inf if high is None else high + by),
            )
        return self._bands[index]

    def space(self, active: frozenset[int], margin_m: float) -> FreeSpace:
        """Free space among some of the volumes; made once."""
        margin = round(margin_m, 3)
        if (active, margin) not in self._spaces:
            ins = [self.volumes[k] for k in active if self.volumes[k].kind is VolumeKind.KEEP_IN]
            outs = sorted(k for k in active if self.volumes[k].kind is VolumeKind.KEEP_OUT)
            space = FreeSpace(
                enclosure(self.plane, ins, margin), tuple(self._obstacle(k, margin) for k in outs)
            )
            self._spaces[active, margin] = space
        return self._spaces[active, margin]

    def _obstacle(self, index: int, margin_m: float) -> Border:
        if (index, margin_m) not in self._obstacles:
            self._obstacles[index, margin_m] = obstacle(self.plane, self.volumes[index], margin_m)
        return self._obstacles[index, margin_m]

    @cached_property
    def _shapes(self) -> tuple[NDArray[np.object_], Floats]:
        shapes = np.array([volume.polygon_on(self.plane) for volume in self.volumes], np.object_)
        return shapes, np.array([volume.buffer_m for volume in self.volumes])

    def between(self, start_m: Floats, goal_m: Floats, margin_m: float) -> frozenset[int]:
        """Volumes whose border a straight way on the plane meets, or passes within buffer and margin."""
        if not self.volumes:
            return frozenset()
        shapes, buffers = self._shapes
        line = shapely.LineString((start_m, goal_m))
        near = shapely.dwithin(shapely.boundary(shapes), line, buffers + margin_m) | shapely.intersects(
            shapes, line
        )
        return frozenset(np.flatnonzero(near).tolist())

    def active(self, height_msl_m: float, start_us: int, end_us: int) -> frozenset[int]:
        """Keep-outs that reach a height at some time of an interval, and keep-ins that hold all of it."""
        found = set()
        for index, volume in enumerate(self.volumes):
            low, high = self.band_msl_m(index)
            if volume.kind is VolumeKind.KEEP_OUT:
                in_time = not volume.valid or any(
                    (a is None or a < end_us) and (b is None or b > start_us) for a, b in volume.valid
                )
                if low <= height_msl_m <= high and in_time:
                    found.add(index)
            elif low <= height_msl_m <= high and volume.holds_at(start_us):
                found.add(index)
        return frozenset(found)

    def _limit(self, volume: Volume, limit: Limit | None, side: float) -> float | None:
        """A limit above mean sea level, the lowest (side < 0) or highest there is over the volume."""
        if limit is None:
            return None
        if limit.datum is LimitDatum.MSL:
            return limit.value
        if limit.datum is LimitDatum.FL:
            return (self.atmosphere or Atmosphere()).height_msl_m(limit.value)
        lon, lat = _inside(volume)
        shift = -undulation_m(lon, lat)
        if limit.datum is LimitDatum.AGL and self.terrain is not None:
            shift = self.terrain.height_hae_m(lon, lat) + shift
        if not np.isfinite(shift).any():
            return None
        return limit.value + float(np.nanmin(shift) if side < 0 else np.nanmax(shift))

    def ground_msl_m(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """(n - 1,) highest ground under straight legs; -inf without terrain or where it is not known."""
        if self.terrain is None:
            return np.full(len(lon_deg) - 1, -np.inf)
        count = len(lon_deg)
        path = FlightPath(
            np.arange(count), lon_deg, lat_deg, np.zeros(count), np.zeros(count), np.arange(count)
        )
        pieces = pieces_of(path)
        under = underfoot(self.terrain, pieces)
        highest = np.full(count - 1, -np.inf)
        np.maximum.at(
            highest, pieces.leg[under.piece], np.nan_to_num(under.high_msl_m, nan=-np.inf, neginf=-np.inf)
        )
        return highest


def places(waypoints: Sequence[Waypoint]) -> tuple[Floats, Floats]:
    """Longitudes and latitudes."""
    return np.array([p.lon_deg for p in waypoints]), np.array([p.lat_deg for p in waypoints])


def _inside(volume: Volume) -> tuple[Floats, Floats]:
    """A lattice of places over a volume."""
    plane = volume.plane
    xy = plane.to_plane(volume.rings[0][:, 0], volume.rings[0][:, 1])
    east, north = (
        np.linspace(low, high, _GROUND_SAMPLES)
        for low, high in zip(xy.min(axis=0), xy.max(axis=0), strict=True)
    )
    return plane.to_lonlat(np.stack(np.meshgrid(east, north), axis=-1))
