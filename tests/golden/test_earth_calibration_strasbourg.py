"""A published aerial block: all standard deviations and coordinates DBAT printed, to the printed digit."""

from functools import cache

import numpy as np
import pytest

from atalaya.earth.calibration.adjustment import Adjusted, adjust
from atalaya.earth.calibration.covariance import Posterior, posterior
from atalaya.earth.calibration.projection import cameras, exponential
from tests.calibration_blocks import CHECKS, Floats, Strasbourg, angles_of, strasbourg
from tests.shared_data import shared


@cache
def solved() -> tuple[Strasbourg, Adjusted, Posterior]:
    case = strasbourg(shared("earth/dbat-sxb"))
    found = adjust(case.block)
    return case, found, posterior(found)


def as_printed(value: float, printed: str) -> bool:
    """Whether a value rounds to a printed number (three significant digits, trailing zeros not printed)."""
    half = 0.5 * 10.0 ** (np.floor(np.log10(float(printed))) - 2)
    return abs(value - float(printed)) <= half * 1.0001


def angle_deviations(rotation: Floats, covariance_deg2: Floats) -> Floats:
    """(3,) sd of omega, phi, kappa from the covariance of small turns about the frame's axes."""
    step = 1e-4
    slopes = []
    for axis in range(3):
        turn = np.zeros(3)
        turn[axis] = np.radians(step)
        ahead, behind = (angles_of(exponential(sign * turn)[0] @ rotation) for sign in (1, -1))
        slopes.append((ahead - behind) / (2 * step))
    jacobian = np.array(slopes).T
    return np.sqrt(np.diag(jacobian @ covariance_deg2 @ jacobian.T))


def test_unit_weight_redundancy_and_unknowns() -> None:
    _, found, spread = solved()
    assert round(found.sigma0, 4) == 1.1786
    assert found.redundancy == 1261
    assert found.converged
    assert found.rounds <= 8
    control = found.block.point_sd_m[np.isfinite(found.block.point_sd_m).all(axis=1)]
    after = spread.points[np.isfinite(found.block.point_sd_m).all(axis=1)]
    held = sum(3 - np.trace(cov / found.sigma0**2 / sd**2) for cov, sd in zip(after, control, strict=True))
    assert np.nansum(spread.redundancy_numbers) + held == pytest.approx(1261, abs=1e-4)


def test_exterior_orientation_and_its_deviations() -> None:
    case, found, spread = solved()
    seen = cameras(case.block, found.unknowns)
    for photo in range(5):
        angles = angles_of(seen.rotation[photo])
        assert angles == pytest.approx(case.orientation[photo, :3], abs=2e-6)
        assert seen.origin_m[photo] + case.offset == pytest.approx(case.orientation[photo, 3:], abs=2e-4)
        own = spread.look(photo)
        # own turns are about the frame's axes at the start; what the frame axes see now is J_l of them
        _, left = exponential(np.radians(found.unknowns.pose[photo, 3:]))
        turns = left @ own[3:, 3:] @ left.T
        ours = [*angle_deviations(seen.rotation[photo], turns), *np.sqrt(np.diag(own)[:3])]
        for value, printed in zip(ours, case.orientation_sd[photo], strict=True):
            assert as_printed(value, printed), (photo, value, printed)


def test_every_printed_point_and_its_deviations() -> None:
    case, found, spread = solved()
    places = found.unknowns.points + case.offset
    assert len(case.points) == 14
    assert set(case.checks) == set(CHECKS)
    for number, (place, printed) in {**case.points, **case.checks}.items():
        at = case.ids.index(number)
        assert np.round(places[at], 3) == pytest.approx(place, abs=6e-4), number
        for value, text in zip(np.sqrt(np.diag(spread.points[at])), printed, strict=True):
            assert as_printed(value, text), (number, value, text)


@pytest.mark.parametrize(("number", "miss"), [(410, (0.096, -0.296, 0.136)), (351, (0.167, 0.008, -0.459))])
def test_check_points_miss_by_as_much_as_published(number: int, miss: tuple[float, float, float]) -> None:
    case, found, _ = solved()
    place = found.unknowns.points[case.ids.index(number)] + case.offset
    assert place - case.surveyed[number] == pytest.approx(miss, abs=6e-4)


def test_any_start_leads_to_the_same_end() -> None:
    case, found, _ = solved()
    farther = strasbourg(shared("earth/dbat-sxb"), disturb=3.0)
    other = adjust(farther.block)
    assert other.sigma0 == pytest.approx(found.sigma0, rel=1e-7)
    assert other.unknowns.points == pytest.approx(found.unknowns.points, abs=1e-3)
    assert cameras(farther.block, other.unknowns).rotation == pytest.approx(
        cameras(case.block, found.unknowns).rotation, abs=1e-6
    )


def test_printed_numbers_are_compared_to_their_last_digit() -> None:
    assert as_printed(0.02094, "0.0209")
    assert not as_printed(0.02096, "0.0209")
    assert as_printed(0.01996, "0.02")
    assert not as_printed(0.01994, "0.02")
