"""Scorers: boxes against pycocotools, outlines against SpaceNet's scorer, drift alarm on the mining chips."""

import contextlib
import copy
import csv
import io
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import numpy as np

from atalaya.detect.scoring.coco_ap import coco_ap
from atalaya.detect.scoring.drift import drift, reference
from atalaya.detect.scoring.files.polygons import read_outlines
from atalaya.detect.scoring.polygon_f1 import F1, polygon_f1
from bench.measure import Measure
from bench.shared import shared
from tests import mining_chips
from tests.coco_sets import as_boxes, random_set

ROOM = "scoring"
IMAGES, TRUTHS, CLAIMS = 150, 30, 120
SPLITS = 200


def measures() -> Iterator[Measure]:
    """Every measure of scoring."""
    yield from boxes()
    yield from outlines()
    yield from alarm()


def boxes() -> Iterator[Measure]:
    """CPU seconds from lists of dictionaries to average precision, both of them, and how far they differ."""
    truth, claims = random_set(np.random.default_rng(1), IMAGES, truths=TRUTHS, claims=CLAIMS)
    coco_ap(*as_boxes(truth, claims))
    ours_s, theirs_s = np.inf, np.inf
    for _ in range(3):
        spent, ours = _cpu(lambda: coco_ap(*as_boxes(truth, claims), most_per_image=100))
        ours_s = min(ours_s, spent)
        given = copy.deepcopy((truth, claims))
        spent, theirs = _cpu(lambda given=given: _pycocotools(*given))  # type: ignore[misc]
        theirs_s = min(theirs_s, spent)
    peer = f"pycocotools {version('pycocotools')}"
    note = f"{IMAGES} images, {IMAGES * (TRUTHS + CLAIMS)} boxes, CPU time, limit of 100"
    yield Measure(ROOM, "boxes, average precision", ours_s, "s", None, "less", peer, theirs_s, note)
    yield Measure(ROOM, "boxes, times faster than the peer", theirs_s / ours_s, "x", 30.0, note=note)
    by_area = [ours.ap(), ours.ap(iou=0.5), ours.ap(iou=0.75), *(ours.ap(name) for name in ours.bins[1:])]
    apart = float(np.abs(np.nan_to_num(by_area, nan=-1.0) - theirs[:6]).max())
    yield Measure(
        ROOM, "boxes, widest gap of six precisions", apart, "", 1e-12, "less", note=f"AP {ours.ap():.5f}"
    )


def outlines() -> Iterator[Measure]:
    """Counts of the SpaceNet sample beside those its scorer published."""
    folder = shared("detect/spacenet_sample")
    if folder is None:
        yield Measure(
            ROOM, "outlines, counts that differ", None, "", 0, "less", note="spacenet_sample is absent"
        )
        return
    truth = read_outlines(folder / "SN2_sample_truth.csv", proposals=False)
    said = read_outlines(folder / "SN2_sample_preds.csv", proposals=True)

    def score() -> dict[str, F1]:
        return polygon_f1(truth.shape, truth.image, said.shape, said.image, said.confidence)

    spent, found = min((_cpu(score) for _ in range(3)), key=lambda each: each[0])
    with (folder / "SN2_test_results_full.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    differ = sum(
        (found[row["imageID"]].tp, found[row["imageID"]].fp, found[row["imageID"]].fn)
        != tuple(int(row[name]) for name in ("TruePos", "FalsePos", "FalseNeg"))
        for row in rows
    )
    shown = "; ".join(
        f"{place} F1 {sum((each for name, each in found.items() if place in name), F1(0, 0, 0)).f1:.4f}"
        for place in ("Vegas", "Khartoum")
    )
    note = f"SpaceNet sample, {shown}"
    yield Measure(
        ROOM, "outlines, images whose counts differ", differ, f"of {len(rows)}", 0, "less", note=note
    )
    yield Measure(
        ROOM, "outlines, CPU time", spent, "s", note=f"{len(truth.image)} truths, {len(said.image)} said"
    )


def alarm() -> Iterator[Measure]:
    """How often the alarm fires within a year and from year to year, on colours and texture of chips."""
    folder = shared("detect/amazon_mining/gallery")
    if folder is None:
        yield Measure(ROOM, "drift alarm, 2019 to 2024", None, "", 1, note="amazon_mining is absent")
        return
    found = mining_chips.by_year(folder)
    rng = np.random.default_rng(1)
    make = (mining_chips.EDGES, mining_chips.NAMES, rng)
    known = reference(found[2019], *make)
    for year in (2023, 2024):
        seen = drift(known, found[year])
        worst = max(range(len(seen.names)), key=lambda row: seen.d[row] / seen.limit[row])
        gap = f"D {seen.d[worst]:.3f}, limit {seen.limit[worst]:.3f}, PSI {seen.psi[worst]:.2f}"
        note = f"{seen.names[worst]}: {gap}"
        yield Measure(ROOM, f"drift alarm, 2019 to {year}", float(seen.fired), "fired", 1, note=note)
    for year, blocks in sorted(found.items()):
        false = 0
        for _ in range(SPLITS):
            order = rng.permutation(len(blocks))
            within = reference(blocks[order[::2]], *make, rounds=300)
            false += drift(within, blocks[order[1::2]]).fired
        note = f"{SPLITS} random halves of {len(blocks)} blocks of {mining_chips.CHIPS_A_BLOCK} chips"
        yield Measure(
            ROOM, f"drift alarm, false within {year}", 100 * false / SPLITS, "%", 5.0, "less", note=note
        )


def _cpu(action: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = action()
    return time.process_time() - start, result


def _pycocotools(truth: dict[str, Any], claims: list[dict[str, Any]]) -> Any:
    from pycocotools.coco import COCO  # type: ignore[import-untyped]
    from pycocotools.cocoeval import COCOeval  # type: ignore[import-untyped]

    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = truth
        known.createIndex()
        run = COCOeval(known, known.loadRes(claims), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return run.stats
