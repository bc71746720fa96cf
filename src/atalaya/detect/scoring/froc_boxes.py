"""FROC of boxes in images: claims of a class against truths of that class, regions nobody judges apart."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.scoring.coco_ap import Boxes
from atalaya.detect.scoring.froc import Judged, judged
from atalaya.detect.scoring.inputs import Bools, Floats
from atalaya.detect.scoring.matching import Pairs, in_regions

How = Callable[[Floats, Floats], Pairs]
"""One way of `matching`, given boxes of claims and of truths by their edges."""


def judge_images(
    truth: Boxes, claims: Boxes, regions: Bools, how: How, size: Floats, *, any_class: bool = False
) -> list[Judged]:
    """Judge image by image.

    Args:
        truth, claims: their images are numbered from 0 to less than the length of `size`.
        regions: (m,) truths that are regions nobody judges, of whatever class.
        size: (images,) one for false alarms per image, else square kilometres of ground seen.
        any_class: whether a claim may find a truth of another class.

    Raises:
        BadInput: as the way of matching.
    """
    edges = [np.hstack((boxes.box[:, :2], boxes.box[:, :2] + boxes.box[:, 2:])) for boxes in (truth, claims)]
    found = []
    rows_of = (_by_image(truth, len(size)), _by_image(claims, len(size)))
    for mine, said, seen in zip(*rows_of, size.tolist(), strict=True):
        true, region = mine[~regions[mine]], mine[regions[mine]]
        pairs = how(edges[1][said], edges[0][true])
        if not any_class:
            pairs = _alike(pairs, claims.category[said][pairs.claim] == truth.category[true][pairs.truth])
        swallowed = in_regions(edges[1][said], edges[0][region])
        found.append(judged(claims.score[said], pairs, len(true), seen, swallowed))
    return found


def _by_image(boxes: Boxes, images: int) -> list[NDArray[np.intp]]:
    order = np.argsort(boxes.image, kind="stable")
    return np.split(order, np.searchsorted(boxes.image[order], np.arange(1, images)))


def _alike(pairs: Pairs, same: Bools) -> Pairs:
    return Pairs(pairs.claim[same], pairs.truth[same], pairs.quality[same])
