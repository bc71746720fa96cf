"""Calibration of made sorties: the truth is found, the wrong is flagged, the useless is refused."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth.attitude import rotation_zyx
from atalaya.earth.calibration import (
    STATES,
    Calibration,
    CalibrationPoint,
    Mark,
    Priors,
    SlantRange,
    calibrate_sortie,
)
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.surface import LevelSurface
from tests.calibration_blocks import Sortie, Truth, made_sortie, true_states

PRIORS = Priors(boresight_deg=(3.0, 3.0, 3.0), lag_s=0.5, k1=0.0)
TRUTH = Truth(lag_s=0.2)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def calibrated(given: Sortie, priors: Priors = PRIORS) -> Calibration:
    return calibrate_sortie(given.looks, given.points, given.marks, priors=priors)


def turned(given: Sortie, name: str, degrees: float) -> Sortie:
    """The same sortie with one look's stated heading wrong."""
    looks = []
    for look in given.looks:
        if look.name == name:
            twist = look.pose.camera_to_ecef @ rotation_zyx(degrees, 0.0, 0.0)
            look = replace(look, pose=Pose(look.pose.origin_m, twist))
        looks.append(look)
    return replace(given, looks=tuple(looks))


def test_boresight_focal_length_and_clock_are_found() -> None:
    found = calibrated(made_sortie(generator(), TRUTH))
    assert found.accepted
    assert not found.flagged
    for name, true in zip(STATES, true_states(TRUTH), strict=True):
        state = found.state(name)
        assert abs(state.value - true) <= 3.5 * state.sd + 1e-12, name
        assert state.status == ("estimated" if state.prior_sd > 0 else "fixed")
    assert found.state("lag_s").sd < 0.05
    assert found.sigma0 == pytest.approx(1.0, abs=0.15)
    assert found.held_out is not None
    assert found.held_out.after.median_m < 0.2 * found.held_out.before.median_m


def test_what_is_found_brings_marks_onto_their_points() -> None:
    given = made_sortie(generator(2), replace(TRUTH, attitude_sd_deg=0.01, position_sd_m=0.2, k1=0.05))
    found = calibrated(given, replace(PRIORS, k1=0.1))
    points = {point.name: point for point in given.points}
    looks = {look.name: look for look in given.looks}
    far: dict[bool, list[float]] = {True: [], False: []}
    for mark in given.marks:
        look, point = looks[mark.look], points[mark.point]
        place = geodetic_to_ecef(point.lon_deg, point.lat_deg, point.height_hae_m)
        for corrected in (True, False):
            pose, lens = look.pose, look.lens
            if corrected:
                pose = found.apply_pose(pose, look.t_us, np.array(look.velocity_m_s))
                lens = found.apply_lens(lens)
            column, row = lens.pixels(((place - pose.origin_m) @ pose.camera_to_ecef)[None])
            far[corrected].append(float(np.hypot(column[0] - mark.column, row[0] - mark.row)))
    assert np.median(far[False]) > 40.0
    assert np.median(far[True]) < 2.5


def test_a_look_taken_in_a_turn_is_flagged_and_changes_nothing() -> None:
    given = made_sortie(generator(4), TRUTH)
    clean, found = calibrated(given), calibrated(turned(given, "L5", 4.0))
    assert [look.look for look in found.flagged] == ["L5"]
    assert found.flagged[0].miss_m > 50.0
    finding = next(f for f in found.findings if f.code == "EAR-050")
    assert finding.where == "L5"
    assert "m" in finding.message
    without = [i for i, state in enumerate(found.states) if state.prior_sd > 0]
    for i in without:
        assert found.states[i].value == pytest.approx(clean.states[i].value, abs=2.0 * clean.states[i].sd)


def test_several_wrong_looks_do_not_hide_each_other() -> None:
    given = made_sortie(generator(5), TRUTH, looks=20)
    for name in ("L2", "L9", "L10", "L17"):
        given = turned(given, name, 3.0)
    assert {look.look for look in calibrated(given).flagged} == {"L2", "L9", "L10", "L17"}


