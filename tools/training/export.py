"""From a fitted net to `model.onnx`: opset 17, weights in half precision, widened when the model is opened.

ONNX Runtime folds the widening away once, so that the speed is that of single precision at half the size.
"""

import io
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

OPSET = 17
IR = 10


class Answering(nn.Module):  # type: ignore[misc]
    """A net whose scores are probabilities: the first channel through the logistic function."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, 1 + ..., h, w) with probabilities first."""
        answer = self.net(x)
        return torch.cat((torch.sigmoid(answer[:, :1]), answer[:, 1:]), dim=1)


def export(net: nn.Module, bands: int, side: int, path: Path, name: str, *, ready: bool = False) -> int:
    """Write the net as ONNX with free height and width; its size in bytes is handed back.

    Args:
        ready: its answer holds probabilities already.
    """
    buffer = io.BytesIO()
    torch.onnx.export(
        net.eval() if ready else Answering(net).eval(),
        (torch.zeros(1, bands, side, side),),
        buffer,
        dynamo=False,
        opset_version=OPSET,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": {2: "height", 3: "width"}, "y": {2: "rows", 3: "columns"}},
    )
    model = onnx.load_from_string(buffer.getvalue())
    _halved(model)
    model.ir_version, model.producer_name, model.producer_version = IR, "atalaya", ""
    model.graph.name = name
    model.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    data = model.SerializeToString(deterministic=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return len(data)


def _halved(model: onnx.ModelProto) -> None:
    """Weights of more than a few numbers are kept as float16, each followed by a cast."""
    casts = []
    for number, tensor in enumerate(model.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < 64:
            continue
        short = f"{tensor.name}.half"
        casts.append(helper.make_node("Cast", [short], [tensor.name], to=TensorProto.FLOAT))
        model.graph.initializer[number].CopyFrom(numpy_helper.from_array(values.astype(np.float16), short))
    for node in reversed(casts):
        model.graph.node.insert(0, node)
