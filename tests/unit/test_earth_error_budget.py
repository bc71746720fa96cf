"""What a budget of errors is made of, and what it refuses."""

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose
from atalaya.earth.error import (
    TERMS,
    ErrorBudget,
    Looks,
    Term,
    draw,
    locate,
    looks_from_angles,
    looks_from_pose,
    with_target_error,
)
from atalaya.earth.surface import LevelSurface


def look(**more: object) -> Looks:
    return looks_from_angles(-107.0, 25.0, 3000.0, 40.0, 2.0, -3.0, 80.0, -35.0, **more)  # type: ignore[arg-type]


def test_a_budget_names_what_is_only_assumed() -> None:
    budget = ErrorBudget(
        heading_deg=Term(0.1, 0.1), pitch_deg=Term(0.1, 0.0, "stated"), roll_deg=Term(0.0, 0.2, "calibrated")
    )
    assert budget.assumed == ("heading_deg",)
    points = locate(LevelSurface(0.0), look(), budget, rng=np.random.default_rng(0))
    assert points[0].assumed == ("heading_deg",)


def test_a_stated_total_keeps_the_division_into_shared_and_own() -> None:
    term = Term(3.0, 4.0).with_total(10.0, "stated")
    assert (term.shared, term.own, term.total, term.provenance) == (6.0, 8.0, 10.0, "stated")
    assert Term().with_total(2.0, "stated") == Term(0.0, 2.0, "stated")


def test_rounding_is_an_error_of_the_look_alone() -> None:
    shared, own = ErrorBudget(heading_deg=Term(1.0, 3.0), quantised_heading_deg=4.0).sigmas()
    place = TERMS.index("heading_deg")
    assert (shared[place], own[place]) == (1.0, 5.0)


@pytest.mark.parametrize("pair", [(-1.0, 0.0), (0.0, float("nan")), (float("inf"), 0.0)])
def test_a_sigma_that_is_none_is_refused(pair: tuple[float, float]) -> None:
    with pytest.raises(BadInput, match="EAR-060"):
        Term(*pair)


def test_correlations_that_contradict_each_other_are_refused() -> None:
    pairs = (
        ("heading_deg", "pitch_deg", 0.9),
        ("pitch_deg", "roll_deg", 0.9),
        ("heading_deg", "roll_deg", -0.9),
    )
    with pytest.raises(BadInput, match="EAR-061"):
        ErrorBudget(correlations=pairs)


def test_correlated_errors_add_or_cancel() -> None:
    terms = {"pitch_deg": Term(0.0, 0.1), "gimbal_elevation_deg": Term(0.0, 0.1)}
    ahead = looks_from_angles(-107.0, 25.0, 3000.0, 40.0, 0.0, 0.0, 0.0, -35.0)
    ce90 = {}
    for coefficient in (-0.999, 0.0, 0.999):
        budget = ErrorBudget(**terms, correlations=(("pitch_deg", "gimbal_elevation_deg", coefficient),))
        ce90[coefficient] = locate(LevelSurface(0.0), ahead, budget, rng=np.random.default_rng(0)).ce90_m[0]
    assert ce90[0.999] == pytest.approx(np.sqrt(2.0) * ce90[0.0], rel=0.01)
    assert ce90[-0.999] < 0.1 * ce90[0.0]


def test_draws_are_free_of_mean_and_correlation_and_replay() -> None:
    first, again = draw(np.random.default_rng(5)), draw(np.random.default_rng(5))
    assert np.array_equal(first.unit, again.unit)
    assert np.allclose(first.unit.mean(axis=0), 0.0, atol=1e-12)
    assert np.allclose(first.unit.T @ first.unit / len(first), np.eye(40), atol=1e-10)
    with pytest.raises(BadInput, match="EAR-063"):
        draw(np.random.default_rng(5), 60)


def test_what_a_call_lacks_is_said() -> None:
    with pytest.raises(BadInput, match="EAR-065"):
        locate(LevelSurface(0.0), look(), ErrorBudget())
    with pytest.raises(BadInput, match="EAR-064"):
        locate(LevelSurface(0.0), look(), [ErrorBudget()] * 3, rng=np.random.default_rng(0))
    pose = Pose(np.zeros((3, 3)), np.broadcast_to(np.eye(3), (3, 3, 3)))
    with pytest.raises(BadInput, match="EAR-062"):
        looks_from_pose(pose, np.ones((2, 3)))


def test_a_photograph_errs_about_level_axes() -> None:
    gimballed = looks_from_angles(
        -107.0, 25.0, 3000.0, 40.0, 0.0, 0.0, 0.0, -35.0, direction=(1.0, 0.1, 0.05)
    )
    pose = Pose(gimballed.origin_m[0], gimballed.camera_to_ecef[0])
    photo = looks_from_pose(pose, gimballed.direction)
    budget = ErrorBudget(heading_deg=Term(0.0, 1.0), pitch_deg=Term(0.0, 0.2))
    found = [
        locate(LevelSurface(0.0), one, budget, rng=np.random.default_rng(0)) for one in (gimballed, photo)
    ]
    assert np.allclose(found[0].covariance, found[1].covariance, rtol=1e-3)


def test_straight_down_has_axes_too() -> None:
    pose = Pose(
        *(
            getattr(looks_from_angles(-107.0, 25.0, 3000.0, 40.0, -90.0, 0.0), name)[0]
            for name in ("origin_m", "camera_to_ecef")
        )
    )
    looks = looks_from_pose(pose, np.array([[1.0, 0.0, 0.0]]))
    assert np.allclose(np.linalg.norm(looks.platform_axes, axis=2), 1.0)


def test_a_budget_agrees_with_the_target_error_a_stream_states() -> None:
    budget = ErrorBudget(heading_deg=Term(0.1, 0.05), pitch_deg=Term(0.1, 0.05), terrain_up_m=Term(3.0, 0.0))
    ground = LevelSurface(0.0)
    stated = with_target_error(budget, ground, look(), 80.0, 16.45)
    found = locate(ground, look(), stated, method="first-order", rng=np.random.default_rng(0))
    assert found.ce90_m[0] == pytest.approx(80.0, rel=1e-6)
    assert found.le90_m[0] == pytest.approx(16.45, rel=1e-3)
    assert stated.assumed == ()


def test_a_target_error_below_what_the_ground_errs_by_cannot_be_met() -> None:
    budget = ErrorBudget(heading_deg=Term(0.1, 0.05), terrain_up_m=Term(30.0, 0.0))
    ground = LevelSurface(0.0)
    found = locate(
        ground, look(), with_target_error(budget, ground, look(), 5.0), rng=np.random.default_rng(0)
    )
    assert found.ce90_m[0] > 30.0
    assert with_target_error(budget, ground, look(), float("nan")) is budget
