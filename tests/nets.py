"""Tiny nets with known answers, and cards for them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from atalaya.detect.cards import card_json, stac_item
from atalaya.detect.onnx_model import OnnxDetector, load_onnx


def properties(classes: dict[str, str], decoder: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Properties of a card; classes by evidence, "" for none."""
    rows = [{"value": n, "name": name} for n, name in enumerate(classes)]
    return {
        "mlm:name": "toy",
        "mlm:architecture": "convolution",
        "mlm:tasks": ["object-detection"],
        "mlm:input": [
            {
                "name": "x",
                "bands": ["grey"],
                "input": {
                    "shape": [1, 1, -1, -1],
                    "dim_order": ["batch", "bands", "height", "width"],
                    "data_type": "float32",
                },
            }
        ],
        "mlm:output": [
            {
                "name": "y",
                "tasks": ["object-detection"],
                "result": {
                    "shape": [1, -1, -1, -1],
                    "dim_order": ["batch", "channel", "height", "width"],
                    "data_type": "float32",
                },
                "classification:classes": rows,
            }
        ],
        "atalaya:version": "1",
        "atalaya:kinds": ["IR"],
        "atalaya:unit": ["DN"],
        "atalaya:evidence": {name: sign for name, sign in classes.items() if sign},
        "atalaya:threshold": 0.5,
        "atalaya:tile": {"core": 64, "halo": 16, "multiple": 4, "whole_most_px": 1_000_000},
        "atalaya:decoder": decoder,
        "atalaya:performance": [
            {"condition": "toy", "threshold": [0.5], "pd": [1.0], "false_alarms": [0.0], "per": "image"}
        ],
        "atalaya:training": {"data": "none", "licence": "CC0"},
        "atalaya:intended": "tests",
        "atalaya:forbidden": "anything else",
        **changed,
    }


def model_bytes(
    nodes: list[Any],
    initializers: dict[str, NDArray[Any]],
    outputs: list[str],
    ir: int = 10,
    opset: int = 17,
    shape: tuple[Any, ...] = (1, 1, "h", "w"),
) -> bytes:
    """A serialised model from float x to float outputs."""
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in initializers.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = ir
    return bytes(model.SerializeToString())


def fixed_answer(answers: dict[str, NDArray[np.float32]]) -> bytes:
    """A model that answers the same whatever it sees; x is used so that no runtime warns of it."""
    nodes = [
        helper.make_node("ReduceMin", ["x"], ["least"], keepdims=0),
        helper.make_node("Mul", ["least", "nought"], ["zero"]),
    ]
    nodes += [helper.make_node("Add", [f"{name}_value", "zero"], [name]) for name in answers]
    values: dict[str, NDArray[Any]] = {f"{name}_value": value for name, value in answers.items()}
    return model_bytes(nodes, {"nought": np.float32(0.0), **values}, list(answers))


def spots() -> bytes:
    """A local detector of stride 4: the brightest of 4x4 pixels, blurred over cells; boxes of 8 pixels."""
    kernel = np.full((1, 1, 3, 3), 1 / 16, np.float32)
    kernel[0, 0, 1, 1] = 0.5
    nodes = [
        helper.make_node("MaxPool", ["x"], ["cells"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Conv", ["cells", "kernel"], ["heat"], pads=[1, 1, 1, 1]),
        helper.make_node("Mul", ["heat", "nought"], ["zero"]),
        helper.make_node("Add", ["zero", "side"], ["sides"]),
        helper.make_node("Concat", ["heat", "sides", "sides", "sides", "sides"], ["y"], axis=1),
    ]
    values: dict[str, NDArray[Any]] = {"kernel": kernel, "nought": np.float32(0.0), "side": np.float32(4.0)}
    return model_bytes(nodes, values, ["y"])


def folder_with(folder: Path, model: bytes, card: dict[str, Any]) -> Path:
    """Write both files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model)
    item = stac_item(card, "model.onnx", hashlib.sha256(model).hexdigest())
    (folder / "card.json").write_text(card_json(item), encoding="utf-8")
    return folder


def loaded(folder: Path, model: bytes, card: dict[str, Any]) -> OnnxDetector:
    """The detector of both."""
    return load_onnx(folder_with(folder, model, card))


def copied(card: dict[str, Any]) -> dict[str, Any]:
    """A deep copy through JSON."""
    found: dict[str, Any] = json.loads(json.dumps(card))
    return found


__all__ = ["copied", "fixed_answer", "folder_with", "loaded", "model_bytes", "onnx", "properties", "spots"]
