"""The renderer as a whole: the same bytes however it is asked, bounded memory, cameras that see no ground."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose
from atalaya.earth.lens import Brown, Pinhole
from atalaya.sim.camera import Picture, Renderer
from atalaya.sim.scene.scene import Scene
from atalaya.sim.texture import GroundTexture
from atalaya.sim.weather import Weather
from tests.plain_country import NORTH_M, WEST_M
from tests.range_pictures import DAY_US, EO, IR, on_ground, renderer, rough, toward

EAST, NORTH = WEST_M + 3700.0, NORTH_M - 2300.0
LENS = Pinhole.from_fov(320, 180, 8.0)


def bytes_of(picture: Picture) -> str:
    rows = picture.sightings
    parts = (picture.luma, picture.cb, picture.cr, rows.index, rows.box, rows.visible_px, rows.column)
    return sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def asked(shown: Renderer, number: int) -> str:
    """Picture of a flight past a village, two minutes of light changing half-way."""
    pose = toward(rough(1), WEST_M + 1200.0 + 40.0 * number, NORTH_M - 2900.0, 5.0 * number, 40.0, 3000.0)
    return bytes_of(shown.picture(LENS, pose, DAY_US + 10_000_000 * number, number))


@pytest.mark.proves("CAM-003")
@pytest.mark.parametrize("look", [EO, IR], ids=["EO", "IR"])
def test_the_same_bytes_on_any_threads_in_any_order_with_any_memory(look: object) -> None:
    numbers = list(range(12))
    wanted = [asked(shown, n) for shown in (renderer(rough(1), look=look),) for n in numbers]  # type: ignore[arg-type]
    assert len(set(wanted)) == len(wanted)
    for workers, order in ((2, numbers), (3, numbers[::-1])):
        shown = renderer(rough(1), look=look)  # type: ignore[arg-type]
        # hardly room for one picture: tiles are thrown out and baked again
        shown.texture = GroundTexture(rough(1), Scene(), Weather(), look.kind, slots=8)  # type: ignore[attr-defined]
        with ThreadPoolExecutor(workers) as pool:
            found = dict(zip(order, pool.map(asked, [shown] * len(order), order), strict=True))
        assert [found[n] for n in numbers] == wanted
    other = renderer(rough(1), look=look, seed=4)  # type: ignore[arg-type]
    assert asked(other, 0) != wanted[0]


def test_memory_stays_as_it_is_over_a_long_flight() -> None:
    shown = renderer(rough(1))
    shown.texture = GroundTexture(rough(1), Scene(), Weather(), "EO", slots=48)
    lens = Pinhole.from_fov(160, 90, 0.9)
    for number in range(60):
        place = WEST_M + 1500.0 + 80.0 * number, NORTH_M - 4000.0
        shown.picture(
            lens, toward(rough(1), *place, 3.0 * number, 45.0, 3000.0), DAY_US + number * 7_000_000, number
        )
    assert shown.texture.baked > 100
    assert len(shown.texture.values) == 48


def test_tiles_of_a_failed_picture_do_not_stay() -> None:
    shown = renderer(rough(1))
    shown.texture = GroundTexture(rough(1), Scene(), Weather(), "EO", slots=12)
    asked(shown, 0)
    bake = shown.texture._bake

    def fails(*_: object) -> None:
        raise MemoryError

    shown.texture._bake = fails  # type: ignore[method-assign]
    for number in (3, 4, 5):
        with pytest.raises(MemoryError):
            asked(shown, number)
    shown.texture._bake = bake  # type: ignore[method-assign]
    assert not shown.texture._pinned.any()
    assert asked(shown, 6) == asked(renderer(rough(1)), 6)


def test_cameras_that_see_no_ground_see_sky() -> None:
    shown = renderer(replace(rough(1)), look=replace(EO, noise=0.0))
    down = toward(rough(1), EAST, NORTH, 0.0, 60.0, 3000.0)
    up = Pose(down.origin_m, down.camera_to_ecef * [-1.0, 1.0, -1.0])
    away = Pose(down.origin_m + 200_000.0 * down.camera_to_ecef[:, 1], down.camera_to_ecef)
    below = Pose(on_ground(rough(1), np.array(EAST), np.array(NORTH), -300.0), down.camera_to_ecef)
    lost = Pose(np.full(3, np.nan), down.camera_to_ecef)
    turned = Pose(down.origin_m, np.full((3, 3), np.nan))
    nowhere = Pose(np.zeros(3), down.camera_to_ecef)
    for pose in (up, away, below, lost, turned, nowhere):
        picture = shown.picture(LENS, pose, DAY_US, 0)
        assert len(picture.sightings) == 0
        assert np.ptp(picture.luma) == 0
        assert picture.luma[0, 0] > 16
        assert np.isnan(shown.depth_m(LENS, pose, DAY_US)).all()


def test_a_horizon_parts_ground_from_sky() -> None:
    shown = renderer(rough(1), look=replace(EO, noise=0.0))
    pose = toward(rough(1), EAST, NORTH, 0.0, 4.0, 3000.0)
    depth = shown.depth_m(Pinhole.from_fov(320, 180, 30.0), pose, DAY_US)
    assert np.isnan(depth[0]).any()
    assert np.isfinite(depth[-1]).all()


@pytest.mark.parametrize(
    "lens",
    [
        Brown(320, 180, 900.0, 900.0, 159.5, 89.5, k1=-0.1),
        Pinhole.from_fov(321, 180, 8.0),
        Pinhole.from_fov(320, 181, 8.0),
    ],
    ids=["distorted", "odd width", "odd height"],
)
def test_lenses_it_cannot_show_are_refused(lens: Pinhole) -> None:
    with pytest.raises(BadInput) as refused:
        renderer(rough(1)).picture(lens, toward(rough(1), EAST, NORTH, 0.0, 60.0, 3000.0), DAY_US, 0)
    assert refused.value.code == "CAM-001"
