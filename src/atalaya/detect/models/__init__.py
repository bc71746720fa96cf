"""Nets that ship: weights of the project's own, each with its card, made by `tools.train_detector`,
`tools.train_chips` and `tools.train_range`.
"""

from importlib.resources import as_file, files

from atalaya.detect.onnx_model import OnnxDetector, load_onnx


def vehicles_ir() -> OnnxDetector:
    """Vehicles in thermal pictures."""
    return _shipped("vehicles_ir")


def mines() -> OnnxDetector:
    """Open mines in Sentinel-2 composites."""
    return _shipped("mines")


def range_signs_eo() -> OnnxDetector:
    """Signs of facilities in day pictures of the digital range."""
    return _shipped("range_signs_eo")


def _shipped(name: str) -> OnnxDetector:
    with as_file(files("atalaya.detect.models") / name) as folder:
        return load_onnx(folder)
