"""The bundle adjustment against brute force: derivatives, solution, covariance, redundancy."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth.calibration import Priors, SlantRange
from atalaya.earth.calibration.adjustment import Adjusted, adjust
from atalaya.earth.calibration.assemble import assembled
from atalaya.earth.calibration.block import SHARED, Block, Floats, Unknowns
from atalaya.earth.calibration.covariance import posterior
from atalaya.earth.calibration.normal import normal, rows
from atalaya.earth.calibration.projection import predicted_marks, predicted_ranges
from atalaya.earth.calibration.statements import HEADING, HEIGHT, LAG, ROLL
from atalaya.earth.lens import Brown, Fisheye, Pinhole
from tests.calibration_blocks import Truth, made_sortie

ALL = Priors(
    boresight_deg=(3.0, 3.0, 3.0),
    heading_deg=2.0,
    focal_change=0.05,
    centre_px=20.0,
    k1=0.1,
    lag_s=0.5,
    drift_s_per_h=0.5,
    position_m=(3.0, 3.0, 5.0),
)


def block_of(priors: Priors = ALL, looks: int = 6, points: int = 5, surveyed: bool = True) -> Block:
    generator = np.random.default_rng(11)
    made = made_sortie(generator, Truth(lag_s=0.1), looks, points, surveyed)
    ranges = [SlantRange(mark.look, mark.point, 2500.0, 2.0) for mark in made.marks[:7]]
    block = assembled(made.looks, made.points, made.marks, ranges, priors, None, 5.0).block
    turning = generator.normal(0, 2.0, (block.looks, 3))
    return replace(block, turn_rate_deg_s=turning, hours=np.linspace(-0.5, 0.5, block.looks))


def disturbed(block: Block) -> Unknowns:
    generator = np.random.default_rng(5)
    shared = generator.normal(0, 1, SHARED) * (0.5, 0.5, 0.5, 0.4, 0.02, 5, 5, 0.05, 0.1, 0.1, 1, 1, 2)
    pose = generator.normal(0, 1, (block.looks, 6)) * (1, 1, 1, 0.5, 0.5, 0.5)
    return Unknowns(shared, pose, block.point_m + generator.normal(0, 2, block.point_m.shape))


def columns(block: Block, unknowns: Unknowns, moved: tuple[str, int], step: float) -> tuple[Floats, Floats]:
    """Predictions with one unknown of every look or point moved."""
    kind, at = moved
    changed = {"shared": unknowns.shared, "pose": unknowns.pose, "points": unknowns.points}
    value = changed[kind].copy()
    value[..., at] += step
    there = replace(unknowns, **{kind: value})
    return predicted_marks(block, there).value, predicted_ranges(block, there).value


UNKNOWNS = (
    [("shared", i) for i in range(SHARED)]
    + [("pose", i) for i in range(6)]
    + [("points", i) for i in range(3)]
)


LENSES = (
    Pinhole(1920, 1080, 3000.0, 3100.0, 959.5, 539.5),
    Brown(1920, 1080, 3000.0, 3000.0, 950.0, 545.0, k1=-0.1, k2=0.01, p1=0.001, p2=-0.0005),
    Fisheye(1920, 1080, 3000.0, 3000.0, 959.5, 539.5, k1=0.02, k2=-0.005),
)


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: type(lens).__name__)
@pytest.mark.parametrize("moved", UNKNOWNS)
def test_every_derivative_is_the_slope(moved: tuple[str, int], lens: Pinhole) -> None:
    block = replace(block_of(), lenses=(lens,))
    unknowns = disturbed(block)
    kind, at = moved
    step = 1e-5 if at == 7 or kind != "shared" else 1e-4
    ahead, behind = (columns(block, unknowns, moved, sign * step) for sign in (1, -1))
    for number, made in enumerate((predicted_marks(block, unknowns), predicted_ranges(block, unknowns))):
        slope = (ahead[number] - behind[number]) / (2 * step)
        where = {"shared": at, "pose": SHARED + at, "points": at}[kind]
        ours = (made.by_point if kind == "points" else made.by_camera)[:, :, where]
        assert ours == pytest.approx(slope, abs=1e-5 * max(1.0, np.abs(slope).max())), moved


def dense(found: Adjusted) -> tuple[Floats, Floats]:
    """All rows as one matrix of the unknowns that are solved for, and where those stand."""
    made = rows(found.block, found.unknowns, found.weights, found.frozen)
    system = normal(found.block, made, found.frozen)
    free = np.concatenate((system.free_camera, system.free_point))
    return np.hstack((made.camera.toarray(), made.point.toarray()))[:, free], free


@pytest.mark.parametrize(("looks", "points"), [(6, 5), (4, 14)])
def test_covariance_is_the_inverse_of_the_whole_normal_matrix(looks: int, points: int) -> None:
    block = block_of(looks=looks, points=points)
    found = adjust(block)
    assert found.converged
    spread = posterior(found)
    a, free = dense(found)
    whole = np.zeros((len(free), len(free)))
    whole[np.ix_(free, free)] = found.sigma0**2 * np.linalg.inv(a.T @ a)
    size = len(spread.camera)
    assert spread.camera == pytest.approx(whole[:size, :size], rel=1e-6, abs=1e-12)
    for point in range(block.points):
        at = slice(size + 3 * point, size + 3 * point + 3)
        assert spread.points[point] == pytest.approx(whole[at, at], rel=1e-6, abs=1e-12)
    hat = np.einsum("ni,ij,nj->n", a, np.linalg.inv(a.T @ a), a)
    numbers = spread.redundancy_numbers.ravel()
    assert numbers == pytest.approx(1.0 - hat[: len(numbers)], abs=1e-8)
    assert np.sum(1.0 - hat) == pytest.approx(found.redundancy, abs=1e-6)


@pytest.mark.parametrize(("looks", "points"), [(6, 5), (4, 14)])
def test_solution_is_where_the_gradient_vanishes(looks: int, points: int) -> None:
    found = adjust(block_of(looks=looks, points=points))
    made = rows(found.block, found.unknowns, found.weights, found.frozen)
    a, _ = dense(found)
    scale = np.sqrt(np.sum(a * a, axis=0))
    assert np.abs(a.T @ made.residual / scale).max() < 1e-2
    assert found.cost == pytest.approx(made.residual @ made.residual)


def test_eliminating_looks_or_points_gives_one_step() -> None:
    block = block_of()
    none = np.zeros(SHARED, np.bool_)
    system = normal(block, rows(block, disturbed(block), np.ones(block.marks), none), none)
    for damping in (0.0, 1e-2):
        by_points, by_looks = system._points_first(damping), system._looks_first(damping)
        for ours, theirs in zip(by_points, by_looks, strict=True):
            assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-9)


def test_a_frozen_state_passes_its_prior_on() -> None:
    """Consider covariance: the error made by holding a state at its prior, as the whole matrix has it."""
    block = block_of()
    frozen = np.isin(np.arange(SHARED), (HEADING, LAG))
    found = adjust(block, frozen=frozen)
    assert found.unknowns.shared[frozen] == pytest.approx(0.0, abs=0.0)
    spread = posterior(found, 1.0)
    a, free = dense(found)
    both = rows(block, found.unknowns, found.weights, np.zeros(SHARED, np.bool_))
    held = both.camera.toarray()[:, np.flatnonzero(frozen)]
    held = np.where(np.arange(len(held))[:, None] < 2 * block.marks + len(block.range_m), held, 0.0)
    inverse = np.linalg.inv(a.T @ a)
    observed = 2 * block.marks + len(block.range_m)
    # the held states' own prior rows are no observations of the others
    answer = inverse @ a[:observed].T @ held[:observed]
    prior = np.diag(block.shared_sd[frozen] ** 2)
    solved = np.flatnonzero(free[: len(spread.camera)])
    expected = inverse + answer @ prior @ answer.T
    size = len(solved)
    assert spread.camera[np.ix_(solved, solved)] == pytest.approx(expected[:size, :size], rel=1e-6, abs=1e-10)
    at = np.flatnonzero(frozen)
    assert spread.shared[np.ix_(at, at)] == pytest.approx(prior)
    assert spread.camera[np.ix_(solved, at)] == pytest.approx(-(answer @ prior)[:size], rel=1e-6, abs=1e-10)


def test_weights_of_zero_are_as_if_the_marks_were_not_there() -> None:
    block = block_of()
    keep = np.arange(block.marks) % 5 > 0
    weighted = adjust(block, weights=keep * 1.0)
    fewer = adjust(block.with_marks(keep))
    assert weighted.redundancy == fewer.redundancy
    assert weighted.unknowns.shared == pytest.approx(fewer.unknowns.shared, abs=1e-6)
    spread, other = posterior(weighted), posterior(fewer)
    assert spread.camera == pytest.approx(other.camera, rel=1e-5, abs=1e-9)
    assert np.isnan(spread.redundancy_numbers[~keep]).all()


def test_a_range_holds_what_it_measures() -> None:
    near = block_of(Priors(position_m=(0.0, 0.0, 20.0), boresight_deg=(0.0, 0.0, 0.0), k1=0.0))
    without = replace(near, range_look=near.range_look[:0], range_point=near.range_point[:0])
    without = replace(without, range_m=near.range_m[:0], range_sd_m=near.range_sd_m[:0])
    truth = predicted_ranges(near, adjust(without).unknowns).value[:, 0]
    measured = replace(near, range_m=truth)
    sd = [np.sqrt(posterior(adjust(one), 1.0).shared[HEIGHT, HEIGHT]) for one in (without, measured)]
    assert sd[1] < sd[0]
    assert adjust(measured).redundancy == adjust(without).redundancy + 7


def test_a_free_net_is_refused() -> None:
    """Ties alone, orientation unknown: position, attitude and scale are held by nothing."""
    block = block_of(Priors(boresight_deg=(0, 0, 0), focal_change=0, k1=0), surveyed=False)
    free = replace(
        block,
        position_sd_m=np.full((block.looks, 3), np.inf),
        attitude_sd_deg=np.full((block.looks, 3), np.inf),
        range_sd_m=np.full(7, 1e12),
    )
    with pytest.raises(BadInput) as refused:
        posterior(adjust(free, rounds=5))
    assert refused.value.code == "EAR-048"


def test_fewer_observations_than_unknowns_are_refused() -> None:
    block = block_of(Priors(boresight_deg=(np.inf,) * 3, focal_change=np.inf, k1=np.inf))
    one = block.with_marks(np.arange(block.marks) < 2)
    bare = replace(
        one,
        range_look=one.range_look[:0],
        range_point=one.range_point[:0],
        range_m=one.range_m[:0],
        range_sd_m=one.range_sd_m[:0],
    )
    with pytest.raises(BadInput) as refused:
        adjust(bare)
    assert refused.value.code == "EAR-048"
    assert "4" in str(refused.value)


def test_roll_and_heading_cannot_be_told_apart_straight_down() -> None:
    block = block_of(Priors(boresight_deg=(5, 5, 5), heading_deg=5.0, k1=0.0))
    down = np.zeros((block.looks, 3, 3))
    down[:, 2, 0], down[:, 0, 1], down[:, 1, 2] = -1.0, 1.0, -1.0
    nadir = replace(
        block,
        rotation=down,
        enu=np.broadcast_to(np.eye(3), down.shape),
        turn_axes=np.broadcast_to(np.stack(([0, 0, -1.0], [1.0, 0, 0], [0, 1.0, 0]), axis=1), down.shape),
        origin_m=np.column_stack(
            (np.linspace(-150, 150, block.looks), np.zeros(block.looks), np.full(block.looks, 500.0))
        ),
        point_m=np.random.default_rng(1).uniform(-90, 90, block.point_m.shape) * (1, 1, 0.3),
    )
    exact = predicted_marks(nadir, nadir.start()).value
    nadir = replace(nadir, mark_px=exact, range_m=predicted_ranges(nadir, nadir.start()).value[:, 0])
    spread = posterior(adjust(nadir), 1.0).shared
    correlation = spread[ROLL, HEADING] / np.sqrt(spread[ROLL, ROLL] * spread[HEADING, HEADING])
    assert correlation < -0.99
    assert np.sqrt(spread[ROLL, ROLL]) > 3.0
