"""Nets in ONNX files as detectors: `load_onnx(folder)` with `model.onnx` and `card.json` side by side.

What comes in: a folder, a picture as `Tile`. What goes out: `Candidates`. The processor alone computes, one
thread per detector, so that several may work at once. Opset and intermediate representation follow what the
installed ONNX Runtime reads; data outside the model's file are refused.
"""

from atalaya.detect.onnx_model.detector import OnnxDetector, load_onnx

__all__ = ["OnnxDetector", "load_onnx"]
