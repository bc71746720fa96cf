"""A small classifier of chips that is a sliding window on larger pictures, exactly.

No convolution pads, so that the answer for a chip alone is the answer for the same pixels inside a scene.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

STRIDE = 4
WINDOW = 48


class ChipNet(nn.Module):  # type: ignore[misc]
    """(n, 3, h, w) in 0..1 in, (n, 1, (h - 48) / 4 + 1, ...) logits out: one per window of 48 pixels."""

    def __init__(self, widths: tuple[int, int, int, int, int] = (24, 40, 56, 72, 72)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for after, (kernel, stride) in zip(widths, ((4, 2), (3, 1), (3, 2), (3, 1), (3, 1)), strict=True):
            layers += [nn.Conv2d(before, after, kernel, stride, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
            before = after
        self.features = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.3)
        self.join = nn.Conv2d(2 * before, 32, 1)
        self.last = nn.Conv2d(32, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of all windows."""
        cells = self.features(x)
        pooled = torch.cat((functional.avg_pool2d(cells, 6, 1), functional.max_pool2d(cells, 6, 1)), dim=1)
        logits: torch.Tensor = self.last(functional.relu(self.join(self.drop(pooled))))
        return logits


def fit_chips(
    chips: NDArray[np.uint8], label: NDArray[np.bool_], weight: NDArray[np.float32], steps: int, seed: int
) -> ChipNet:
    """Fit on chips (n, 48, 48, 3) with labels and weights of drawing; the running mean is handed back."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net, mean = ChipNet(), ChipNet()
    mean.eval()
    mean.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, steps, pct_start=0.1)
    share = (weight / weight.sum()).astype(np.float64)
    for step in range(steps):
        rows = rng.choice(len(chips), 64, p=share / share.sum())
        x = torch.from_numpy(relit(np.stack([turned(chips[row], rng) for row in rows]), rng))
        wanted = torch.from_numpy(label[rows].astype(np.float32)) * 0.94 + 0.03
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(x)[:, 0, 0, 0]
        loss = functional.binary_cross_entropy_with_logits(logits.float(), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        keep = min(0.99, (step + 1) / (step + 10))
        with torch.no_grad():
            for kept, new in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
                kept.copy_(kept.lerp(new, 1 - keep) if kept.dtype.is_floating_point else new)
    return mean


def turned(chip: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A chip turned by quarters, mirrored, moved by a few pixels with its edge mirrored in."""
    chip = np.rot90(chip, int(rng.integers(4)))
    if rng.random() < 0.5:
        chip = chip[:, ::-1]
    row, column = rng.integers(0, 13, 2)
    return np.pad(chip, ((6, 6), (6, 6), (0, 0)), "reflect")[row : row + WINDOW, column : column + WINDOW]


def relit(chips: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """(n, 3, 48, 48) in 0..1: gain, haze and colour moved, since composites of years differ in all three."""
    x = chips.transpose(0, 3, 1, 2).astype(np.float32) / 255
    n = len(x)
    gain = np.exp(rng.normal(0.0, 0.08, (n, 1, 1, 1)) + rng.normal(0.0, 0.03, (n, 3, 1, 1)))
    haze = rng.normal(0.0, 0.02, (n, 1, 1, 1)) + rng.normal(0.0, 0.008, (n, 3, 1, 1))
    noise = rng.normal(0.0, 0.01, x.shape)
    return np.clip(x * gain + haze + noise, 0.0, 1.0).astype(np.float32)


def scores(net: ChipNet, chips: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) probabilities of chips."""
    parts: Sequence[NDArray[np.uint8]] = np.array_split(chips, max(len(chips) // 256, 1))
    found = []
    with torch.inference_mode():
        for part in parts:
            x = torch.from_numpy(part.transpose(0, 3, 1, 2).astype(np.float32) / 255)
            found.append(torch.sigmoid(net(x)[:, 0, 0, 0]).numpy())
    return np.concatenate(found).astype(np.float64)
