"""The audit family by family: what each mistake is called, what is repaired, what is left alone."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.base.catalogue import text_of
from atalaya.earth import undulation_m
from atalaya.footage.audit import Audit, apply_repairs, audit_track, corner_miss, frame_centre_miss
from atalaya.footage.sensor_track import SensorTrack
from tests.track_simulator import (
    FREEZES,
    LAGS,
    Flight,
    fly,
    frozen,
    late,
    mistagged,
    with_noise,
    world_angles,
)

ORBIT = Flight(
    "orbit", "scan", seconds=70.0, rate_hz=5.0, height_m=1500.0, speed_m_s=45.0, depression_deg=35.0
)
RACETRACK = replace(ORBIT, path="racetrack", look="points")


def stated(flight: Flight = ORBIT, seed: int = 7) -> SensorTrack:
    rng = np.random.default_rng(seed)
    return with_noise(rng, fly(rng, flight), 0.5)


def median_miss(track: SensorTrack) -> float:
    return float(np.nanmedian(frame_centre_miss(track)))


def codes(audit: Audit) -> list[str]:
    return [repair.code for repair in audit.repairs]


def audited(track: SensorTrack) -> tuple[Audit, SensorTrack]:
    """The audit and the derived columns; every finding can be said in both languages."""
    audit = audit_track(track)
    for finding in audit.findings:
        for lang in ("en", "es"):
            assert "{" not in text_of(finding.code, lang).filled(finding.details).what
    return audit, apply_repairs(track, audit.repairs)


def test_a_clean_track_is_left_alone_and_says_so() -> None:
    track = stated()
    audit, derived = audited(track)
    assert audit.repairs == ()
    assert [finding.code for finding in audit.findings] == ["AUD-002"]
    assert derived is track
    assert audit.as_recorded == audit.repaired
    assert audit.as_recorded.n == len(track)


@pytest.mark.parametrize(
    ("mistakes", "expected"),
    [
        (("azimuth absolute",), ["AUD-010"]),
        (("elevation absolute",), ["AUD-011"]),
        (("azimuth absolute", "elevation absolute"), ["AUD-012"]),
        (("azimuth plus heading",), ["AUD-013"]),
        (("ground shifted",), ["AUD-020"]),
        (("azimuth bias",), ["AUD-030"]),
        (("elevation bias",), ["AUD-031"]),
        (("azimuth absolute", "elevation absolute", "azimuth bias"), ["AUD-012", "AUD-030"]),
        (("azimuth absolute", "ground shifted"), ["AUD-010", "AUD-020"]),
        (("elevation absolute", "azimuth bias", "elevation bias"), ["AUD-011", "AUD-030", "AUD-031"]),
    ],
)
def test_a_mistake_is_named_and_repaired(mistakes: tuple[str, ...], expected: list[str]) -> None:
    track = stated(RACETRACK)
    wrong = mistagged(np.random.default_rng(3), track, mistakes)
    audit, derived = audited(wrong)
    assert codes(audit) == expected
    assert median_miss(wrong) > 20.0
    assert median_miss(derived) < median_miss(track) + 3.0
    assert audit.repairs[0].before == audit.as_recorded
    assert audit.repairs[-1].after == audit.repaired
    assert audit.repaired.median == pytest.approx(median_miss(derived))


def test_evidence_is_complete_and_the_record_is_not_touched() -> None:
    track = stated()
    wrong = mistagged(np.random.default_rng(4), track, ("azimuth absolute", "azimuth bias"))
    kept = wrong.rel_azimuth_deg.copy()
    audit, derived = audited(wrong)
    assert np.array_equal(wrong.rel_azimuth_deg, kept)
    assert not np.array_equal(derived.rel_azimuth_deg, kept)
    shown = [repair.as_json() for repair in audit.repairs]
    assert [entry["applied"] for entry in shown] == [True, True]
    for entry in shown:
        assert set(entry) == {"code", "applied", "evidence", "frame_centre_miss_m"}
        evidence = entry["evidence"]
        assert isinstance(evidence, dict)
        assert evidence["residual_before_deg"] > 5 * evidence["residual_after_deg"]
        assert evidence["log_likelihood_ratio"] > 3
        assert evidence["fitted_on"] != evidence["accepted_on"]
    left_off = tuple(replace(repair, applied=False) for repair in audit.repairs)
    assert apply_repairs(wrong, left_off) is wrong


def test_a_bias_is_measured_with_its_error_and_both_readings_are_offered() -> None:
    track = stated(RACETRACK)
    heading = (track.heading_true_deg + 2.5) % 360.0
    audit, _ = audited(replace(track, heading_true_deg=heading))
    evidence = audit.repairs[0].evidence
    assert codes(audit) == ["AUD-030"]
    assert evidence["frame"] == "world"
    assert evidence["parameter_deg"] == pytest.approx(2.5, abs=0.03)
    assert evidence["parameter_sigma_deg"] < 0.03
    assert "AUD-006" in [finding.code for finding in audit.findings]


def test_a_ground_level_that_varies_comes_from_the_slant_range() -> None:
    track = stated()
    audit, derived = audited(replace(track, centre_height_m=np.linspace(0.0, 900.0, len(track))))
    assert codes(audit) == ["AUD-021"]
    assert np.nanmedian(np.abs(derived.centre_height_m - track.centre_height_m)) < 3.0


def test_a_shifted_ground_is_told_from_a_bias_without_a_slant_range() -> None:
    flight = Flight("leg", "stare", 120.0, 5.0, 800.0, 50.0, 30.0)
    track = replace(stated(flight), slant_m=np.full(600, np.nan))
    audit, derived = audited(replace(track, centre_height_m=track.centre_height_m - 120.0))
    assert codes(audit) == ["AUD-024"]
    assert np.nanmedian(np.abs(derived.centre_height_m - track.centre_height_m)) < 5.0


DATUM_CASES = [
    # labels of sensor and centre, what is added to each (in undulations), whose height is found wrong
    ("msl", "msl", 1, 0, "AUD-022"),
    ("msl", "msl", 0, 1, "AUD-023"),
    ("hae", "hae", 1, 0, "AUD-023"),
    ("hae", "hae", 0, 1, "AUD-022"),
    ("hae", "msl", 0, 0, "AUD-022"),
    ("hae", "msl", 1, 0, None),
    ("msl", "hae", 0, 1, None),
    ("unknown", "msl", 1, 0, "AUD-022"),
]


@pytest.mark.parametrize(("sensor", "centre", "up", "ground_up", "expected"), DATUM_CASES)
def test_heights_of_mixed_datums_are_found_by_the_undulation(
    sensor: str, centre: str, up: int, ground_up: int, expected: str | None
) -> None:
    """The flight is made in heights above mean sea level; where both labels say "hae" it stands for those."""
    track = stated(seed=11)
    size = undulation_m(track.sensor_lon_deg, track.sensor_lat_deg)
    assert abs(float(size[0])) > 10.0
    wrong = replace(
        track,
        sensor_height_m=track.sensor_height_m + up * size,
        centre_height_m=track.centre_height_m + ground_up * size,
        sensor_height_datum=sensor,
        centre_height_datum=centre,
    )
    audit, derived = audited(wrong)
    assert codes(audit) == ([expected] if expected else [])
    assert median_miss(derived) < median_miss(track) + 3.0


@pytest.mark.parametrize("group", sorted(LAGS))
def test_a_late_group_is_found_and_moved(group: str) -> None:
    track = stated(replace(RACETRACK, look="scan"), seed=5)
    wrong = late(track, LAGS[group], 8)
    audit, derived = audited(wrong)
    assert len(audit.repairs) == 1
    assert audit.repairs[0].code in ("AUD-040", "AUD-041", "AUD-042", "AUD-043", "AUD-044")
    assert abs(float(audit.repairs[0].evidence["lag_s"])) == pytest.approx(1.6, abs=0.1)  # type: ignore[arg-type]
    assert median_miss(derived) < 0.2 * median_miss(wrong)
    assert np.isnan(derived.rel_azimuth_deg).sum() <= 10


@pytest.mark.parametrize("mistake", sorted(FREEZES))
def test_a_frozen_value_follows_from_the_others(mistake: str) -> None:
    track = stated(replace(ORBIT, path="racetrack"), seed=9)
    first, last = 100, 220
    wrong = frozen(track, FREEZES[mistake], first, last)
    audit, derived = audited(wrong)
    assert codes(audit) == ["AUD-060"]
    assert audit.repairs[0].evidence["rows"] == last - first + 1
    for name in FREEZES[mistake]:
        off = np.abs(getattr(derived, name) - getattr(track, name))
        stale = np.abs(getattr(wrong, name) - getattr(track, name))
        assert np.median(off[first + 20 : last]) < 0.2 * np.median(stale[first + 20 : last])
        assert np.array_equal(getattr(derived, name)[:first], getattr(wrong, name)[:first])


def test_values_that_may_stand_still_are_not_called_frozen() -> None:
    hover = replace(ORBIT, path="hover", look="stare")
    truth = fly(np.random.default_rng(2), hover)
    still = truth.take(np.zeros(len(truth), np.intp))
    assert audited(replace(still, t_us=truth.t_us))[0].repairs == ()
    mount = fly(np.random.default_rng(2), replace(ORBIT, path="racetrack", look="fixed"))
    assert audited(mount)[0].repairs == ()


@pytest.mark.parametrize("order", [[1, 2, 3, 0], [3, 2, 1, 0], [0, 1, 3, 2], [2, 3, 0, 1], [1, 0, 3, 2]])
def test_corners_in_another_order_are_put_right(order: list[int]) -> None:
    track = stated(seed=12)
    wrong = replace(
        track, corner_lon_deg=track.corner_lon_deg[:, order], corner_lat_deg=track.corner_lat_deg[:, order]
    )
    audit, derived = audited(wrong)
    assert codes(audit) == ["AUD-050"]
    assert np.array_equal(derived.corner_lon_deg, track.corner_lon_deg)
    assert np.nanmedian(corner_miss(derived)) < 0.2 * np.nanmedian(corner_miss(wrong))


def test_corners_that_belong_to_nothing_are_reported_and_kept() -> None:
    track = stated(seed=12)
    audit, derived = audited(replace(track, hfov_deg=track.hfov_deg * 5.0, vfov_deg=track.vfov_deg * 0.3))
    assert audit.repairs == ()
    assert "AUD-051" in [finding.code for finding in audit.findings]
    assert np.array_equal(derived.corner_lon_deg, track.corner_lon_deg)


def test_units_slip() -> None:
    track = stated(seed=13)
    feet = replace(track, slant_m=track.slant_m * 3.280839895)
    half = replace(track, hfov_deg=track.hfov_deg / 2.0, vfov_deg=track.vfov_deg / 2.0)
    for wrong, name in ((feet, "slant_m"), (half, "hfov_deg")):
        audit, derived = audited(wrong)
        assert codes(audit) == ["AUD-070"]
        assert np.allclose(getattr(derived, name), getattr(track, name))


def test_a_slant_range_that_alone_is_wrong_is_named_and_nothing_is_changed() -> None:
    track = stated(seed=13)
    audit, _ = audited(replace(track, slant_m=track.slant_m * 1.4))
    assert audit.repairs == ()
    assert "AUD-008" in [finding.code for finding in audit.findings]


def test_absolute_angles_keep_the_image_upright_or_tilted_as_the_corners_tell() -> None:
    rng = np.random.default_rng(21)
    truth = fly(rng, replace(ORBIT, look="fixed"))  # the image rolls with the platform
    azimuth, elevation = world_angles(truth)
    _, derived = audited(replace(truth, rel_azimuth_deg=azimuth, rel_elevation_deg=elevation))
    assert np.nanmax(corner_miss(derived)) < 1.0
    level = fly(rng, ORBIT)  # the image stays level with the horizon: absolute roll is 0
    azimuth, elevation = world_angles(level)
    upright = replace(
        level, rel_azimuth_deg=azimuth, rel_elevation_deg=elevation, rel_roll_deg=np.zeros(len(level))
    )
    _, derived = audited(upright)
    assert np.nanmax(corner_miss(derived)) < 1.0


def test_absolute_angles_need_no_platform_attitude() -> None:
    track = stated()
    azimuth, elevation = world_angles(track)
    unknown = np.full(len(track), np.nan)
    wrong = replace(
        track,
        rel_azimuth_deg=azimuth,
        rel_elevation_deg=elevation,
        heading_true_deg=unknown,
        pitch_deg=unknown,
        roll_deg=unknown,
    )
    audit, derived = audited(wrong)
    assert codes(audit) == ["AUD-012"]
    assert audit.as_recorded.n == 0
    assert median_miss(derived) < 15.0
    silent, _ = audited(replace(track, heading_true_deg=unknown, pitch_deg=unknown, roll_deg=unknown))
    assert silent.repairs == ()


def test_too_little_ends_in_a_finding() -> None:
    track = stated()
    assert [f.code for f in audited(track.take(np.arange(3)))[0].findings] == ["AUD-004"]
    assert [f.code for f in audited(track.take(np.arange(0)))[0].findings] == ["AUD-004"]
    no_centre = replace(track, centre_lon_deg=np.full(len(track), np.nan))
    audit, _ = audited(no_centre)
    assert [f.code for f in audit.findings] == ["AUD-001"]
    assert audit.as_recorded.n == 0
    assert audit.as_recorded.as_json() == {"median": None, "p90": None, "n": 0}


def test_nonsense_is_reported_and_left_alone() -> None:
    track = stated()
    rng = np.random.default_rng(6)
    n = len(track)
    wrong = replace(track, rel_azimuth_deg=rng.uniform(0, 360, n), rel_elevation_deg=rng.uniform(-90, 0, n))
    audit, _ = audited(wrong)
    assert audit.repairs == ()
    assert "AUD-003" in [finding.code for finding in audit.findings]


def test_a_missing_target_height_comes_from_the_slant_range() -> None:
    track = stated()
    audit, _ = audited(replace(track, centre_height_m=np.full(len(track), np.nan)))
    assert audit.repairs == ()
    assert "AUD-009" in [finding.code for finding in audit.findings]
    assert audit.as_recorded.median < 20.0


def test_tracks_across_the_date_line_are_nothing_special() -> None:
    track = stated(replace(RACETRACK, look="scan"))
    turn = 180.0 - float(track.centre_lon_deg[0])
    moved = replace(
        track,
        **{
            name: (getattr(track, name) + turn + 180.0) % 360.0 - 180.0
            for name in ("sensor_lon_deg", "centre_lon_deg", "corner_lon_deg")
        },
    )
    assert np.ptp(moved.centre_lon_deg) > 300.0
    assert audited(moved)[0].repairs == ()
    wrong = mistagged(np.random.default_rng(3), moved, ("azimuth absolute", "elevation absolute"))
    audit, derived = audited(wrong)
    assert codes(audit) == ["AUD-012"]
    assert median_miss(derived) < 10.0
    audit, derived = audited(late(moved, LAGS["target late"], 8))
    assert len(audit.repairs) == 1
    assert median_miss(derived) < 10.0


def test_very_long_tracks_are_measured_on_some_rows() -> None:
    track = fly(np.random.default_rng(8), replace(RACETRACK, seconds=1000.0, rate_hz=30.0))
    azimuth, elevation = world_angles(track)
    audit, _ = audited(replace(track, rel_azimuth_deg=azimuth, rel_elevation_deg=elevation))
    assert codes(audit) == ["AUD-012"]
    assert audit.repaired.n == 15_000
    assert audit.repaired.median < 0.01
