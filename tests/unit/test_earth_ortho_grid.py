"""The output grid: zones, cells and places, what a frame covers, what is refused."""

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import geodesic
from atalaya.earth.ortho.grid import Grid, grid_of_frame, utm_crs
from atalaya.earth.surface import LevelSurface
from tests.plain_camera import PlainLens, looking_at

LENS = PlainLens(640, 480, 800.0)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (-107.0, 25.0, 32613),
        (-70.0, -33.0, 32719),
        (179.9, 1.0, 32660),
        (-180.0, 1.0, 32601),
        (180.0, 1.0, 32601),
    ],
)
def test_the_zone_of_a_place(lon: float, lat: float, code: int) -> None:
    assert utm_crs(lon, lat) == f"EPSG:{code}"


def test_cells_and_places_are_inverse_and_an_integer_is_the_middle_of_a_cell() -> None:
    grid = Grid("EPSG:32613", 300_000.0, 2_770_000.0, 2.5, 400, 300)
    assert grid.east_north(0, 0) == (300_001.25, 2_769_998.75)
    column, row = np.array([0.0, 17.25, 399.0]), np.array([0.0, 100.5, 299.0])
    back = grid.cells(*grid.lon_lat(column, row))
    np.testing.assert_allclose(back, (column, row), atol=1e-6)


def test_windows_cover_every_cell_once() -> None:
    grid = Grid("EPSG:32613", 300_000.0, 2_770_000.0, 2.5, 1000, 700)
    count = np.zeros((700, 1000), int)
    for row, column, part in grid.windows(256):
        count[row : row + part.height, column : column + part.width] += 1
        np.testing.assert_allclose(part.lon_lat(0, 0), grid.lon_lat(column, row), atol=1e-12)
    assert (count == 1).all()


def test_the_grid_of_a_frame_holds_its_corners_and_has_the_pixels_size() -> None:
    pose = looking_at(-107.0, 25.0, 1000.0, 40.0, 60.0, 3000.0)
    surface = LevelSurface(1000.0)
    grid = grid_of_frame(LENS, pose, surface)
    assert grid.crs == "EPSG:32613"
    assert grid.cell_m == pytest.approx(3000.0 / 800.0, rel=0.1)
    corner = np.array([0.0, 639.0, 639.0, 0.0]), np.array([0.0, 0.0, 479.0, 479.0])
    hits = surface.hits(pose.origin_m, LENS.directions(*corner) @ pose.camera_to_ecef.T)
    column, row = grid.cells(hits.lon_deg, hits.lat_deg)
    assert column.min() > 0
    assert row.min() > 0
    assert column.max() < grid.width - 1
    assert row.max() < grid.height - 1
    # and is not much larger than the view
    wide, _ = geodesic(*grid.lon_lat(0, 0), *grid.lon_lat(grid.width - 1, 0))
    assert wide < 1.05 * np.ptp(column) * grid.cell_m + 8 * grid.cell_m


def test_a_range_limit_cuts_a_view_near_the_horizon() -> None:
    pose = looking_at(-107.0, 25.0, 0.0, 40.0, 8.0, 9000.0)
    whole = grid_of_frame(LENS, pose, LevelSurface(0.0), cell_m=50.0)
    near = grid_of_frame(LENS, pose, LevelSurface(0.0), cell_m=50.0, range_limit_m=12_000.0)
    assert near.height < 0.2 * whole.height


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2227", "nonsense"])  # degrees, feet, unknown
def test_systems_without_metres_are_refused(crs: str) -> None:
    pose = looking_at(-107.0, 25.0, 1000.0, 40.0, 60.0, 3000.0)
    with pytest.raises(BadInput) as error:
        grid_of_frame(LENS, pose, LevelSurface(1000.0), crs=crs)
    assert error.value.code == "EAR-082"


def test_a_look_at_the_sky_is_refused() -> None:
    pose = looking_at(-107.0, 25.0, 1000.0, 40.0, -60.0, 30.0)
    with pytest.raises(BadInput) as error:
        grid_of_frame(LENS, pose, LevelSurface(900.0))
    assert error.value.code == "EAR-080"


def test_an_absurd_size_is_refused() -> None:
    pose = looking_at(-107.0, 25.0, 0.0, 40.0, 8.0, 9000.0)
    with pytest.raises(BadInput) as error:
        grid_of_frame(LENS, pose, LevelSurface(0.0), cell_m=0.05)
    assert error.value.code == "EAR-081"
