"""What a fitted net claims on whole pictures; the same steps as `detect.onnx_model`, in torch."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from tools.training.annotations import Floats, Sample
from tools.training.augment import standardised
from tools.training.froc import Claims
from tools.training.net import COARSEST, STRIDE, CentreNet

LEAST = 0.02
"""Score below which a claim is not kept."""


def claims_on(net: CentreNet, samples: Sequence[Sample], shrink: float) -> list[Claims]:
    """Claims on each picture, whole frame at once."""
    return [_claims(net, sample, shrink) for sample in samples]


def _claims(net: CentreNet, sample: Sample, shrink: float) -> Claims:
    x = shrunk(sample, shrink)
    rows, columns = x.shape
    x = np.pad(x, ((0, -rows % COARSEST), (0, -columns % COARSEST)))
    with torch.inference_mode():
        answer = net(torch.from_numpy(x)[None, None])[0]
    p = torch.sigmoid(answer[0])
    peak = (p >= F.max_pool2d(p[None], 3, 1, 1)[0]) & (p >= LEAST)
    row, column = (each.numpy() for each in torch.nonzero(peak, as_tuple=True))
    sides = answer[1:, row, column].numpy()
    across, down = (column + 0.5) * STRIDE, (row + 0.5) * STRIDE
    boxes = np.stack((across - sides[0], down - sides[1], across + sides[2], down + sides[3]), axis=1)
    boxes = boxes / shrink - 0.5
    boxes[:, [0, 2]] = np.clip(boxes[:, [0, 2]], -0.5, sample.grey.shape[1] - 0.5)
    boxes[:, [1, 3]] = np.clip(boxes[:, [1, 3]], -0.5, sample.grey.shape[0] - 0.5)
    score = p[row, column].numpy()
    kept = _suppressed(boxes, score)
    return Claims(boxes[kept].astype(np.float32), score[kept])


def shrunk(sample: Sample, shrink: float) -> Floats:
    """The picture at the scale of the net's input, standardised."""
    size = (round(sample.grey.shape[1] * shrink), round(sample.grey.shape[0] * shrink))
    return standardised(np.asarray(Image.fromarray(sample.grey).resize(size, Image.Resampling.BOX)))


def _suppressed(boxes: Floats, score: Floats, overlap: float = 0.5) -> list[int]:
    kept: list[int] = []
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    for index in np.argsort(-score, kind="stable"):
        low = np.maximum(boxes[index, :2], boxes[kept, :2])
        high = np.minimum(boxes[index, 2:], boxes[kept, 2:])
        both = np.prod(np.clip(high - low, 0, None), axis=1)
        if not (both > overlap * (area[kept] + area[index] - both)).any():
            kept.append(int(index))
    return kept
