"""Search patterns laid on the ground: around a place, along a line, around the heights of a terrain."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from atalaya.base.errors import BadInput
from atalaya.campaign.planning_verbs.flown_line import FlownLine
from atalaya.campaign.planning_verbs.line_files import rounded
from atalaya.campaign.planning_verbs.planar_file import read_planar_line
from atalaya.campaign.planning_verbs.shape_file import read_areas, read_line
from atalaya.earth.ellipsoid import geod
from atalaya.earth.geoid import converted_height_m
from atalaya.earth.surface import Surface
from atalaya.plan.patterns import Pattern, contour_search, on_the_ground, route_search

Floats = NDArray[np.float64]
MOST_CELLS = 4_000_000
MOST_KM = 500.0


def laid(name: str, pattern: Pattern, at: tuple[float, float], *, planar: bool) -> FlownLine:
    """A pattern around a datum: longitude and latitude, or metres.

    Raises:
        BadInput: COV-006, COV-007.
    """
    if planar:
        return FlownLine(name, pattern.points + np.asarray(at), pattern.sweep, planar=True)
    return FlownLine(name, np.column_stack(on_the_ground(pattern, *at)), pattern.sweep)


def along_line(file: Path, *, spacing_m: float, back: bool, planar: bool) -> FlownLine:
    """A route search along the first line of a file.

    Raises:
        NotFound: SNS-005. BadInput: SNS-020, SNS-021, COV-002, COV-003, COV-006, CLI-031, CLI-032.
    """
    if planar:
        line = read_planar_line(file)
        return laid("route", route_search(line, spacing_m=spacing_m, back=back), (0.0, 0.0), planar=True)
    line = read_line(file)
    to_plane = _plane(line, file.name)
    flat = np.column_stack(to_plane.transform(line[:, 0], line[:, 1]))
    return _back(route_search(flat, spacing_m=spacing_m, back=back), to_plane, "route", None)


def around_heights(
    file: Path,
    terrain: Surface,
    *,
    step_m: float,
    cell_m: float,
    descending: bool,
    shortest_m: float,
    above_m: float | None,
) -> FlownLine:
    """A contour search inside the first area of a file.

    Args:
        cell_m: between the heights taken from the terrain.
        above_m: what is flown above each level; None for no heights.

    Raises:
        NotFound: SNS-005. BadInput: SNS-020, COV-002 no ground or no level there, COV-003, COV-006, COV-012.
    """
    area = read_areas(file)[0].geometry
    to_plane = _plane(shapely.get_coordinates(area), file.name)
    flat = shapely.transform(area, lambda xy: np.column_stack(to_plane.transform(xy[:, 0], xy[:, 1])))
    west, south, east, north = flat.bounds
    if (east - west) * (north - south) / cell_m**2 > MOST_CELLS:
        raise BadInput("COV-003", where="--cell", name="cell_m", value=cell_m)
    x, y = (
        np.arange(low - cell_m, high + 2 * cell_m, cell_m) for low, high in ((west, east), (south, north))
    )
    lon, lat = to_plane.transform(*np.meshgrid(x, y), direction="INVERSE")
    ground = terrain.height_hae_m(lon.ravel(), lat.ravel())
    heights = converted_height_m(ground, lon.ravel(), lat.ravel(), have="hae", want="msl").reshape(lon.shape)
    if not np.isfinite(heights).any():
        raise BadInput("COV-002", where=file.name, detail="DEM: -")
    pattern, level = contour_search(
        x, y, heights, step_m=step_m, area=flat, descending=descending, shortest_m=shortest_m
    )
    return _back(pattern, to_plane, "contour", None if above_m is None else level + above_m)


def line_json(line: FlownLine) -> dict[str, Any]:
    """Points, legs and lengths of a line."""
    if line.planar:
        lengths = np.hypot(*np.diff(line.points, axis=0).T)
    else:
        lon, lat = line.points.T
        lengths = np.asarray(geod().inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2])
    shown = {
        "legs": len(line.sweep),
        "length_m": round(float(lengths.sum()), 3),
        "swept_m": round(float(lengths[line.sweep].sum()), 3),
        "planar": line.planar,
        "points": rounded(line.points, planar=line.planar),
        "sweep": line.sweep.tolist(),
    }
    if line.height_msl_m is not None:
        shown["height_msl_m"] = np.round(line.height_msl_m, 2).tolist()
    return shown


def _plane(points: Floats, where: str) -> Transformer:
    """Degrees to metres about the middle of some points.

    Raises:
        BadInput: COV-006, farther apart than one plane holds.
    """
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    width_km = geod().inv(west, south, east, north)[2] / 1e3
    if width_km > MOST_KM or east - west > 90.0:
        raise BadInput("COV-006", where=where, width_km=f"{width_km:.0f}", most_km=f"{MOST_KM:.0f}")
    crs = f"+proj=aeqd +lat_0={(south + north) / 2:.9f} +lon_0={(west + east) / 2:.9f} +datum=WGS84 +units=m"
    return Transformer.from_crs("EPSG:4326", CRS.from_proj4(crs), always_xy=True)


def _back(pattern: Pattern, to_plane: Transformer, name: str, heights: Floats | None) -> FlownLine:
    lon, lat = to_plane.transform(pattern.points[:, 0], pattern.points[:, 1], direction="INVERSE")
    return FlownLine(name, np.column_stack((lon, lat)), pattern.sweep, heights)
