"""An independent look at a flight path: a sample every 5 m, shapely and pyproj, no code of the checks.

What the path should keep is asked sample by sample; between samples nothing is claimed, so a stretch shorter
than the step may pass it. It shares with the checks only what a volume is, and the terrain's bilinear height.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from atalaya.earth import Surface, undulation_m
from atalaya.plan.airspace import Limit, Volume, VolumeKind
from atalaya.plan.flight_path import FlightPath
from atalaya.sensing.platform import Platform

STEP_M = 5.0
SLACK_M = 0.3
GEOD = pyproj.Geod(ellps="WGS84")
Floats = NDArray[np.float64]


class Samples:
    def __init__(self, path: FlightPath, terrain: Surface | None, step_m: float = STEP_M) -> None:
        azimuth, _, length = GEOD.inv(
            path.lon_deg[:-1], path.lat_deg[:-1], path.lon_deg[1:], path.lat_deg[1:]
        )
        count = np.maximum(np.ceil(length / step_m), 1).astype(int)
        row = np.repeat(np.arange(len(count)), count)
        share = (np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)) / count[row]
        self.lon, self.lat, _ = GEOD.fwd(
            path.lon_deg[row], path.lat_deg[row], azimuth[row], share * length[row]
        )
        self.height = path.height_msl_m[row] + share * np.diff(path.height_msl_m)[row]
        self.t_us = path.t_us[row] + share * np.diff(path.t_us)[row]
        self.geoid = undulation_m(self.lon, self.lat)
        self.ground = np.zeros(len(row))
        if terrain is not None:
            self.ground = terrain.height_hae_m(self.lon, self.lat) - self.geoid
        middle = (float(self.lon[len(row) // 2]), float(self.lat[len(row) // 2]))
        self.plane = pyproj.Proj(proj="aeqd", lon_0=middle[0], lat_0=middle[1], ellps="WGS84")
        self.points = shapely.points(*self.plane(self.lon, self.lat))


def faults(
    path: FlightPath,
    volumes: Sequence[Volume],
    terrain: Surface | None,
    platform: Platform,
    clearance_m: float,
) -> Iterator[str]:
    """Everything a plan must never do, in words."""
    seen = Samples(path, terrain)
    if path.fuel[-1] < platform.tank.reserve_share * path.fuel[0] - 1e-6:
        yield f"fuel {path.fuel[-1]:.2f}"
    if (seen.height > platform.ceiling_msl_m + 0.1).any():
        yield "ceiling"
    inside = np.zeros(len(seen.lon), bool)
    keep_ins = False
    for volume in volumes:
        signed = _depth(volume, seen)
        held = _in_time(volume, seen.t_us)
        grow = 1.0 if volume.kind is VolumeKind.KEEP_OUT else -1.0
        by = grow * volume.vertical_buffer_m
        above = seen.height > _limit(volume.floor, seen, -np.inf) - by + grow * SLACK_M
        below = seen.height < _limit(volume.ceiling, seen, np.inf) + by - grow * SLACK_M
        # distances of the plane grow away from its middle by (d / R)^2 / 6: less than 1 in 5000 here
        slack = SLACK_M + 2e-4 * np.maximum(volume.buffer_m, np.abs(signed))
        if volume.kind is VolumeKind.KEEP_OUT:
            wrong = (signed > -volume.buffer_m + slack) & above & below & held
            if wrong.any():
                yield f"inside {volume.name}: {wrong.sum()} samples, {signed[wrong].max():.1f} m"
        else:
            keep_ins = True
            inside |= (signed >= volume.buffer_m - slack) & above & below & held
    if keep_ins and not inside.all():
        yield f"outside every keep-in: {(~inside).sum()} samples"
    if terrain is not None:
        yield from _ground(path, seen, clearance_m)


def _ground(path: FlightPath, seen: Samples, clearance_m: float) -> Iterator[str]:
    _, _, first = GEOD.inv(
        seen.lon, seen.lat, np.full_like(seen.lon, path.lon_deg[0]), np.full_like(seen.lon, path.lat_deg[0])
    )
    _, _, last = GEOD.inv(
        seen.lon, seen.lat, np.full_like(seen.lon, path.lon_deg[-1]), np.full_like(seen.lon, path.lat_deg[-1])
    )
    ramp = (np.minimum(first, last) - 1000.0) * 0.03
    asked = np.where(ramp > 0.0, np.minimum(ramp, clearance_m), -np.inf)
    gap = seen.height - seen.ground
    wrong = ~(gap >= asked - SLACK_M) & (asked > 0.0)
    if wrong.any():
        yield f"ground: {wrong.sum()} samples, {np.nanmin((gap - asked)[wrong]):.1f} m"


def _depth(volume: Volume, seen: Samples) -> Floats:
    """Metres inside the border, negative outside, on the oracle's own plane and its own densified edges."""
    rings = []
    for ring in volume.rings:
        points = [ring[:1]]
        for a, b in pairwise(ring):
            count = int(GEOD.inv(*a, *b)[2] // 3000.0) + 1
            points += [np.array(GEOD.npts(a[0], a[1], b[0], b[1], count)).reshape(-1, 2), b[None]]
        joined = np.vstack(points)
        rings.append(np.column_stack(seen.plane(joined[:, 0], joined[:, 1])))
    polygon = shapely.Polygon(rings[0], rings[1:])
    shapely.prepare(polygon)
    x, y = shapely.get_x(seen.points), shapely.get_y(seen.points)
    west, south, east, north = polygon.bounds
    reach = volume.buffer_m + 100.0
    near = (x > west - reach) & (x < east + reach) & (y > south - reach) & (y < north + reach)
    depth = np.full(len(x), -1e6)
    distance = shapely.distance(seen.points[near], polygon.boundary)
    depth[near] = np.where(shapely.contains_xy(polygon, x[near], y[near]), distance, -distance)
    return depth


def _in_time(volume: Volume, t_us: Floats) -> NDArray[np.bool_]:
    if not volume.valid:
        return np.ones(len(t_us), bool)
    held = [(t_us >= (a or -np.inf)) & (t_us < (b or np.inf)) for a, b in volume.valid]
    return np.asarray(np.any(held, axis=0))


def _limit(limit: Limit | None, seen: Samples, otherwise: float) -> Floats:
    if limit is None:
        return np.full(len(seen.lon), otherwise)
    shift = {"msl": np.zeros(len(seen.lon)), "hae": -seen.geoid, "agl": seen.ground}
    return np.asarray(limit.value + shift[str(limit.datum)])
