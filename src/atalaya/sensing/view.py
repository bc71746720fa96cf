"""What a sensor of a platform sees of real ground: its footprint on terrain, and which cells are in sight."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import camera_to_ned
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef, ned_basis
from atalaya.earth.footprint import FARTHEST_M, PER_SIDE, Footprint, footprint_of
from atalaya.earth.lens import Pinhole
from atalaya.earth.surface import Surface
from atalaya.sensing.platform import FieldOfView

if TYPE_CHECKING:
    from atalaya.earth.terrain import Terrain
    from atalaya.sensing.map_grid import MapGrid


def sensor_pose(
    lon_deg: float,
    lat_deg: float,
    height_hae_m: float,
    *,
    heading_deg: float = 0.0,
    pitch_deg: float = 0.0,
    roll_deg: float = 0.0,
    bearing_relative_deg: float = 0.0,
    depression_deg: float = 90.0,
) -> Pose:
    """The pose of a sensor: the body's attitude and the gimbal's angles together, as MISB ST 0601 adds them.

    Args:
        bearing_relative_deg, depression_deg: of the gimbal, from the body's axes.
    """
    turned = camera_to_ned(heading_deg, pitch_deg, roll_deg, bearing_relative_deg, -depression_deg, 0.0)
    return Pose(geodetic_to_ecef(lon_deg, lat_deg, height_hae_m), ned_basis(lon_deg, lat_deg) @ turned)


def footprint_on(
    surface: Surface,
    fov: FieldOfView,
    pose: Pose,
    *,
    per_side: int = PER_SIDE,
    farthest_m: float = FARTHEST_M,
) -> Footprint:
    """The border of a frame on the ground, with the Earth's figure, and refraction where the terrain has
    it.
    """
    lens = Pinhole.from_fov(fov.columns, fov.rows, fov.horizontal_deg, fov.vertical_deg)
    return footprint_of(lens, pose, surface, per_side=per_side, farthest_m=farthest_m)


def cells_in_sight(
    terrain: "Terrain",
    grid: "MapGrid",
    lon_deg: float,
    lat_deg: float,
    height_hae_m: float,
    *,
    above_m: float = 2.0,
) -> NDArray[np.uint8]:
    """(rows, columns) `earth.Sight` of the middles of a map's cells from one place.

    Args:
        above_m: height over the ground of what is to be seen.
    """
    lon, lat = (part.ravel() for part in grid.middles())
    observer = geodetic_to_ecef(lon_deg, lat_deg, height_hae_m)
    seen = terrain.sightlines(lon, lat, observer, above_m=above_m)
    return np.asarray(seen, np.uint8).reshape(grid.shape)
