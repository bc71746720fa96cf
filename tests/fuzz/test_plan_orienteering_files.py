"""Instance files: three formats read, anything damaged refused with a declared error."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.plan.orienteering import read_instance, read_op, read_top, read_toptw

TOP = "n 4\nm 2\ntmax 20.0\n0 0 0\n3 4 10\n6 8 20\n\n10 0 0\n"
OP = "20\t1\n0\t0\t0\n10\t0\t0\n3\t4\t10\n6\t8\t20"
TOPTW = "4 2 2 1\n0 200\n0 0 0 0 0 0 0 0 230\n1 3 4 10 10 1 1 1 161 171\n2 1 1 5 7 1 2 1 2 9 90\n"


def test_the_three_formats_put_start_and_end_where_they_should_be() -> None:
    top, op = read_top(TOP).problem, read_op(OP).problem
    assert (top.start.tolist(), top.end.tolist(), top.budget.tolist()) == ([0, 0], [3, 3], [20.0, 20.0])
    assert (op.start.tolist(), op.end.tolist(), op.prize.tolist()) == ([0], [1], [0.0, 0.0, 10.0, 20.0])
    assert top.cost[0, 0, 1] == op.cost[0, 0, 2] == 5.0
    timed = read_toptw(TOPTW, vehicles=3).problem
    assert timed.budget.tolist() == [230.0] * 3
    assert timed.opens.tolist() == [0.0, 161.0, 9.0]
    assert timed.service.tolist() == [0.0, 10.0, 5.0]
    assert timed.cost[0, 0, 2] == 1.4


def test_the_first_line_tells_the_format(tmp_path: Path) -> None:
    for name, text in (("a.txt", TOP), ("b.txt", OP), ("pr3.txt", TOPTW)):
        (tmp_path / name).write_text(text)
    assert read_instance(tmp_path / "a.txt").problem.vehicles == 2
    assert read_instance(tmp_path / "b.txt").problem.vehicles == 1
    assert read_instance(tmp_path / "pr3.txt", vehicles=4).problem.cost[0, 0, 2] == 1.41
    assert read_instance(tmp_path / "pr3.txt", vehicles=4).problem.vehicles == 4


@pytest.mark.proves("ORI-105")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "ORI-031"),
        ("n 4\nm 2\n", "ORI-031"),
        ("n 4\nm x\ntmax 2\n", "ORI-032"),
        (TOP.replace("3 4 10", "3 4"), "ORI-032"),
        (TOP.replace("3 4 10", "3 nan 10"), "ORI-032"),
        (TOP.replace("3 4 10", "3 4 -10"), "ORI-002"),
        (TOP.replace("n 4", "n 5"), "ORI-033"),
        (TOP.replace("m 2", "m 1.5"), "ORI-032"),
        (TOP.replace("m 2", "m 99999999"), "ORI-034"),
        (OP[:4], "ORI-033"),
        (TOPTW.replace("171", "16"), "ORI-004"),
        (TOPTW[:14], "ORI-033"),
        ("\x00\x01", "ORI-031"),
        ("ñ", "ORI-030"),
    ],
)
def test_damaged_files_are_refused_with_their_place(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "damaged.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        read_instance(path)
    assert raised.value.code == code


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="ORI-030"):
        read_instance(tmp_path / "nothing.txt")


@pytest.mark.proves("ORI-105")
@settings(max_examples=150, deadline=None)
@given(
    base=st.sampled_from([TOP, OP, TOPTW]),
    edits=st.lists(
        st.tuples(st.integers(0, 120), st.sampled_from("0123456789.-+enaif \n\t\x00x")), max_size=8
    ),
    cut=st.integers(0, 150),
)
def test_any_damage_is_read_or_refused_in_our_own_words(
    tmp_path_factory: pytest.TempPathFactory, base: str, edits: list[tuple[int, str]], cut: int
) -> None:
    letters = list(base)
    for place, letter in edits:
        letters[place % len(letters)] = letter
    path = tmp_path_factory.getbasetemp() / "fuzzed.txt"
    path.write_text("".join(letters)[:cut])
    try:
        problem = read_instance(path).problem
    except AtalayaError:
        return
    assert np.isfinite(problem.cost).all()
