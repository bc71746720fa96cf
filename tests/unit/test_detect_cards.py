"""Cards: what a reader relies on is there, and nothing that is misspelt passes in silence."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from atalaya.base.errors import BadInput, NotFound
from atalaya.detect.cards import card_from, card_json, read_card, stac_item
from atalaya.detect.scoring.conditions import card_reference
from tests.nets import copied, properties

DRIFT = {
    "names": ["score"],
    "edges": [[0.0, 0.5, 1.0]],
    "share": [[0.25, 0.75]],
    "sizes": [1],
    "limit": [[0.1]],
}
CENTRE = {"kind": "centre", "stride": 4}


def card(**changed: Any) -> dict[str, Any]:
    return stac_item(properties({"car": "vehicle"}, CENTRE, **changed), "model.onnx", "0" * 64)


def refused(content: object, code: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        card_from(content, "card.json")
    assert caught.value.code == code, str(caught.value)
    return caught.value


def test_what_a_card_says_is_read() -> None:
    net = card_from(
        card(
            **{
                "atalaya:gsd_m": [0.05, 0.5],
                "atalaya:calibration": {"score": [0.1, 0.9], "p": [0.2, 0.8]},
                "atalaya:base_rate": 0.25,
                "atalaya:drift": DRIFT,
                "atalaya:scale": {"gsd_m": 0.2, "factor": 0.5},
            }
        )
    )
    assert net.card.id == "toy/1"
    assert [(each.name, each.evidence) for each in net.card.classes] == [("car", "vehicle")]
    assert net.card.gsd_m == (0.05, 0.5)
    assert net.card.probability([0.0, 0.5, 1.0]).tolist() == pytest.approx([0.2, 0.5, 0.8])
    known = card_reference(net.card)
    assert known is not None
    assert known.share.tolist() == [[0.25, 0.75]]
    assert (net.tiling.core, net.tiling.halo, net.tiling.factor) == (64, 16, 0.5)
    assert net.card.performance[0].pd == (1.0,)


def test_properties_alone_are_a_card_too() -> None:
    assert card_from(card()["properties"]).card.name == "toy"


def test_a_card_without_scale_serves_any(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(card_json(card()), "utf-8")
    assert read_card(path).card.gsd_m == (0.0, math.inf)


@pytest.mark.proves("MDL-001")
@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("mlm:nam", "mlm:name"),
        ("mlm:inputs", "mlm:input"),
        ("atalaya:treshold", "atalaya:threshold"),
        ("atalaya:evidences", "atalaya:evidence"),
    ],
)
def test_a_misspelt_field_is_an_error_with_the_nearest_name(key: str, nearest: str) -> None:
    content = card()
    content["properties"][key] = content["properties"].get(nearest)
    found = refused(content, "MDL-004")
    assert found.details == {"field": key, "nearest": nearest}


@pytest.mark.proves("MDL-001")
@pytest.mark.parametrize("place", ["mlm:input", "mlm:output"])
def test_inner_fields_are_checked_too(place: str) -> None:
    content = card()
    content["properties"][place][0]["band"] = ["grey"]
    assert refused(content, "MDL-004").details["field"] == f"{place}[0].band"


REQUIRED = [f"mlm:{key}" for key in ("name", "architecture", "tasks", "input", "output")]
REQUIRED += [
    f"atalaya:{key}"
    for key in ("performance", "training", "intended", "forbidden", "sha256", "threshold", "tile", "decoder")
]


@pytest.mark.parametrize("key", REQUIRED)
def test_a_required_field_is_missed(key: str) -> None:
    content = card()
    del content["properties"][key]
    assert refused(content, "MDL-003").details["field"] == key


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("atalaya:unit", ["kelvin"]),
        ("atalaya:kinds", "IR"),
        ("atalaya:gsd_m", [0.5, 0.1]),
        ("atalaya:threshold", "0.5"),
        ("atalaya:threshold", True),
        ("atalaya:threshold", float("inf")),
        ("atalaya:calibration", {"score": [0.1, 0.2], "p": [0.9, 0.2]}),
        ("atalaya:base_rate", 0.0),
        ("atalaya:sha256", "xyz"),
        ("atalaya:drift", {**DRIFT, "edges": [[1.0, 0.0, 2.0]]}),
        ("atalaya:drift", [DRIFT]),
        ("atalaya:drift", {"names": ["a"]}),
        ("atalaya:performance", []),
        ("mlm:input", []),
        ("mlm:input", {"name": "x"}),
        ("atalaya:tile", {"core": -1}),
        ("atalaya:decoder", {"kind": "cells"}),
        ("atalaya:decoder", {"kind": "boxes"}),
    ],
)
def test_a_value_that_cannot_be_is_refused(key: str, value: object) -> None:
    content = card()
    content["properties"][key] = value
    found = refused(content, "MDL-005")
    assert str(found.details["field"]).startswith(key)


def test_evidence_must_be_of_the_vocabulary_and_of_a_class() -> None:
    refused(card(**{"atalaya:evidence": {"car": "cars"}}), "MDL-006")
    refused(card(**{"atalaya:evidence": {"truck": "vehicle"}}), "MDL-007")


@pytest.mark.parametrize(
    "step",
    [
        {"type": "min-max", "minimum": 1, "maximum": 1},
        {"type": "z-score", "mean": 0, "stddev": 0},
        {"type": "z-score", "mean": [0, 0], "stddev": [1, 1]},
        {"type": "processing", "format": "atalaya", "expression": "frame-standard 98 2 4"},
        {"type": "processing", "format": "atalaya", "expression": "frame-standard"},
    ],
)
def test_a_scaling_that_cannot_work_is_refused(step: dict[str, Any]) -> None:
    content = card()
    content["properties"]["mlm:input"][0]["value_scaling"] = [step]
    refused(content, "MDL-005")


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"nul"])
def test_what_is_no_json_is_no_card(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "card.json"
    path.write_bytes(data)
    with pytest.raises(BadInput, match="MDL-002"):
        read_card(path)


def test_no_card_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="MDL-001"):
        read_card(tmp_path / "card.json")


def test_the_hash_of_a_card_does_not_hang_on_the_order_of_its_fields() -> None:
    content = card()
    turned = copied(content)
    turned["properties"] = dict(reversed(turned["properties"].items()))
    assert card_from(content).card.sha256 == card_from(turned).card.sha256
    turned["properties"]["atalaya:threshold"] = 0.25
    assert card_from(content).card.sha256 != card_from(turned).card.sha256


def test_the_text_of_a_card_is_read_back_the_same() -> None:
    content = card()
    assert json.loads(card_json(content)) == content
