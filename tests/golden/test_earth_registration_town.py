"""Registration of real frames with disturbed poses: equal contrast, inverted contrast, wrong places.

A sample of the trial that `python -m bench registration` runs in full.
"""

import numpy as np
import pytest

from tests.shared_data import shared
from tests.strasbourg import Town, inverted, load, moved, trial

PAIRS = ((0, 3), (1, 2), (2, 4), (4, 1), (3, 0))


@pytest.fixture(scope="module")
def town() -> Town:
    return load(shared("earth/dbat-sxb"))


@pytest.mark.parametrize("other_contrast", [False, True])
def test_disturbed_poses_come_back(town: Town, other_contrast: bool) -> None:
    generator = np.random.default_rng(7)
    found = []
    for first, second in PAIRS:
        reference = town.references[second]
        found.append(trial(town, first, inverted(reference) if other_contrast else reference, generator))
    assert all(one.result.accepted for one in found)
    assert all(one.after_m < one.before_m for one in found)
    assert np.median([one.before_m for one in found]) > 5.0
    assert np.median([one.after_m for one in found]) <= 0.8
    assert max(one.after_m for one in found) < 2.0


def test_a_wrong_place_is_never_accepted(town: Town) -> None:
    generator = np.random.default_rng(11)
    for n in range(12):
        first, second = generator.choice(5, 2, replace=False)
        angle = generator.uniform(0.0, 2.0 * np.pi)
        reference = moved(town.references[second], 300.0 * np.cos(angle), 300.0 * np.sin(angle))
        found = trial(town, int(first), inverted(reference) if n % 2 else reference, generator)
        assert not found.result.accepted
        assert found.result.reason is not None
        assert found.after_m == found.before_m
