"""What a detector may hand on: evidence types alone, and only answers that can be true."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atalaya.detect import Candidates, CardClass, ModelCard, admitted
from atalaya.detect.boundary import MOST_CLAIMS

SHAPE = (100, 200)
CARD = ModelCard(
    "try", "1", ("EO",), ("DN",), (CardClass("shed", "structure"), CardClass("person", "")), threshold=0.5
)


def claims(box: list[list[float]], score: list[float], label: list[int]) -> Candidates:
    return Candidates(np.array(box, np.float32), np.array(score, np.float32), np.array(label, np.int16))


@pytest.mark.proves("DET-001")
def test_persons_end_at_the_boundary() -> None:
    answer = claims([[10, 10, 20, 20], [30, 30, 40, 40]], [0.9, 0.99], [0, 1])
    through = admitted(answer, CARD, SHAPE)
    assert through.candidates.label.tolist() == [0]
    assert through.dropped == 1
    assert not through.fault


@pytest.mark.proves("DET-001")
@pytest.mark.parametrize("evidence", ["", "person", "face", "weapon", "Heat", "heat "])
def test_only_words_of_the_vocabulary_pass(evidence: str) -> None:
    card = ModelCard("try", "1", ("EO",), ("DN",), (CardClass("anything", evidence),))
    through = admitted(claims([[10, 10, 20, 20]], [0.9], [0]), card, SHAPE)
    assert len(through.candidates) == 0
    assert through.dropped == 1


def test_claims_below_the_threshold_of_the_card_stay_behind() -> None:
    through = admitted(claims([[1, 1, 2, 2], [3, 3, 4, 4]], [0.49, 0.5], [0, 0]), CARD, SHAPE)
    assert through.candidates.box[:, 0].tolist() == [3.0]


@pytest.mark.proves("DET-002")
@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (None, "DET-011"),
        ([1, 2, 3], "DET-011"),
        (claims([[1, 1, 2, 2]], [0.9, 0.8], [0]), "DET-011"),
        (claims([[1, 1, np.nan, 2]], [0.9], [0]), "DET-013"),
        (claims([[1, 1, 2, 2]], [np.inf], [0]), "DET-013"),
        (claims([[1, 1, 2, 2]], [0.9], [2]), "DET-014"),
        (claims([[1, 1, 2, 2]], [0.9], [-1]), "DET-014"),
        (claims([[1, 1, 250, 2]], [0.9], [0]), "DET-015"),
        (claims([[5, 1, 2, 2]], [0.9], [0]), "DET-015"),
    ],
)
def test_an_answer_that_cannot_be_true_leaves_the_picture_unexamined(answer: object, fault: str) -> None:
    through = admitted(answer, CARD, SHAPE)
    assert through.fault == fault
    assert len(through.candidates) == 0


@pytest.mark.proves("DET-002")
def test_a_million_boxes_are_a_failure() -> None:
    n = 1_000_000
    many = Candidates(np.ones((n, 4), np.float32), np.ones(n, np.float32), np.zeros(n, np.int16))
    assert n > MOST_CLAIMS
    assert admitted(many, CARD, SHAPE).fault == "DET-012"


@given(
    st.lists(
        st.tuples(
            st.floats(-0.5, 199.0), st.floats(-0.5, 99.0), st.floats(0, 1), st.floats(0, 1), st.integers(0, 1)
        ),
        max_size=20,
    )
)
def test_what_passes_lies_in_the_picture_and_is_allowed(rows: list[tuple[float, ...]]) -> None:
    box = [[c, r, c + w * (199.5 - c), r + h * (99.5 - r)] for c, r, w, h, _ in rows]
    answer = (
        claims(np.reshape(box, (-1, 4)).tolist(), [0.6] * len(rows), [int(row[4]) for row in rows])
        if rows
        else claims(np.empty((0, 4)).tolist() or [[1, 1, 2, 2]], [0.6], [0])
    )
    through = admitted(answer, CARD, SHAPE)
    assert not through.fault
    assert (through.candidates.label == 0).all()
    assert (through.candidates.box >= -0.5).all()
    assert (through.candidates.box[:, 2] <= 199.5).all()
    assert (through.candidates.box[:, 3] <= 99.5).all()
