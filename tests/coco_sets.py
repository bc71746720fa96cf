"""Random truths and claims as COCO JSON, and the same as columns."""

from typing import Any

import numpy as np

from atalaya.detect.scoring.coco_ap import Boxes


def random_set(
    rng: np.random.Generator, images: int, *, truths: int = 12, claims: int = 30, crowded: bool = False
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Images of 1000 px with boxes of three classes; half of the claims lie on truths, scores have ties."""
    annotations: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for image in range(1, images + 1):
        box = np.hstack((rng.uniform(0, 900, (truths, 2)), rng.uniform(8, 130, (truths, 2))))
        kinds = rng.integers(1, 4, truths)
        for row, kind in zip(box, kinds, strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": int(kind),
                    "bbox": row.tolist(),
                    "area": float(row[2] * row[3]),
                    "iscrowd": int(crowded and rng.random() < 0.15),
                }
            )
        for number in range(claims):
            near = number < claims // 2
            row = box[number % truths] + rng.normal(0, 4, 4) if near else rng.uniform(8, 800, 4)
            kind = kinds[number % truths] if near else rng.integers(1, 4)
            row[2:] = np.maximum(row[2:], 1.0)
            score = round(float(rng.random()), 2)
            said.append({"image_id": image, "category_id": int(kind), "bbox": row.tolist(), "score": score})
    listed = [{"id": image, "width": 1000, "height": 1000} for image in range(1, images + 1)]
    kinds_listed = [{"id": kind, "name": f"kind {kind}"} for kind in (1, 2, 3)]
    return {"images": listed, "annotations": annotations, "categories": kinds_listed}, said


def as_boxes(truth: dict[str, Any], claims: list[dict[str, Any]]) -> tuple[Boxes, Boxes]:
    """Columns of both."""
    true, said = truth["annotations"], claims
    columns = [
        [[row[key] for row in rows] for key in ("image_id", "category_id", "bbox")] for rows in (true, said)
    ]
    crowd, area = [row["iscrowd"] for row in true], [row["area"] for row in true]
    return (
        Boxes.of(*columns[0], crowd=crowd, area=area),
        Boxes.of(*columns[1], score=[row["score"] for row in said]),
    )
