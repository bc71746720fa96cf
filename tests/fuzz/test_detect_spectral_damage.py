"""Small cubes full of NaN, infinities, repeated bands or huge numbers: scores or a declared error."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect import Context, Tile
from atalaya.detect.change import logratio_cfar, radar_change
from atalaya.detect.gas import gas_columns
from atalaya.detect.spectral import angle, anomaly_score, local_rx, scores
from atalaya.detect.spectral.detectors import PushBroomAnomaly

Cube = NDArray[np.generic]

SHAPES = ((3, 3, 5), (1, 50, 4), (50, 1, 4), (6, 7, 90), (2, 2, 3), (40, 40, 1), (33, 20, 60))
DAMAGE: dict[str, Callable[[NDArray[np.float64], np.random.Generator], Cube]] = {
    "whole": lambda x, rng: x.clip(0, 255).astype(np.uint8),
    "some NaN": lambda x, rng: np.where(rng.random(x.shape) < 0.05, np.nan, x),
    "mostly NaN": lambda x, rng: np.where(rng.random(x.shape) < 0.7, np.nan, x),
    "infinite": lambda x, rng: np.where(rng.random(x.shape) < 0.02, np.inf, x).astype(np.float32),
    "huge": lambda x, rng: (x * 1e30).astype(np.float32),
    "one band": lambda x, rng: np.repeat(x[..., :1], x.shape[2], axis=2),
}


def flown(cube: Cube) -> object:
    detector = PushBroomAnomaly()
    return detector.detect(Tile(cube, "HSI"), detector.prepare(Context("HSI", *cube.shape[:2])))


ACTIONS: dict[str, Callable[[Cube], object]] = {
    "anomaly": anomaly_score,
    "scores": lambda cube: scores(cube, np.arange(1.0, cube.shape[2] + 1.0)),
    "angle": lambda cube: angle(cube, np.ones(cube.shape[2])),
    "local": lambda cube: local_rx(cube, 3, 5, most=2),
    "strip": flown,
    "gas": lambda cube: gas_columns(cube, -np.arange(1.0, cube.shape[2] + 1.0), by_column=True),
    "radar": lambda cube: radar_change(cube[..., 0], cube[..., -1]),
    "cfar": lambda cube: logratio_cfar(cube[..., 0], cube[..., -1]),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ACTIONS)
def test_damage_ends_in_scores_or_a_declared_error(name: str, damage: str) -> None:
    rng = np.random.default_rng(len(name) + len(damage))
    for shape in SHAPES:
        cube = DAMAGE[damage](rng.normal(size=shape) * 50.0 + 100.0, rng)
        try:
            ACTIONS[name](cube)
        except BadInput as error:
            assert error.code.startswith("SPC-0")  # noqa: PT017
