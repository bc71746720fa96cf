"""How a camera turns what it receives into steps of a video signal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.material import by_code
from atalaya.sim.texture.ground_texture import Kind

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

_GAMMA = 1.0 / 2.2


@dataclass(frozen=True, slots=True)
class CameraLook:
    """How a camera shows what it receives.

    Args:
        kind: "EO" in colour, "IR" white hot.
        blur_px: deviation of its blur beyond that of a pixel.
        noise: deviation of its noise, steps of 256.
    """

    kind: Kind
    blur_px: float = 0.6
    noise: float = 1.6


def blur_taps(blur_px: float) -> NDArray[np.float32]:
    """Five weights of a blur, as a middle and two sides."""
    sides = np.exp(-0.5 * (np.arange(3) / max(blur_px, 1e-3)) ** 2)
    return np.asarray(sides / (sides[0] + 2.0 * sides[1:].sum()), np.float32)


def display_of(kind: Kind) -> tuple[Bytes, Floats, Floats]:
    """Steps of video luma over 4096 of light, and the chroma of each material per step (BT.601)."""
    scale = np.linspace(0.0, 1.0, 4096)
    if kind == "IR":
        return (16.0 + 219.0 * scale).astype(np.uint8), np.zeros(256), np.zeros(256)
    luma = np.maximum(by_code("luma"), 1e-3)
    # gamma brings colours nearer to grey
    blue = 0.564 * _GAMMA * (by_code("blue") - luma) / luma * (by_code("luma") > 0.0)
    red = 0.713 * _GAMMA * (by_code("red") - luma) / luma * (by_code("luma") > 0.0)
    return (16.0 + 219.0 * scale**_GAMMA).astype(np.uint8), blue, red
