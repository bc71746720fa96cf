"""A drone survey with course for heading and a camera that is not "nadir": 8.6 m before, 0.3 m after."""

from functools import cache

import numpy as np
import pytest

from atalaya.earth.calibration import Calibration, Mark, Priors, calibrate_sortie
from atalaya.earth.calibration.assemble import assembled
from atalaya.earth.calibration.robust import fit
from atalaya.earth.ellipsoid import enu_basis, geodetic_to_ecef
from atalaya.earth.sightline import point_at_height
from tests.calibration_blocks import Floats, Sortie, helenenschacht
from tests.shared_data import shared

TURNING = "MAX_0131.JPG"
PRIORS = Priors(position_m=(0.2, 0.2, 0.2))
"""Boresight 5/15/5 deg, focal 5 %, k1 0.1, and two base stations that need not agree."""


@cache
def sortie() -> Sortie:
    return helenenschacht(shared("earth/helenenschacht"))


@cache
def found() -> Calibration:
    return calibrated(sortie(), PRIORS)


@cache
def found_without_survey() -> Calibration:
    return calibrated(sortie().without_survey(), Priors())


def calibrated(given: Sortie, priors: Priors) -> Calibration:
    return calibrate_sortie(given.looks, given.points, given.marks, priors=priors)


def misses(given: Sortie, marks: list[Mark], states: Floats | None) -> list[float]:
    """Metres between each surveyed point and where its mark's line of sight meets its height.

    states: shared ones to correct pose and lens by, None for the metadata as they stand.
    """
    points, looks = ({one.name: one for one in part} for part in (given.points, given.looks))
    far = []
    for mark in marks:
        look, point = looks[mark.look], points[mark.point]
        pose, lens = look.pose, look.lens
        if states is not None:
            pose = found().apply_pose(pose, look.t_us, np.array(look.velocity_m_s), shared=states)
            lens = found().apply_lens(lens, states)
        toward = pose.camera_to_ecef @ lens.directions(np.array([mark.column]), np.array([mark.row]))[0]
        met = point_at_height(pose.origin_m, toward, point.height_hae_m)
        true = geodetic_to_ecef(point.lon_deg, point.lat_deg, point.height_hae_m)
        far.append(float(np.linalg.norm(met - true)))
    return far


def test_as_stated_it_is_off_by_metres() -> None:
    before = misses(sortie(), list(sortie().marks), None)
    assert len(before) == 35
    assert np.median(before) == pytest.approx(8.57, abs=0.1)


def test_a_point_left_out_is_met_within_0_3_m() -> None:
    given = sortie()
    after: dict[str, float] = {}
    for point in given.points:
        others = [mark for mark in given.marks if mark.point != point.name]
        fitted = fit(assembled(given.looks, given.points, others, (), PRIORS, None, 0.0).block)
        out = [mark for mark in given.marks if mark.point == point.name]
        far = misses(given, out, fitted.adjusted.unknowns.shared)
        after.update(zip((mark.look for mark in out), far, strict=True))
    assert len(after) == 35
    assert np.median(list(after.values())) <= 0.3
    turned = after.pop(TURNING)
    assert turned > 20.0
    assert np.quantile(list(after.values()), 0.9) <= 0.47
    assert max(after.values()) <= 0.63


def test_an_accepted_calibration_is_applied_to_all_marks() -> None:
    marks = list(sortie().marks)
    after = misses(sortie(), marks, found().shared)
    assert np.median(after) <= 0.3
    assert found().shared == pytest.approx([state.value for state in found().states])


def test_the_turning_picture_alone_is_flagged() -> None:
    for calibration in (found(), found_without_survey()):
        assert [look.look for look in calibration.flagged] == [TURNING]
        assert calibration.flagged[0].miss_m == pytest.approx(24.0, abs=0.5)
        assert calibration.rejected == ()
        assert any(f.code == "EAR-050" and f.where == TURNING for f in calibration.findings)


def test_what_the_sortie_shares() -> None:
    calibration = found()
    assert calibration.accepted
    assert calibration.state("boresight_pitch_deg").value == pytest.approx(9.8, abs=0.1)
    assert calibration.state("focal_change").value == pytest.approx(-0.05, abs=0.01)
    assert calibration.state("height_m").status == "prior", "one height: cannot be told from focal length"
    assert calibration.held_out is not None
    assert calibration.held_out.by == "point"
    assert calibration.held_out.after.median_m <= 0.3
    assert calibration.held_out.before.median_m > 8.0
    assert calibration.held_out.floor_m > 0.0, "five points at one height do not tell everything"


def test_without_any_surveyed_position() -> None:
    calibration = found_without_survey()
    assert calibration.accepted
    true = {point.name: point for point in sortie().points}
    far = []
    for place in calibration.points:
        point = true[place.name]
        off = geodetic_to_ecef(place.lon_deg, place.lat_deg, place.height_hae_m) - geodetic_to_ecef(
            point.lon_deg, point.lat_deg, point.height_hae_m
        )
        far.append(float(np.hypot(*(off @ enu_basis(point.lon_deg, point.lat_deg))[:2])))
    assert len(far) == 5
    assert max(far) <= 0.28
    assert np.median(far) <= 0.25
    assert calibration.state("boresight_pitch_deg").value == pytest.approx(9.8, abs=0.1)


@pytest.mark.parametrize("attitude", [(0.3, 0.2, 0.2), (2.0, 2.0, 2.0)])
def test_stated_errors_of_the_looks_need_not_be_right(attitude: tuple[float, float, float]) -> None:
    guess = helenenschacht(shared("earth/helenenschacht"), attitude)
    other = calibrated(guess, PRIORS)
    for name in ("boresight_roll_deg", "boresight_pitch_deg", "boresight_yaw_deg", "focal_change", "north_m"):
        ours, theirs = found().state(name), other.state(name)
        assert theirs.value == pytest.approx(ours.value, abs=0.2 * ours.sd), name
        assert theirs.sd == pytest.approx(ours.sd, rel=0.1), name
