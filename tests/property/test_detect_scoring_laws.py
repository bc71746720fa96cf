"""Laws of scoring: order decides nothing, false alarms never help, a perfect detector scores 1."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.detect.scoring.calibration import calibration, reliability
from atalaya.detect.scoring.coco_ap import Boxes, coco_ap
from atalaya.detect.scoring.drift import psi
from atalaya.detect.scoring.froc import Judged, froc, judged, pd_interval
from atalaya.detect.scoring.gospa import gospa
from atalaya.detect.scoring.halo import nauc
from atalaya.detect.scoring.matching import Pairs, assigned, middle_in_box, within_distance
from atalaya.detect.scoring.pixel_maps import map_score
from atalaya.detect.scoring.polygon_f1 import image_f1
from atalaya.detect.scoring.probability_fit import isotonic

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=60, deadline=None)


def scene(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Claims and truths in 100 m, many of them near each other; scores."""
    truth, claims = (
        rng.uniform(0, 100, (rng.integers(1, 12), 2)),
        rng.uniform(0, 100, (rng.integers(0, 30), 2)),
    )
    near = rng.random(len(claims)) < 0.5
    claims[near] = truth[rng.integers(0, len(truth), near.sum())] + rng.normal(0, 3, (near.sum(), 2))
    return truth, claims, rng.permutation(len(claims)) + rng.random(len(claims))


def judge(truth: np.ndarray, claims: np.ndarray, score: np.ndarray) -> Judged:
    return judged(score, within_distance(claims, truth, 8.0), len(truth))


@pytest.mark.proves("SCO-002")
@given(SEEDS)
@FEW
def test_order_of_claims_and_truths_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, claims, score = scene(rng)
    a, b = rng.permutation(len(truth)), rng.permutation(len(claims))
    one, other = judge(truth, claims, score), judge(truth[a], claims[b], score[b])
    assert sorted(one.found) == sorted(other.found)
    assert sorted(one.false) == sorted(other.false)
    assert one.extra == other.extra
    assert gospa(truth, claims, 8.0).total == pytest.approx(gospa(truth[a], claims[b], 8.0).total)


@pytest.mark.proves("SCO-003")
@given(SEEDS, st.floats(-5, 40), st.floats(0, 4))
@FEW
def test_a_false_alarm_never_raises_the_share_found(seed: int, score: float, rate: float) -> None:
    rng = np.random.default_rng(seed)
    truth, claims, scores = scene(rng)
    before = froc([judge(truth, claims, scores)], "image")
    more = judge(truth, np.vstack((claims, [[500.0, 500.0]])), np.append(scores, score))
    after = froc([more], "image")
    assert after.pd_at(rate) <= before.pd_at(rate)
    assert (np.diff(after.pd) >= 0).all()
    assert (np.diff(after.rate) >= 0).all()


@pytest.mark.proves("SCO-003")
@given(SEEDS)
@FEW
def test_claims_that_are_the_truths_score_one_everywhere(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    corner, side = np.arange(n)[:, None] * np.array([200.0, 0.0]), rng.uniform(6, 90, (n, 2))
    edges = np.hstack((corner, corner + side))
    score = rng.random(n)
    curve = froc([judged(score, middle_in_box(edges, edges), n)])
    assert curve.pd_at(0.0) == 1.0
    image, kind = rng.integers(0, 3, n), rng.integers(0, 3, n)
    boxes = np.hstack((corner, side))
    assert coco_ap(
        Boxes.of(image, kind, boxes), Boxes.of(image, kind, boxes, score=score)
    ).ap() == pytest.approx(1)
    from shapely import box

    shapes = box(*edges.T)
    assert image_f1(shapes, shapes, score, iou=0.5, min_area=20.0).f1 == 1.0
    assert gospa(corner, corner, 10.0).total == 0.0
    mask = np.append(rng.random(200) < 0.3, [True, False])
    found = map_score(mask.astype(float), mask)
    assert (found.auc, found.ap, found.pd) == (1.0, 1.0, 1.0)
    assert nauc([1.0, 2.0], [0.0, 0.5], 100.0, 0.02) == 1.0


@pytest.mark.proves("SCO-002")
@given(SEEDS)
@FEW
def test_order_of_boxes_and_images_changes_no_precision(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 15)), int(rng.integers(0, 40))
    true, said = (np.hstack((rng.uniform(0, 60, (k, 2)), rng.uniform(5, 60, (k, 2)))) for k in (n, m))
    image, kind, score = rng.integers(0, 3, (2, max(n, m))), rng.integers(0, 2, (2, max(n, m))), rng.random(m)
    a, b = rng.permutation(n), rng.permutation(m)
    one = coco_ap(
        Boxes.of(image[0, :n], kind[0, :n], true), Boxes.of(image[1, :m], kind[1, :m], said, score=score)
    )
    other = coco_ap(
        Boxes.of(7 - image[0, :n][a], kind[0, :n][a], true[a]),
        Boxes.of(7 - image[1, :m][b], kind[1, :m][b], said[b], score=score[b]),
    )
    np.testing.assert_allclose(one.precision, other.precision)


