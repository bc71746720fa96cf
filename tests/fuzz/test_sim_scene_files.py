"""Recipes damaged at random: read, or one declared error."""

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError
from atalaya.sim.scene import read_recipes

WHOLE = (files("atalaya.sim.scene") / "recipes.toml").read_bytes()
START = WHOLE.index(b"[[recipe]]")
SHORT = WHOLE[START : WHOLE.index(b"[[recipe]]", START + 1)]
PIECES = [
    b"[",
    b"]",
    b'"',
    b"=",
    b"\n",
    b"nan",
    b"-1",
    b"1e999",
    b"true",
    b"[[recipe.part]]\n",
    b"\x00",
    b"\xff",
    b"{}",
    b"''",
]
CODES = ("SCN-002", "SCN-003", "SCN-004", "SCN-005")


@pytest.mark.proves("SCN-001")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, len(SHORT)), st.integers(0, 40), st.sampled_from(PIECES)),
        min_size=1,
        max_size=4,
    )
)
def test_damaged_recipes_never_surprise(tmp_path: Path, damage: list[tuple[int, int, bytes]]) -> None:
    text = SHORT
    for place, cut, piece in damage:
        text = text[:place] + piece + text[place + cut :]
    path = tmp_path / "damaged.toml"
    path.write_bytes(text)
    try:
        book = read_recipes(path)
    except AtalayaError as error:
        assert error.code in CODES  # noqa: PT017
    else:
        assert all(one.parts for one in book.values())


@pytest.mark.parametrize(
    "text",
    [
        "recipe = " + "[" * 4000 + "]" * 4000,
        "a." * 4000 + "b = 1",
        "recipe." + "a." * 4000 + "b = 1",
        "[[recipe]]\nname." + "a." * 4000 + "b = 1",
        "[[recipe]]\nname = 'x'\n[[recipe.part]]\nname = 'y'\nform." + "a." * 4000 + "b = 1",
        "[[recipe]]\nname = 'x'\n[[recipe.part]]\nname = 'y'\nform = 'solid'\nlength_m."
        + "a." * 4000
        + "b = 1",
    ],
)
def test_a_deep_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AtalayaError):
        read_recipes(path)
