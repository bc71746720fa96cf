"""Nets that ship: weights of the project's own, each with its card, made by `tools.train_detector` and
`tools.train_chips`.
"""

from importlib.resources import as_file, files

from atalaya.detect.onnx_model import OnnxDetector, load_onnx


def vehicles_ir() -> OnnxDetector:
    """Vehicles in thermal pictures."""
    return _shipped("vehicles_ir")


def mines() -> OnnxDetector:
    """Open mines in Sentinel-2 composites."""
    return _shipped("mines")


def _shipped(name: str) -> OnnxDetector:
    with as_file(files("atalaya.detect.models") / name) as folder:
        return load_onnx(folder)
