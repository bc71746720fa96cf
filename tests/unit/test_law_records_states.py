"""States are named by codes that exist; what was meant is said."""

import pytest

from atalaya.base.errors import BadInput
from atalaya.law.records.bodies import read_body
from atalaya.law.records.states import STATES, known_state

SORTIE = {"airframe": "N1", "number": 1}


def test_the_codes_are_those_of_the_standard_and_one_more() -> None:
    assert len(STATES) == 250
    assert {"MEX", "USA", "GTM", "XKX"} <= STATES
    assert all(known_state(code) == code for code in STATES)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("MX", "MX -> MEX"),
        ("mex", "mex -> MEX"),
        ("us", "us -> USA"),
        ("ZZZ", "MEX, USA"),
        ("UK", "MEX, USA"),
    ],
)
def test_an_unknown_code_says_which_one_may_be_meant(text: str, hint: str) -> None:
    with pytest.raises(BadInput) as refused:
        known_state(text, "--state")
    assert (refused.value.code, refused.value.where) == ("LED-001", "--state")
    assert refused.value.text.what.count(hint) == 1
    with pytest.raises(BadInput) as refused:
        read_body("sortie", {**SORTIE, "operator_state": text}, "sortie/x")
    assert refused.value.code == "LED-001"


@pytest.mark.parametrize("text", ["MX", "ZZZ", "Mexico"])
def test_the_state_of_a_statement_is_known_too(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_body("airframe", {"registration": "N1", "state": text}, "airframe/x")
    assert refused.value.code == "REC-011"
