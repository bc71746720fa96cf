"""A calibration goes into a document and comes back the same; what is no calibration is refused."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth.calibration import (
    Calibration,
    Priors,
    calibrate_sortie,
    calibration_from_json,
    calibration_json,
)
from tests.calibration_blocks import Truth, made_sortie


@cache
def made() -> Calibration:
    given = made_sortie(np.random.default_rng(0), Truth(), looks=8, points=5)
    return calibrate_sortie(given.looks, given.points, given.marks, priors=Priors(boresight_deg=(3, 3, 3)))


def test_there_and_back() -> None:
    text = calibration_json(made())
    assert json.loads(text)["schema"] == "atalaya.calibration/1"
    assert calibration_from_json(text) == made()
    assert calibration_json(calibration_from_json(text)) == text


def test_numbers_that_are_not_finite_are_null() -> None:
    given = made_sortie(np.random.default_rng(0), Truth(), looks=2, points=2)
    found = calibrate_sortie(given.looks, given.points, given.marks, priors=Priors(boresight_deg=(3, 3, 3)))
    body = json.loads(calibration_json(found), parse_constant=pytest.fail)
    assert body["held_out"] is None
    assert not calibration_from_json(calibration_json(found)).accepted


def damaged(change: Callable[[dict[str, Any]], object]) -> str:
    body = json.loads(calibration_json(made()))
    change(body)
    return json.dumps(body)


def set_in(*path: Any) -> Callable[[dict[str, Any]], object]:
    *keys, last, value = path

    def change(body: dict[str, Any]) -> None:
        part: Any = body
        for key in keys:
            part = part[key]
        part[last] = value

    return change


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        "[" * 100_000,
        '{"schema": "atalaya.other/1"}',
        damaged(lambda body: body.pop("states")),
        damaged(lambda body: body["states"].pop()),
        damaged(lambda body: body["states"].reverse()),
        damaged(set_in("states", 0, "value", None)),
        damaged(set_in("states", 0, "value", "1")),
        damaged(set_in("states", 0, "sd", -1.0)),
        damaged(set_in("states", 0, "status", "perhaps")),
        damaged(set_in("covariance", 0, 0, -4.0)),
        damaged(set_in("covariance", 0, 1, 9.0)),
        damaged(set_in("covariance", 0, [1.0])),
        damaged(set_in("accepted", "yes")),
        damaged(set_in("held_out", 7)),
        damaged(set_in("findings", [{"code": "X"}])),
        damaged(set_in("points", 0, "covariance_m2", [[1.0]])),
    ],
)
def test_what_is_no_calibration_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        calibration_from_json(text, "there.json")
    assert refused.value.code == "EAR-053"
    assert refused.value.where == "there.json"
