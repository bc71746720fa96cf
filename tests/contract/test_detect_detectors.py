"""What every registered detector keeps, built in or brought along: one file for all of them."""

import pickle
from dataclasses import asdict

import numpy as np
import pytest

from atalaya.base.errors import AtalayaError
from atalaya.detect import Bands, Candidates, Context, Detector, Tile, admitted
from atalaya.detect.detector import wants_colour
from atalaya.detect.registry import card_faults, detector, detectors, names
from atalaya.sensing.evidence import evidence_types

ROWS, COLUMNS = 96, 120
DTYPE = {
    "DN": np.uint8,
    "K": np.float32,
    "radiance": np.float32,
    "reflectance": np.float32,
    "sigma0": np.float32,
}


def picture(made: Detector, seed: int, flat: bool = False) -> Tile:
    """A picture of the first kind and unit its card names, with bands and the earlier pass it may need."""
    rng = np.random.default_rng(seed)
    kind, unit = made.card.kinds[0], made.card.units[0]
    bands = 3 if wants_colour(made) else {"HSI": 60, "MSI": 3}.get(kind, 1)
    shape = (ROWS, COLUMNS) if bands == 1 else (ROWS, COLUMNS, bands)
    level = {"K": 290.0, "DN": 90.0}.get(unit, 0.3)
    noise = np.zeros(shape) if flat else rng.normal(0.0, level / 20, shape)
    array = np.abs(level + noise).astype(DTYPE[unit])
    before = np.abs(level + rng.normal(0.0, level / 20, shape)).astype(DTYPE[unit])
    middles = np.linspace(400.0, 2480.0, bands)
    spectrum = Bands(middles, np.full(bands, 40.0)) if bands > 1 else None
    least, most = made.card.gsd_m
    gsd = float(np.clip(0.3, least, most))
    return Tile(array, kind, unit, gsd_m=gsd, bands=spectrum, before=before)


def context(tile: Tile) -> Context:
    return Context(tile.kind, ROWS, COLUMNS, 30.0, tile.gsd_m, first=tile)


def answered(made: Detector, tile: Tile) -> Candidates | str:
    """The answer, or the code of the refusal."""
    try:
        return made.detect(tile, made.prepare(context(tile)))
    except AtalayaError as error:
        return error.code


@pytest.fixture(params=names(), scope="module")
def made(request: pytest.FixtureRequest) -> Detector:
    found: Detector = detector(request.param)
    return found


@pytest.mark.proves("MDL-001")
def test_all_that_are_installed_load() -> None:
    found = detectors()
    assert found.findings == ()
    assert set(found) == set(names())


@pytest.mark.proves("MDL-001")
def test_its_card_is_valid(made: Detector) -> None:
    assert isinstance(made, Detector)
    assert card_faults(made.card) == ""
    assert any(each.evidence in evidence_types() for each in made.card.classes)
    assert not any("person" in each.name.lower() and each.evidence for each in made.card.classes)


def test_its_calibration_never_falls(made: Detector) -> None:
    p = made.card.probability(np.linspace(-10.0, 10.0, 50))
    assert np.isnan(p).all() or (np.all(np.diff(p) >= 0) and p.min() >= 0 and p.max() <= 1)


@pytest.mark.parametrize("flat", [False, True])
def test_its_answer_passes_the_boundary(made: Detector, flat: bool) -> None:
    tile = picture(made, 1, flat)
    answer = answered(made, tile)
    assert isinstance(answer, Candidates), answer
    assert admitted(answer, made.card, tile.shape).fault == ""


def test_the_same_picture_gives_the_same_answer(made: Detector) -> None:
    tile = picture(made, 2)
    first, second = answered(made, tile), answered(made, tile)
    assert isinstance(first, Candidates)
    assert isinstance(second, Candidates)
    assert pickle.dumps(asdict(first)) == pickle.dumps(asdict(second))


def test_clips_do_not_touch_each_other(made: Detector) -> None:
    one, other = picture(made, 3), picture(made, 4)
    alone = answered(made, one)
    state = made.prepare(context(one))
    made.detect(other, made.prepare(context(other)))
    beside = made.detect(one, state)
    assert isinstance(alone, Candidates)
    assert pickle.dumps(asdict(alone)) == pickle.dumps(asdict(beside))


def test_a_picture_is_never_written_to(made: Detector) -> None:
    tile = picture(made, 5)
    tile.array.setflags(write=False)
    if tile.before is not None:
        tile.before.setflags(write=False)
    assert isinstance(answered(made, tile), Candidates)


def test_pixels_without_data_give_no_nan(made: Detector) -> None:
    tile = picture(made, 6)
    valid = np.ones(tile.shape, np.bool_)
    valid[: ROWS // 2] = False
    array = tile.array.copy()
    if array.dtype.kind == "f":
        array[~valid] = np.nan
    holed = Tile(array, tile.kind, tile.unit, tile.gsd_m, tile.bands, valid, tile.before)
    answer = answered(made, holed)
    assert isinstance(answer, Candidates), answer
    assert admitted(answer, made.card, tile.shape).fault == ""
