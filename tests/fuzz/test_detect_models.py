"""Whatever bytes lie in a model's folder: an error of ours or a detector, nothing else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError
from atalaya.detect.cards import card_from, stac_item
from atalaya.detect.onnx_model.protobuf import read_head
from tests.nets import copied, loaded, properties, spots

CARD = stac_item(properties({"car": "vehicle"}, {"kind": "centre", "stride": 4}), "model.onnx", "0" * 64)
MODEL = spots()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("grey"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to every value of a JSON object."""
    entries = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    found = [path] if path else []
    for key, value in entries:
        found += places(value, (*path, key))
    return found


def outcome(action: Callable[..., object], *arguments: object) -> str:
    """The type of the answer, or the code of the error."""
    try:
        return type(action(*arguments)).__name__
    except AtalayaError as error:
        return error.code


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(places(CARD)), JSON)
def test_a_card_with_any_value_anywhere_is_read_or_refused(path: tuple[Any, ...], value: Any) -> None:
    content = copied(CARD)
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert outcome(card_from, content) in ("NetCard", *(f"MDL-00{n}" for n in range(3, 8)))


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_is_no_card(content: Any) -> None:
    with pytest.raises(AtalayaError):
        card_from(json.loads(json.dumps(content)))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.integers(0, len(MODEL)).map(lambda end: MODEL[:end]))
def test_the_head_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    assert outcome(read_head, data) in ("OnnxHead", "MDL-012")


def test_a_damaged_model_with_a_card_of_its_own_ends_in_our_errors(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    card = properties({"car": "vehicle"}, {"kind": "centre", "stride": 4})
    for number in range(40):
        data = bytearray(MODEL)
        for place in rng.integers(len(data), size=4):
            data[place] = int(rng.integers(256))
        assert outcome(loaded, tmp_path / str(number), bytes(data), card).startswith(
            ("OnnxDetector", "MDL-01")
        )
