"""Pictures of the range as training crops for several classes of signs, and one fit of a net to them.

The same net and loss as for vehicles (`net`, `fit`), with a heat map for each class and colour in.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from torch.nn import functional

from tools.training.net import Conv, Residual

Floats = NDArray[np.float32]

GSD_M = 0.6
"""Metres per pixel all pictures are brought to."""
STRIDE, SIDE, BATCH = 4, 224, 12
MEAN, SPREAD = 110.0, 40.0
CLASSES = ("roof", "structure", "drums", "dump", "scar", "pit")
_MOST_ENLARGED = 2.0
_LEAST_SHOWN = 0.4


class SignNet(nn.Module):  # type: ignore[misc]
    """Colour picture (n, 3, h, w) in, (n, classes + 4, h / 4, w / 4) out: logits, then distances to sides."""

    def __init__(
        self, bands: int, classes: int, widths: tuple[int, int, int, int] = (16, 24, 48, 96)
    ) -> None:
        super().__init__()
        stem, a, b, c = widths
        self.quarter = nn.Sequential(Conv(bands, stem, 3, 2), Conv(stem, a, 3, 2), Residual(a))
        self.eighth = nn.Sequential(Conv(a, b, 3, 2), Residual(b), Residual(b))
        self.sixteenth = nn.Sequential(Conv(b, c, 3, 2), Residual(c))
        self.down_c, self.down_b = Conv(c, b, 1), Conv(b, a, 1)
        self.smooth, self.neck = Conv(b, b), Conv(a, 2 * a)
        self.heat, self.sides = nn.Conv2d(2 * a, classes, 1), nn.Conv2d(2 * a, 4, 1)
        nn.init.constant_(self.heat.bias, -4.0)
        nn.init.constant_(self.sides.bias, 2.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits and distances."""
        a = self.quarter(x)
        b = self.eighth(a)
        b = self.smooth(b + functional.interpolate(self.down_c(self.sixteenth(b)), scale_factor=2.0))
        neck = self.neck(a + functional.interpolate(self.down_b(b), scale_factor=2.0))
        sides = torch.exp(self.sides(neck).clamp(-2.0, 6.0))
        return torch.cat((self.heat(neck), sides), dim=1)


@dataclass(frozen=True)
class Scene:
    """One picture at `GSD_M`: (rows, columns, 3) uint8; boxes (n, 4) edges; label (n,), -1 for no class."""

    picture: NDArray[np.uint8]
    boxes: Floats
    label: NDArray[np.int64]


def read_scenes(folders: Sequence[Path]) -> list[Scene]:
    """Pictures of `tools/range_pictures.py`."""
    found = []
    for folder in folders:
        whole = json.loads((folder / "annotations.json").read_text("utf-8"))
        names = {each["id"]: each["name"] for each in whole["categories"]}
        marks: dict[int, list[tuple[str, list[float]]]] = {}
        for each in whole["annotations"]:
            marks.setdefault(each["image_id"], []).append((names[each["category_id"]], each["bbox"]))
        found += [_scene(folder, image, marks.get(image["id"], [])) for image in whole["images"]]
    return found


