"""Photographs under detectors: a recording of one frame, shown no finer than a detector's card asks for."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding
from atalaya.campaign.detecting.examine import Examined, Task, examine_tile
from atalaya.detect.candidates import Candidates
from atalaya.detect.card import ModelCard
from atalaya.detect.detector import Context, Detector, wants_colour
from atalaya.detect.tile import Tile
from atalaya.detect.tiling import Claimed, tiled, windows
from atalaya.earth.surface import LevelSurface
from atalaya.footage.analyse import Analysis
from atalaya.footage.still_track import track_of_still
from atalaya.footage.stills import Still, still_pixels

NO_PLACE = ("FTG-092", "FTG-095", "FTG-097")
"""Findings of a photograph without which its claims would have a place: no angles, no focal length."""

LARGE_PX = 20_000_000
CORE_PX, HALO_PX = 4096, 512
"""Pictures of more pixels are looked at in pieces, so that nets need no float copy of the whole."""


@dataclass(frozen=True, slots=True)
class TakeOffLevel(LevelSurface):
    """Level ground at the point of take-off, whose height nobody states."""

    @property
    def source(self) -> str:
        """See `Surface`."""
        return "level with the point of take-off"


def required_place(still: Still, where: str) -> None:
    """Refuse a photograph without a position.

    Raises:
        BadInput: DET-022.
    """
    if not math.isfinite(still.lon_deg) or not math.isfinite(still.lat_deg):
        raise BadInput("DET-022", where=where)


def above_take_off(analysis: Analysis) -> tuple[Analysis, TakeOffLevel] | None:
    """A photograph that states its height above take-off alone, over ground level with that; None for others.

    The ground lies at 0: places east and north do not hang on it (10 mm in 100 m for each 600 m of height),
    and heights found over such a surface are no heights above the ellipsoid.
    """
    still, frames = analysis.still, analysis.frames
    if still is None:
        return None
    if unplaced(analysis):
        return analysis, TakeOffLevel(0.0)  # nothing will be put on it
    if frames["sensor_height_hae_m"].null_count == 0:
        return None
    track = track_of_still(still).track
    if not math.isfinite(track.centre_height_m[0]):
        return None
    for name, value in (("sensor_height_hae_m", track.sensor_height_m), ("centre_height_hae_m", np.zeros(1))):
        place = frames.schema.get_field_index(name)
        frames = frames.set_column(place, name, pa.array(value, pa.float64()))
    return replace(analysis, frames=frames), TakeOffLevel(0.0)


def without_heights(table: pa.Table) -> pa.Table:
    """Detections without heights above the ellipsoid: those over `TakeOffLevel` are none."""
    place = table.schema.get_field_index("height_hae_m")
    return table.set_column(place, "height_hae_m", pa.nulls(table.num_rows, pa.float64()))


def unplaced(analysis: Analysis) -> list[Finding]:
    """Why the claims of a photograph have no place; nothing where they have."""
    return [finding for finding in analysis.findings if finding.code in NO_PLACE]


def examine_still(
    still: Still,
    tasks: Sequence[Task],
    context: Context,
    t_us: int,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Examined]:
    """Run detectors over a photograph.

    A picture finer than a detector's card allows is reduced by a whole factor until it is not: drones see
    their ground in a centimetre, and a card says from where on it was measured.

    Args:
        context: with the ground sample distance of the picture, NaN unknown.

    Raises:
        BadInput: FTG-099, it cannot be decoded.
    """
    ways = sorted(((wants_colour(task.detector), _reduced(task, context.gsd_m)), n)
                  for n, task in enumerate(tasks))  # fmt: skip
    done: dict[int, Examined] = {}
    for (colour, reduced), group in groupby(ways, key=lambda each: each[0]):
        numbers = [n for _, n in group]
        array = still_pixels(still, "rgb" if colour else "grey", reduced=reduced)
        tile = Tile(array, context.kind, gsd_m=context.gsd_m * reduced, t_us=t_us)
        seen = replace(context, rows=tile.shape[0], columns=tile.shape[1], gsd_m=tile.gsd_m)
        found = examine_tile(tile, [Task(_InPieces(tasks[n].detector)) for n in numbers], seen)
        whole = (still.height, still.width)
        done |= {n: replace(one, task=tasks[n], claims=_enlarged(one.claims, reduced, whole))
                 for n, one in zip(numbers, found, strict=True)}  # fmt: skip
        progress(len(done) / len(tasks))
    return [done[n] for n in range(len(tasks))]


@dataclass(frozen=True, slots=True)
class _InPieces:
    """A detector that is given large pictures piece by piece, where it remembers nothing between pictures."""

    inner: Detector

    @property
    def card(self) -> ModelCard:
        return self.inner.card

    def prepare(self, context: Context) -> Any:
        return self.inner.prepare(context)

    def detect(self, tile: Tile, state: Any) -> Candidates:
        if state is not None or tile.array.shape[0] * tile.array.shape[1] <= LARGE_PX:
            return self.inner.detect(tile, state)

        def piece(part: np.ndarray) -> Claimed:
            found = self.inner.detect(replace(tile, array=part), state)
            return Claimed(found, found.middle.astype(np.float64))

        return tiled(tile.array, windows(tile.shape, CORE_PX, HALO_PX), piece)


def _reduced(task: Task, gsd_m: float) -> int:
    """By how much a picture is to be reduced for a detector."""
    finest = task.detector.card.gsd_m[0]
    return math.ceil(finest / gsd_m - 1e-9) if 0.0 < gsd_m < finest else 1


def _enlarged(claims: Candidates, by: int, shape: tuple[int, int]) -> Candidates:
    """Claims in pixels of the picture as it was taken, clipped to it."""
    if by == 1:
        return claims

    def back(points: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> np.ndarray:
        return np.asarray((points + 0.5) * by - 0.5, np.float32)

    edge = np.array([shape[1], shape[0]] * 2, np.float32) - np.float32(0.5)
    corners = None if claims.corners is None else back(claims.corners)
    return replace(claims, box=np.clip(back(claims.box), np.float32(-0.5), edge), corners=corners)
