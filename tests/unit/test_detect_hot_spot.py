"""Hot spots: small warm things are found, textured ground is not, what sticks to the picture is left out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from atalaya.detect import Candidates, Context, Tile, admitted
from atalaya.detect.thermal.hot_spot import HotSpot

ROWS, COLUMNS = 240, 320


def ground(seed: int, shift: int = 0) -> NDArray[np.float64]:
    """Smooth ground with noise, which moves with `shift`."""
    rng = np.random.default_rng(7)
    coarse = rng.normal(0.0, 3.0, (ROWS // 20 + 2, COLUMNS // 20 + 40))
    fine = np.kron(coarse, np.ones((20, 20)))[:ROWS, shift : shift + COLUMNS]
    smooth = np.cumsum(np.cumsum(fine, axis=0), axis=1)
    block = 15
    smooth = (
        smooth[block:, block:] - smooth[:-block, block:] - smooth[block:, :-block] + smooth[:-block, :-block]
    )
    whole = np.pad(smooth / block**2, ((0, block), (0, block)), mode="edge")
    return 110.0 + whole + np.random.default_rng(seed).normal(0.0, 1.5, whole.shape)


def found(picture: NDArray[np.float64], pictures: int = 1) -> Candidates:
    detector = HotSpot()
    state = detector.prepare(Context("IR", *picture.shape))
    claims = None
    for _ in range(pictures):
        tile = Tile(np.clip(picture, 0, 255).astype(np.uint8), "IR")
        claims = admitted(detector.detect(tile, state), detector.card, tile.shape)
    assert claims is not None
    assert not claims.fault
    return claims.candidates


@pytest.mark.parametrize("size", [2, 4, 8, 16])
def test_a_warm_thing_of_any_size_is_found_where_it_is(size: int) -> None:
    picture = ground(1)
    picture[100 : 100 + size, 200 : 200 + size] += 45.0
    claims = found(picture)
    assert len(claims) >= 1
    assert np.hypot(*(claims.middle[0] - [199.5 + size / 2, 99.5 + size / 2])) <= size / 2 + 1.0


def test_textured_ground_without_anything_gives_nothing() -> None:
    assert len(found(ground(2))) == 0


def test_cold_things_are_not_hot() -> None:
    picture = ground(3)
    picture[100:106, 200:206] -= 45.0
    assert not any(np.hypot(*(middle - 202.5)) < 4 for middle in found(picture).middle)


@pytest.mark.parametrize("shape", [(1, 1), (8, 300), (300, 8), (16, 16), (65, 33)])
def test_small_pictures_do_no_harm(shape: tuple[int, int]) -> None:
    found(np.full(shape, 100.0))


def test_a_saturated_picture_gives_nothing() -> None:
    assert len(found(np.full((ROWS, COLUMNS), 255.0))) == 0


def test_kelvin_and_missing_values_are_taken() -> None:
    picture = (290.0 + (ground(4) - 110.0) / 10.0).astype(np.float32)
    picture[50:60, 50:60] = np.nan
    picture[150:154, 250:254] += 15.0
    detector = HotSpot()
    claims = detector.detect(Tile(picture, "IR", "K"), detector.prepare(Context("IR", ROWS, COLUMNS)))
    assert np.hypot(*(claims.middle[0] - [251.5, 151.5])) < 3.0


def test_what_stays_in_the_picture_while_the_ground_moves_is_left_out() -> None:
    detector = HotSpot()
    state = detector.prepare(Context("IR", ROWS, COLUMNS))
    stuck, passing = [], []
    for number in range(80):
        picture = ground(number, shift=5 * number)
        picture[60:64, 80:84] += 60.0
        column = 300 - 3 * number
        if column > 8:
            picture[180:184, column : column + 4] += 60.0
        tile = Tile(np.clip(picture, 0, 255).astype(np.uint8), "IR", index=number)
        middle = detector.detect(tile, state).middle
        stuck.append(any(np.hypot(*(m - [81.5, 61.5])) < 4 for m in middle))
        passing.append(any(np.hypot(*(m - [column + 1.5, 181.5])) < 4 for m in middle))
    assert all(stuck[:20])
    assert not any(stuck[60:])
    assert np.mean(passing[35:75]) > 0.9
