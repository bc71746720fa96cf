"""Products on disk: cloud-optimised, datums, frame and time; whole or not at all; mosaics by best look."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.earth.ortho import mosaic as mosaic_module
from atalaya.earth.ortho.composite import NO_TIME, Feather
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import Grid, grid_of_frames
from atalaya.earth.ortho.mosaic import MosaicFiles, Preference, View, write_mosaic
from atalaya.earth.ortho.orthophoto import CellState, orthophoto
from atalaya.earth.ortho.product import write_orthophoto
from atalaya.earth.ortho.quality import FirstOrderError, Looks
from atalaya.earth.rough_terrain import rough_ground
from atalaya.earth.surface import LevelSurface
from tests.ortho_oracle import Floats
from tests.plain_camera import PlainLens, looking_at, texture

MIDDLE = (-106.95, 25.95)
LENS = PlainLens(500, 400, 700.0)
START_US = 1_700_000_000_000_000
TERRAIN = rough_ground(np.random.default_rng(5), posts=361, deviation_m=120.0).terrain()
LEVEL = LevelSurface(1500.0)


def frame(rgb: bool = False) -> Frame:
    height = float(TERRAIN.height_hae_m(*MIDDLE))
    image = texture(400, 500)
    pixels = np.dstack((image, image[::-1], 255 - image)) if rgb else image
    return Frame(pixels, LENS, looking_at(*MIDDLE, height, 30.0, 35.0, 2500.0), START_US, "clip#7")


@pytest.mark.parametrize("rgb", [False, True])
def test_the_files_of_an_orthophoto(tmp_path: Path, rgb: bool) -> None:
    told: list[float] = []
    one = frame(rgb)
    made = write_orthophoto(
        one, TERRAIN, tmp_path / "new" / "area.tif", cell_m=2.0, error=FirstOrderError(3.0, 0.2, 6.0),
        progress=told.append,
    )  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "area.quality.tif", "area.state.tif", "area.tif",
    ]  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == 1.0
    memory = orthophoto(one, TERRAIN, made.grid)
    with rasterio.open(made.image) as file:
        np.testing.assert_array_equal(file.read(), memory.image)
        np.testing.assert_array_equal(file.dataset_mask() > 0, memory.seen)
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.overviews(1)
        tags = file.tags()
        assert file.crs.to_epsg() == 32613
        assert file.transform.a == 2.0
        assert list(file.descriptions) == (["red", "green", "blue"] if rgb else ["grey"])
    assert tags["FRAME_ID"] == "clip#7"
    assert tags["ACQUIRED"] == "2023-11-14T22:13:20.000000Z"
    assert tags["T_US"] == str(START_US)
    assert tags["HORIZONTAL_CRS"] == "EPSG:32613"
    assert "EPSG:4979" in tags["VERTICAL_CRS"]
    assert tags["SURFACE"] == TERRAIN.source
    with rasterio.open(made.state) as file:
        np.testing.assert_array_equal(file.read(1), memory.state)
        assert "2=occluded" in file.tags()["STATE_VALUES"]
    with rasterio.open(made.quality) as file:
        quality = file.read()
        assert file.transform.a == 16.0
        assert (file.width, file.height) == (-(-made.grid.width // 8), -(-made.grid.height // 8))
    known = np.isfinite(quality[0])
    np.testing.assert_array_equal(known, np.isfinite(quality[1]))
    assert 0.2 < known.mean() < 0.95
    assert (quality[1][known] > 0).all()
    assert np.mean(memory.seen) == pytest.approx(made.seen_share)


class Broken:
    """An error function that fails in the middle of the work."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, looks: Looks) -> Floats:
        self.calls += 1
        if self.calls > 1:
            raise OSError("no space left on device")
        return np.ones(len(looks.range_m))


def test_a_failure_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "area.tif"
    target.write_bytes(b"older")
    with pytest.raises(AtalayaError) as error:
        write_orthophoto(frame(), TERRAIN, target, cell_m=1.0, error=Broken())
    assert error.value.code == "EAR-085"
    assert "no space" in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["area.tif"]
    assert target.read_bytes() == b"older"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(AtalayaError) as error:
        write_orthophoto(frame(), TERRAIN, tmp_path / "file" / "area.tif", cell_m=4.0)
    assert error.value.code == "EAR-085"


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    first = write_orthophoto(frame(), TERRAIN, tmp_path / "a.tif", cell_m=3.0)
    second = write_orthophoto(frame(), TERRAIN, tmp_path / "b.tif", cell_m=3.0)
    assert first.image.read_bytes() == second.image.read_bytes()
    assert first.state.read_bytes() == second.state.read_bytes()


