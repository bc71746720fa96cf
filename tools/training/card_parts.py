"""Parts of cards that all trained nets share."""

from typing import Any

FORBIDDEN = (
    "Search for, tracking or identification of persons; nomination of targets. A claim is a sign among others"
    " and names no site by itself."
)


def tensor(shape: list[int], order: list[str]) -> dict[str, Any]:
    """A structure of the Machine Learning Model extension."""
    return {"shape": shape, "dim_order": order, "data_type": "float32"}


def net_properties(
    name: str, architecture: str, bands: list[str], classes: list[str], channels: int, parameters: int
) -> dict[str, Any]:
    """Name, input and output of a fully convolutional net."""
    planes = ["batch", "bands", "height", "width"]
    return {
        "mlm:name": name,
        "mlm:architecture": architecture,
        "mlm:tasks": ["object-detection"],
        "mlm:framework": "onnx",
        "mlm:total_parameters": parameters,
        "mlm:input": [{"name": "x", "bands": bands, "input": tensor([1, len(bands), -1, -1], planes)}],
        "mlm:output": [
            {
                "name": "y",
                "tasks": ["object-detection"],
                "result": tensor([1, channels, -1, -1], ["batch", "channel", "height", "width"]),
                "classification:classes": [{"value": n, "name": each} for n, each in enumerate(classes)],
            }
        ],
    }
