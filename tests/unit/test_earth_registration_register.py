"""Whole registrations on made ground: every kind of reference, relief, other contrast, and every refusal."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import from_origin

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.ortho import Frame, Grid, Orthophoto, grid_of_frame, orthophoto, write_orthophoto
from atalaya.earth.registration import (
    OrthophotoReference,
    RasterReference,
    Registration,
    changed,
    pose_covariance,
    register,
)
from atalaya.earth.rough_terrain import rough_ground
from atalaya.earth.surface import LevelSurface, Surface
from tests.ortho_oracle import sampled
from tests.plain_camera import PlainLens, looking_at, texture

MIDDLE = (-106.95, 25.95)
LENS = PlainLens(900, 700, 1100.0)
PRIOR = pose_covariance(4.0, 0.3)
CHANGE = np.array([5.0, -4.0, 3.0, 0.35, -0.25, 0.3])
TERRAIN = rough_ground(np.random.default_rng(5), posts=361, deviation_m=80.0).terrain()
LEVEL = LevelSurface(1500.0)
SURFACES: dict[str, Surface] = {"level": LEVEL, "rough": TERRAIN}
GROUND = texture(4000, 4000, seed=9)
"""Cells of 1.5 m about the middle."""


@cache
def map_of_ground() -> Orthophoto:
    """The ground as it is, 1.5 m cells."""
    middle = Grid("EPSG:32613", 0.0, 0.0, 1.5, 1, 1)
    column, row = (float(part) for part in middle.cells(*MIDDLE))
    west, north = column * 1.5 - 3000.0, -row * 1.5 + 3000.0
    grid = Grid("EPSG:32613", west, north, 1.5, 4000, 4000)
    return Orthophoto(grid, GROUND[None], np.ones(GROUND.shape, np.uint8))


@cache
def shot(kind: str, depression_deg: float = 55.0) -> tuple[Frame, Orthophoto]:
    """A frame taken of that ground, by casting every pixel."""
    surface = SURFACES[kind]
    height = float(surface.height_hae_m(*(np.array([part]) for part in MIDDLE))[0])
    pose = looking_at(*MIDDLE, height, 20.0, depression_deg, 1700.0)
    column, row = (part.ravel() for part in np.meshgrid(np.arange(900.0), np.arange(700.0)))
    hits = surface.hits(pose.origin_m, LENS.directions(column, row) @ pose.camera_to_ecef.T)
    ground = map_of_ground()
    places = [np.clip(np.nan_to_num(part), 0, 3998) for part in ground.grid.cells(hits.lon_deg, hits.lat_deg)]
    picture = sampled(GROUND, *places).reshape(700, 900)
    return Frame(np.round(picture).astype(np.uint8), LENS, pose), ground


def errors(frame: Frame, pose: Pose, surface: Surface) -> float:
    column, row = (p.ravel() for p in np.meshgrid(np.linspace(20, 880, 9), np.linspace(20, 680, 9)))
    places = []
    for one in (frame.pose, pose):
        hits = surface.hits(one.origin_m, LENS.directions(column, row) @ one.camera_to_ecef.T)
        places.append(geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m))
    return float(np.nanmedian(np.linalg.norm(places[0] - places[1], axis=1)))


def run(frame: Frame, reference: OrthophotoReference | RasterReference, surface: Surface) -> Registration:
    return register(frame.image, LENS, changed(frame.pose, CHANGE), PRIOR, reference, surface)


def kept(result: Registration, frame: Frame, code: str) -> None:
    """The metadata's pose stays, exactly, with its covariance and the reason."""
    assert not result.accepted
    assert result.reason is not None
    assert result.reason.code == code
    assert "{" not in result.reason.message
    np.testing.assert_array_equal(result.pose.origin_m, changed(frame.pose, CHANGE).origin_m)
    np.testing.assert_array_equal(result.covariance, PRIOR)
    assert len(result.ties) == 0
    assert not result.change.any()


