"""What is believed of a track: spikes, frozen and old positions, impossible steps."""

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth.track import Flag, IntegrityLimits, Track, integrity_of, track_of
from atalaya.earth.track.containment import containment_from_nacp, containment_from_nic

START_US = 1_700_000_000_000_000


def straight(count: int = 200, **columns: object) -> Track:
    """Eastwards along 45 N at 100 m/s, a fix a second."""
    seconds = np.arange(count)
    given = {"ground_speed_mps": np.full(count, 100.0), "containment_m": np.full(count, 30.0), **columns}
    lon = columns.pop("lon", 10.0 + seconds * 100 / 78_847.0)
    given.pop("lon", None)
    return track_of(START_US + seconds * 1_000_000, lon, np.full(count, 45.0), **given)  # type: ignore[arg-type]


def moved(track: Track, rows: slice, lon_deg: float) -> Track:
    lon = track.lon_deg.copy()
    lon[rows] += lon_deg
    return straight(len(track), lon=lon)


def test_a_clean_track_is_believed_whole() -> None:
    found = integrity_of(straight())
    assert found.credible.all()
    assert found.counts() == {}
    assert len(found.runs) == 0


@pytest.mark.proves("AIR-002")
def test_a_run_between_two_impossible_steps_is_quarantined_whole() -> None:
    found = integrity_of(moved(straight(), slice(80, 120), 2.0))
    assert (~found.credible).nonzero()[0].tolist() == list(range(80, 120))
    assert (found.runs.first[0], found.runs.last[0], len(found.runs)) == (80, 119, 1)
    assert found.runs.step_in_m[0] == pytest.approx(157_700, rel=0.01)
    assert found.flags[80] & Flag.SPEED
    assert found.flags[100] == Flag.QUARANTINED


@pytest.mark.proves("AIR-001")
def test_nothing_is_deleted_from_the_track() -> None:
    track = moved(straight(), slice(80, 120), 2.0)
    assert len(integrity_of(track).flags) == len(track) == 200


def test_a_single_spike_is_one_run() -> None:
    found = integrity_of(moved(straight(), slice(50, 51), 0.5))
    assert (~found.credible).sum() == 1


def test_the_longer_side_of_one_impossible_step_is_believed() -> None:
    found = integrity_of(moved(straight(), slice(150, 200), 2.0))
    assert found.credible[:150].all()
    assert not found.credible[150:].any()
    assert np.isnan(found.runs.step_out_m[0])


@pytest.mark.proves("AIR-002")
def test_a_position_filled_forward_is_no_observation() -> None:
    track = straight()
    lon = track.lon_deg.copy()
    lon[60:70], lon[100:140] = lon[60], lon[100]
    found = integrity_of(straight(lon=lon))
    assert found.credible[[60, 70, 100]].all()
    assert not found.credible[61:70].any()
    assert (found.flags[61:70] & Flag.REPEATED != 0).all()
    assert not (found.flags[61:70] & Flag.FROZEN).any()
    assert (found.flags[117:140] & Flag.FROZEN != 0).all()


def test_an_aircraft_standing_still_repeats_itself_honestly() -> None:
    found = integrity_of(straight(lon=np.full(200, 10.0), ground_speed_mps=np.zeros(200)))
    assert found.credible.all()


def test_a_position_older_than_it_may_be_is_not_believed() -> None:
    age = np.zeros(200)
    age[50:60] = 20.0
    found = integrity_of(straight(position_age_s=age))
    assert not found.credible[50:60].any()
    assert (found.flags[50:60] & Flag.STALE != 0).all()


def test_the_time_of_a_fix_is_that_of_its_position() -> None:
    track = straight(position_age_s=np.full(200, 2.5))
    assert (track.fix_t_us == track.t_us - 2_500_000).all()


def test_impossible_places_and_the_future_are_flagged() -> None:
    track = straight()
    lon = track.lon_deg.copy()
    lon[5], lon[6] = np.nan, 900.0
    found = integrity_of(straight(lon=lon), IntegrityLimits(not_after_us=START_US + 190_500_000))
    assert (found.flags[5:7] & Flag.IMPOSSIBLE != 0).all()
    assert (found.flags[191:] & Flag.FUTURE != 0).all()
    assert found.credible[10:190].all()


def test_times_that_do_not_increase_are_flagged() -> None:
    t_us = START_US + np.array([0, 1, 1, 2]) * 1_000_000
    found = integrity_of(track_of(t_us, [10.0, 10.001, 10.002, 10.002], [45.0] * 4))
    assert found.flags[2] & Flag.TIME_ORDER
    assert found.credible.tolist() == [True, True, False, True]


def test_speed_that_fits_neither_way_nor_height_is_flagged_but_believed() -> None:
    found = integrity_of(
        straight(ground_speed_mps=np.full(200, 26.0), height_pressure_m=np.full(200, 11_582.0))
    )
    assert found.counts()["slow_at_height"] == 200
    assert found.counts()["mismatch"] == 199
    assert found.credible.all()


def test_noise_of_rounded_times_is_no_impossible_step() -> None:
    rng = np.random.default_rng(1)
    lon = 10.0 + (np.arange(200) + rng.uniform(-0.5, 0.5, 200)) * 250 / 78_847.0
    found = integrity_of(straight(lon=lon, ground_speed_mps=np.full(200, 250.0)))
    assert found.credible.all()


def test_a_hostile_track_of_nothing_but_steps_is_judged_in_bounded_work() -> None:
    rng = np.random.default_rng(2)
    count = 20_000
    track = track_of(
        START_US + np.arange(count) * 1_000_000, rng.uniform(-180, 180, count), rng.uniform(-80, 80, count)
    )
    assert integrity_of(track).credible.sum() >= 1


@pytest.mark.proves("AIR-015")
def test_accuracy_categories_are_those_of_do_260b_and_zero_is_unknown() -> None:
    nacp = containment_from_nacp([11, 10, 9, 8, 7, 6, 5, 4, 0, 3, np.nan, 99])
    assert nacp[:8].tolist() == [3, 10, 30, 93, 185, 556, 926, 1852]
    assert np.isnan(nacp[8:]).all()
    nic = containment_from_nic([11, 10, 9, 8, 7, 5, 0])
    assert nic[:6].tolist() == [7.5, 25, 75, 185, 370, 1852]
    assert np.isnan(nic[6])
    assert np.isnan(track_of([START_US], [1.0], [1.0], containment_m=[0.0]).containment_m[0])


def test_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(BadInput) as caught:
        track_of([START_US, START_US], [1.0, 2.0], [1.0])
    assert caught.value.code == "TRK-001"


def test_a_track_is_cut_where_the_record_is_silent() -> None:
    t_us = START_US + np.array([0, 1, 7200, 7201]) * 1_000_000
    parts = track_of(t_us, [1.0] * 4, [1.0] * 4).split(3600.0)
    assert [len(part) for part in parts] == [2, 2]
