"""Volumes of airspace: where a flight must stay (keep-in) and where it must not be (keep-out).

A polygon with holes, a floor and a ceiling, each with its own datum, and times of validity. Heights above
ground and flight levels are only compared with a flight where the terrain and the pressure are at hand;
otherwise they are refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import geod, geodetic_to_ecef
from atalaya.plan.plane import TangentPlane, centre_of

Floats = NDArray[np.float64]
Edge = Literal["geodesic", "parallel"]

FOOT_M = 0.3048
LONGEST_EDGE_M = 10_000.0
LONGEST_PARALLEL_M = 1_000.0
"""A chord of this length lies within 2 cm of its parallel below 60 degrees, within 12 cm at 80."""

WIDEST_DEG = 30.0
"""Farthest vertex from the middle of a volume: beyond it no plane shows it truly."""

MOST_VERTICES = 200_000
MOST_BUFFER_M = 50_000.0


class VolumeKind(StrEnum):
    """What a volume asks of a flight."""

    KEEP_IN = "keep_in"
    KEEP_OUT = "keep_out"


class LimitDatum(StrEnum):
    """What a floor or ceiling is measured from."""

    MSL = "msl"
    HAE = "hae"
    AGL = "agl"
    FL = "fl"


@dataclass(frozen=True, slots=True)
class Limit:
    """A floor or a ceiling. value: metres, of a flight level its number (hundreds of feet); datum."""

    value: float
    datum: LimitDatum = LimitDatum.MSL


@dataclass(frozen=True, slots=True)
class Atmosphere:
    """What turns a flight level into a height: pressure at mean sea level and warmth against the standard.

    Args:
        qnh_hpa: pressure at mean sea level. warmer_k: air temperature over that of ISO 2533.
    """

    qnh_hpa: float = 1013.25
    warmer_k: float = 0.0

    def height_msl_m(self, level: float) -> float:
        """Height of a flight level above mean sea level, metres.

        Pressure altitude of ISO 2533 (troposphere and lower stratosphere), moved by the height of the 1013.25
        hPa surface and stretched by the warmth. Within some tens of metres where pressure and warmth are
        right.
        """
        altitude = level * 100.0 * FOOT_M
        low = min(altitude, 11_000.0)
        shift = 44_330.77 * ((self.qnh_hpa / 1013.25) ** 0.190263 - 1.0)
        mean_k = 288.15 - 0.0065 * low / 2.0
        return float((altitude + shift) * (1.0 + self.warmer_k / mean_k))


@dataclass(frozen=True, eq=False)
class Volume:
    """One volume.

    Args:
        name: for people, unique where it can be.
        kind: keep-in or keep-out.
        rings: (n, 2) longitude and latitude each; the first is the border, the others are holes. Closed or
            not, in either sense, over the antimeridian without a split.
        floor, ceiling: None for none.
        valid: intervals of `t_us` it holds in, None for an open end; () for always.
        buffer_m: how far from its border to stay; vertical_buffer_m: how far from floor and ceiling.
        edge: what a line between two vertices is; "parallel" follows the parallel where both have one
            latitude.
        source: where it is from.

    Raises:
        BadInput: FLT-010 no valid polygon; FLT-011 limits, times or buffer that cannot be; FLT-013 too wide.
    """

    name: str
    kind: VolumeKind
    rings: tuple[Floats, ...]
    floor: Limit | None = None
    ceiling: Limit | None = None
    valid: tuple[tuple[int | None, int | None], ...] = ()
    buffer_m: float = 0.0
    vertical_buffer_m: float = 0.0
    edge: Edge = "geodesic"
    source: str = ""
    _dense: tuple[Floats, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        _check_limits(self)
        rings = tuple(_ring(ring, self.name) for ring in self.rings)
        if not rings:
            raise BadInput("FLT-010", where=self.name, detail="-")
        object.__setattr__(self, "rings", rings)
        if sum(map(len, rings)) > MOST_VERTICES:
            raise BadInput("FLT-013", where=self.name, detail=f"{sum(map(len, rings))} > {MOST_VERTICES}")
        _check_width(rings[0], self.name)
        object.__setattr__(self, "_dense", tuple(_dense(ring, self.edge) for ring in rings))
        shape = self.polygon_on(self.plane)
        if not shape.is_valid or shape.area <= 0.0:
            raise BadInput("FLT-010", where=self.name, detail=shapely.is_valid_reason(shape))

    @property
    def plane(self) -> TangentPlane:
        """The plane about its middle."""
        return centre_of(self.rings[0][:, 0], self.rings[0][:, 1])

    @property
    def dense_rings(self) -> tuple[Floats, ...]:
        """Its rings, closed, with vertices added so that straight lines follow what its edges mean."""
        return self._dense

    def polygon_on(self, plane: TangentPlane) -> shapely.Polygon:
        """The polygon on a plane, metres."""
        outer, *holes = (plane.to_plane(ring[:, 0], ring[:, 1]) for ring in self._dense)
        return shapely.Polygon(outer, holes)

    def holds_at(self, t_us: int) -> bool:
        """Whether it is valid at a time."""
        return not self.valid or any(
            (start is None or start <= t_us) and (end is None or t_us < end) for start, end in self.valid
        )


def box(
    west_deg: float, south_deg: float, east_deg: float, north_deg: float, *, name: str, kind: VolumeKind
) -> Volume:
    """A volume between two meridians and two parallels, of every height and time."""
    ring = np.array(
        [(west_deg, south_deg), (east_deg, south_deg), (east_deg, north_deg), (west_deg, north_deg)],
        np.float64,
    )
    return Volume(name, kind, (ring,), edge="parallel")


def of_kind(volumes: Sequence[Volume], kind: VolumeKind) -> tuple[Volume, ...]:
    """Those of one kind."""
    return tuple(volume for volume in volumes if volume.kind is kind)


def _check_limits(volume: Volume) -> None:
    for limit, most in ((volume.floor, 60_000.0), (volume.ceiling, 60_000.0)):
        if limit is None:
            continue
        most = 1000.0 if limit.datum is LimitDatum.FL else most
        if not -1000.0 <= limit.value <= most:
            raise BadInput("FLT-011", where=volume.name, field="floor, ceiling", value=f"{limit.value:g}")
    floor, ceiling = volume.floor, volume.ceiling
    if floor and ceiling and floor.datum is ceiling.datum and floor.value >= ceiling.value:
        raise BadInput(
            "FLT-011",
            where=volume.name,
            field="floor, ceiling",
            value=f"{floor.value:g} >= {ceiling.value:g}",
        )
    for start, end in volume.valid:
        if start is not None and end is not None and start >= end:
            raise BadInput("FLT-011", where=volume.name, field="valid", value=f"{start} >= {end}")
    for name, value in (("buffer_m", volume.buffer_m), ("vertical_buffer_m", volume.vertical_buffer_m)):
        if not 0.0 <= value <= MOST_BUFFER_M:
            raise BadInput("FLT-011", where=volume.name, field=name, value=f"{value:g}")


def _ring(points: ArrayLike, name: str) -> Floats:
    """Closed, without repeated places."""
    ring = np.array(points, np.float64, ndmin=2)[:, :2]
    if (
        len(ring) < 3
        or not np.isfinite(ring).all()
        or np.abs(ring[:, 1]).max() > 89.0
        or np.abs(ring[:, 0]).max() > 540.0
    ):
        raise BadInput("FLT-010", where=name, detail=f"{len(ring)} vertices")
    ring[:, 0] = (ring[:, 0] + 180.0) % 360.0 - 180.0
    ring = ring[np.concatenate(([True], np.any(np.diff(ring, axis=0) != 0.0, axis=1)))]
    if np.any(ring[0] != ring[-1]):
        ring = np.vstack((ring, ring[:1]))
    if len(ring) < 4:
        raise BadInput("FLT-010", where=name, detail=f"{len(ring) - 1} vertices")
    return ring


def _check_width(ring: Floats, name: str) -> None:
    place = geodetic_to_ecef(ring[:, 0], ring[:, 1], 0.0)
    place /= np.linalg.norm(place, axis=1, keepdims=True)
    middle = place.mean(axis=0)
    length = np.linalg.norm(middle)
    widest = np.degrees(np.arccos(np.clip(place @ middle / max(float(length), 1e-9), -1.0, 1.0)).max())
    if length < 0.5 or widest > WIDEST_DEG:
        raise BadInput("FLT-013", where=name, detail=f"{widest:.0f} > {WIDEST_DEG:.0f} deg")


def _dense(ring: Floats, edge: Edge) -> Floats:
    lon1, lat1, lon2, lat2 = ring[:-1, 0], ring[:-1, 1], ring[1:, 0], ring[1:, 1]
    azimuth, _, length = geod().inv(lon1, lat1, lon2, lat2)
    level = (lat1 == lat2) & (edge == "parallel")
    pieces = np.maximum(np.ceil(length / np.where(level, LONGEST_PARALLEL_M, LONGEST_EDGE_M)), 1).astype(
        np.int64
    )
    if (pieces == 1).all():
        return ring
    which = np.repeat(np.arange(len(pieces)), pieces)
    share = (np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[which]
    lon, lat, _ = geod().fwd(lon1[which], lat1[which], azimuth[which], share * length[which])
    step = (lon2 - lon1 + 180.0) % 360.0 - 180.0
    lon = np.where(level[which], lon1[which] + share * step[which], lon)
    lat = np.where(level[which], lat1[which], lat)
    exact = share == 0.0
    points = np.column_stack((np.where(exact, lon1[which], lon), np.where(exact, lat1[which], lat)))
    return np.vstack((points, points[:1]))
