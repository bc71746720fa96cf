"""The net's part of a card: `mlm:input`, `mlm:output`, `atalaya:decoder`."""

from typing import Any, cast

from atalaya.detect.cards.fields import Fields
from atalaya.detect.cards.network import Decoder, DecoderKind, NetInput, NetOutput, Scaling, ScalingKind

INPUT = frozenset(
    ["name", "bands", "input", "value_scaling", "resize_type", "pre_processing_function", "description"]
)
OUTPUT = frozenset(
    ("name", "tasks", "result", "classification:classes", "post_processing_function", "description")
)
STRUCTURE = ("shape", "dim_order", "data_type", "description")
TYPES = ("uint8", "uint16", "int16", "float16", "float32")
AXES = {"batch", "bands", "channel", "channels", "height", "width", "row", "column", "boxes", "classes"}
READS = {
    "min-max": ("minimum", "maximum"),
    "z-score": ("mean", "stddev"),
    "clip": ("minimum", "maximum"),
    "clip-min": ("minimum",),
    "clip-max": ("maximum",),
    "offset": ("value",),
    "scale": ("value",),
    "processing": ("format", "expression"),
}


def input_of(properties: Fields) -> NetInput:
    """The one input of a net; several are refused: no picture fills them all."""
    inputs = properties.inners("mlm:input", 1)
    if len(inputs) > 1:
        raise properties.wrong("mlm:input", "[one object]")
    first = inputs[0].only(INPUT)
    bands = _bands(first)
    structure = first.inner("input").only(STRUCTURE)
    order = structure.texts("dim_order")
    shape = _shape(structure, len(order))
    if order[1:] == ("bands", "height", "width") or order[1:] == ("channel", "height", "width"):
        count, rows, columns = shape[1:]
    elif order[1:] == ("height", "width", "bands") or order[1:] == ("height", "width", "channel"):
        rows, columns, count = shape[1:]
    else:
        raise structure.wrong("dim_order", "[batch, bands, height, width] | [batch, height, width, bands]")
    if count != len(bands) or shape[0] not in (-1, 1) or (rows > 0) != (columns > 0):
        raise structure.wrong("shape", f"[1 | -1, bands = {len(bands)}, height, width]")
    scaling = tuple(_step(each, len(bands)) for each in first.inners("value_scaling"))
    return NetInput(
        first.text("name", ""),
        bands,
        max(rows, 0),
        max(columns, 0),
        structure.choice("data_type", TYPES),
        order[-1] in ("bands", "channel"),
        scaling,
    )


def outputs_of(outputs: list[Fields]) -> tuple[tuple[str, ...], tuple[NetOutput, ...]]:
    """Classes, of the first output that names them, and the outputs."""
    names: tuple[str, ...] = ()
    found = []
    for each in outputs:
        each.only(OUTPUT)
        result = each.inner("result").only(STRUCTURE)
        order = result.texts("dim_order")
        _shape(result, len(order))
        if not set(order) <= AXES:
            raise result.wrong("dim_order", " | ".join(sorted(AXES)))
        found.append(NetOutput(each.text("name", ""), order))
        if not names:
            names = _class_names(each)
    if not names:
        raise outputs[0].wrong("classification:classes", "[{name, value}, ...]")
    return names, tuple(found)


def decoder_of(fields: Fields) -> Decoder:
    """How the answer is read."""
    base = Decoder("boxes")
    fields.only(Decoder.__slots__)
    kind = cast(DecoderKind, fields.choice("kind", ("centre", "cells", "yolo", "yolo-obb", "boxes")))
    decoder = Decoder(
        kind,
        stride=fields.whole("stride", base.stride, 1, 256),
        offset=fields.number("offset", base.offset, 0.0, 4096.0),
        window=fields.whole("window", base.window, 0, 4096),
        logits=fields.flag("logits", base.logits),
        objectness=fields.flag("objectness", base.objectness),
        normalised=fields.flag("normalised", base.normalised),
        corners=fields.flag("corners", base.corners),
        boxes=fields.text("boxes", ""),
        scores=fields.text("scores", ""),
        labels=fields.text("labels", ""),
        first_label=fields.whole("first_label", 0, 0, 1000),
        overlap=fields.number("overlap", base.overlap, 0.0, 1.0),
    )
    if kind == "boxes" and not (decoder.boxes and decoder.scores):
        raise fields.wrong("boxes", "boxes, scores: names of outputs")
    if kind == "cells" and not decoder.window:
        raise fields.wrong("window", "1 .. 4096")
    return decoder


def _bands(first: Fields) -> tuple[str, ...]:
    bands = first.texts("bands")
    if not 1 <= len(bands) <= 512:
        raise first.wrong("bands", "[1 .. 512 names]")
    return bands


def _shape(structure: Fields, axes: int) -> tuple[int, ...]:
    shape = structure.numbers("shape")
    if len(shape) != axes or any(
        side != int(side) or not (side == -1 or 1 <= side <= 1 << 20) for side in shape
    ):
        raise structure.wrong("shape", "as many whole numbers as dim_order, -1: any")
    return tuple(int(side) for side in shape)


def _class_names(output: Fields) -> tuple[str, ...]:
    rows = output.inners("classification:classes")
    names: dict[int, str] = {}
    for each in rows:
        each.only(("value", "name", "description", "title", "color_hint", "nodata", "percentage", "count"))
        names[each.whole("value", most=10_000)] = each.text("name")
    if sorted(names) != list(range(len(rows))) or len(set(names.values())) != len(rows):
        raise output.wrong("classification:classes", "each name once, value 0, 1, 2 ...")
    return tuple(names[value] for value in range(len(rows)))


def _step(each: Fields, bands: int) -> Scaling:
    kind = each.choice("type", READS)
    each.only(("type", *READS[kind]))
    if kind == "processing":
        return _processing(each)
    values = [each.numbers(key) for key in READS[kind]]
    if any(len(value) not in (1, bands) for value in values):
        raise each.wrong(READS[kind][0], f"1 | {bands}")
    last: Any = values[-1]
    if (kind == "min-max" and any(a >= b for a, b in zip(*values, strict=False))) or (
        kind in ("z-score", "scale") and 0.0 in last
    ):
        raise each.wrong(READS[kind][-1], "!= 0")
    return Scaling(cast(ScalingKind, kind), values[0], values[1] if len(values) > 1 else ())


def _processing(each: Fields) -> Scaling:
    each.choice("format", ("atalaya",))
    words = each.text("expression").split()
    expected = "frame-standard LOWER UPPER LIMIT"
    try:
        lower, upper, limit = (float(word) for word in words[1:])
    except ValueError as error:
        raise each.wrong("expression", expected) from error
    if words[0] != "frame-standard" or not 0 <= lower < 50 < upper <= 100 or not 0 < limit < 1e6:
        raise each.wrong("expression", expected)
    return Scaling("frame-standard", (lower,), (upper,), limit)
