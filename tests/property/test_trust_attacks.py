"""Random attacks are all found; honest growth never raises an alarm (10,000 of each under `make soak`)."""

from pathlib import Path

import numpy as np
import pytest

from tests.log_attacks import ATTACKS, run_attacks, run_honest


@pytest.mark.proves("LOG-013")
def test_every_attack_is_found(tmp_path: Path) -> None:
    made, missed = run_attacks(tmp_path, np.random.default_rng(11), 400)
    assert set(made) == set(ATTACKS)
    assert missed == {}


@pytest.mark.proves("LOG-013")
def test_honest_growth_raises_no_alarm(tmp_path: Path) -> None:
    assert run_honest(tmp_path, np.random.default_rng(12), 120) == 0
