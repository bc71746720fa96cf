"""A detector that is a net in a folder."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.candidates import Candidates
from atalaya.detect.card import ModelCard
from atalaya.detect.cards.network import NetCard
from atalaya.detect.cards.read import CARD_FILE, MODEL_FILE, read_card
from atalaya.detect.detector import Context
from atalaya.detect.onnx_model.decode import decoded
from atalaya.detect.onnx_model.scaling import Prepared, prepared
from atalaya.detect.onnx_model.session import open_session
from atalaya.detect.suppress import suppressed
from atalaya.detect.tile import Tile
from atalaya.detect.tiling import Claimed, tiled, windows


def load_onnx(folder: Path) -> "OnnxDetector":
    """A detector from a folder with `model.onnx` and `card.json`; the card is read and checked first.

    Raises:
        NotFound, BadInput, VerificationFailed: MDL-001..016, as `read_card` and `open_session` say.
    """
    card = read_card(folder / CARD_FILE)
    return OnnxDetector(card, open_session(folder / MODEL_FILE, card))


@dataclass(frozen=True, slots=True, eq=False)
class OnnxDetector:
    """A net with its card; it holds nothing that changes."""

    net: NetCard
    session: Any

    @property
    def card(self) -> ModelCard:
        """What it says of itself."""
        return self.net.card

    def prepare(self, context: Context) -> None:
        """Nothing outlives a picture."""

    def detect(self, tile: Tile, state: Any = None) -> Candidates:
        """Claims about one picture, surest first, clipped to it.

        Raises:
            BadInput: MDL-017 the picture is not what the card asks for; MDL-018, MDL-019 the answer cannot be
                read; MDL-020 the runtime failed.
        """
        picture = prepared(tile, self.net)
        found = self._claims(_padded(picture.array, self.net))
        placed = _on_picture(found, picture)
        return suppressed(_sound(placed, picture, tile.shape), self.net.decoder.overlap)

    def _claims(self, array: NDArray[np.float32]) -> Candidates:
        tiling, fixed = self.net.tiling, self.net.input
        core, halo = tiling.core, tiling.halo
        if fixed.rows:
            core, halo = max(min(fixed.rows, fixed.columns) - 2 * halo, tiling.multiple), halo
        elif array.shape[0] * array.shape[1] <= tiling.whole:
            core = 0
        tiles = windows((array.shape[0], array.shape[1]), core, halo, tiling.multiple)
        return tiled(array, tiles, self._run)

    def _run(self, part: NDArray[Any]) -> Claimed:
        fixed = self.net.input
        if fixed.rows:
            part = np.pad(part, ((0, fixed.rows - part.shape[0]), (0, fixed.columns - part.shape[1]), (0, 0)))
        order = part if fixed.channels_last else part.transpose(2, 0, 1)
        x = np.ascontiguousarray(order[None], fixed.dtype)
        outputs = [each.name for each in self.session.get_outputs()]
        try:
            values = self.session.run(outputs, {self.session.get_inputs()[0].name: x})
        except Exception as error:
            reason = str(error).replace("\n", " ")[:300]
            raise BadInput("MDL-020", detector=self.card.id, reason=reason) from error
        return decoded(dict(zip(outputs, values, strict=True)), self.net, part.shape[:2])


def _padded(array: NDArray[np.float32], net: NetCard) -> NDArray[np.float32]:
    """Sides up to the next multiple, with zeros: what the scaled middle of a picture is."""
    multiple = net.tiling.multiple
    rows, columns = (-side % multiple for side in array.shape[:2])
    return np.pad(array, ((0, rows), (0, columns), (0, 0))) if rows or columns else array


def _on_picture(found: Candidates, picture: Prepared) -> Candidates:
    def back(points: NDArray[np.float32], factor: NDArray[np.float64]) -> NDArray[np.float32]:
        return ((points + 0.5) / factor - 0.5).astype(np.float32)

    corners = None if found.corners is None else back(found.corners, picture.factor)
    return replace(found, box=back(found.box, np.tile(picture.factor, 2)), corners=corners)


def _sound(found: Candidates, picture: Prepared, shape: tuple[int, int]) -> Candidates:
    """Clipped to the picture; those without area there, or whose middle has no data, are dropped."""
    edge = np.array([shape[1], shape[0]] * 2, np.float32) - np.float32(0.5)
    box = np.clip(found.box, np.float32(-0.5), edge)
    kept = (box[:, 2] > box[:, 0]) & (box[:, 3] > box[:, 1])
    if picture.valid is not None and len(box):
        column, row = np.rint((box[:, :2] + box[:, 2:]) / 2).astype(np.intp).T
        kept &= picture.valid[np.clip(row, 0, shape[0] - 1), np.clip(column, 0, shape[1] - 1)]
    return replace(found, box=box).take(kept)
