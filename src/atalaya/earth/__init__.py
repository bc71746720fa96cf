"""The figure of the Earth, the ground on it, and lines of sight to it.

In: longitudes, latitudes and heights with their datum; attitudes and gimbal angles as in MISB ST 0601;
rasters of heights. Out: Cartesian positions, directions, and the place where a line of sight meets a surface.
WGS 84 (NGA.STND.0036), EGM96 for mean sea level.

Names that need numba or rasterio are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.earth.attitude import (
    angles_zyx,
    azimuth_elevation,
    boresight_ned,
    camera_to_ned,
    corners_in_camera,
    direction,
    pixel_in_camera,
    rotation_zyx,
)
from atalaya.earth.camera import Lens, Pose
from atalaya.earth.ellipsoid import (
    ecef_to_geodetic,
    enu_basis,
    geodesic,
    geodetic_to_ecef,
    ned_basis,
    up_vector,
)
from atalaya.earth.footprint import Footprint, VisibleCells, footprint_of, visible_cells
from atalaya.earth.geoid import HeightDatum, converted_height_m, require_same_datum, undulation_m
from atalaya.earth.ground_sample import GroundSample, ground_sample_of
from atalaya.earth.lens import Brown, Fisheye, Pinhole
from atalaya.earth.rolling_shutter import RollingShutter
from atalaya.earth.sightline import point_at_height, range_to_height
from atalaya.earth.surface import Hits, HitStatus, LevelSurface, Surface, SurfaceKind

if TYPE_CHECKING:
    from atalaya.earth.rough_terrain import RoughTerrain, rough_ground
    from atalaya.earth.terrain import STANDARD_REFRACTION, Terrain
    from atalaya.earth.viewshed import Sight, Viewshed, line_of_sight, viewshed_from

_HEAVY = {
    "RoughTerrain": "rough_terrain",
    "STANDARD_REFRACTION": "terrain",
    "Sight": "viewshed",
    "Terrain": "terrain",
    "Viewshed": "viewshed",
    "line_of_sight": "viewshed",
    "rough_ground": "rough_terrain",
    "viewshed_from": "viewshed",
}

__all__ = [
    "STANDARD_REFRACTION",
    "Brown",
    "Fisheye",
    "Footprint",
    "GroundSample",
    "HeightDatum",
    "HitStatus",
    "Hits",
    "Lens",
    "LevelSurface",
    "Pinhole",
    "Pose",
    "RollingShutter",
    "RoughTerrain",
    "Sight",
    "Surface",
    "SurfaceKind",
    "Terrain",
    "Viewshed",
    "VisibleCells",
    "angles_zyx",
    "azimuth_elevation",
    "boresight_ned",
    "camera_to_ned",
    "converted_height_m",
    "corners_in_camera",
    "direction",
    "ecef_to_geodetic",
    "enu_basis",
    "footprint_of",
    "geodesic",
    "geodetic_to_ecef",
    "ground_sample_of",
    "line_of_sight",
    "ned_basis",
    "pixel_in_camera",
    "point_at_height",
    "range_to_height",
    "require_same_datum",
    "rotation_zyx",
    "rough_ground",
    "undulation_m",
    "up_vector",
    "viewshed_from",
    "visible_cells",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.earth.{_HEAVY[name]}"), name)
