"""All ST 1201 vectors of jmisb: numbers both ways, special values both ways."""

import json

from atalaya.klv import imapb
from atalaya.klv.values import Special, State
from tests.shared_data import shared

STATES = {
    "Infinity": State.POSITIVE_INFINITY,
    "-Infinity": State.NEGATIVE_INFINITY,
    "+QNaN": State.NOT_A_NUMBER,
    "-QNaN": State.NOT_A_NUMBER,
}


def test_every_vector_both_ways() -> None:
    cases = json.loads(shared("klv/jmisb/st1201tests.json").read_text())
    numbers = 0
    for case in cases:
        low, high, length, x = case["a"], case["b"], case["L"], case["x"]
        # The file drops leading zero bytes of special codes of one byte; the number is what counts.
        code = int(case["forwardResultHex"], 16).to_bytes(length, "big")
        value = imapb.decode(code, low, high)
        if isinstance(x, str):
            assert value == Special(STATES[x], code)
            if x != "-QNaN":
                assert imapb.special(STATES[x], length).raw == code
            continue
        numbers += 1
        assert imapb.encode(x, low, high, length) == code, case
        assert value == case["reverseResult"], case
        assert imapb.encode(value, low, high, length) == code, case
    assert (len(cases), numbers) == (2128, 976)
