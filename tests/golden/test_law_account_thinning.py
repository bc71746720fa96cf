"""Real flights thinned to 5-300 s: what is stated holds the truth of the 1 s flights (law.md sections 7
and 18, goal B).

Areas and thinning as in the data's README. Truth: chords between all fixes. The whole study is
`bench/law_account.py`; this is a sample of it.
"""

import pytest

from tests.law_thinning import study
from tests.shared_data import shared


@pytest.mark.proves("AIR-011")
@pytest.mark.parametrize("every_s", [10, 60, 300])
def test_thinned_flights_state_intervals_that_hold_the_truth(every_s: int) -> None:
    found = study(shared("airspace/flights/quickstart.json.gz"), every_s, areas=10, flights=40)
    assert found.pairs > 60
    assert found.held >= 0.99
    assert found.noticed >= 0.995
    assert found.width_ratio <= 1.2
