"""Orthophotos: cells per second with the occlusion test, equality with a slow oracle, files."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atalaya.earth.lens import Brown, Pinhole
from atalaya.earth.ortho import CellState, FirstOrderError, Frame, Grid, grid_of_frame, write_orthophoto
from atalaya.earth.ortho.orthophoto import BLOCK_CELLS, Projector
from atalaya.earth.rough_terrain import RoughTerrain, rough_ground
from atalaya.earth.terrain import Terrain
from bench.measure import Measure
from tests.ortho_oracle import truth
from tests.plain_camera import looking_at

ROOM = "ortho"
WIDTH, HEIGHT = 5472, 3648
SIDE = 3000
SENSOR_ABOVE_M = 4800.0
SAMPLE = 6000
MEGA = 1e6


def measures() -> Iterator[Measure]:
    """Every measure of the room."""
    rough = rough_ground(np.random.default_rng(1), posts=1201)
    terrain = rough.terrain()
    for depression, goal in ((90.0, None), (60.0, None), (45.0, 40.0), (30.0, None)):
        yield speed(terrain, depression, goal)
    yield speed(terrain, 45.0, None, test=False)
    yield speed(terrain, 45.0, None, bands=3)
    yield speed(terrain, 45.0, None, brown=True)
    yield from equality(rough, terrain)
    yield writing(terrain)


@dataclass(frozen=True)
class Scene:
    """A frame of 20 megapixels and a square of cells its middle fills."""

    frame: Frame
    grid: Grid


def scene(terrain: Terrain, depression_deg: float, *, bands: int = 1, brown: bool = False) -> Scene:
    """A view whose pixels are about a metre at its middle."""
    lon, lat = -107.0 + 600 / 3600, 26.0 - 600 / 3600
    height = float(terrain.height_hae_m(lon, lat))
    away = SENSOR_ABOVE_M / np.sin(np.radians(depression_deg))
    pose = looking_at(lon, lat, height, 30.0, depression_deg, away)
    middle = (WIDTH - 1) / 2.0, (HEIGHT - 1) / 2.0
    numbers = (WIDTH, HEIGHT, away, away, *middle)
    lens = Brown(*numbers, k1=-0.05, k2=0.01) if brown else Pinhole(*numbers)
    shape = (HEIGHT, WIDTH, bands) if bands > 1 else (HEIGHT, WIDTH)
    image = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    frame = Frame(image, lens, pose)
    whole = grid_of_frame(lens, pose, terrain, cell_m=1.0, range_limit_m=3.0 * away)
    column, row = (int(part) for part in whole.cells(lon, lat))
    return Scene(frame, whole.window(row - SIDE // 2, column - SIDE // 2, SIDE, SIDE))


def cpu_best_of(times: int, action: Callable[[], object]) -> float:
    """Seconds of this thread's processor time, the best of several runs: others' load does not count."""
    best = np.inf
    for _ in range(times):
        start = time.thread_time()
        action()
        best = min(best, time.thread_time() - start)
    return float(best)


def speed(
    terrain: Terrain,
    depression: float,
    goal: float | None,
    *,
    test: bool = True,
    bands: int = 1,
    brown: bool = False,
) -> Measure:
    """Cells per second: heights, projection, occlusion, sampling, block by block."""
    one = scene(terrain, depression, bands=bands, brown=brown)
    projector = Projector(one.frame, terrain, one.grid, occlusion_test=test)
    states = np.zeros(len(CellState), np.int64)

    def run() -> None:
        states[:] = 0
        for _, _, part in one.grid.windows(BLOCK_CELLS):
            state = projector.block(part).state
            states[:] += np.bincount(state.ravel(), minlength=len(states))

    run()
    seconds = cpu_best_of(4, run)
    share = states / states.sum()
    kind = "RGB" if bands == 3 else "Brown lens" if brown else "grey"
    name = f"orthophoto, {kind}, {depression:g} deg down" + ("" if test else ", no occlusion test")
    note = (
        f"rough ground; seen {share[CellState.SEEN]:.0%}, occluded {share[CellState.OCCLUDED]:.1%}, "
        f"outside {share[CellState.OUTSIDE]:.0%}; processor time"
    )
    return Measure(ROOM, name, one.grid.width * one.grid.height / seconds / MEGA, "Mcells/s", goal, note=note)


def equality(rough: RoughTerrain, terrain: Terrain) -> Iterator[Measure]:
    """State and value of sampled cells against the line walked in steps of half a metre."""
    right = total = 0
    worst = 0.0
    for seed, depression in enumerate((60.0, 45.0, 30.0)):
        one = scene(terrain, depression)
        generator = np.random.default_rng(seed)
        part = one.grid.window(800, 800, 1024, 1024)
        made = Projector(one.frame, terrain, one.grid).block(part)
        column, row = generator.integers(0, 1024, (2, SAMPLE))
        told = truth(one.frame, rough, part, column.astype(float), row.astype(float), 0.5)
        state = made.state[row, column]
        hidden = told.clearance_m < -0.01
        expected = np.where(hidden, CellState.OCCLUDED, CellState.SEEN)
        expected = np.where(told.inside_px < 0.0, CellState.OUTSIDE, expected)
        right += int((state == expected).sum())
        total += SAMPLE
        seen = (state == CellState.SEEN) & (expected == CellState.SEEN)
        miss = np.abs(made.image[0, row, column] - told.value[:, 0])[seen]
        worst = max(worst, float(miss.max(initial=0.0)))
    yield Measure(ROOM, "state equal to the oracle's", 100.0 * right / total, "%", 99.9)
    yield Measure(ROOM, "largest difference of value (0.5 is rounding)", worst, "grey levels", 0.55, "less")


def writing(terrain: Terrain) -> Measure:
    """A whole product: image, state and quality with error band, as compressed COGs."""
    one = scene(terrain, 45.0)
    with tempfile.TemporaryDirectory(prefix="atalaya-bench-") as folder:
        target = Path(folder) / "area.tif"
        error = FirstOrderError(3.0, 0.2, 6.0)

        def run() -> None:
            write_orthophoto(one.frame, terrain, target, grid=one.grid, error=error)

        seconds = cpu_best_of(2, run)
    note = "noise picture: the hardest to compress; processor time"
    return Measure(
        ROOM, "three COGs written, error band included", one.grid.width * one.grid.height / seconds / MEGA,
        "Mcells/s", note=note,
    )  # fmt: skip
