"""Nets that ship: recall on flights they never saw, milliseconds per frame, size; suppression; registry."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from typing import Any

import numpy as np

from atalaya.detect import Candidates, Tile
from atalaya.detect.models import mines, vehicles_ir
from atalaya.detect.onnx_model import OnnxDetector
from atalaya.detect.scoring.calibration import ece
from atalaya.detect.scoring.froc import Judged
from atalaya.detect.suppress import suppressed
from bench.measure import Measure
from bench.shared import shared
from tools.training.annotations import Sample, read_samples
from tools.training.areas import areas
from tools.training.chips import chip_set, read_galleries
from tools.training.judging import claims_on, curve_of, judge, labelled

ROOM = "models"
PICTURES = "detect/hituav_val/normal_json"


def measures() -> Iterator[Measure]:
    """Every measure of nets."""
    yield from recall(vehicles_ir())
    yield from speed(vehicles_ir())
    yield from chips(mines())
    yield from suppression()


def recall(net: OnnxDetector) -> Iterator[Measure]:
    """Vehicles found on the flights that the shipped weights were fitted without."""
    root = shared(PICTURES)
    told = net.card.extra["atalaya:measured"]
    if root is None:
        yield Measure(ROOM, "vehicles found at 1 false alarm/image", None, "", 0.85, note="no HIT-UAV data")
        return
    everything = read_samples(
        root / "annotations/val.json",
        root / "val",
        ("Car", "OtherVehicle"),
        ("DontCare",),
        ("Person", "Bicycle"),
    )
    held = [sample for sample in everything if sample.name in set(told["held_out"])]
    claims = claims_on(net, held)
    yield _recall(held, claims, told["recall_at_1_per_image"], 0.0, "middle in box")
    yield _recall(held, claims, told["recall_at_1_per_image_overlap_0.5"], 0.5, "overlap 0.5")
    yield _calibration(net, judge(held, claims), told)


def _calibration(net: OnnxDetector, scenes: list[Judged], told: dict[str, Any]) -> Measure:
    """Of the shipped curve where other folds made it; else flight by flight, of curves made on the others."""
    what = "vehicles, expected calibration error"
    score, true = labelled(scenes)
    if "ece_held_out" not in told:
        note = "from the card: curves fitted on the other held-out flights"
        return Measure(ROOM, what, float(told["ece_by_flight"]), "", 0.05, "less", note=note)
    error = float(ece(net.card.probability(score), true))
    return Measure(ROOM, what, error, "", 0.05, "less", note=f"{len(score)} claims, {true.mean():.2f} true")


def _recall(
    held: Sequence[Sample], claims: Sequence[Candidates], folds: dict[str, Any], iou: float, rule: str
) -> Measure:
    scenes = judge(held, claims, iou)
    found = curve_of(scenes).pd_at(1.0)
    vehicles = sum(len(each.boxes) for each in held)
    note = (
        f"{len(held)} pictures, {vehicles} vehicles, flights held out; out of fold"
        f" {folds['mean']:.3f} +- {folds['sd']:.3f} over folds {', '.join(folds['folds'])}"
    )
    goal = None if iou else 0.85
    return Measure(ROOM, f"vehicles found at 1 false alarm/image, {rule}", found, "", goal, note=note)


def speed(net: OnnxDetector) -> Iterator[Measure]:
    """CPU milliseconds of the whole path, picture to claims, on one thread, and the model's size."""
    rng = np.random.default_rng(1)
    for name, shape, goal in (("640x512", (512, 640), 10.0), ("1920x1080", (1080, 1920), 60.0)):
        picture = rng.normal(110.0, 20.0, (shape[0] // 8, shape[1] // 8)).clip(0, 255).astype(np.uint8)
        tile = Tile(np.kron(picture, np.ones((8, 8), np.uint8)), "IR")
        spent = _cpu_ms(partial(net.detect, tile), 12)
        yield Measure(
            ROOM, f"frame {name}, picture to claims", spent, "ms CPU", goal, "less", note="least of 12"
        )
    size = (files("atalaya.detect.models") / "vehicles_ir" / "model.onnx").read_bytes()
    yield Measure(ROOM, "model of vehicles", len(size) / 1e6, "MB", 1.0, "less")


def chips(net: OnnxDetector) -> Iterator[Measure]:
    """Mining chips the shipped weights were fitted without; what a year never seen costs is in the card."""
    root = shared("detect/amazon_mining/gallery")
    if root is None:
        yield Measure(ROOM, "mines, area under the curve", None, "", note="no galleries")
        return
    told = net.card.extra["atalaya:measured"]
    known = chip_set(read_galleries(root), 4)
    held = known.fold == told["held_out_fold"]
    open_card = replace(net.net, card=replace(net.card, threshold=0.0))
    any_score = OnnxDetector(open_card, net.session)
    pixels = known.pixels[held].astype(np.float32) * np.float32(0.3 / 255)
    score = np.array(
        [any_score.detect(Tile(chip, "MSI", "reflectance", gsd_m=10.0)).score[0] for chip in pixels],
        np.float64,
    )
    for name, area in areas(known, held, score).items():
        out_of_fold = told["area_under_curve"]["out of fold"][name]
        note = f"{int(held.sum())} chips held out; out of fold {out_of_fold:.3f}"
        yield Measure(ROOM, f"mines, area under the curve, {name}", area, "", note=note)
    key = next(key for key in told if key.startswith("fitted before"))
    for name, area in told[key].items():
        yield Measure(ROOM, f"mines, {name}, a year never seen", area, "", note=f"from the card: {key}")


def suppression() -> Iterator[Measure]:
    """Claims of one picture, upright and askew."""
    rng = np.random.default_rng(2)
    for n in (33_000, 330_000):
        middle = rng.uniform(0.0, 4000.0, (n, 2)).astype(np.float32)
        half = rng.uniform(4.0, 20.0, (n, 2)).astype(np.float32)
        box = np.concatenate((middle - half, middle + half), axis=1)
        low, high = middle - half, middle + half
        corners = np.stack(
            (low, np.stack((high[:, 0], low[:, 1]), 1), high, np.stack((low[:, 0], high[:, 1]), 1)), 1
        )
        for name, turned in (("upright", None), ("oriented", corners)):
            claims = Candidates(box, rng.random(n, np.float32), np.zeros(n, np.int16), turned)
            spent = _cpu_ms(partial(suppressed, claims, 0.5), 3)
            yield Measure(ROOM, f"suppression of {n:,} {name} boxes", spent, "ms CPU", better="less",
                          note=f"{len(suppressed(claims, 0.5)):,} stay")  # fmt: skip


def _cpu_ms(action: Callable[[], object], times: int) -> float:
    """Least CPU time of this thread; the first run warms up."""
    action()
    best = np.inf
    for _ in range(times):
        begun = time.thread_time()
        action()
        best = min(best, time.thread_time() - begun)
    return float(best * 1e3)