def test_a_wrong_mark_goes_and_its_look_stays() -> None:
    given = made_sortie(generator(6), TRUTH)
    slip = given.marks[7]
    marks = tuple(replace(m, column=m.column + 90.0) if m is slip else m for m in given.marks)
    found = calibrated(replace(given, marks=marks))
    assert [(one.look, one.point) for one in found.rejected] == [(slip.look, slip.point)]
    assert not found.flagged
    assert found.marks == len(marks) - 1
    assert any(f.code == "EAR-058" for f in found.findings)


def test_ties_alone_find_the_boresight_of_an_orbit() -> None:
    given = made_sortie(generator(7), replace(TRUTH, lag_s=0.0), looks=16, surveyed=False)
    found = calibrated(given, Priors(boresight_deg=(3, 3, 3), k1=0.0))
    assert found.accepted
    assert found.held_out is not None
    assert found.held_out.by == "look"
    for name, true in (("boresight_pitch_deg", -0.7), ("boresight_yaw_deg", 0.9)):
        assert found.state(name).value == pytest.approx(true, abs=3.5 * found.state(name).sd)
        assert found.state(name).sd < 0.15
    assert len(found.points) == 12


def test_ground_of_known_height_places_ties() -> None:
    given = made_sortie(generator(8), replace(TRUTH, lag_s=0.0), surveyed=False, looks=10)
    level = LevelSurface(1400.0)
    flat = calibrate_sortie(
        given.looks,
        given.points,
        given.marks,
        priors=Priors(boresight_deg=(3, 3, 3), k1=0.0),
        surface=level,
        surface_sd_m=80.0,
    )
    assert flat.accepted
    assert flat.redundancy > calibrated(given, Priors(boresight_deg=(3, 3, 3), k1=0.0)).redundancy
    assert all(abs(point.height_hae_m - 1400.0) < 200.0 for point in flat.points)


def test_a_state_that_learns_nothing_stays_at_its_prior() -> None:
    given = made_sortie(generator(9), TRUTH, looks=4, points=3)
    marks = tuple(mark for mark in given.marks if mark.look in ("L0", "L1", "L2"))
    found = calibrated(
        replace(given, marks=marks), replace(PRIORS, k1=0.001, position_m=(0.001, 0.001, 0.001))
    )
    for name in ("k1", "east_m", "height_m"):
        state = found.state(name)
        assert (state.status, state.value) == ("prior", 0.0), name
        assert state.sd == pytest.approx(state.prior_sd)
        assert any(f.code == "EAR-052" and f.where == name for f in found.findings)


def test_right_metadata_are_not_made_worse() -> None:
    """Nothing to find: what the noise suggests is either refused or too small to matter."""
    clean = Truth(boresight_deg=(0, 0, 0), focal_change=0.0)
    for seed in range(2):
        found = calibrated(made_sortie(generator(20 + seed), clean))
        assert found.held_out is not None
        if found.accepted:
            assert found.held_out.after.median_px < found.held_out.before.median_px
        else:
            assert any(f.code == "EAR-051" for f in found.findings)
            assert found.shared == pytest.approx(0.0)
            assert np.sqrt(np.diag(found.shared_covariance)) == pytest.approx(PRIORS.sd())


def test_what_was_not_accepted_changes_nothing() -> None:
    given = made_sortie(generator(10), TRUTH)
    refused = replace(calibrated(given), accepted=False)
    look = given.looks[0]
    pose = refused.apply_pose(look.pose, look.t_us, np.array(look.velocity_m_s))
    assert pose.origin_m == pytest.approx(look.pose.origin_m, abs=1e-9)
    assert pose.camera_to_ecef == pytest.approx(look.pose.camera_to_ecef, abs=1e-15)
    assert refused.apply_lens(look.lens) is look.lens


