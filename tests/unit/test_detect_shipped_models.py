"""The nets that ship: small, honest about what they never saw, the same in tiles, quick to say no."""

from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from atalaya.detect import Tile
from atalaya.detect.models import mines, vehicles_ir
from atalaya.detect.onnx_model import OnnxDetector
from atalaya.detect.onnx_model.input_counts import input_counts, input_names
from atalaya.detect.scoring.conditions import card_reference
from atalaya.detect.scoring.drift import drift


def scene(rows: int, columns: int) -> Tile:
    """Smooth ground with dark and bright boxes of the size of vehicles."""
    rng = np.random.default_rng(5)
    ground = np.kron(rng.normal(110.0, 6.0, (rows // 40 + 1, columns // 40 + 1)), np.ones((40, 40)))[
        :rows, :columns
    ]
    ground = ground + rng.normal(0.0, 2.0, (rows, columns))
    for _ in range(25):
        row, column = int(rng.integers(rows - 60)), int(rng.integers(columns - 60))
        ground[row : row + 24, column : column + 52] += rng.choice([-60.0, 70.0])
        ground[row + 4 : row + 20, column + 14 : column + 22] += 25.0
    return Tile(ground.clip(0, 255).astype(np.uint8), "IR")


@pytest.mark.parametrize("name", ["vehicles_ir", "mines"])
def test_weights_are_less_than_a_megabyte(name: str) -> None:
    assert len((files("atalaya.detect.models") / name / "model.onnx").read_bytes()) < 1e6


@pytest.mark.proves("MDL-004")
def test_tiles_and_the_whole_picture_give_the_same_vehicles() -> None:
    net = vehicles_ir()
    tile = scene(700, 900)
    cut = OnnxDetector(replace(net.net, tiling=replace(net.net.tiling, core=256, whole=0)), net.session)
    whole, tiles = net.detect(tile), cut.detect(tile)
    sure = [found.take(found.score > net.card.threshold + 1e-3) for found in (whole, tiles)]
    assert len(sure[0]) > 5
    order = [np.lexsort(each.box.round(1).T) for each in sure]
    assert np.allclose(sure[0].box[order[0]], sure[1].box[order[1]], atol=0.05)
    assert np.allclose(sure[0].score[order[0]], sure[1].score[order[1]], atol=1e-3)


def test_a_chip_alone_and_in_a_scene_score_the_same() -> None:
    net = mines()
    open_card = replace(
        net.net, card=replace(net.card, threshold=0.0), decoder=replace(net.net.decoder, overlap=1.0)
    )
    every = OnnxDetector(open_card, net.session)
    wide = np.random.default_rng(6).random((120, 120, 3), np.float32) * 0.2
    found = every.detect(Tile(wide, "MSI", "reflectance", gsd_m=10.0))
    first, last = found.box[0, [1, 0]] + 0.5, found.box[0, [3, 2]] + 0.5
    rows, columns = (slice(int(low), int(high)) for low, high in zip(first, last, strict=True))
    alone = every.detect(Tile(wide[rows, columns], "MSI", "reflectance", gsd_m=10.0))
    assert alone.score.tolist() == pytest.approx([found.score[0]], abs=1e-5)


def test_the_alarm_of_drift_hears_other_pictures() -> None:
    net = vehicles_ir().net
    known = card_reference(net.card)
    assert known is not None
    assert known.names == input_names(net)
    noise = Tile(np.random.default_rng(7).integers(0, 2, (512, 640), np.uint8) * np.uint8(255), "IR")
    assert drift(known, np.stack([input_counts(net, noise, known)])).fired
