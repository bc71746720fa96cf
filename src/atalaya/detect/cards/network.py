"""What a net's card says besides what every detector says: shapes, scaling, tiles, how its answer is read."""

from dataclasses import dataclass
from typing import Literal

from atalaya.detect.card import ModelCard

DecoderKind = Literal["centre", "cells", "yolo", "yolo-obb", "boxes"]
"""How an answer is read; see `onnx_model.decode`."""

ScalingKind = Literal[
    "min-max", "z-score", "clip", "clip-min", "clip-max", "offset", "scale", "frame-standard"
]
"""Steps of `mlm:input.value_scaling`; "frame-standard" stands as type "processing" in the card."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """One step from values of pixels to values of the input, for every band or for each its own.

    kind, and what it reads: min-max (minimum, maximum): (x - minimum) / (maximum - minimum); z-score (mean,
    stddev); clip (minimum, maximum); clip-min (minimum); clip-max (maximum); offset (value): x - value;
    scale (value): x / value; frame-standard (lower, upper percentile, limit): the picture's median to 0,
    a quarter of the spread between the percentiles to 1, clipped to -+limit, over the whole picture and
    never a tile.
    """

    kind: ScalingKind
    first: tuple[float, ...] = ()
    second: tuple[float, ...] = ()
    limit: float = 0.0


@dataclass(frozen=True, slots=True)
class NetInput:
    """The one input.

    Args:
        name: of the tensor; "" for the first. bands: how many and how called. dtype: of numpy.
        rows, columns: sides where they are fixed, 0 where any multiple of `Tiling.multiple` will do.
        channels_last: (n, rows, columns, bands) instead of (n, bands, rows, columns).
        scaling: steps in their order.
    """

    name: str
    bands: tuple[str, ...]
    rows: int
    columns: int
    dtype: str = "float32"
    channels_last: bool = False
    scaling: tuple[Scaling, ...] = ()


@dataclass(frozen=True, slots=True)
class NetOutput:
    """One output: tensor's name ("" for the first) and the order of its axes."""

    name: str
    axes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decoder:
    """How the answer is read.

    Args:
        kind: see `onnx_model.decode`.
        stride: pixels of the input per cell of the answer (centre, cells).
        offset: pixels of the input from its edge to the middle of the first cell; 0: half a stride.
        window: side in pixels of the input of what one cell stands for (cells).
        logits: scores come before the logistic function.
        objectness: a column of objectness stands between box and classes (older YOLO).
        normalised: boxes are shares of the input's sides, not pixels.
        corners: boxes are first and last corner, not middle and size (boxes).
        boxes, scores, labels: names of the outputs (boxes); no labels: the class is the column of scores.
        first_label: number the model gives its first class (boxes).
        overlap: intersection over union from which the weaker of two claims goes; 1 keeps all.
    """

    kind: DecoderKind
    stride: int = 1
    offset: float = 0.0
    window: int = 0
    logits: bool = False
    objectness: bool = False
    normalised: bool = False
    corners: bool = True
    boxes: str = ""
    scores: str = ""
    labels: str = ""
    first_label: int = 0
    overlap: float = 0.5


@dataclass(frozen=True, slots=True)
class Tiling:
    """How large pictures are cut, in pixels of the input.

    Args:
        core: side of what one tile answers for; 0: the picture is never cut.
        halo: what a tile sees around its core: the largest object and the radius of the receptive field.
        multiple: sides and origins of tiles are multiples of it: the net's coarsest stride.
        whole: pixels up to which a picture is taken in one piece; only for fully convolutional nets.
        gsd_m: ground sample distance the net was trained for; 0: pictures are never resampled by it.
        factor: pixels of the input per pixel of the picture where the ground sample distance is unknown.
        most: the factor never goes beyond: more pixels would show nothing more and cost time.
    """

    core: int = 512
    halo: int = 64
    multiple: int = 32
    whole: int = 0
    gsd_m: float = 0.0
    factor: float = 1.0
    most: float = 2.0


@dataclass(frozen=True, slots=True)
class NetCard:
    """A card with all that is needed to run its net.

    Args:
        card: what every detector says. input, outputs, decoder, tiling: of the net.
        model_sha256: of the model's file.
    """

    card: ModelCard
    input: NetInput
    outputs: tuple[NetOutput, ...]
    decoder: Decoder
    tiling: Tiling
    model_sha256: str
