"""The numbers of other scorers: pycocotools 2.0.11 and faster-coco-eval 1.8.0 (boxes), CosmiQ/solaris 0.5
(SN2_test_results.csv of the SpaceNet sample), SciPy 1.17 (isotonic regression, rank-sum AUC)."""

import contextlib
import csv
import io
from typing import Any

import numpy as np
import pytest
from scipy.optimize import isotonic_regression
from scipy.stats import mannwhitneyu

from atalaya.detect.card import ModelCard
from atalaya.detect.scoring.coco_ap import AREA_BINS, Boxes, coco_ap
from atalaya.detect.scoring.files.polygons import read_outlines
from atalaya.detect.scoring.pixel_maps import map_score
from atalaya.detect.scoring.polygon_f1 import F1, polygon_f1
from atalaya.detect.scoring.probability_fit import isotonic, platt
from tests.coco_sets import as_boxes, random_set
from tests.shared_data import shared


def peer_stats(truth: dict[str, Any], claims: list[dict[str, Any]], most: int) -> Any:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = truth
        known.createIndex()
        run = COCOeval(known, known.loadRes(claims), "bbox")
        run.params.maxDets = [most]
        run.evaluate()
        run.accumulate()
    return run.eval


@pytest.mark.proves("SCO-001")
@pytest.mark.parametrize("seed", range(6))
def test_boxes_equal_pycocotools_class_by_class_and_area_by_area(seed: int) -> None:
    truth, claims = random_set(np.random.default_rng(seed), images=12, crowded=seed % 2 == 1)
    for most in (3, 100):
        theirs = peer_stats(truth, [dict(row) for row in claims], most)
        ours = coco_ap(*as_boxes(truth, claims), most_per_image=most)
        precision = theirs["precision"][..., 0].mean(axis=1).transpose(1, 2, 0)
        recall = theirs["recall"][..., 0].transpose(1, 2, 0)
        assert ours.bins == ("all", *AREA_BINS)
        np.testing.assert_allclose(np.nan_to_num(ours.precision, nan=-1.0), precision, atol=1e-12)
        np.testing.assert_allclose(np.nan_to_num(ours.recall, nan=-1.0), recall, atol=1e-12)


@pytest.mark.proves("SCO-004")
def test_more_than_a_hundred_claims_in_an_image_all_count() -> None:
    n = 300
    box = np.stack((np.arange(n) * 30.0, np.zeros(n), np.full(n, 20.0), np.full(n, 20.0)), axis=1)
    one = np.zeros(n, np.int64)
    truth, claims = Boxes.of(one, one, box), Boxes.of(one, one, box, score=np.linspace(1, 0.1, n))
    assert coco_ap(truth, claims).ap() == pytest.approx(1.0)
    assert coco_ap(truth, claims, most_per_image=100).ap() < 0.4


def test_boxes_equal_faster_coco_eval_with_a_thousand_claims() -> None:
    from faster_coco_eval import COCO, COCOeval_faster

    truth, claims = random_set(np.random.default_rng(9), images=3, claims=400)
    ours = coco_ap(*as_boxes(truth, claims))
    known = COCO(truth)
    run = COCOeval_faster(known, known.loadRes(claims), "bbox", print_function=lambda *_: None)
    run.params.maxDets = [1, 10, 1000]
    run.evaluate()
    run.accumulate()
    run.summarize()
    assert [ours.ap(), ours.ap(iou=0.5), ours.ap(iou=0.75)] == pytest.approx(run.stats[:3], abs=1e-12)


@pytest.mark.proves("SCO-001")
def test_outlines_equal_the_reference_scorer() -> None:
    folder = shared("detect/spacenet_sample")
    truth = read_outlines(folder / "SN2_sample_truth.csv", proposals=False)
    said = read_outlines(folder / "SN2_sample_preds.csv", proposals=True)
    found = polygon_f1(truth.shape, truth.image, said.shape, said.image, said.confidence)
    with (folder / "SN2_test_results_full.csv").open(encoding="utf-8") as file:
        wanted = {row["imageID"]: row for row in csv.DictReader(file)}
    assert found.keys() == wanted.keys()
    for name, row in wanted.items():
        counts = (int(row["TruePos"]), int(row["FalsePos"]), int(row["FalseNeg"]))
        assert (found[name].tp, found[name].fp, found[name].fn) == counts
        assert found[name].f1 == pytest.approx(float(row["F1Score"]))
    for place, counts, f1 in (("Vegas", (35, 2, 7), 0.8861), ("Khartoum", (52, 55, 75), 0.4444)):
        total = sum((score for name, score in found.items() if place in name), F1(0, 0, 0))
        assert (total.tp, total.fp, total.fn) == counts
        assert total.f1 == pytest.approx(f1, abs=5e-5)
    small = polygon_f1(truth.shape, truth.image, said.shape, said.image, said.confidence, min_area=0.0)
    assert sum(score.fn for name, score in small.items() if "Khartoum" in name) == 77


def test_isotonic_fit_equals_scipys() -> None:
    rng = np.random.default_rng(4)
    score = np.round(rng.normal(size=1500), 1)
    true = rng.random(1500) < 1 / (1 + np.exp(-2 * score))
    known, place, weight = np.unique(score, return_inverse=True, return_counts=True)
    wanted = isotonic_regression(np.bincount(place, true) / weight, weights=weight).x
    at, p = np.array(isotonic(score, true)).T
    np.testing.assert_allclose(np.interp(known, at, p), wanted, atol=1e-12)


def test_a_sigmoid_is_found_again_and_serves_as_a_cards_calibration() -> None:
    rng = np.random.default_rng(4)
    score = rng.normal(size=40_000)
    true = rng.random(40_000) < 1 / (1 + np.exp(-(2 * score - 1)))
    card = ModelCard("d", "1", ("IR",), ("DN",), (), calibration=platt(score, true))
    at = np.linspace(-2, 2, 9)
    np.testing.assert_allclose(card.probability(at), 1 / (1 + np.exp(-(2 * at - 1))), atol=0.01)


def test_auc_is_the_rank_sum_with_ties_half() -> None:
    rng = np.random.default_rng(5)
    true = rng.random(3000) < 0.1
    score = np.round(rng.normal(size=3000) + true, 1)
    wanted = mannwhitneyu(score[true], score[~true]).statistic / (true.sum() * (~true).sum())
    assert map_score(score, true).auc == pytest.approx(wanted, abs=1e-12)
