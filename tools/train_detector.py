"""Train a small detector on labelled pictures and write it with its card: `python -m tools.train_detector`.

    python -m venv scratch && scratch/bin/pip install torch==2.13.0 onnx -e .
    scratch/bin/python -m tools.train_detector --annotations val.json --pictures val/ \\
        --classes Car OtherVehicle --others Person Bicycle --ignored DontCare \\
        --work work/ --output src/atalaya/detect/models/vehicles_ir

Whole flights are held out. Each fold's net is fitted without its flights and kept in the work folder, so
that a stopped run goes on. The net without the flights of `--held-out` is the one that ships; its threshold
and its probabilities come from the other folds, so that the held-out flights judge both. Torch is needed
here alone.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from atalaya.base.hashing import sha256_file
from atalaya.detect import Candidates
from atalaya.detect.cards import card_json, stac_item
from atalaya.detect.onnx_model import load_onnx
from atalaya.detect.scoring.calibration import ece
from atalaya.detect.scoring.froc import Judged, pd_interval
from atalaya.detect.scoring.matching import in_regions
from tools.training.annotations import Sample, folds_of, light_of, read_samples
from tools.training.calibrate import logistic_curve, read_off
from tools.training.card_parts import FORBIDDEN, net_properties
from tools.training.export import export
from tools.training.fit import fit
from tools.training.input_histograms import histograms
from tools.training.judging import claims_on, curve_of, judge, labelled, performance
from tools.training.net import COARSEST, HALO, STRIDE, CentreNet

SIDE = 448
DATA = "HIT-UAV validation pictures, Suo et al., Scientific Data 10:227, 2023"
LEAST = 0.02
"""Score below which no claim is looked at while measuring."""


def main() -> None:
    """Fit, measure, export."""
    asked = _arguments()
    torch.set_num_threads(1)
    samples = read_samples(asked.annotations, asked.pictures, asked.classes, asked.ignored, asked.others)
    fold = folds_of(samples, asked.folds)
    claims = {}
    for number in dict.fromkeys([asked.held_out, *(asked.measure or range(asked.folds))]):
        _export_fold(samples, fold, number, asked)
        there = [sample for sample, mine in zip(samples, fold, strict=True) if mine == number]
        claims[number] = (there, claims_on(load_onnx(asked.work / f"fold{number}"), there))
    card = _measured_card(samples, fold, claims, asked)
    model = (asked.work / f"fold{asked.held_out}" / "model.onnx").read_bytes()
    asked.output.mkdir(parents=True, exist_ok=True)
    (asked.output / "model.onnx").write_bytes(model)
    item = stac_item(card, "model.onnx", sha256_file(asked.output / "model.onnx"))
    (asked.output / "card.json").write_text(card_json(item), "utf-8")
    print(json.dumps(card["atalaya:measured"], indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.train_detector", description=__doc__)
    parser.add_argument("--annotations", type=Path, required=True, help="COCO file")
    parser.add_argument("--pictures", type=Path, required=True, help="folder of its pictures")
    parser.add_argument("--classes", nargs="+", required=True, help="names of what is searched for")
    parser.add_argument("--others", nargs="*", default=[], help="look-alikes: background, never scored")
    parser.add_argument("--ignored", nargs="*", default=[], help="neither taught nor scored")
    parser.add_argument("--name", default="vehicles-ir")
    parser.add_argument("--label", default="vehicle", help="the one class of the model")
    parser.add_argument("--evidence", default="vehicle", help="its evidence type")
    parser.add_argument("--version", default="1")
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--licence", default="CC BY 4.0")
    parser.add_argument(
        "--shrink", type=float, default=1.0, help="pixels of the input per pixel of a picture"
    )
    parser.add_argument("--input-gsd", type=float, default=0.07, help="metres per pixel of the input")
    parser.add_argument("--gsd", type=float, nargs=2, default=[0.02, 0.4], help="metres, least and most")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--measure", type=int, nargs="*", help="folds to fit and measure; all by default")
    parser.add_argument("--held-out", type=int, default=0, help="fold the shipped net never saw")
    parser.add_argument(
        "--calibrate-on-held-out",
        action="store_true",
        help="where other folds were fitted otherwise: threshold and probabilities from the held-out flights",
    )
    parser.add_argument("--steps", type=int, default=7000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, required=True, help="folder for fitted folds")
    parser.add_argument("--output", type=Path, required=True, help="folder for model.onnx and card.json")
    return parser.parse_args()


def _export_fold(samples: Sequence[Sample], fold: Any, number: int, asked: argparse.Namespace) -> None:
    """Fit a fold unless the work folder has it; write it as a model with a card to measure by."""
    kept = asked.work / f"fold{number}.pt"
    if not kept.exists():
        asked.work.mkdir(parents=True, exist_ok=True)
        print(f"fold {number}", flush=True)
        taught = [sample for sample, mine in zip(samples, fold, strict=True) if mine != number]
        net = fit(taught, asked.steps, SIDE, asked.shrink, asked.seed)
        torch.save({"state": net.state_dict(), "steps": asked.steps}, kept)
    net = CentreNet()
    net.load_state_dict(torch.load(kept)["state"])
    folder = asked.work / f"fold{number}"
    export(net, 1, SIDE, folder / "model.onnx", asked.name)
    item = stac_item(_base_card(asked), "model.onnx", sha256_file(folder / "model.onnx"))
    (folder / "card.json").write_text(card_json(item), "utf-8")


def _base_card(asked: argparse.Namespace) -> dict[str, Any]:
    parameters = sum(each.numel() for each in CentreNet().parameters())
    card = net_properties(asked.name, "CentreNet, anchor-free", ["grey"], [asked.label], 5, parameters)
    card["mlm:input"][0]["value_scaling"] = [
        {"type": "processing", "format": "atalaya", "expression": "frame-standard 2 98 4"}
    ]
    return card | {
        "atalaya:version": asked.version,
        "atalaya:kinds": ["IR"],
        "atalaya:unit": ["DN", "K"],
        "atalaya:evidence": {asked.label: asked.evidence},
        "atalaya:threshold": LEAST,
        "atalaya:tile": {"core": 1024, "halo": HALO, "multiple": COARSEST, "whole_most_px": 4_000_000},
        "atalaya:gsd_m": list(asked.gsd),
        "atalaya:scale": {"gsd_m": asked.input_gsd, "factor": asked.shrink, "most": 1.0},
        "atalaya:decoder": {"kind": "centre", "stride": STRIDE, "overlap": 0.5},
        "atalaya:performance": [
            {"condition": "none yet", "threshold": [1.0], "pd": [0.0], "false_alarms": [0.0], "per": "image"}
        ],
        "atalaya:training": {
            "data": asked.data,
            "licence": asked.licence,
            "split": "by flight (date and light); pictures held out are listed in atalaya:measured",
        },
        "atalaya:intended": (
            "Parked and moving vehicles in thermal pictures, day and night, camera 30 to 90 degrees below the"
            " horizon. Fitted on drones 60 to 130 m above ground: a vehicle 13 to 170 pixels long."
        ),
        "atalaya:forbidden": FORBIDDEN,
    }


def _measured_card(
    samples: Sequence[Sample],
    fold: Any,
    claims: dict[int, tuple[list[Sample], list[Candidates]]],
    asked: argparse.Namespace,
) -> dict[str, Any]:
    scenes = {number: judge(*pair) for number, pair in claims.items()}
    tight = {number: judge(*pair, 0.5) for number, pair in claims.items()}
    held = scenes[asked.held_out]
    judges = {asked.held_out: held} if asked.calibrate_on_held_out else scenes
    others = [scene for number, part in judges.items() if number != asked.held_out for scene in part]
    threshold = curve_of(others or held).threshold_at(2.0)
    score, true = _sure(others or held, threshold)
    curve = logistic_curve(score, true)
    seen = [sample for sample, mine in zip(samples, fold, strict=True) if mine != asked.held_out]
    there = claims[asked.held_out][0]
    what = f"{asked.data}; {len(there)} pictures of flights held out"
    rows = [
        performance(f"{what}; middle in box", curve_of(held)),
        performance(f"{what}; overlap at least 0.5", curve_of(tight[asked.held_out])),
    ]
    rows += _by_light(claims, scenes)
    return _base_card(asked) | {
        "atalaya:threshold": round(threshold, 5),
        "atalaya:calibration": curve,
        "atalaya:base_rate": round(float(true.mean()), 4),
        "atalaya:performance": rows,
        "atalaya:drift": histograms(load_onnx(asked.work / f"fold{asked.held_out}").net, seen),
        "atalaya:measured": {
            "rule": "claims whose middle lies in a box; persons, bicycles and unclear things swallow claims",
            "recall_at_1_per_image": _figures(scenes),
            "recall_at_1_per_image_overlap_0.5": _figures(tight),
            "recall_at_1_interval_95": _interval(held),
            "ece_by_flight": _ece_by_flight(claims, judges, threshold),
            **({"ece_held_out": _ece(curve, *_sure(held, threshold))} if others else {}),
            "steps": {str(n): torch.load(asked.work / f"fold{n}.pt")["steps"] for n in sorted(claims)},
            "claims_on_others_per_image": _claims_on_others(*claims[asked.held_out], threshold),
            "held_out": sorted(sample.name for sample in there),
            "held_out_fold": asked.held_out,
        },
    }


def _by_light(
    claims: dict[int, tuple[list[Sample], list[Candidates]]], scenes: dict[int, list[Judged]]
) -> list[dict[str, object]]:
    """Out-of-fold curves, all and by light."""
    rows = []
    lights = sorted({light_of(sample.name) for there, _ in claims.values() for sample in there})
    for light in ["", *(lights if len(lights) > 1 else [])]:
        chosen = [
            scene
            for number, (there, _) in claims.items()
            for sample, scene in zip(there, scenes[number], strict=True)
            if light in ("", light_of(sample.name))
        ]
        words = f"out of fold, folds {sorted(claims)}" + (f", {light}" if light else "")
        rows.append(performance(f"{words}; middle in box", curve_of(chosen)))
    return rows


def _figures(scenes: dict[int, list[Judged]]) -> dict[str, object]:
    found = {str(number): round(curve_of(part).pd_at(1.0), 4) for number, part in sorted(scenes.items())}
    values = np.array(list(found.values()))
    pooled = curve_of([scene for part in scenes.values() for scene in part]).pd_at(1.0)
    spread = {"mean": values.mean(), "sd": values.std(ddof=1) if len(values) > 1 else 0.0, "pooled": pooled}
    return {"folds": found} | {key: round(float(value), 4) for key, value in spread.items()}


def _interval(held: list[Judged]) -> list[float]:
    return [round(each, 4) for each in pd_interval(held, 1.0, np.random.default_rng(0))]


def _sure(scenes: list[Judged], threshold: float) -> tuple[Any, Any]:
    """Scores from the threshold on, and whether each claim was true."""
    score, true = labelled(scenes)
    return score[score >= threshold], true[score >= threshold]


def _ece(curve: dict[str, list[float]], score: Any, true: Any) -> float:
    return round(float(ece(read_off(curve, score), true)), 4)


def _ece_by_flight(
    claims: dict[int, tuple[list[Sample], list[Candidates]]],
    scenes: dict[int, list[Judged]],
    threshold: float,
) -> float:
    """Calibration error where each flight is read off a curve fitted on the other flights measured."""
    by_flight: dict[str, list[Judged]] = {}
    for number, part in scenes.items():
        for sample, scene in zip(claims[number][0], part, strict=True):
            by_flight.setdefault(sample.flight, []).append(scene)
    p, truth = [], []
    for flight, mine in by_flight.items():
        rest = [scene for name, part in by_flight.items() if name != flight for scene in part]
        score, true = _sure(mine, threshold)
        p.append(read_off(logistic_curve(*_sure(rest, threshold)), score))
        truth.append(true)
    return round(float(ece(np.concatenate(p), np.concatenate(truth))), 4)


def _claims_on_others(there: list[Sample], claims: list[Candidates], threshold: float) -> float:
    """Claims per picture whose middle lies on a look-alike and on nothing searched for."""
    count = 0
    for sample, claim in zip(there, claims, strict=True):
        sure = claim.box[claim.score >= threshold]
        on_other, on_truth = in_regions(sure, sample.others), in_regions(sure, sample.boxes)
        count += int((on_other & ~on_truth).sum())
    return round(count / len(there), 4)


if __name__ == "__main__":
    main()
