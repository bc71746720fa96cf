"""Ground sample distance, grazing angle and first-order error of looks against figures worked by hand."""

import numpy as np
import pytest

from atalaya.earth.ellipsoid import enu_basis, geodetic_to_ecef
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import grid_of_frame
from atalaya.earth.ortho.quality import FirstOrderError, Looks, quality_of
from atalaya.earth.surface import LevelSurface
from tests.plain_camera import PlainLens, looking_at


def look(depression_deg: float, slope_deg: float, height_m: float = 6000.0) -> Looks:
    """A look to the north from above flat ground or ground that rises (positive) away from the camera."""
    place = geodetic_to_ecef(-107.0, 25.0, 0.0)
    basis = enu_basis(-107.0, 25.0)
    down, slope = np.radians(depression_deg), np.radians(slope_deg)
    back = basis @ np.array([0.0, -np.cos(down), np.sin(down)])
    normal = basis @ np.array([0.0, -np.sin(slope), np.cos(slope)])
    return Looks(place[None], back[None], normal[None], np.array([height_m / np.sin(down)]))


@pytest.mark.parametrize(
    ("depression", "attitude", "slope", "ce90"),
    [
        (30, 0.2, 0, 146.87),
        (30, 0.2, 20, 101.50),
        (30, 0.2, -20, 379.04),
        (60, 0.2, 0, 56.78),
        (15, 0.05, 0, 136.70),
    ],
)
def test_first_order_error_of_worked_looks(
    depression: float, attitude: float, slope: float, ce90: float
) -> None:
    error = FirstOrderError(position_m=3.0, attitude_deg=attitude, terrain_m=6.0)
    assert error(look(depression, slope))[0] == pytest.approx(ce90, rel=2e-3)


def test_sample_distance_and_angle_on_level_ground() -> None:
    lens = PlainLens(640, 480, 800.0)
    pose = looking_at(-107.0, 25.0, 0.0, 0.0, 40.0, 2000.0)
    surface = LevelSurface(0.0)
    frame = Frame(np.zeros((480, 640), np.uint8), lens, pose)
    grid = grid_of_frame(lens, pose, surface, cell_m=2.0)
    column, row = (int(part) for part in grid.cells(-107.0, 25.0))
    middle = grid.window(row, column, 1, 1)
    found = quality_of(middle, frame, surface, 1, None)
    assert found.grazing_deg[0, 0] == pytest.approx(40.0, abs=0.1)
    assert found.gsd_m[0, 0] == pytest.approx(2000.0 / 800.0 / np.sin(np.radians(40.0)), rel=5e-3)
    assert np.isnan(found.ce90_m[0, 0])
    corner = quality_of(grid.window(0, 0, 1, 1), frame, surface, 1, None)
    assert np.isnan(corner.gsd_m[0, 0])
