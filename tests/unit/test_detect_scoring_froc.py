"""What counts as found, as a false alarm and as neither; areas; who may find what."""

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.coco_ap import Boxes, coco_ap
from atalaya.detect.scoring.froc import froc, judged, pd_interval
from atalaya.detect.scoring.froc_boxes import judge_images
from atalaya.detect.scoring.matching import in_regions, middle_in_box, overlapping, within_distance

TRUTH = np.array([[10.0, 10.0, 20.0, 20.0], [50.0, 50.0, 60.0, 60.0]])


def around(*middles: tuple[float, float]) -> np.ndarray:
    return np.array([[x - 3, y - 3, x + 3, y + 3] for x, y in middles])


def test_further_hits_are_neither_right_nor_wrong_and_regions_swallow() -> None:
    claims = around((15, 15), (16, 16), (80, 80), (90, 15), (55, 55))
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    swallowed = in_regions(claims, np.array([[75.0, 75.0, 85.0, 85.0]]))
    scene = judged(score, middle_in_box(claims, TRUTH), 2, 2.0, swallowed)
    assert scene.found.tolist() == [0.9, 0.5]
    assert scene.false.tolist() == [0.6]
    assert (scene.extra, scene.swallowed) == (1, 1)
    curve = froc([scene])
    assert (curve.pd_at(0.0), curve.pd_at(0.5), curve.pd_at(0.49)) == (0.5, 1.0, 0.5)
    assert curve.threshold_at(0.0) == 0.9
    assert curve.upper_rate_at(0.0) == pytest.approx(2.996 / 2, abs=1e-3)


def test_a_claim_in_a_region_may_still_find_a_truth() -> None:
    claims = around((15, 15))
    scene = judged([0.9], middle_in_box(claims, TRUTH), 2, 1.0, in_regions(claims, [[0, 0, 99, 99]]))
    assert scene.found.tolist() == [0.9, -np.inf]
    assert scene.swallowed == 0


def test_equal_scores_are_taken_together() -> None:
    scene = judged([0.5, 0.5], middle_in_box(around((15, 15), (90, 90)), TRUTH), 2)
    curve = froc([scene])
    assert curve.pd_at(0.5) == 0.0
    assert curve.pd_at(1.0) == 0.5


def test_ways_of_matching() -> None:
    claims = around((15, 15), (23, 15), (100, 100))
    assert middle_in_box(claims, TRUTH).claim.tolist() == [0]
    assert middle_in_box(claims, TRUTH, halo_px=3.0).claim.tolist() == [0, 1]
    assert overlapping(claims, TRUTH, 0.36).claim.tolist() == [0]
    assert len(overlapping(claims, TRUTH, 0.37).claim) == 0
    places = np.array([[0.0, 0.0], [10.0, 0.0]])
    found = within_distance([[3.0, 4.0], [10.0, 5.1]], places, 5.0)
    assert (found.claim.tolist(), found.truth.tolist()) == ([0], [0])
    for empty in (middle_in_box([], TRUTH), overlapping(claims, []), within_distance([], [], 1.0)):
        assert len(empty.claim) == 0


def test_the_surest_claim_takes_the_best_truth_and_leaves_the_other() -> None:
    places = np.array([[0.0, 0.0], [4.0, 0.0]])
    claims = np.array([[1.0, 0.0], [0.5, 0.0]])
    scene = judged([0.9, 0.8], within_distance(claims, places, 5.0), 2)
    assert scene.found.tolist() == [0.9, 0.8], "both truths are found, each by one claim"


def test_classes_do_not_find_each_other_unless_asked() -> None:
    truth = Boxes.of([0, 0, 1], [1, 2, 1], [[10, 10, 10, 10], [80, 80, 10, 10], [0, 0, 5, 5]])
    claims = Boxes.of([0, 0], [2, 1], [[10, 10, 10, 10], [82, 82, 4, 4]], score=[0.9, 0.8])
    regions = np.array([False, True, False])
    one = judge_images(truth, claims, regions, middle_in_box, np.ones(2))
    assert [len(scene.found) for scene in one] == [1, 1]
    assert one[0].false.tolist() == [0.9]
    assert one[0].swallowed == 1
    other = judge_images(truth, claims, regions, middle_in_box, np.ones(2), any_class=True)
    assert other[0].found.tolist() == [0.9]


def test_scenes_are_drawn_again_whole() -> None:
    good = judged([0.9], within_distance([[0, 0]], [[0, 0]], 1.0), 1)
    bad = judged([0.9], within_distance([[50, 0]], [[0, 0]], 1.0), 1)
    rng = np.random.default_rng(1)
    low, high = pd_interval([good] * 10 + [bad] * 10, 5.0, rng)
    assert 0.2 < low < 0.4
    assert 0.6 < high < 0.8
    assert pd_interval([good] * 5, 1.0, rng) == (1.0, 1.0)


def test_area_bins_in_metres() -> None:
    truth = Boxes.of([0, 1], [0, 0], [[0, 0, 10, 10], [0, 0, 10, 10]])
    claims = Boxes.of([0], [0], [[0, 0, 10, 10]], score=[1.0])
    scale = {0: 1.0, 1: 0.1}
    found = coco_ap(
        truth.in_metres(scale), claims.in_metres(scale), area_bins={"car": (0, 10), "roof": (50, 200)}
    )
    assert found.ar("roof") == 1.0
    assert found.ar("car") == 0.0
    with pytest.raises(BadInput) as error:
        truth.in_metres({0: 1.0})
    assert error.value.code == "SCO-009"


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("SCO-001", lambda: middle_in_box([[1, 2, 3]], TRUTH)),
        ("SCO-001", lambda: judged(["a"], middle_in_box([], TRUTH), 2)),
        ("SCO-002", lambda: overlapping([[0, 0, np.nan, 1]], TRUTH)),
        ("SCO-004", lambda: froc([judged([0.5], middle_in_box(around((1, 1)), []), 0)])),
        ("SCO-005", lambda: judged([], middle_in_box([], TRUTH), 2, 0.0)),
        ("SCO-005", lambda: within_distance([], [], float("inf"))),
        ("SCO-008", lambda: Boxes.of([0], [0], [[5, 5, -1, 2]])),
    ],
)
def test_what_cannot_be_scored_is_refused(code: str, action: object) -> None:
    with pytest.raises(BadInput) as error:
        action()  # type: ignore[operator]
    assert error.value.code == code