def test_two_looks_cannot_be_checked() -> None:
    given = made_sortie(generator(11), TRUTH, looks=2, points=2)
    found = calibrated(given, Priors(boresight_deg=(3, 3, 3), k1=0.0))
    assert not found.accepted
    assert found.held_out is None
    assert any(f.code == "EAR-059" for f in found.findings)


def test_order_of_statements_does_not_matter() -> None:
    given = made_sortie(generator(12), TRUTH)
    mixed = Sortie(given.looks[::-1], given.points[::-1], given.marks[::-1])
    ours, theirs = calibrated(given), calibrated(mixed)
    assert theirs.shared == pytest.approx(ours.shared, abs=1e-5)
    assert np.array(theirs.covariance) == pytest.approx(np.array(ours.covariance), rel=1e-3, abs=1e-9)


def test_a_poses_batch_is_corrected_like_single_ones() -> None:
    given = made_sortie(generator(13), replace(TRUTH, heading_deg=0.5))
    found = calibrated(given, replace(PRIORS, heading_deg=2.0, position_m=(2.0, 2.0, 2.0)))
    looks = given.looks[:5]
    poses = Pose(
        np.array([look.pose.origin_m for look in looks]),
        np.array([look.pose.camera_to_ecef for look in looks]),
    )
    rates = np.array([(0.5 * n, -0.2, 0.1) for n in range(5)])
    speeds = np.array([look.velocity_m_s for look in looks])
    batch = found.apply_pose(poses, None, speeds, rates)
    for n, look in enumerate(looks):
        one = found.apply_pose(look.pose, None, speeds[n], rates[n])
        assert batch.origin_m[n] == pytest.approx(one.origin_m, abs=1e-6)
        assert batch.camera_to_ecef[n] == pytest.approx(one.camera_to_ecef, abs=1e-12)


def test_draws_have_the_posterior_covariance() -> None:
    found = calibrated(made_sortie(generator(14), TRUTH))
    draws = found.draws(generator(1), 20_000)
    free = [i for i, state in enumerate(found.states) if state.sd > 0]
    assert draws.mean(axis=0)[free] == pytest.approx(
        found.shared[free], abs=5 * max(s.sd for s in found.states) / 140
    )
    sample, wanted = np.cov(draws[:, free].T), found.shared_covariance[np.ix_(free, free)]
    scale = np.sqrt(np.diag(wanted))
    assert sample / scale[:, None] / scale == pytest.approx(wanted / scale[:, None] / scale, abs=0.05)


def test_marks_that_join_nothing_are_refused() -> None:
    given = made_sortie(generator(15), TRUTH, looks=3, points=3)
    for marks in (
        [],
        [Mark("other", "P0", 10, 10)],
        [Mark("L0", "other", 10, 10)],
        [Mark("L0", "P0", -50, 10)],
    ):
        with pytest.raises(BadInput) as refused:
            calibrate_sortie(given.looks, given.points, marks)
        assert refused.value.code == "EAR-047"


def test_broken_statements_are_counted_and_the_rest_is_used() -> None:
    given = made_sortie(generator(16), TRUTH)
    nan = float("nan")
    blind = replace(given.looks[3], pose=Pose(np.full(3, nan), given.looks[3].pose.camera_to_ecef))
    looks = (*given.looks[:3], blind, *given.looks[4:])
    marks = (
        *given.marks,
        Mark("L0", "P0", nan, 5.0),
        Mark("L0", "P0", 5.0, 5.0, 0.0),
        Mark("L0", "sky", 5.0, 5.0),
    )
    points = (*given.points, CalibrationPoint("sky"))
    ranges = [SlantRange("L0", "P0", -1.0, 1.0), SlantRange("nobody", "P0", 10.0, 1.0)]
    found = calibrate_sortie(looks, points, marks, ranges=ranges, priors=PRIORS)
    codes = {finding.code: finding.count for finding in found.findings}
    assert codes["EAR-054"] == 1
    assert codes["EAR-057"] == sum(m.look == "L3" for m in given.marks) + 2 + 2
    assert codes["EAR-056"] == 1
    assert found.accepted
    assert "L3" not in {one.look for one in found.flagged}
