"""Train a small classifier of chips and write it as a detector of scenes: `python -m tools.train_chips`.

    scratch/bin/python -m tools.train_chips --galleries gallery/ --work work/ \\
        --output src/atalaya/detect/models/mines

Runs of neighbouring chips are held out whole; apart from that, a net fitted on the years before `--year`
alone says what to expect of a year it never saw. Fitted nets are kept in the work folder. Torch is needed
here alone.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from atalaya.base.hashing import sha256_file
from atalaya.detect import Tile
from atalaya.detect.cards import card_json, stac_item
from atalaya.detect.onnx_model import load_onnx
from atalaya.detect.scoring.calibration import ece
from atalaya.detect.scoring.froc import Judged, froc
from tools.training.areas import areas
from tools.training.calibrate import logistic_curve, read_off
from tools.training.card_parts import FORBIDDEN, net_properties
from tools.training.chip_net import STRIDE, WINDOW, ChipNet, fit_chips, scores
from tools.training.chips import RUN, ChipSet, chip_set, read_galleries
from tools.training.export import export
from tools.training.input_histograms import histograms_of
from tools.training.judging import performance

DATA = "Amazon Mining Watch galleries, Earthrise Media, 2019-2024, Sentinel-2 L1C at 10 m"
WHITE = 0.3
"""Reflectance that stands as 255 in the galleries."""


def main() -> None:
    """Fit, measure, export."""
    asked = _arguments()
    torch.set_num_threads(1)
    chips = chip_set(read_galleries(asked.galleries), asked.folds)
    out_of_fold, nets = np.full(len(chips.label), np.nan), {}
    for number in asked.measure or range(asked.folds):
        held = chips.fold == number
        nets[number] = _fitted(chips, ~held, asked.work / f"fold{number}.pt", asked)
        out_of_fold[held] = scores(nets[number], chips.pixels[held])
    late = _fitted(chips, chips.year < asked.year, asked.work / "year.pt", asked)
    asked.output.mkdir(parents=True, exist_ok=True)
    model = asked.output / "model.onnx"
    export(nets[asked.held_out], 3, WINDOW, model, asked.name)
    _write(asked.output, _base_card(asked))
    unseen = chips.year >= asked.year
    card = _measured(chips, out_of_fold, asked)
    card["atalaya:measured"][f"fitted before {asked.year}, tested from then on"] = areas(
        chips, unseen, scores(late, chips.pixels[unseen])
    )
    card["atalaya:drift"] = histograms_of(
        load_onnx(asked.output).net, _blocks(chips, chips.fold != asked.held_out)
    )
    _write(asked.output, card)
    print(json.dumps(card["atalaya:measured"], indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.train_chips", description=__doc__)
    parser.add_argument("--galleries", type=Path, required=True, help="folder of galleries")
    parser.add_argument("--name", default="mines")
    parser.add_argument("--label", default="mine")
    parser.add_argument("--evidence", default="pit")
    parser.add_argument("--version", default="1")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--measure", type=int, nargs="*", help="folds to fit and measure; all by default")
    parser.add_argument("--held-out", type=int, default=0, help="fold the shipped net never saw")
    parser.add_argument("--year", type=int, default=2024, help="first year of the test by year")
    parser.add_argument("--steps", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


def _fitted(chips: ChipSet, taught: NDArray[np.bool_], kept: Path, asked: argparse.Namespace) -> ChipNet:
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        print(f"fitting {kept.stem}", flush=True)
        weight = chips.weight[taught]
        net = fit_chips(chips.pixels[taught], chips.label[taught], weight, asked.steps, asked.seed)
        torch.save({"state": net.state_dict(), "steps": asked.steps}, kept)
    net = ChipNet()
    net.load_state_dict(torch.load(kept)["state"])
    net.eval()
    return net


def _write(folder: Path, card: dict[str, Any]) -> None:
    item = stac_item(card, "model.onnx", sha256_file(folder / "model.onnx"))
    (folder / "card.json").write_text(card_json(item), "utf-8")


def _base_card(asked: argparse.Namespace) -> dict[str, Any]:
    parameters = sum(each.numel() for each in ChipNet().parameters())
    card = net_properties(
        asked.name, "convolutions without padding", ["red", "green", "blue"], [asked.label], 1, parameters
    )
    card["mlm:input"][0]["value_scaling"] = [
        {"type": "clip", "minimum": 0.0, "maximum": WHITE},
        {"type": "min-max", "minimum": 0.0, "maximum": WHITE},
    ]
    return card | {
        "atalaya:version": asked.version,
        "atalaya:kinds": ["MSI"],
        "atalaya:unit": ["reflectance"],
        "atalaya:evidence": {asked.label: asked.evidence},
        "atalaya:gsd_m": [5.0, 15.0],
        "atalaya:threshold": 0.5,
        "atalaya:tile": {"core": 512, "halo": WINDOW // 2, "multiple": STRIDE, "whole_most_px": 600_000},
        "atalaya:scale": {"gsd_m": 10.0, "factor": 1.0, "most": 1.5},
        "atalaya:decoder": {
            "kind": "cells",
            "stride": STRIDE,
            "offset": WINDOW / 2,
            "window": WINDOW,
            "overlap": 0.2,
        },
        "atalaya:performance": [
            {"condition": "none yet", "threshold": [1.0], "pd": [0.0], "false_alarms": [0.0], "per": "image"}
        ],
        "atalaya:training": {
            "data": DATA,
            "licence": "CC BY 4.0",
            "split": f"runs of {RUN} neighbouring chips, {asked.folds} folds, fold {asked.held_out} held out",
        },
        "atalaya:intended": (
            "Open gold mines along rivers of the Amazon basin in yearly composites of Sentinel-2, as places"
            " to look at. Reflectance red, green, blue; since baseline 04.00 subtract the offset of 1,000."
            " Probabilities are those of chips; the peak of a whole scene is the best of many."
        ),
        "atalaya:forbidden": FORBIDDEN + " Lawful mines, riverbanks and landslides look alike: see measured.",
    }


def _measured(chips: ChipSet, score: NDArray[np.float64], asked: argparse.Namespace) -> dict[str, Any]:
    """The other folds set the threshold and the probabilities, the one held out judges them."""
    measured = np.isfinite(score)
    held = measured & (chips.fold == asked.held_out)
    others = measured & ~held
    curve = logistic_curve(score[others], chips.label[others])
    threshold = froc([_judged(chips.label[others], score[others])], "image").threshold_at(0.05)
    what = f"{DATA}; chips of {WINDOW} pixels held out, {int(held.sum())} of them"
    rows = performance(
        what, froc([_judged(chips.label[held], score[held])], "image"), (0.01, 0.02, 0.05, 0.1, 0.2)
    )
    folds = {
        str(number): areas(chips, chips.fold == number, score[chips.fold == number])
        for number in np.unique(chips.fold[measured]).tolist()
    }
    return _base_card(asked) | {
        "atalaya:threshold": round(threshold, 5),
        "atalaya:calibration": curve,
        "atalaya:base_rate": round(float(chips.label[others].mean()), 4),
        "atalaya:performance": [rows],
        "atalaya:measured": {
            "area_under_curve": {"folds": folds, "out of fold": areas(chips, measured, score[measured])},
            "ece_held_out": round(float(ece(read_off(curve, score[held]), chips.label[held])), 4),
            "held_out_fold": asked.held_out,
        },
    }


def _judged(label: NDArray[np.bool_], score: NDArray[np.float64]) -> Judged:
    return Judged(score[label], score[~label], float(len(label)))


def _blocks(chips: ChipSet, of: NDArray[np.bool_]) -> list[list[Tile]]:
    """Runs of chips as pictures, for the histograms."""
    runs: dict[int, list[Tile]] = {}
    for row in np.flatnonzero(of):
        reflectance = chips.pixels[row].astype(np.float32) * np.float32(WHITE / 255)
        runs.setdefault(int(chips.run[row]), []).append(Tile(reflectance, "MSI", "reflectance", gsd_m=10.0))
    return list(runs.values())


if __name__ == "__main__":
    main()
