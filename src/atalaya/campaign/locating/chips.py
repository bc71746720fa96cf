"""Small pictures of what was claimed, cut from the frames it was claimed in."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import AtalayaError
from atalaya.footage.clip import Clip
from atalaya.footage.decode import FrameReader
from atalaya.locate.dossier import Chip
from atalaya.locate.site import LedgerLine
from atalaya.locate.tracklets import Tracklets

SIDE_PX = 144
LEAST_SHOWN = 3.0
"""A chip shows at least so many times the box."""


def chips_of(path: Path, tracklets: Tracklets, line: LedgerLine, look: str) -> list[Chip]:
    """A chip of each tracklet of one recording; none where its frame cannot be decoded.

    Args:
        path: of the recording. line: of the ledger of its site. look: name of the look.
    """
    found = []
    for row in range(len(tracklets)):
        picture = _frame(path, int(tracklets.best_frame[row]))
        if picture is None:
            continue
        box = [float(getattr(tracklets, f"box_{name}")[row]) for name in _EDGES]
        cut, shown_px = _cut(picture, box)
        width = float(tracklets.gsd_m[row]) * shown_px
        found.append(
            Chip(
                look,
                str(tracklets.sensor[row]),
                int(tracklets.best_us[row]),
                line.evidence,
                _png(cut),
                width if np.isfinite(width) else None,
            )
        )
    return found


_EDGES = ("column_0", "row_0", "column_1", "row_1")


def _frame(path: Path, number: int) -> NDArray[np.uint8] | None:
    try:
        with Clip.open(path) as clip:
            reader = FrameReader(clip, "rgb")
            pts = int(reader.index.pts[number])
            for frame in reader.window(pts, pts + 1):
                return np.array(frame.array)
    except (AtalayaError, OSError, IndexError):
        # a recording that has gone since costs its chip, not the dossier
        return None
    return None


def _cut(picture: NDArray[np.uint8], box: list[float]) -> tuple[NDArray[np.uint8], int]:
    """(side, side, 3) around a box with its outline drawn, and how many pixels of the frame it shows."""
    size = max(box[2] - box[0], box[3] - box[1], 1.0)
    half = round(max(LEAST_SHOWN * size / 2.0, SIDE_PX / 2.0))
    column, row = round((box[0] + box[2]) / 2.0), round((box[1] + box[3]) / 2.0)
    padded = np.pad(picture, ((half, half), (half, half), (0, 0)))
    cut = padded[row : row + 2 * half, column : column + 2 * half].copy()
    edges = [
        round(v)
        for v in (box[0] - column + half, box[1] - row + half, box[2] - column + half, box[3] - row + half)
    ]
    _outline(cut, edges)
    step = max(1, (2 * half) // (2 * SIDE_PX))
    return cut[::step, ::step], 2 * half


def _outline(cut: NDArray[np.uint8], edges: list[int]) -> None:
    """Corners of the box, two pixels outside of it, so that they hide nothing."""
    size = cut.shape[0] - 1
    left, top, right, bottom = (
        int(np.clip(edge + step, 0, size)) for edge, step in zip(edges, (-3, -3, 3, 3), strict=True)
    )
    reach = max(2, (right - left) // 4)
    colour = np.array([255, 210, 0], np.uint8)
    for line in (top, bottom):
        cut[line, left : left + reach] = colour
        cut[line, max(right - reach, 0) : right] = colour
    for column in (left, right):
        cut[top : top + reach, column] = colour
        cut[max(bottom - reach, 0) : bottom, column] = colour


def _png(picture: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()
