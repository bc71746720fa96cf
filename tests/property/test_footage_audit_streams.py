"""The audit on numbered simulated streams: a sample of those that `python -m bench audit` flies in full."""

import numpy as np
import pytest

from atalaya.footage.audit import apply_repairs, audit_track, frame_centre_miss
from tests.track_scenarios import KINDS, clean_stream, frozen_stream, late_stream, median_miss, wrong_stream


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_nothing_is_repaired_in_a_clean_stream(kind: int) -> None:
    seeds = range(kind, 5 * len(KINDS), len(KINDS))
    repaired = [seed for seed in seeds if audit_track(clean_stream(seed).track).repairs]
    assert repaired == []


@pytest.mark.parametrize("seed", range(18))
def test_a_wrong_stream_comes_within_20_m(seed: int) -> None:
    scenario = wrong_stream(seed)
    audit = audit_track(scenario.track)
    assert median_miss(apply_repairs(scenario.track, audit.repairs)) <= 20.0, scenario.what


@pytest.mark.parametrize("seed", range(8))
def test_a_late_group_is_put_right(seed: int) -> None:
    scenario = late_stream(seed)
    audit = audit_track(scenario.track)
    assert median_miss(apply_repairs(scenario.track, audit.repairs)) <= 20.0, scenario.what


@pytest.mark.parametrize("seed", range(10))
def test_a_value_that_stopped_is_put_right(seed: int) -> None:
    scenario, rows = frozen_stream(seed)
    derived = apply_repairs(scenario.track, audit_track(scenario.track).repairs)
    assert np.nanpercentile(frame_centre_miss(derived)[rows], 80) <= 20.0, scenario.what