def strip(count: int = 4, seconds: float = 10.0) -> list[View]:
    """Frames along a line to the north, each 60 degrees down, overlapping by half."""
    return [
        View(
            LENS,
            looking_at(MIDDLE[0], MIDDLE[1] + 0.004 * n, 1500.0, 90.0, 60.0, 1500.0),
            START_US + round(n * seconds * 1e6),
            f"f{n}",
        )
        for n in range(count)
    ]


def flat_pictures(count: int) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    return [np.full((400, 500), 40 * (n + 1), np.uint8) for n in range(count)]


def opened(made: MosaicFiles) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, str]]:  # type: ignore[type-arg]
    with rasterio.open(made.image) as file:
        image, tags = file.read(1), file.tags()
    with rasterio.open(made.looks) as file:
        looks = file.read()
    with rasterio.open(made.quality) as file:
        quality = file.read()
    return image, looks, quality, tags


def test_every_cell_of_a_mosaic_is_of_its_best_look(tmp_path: Path) -> None:
    views = strip()
    made = write_mosaic(
        views, iter(flat_pictures(4)), LEVEL, tmp_path / "all.tif", cell_m=4.0, quality_step=1
    )
    image, (state, number, time_ms), quality, tags = opened(made)
    seen = state == CellState.SEEN
    np.testing.assert_array_equal(image[seen], 40 * number[seen])
    np.testing.assert_array_equal(time_ms[seen], 10_000 * (number[seen] - 1))
    assert (number[~seen] == 0).all()
    assert (time_ms[~seen] == NO_TIME).all()
    assert set(np.unique(number)) == {0, 1, 2, 3, 4}
    # each frame alone: the mosaic's quality is the best of them
    pictures = zip(views, flat_pictures(4), strict=True)
    singles = [
        write_orthophoto(
            Frame(image_, view.lens, view.pose), LEVEL, tmp_path / f"{n}.tif", grid=made.grid, quality_step=1
        )
        for n, (view, image_) in enumerate(pictures)
    ]
    alone = []
    for one in singles:
        with rasterio.open(one.quality) as file:
            alone.append(file.read())
    cost = [np.log(q[0]) - np.log(np.sin(np.radians(q[2]))) for q in alone]
    best = np.nanmin(np.where(np.isnan(cost), np.inf, cost), axis=0)
    mine = np.log(quality[0]) - np.log(np.sin(np.radians(quality[2])))
    np.testing.assert_allclose(mine[seen], best[seen], atol=1e-4)
    np.testing.assert_array_equal(seen, np.isfinite(best))
    assert tags["BLENDING"].startswith("none")
    assert tags["ACQUIRED"] == "2023-11-14T22:13:20.000000Z/2023-11-14T22:13:50.000000Z"
    table = json.loads(made.frames.read_text())
    assert [row["frame_id"] for row in table["frames"]] == ["f0", "f1", "f2", "f3"]
    assert [row["cells"] for row in table["frames"]] == [int((number == n).sum()) for n in (1, 2, 3, 4)]


def test_the_order_of_frames_does_not_matter_without_feathering(tmp_path: Path) -> None:
    views, pictures = strip(), flat_pictures(4)
    first = write_mosaic(views, pictures, LEVEL, tmp_path / "a.tif", cell_m=4.0)
    second = write_mosaic(views[::-1], pictures[::-1], LEVEL, tmp_path / "b.tif", grid=first.grid)
    np.testing.assert_array_equal(opened(first)[0], opened(second)[0])


def test_age_decides_when_asked_to(tmp_path: Path) -> None:
    view = strip(1)[0]
    old, new = replace(view, t_us=START_US), replace(view, t_us=START_US + 7_200_000_000, frame_id="new")
    pictures = flat_pictures(2)
    taste = Preference(age_per_hour=1.0)
    for order in (1, -1):
        made = write_mosaic(
            [old, new][::order], pictures[::order], LEVEL, tmp_path / "x.tif", cell_m=4.0, preference=taste
        )
        assert set(np.unique(opened(made)[0])) == {0, 80}


