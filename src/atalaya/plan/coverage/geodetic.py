"""Coverage of polygons in longitudes and latitudes, planned in an equal-area plane around their middle."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from atalaya.base.errors import BadInput
from atalaya.plan.coverage.costs import positive
from atalaya.plan.coverage.path import CoveragePath
from atalaya.plan.coverage.planner import cover
from atalaya.plan.coverage.region import checked_area

Floats = NDArray[np.float64]
WGS84 = Geod(ellps="WGS84")
MOST_KM, MOST_LAT_DEG = 500.0, 89.0
BEND_OF_SWATH, MOST_SPLITS = 0.02, 8


@dataclass(frozen=True, slots=True)
class GeodeticPath:
    """A path over an area in longitudes and latitudes.

    Args:
        lon_deg, lat_deg: (k,) float64, WGS 84; straight pieces between points are geodesics.
        sweep: (k - 1,) bool, whether the sensor works on the leg to the next point.
        plane: the same path as planned, metres in an equal-area plane (length and area true within 0.1 %).
        crs: that plane, as PROJ text.
    """

    lon_deg: Floats
    lat_deg: Floats
    sweep: NDArray[np.bool_]
    plane: CoveragePath
    crs: str


def cover_geodetic(polygon_lonlat: BaseGeometry, *, swath_m: float, **options: Any) -> GeodeticPath:
    """`cover` for polygons in degrees; edges are straight in longitude and latitude (RFC 7946).

    Args:
        polygon_lonlat: longitude first; across the antimeridian split there, or with longitudes beyond 180.
        swath_m: metres.
        options: as `cover`; `start` and `end` as (lon, lat), `within` in degrees.

    Raises:
        BadInput: COV-006 wider than 500 km, COV-007 not degrees or too near a pole, and those of `cover`.
    """
    positive("swath_m", swath_m)
    area = unwrapped(checked_area(polygon_lonlat))
    west, south, east, north = area.bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    width_km = max(
        *(WGS84.inv(west, y, east, y)[2] / 1e3 for y in (south, lat, north)),
        WGS84.inv(lon, south, lon, north)[2] / 1e3,
        (east - west) / 180 * 1e4 if east - west > 90 else 0.0,
    )
    if width_km > MOST_KM:
        raise BadInput("COV-006", width_km=f"{width_km:.0f}", most_km=f"{MOST_KM:.0f}")
    crs = f"+proj=laea +lat_0={lat:.9f} +lon_0={lon:.9f} +datum=WGS84 +units=m +no_defs"
    plane = CRS.from_proj4(crs)
    to_plane = Transformer.from_crs("EPSG:4326", plane, always_xy=True)
    bend_m = BEND_OF_SWATH * swath_m
    for name in ("start", "end"):
        if options.get(name) is not None:
            options[name] = to_plane.transform(*options[name])
    if options.get("within") is not None:
        options["within"] = _projected(unwrapped(checked_area(options["within"], "within")), to_plane, bend_m)
    path = cover(_projected(area, to_plane, bend_m), swath_m=swath_m, **options)
    points, sweep = _bent(path.points, path.sweep, to_plane, bend_m)
    lons, lats = to_plane.transform(points[:, 0], points[:, 1], direction="INVERSE")
    return GeodeticPath((lons + 180) % 360 - 180, lats, sweep, path, crs)


def on_plane(polygon_lonlat: BaseGeometry, crs: str, *, swath_m: float) -> BaseGeometry:
    """The area as it lies in the plane of a `GeodeticPath`, metres.

    Raises:
        BadInput: COV-001, COV-002, COV-007.
    """
    to_plane = Transformer.from_crs("EPSG:4326", CRS.from_proj4(crs), always_xy=True)
    return _projected(unwrapped(checked_area(polygon_lonlat)), to_plane, BEND_OF_SWATH * swath_m)


def unwrapped(area: BaseGeometry) -> BaseGeometry:
    """Degrees checked, and longitudes continued beyond 180 where that makes the area narrower.

    Raises:
        BadInput: COV-007.
    """
    west, south, east, north = area.bounds
    if south < -MOST_LAT_DEG or north > MOST_LAT_DEG:
        raise BadInput("COV-007", detail=f"latitudes {south:g} to {north:g}")
    if west < -180 or east > 360:
        raise BadInput("COV-007", detail=f"longitudes {west:g} to {east:g}")
    if east - west <= 180:
        return area
    turned = shapely.transform(area, lambda xy: np.column_stack([xy[:, 0] % 360, xy[:, 1]]))
    best = min((area, turned), key=lambda a: a.bounds[2] - a.bounds[0])
    if not all(part.is_valid for part in shapely.get_parts(best)):
        raise BadInput("COV-007", detail="edges cross the antimeridian the long way round")
    return best


def _projected(area: BaseGeometry, to_plane: Transformer, bend_m: float) -> BaseGeometry:
    """The area in the plane, edges bent as they lie on the ground; pieces that share an edge become one."""
    parts = []
    for part in shapely.get_parts(area):
        rings = [part.exterior, *part.interiors]
        bent = [_ring(np.asarray(ring.coords)[:, :2], to_plane, bend_m) for ring in rings]
        parts.append(Polygon(bent[0], bent[1:]))
    return parts[0] if len(parts) == 1 else shapely.union_all(parts, grid_size=1e-4)


def _ring(lonlat: Floats, to_plane: Transformer, bend_m: float) -> Floats:
    for _ in range(MOST_SPLITS):
        xy = np.column_stack(to_plane.transform(lonlat[:, 0], lonlat[:, 1]))
        middle = (lonlat[:-1] + lonlat[1:]) / 2
        bent = np.column_stack(to_plane.transform(middle[:, 0], middle[:, 1]))
        far = np.hypot(*(bent - (xy[:-1] + xy[1:]) / 2).T) > bend_m
        if not far.any():
            break
        lonlat = np.insert(lonlat, np.flatnonzero(far) + 1, middle[far], axis=0)
    return np.column_stack(to_plane.transform(lonlat[:, 0], lonlat[:, 1]))


def _bent(
    points: Floats, sweep: NDArray[np.bool_], to_plane: Transformer, bend_m: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """The path with points added where a geodesic would leave the planned leg by more than `bend_m`."""
    for _ in range(MOST_SPLITS):
        lon, lat = to_plane.transform(points[:, 0], points[:, 1], direction="INVERSE")
        azimuth, _, length = WGS84.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
        mid_lon, mid_lat, _ = WGS84.fwd(lon[:-1], lat[:-1], azimuth, np.asarray(length) / 2)
        flown = np.column_stack(to_plane.transform(mid_lon, mid_lat))
        middle = (points[:-1] + points[1:]) / 2
        far = np.flatnonzero(np.hypot(*(flown - middle).T) > bend_m)
        if len(far) == 0:
            break
        points, sweep = np.insert(points, far + 1, middle[far], axis=0), np.insert(sweep, far, sweep[far])
    return points, sweep
