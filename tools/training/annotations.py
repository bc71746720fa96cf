"""Labelled pictures in the COCO manner, grouped by the flight they were taken on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled picture.

    Args:
        name: of the file. flight: what must stay on one side of a split: date and light of the picture.
        grey: (rows, columns) uint8.
        boxes: (n, 4) float32 first and last column and row, edges: of what is searched for.
        ignored: (m, 4) likewise: neither taught nor scored. others: (k, 4) what is not searched for and could
            be mistaken for it: taught as background, claims on it are neither found nor false in scores.
    """

    name: str
    flight: str
    grey: NDArray[np.uint8]
    boxes: Floats
    ignored: Floats
    others: Floats


def read_samples(
    annotations: Path,
    pictures: Path,
    classes: Sequence[str],
    ignored: Sequence[str],
    others: Sequence[str] = (),
) -> list[Sample]:
    """Read a COCO file; HIT-UAV's spellings ("annotation", "filename") are taken too.

    Args:
        classes: names that are to be found. ignored, others: names of what is not; further names are
            refused, so that no class slips in unsaid.
    """
    coco = json.loads(annotations.read_text("utf-8"))
    names = {each["id"]: each["name"] for each in coco["categories"]}
    unsaid = set(names.values()) - {*classes, *ignored, *others}
    if unsaid:
        raise SystemExit(f"say what becomes of the classes {sorted(unsaid)}: wanted, ignored or others")
    rows: dict[int, list[tuple[str, list[float]]]] = {}
    for each in coco.get("annotations", coco.get("annotation")):
        rows.setdefault(each["image_id"], []).append((names[each["category_id"]], each["bbox"]))
    samples = []
    for image in sorted(coco["images"], key=lambda each: each["id"]):
        name = image.get("file_name") or image["filename"]
        boxes = rows.get(image["id"], [])
        samples.append(
            Sample(
                name,
                flight_of(name, str(image.get("date_captured", ""))),
                np.asarray(Image.open(pictures / name).convert("L")),
                *(_edges(boxes, wanted) for wanted in (classes, ignored, others)),
            )
        )
    return samples


def flight_of(name: str, date: str) -> str:
    """What must not lie on both sides of a split.

    HIT-UAV's own splits are random pictures of the same videos. Its ids run on across camera angles over
    one place, so the date and the light (first field of the name) are taken as the flight: stricter than
    the 89 groups of time, altitude and angle.
    """
    return f"{date}-{name.split('_')[0]}" if date else name.rsplit("_", 1)[0]


def folds_of(samples: Sequence[Sample], count: int) -> NDArray[np.int64]:
    """(samples,) fold of each: whole flights, the heaviest first into the fold with fewest objects."""
    flights = sorted({each.flight for each in samples})
    weight = {
        flight: sum(len(each.boxes) + 2 for each in samples if each.flight == flight) for flight in flights
    }
    load = [0] * count
    fold = {}
    for flight in sorted(flights, key=lambda each: (-weight[each], each)):
        least = int(np.argmin(load))
        fold[flight] = least
        load[least] += weight[flight]
    return np.array([fold[each.flight] for each in samples])


def light_of(name: str) -> str:
    """Day or night by HIT-UAV's first field, "" where a name has none."""
    return {"0": "day", "1": "night"}.get(name.split("_")[0], "")


def _edges(rows: list[tuple[str, list[float]]], wanted: Sequence[str]) -> Floats:
    boxes = np.array([box for name, box in rows if name in wanted], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return boxes - 0.5