def _scene(folder: Path, image: dict[str, float | str], rows: list[tuple[str, list[float]]]) -> Scene:
    picture = Image.open(folder / str(image["file_name"])).convert("RGB")
    scale = min(float(image["gsd_m"]) / GSD_M, _MOST_ENLARGED)
    size = (max(16, round(picture.width * scale)), max(16, round(picture.height * scale)))
    smaller = Image.Resampling.BOX if scale < 1.0 else Image.Resampling.BILINEAR
    boxes = np.array([box for _, box in rows], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    label = np.array([CLASSES.index(name) if name in CLASSES else -1 for name, _ in rows], np.int64)
    return Scene(np.asarray(picture.resize(size, smaller)), boxes * np.float32(scale), label)


def crop(scenes: Sequence[Scene], rng: np.random.Generator) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """A random view: (side, side, 3) values, boxes in it, their labels."""
    full = [n for n, each in enumerate(scenes) if (each.label >= 0).any()]
    empty = [n for n, each in enumerate(scenes) if not len(each.label)]
    scene = scenes[int(rng.choice(full if rng.random() < 0.65 or not empty else empty))]
    need = int(np.ceil(SIDE / np.exp(rng.uniform(np.log(0.7), np.log(1.4)))))
    rows, columns = scene.picture.shape[:2]
    about = rng.uniform((0.0, 0.0), (columns, rows))
    if len(scene.boxes) and rng.random() < 0.8:
        box = scene.boxes[int(rng.integers(len(scene.boxes)))]
        about = (box[:2] + box[2:]) / 2.0 + rng.normal(0.0, 0.2 * SIDE, 2)
    corner = [
        int(np.clip(about[k] - need / 2, 0, max(size - need, 0))) for k, size in ((0, columns), (1, rows))
    ]
    cut = scene.picture[corner[1] : corner[1] + need, corner[0] : corner[0] + need]
    missing = ((0, need - cut.shape[0]), (0, need - cut.shape[1]), (0, 0))
    cut = np.pad(cut, missing, constant_values=int(np.median(cut)) if cut.size else 0)
    values = np.asarray(Image.fromarray(cut).resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.float32)
    boxes = (scene.boxes - np.array(corner * 2, np.float32)) * np.float32(SIDE / need)
    values, boxes = _turned(values, boxes, rng)
    return _relit(np.ascontiguousarray(values), rng), boxes, scene.label


def _turned(values: Floats, boxes: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    for _ in range(int(rng.integers(4))):
        values = np.rot90(values)
        boxes = np.stack((boxes[:, 1], SIDE - boxes[:, 2], boxes[:, 3], SIDE - boxes[:, 0]), axis=1)
    if rng.random() < 0.5:
        values = values[:, ::-1]
        boxes = np.stack((SIDE - boxes[:, 2], boxes[:, 1], SIDE - boxes[:, 0], boxes[:, 3]), axis=1)
    return values, boxes


def _relit(x: Floats, rng: np.random.Generator) -> Floats:
    """Other exposure and colour, blur, coding, noise."""
    middle = np.float32(np.median(x))
    x = (x - middle) * np.float32(np.exp(rng.normal(0.0, 0.3))) + middle + np.float32(rng.normal(0.0, 15.0))
    x = x * np.exp(rng.normal(0.0, 0.05, 3)).astype(np.float32)
    if rng.random() < 0.4:
        x = (x + np.roll(x, 1, 0) + np.roll(x, 1, 1) + np.roll(x, (1, 1), (0, 1))) / np.float32(4.0)
    if rng.random() < 0.3:
        stream = io.BytesIO()
        Image.fromarray(np.clip(x, 0, 255).astype(np.uint8)).save(
            stream, "JPEG", quality=int(rng.integers(35, 90))
        )
        x = np.asarray(Image.open(stream), np.float32)
    if rng.random() < 0.6:
        x = x + rng.standard_normal(x.shape, np.float32) * np.float32(rng.uniform(0.0, 4.0))
    return np.asarray((x - np.float32(MEAN)) / np.float32(SPREAD), np.float32)


def targets(boxes: Floats, label: NDArray[np.int64]) -> tuple[Floats, Floats, Floats, Floats]:
    """heat (classes, h, w), sides (4, h, w), weight of sides (h, w), weight of heat (classes, h, w)."""
    cells = SIDE // STRIDE
    at = (np.arange(cells, dtype=np.float32) + 0.5) * STRIDE
    heat, weigh = (
        np.zeros((len(CLASSES), cells, cells), np.float32),
        np.ones((len(CLASSES), cells, cells), np.float32),
    )
    sides, owned = np.ones((4, cells, cells), np.float32), np.zeros((cells, cells), np.float32)
    for box, k in zip(boxes, label, strict=True):
        shown = np.clip(box, 0, SIDE)
        size = shown[2:] - shown[:2]
        if k < 0 or (size <= 0).any():
            continue
        if np.prod(size) < _LEAST_SHOWN * np.prod(box[2:] - box[:2]):
            inside = ((at >= shown[1]) & (at <= shown[3]))[:, None] & ((at >= shown[0]) & (at <= shown[2]))[
                None
            ]
            weigh[k][inside] = 0.0
            continue
        middle, sigma = (shown[:2] + shown[2:]) / 2.0, np.maximum(size, 8.0) / 7.0
        bell = np.exp(
            -(((at - middle[1]) / sigma[1])[:, None] ** 2 + ((at - middle[0]) / sigma[0])[None] ** 2) / 2
        )
        bell[int(np.argmin(np.abs(at - middle[1]))), int(np.argmin(np.abs(at - middle[0])))] = 1.0
        heat[k] = np.maximum(heat[k], bell)
        own = (bell > 0.3) & (bell >= owned)
        reach = (
            (at - shown[0])[None],
            (at - shown[1])[:, None],
            (shown[2] - at)[None],
            (shown[3] - at)[:, None],
        )
        sides[:, own] = np.maximum(np.stack(np.broadcast_arrays(*reach))[:, own], 0.1)
        owned[own], weigh[k][own] = bell[own], 1.0
    return heat, sides, owned, weigh


def loss_of(answer: torch.Tensor, truth: Sequence[torch.Tensor]) -> torch.Tensor:
    """Penalty-reduced focal loss of the heat (arXiv:1904.07850) plus generalised IoU of the boxes."""
    heat, sides, owned, weigh = truth
    logit, mine = answer[:, : len(CLASSES)], answer[:, len(CLASSES) :]
    p, hit = torch.sigmoid(logit), (heat >= 0.999).float()
    found = -functional.logsigmoid(logit) * (1 - p) ** 2 * hit
    false = -functional.logsigmoid(-logit) * p**2 * (1 - heat) ** 4 * (1 - hit)
    focal = ((found + false) * weigh).sum() / hit.sum().clamp(min=1.0)
    area, area_true = ((s[:, 0] + s[:, 2]) * (s[:, 1] + s[:, 3]) for s in (mine, sides))
    least, most = torch.minimum(mine, sides), torch.maximum(mine, sides)
    both = (least[:, 0] + least[:, 2]) * (least[:, 1] + least[:, 3])
    hull = (most[:, 0] + most[:, 2]) * (most[:, 1] + most[:, 3])
    union = area + area_true - both
    giou = both / union - (hull - union) / hull
    return focal + ((1 - giou) * owned).sum() / owned.sum().clamp(min=1.0)
