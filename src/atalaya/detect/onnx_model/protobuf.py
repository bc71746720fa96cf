"""What must be known of an ONNX file before it is handed to a runtime: versions, and data kept elsewhere.

Only the wire format of protocol buffers and a few field numbers of onnx.proto3 are read, so that the core
needs no ONNX package and a hostile file costs one pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from atalaya.base.errors import BadInput

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MOST_DEPTH = 64

# message -> field -> message inside; onnx.proto3 of ONNX 1.20
_INSIDE: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
_EXTERNAL_DATA, _DATA_LOCATION, _EXTERNAL = 13, 14, 1
_IR_VERSION, _OPSET_IMPORT, _DOMAIN, _VERSION = 1, 8, 1, 2


@dataclass(frozen=True, slots=True)
class OnnxHead:
    """ir: version of the intermediate representation. opset: of the standard operators; 0 where unsaid.
    external: whether tensors lie in other files.
    """

    ir: int
    opset: int
    external: bool


def read_head(data: bytes, where: str = "") -> OnnxHead:
    """Read versions and places of data of an ONNX file.

    Raises:
        BadInput: MDL-012, not a protocol buffer of this kind.
    """
    view = memoryview(data)
    ir = opset = 0
    for number, wire, value in _fields(view, where):
        if number == _IR_VERSION and wire == VARINT:
            ir = int(value)
        elif number == _OPSET_IMPORT and wire == BYTES:
            opset = max(opset, _standard_opset(value, where))  # type: ignore[arg-type]
    if ir == 0:
        raise BadInput("MDL-012", where=where)
    return OnnxHead(ir, opset, _external(view, "model", where, 0))


def _external(view: memoryview, kind: str, where: str, depth: int) -> bool:
    if depth > MOST_DEPTH:
        raise BadInput("MDL-012", where=where)
    inside = _INSIDE.get(kind, {})
    for number, wire, value in _fields(view, where):
        if kind == "tensor":
            if number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value == _EXTERNAL):
                return True
        elif (
            number in inside and wire == BYTES and _external(value, inside[number], where, depth + 1)  # type: ignore[arg-type]
        ):
            return True
    return False


def _standard_opset(view: memoryview, where: str) -> int:
    domain, version = b"", 0
    for number, wire, value in _fields(view, where):
        if number == _DOMAIN and wire == BYTES:
            domain = bytes(value)
        elif number == _VERSION and wire == VARINT:
            version = int(value)
    return version if domain in (b"", b"ai.onnx") else 0


def _fields(view: memoryview, where: str) -> Iterator[tuple[int, int, int | memoryview]]:
    at = 0
    while at < len(view):
        tag, at = _varint(view, at, where)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, at = _varint(view, at, where)
            yield number, wire, value
            continue
        if wire == BYTES:
            size, at = _varint(view, at, where)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
        else:
            raise BadInput("MDL-012", where=where)
        if at + size > len(view):
            raise BadInput("MDL-012", where=where)
        yield number, wire, view[at : at + size]
        at += size


def _varint(view: memoryview, at: int, where: str) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(view):
            raise BadInput("MDL-012", where=where)
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise BadInput("MDL-012", where=where)