@pytest.mark.parametrize("kind", ["level", "rough"])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_disturbed_pose_is_found_again(kind: str, inverted: bool) -> None:
    surface = SURFACES[kind]
    frame, ground = shot(kind)
    if inverted:
        ground = replace(ground, image=255 - ground.image)
    result = run(frame, OrthophotoReference(ground, error_m=0.0), surface)
    assert result.accepted
    assert result.reason is None
    before = errors(frame, changed(frame.pose, CHANGE), surface)
    assert before > 8.0
    assert errors(frame, result.pose, surface) < 0.4
    np.testing.assert_array_less(np.diag(result.covariance), np.diag(PRIOR) + 1e-12)
    assert len(result.ties) >= 4
    # each tie's pixel truly looks at its place
    rays = LENS.directions(result.ties.column, result.ties.row) @ frame.pose.camera_to_ecef.T
    hits = surface.hits(frame.pose.origin_m, rays)
    true = geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m)
    tied = geodetic_to_ecef(result.ties.lon_deg, result.ties.lat_deg, result.ties.height_hae_m)
    good = result.ties.weight > 0.5
    assert np.median(np.linalg.norm(true - tied, axis=1)[good]) < 3.0


def test_a_raster_file_is_a_reference(tmp_path: Path) -> None:
    frame, ground = shot("level")
    grid = ground.grid
    for name, image, options in (
        ("grey.tif", ground.image, {}),
        (
            "colour.tif",
            np.concatenate((ground.image, ground.image // 2, ground.image)),
            {"photometric": "rgb"},
        ),
    ):
        with rasterio.open(
            tmp_path / name, "w", driver="GTiff", width=grid.width, height=grid.height, count=len(image),
            dtype="uint8", crs=grid.crs, transform=from_origin(grid.west_m, grid.north_m, 1.5, 1.5),
            **options,
        ) as file:  # fmt: skip
            file.write(image)
        result = run(frame, RasterReference(tmp_path / name, error_m=1.0), LEVEL)
        assert result.accepted
        assert errors(frame, result.pose, LEVEL) < 0.4


def test_a_geographic_raster_is_a_reference(tmp_path: Path) -> None:
    frame, ground = shot("level")
    step, size = 1.5 / 111_000.0, 2000
    west, north = MIDDLE[0] - 1000 * step, MIDDLE[1] + 1000 * step
    column, row = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
    c, r = ground.grid.cells(west + column * step, north - row * step)
    picture = GROUND[np.clip(np.round(r), 0, 3999).astype(int), np.clip(np.round(c), 0, 3999).astype(int)]
    with rasterio.open(
        tmp_path / "degrees.tif", "w", driver="GTiff", width=size, height=size, count=1, dtype="uint8",
        crs="EPSG:4326", transform=from_origin(west, north, step, step),
    ) as file:  # fmt: skip
        file.write(picture, 1)
    reference = RasterReference(tmp_path / "degrees.tif", error_m=1.0)
    assert reference.cell_m == pytest.approx(1.5, rel=0.1)
    result = run(frame, reference, LEVEL)
    assert result.accepted
    assert errors(frame, result.pose, LEVEL) < 1.0


def test_our_own_orthophoto_file_is_a_reference(tmp_path: Path) -> None:
    frame, _ = shot("rough")
    other, _ = shot("rough", depression_deg=75.0)
    made = write_orthophoto(other, TERRAIN, tmp_path / "other.tif", cell_m=2.0)
    result = run(frame, RasterReference(made.image, error_m=0.5), TERRAIN)
    assert result.accepted
    assert errors(frame, result.pose, TERRAIN) < 1.0


def test_the_references_own_error_is_added() -> None:
    frame, ground = shot("level")
    exact = run(frame, OrthophotoReference(ground, error_m=0.0), LEVEL)
    doubtful = run(frame, OrthophotoReference(ground, error_m=5.0), LEVEL)
    assert doubtful.accepted
    # a reference 5 m wrong says nothing better of the ground than 5 m, though attitude and place may trade
    assert np.linalg.eigvalsh(doubtful.covariance - exact.covariance).max() > 0.0
    assert np.trace(doubtful.covariance[:3, :3]) > np.trace(exact.covariance[:3, :3])


def test_a_reference_elsewhere_keeps_the_metadata() -> None:
    frame, ground = shot("level")
    grid = ground.grid
    away = replace(ground, grid=replace(grid, west_m=grid.west_m + 400.0, north_m=grid.north_m - 250.0))
    kept(run(frame, OrthophotoReference(away), LEVEL), frame, "EAR-091")


def test_a_reference_that_does_not_cover_the_frame_keeps_the_metadata() -> None:
    frame, ground = shot("level")
    away = replace(ground, grid=replace(ground.grid, west_m=ground.grid.west_m + 90_000.0))
    kept(run(frame, OrthophotoReference(away), LEVEL), frame, "EAR-090")


def test_a_bare_reference_keeps_the_metadata() -> None:
    frame, ground = shot("level")
    bare = replace(ground, image=np.full_like(ground.image, 90))
    kept(run(frame, OrthophotoReference(bare), LEVEL), frame, "EAR-091")


def test_metadata_worse_than_it_says_keeps_the_metadata() -> None:
    """The right place lies outside what the covariance allows: better nothing than a wrong correction."""
    frame, ground = shot("level")
    far = changed(frame.pose, np.array([0.0, 0.0, 0.0, 2.0, 2.0, 0.0]))
    result = register(frame.image, LENS, far, PRIOR, OrthophotoReference(ground), LEVEL)
    assert not result.accepted
    assert result.pose is far


@pytest.mark.parametrize(("turn_deg", "code"), [(1.0, "EAR-093"), (1.5, "EAR-092")])
def test_shifts_inside_the_gate_may_still_need_more_than_the_metadata_allows(
    turn_deg: float, code: str
) -> None:
    """The picture is turned: far out, ties are missing; further in, they pull where the prior does not go."""
    frame, ground = shot("level")
    turned = changed(frame.pose, np.array([0.0, 0.0, 0.0, 0.0, 0.0, turn_deg]))
    result = register(
        frame.image, LENS, turned, pose_covariance(6.0, [0.3, 0.3, 0.1]), OrthophotoReference(ground), LEVEL
    )
    assert not result.accepted
    assert result.reason is not None
    assert result.reason.code == code


def test_a_scrambled_reference_keeps_the_metadata() -> None:
    frame, ground = shot("level")
    generator = np.random.default_rng(3)
    size = 150
    image = ground.image[0].copy()
    for row in range(0, 4000 - size, size):
        for column in range(0, 4000 - size, size):
            down, right = generator.integers(-12, 13, 2)
            image[row : row + size, column : column + size] = np.roll(GROUND, (down, right), (0, 1))[
                row : row + size, column : column + size
            ]
    result = run(frame, OrthophotoReference(replace(ground, image=image[None])), LEVEL)
    if not result.accepted:
        kept(result, frame, result.reason.code if result.reason else "")
    else:  # where it agrees by luck it must still not be worse
        assert errors(frame, result.pose, LEVEL) < errors(frame, changed(frame.pose, CHANGE), LEVEL)


@pytest.mark.parametrize("kind", ["absent", "text", "placeless"])
def test_references_that_cannot_be_used(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "map.tif"
    if kind == "text":
        path.write_text("not a raster")
    if kind == "placeless":
        with pytest.warns(NotGeoreferencedWarning), rasterio.open(
            path, "w", driver="GTiff", width=8, height=8, count=1, dtype="uint8"
        ) as file:  # fmt: skip
            file.write(np.zeros((1, 8, 8), np.uint8))
    frame, _ = small()
    with pytest.raises(BadInput) as error:
        run(frame, RasterReference(path, error_m=1.0), LEVEL)
    assert error.value.code == "EAR-086"


def small() -> tuple[Frame, NDArray[np.uint8]]:
    picture = texture(700, 900)
    return Frame(picture, LENS, looking_at(*MIDDLE, 1500.0, 20.0, 55.0, 1700.0)), picture


def test_small_frames_are_registered_with_smaller_tiles() -> None:
    frame, ground = shot("level")
    grid = grid_of_frame(LENS, frame.pose, LEVEL, cell_m=8.0)
    assert min(grid.width, grid.height) < 300
    result = register(
        frame.image, LENS, changed(frame.pose, CHANGE), PRIOR, OrthophotoReference(ground), LEVEL, cell_m=8.0
    )
    assert result.accepted
    assert errors(frame, result.pose, LEVEL) < 3.0
    assert orthophoto(frame, LEVEL, grid).seen.any()
