"""Cutting a picture never changes what a local detector claims."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.detect.candidates import Candidates
from atalaya.detect.cards.network import Tiling
from atalaya.detect.onnx_model import OnnxDetector
from atalaya.detect.tile import Tile
from atalaya.detect.tiling import windows
from tests.nets import loaded, properties, spots


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> OnnxDetector:
    folder: Path = tmp_path_factory.mktemp("spots")
    card = properties(
        {"car": "vehicle"}, {"kind": "centre", "stride": 4, "overlap": 1.0}, **{"atalaya:threshold": 0.3}
    )
    return loaded(folder, spots(), card)


def cut(detector: OnnxDetector, tile: Tile, core: int, halo: int = 8) -> Candidates:
    from dataclasses import replace

    tiling = Tiling(core=core, halo=halo, multiple=4)
    return OnnxDetector(replace(detector.net, tiling=tiling), detector.session).detect(tile)


@pytest.mark.proves("MDL-004")
@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 130),
    columns=st.integers(1, 130),
    core=st.integers(1, 140),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_tile_size_gives_the_same_claims(
    detector: OnnxDetector, rows: int, columns: int, core: int, seed: int
) -> None:
    array = np.random.default_rng(seed).random((rows, columns), np.float32) ** 8
    tile = Tile(array, "IR")
    whole, tiles = cut(detector, tile, 0), cut(detector, tile, core)
    assert tiles.box.tobytes() == whole.box.tobytes()
    assert np.allclose(tiles.score, whole.score, rtol=0, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    rows=st.integers(1, 300), columns=st.integers(1, 300), core=st.integers(16, 100), halo=st.integers(0, 40),
    multiple=st.sampled_from([1, 4, 16]), seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_every_point_has_one_owner(
    rows: int, columns: int, core: int, halo: int, multiple: int, seed: int
) -> None:
    point = np.random.default_rng(seed).uniform(-5.0, max(rows, columns) + 5.0, (40, 2))
    point[:20] = np.floor(point[:20]) - 0.5  # on the seams
    tiles = list(windows((rows, columns), core, halo, multiple))
    owners = sum(each.owns(point).astype(int) for each in tiles)
    assert np.all(owners == 1)
    assert all(each.rows[0] % multiple == 0 and each.columns[0] % multiple == 0 for each in tiles)
