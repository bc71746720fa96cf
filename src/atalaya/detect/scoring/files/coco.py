"""COCO JSON: truth with images, categories and boxes; detections as a list of boxes with scores."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.base.language import printable
from atalaya.detect.scoring.coco_ap import Boxes
from atalaya.detect.scoring.files.columns import raw_bytes
from atalaya.detect.scoring.inputs import Bools, Floats

Id = int | str

_PERSONS = re.compile(
    r"(?<![^\W_])(persons?|people|pedestrians?|humans?|faces?|bod(y|ies)|m[ae]n|wom[ae]n|child(ren)?|crowds?|"
    r"personas?|peat[oó]n(es)?|rostros?|caras?|hombres?|mujer(es)?|niñ[oa]s?)(?![^\W_])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class CocoTruth:
    """One truth file; images and categories are numbered by the order of their ids.

    images, categories: ids in that order      names: of the categories
    size_px: (images, 2) width and height, NaN unknown
    boxes: truths      ignored: (n,) truths that are regions nobody judges (`iscrowd` or `ignore`, persons)
    """

    images: dict[Id, int]
    categories: dict[Id, int]
    names: dict[int, str]
    size_px: Floats
    boxes: Boxes
    ignored: Bools

    def of_persons(self, boxes: Boxes) -> Bools:
        """(n,) boxes of classes that name persons. How well those are found is nobody's business here."""
        numbers = [number for number, name in self.names.items() if _PERSONS.search(name)]
        return np.isin(boxes.category, numbers)


def read_truth(path: Path) -> CocoTruth:
    """A COCO annotation file; HIT-UAV's `annotation` is understood as `annotations`.

    Raises:
        NotFound: SCO-030. BadInput: SCO-034; SCO-031, no such JSON, or a box that is none; SCO-036, a box
            names an image or category that is not listed.
    """
    shown = _json(path)
    if not isinstance(shown, dict):
        raise BadInput(
            "SCO-031", where=path.name, form="COCO JSON", detail="{images, annotations, categories}"
        )
    listed = {key: _list(shown, key, path) for key in ("images", "categories")}
    boxes = _list(shown, "annotations" if "annotations" in shown else "annotation", path)
    images, categories = (_numbered(rows, key, path) for key, rows in listed.items())
    names = {categories[row["id"]]: str(row.get("name", row["id"])) for row in listed["categories"]}
    size = np.full((len(images), 2), np.nan)
    for row in listed["images"]:
        size[images[row["id"]]] = _pair(row)
    found = _boxes(boxes, images, categories, path, lambda row: 0.0)
    ignored = np.array([bool(row.get("iscrowd") or row.get("ignore")) for row in boxes], np.bool_)
    known = CocoTruth(images, categories, names, size, found, ignored)
    return replace(known, ignored=ignored | known.of_persons(found))


def read_detections(path: Path, truth: CocoTruth) -> Boxes:
    """A list of {image_id, category_id, bbox, score}, or an object that holds it as `annotations`.

    Detections of classes that name persons are left out.

    Raises:
        NotFound: SCO-030. BadInput: as `read_truth`.
    """
    shown = _json(path)
    rows = _list(shown, "annotations", path) if isinstance(shown, dict) else shown
    if not isinstance(rows, list):
        raise BadInput("SCO-031", where=path.name, form="COCO JSON", detail="[{image_id, ...}]")
    found = _boxes(rows, truth.images, truth.categories, path, lambda row: row["score"])
    return found.without(truth.of_persons(found))


def _json(path: Path) -> Any:
    try:
        return json.loads(raw_bytes(path))
    except (ValueError, RecursionError) as error:
        raise BadInput("SCO-031", where=path.name, form="JSON", detail=printable(str(error)[:80])) from error


def _list(shown: dict[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    rows = shown.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput("SCO-031", where=path.name, form="COCO JSON", detail=key)
    return rows


def _numbered(rows: list[dict[str, Any]], key: str, path: Path) -> dict[Id, int]:
    ids = [row.get("id") for row in rows]
    if not all(isinstance(each, int | str) for each in ids) or len(set(ids)) != len(ids):
        raise BadInput("SCO-031", where=path.name, form="COCO JSON", detail=f"{key}: id")
    known = sorted(
        set(ids), key=lambda each: (isinstance(each, str), each if isinstance(each, int) else 0, str(each))
    )
    return {each: place for place, each in enumerate(known)}  # type: ignore[misc]


def _pair(row: dict[str, Any]) -> tuple[float, float]:
    pair = row.get("width"), row.get("height")
    return tuple(float(side) if isinstance(side, int | float) else np.nan for side in pair)  # type: ignore[return-value]


def _boxes(
    rows: list[Any],
    images: dict[Id, int],
    categories: dict[Id, int],
    path: Path,
    score: Callable[[dict[str, Any]], Any],
) -> Boxes:
    image, category, box, scores, crowd, area = [], [], [], [], [], []
    for number, row in enumerate(rows):
        where = f"{path.name}[{number}]"
        try:
            name, kind, edges = row["image_id"], row["category_id"], [float(edge) for edge in row["bbox"]]
            sure, size = float(score(row)), float(row.get("area", edges[2] * edges[3]))
        except (TypeError, KeyError, ValueError, IndexError, AttributeError, OverflowError) as error:
            raise BadInput(
                "SCO-031", where=where, form="COCO JSON", detail=printable(repr(error)[:80])
            ) from error
        if len(edges) != 4:
            raise BadInput("SCO-031", where=where, form="COCO JSON", detail="bbox")
        try:
            image.append(images[name])
            category.append(categories[kind])
        except (KeyError, TypeError) as error:
            raise BadInput(
                "SCO-036", where=where, image=printable(str(name)[:40]), category=printable(str(kind)[:40])
            ) from error
        box.append(edges)
        scores.append(sure)
        area.append(size)
        crowd.append(bool(row.get("iscrowd")))
    return Boxes.of(image, category, box, score=scores, crowd=crowd, area=area)
