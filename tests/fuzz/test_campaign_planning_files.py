"""Damaged and hostile campaign files and plans: read, or refused with a code; never anything else."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError
from atalaya.campaign.planning.campaign_file import read_campaign
from atalaya.campaign.planning.flown import read_plan
from tests.tiny_campaign import tiny, toml_text

EXAMPLE = (Path(__file__).resolve().parents[2] / "examples" / "borderland.toml").read_bytes()
PREFIXES = {"PLN", "REC", "LED", "SNS", "DES"}

ODD = st.recursive(
    st.booleans() | st.floats() | st.integers(-(2**40), 2**40) | st.text(max_size=6)
    | st.sampled_from(["2026-12-02T00:00:00Z", "../../x", "a\0b", "MEX", "missile"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def told(action: Callable[[], object]) -> str:
    """The prefix of the error's code; "" where it went well."""
    try:
        action()
    except AtalayaError as error:
        return error.code[:3]
    return ""


@pytest.mark.proves("PLN-001")
@given(
    st.lists(st.tuples(st.integers(0, len(EXAMPLE) - 1), st.binary(max_size=6)), max_size=4),
    st.integers(0, 3),
)
@settings(max_examples=150, deadline=None)
def test_the_example_with_bytes_changed_anywhere(
    folder: Path, changes: list[tuple[int, bytes]], cut: int
) -> None:
    data = EXAMPLE
    for at, new in changes:
        data = data[:at] + new + data[at + len(new) :]
    (folder / "x.toml").write_bytes(data[: len(data) // (cut + 1)] if cut else data)
    assert told(lambda: read_campaign(folder / "x.toml")) in PREFIXES | {""}


@pytest.mark.proves("PLN-001")
@given(st.data(), ODD)
@settings(max_examples=250, deadline=None)
def test_anything_for_a_value(folder: Path, data: st.DataObject, value: object) -> None:
    whole = tiny()
    part = data.draw(st.sampled_from(sorted(whole)))
    table = whole[part][0] if isinstance(whole[part], list) else whole[part]
    key = data.draw(st.sampled_from(sorted(table)))
    changed = {**table, key: value}
    whole[part] = [changed] if isinstance(whole[part], list) else changed
    (folder / "y.toml").write_text(toml_text(whole), encoding="utf-8")
    assert told(lambda: read_campaign(folder / "y.toml")) in PREFIXES | {""}


@given(st.dictionaries(st.sampled_from(sorted(tiny())), ODD, min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_anything_for_a_part(folder: Path, change: Mapping[str, Any]) -> None:
    (folder / "z.toml").write_text(toml_text(tiny(**change)), encoding="utf-8")
    assert told(lambda: read_campaign(folder / "z.toml")) in PREFIXES | {""}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": "atalaya.plan/2"}', "[" * 100_000])
def test_plans_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(AtalayaError, match="PLN-013"):
        read_plan(tmp_path)


@given(ODD)
@settings(max_examples=50, deadline=None)
def test_plans_with_anything_for_their_sorties(folder: Path, value: object) -> None:
    from atalaya.campaign.planning.flown import planned_sortie

    text = json.dumps({"schema": "atalaya.plan/1", "sorties": value})
    (folder / "plan.json").write_text(text, encoding="utf-8")
    assert told(lambda: planned_sortie(read_plan(folder), "D01-N-ONE")) == "PLN"
