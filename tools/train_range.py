"""Fit the net for signs in day pictures of the digital range, write `model.onnx`; needs torch.

python tools/range_pictures.py DATA/lab --theme lab --kind EO --seeds 5000 5012 --per-site 3      (and others)
python -m tools.train_range DATA/lab DATA/mine DATA/strip --steps 3700 --output FOLDER
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from tools.training.export import export
from tools.training.signs import BATCH, CLASSES, SIDE, SignNet, crop, loss_of, read_scenes, targets

RATE = 2e-3


class Probable(torch.nn.Module):  # type: ignore[misc]
    """The net with probabilities in place of logits."""

    def __init__(self, net: SignNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Probabilities, then distances."""
        answer = self.net(x)
        count = len(CLASSES)
        return torch.cat((torch.sigmoid(answer[:, :count]), answer[:, count:]), dim=1)


def fitted(folders: list[Path], steps: int, seed: int, start: Path | None) -> SignNet:
    """The running mean of the weights over the last hundreds of steps."""
    scenes, rng = read_scenes(folders), np.random.default_rng(seed)
    torch.manual_seed(seed)
    net = SignNet(3, len(CLASSES))
    if start is not None:
        net.load_state_dict(torch.load(start))
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-4)
    mean = {name: value.clone() for name, value in net.state_dict().items()}
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 100) * (0.51 + 0.5 * np.cos(np.pi * step / steps))
        drawn = [crop(scenes, rng) for _ in range(BATCH)]
        x = torch.from_numpy(np.stack([view.transpose(2, 0, 1) for view, _, _ in drawn]))
        truth = [targets(boxes, label) for _, boxes, label in drawn]
        loss = loss_of(net(x), [torch.from_numpy(np.stack(part)) for part in zip(*truth, strict=True)])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        keep = min(0.998, (step + 1) / (step + 20))
        for name, value in net.state_dict().items():
            if value.dtype.is_floating_point:
                mean[name].mul_(keep).add_(value, alpha=1.0 - keep)
            else:
                mean[name] = value.clone()
        if step % 100 == 0:
            print(step, round(float(loss.detach()), 3), flush=True)
    net.load_state_dict(mean)
    return net


def main() -> None:
    """Fit and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--steps", type=int, default=3700)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="weights to start from (torch state)")
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    net = fitted(asked.folders, asked.steps, asked.seed, asked.start)
    asked.output.mkdir(parents=True, exist_ok=True)
    torch.save(net.state_dict(), asked.output / "weights.pt")
    print(
        export(Probable(net), 3, SIDE, asked.output / "model.onnx", "signs of the range", ready=True), "bytes"
    )


if __name__ == "__main__":
    main()