def test_feathering_stays_within_frames_and_times_and_says_so(tmp_path: Path) -> None:
    views, pictures = strip(seconds=10.0), flat_pictures(4)
    hard = write_mosaic(views, pictures, LEVEL, tmp_path / "hard.tif", cell_m=4.0)
    soft = write_mosaic(
        views, pictures, LEVEL, tmp_path / "soft.tif", grid=hard.grid, feather=Feather(20, within_s=15.0)
    )
    image, (state, number, _), _, tags = opened(soft)
    mixed = state == CellState.BLENDED
    assert 0.01 < soft.blended_share < 0.6
    assert "15 s apart" in tags["BLENDING"]
    plain = state == CellState.SEEN
    np.testing.assert_array_equal(image[plain], 40 * number[plain])
    np.testing.assert_array_equal(plain | mixed, opened(hard)[1][0] == CellState.SEEN)
    far_apart = write_mosaic(
        views, pictures, LEVEL, tmp_path / "far.tif", grid=hard.grid, feather=Feather(20, within_s=5.0)
    )
    assert far_apart.blended_share == 0.0
    np.testing.assert_array_equal(opened(far_apart)[0], opened(hard)[0])


def test_bad_frames_are_refused_and_the_rest_is_done(tmp_path: Path) -> None:
    views, pictures = strip(), flat_pictures(4)
    pictures[1] = pictures[1][:100]
    views[2] = replace(views[2], pose=looking_at(*MIDDLE, 1500.0, 90.0, -40.0, 100.0))
    grid = grid_of_frames([(view.lens, view.pose) for view in strip()], LEVEL, cell_m=4.0)
    made = write_mosaic(views, pictures, LEVEL, tmp_path / "rest.tif", grid=grid)
    assert [(name, error.code) for name, error in made.refused] == [("f1", "EAR-084"), ("f2", "EAR-080")]
    table = json.loads(made.frames.read_text())["frames"]
    assert [row.get("refused") for row in table] == [None, "EAR-084", "EAR-080", None]
    assert set(np.unique(opened(made)[1][1])) == {0, 1, 4}


@pytest.mark.parametrize("pictures", [0, 3, 5])
def test_pictures_and_views_must_be_as_many(tmp_path: Path, pictures: int) -> None:
    with pytest.raises(BadInput) as error:
        write_mosaic(strip(), flat_pictures(pictures), LEVEL, tmp_path / "no.tif", cell_m=8.0)
    assert error.value.code == "EAR-087"
    assert list(tmp_path.iterdir()) == []


def test_only_windows_are_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mosaic much larger than its blocks: no array of the whole grid is ever made."""
    monkeypatch.setattr(mosaic_module, "BLOCK_CELLS", 128)
    views = strip(2)
    largest = 0
    real_zeros = np.zeros

    def watched(shape: object, *rest: object, **named: object) -> object:
        nonlocal largest
        made = real_zeros(shape, *rest, **named)  # type: ignore[call-overload]
        largest = max(largest, made.nbytes)
        return made

    monkeypatch.setattr(np, "zeros", watched)
    made = write_mosaic(views, flat_pictures(2), LEVEL, tmp_path / "big.tif", cell_m=1.0)
    assert made.grid.width * made.grid.height > 50 * 128 * 128
    assert largest <= 8 * 128 * 128


def test_unknown_times_are_told_as_unknown(tmp_path: Path) -> None:
    views = [replace(view, t_us=None) for view in strip(2)]
    made = write_mosaic(
        views, flat_pictures(2), LEVEL, tmp_path / "x.tif", cell_m=4.0, feather=Feather(20, within_s=1e9)
    )
    assert (opened(made)[1][2] == NO_TIME).all()
    assert made.blended_share == 0.0


def test_a_given_grid_is_used(tmp_path: Path) -> None:
    grid = Grid("EPSG:32613", 304_000.0, 2_872_000.0, 5.0, 130, 90)
    made = write_orthophoto(frame(), TERRAIN, tmp_path / "a.tif", grid=grid)
    with rasterio.open(made.image) as file:
        assert (file.width, file.height, file.transform.c, file.transform.f) == (
            130,
            90,
            304_000.0,
            2_872_000.0,
        )