@pytest.mark.proves("SCO-002")
@given(SEEDS)
@FEW
def test_order_of_probabilities_and_pixels_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 80))
    p, y = np.round(rng.random(n), 1), np.append(rng.random(n - 2) < 0.5, [True, False])
    order = rng.permutation(n)
    one, other = calibration(p, y), calibration(p[order], y[order])
    assert one.reliability.ece == pytest.approx(other.reliability.ece)
    assert one.brier == pytest.approx(other.brier)
    assert map_score(p, y).ap == pytest.approx(map_score(p[order], y[order]).ap)
    np.testing.assert_allclose(isotonic(p, y), isotonic(p[order], y[order]))


@given(SEEDS, st.integers(1, 30))
@FEW
def test_bins_lose_nothing_and_intervals_hold_the_share(seed: int, bins: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.random(rng.integers(1, 200)) ** 2
    y = rng.random(len(p)) < p
    for kind in ("mass", "width"):
        rows = reliability(p, y, bins, kind)  # type: ignore[arg-type]
        assert rows.n.sum() == len(p)
        assert rows.n @ rows.came_true == pytest.approx(y.sum())
        assert ((rows.low <= rows.came_true) & (rows.came_true <= rows.high)).all()
        assert (np.diff(rows.stated) > 0).all()
        assert 0.0 <= rows.ece <= rows.worst + 1e-12 <= 1.0 + 1e-9


@given(SEEDS)
@FEW
def test_a_calibration_curve_rises_and_keeps_the_mean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    score = np.round(rng.normal(size=rng.integers(2, 60)), 1)
    y = np.append(rng.random(len(score) - 2) < 0.4, [True, False])
    at, p = np.array(isotonic(score, y)).T
    assert (np.diff(at) > 0).all()
    assert (np.diff(p) >= 0).all()
    assert np.interp(score, at, p).mean() == pytest.approx(y.mean())


@given(SEEDS)
@FEW
def test_average_precision_and_auc_follow_their_definitions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    y, score = np.append(rng.random(n - 2) < 0.4, [True, False]), rng.integers(0, 8, n).astype(float)
    found = map_score(score, y, far=0.2)
    pairs = [(a > b) + 0.5 * (a == b) for a in score[y] for b in score[~y]]
    assert found.auc == pytest.approx(np.mean(pairs))
    levels = sorted(set(score), reverse=True)
    recall = [y[score >= level].sum() / y.sum() for level in levels]
    precise = [y[score >= level].mean() for level in levels]
    assert found.ap == pytest.approx(np.sum(np.diff([0.0, *recall]) * precise))
    few = [r for level, r in zip(levels, recall, strict=True) if (score[~y] >= level).mean() <= 0.2]
    assert found.pd == max([0.0, *few])


@given(SEEDS)
@FEW
def test_gospa_is_the_least_over_all_assignments_and_a_metric(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sets = [rng.uniform(0, 40, (rng.integers(0, 5), 2)) for _ in range(3)]
    a, b, c = sets
    cut = 12.0
    total = {(i, j): gospa(sets[i], sets[j], cut).total for i in range(3) for j in range(3)}
    assert total[0, 1] == pytest.approx(total[1, 0])
    assert total[0, 2] <= total[0, 1] + total[1, 2] + 1e-9
    assert total[0, 1] ** 2 == pytest.approx(least_by_hand(a, b, cut))
    assert total[2, 2] == 0.0
    assert len(c) == gospa(c, c, cut).truth.size


def least_by_hand(truth: np.ndarray, found: np.ndarray, cut: float) -> float:
    """Every assignment tried."""

    def rest(row: int, free: tuple[int, ...]) -> float:
        if row == len(truth):
            return cut**2 / 2 * len(free)
        missed = cut**2 / 2 + rest(row + 1, free)
        taken = [
            float(np.sum((truth[row] - found[k]) ** 2)) + rest(row + 1, tuple(j for j in free if j != k))
            for k in free
        ]
        return min([missed, *taken])

    return rest(0, tuple(range(len(found))))


@given(SEEDS)
@FEW
def test_a_claim_finds_one_truth_and_a_truth_is_found_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m, k = rng.integers(1, 10, 3)
    pairs = Pairs(rng.integers(0, n, k), rng.integers(0, m, k), rng.random(k))
    got = assigned(pairs, rng.random(n))
    hits = got[got >= 0]
    assert len(set(hits.tolist())) == len(hits)
    both = set(zip(pairs.claim.tolist(), pairs.truth.tolist(), strict=True))
    assert all((claim, truth) in both for claim, truth in enumerate(got.tolist()) if truth >= 0)
    left = {(a, b) for a, b in both if got[a] < 0 and b not in hits}
    assert not left, "a claim and a truth that fit were both left over"


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_intervals_hold_the_share_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scenes = [judge(*scene(rng)) for _ in range(12)]
    low, high = pd_interval(scenes, 1.0, rng, rounds=200)
    assert 0.0 <= low <= high <= 1.0
    assert low - 0.1 <= froc(scenes, "image").pd_at(1.0) <= high + 0.1


@given(SEEDS)
@FEW
def test_psi_is_nought_for_the_same_and_never_negative(seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 50, (2, 9)) + np.eye(2, 9, dtype=int)
    assert psi(counts[0], counts[0]) == 0.0
    assert psi(counts[0], counts[1]) >= 0.0
    assert psi(counts[0], counts[1]) == pytest.approx(psi(counts[1], counts[0]))
