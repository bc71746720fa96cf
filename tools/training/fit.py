"""Fitting: targets, loss, one run over random views with a running mean of the weights."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from tools.training.annotations import Floats, Sample
from tools.training.augment import View, Views
from tools.training.net import STRIDE, CentreNet


def targets(view: View, side: int) -> tuple[Floats, Floats, Floats]:
    """heat (h, w) in 0..1, sides (4, h, w) pixels, weight (2, h, w): of the heat, of the sides."""
    cells = side // STRIDE
    at = (np.arange(cells, dtype=np.float32) + 0.5) * STRIDE - 0.5
    heat = np.zeros((cells, cells), np.float32)
    sides = np.ones((4, cells, cells), np.float32)
    weight = np.zeros((2, cells, cells), np.float32)
    weight[0] = 1.0
    for box in view.ignored:
        inside = ((at >= box[1]) & (at <= box[3]))[:, None] & ((at >= box[0]) & (at <= box[2]))[None, :]
        weight[0][inside] = 0.0
    for box in view.boxes:
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        sigma = np.maximum((box[2] - box[0], box[3] - box[1]), 2.0 * STRIDE) / 7.0
        bell = np.exp(
            -(((at - middle[1]) / sigma[1]) ** 2)[:, None] / 2
            - (((at - middle[0]) / sigma[0]) ** 2)[None, :] / 2
        )
        row, column = (int(np.argmin(np.abs(at - each))) for each in middle[::-1])
        bell[row, column] = 1.0
        owned = (bell > 0.3) & (bell >= heat)
        heat = np.maximum(heat, bell)
        distances = np.stack(np.broadcast_arrays(
            (at - box[0])[None, :], (at - box[1])[:, None], (box[2] - at)[None, :], (box[3] - at)[:, None]
        ))  # fmt: skip
        sides[:, owned] = np.maximum(distances[:, owned], 0.1)
        weight[1][owned] = bell[owned]
        weight[0][owned] = 1.0
    return heat, sides, weight


def loss_of(
    answer: torch.Tensor, heat: torch.Tensor, sides: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """Penalty-reduced focal loss of the heat plus generalised IoU of the boxes."""
    logit = answer[:, 0].float()
    p = torch.sigmoid(logit)
    hit = (heat >= 0.999).float()
    found = -functional.logsigmoid(logit) * (1 - p) ** 2 * hit
    false = -functional.logsigmoid(-logit) * p**2 * (1 - heat) ** 4 * (1 - hit)
    objects = hit.sum().clamp(min=1.0)
    focal = ((found + false) * weight[:, 0]).sum() / objects
    mine, true = answer[:, 1:].float(), sides
    area = (mine[:, 0] + mine[:, 2]) * (mine[:, 1] + mine[:, 3])
    area_true = (true[:, 0] + true[:, 2]) * (true[:, 1] + true[:, 3])
    least, most = torch.minimum(mine, true), torch.maximum(mine, true)
    both = (least[:, 0] + least[:, 2]) * (least[:, 1] + least[:, 3])
    hull = (most[:, 0] + most[:, 2]) * (most[:, 1] + most[:, 3])
    union = area + area_true - both
    giou = both / union - (hull - union) / hull
    boxes = ((1 - giou) * weight[:, 1]).sum() / weight[:, 1].sum().clamp(min=1.0)
    return focal + boxes


def fit(
    samples: Sequence[Sample],
    steps: int,
    side: int,
    shrink: float,
    seed: int,
    batch: int = 4,
    start: CentreNet | None = None,
) -> CentreNet:
    """Fit on these samples; the running mean of the weights is handed back."""
    torch.manual_seed(seed)
    views = Views(samples, side, shrink, np.random.default_rng(seed))
    net = (start or CentreNet()).to(memory_format=torch.channels_last)
    mean: CentreNet = copy.deepcopy(net)
    mean.eval()
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, steps, pct_start=0.08)
    running = 0.0
    for step in range(steps):
        drawn = [views.draw() for _ in range(batch)]
        wanted = [targets(view, side) for view in drawn]
        x = torch.from_numpy(np.stack([view.grey for view in drawn])[:, None])
        heat, sides, weight = (torch.from_numpy(np.stack(part)) for part in zip(*wanted, strict=True))
        with torch.autocast("cpu", torch.bfloat16):
            answer = net(x.contiguous(memory_format=torch.channels_last))
        loss = loss_of(answer, heat, sides, weight)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        _follow(mean, net, min(0.998, (step + 1) / (step + 10)))
        running += (float(loss.detach()) - running) * max(0.01, 1 / (step + 1))
        if step % 500 == 499:
            print(f"    step {step + 1} loss {running:.3f}", flush=True)
    return mean


def _follow(mean: CentreNet, net: CentreNet, keep: float) -> None:
    with torch.no_grad():
        for kept, new in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1.0 - keep)
            else:
                kept.copy_(new)
