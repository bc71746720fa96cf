"""Every cell of an orthophoto against the slow way: value, frame edge, ground in between, unknown ground."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Lens
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import Grid, grid_of_frame
from atalaya.earth.ortho.orthophoto import CellState, Projector, orthophoto
from atalaya.earth.ortho.reduced import reduced, reduction
from atalaya.earth.rough_terrain import RoughTerrain, rough_ground
from atalaya.earth.surface import Hits, LevelSurface, SurfaceKind
from atalaya.earth.terrain import Terrain
from tests.ortho_oracle import Floats, truth
from tests.plain_camera import BarrelLens, PlainLens, RoundLens, looking_at, texture

MIDDLE = (-106.95, 25.95)
ROUGH = rough_ground(np.random.default_rng(5), posts=361, deviation_m=120.0)
ALPINE = rough_ground(np.random.default_rng(6), posts=361, deviation_m=400.0)


def camera(
    rough: RoughTerrain, depression: float, lens: Lens, range_m: float = 3500.0, rgb: bool = False
) -> Frame:
    height = float(rough.terrain().height_hae_m(*MIDDLE))
    pose = looking_at(*MIDDLE, height, 30.0, depression, range_m)
    image = texture(lens.height, lens.width)
    return Frame(np.dstack((image, image[::-1], 255 - image)) if rgb else image, lens, pose)


def compare(frame: Frame, rough: RoughTerrain, cells: int = 4000, cell_m: float = 3.0) -> float:
    """Check a sample of cells; the share hidden."""
    terrain = rough.terrain()
    grid = grid_of_frame(frame.lens, frame.pose, terrain, cell_m=cell_m, range_limit_m=7000.0)
    made = orthophoto(frame, terrain, grid)
    generator = np.random.default_rng(3)
    column = generator.integers(0, grid.width, cells)
    row = generator.integers(0, grid.height, cells)
    told = truth(frame, rough, grid, column.astype(float), row.astype(float))
    state = made.state[row, column]
    known = np.isfinite(told.clearance_m)
    edge = 0.0 if isinstance(frame.lens, PlainLens) else 0.02  # a table knows the frame's edge this well
    assert (state[known & (told.inside_px < -edge)] == CellState.OUTSIDE).all()
    in_frame = known & (told.inside_px > edge)
    hidden = in_frame & (told.clearance_m < -0.1)
    free = in_frame & (told.clearance_m >= 0.0)
    assert np.isin(state[in_frame], (CellState.SEEN, CellState.OCCLUDED)).all()
    # between its steps the oracle misses a crest by some centimetres: a few cells in a thousand
    assert np.mean(state[hidden] == CellState.OCCLUDED) >= 0.998 if hidden.any() else True
    assert np.mean(state[free] == CellState.SEEN) >= 0.995
    seen = in_frame & (state == CellState.SEEN)
    miss = np.abs(made.image[:, row, column].T - told.value)[seen]
    assert miss.max() <= 0.55 + float(not isinstance(frame.lens, PlainLens))
    assert (made.image[:, made.state != CellState.SEEN] == 0).all()
    return float(np.mean(hidden[in_frame]))


@pytest.mark.parametrize("depression", [90.0, 60.0, 35.0])
def test_cells_equal_the_slow_way(depression: float) -> None:
    compare(camera(ROUGH, depression, PlainLens(700, 500, 900.0)), ROUGH)


def test_low_looks_leave_shadows() -> None:
    assert compare(camera(ALPINE, 18.0, PlainLens(700, 300, 1500.0)), ALPINE) > 0.05


def test_colour_and_cells_as_large_as_posts() -> None:
    compare(camera(ROUGH, 40.0, PlainLens(700, 500, 900.0), rgb=True), ROUGH, cell_m=25.0)


@pytest.mark.parametrize("lens", [BarrelLens(700, 500, 900.0), RoundLens(700, 500, 260.0)])
def test_lenses_that_bend(lens: Lens) -> None:
    compare(camera(ROUGH, 55.0, lens, range_m=2500.0), ROUGH)


def test_blocks_join_without_seams() -> None:
    frame = camera(ROUGH, 30.0, PlainLens(700, 500, 900.0))
    terrain = ROUGH.terrain()
    grid = grid_of_frame(frame.lens, frame.pose, terrain, cell_m=4.0, range_limit_m=6000.0)
    whole = Projector(frame, terrain, grid).block(grid)
    same_state = same_value = 0.0
    for row, column, part in grid.windows(160):
        made = Projector(frame, terrain, grid).block(part)
        at = np.s_[row : row + part.height, column : column + part.width]
        same_state += float((made.state == whole.state[at]).sum())
        both = made.seen & whole.seen[at]
        far = np.abs(made.image[0].astype(int) - whole.image[0][at])[both]
        assert far.max(initial=0) <= 1
        same_value += float((far == 0).sum())
    assert same_state / (grid.width * grid.height) > 0.9995
    assert same_value / whole.seen.sum() > 0.995


def test_unknown_ground_is_told_and_hides_nothing() -> None:
    heights = ROUGH.heights_m.copy()
    heights[150:200, 150:200] = np.nan
    holed = replace(ROUGH, heights_m=heights)
    frame = camera(ROUGH, 60.0, PlainLens(700, 500, 900.0))
    terrain = holed.terrain()
    grid = grid_of_frame(frame.lens, frame.pose, terrain, cell_m=4.0)
    state = orthophoto(frame, terrain, grid).state
    column, row = np.meshgrid(np.arange(grid.width), np.arange(grid.height))
    lon, lat = grid.lon_lat(column, row)
    expected = np.isnan(terrain.height_hae_m(lon, lat))
    assert expected.any()
    np.testing.assert_array_equal(state == CellState.NO_TERRAIN, expected)


def test_refraction_moves_far_ground() -> None:
    far = PlainLens(400, 300, 6000.0)
    frame = camera(ROUGH, 20.0, far, range_m=20_000.0)
    straight, bent = ROUGH.terrain(), ROUGH.terrain(refraction=0.13)
    grid = grid_of_frame(far, frame.pose, straight, cell_m=3.0)
    lon, lat = grid.lon_lat(grid.width / 2.0, grid.height / 2.0)
    # what the bent line of a pixel meets is what the orthophoto must show there: the two must agree
    hit = bent.hits(
        frame.pose.origin_m,
        far.directions(np.array([200.0]), np.array([150.0])) @ frame.pose.camera_to_ecef.T,
    )
    column, row = grid.cells(hit.lon_deg, hit.lat_deg)
    made = orthophoto(_marked(frame, 200, 150), bent, grid).image[0]
    peak = np.array(np.unravel_index(np.argmax(made), made.shape), float)
    assert np.hypot(peak[0] - row[0], peak[1] - column[0]) <= 1.5
    plain = orthophoto(_marked(frame, 200, 150), straight, grid).image[0]
    moved = np.array(np.unravel_index(np.argmax(plain), plain.shape), float)
    assert np.hypot(*(moved - peak)) * 3.0 > 3.0
    assert np.isfinite(lon + lat)


def _marked(frame: Frame, column: int, row: int) -> Frame:
    image = np.zeros_like(frame.image)
    image[row - 1 : row + 2, column - 1 : column + 2] = 120
    image[row, column] = 255
    return replace(frame, image=image)


def test_level_ground_needs_no_line_of_sight() -> None:
    lens = PlainLens(700, 500, 900.0)
    pose = looking_at(*MIDDLE, 1200.0, 200.0, 50.0, 3000.0)
    frame = Frame(texture(500, 700), lens, pose)
    surface = LevelSurface(1200.0)
    grid = grid_of_frame(lens, pose, surface, cell_m=3.0)
    made = orthophoto(frame, surface, grid)
    flat = RoughTerrain(
        np.full((361, 361), 1200.0, np.float32), ROUGH.west_deg, ROUGH.north_deg, ROUGH.step_deg
    )
    same = orthophoto(frame, flat.terrain(), grid)
    np.testing.assert_array_equal(made.state, same.state)
    assert np.abs(made.image.astype(int) - same.image).max() <= 1


class Sampled:
    """A surface of another make: all that is known of it is its heights."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain

    @property
    def kind(self) -> SurfaceKind:
        return "dtm"

    @property
    def source(self) -> str:
        return "sampled"

    def hits(self, origin_m: Floats, toward: Floats) -> Hits:
        return self._terrain.hits(origin_m, toward)

    def height_hae_m(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        return self._terrain.height_hae_m(lon_deg, lat_deg)


def test_a_surface_without_posts_is_sampled() -> None:
    terrain = ROUGH.terrain()
    frame = camera(ROUGH, 35.0, PlainLens(700, 500, 900.0))
    grid = grid_of_frame(frame.lens, frame.pose, terrain, cell_m=6.0, range_limit_m=6000.0)
    native, sampled = (
        orthophoto(frame, terrain, grid),
        orthophoto(frame, Sampled(terrain), grid, relief_step_m=6.0),
    )
    assert np.mean(native.state == sampled.state) > 0.99
    both = native.seen & sampled.seen
    # the two surfaces differ at the posts' creases by decimetres
    assert np.median(np.abs(native.image.astype(int) - sampled.image)[0][both]) <= 1


def test_coarse_cells_are_means_of_their_pixels() -> None:
    lens = PlainLens(800, 800, 1000.0)
    pose = looking_at(*MIDDLE, 1200.0, 0.0, 89.9, 1000.0)
    stripes = np.zeros((800, 800), np.uint8)
    stripes[:, ::2] = 255
    frame = Frame(stripes, lens, pose)
    surface = LevelSurface(1200.0)
    grid = grid_of_frame(lens, pose, surface, cell_m=8.2)
    factor = reduction(frame, surface, grid.cell_m)
    assert factor == 8
    made = orthophoto(reduced(frame, factor), surface, grid)
    assert np.abs(made.image[0][made.seen].astype(int) - 128).max() <= 1
    exact = orthophoto(reduced(frame, 1), surface, grid).image[0]
    assert np.ptp(exact[made.seen].astype(int)) > 200


@pytest.mark.parametrize(
    "image",
    [np.zeros((10, 10), np.uint8), np.zeros((500, 700), np.uint16), np.zeros((500, 700, 3, 1), np.uint8)],
)
def test_a_picture_that_does_not_fit_is_refused(
    image: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]",
) -> None:
    pose = looking_at(*MIDDLE, 1200.0, 0.0, 60.0, 1000.0)
    with pytest.raises(BadInput) as error:
        Frame(image, PlainLens(700, 500, 900.0), pose)
    assert error.value.code == "EAR-084"


def test_an_attitude_that_is_not_finite_is_refused() -> None:
    pose = looking_at(*MIDDLE, 1200.0, 0.0, 60.0, 1000.0)
    broken = replace(pose, camera_to_ecef=pose.camera_to_ecef * np.nan)
    with pytest.raises(BadInput) as error:
        Frame(np.zeros((500, 700), np.uint8), PlainLens(700, 500, 900.0), broken)
    assert error.value.code == "EAR-084"


def test_an_empty_part_of_the_world_is_outside() -> None:
    frame = camera(ROUGH, 60.0, PlainLens(700, 500, 900.0))
    grid = grid_of_frame(frame.lens, frame.pose, ROUGH.terrain(), cell_m=4.0)
    away = Grid(grid.crs, grid.west_m - 400_000.0, grid.north_m, 4.0, 50, 40)
    assert (orthophoto(frame, ROUGH.terrain(), away).state == CellState.NO_TERRAIN).all()
