"""Opening a model: what it is and belongs to is checked before any runtime sees it."""

import hashlib
from pathlib import Path
from typing import Any

from atalaya.base.errors import AtalayaError, BadInput, NotFound, VerificationFailed
from atalaya.detect.cards.network import NetCard
from atalaya.detect.onnx_model.protobuf import read_head

MOST_BYTES = 512_000_000
NEWEST_IR, NEWEST_OPSET = 13, 26
"""What ONNX Runtime 1.23 to 1.32 reads at most; newer files are explained, not tried."""

_TYPES = {
    "float32": "tensor(float)",
    "float16": "tensor(float16)",
    "uint8": "tensor(uint8)",
    "uint16": "tensor(uint16)",
    "int16": "tensor(int16)",
}


def open_session(path: Path, card: NetCard) -> Any:
    """An ONNX Runtime session on one thread of the processor.

    Raises:
        NotFound: MDL-010, no such file.
        VerificationFailed: MDL-011, its sha256 is not the card's.
        BadInput: MDL-012 not an ONNX file, MDL-013 data outside the file, MDL-014 too new, MDL-015 refused by
            the runtime, MDL-016 not the input or outputs of the card.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    except OSError as error:
        raise NotFound("MDL-010", where=str(path)) from error
    found = hashlib.sha256(data).hexdigest()
    if found != card.model_sha256:
        raise VerificationFailed(
            "MDL-011", where=str(path), found=found[:16], expected=card.model_sha256[:16]
        )
    head = read_head(data, str(path))
    if head.external:
        raise BadInput("MDL-013", where=str(path))
    if head.ir > NEWEST_IR or head.opset > NEWEST_OPSET:
        raise BadInput(
            "MDL-014",
            where=str(path),
            ir=head.ir,
            opset=head.opset,
            most_ir=NEWEST_IR,
            most_opset=NEWEST_OPSET,
        )
    session = _session(data, path)
    _matched(session, card, path)
    return session


def _session(data: bytes, path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise _refused(error, path) from error


def _refused(error: Exception, path: Path) -> AtalayaError:
    words = str(error).replace("\n", " ")
    return BadInput("MDL-015", where=str(path), reason=words[:300])


def _matched(session: Any, card: NetCard, path: Path) -> None:
    inputs = {each.name: each for each in session.get_inputs()}
    name = card.input.name or next(iter(inputs), "")
    if len(inputs) != 1 or name not in inputs:
        raise _differs(path, f"mlm:input {name!r}", ", ".join(inputs))
    if inputs[name].type != _TYPES[card.input.dtype]:
        raise _differs(path, f"data_type {card.input.dtype}", inputs[name].type)
    shape, side = inputs[name].shape, card.input
    expected = [None, len(side.bands), side.rows, side.columns]
    if side.channels_last:
        expected = [None, side.rows, side.columns, len(side.bands)]
    fits = len(shape) == 4 and all(
        not (isinstance(has, int) and wanted is not None) or has == wanted
        for has, wanted in zip(shape, expected, strict=False)
    )
    if not fits:
        raise _differs(path, f"shape {expected[1:]}", str(shape))
    outputs = [each.name for each in session.get_outputs()]
    named = [each.name for each in card.outputs] + [
        each for each in (card.decoder.boxes, card.decoder.scores, card.decoder.labels) if each
    ]
    for each in named:
        if each and each not in outputs:
            raise _differs(path, f"mlm:output {each!r}", ", ".join(outputs))


def _differs(path: Path, card_says: str, model_has: str) -> BadInput:
    return BadInput("MDL-016", where=str(path), card=card_says, model=model_has)
