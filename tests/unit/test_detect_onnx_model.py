"""Nets in folders: what is loaded, how each kind of answer is read, what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from atalaya.base.errors import AtalayaError, BadInput, NotFound, VerificationFailed
from atalaya.detect import Detector, Tile, admitted
from atalaya.detect.cards import card_json, stac_item
from atalaya.detect.onnx_model import load_onnx
from atalaya.detect.onnx_model.decode import oriented_corners
from tests.nets import fixed_answer, folder_with, loaded, model_bytes, onnx, properties, spots

CENTRE = {"kind": "centre", "stride": 4}
PICTURE = Tile(np.zeros((40, 48), np.uint8), "IR")


def toy(classes: dict[str, str] | None = None, **changed: Any) -> dict[str, Any]:
    return properties(classes or {"car": "vehicle"}, CENTRE, **changed)


def one_spot(row: int, column: int, rows: int = 40, columns: int = 48) -> Tile:
    array = np.zeros((rows, columns), np.float32)
    array[row, column] = 1.0
    return Tile(array, "IR")


def shape_of(output: dict[str, Any], axes: list[str]) -> None:
    output["result"] = {"shape": [-1] * len(axes), "dim_order": axes, "data_type": "float32"}


def test_a_folder_is_a_detector(tmp_path: Path) -> None:
    detector = loaded(tmp_path, spots(), toy())
    assert isinstance(detector, Detector)
    found = detector.detect(one_spot(10, 21), detector.prepare(None))  # type: ignore[arg-type]
    assert found.score.tolist() == [0.5]
    # the cell of rows 8 .. 11 and columns 20 .. 23, boxes of 8 pixels around its middle
    assert found.box.tolist() == [[17.5, 5.5, 25.5, 13.5]]


def test_boxes_are_clipped_to_the_picture(tmp_path: Path) -> None:
    found = loaded(tmp_path, spots(), toy()).detect(one_spot(0, 47))
    assert found.box.tolist() == [[41.5, -0.5, 47.5, 5.5]]


def test_pixels_without_data_claim_nothing(tmp_path: Path) -> None:
    detector = loaded(tmp_path, spots(), toy())
    tile = one_spot(10, 21)
    holed = tile.array.copy()
    holed[30, 30] = np.nan
    assert len(detector.detect(Tile(holed, "IR"))) == 1
    valid = np.ones(tile.shape, np.bool_)
    valid[5:15, 15:25] = False
    assert len(detector.detect(Tile(tile.array, "IR", valid=valid))) == 0
    assert len(detector.detect(Tile(np.full((20, 20), np.nan, np.float32), "IR"))) == 0


def test_known_scale_resamples_the_picture(tmp_path: Path) -> None:
    card = toy(**{"atalaya:scale": {"gsd_m": 0.2, "factor": 1.0}, "atalaya:gsd_m": [0.05, 1.0]})
    detector = loaded(tmp_path, spots(), card)
    array = np.zeros((80, 96), np.float32)
    array[20:22, 42:44] = 1.0
    found = detector.detect(Tile(array, "IR", gsd_m=0.1))
    assert found.box.tolist() == [[35.5, 11.5, 51.5, 27.5]]
    with pytest.raises(BadInput, match="MDL-017"):
        detector.detect(Tile(array, "IR", gsd_m=2.0))


@pytest.mark.parametrize(
    "tile",
    [
        Tile(np.zeros((8, 8), np.uint8), "EO"),
        Tile(np.zeros((8, 8), np.float32), "IR", unit="K"),
        Tile(np.zeros((8, 8, 5), np.uint8), "IR"),
        Tile(np.zeros((0, 8), np.uint8), "IR"),
    ],
)
def test_a_picture_the_card_does_not_ask_for_is_refused(tmp_path: Path, tile: Tile) -> None:
    with pytest.raises(BadInput, match="MDL-017"):
        loaded(tmp_path, spots(), toy()).detect(tile)


@pytest.mark.proves("MDL-002")
def test_a_model_with_a_person_class_cannot_hand_persons_on(tmp_path: Path) -> None:
    answer = np.zeros((1, 6, 10, 12), np.float32)
    answer[0, 0, 2, 2], answer[0, 1, 5, 5], answer[0, 2:] = 0.9, 0.8, 4.0
    detector = loaded(tmp_path, fixed_answer({"y": answer}), toy({"person": "", "car": "vehicle"}))
    found = detector.detect(PICTURE)
    assert sorted(found.label.tolist()) == [0, 1]
    passed = admitted(found, detector.card, PICTURE.shape)
    assert passed.candidates.label.tolist() == [1]
    assert passed.dropped == 1


YOLO = np.array([[20, 10, 8, 4, 0.1, 0.9], [21, 10, 8, 4, 0.2, 0.8], [30, 30, 6, 6, 0.7, 0.1]], np.float32)


@pytest.mark.parametrize("boxes_last", [True, False])
def test_yolo_either_way_round(tmp_path: Path, boxes_last: bool) -> None:
    card = properties({"roof": "roof", "car": "vehicle"}, {"kind": "yolo", "overlap": 0.5})
    answer = YOLO.T[None] if boxes_last else YOLO[None]
    shape_of(
        card["mlm:output"][0], ["batch", *(["channel", "boxes"] if boxes_last else ["boxes", "channel"])]
    )
    found = loaded(tmp_path, fixed_answer({"y": np.ascontiguousarray(answer)}), card).detect(PICTURE)
    assert found.label.tolist() == [1, 0]
    assert found.box.tolist() == [[15.5, 7.5, 23.5, 11.5], [26.5, 26.5, 32.5, 32.5]]


def test_older_yolo_has_objectness_and_may_be_normalised(tmp_path: Path) -> None:
    card = properties({"car": "vehicle"}, {"kind": "yolo", "objectness": True, "normalised": True})
    shape_of(card["mlm:output"][0], ["batch", "boxes", "channel"])
    rows = np.array([[[0.5, 0.5, 0.25, 0.5, 0.8, 0.9], [0.5, 0.5, 0.25, 0.5, 0.5, 0.9]]], np.float32)
    found = loaded(tmp_path, fixed_answer({"y": rows}), card).detect(Tile(np.zeros((40, 48), np.uint8), "IR"))
    assert found.score.tolist() == pytest.approx([0.72])
    assert found.box.tolist() == [[17.5, 9.5, 29.5, 29.5]]


def test_oriented_boxes_stay_polygons(tmp_path: Path) -> None:
    card = properties({"car": "vehicle"}, {"kind": "yolo-obb", "overlap": 0.3})
    shape_of(card["mlm:output"][0], ["batch", "boxes", "channel"])
    # two long boxes side by side, askew: their upright hulls overlap by far more than 0.3, they do not
    turned = [
        [20, 20, 20, 4, 0.9, np.pi / 4],
        [24, 16, 20, 4, 0.8, np.pi / 4],
        [20.5, 20, 20, 4, 0.7, np.pi / 4],
    ]
    rows = np.array([turned], np.float32)
    found = loaded(tmp_path, fixed_answer({"y": rows}), card).detect(PICTURE)
    assert found.score.tolist() == pytest.approx([0.9, 0.8])
    assert found.corners is not None
    sides = np.linalg.norm(np.diff(found.corners[0], axis=0), axis=1)
    assert sides.tolist() == pytest.approx([20, 4, 20], abs=1e-4)
    half = 10 / np.sqrt(2) + 2 / np.sqrt(2)
    assert found.box[0].tolist() == pytest.approx(
        [19.5 - half, 19.5 - half, 19.5 + half, 19.5 + half], abs=1e-4
    )


def test_an_angle_turns_columns_towards_rows() -> None:
    corners = oriented_corners(np.zeros((1, 2), np.float32), np.array([[2, 1]], np.float32),
                               np.array([np.pi / 2], np.float32))  # fmt: skip
    assert np.abs(corners[0] - [[1, -2], [1, 2], [-1, 2], [-1, -2]]).max() < 1e-6


def boxes_card(**decoder: Any) -> dict[str, Any]:
    card = properties({"roof": "roof", "car": "vehicle"},
                      {"kind": "boxes", "boxes": "b", "scores": "s", "overlap": 1.0, **decoder})  # fmt: skip
    card["mlm:output"][0]["name"] = "b"
    shape_of(card["mlm:output"][0], ["batch", "boxes", "channel"])
    return card


def test_boxes_scores_labels(tmp_path: Path) -> None:
    answers = {
        "b": np.array([[[0, 0, 10, 10], [5, 5, 15, 15], [1, 1, 2, 2]]], np.float32),
        "s": np.array([[0.9, 0.6, 0.95]], np.float32),
        "l": np.array([[2, 1, 9]], np.float32),
    }
    card = boxes_card(labels="l", first_label=1)
    found = loaded(tmp_path, fixed_answer(answers), card).detect(PICTURE)
    assert found.label.tolist() == [1, 0]  # the label beyond the card's classes is nothing
    assert found.box[0].tolist() == [-0.5, -0.5, 9.5, 9.5]


def test_boxes_with_scores_by_class_and_middles(tmp_path: Path) -> None:
    answers = {
        "b": np.array([[[0.5, 0.5, 0.25, 0.5]]], np.float32),
        "s": np.array([[[-2.0, 3.0]]], np.float32),
    }
    card = boxes_card(normalised=True, corners=False, logits=True)
    found = loaded(tmp_path, fixed_answer(answers), card).detect(PICTURE)
    assert found.label.tolist() == [1]
    assert found.score[0] == pytest.approx(1 / (1 + np.exp(-3.0)))
    assert found.box.tolist() == [[17.5, 9.5, 29.5, 29.5]]


def test_cells_claim_windows(tmp_path: Path) -> None:
    answer = np.zeros((1, 1, 10, 12), np.float32)
    answer[0, 0, 5, 6] = 0.9
    card = properties({"pit": "pit"}, {"kind": "cells", "stride": 4, "window": 16})
    found = loaded(tmp_path, fixed_answer({"y": answer}), card).detect(PICTURE)
    assert found.box.tolist() == [[17.5, 13.5, 33.5, 29.5]]


@pytest.mark.parametrize(
    "answer",
    [np.zeros((1, 4, 10, 12), np.float32), np.zeros((2, 5, 10, 12), np.float32), np.zeros(5, np.float32)],
)
def test_an_answer_of_another_shape_is_explained(tmp_path: Path, answer: np.ndarray[Any, Any]) -> None:
    with pytest.raises(BadInput, match="MDL-018"):
        loaded(tmp_path, fixed_answer({"y": answer}), toy()).detect(PICTURE)


def test_an_answer_that_is_no_number_is_explained(tmp_path: Path) -> None:
    answer = np.full((1, 5, 10, 12), np.nan, np.float32)
    with pytest.raises(BadInput, match="MDL-019"):
        loaded(tmp_path, fixed_answer({"y": answer}), toy()).detect(PICTURE)


@pytest.mark.proves("MDL-003")
def test_a_model_that_is_not_the_cards_is_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, spots(), toy())
    (folder / "model.onnx").write_bytes(spots() + b" ")
    with pytest.raises(VerificationFailed, match="MDL-011"):
        load_onnx(folder)
    (folder / "model.onnx").unlink()
    with pytest.raises(NotFound, match="MDL-010"):
        load_onnx(folder)


@pytest.mark.proves("MDL-003")
def test_data_outside_the_file_are_refused(tmp_path: Path) -> None:
    model = onnx.load_from_string(spots())
    tensor = numpy_helper.from_array(np.full((1, 1, 3, 3), 0.1, np.float32), "kernel")
    onnx.external_data_helper.set_external_data(tensor, "../elsewhere.bin")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    model.graph.initializer[0].CopyFrom(tensor)
    with pytest.raises(BadInput, match="MDL-013"):
        loaded(tmp_path, model.SerializeToString(), toy())


@pytest.mark.proves("MDL-003")
def test_data_outside_are_found_in_constants_of_branches_too(tmp_path: Path) -> None:
    tensor = TensorProto(data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    constant = helper.make_node("Constant", [], ["c"], value=tensor)
    branch = helper.make_graph([constant], "branch", [], [])
    model = model_bytes(
        [helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)], {}, ["y"]
    )
    with pytest.raises(BadInput, match="MDL-013"):
        loaded(tmp_path, model, toy())


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (b"", "MDL-012"),
        (b"not a model", "MDL-012"),
        (model_bytes([helper.make_node("Relu", ["x"], ["y"])], {}, ["y"], ir=99), "MDL-014"),
        (model_bytes([helper.make_node("Relu", ["x"], ["y"])], {}, ["y"], opset=99), "MDL-014"),
        (model_bytes([helper.make_node("NoSuch", ["x"], ["y"])], {}, ["y"]), "MDL-015"),
        (model_bytes([helper.make_node("Relu", ["x"], ["z"])], {}, ["z"]), "MDL-016"),
        (model_bytes([helper.make_node("Relu", ["x"], ["y"])], {}, ["y"], shape=(1, 3, "h", "w")), "MDL-016"),
        (model_bytes([helper.make_node("Relu", ["x"], ["y"])], {}, ["y"], shape=(1, 1, 64, 64)), "MDL-016"),
    ],
)
def test_a_model_that_cannot_be_run_is_explained(tmp_path: Path, model: bytes, code: str) -> None:
    with pytest.raises(AtalayaError) as caught:
        loaded(tmp_path, model, toy())
    assert caught.value.code == code


def test_a_fixed_input_is_tiled(tmp_path: Path) -> None:
    card = toy(**{"atalaya:tile": {"core": 0, "halo": 8, "multiple": 4}})
    card["mlm:input"][0]["input"]["shape"] = [1, 1, 32, 32]
    model = onnx.load_from_string(spots())
    for axis, side in ((2, 32), (3, 32)):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = side
    detector = loaded(tmp_path, model.SerializeToString(), card)
    array = np.zeros((70, 90), np.float32)
    places = [(3, 3), (15, 16), (33, 47), (66, 86), (16, 60)]
    for row, column in places:
        array[row, column] = 1.0
    found = detector.detect(Tile(array, "IR"))
    assert len(found) == len(places)


def test_a_quantised_model_runs_as_it_is(tmp_path: Path) -> None:
    steps = {
        "step": np.float32(1 / 255),
        "nought": np.uint8(0),
        "side": np.float32(4.0),
        "none": np.float32(0.0),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "step", "nought"], ["short"]),
        helper.make_node("DequantizeLinear", ["short", "step", "nought"], ["long"]),
        helper.make_node("MaxPool", ["long"], ["heat"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Mul", ["heat", "none"], ["zero"]),
        helper.make_node("Add", ["zero", "side"], ["sides"]),
        helper.make_node("Concat", ["heat", "sides", "sides", "sides", "sides"], ["y"], axis=1),
    ]
    found = loaded(tmp_path, model_bytes(nodes, steps, ["y"]), toy()).detect(one_spot(10, 21))
    assert found.box.tolist() == [[17.5, 5.5, 25.5, 13.5]]


def test_one_picture_gives_one_answer(tmp_path: Path) -> None:
    detector = loaded(tmp_path, spots(), toy())
    tile = Tile(np.random.default_rng(1).random((100, 120), np.float32), "IR")
    first, second = detector.detect(tile), detector.detect(tile)
    assert first.box.tobytes() == second.box.tobytes()
    assert first.score.tobytes() == second.score.tobytes()


def test_a_card_for_another_model_says_so(tmp_path: Path) -> None:
    card = toy()
    card["mlm:output"][0]["name"] = "boxes"
    with pytest.raises(BadInput, match="MDL-016"):
        loaded(tmp_path, spots(), card)
    (tmp_path / "card.json").write_text(card_json(stac_item(card, "model.onnx", "0" * 64)), "utf-8")
    with pytest.raises(VerificationFailed, match="MDL-011"):
        load_onnx(tmp_path)
