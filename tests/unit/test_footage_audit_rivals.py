"""Where two mistakes look alike, the one that explains five times as well is named, in short clips too."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.footage.audit import audit_track
from atalaya.footage.audit.split import split_rows, usable_rows
from atalaya.sim.record.stated import sensor_track
from tests.range_faults import faulted, read, verdict
from tests.range_trials import trial


@pytest.mark.parametrize("lasts", [35.0, 61.0, 119.0, 239.0, 400.0])
def test_both_sides_of_a_split_see_every_part_of_the_flight(lasts: float) -> None:
    made = trial(3)
    track = sensor_track(made.record.stated, made.record.seen)
    step = lasts / (len(track) - 1)
    track = replace(track, t_us=track.t_us[0] + np.rint(np.arange(len(track)) * step * 1e6).astype(np.int64))
    split = split_rows(track, usable_rows(track))
    assert split is not None
    assert not set(split.fit) & set(split.accept)
    for side in (split.fit, split.accept):
        clock = (track.t_us[side] - track.t_us[0]) / 1e6
        assert np.diff(np.concatenate(([0.0], clock, [lasts]))).max() <= max(lasts / 8.0, 30.0) + 4.0 * step


def test_a_clean_clip_still_has_nothing_to_repair() -> None:
    made = trial(3)
    assert audit_track(sensor_track(made.record.stated, made.record.seen)).repairs == ()
    assert read(made.packets().data.tobytes()).audit.repairs == ()


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(15, id="frozen positions, not an absolute elevation"),
        pytest.param(54, id="late attitudes, not an absolute azimuth"),
        pytest.param(98, id="frame centres late in the first half minute of a clip"),
        pytest.param(154, id="a wrong ground level, not late positions"),
        pytest.param(5174, id="corners in another order, not a view of more than half a turn"),
    ],
)
def test_of_two_explanations_the_better_is_named(seed: int) -> None:
    fault, data = faulted(seed)
    assert verdict(data) - {"AUD-051"} == set(fault.codes)
