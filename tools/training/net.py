"""A small fully convolutional net without anchors: a heat map of middles and four distances per cell.

After CenterNet (Zhou et al. 2019, arXiv:1904.07850) and FCOS (Tian et al. 2019, arXiv:1904.01355): three
scales down, two up, one head at an eighth of the input. The first convolution takes four by four pixels at a
step, so that full resolution costs what half of it would.
"""

import torch
from torch import nn
from torch.nn import functional

STRIDE = 8
COARSEST = 32
"""Sides of the input are multiples of this, and so are origins of tiles."""


HALO = 224
"""Pixels of the input around a cell that its answer may hang on, up to the next multiple of `COARSEST`."""


class Conv(nn.Sequential):  # type: ignore[misc]
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, before: int, after: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(before, after, kernel, stride, (kernel - 1) // 2, bias=False),
            nn.BatchNorm2d(after, momentum=0.03),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):  # type: ignore[misc]
    """Two convolutions past which the input runs."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = Conv(width, width), Conv(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The input and what was found in it."""
        found: torch.Tensor = x + self.second(self.first(x))
        return found


class CentreNet(nn.Module):  # type: ignore[misc]
    """Grey picture (n, 1, h, w) in, (n, 1 + 4, h / 8, w / 8) out: logit, then distances.

    Distances are to left, top, right, bottom in pixels of the input, from the middle of the cell.
    """

    def __init__(self, widths: tuple[int, int, int, int] = (16, 24, 48, 96)) -> None:
        super().__init__()
        stem, a, b, c = widths
        self.fine = nn.Sequential(Conv(1, stem, 6, 4), Conv(stem, a, 3, 2), Residual(a))
        self.medium = nn.Sequential(Conv(a, b, 3, 2), Residual(b), Residual(b))
        self.coarse = nn.Sequential(Conv(b, c, 3, 2), Residual(c))
        self.down_c, self.down_b = Conv(c, b, 1), Conv(b, a, 1)
        self.smooth = Conv(b, b)
        self.neck = Conv(a, 2 * a)
        self.heat, self.sides = nn.Conv2d(2 * a, 1, 1), nn.Conv2d(2 * a, 4, 1)
        nn.init.constant_(self.heat.bias, -4.0)
        nn.init.constant_(self.sides.bias, 3.2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits and distances of all cells."""
        a = self.fine(x)
        b = self.medium(a)
        b = self.smooth(b + functional.interpolate(self.down_c(self.coarse(b)), scale_factor=2.0))
        neck = self.neck(a + functional.interpolate(self.down_b(b), scale_factor=2.0))
        sides = torch.exp(self.sides(neck).clamp(-2.0, 6.0))
        return torch.cat((self.heat(neck), sides), dim=1)
