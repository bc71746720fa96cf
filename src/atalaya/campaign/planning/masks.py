"""Cells that may be flown: airspace that is open, outside what must be kept out of, over known ground."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.campaign.planning.ground import SearchGround
from atalaya.campaign.planning.regions import Regions
from atalaya.campaign.planning.slots import Slot
from atalaya.plan.airspace import Limit, Volume, VolumeKind

Bools = NDArray[np.bool_]


def open_cells(slot: Slot, regions: Regions, shape: tuple[int, int]) -> Bools:
    """(rows, columns) cells whose region is open to a slot all the time it takes."""
    return np.asarray(slot.open[regions.number].reshape(shape))


def barred_cells(
    volumes: Sequence[Volume], ground: SearchGround, height_msl_m: float | None, slot: Slot, room_m: float
) -> dict[str, Bools]:
    """Volume to the (rows, columns) cells it closes at a height and time; keep-ins together under one name.

    A volume whose limits cannot be told from the height (above ground, by pressure, or a height that changes)
    closes its cells at every height: paths go around it, and the check of the legs has the last word.

    Args:
        height_msl_m: of the search; None where it follows the ground.
        room_m: kept from its border, beside its own buffer.
    """
    found: dict[str, Bools] = {}
    inside: Bools | None = None
    for volume in volumes:
        if not _meets_time(volume, slot):
            continue
        touched = _touched(volume, ground, room_m)
        if volume.kind is VolumeKind.KEEP_OUT:
            if _meets_height(volume, height_msl_m):
                found[volume.name] = touched
            continue
        within = _touched(volume, ground, room_m, keep_in=True)
        inside = within if inside is None else inside | within
    if inside is not None:
        found["keep-in"] = ~inside
    return found


def _meets_time(volume: Volume, slot: Slot) -> bool:
    return not volume.valid or any(
        (start is None or start < slot.end_us) and (end is None or slot.start_us < end)
        for start, end in volume.valid
    )


def _meets_height(volume: Volume, height_msl_m: float | None) -> bool:
    """Whether a level flight, its climb excepted, may meet it."""
    if height_msl_m is None:
        return True
    return not (
        _below(volume.ceiling, height_msl_m - volume.vertical_buffer_m)
        or _above(volume.floor, height_msl_m + volume.vertical_buffer_m)
    )


def _below(limit: Limit | None, height_msl_m: float) -> bool:
    return limit is not None and limit.datum.value == "msl" and limit.value < height_msl_m


def _above(limit: Limit | None, height_msl_m: float) -> bool:
    return limit is not None and limit.datum.value == "msl" and limit.value > height_msl_m


def _touched(volume: Volume, ground: SearchGround, room_m: float, *, keep_in: bool = False) -> Bools:
    """Cells a volume touches with its buffer; of a keep-in, cells wholly inside, buffer taken off."""
    rings = [np.column_stack(ground.metres(ring[:, 0], ring[:, 1])) for ring in volume.dense_rings]
    polygon = shapely.Polygon(rings[0], rings[1:])
    grid = ground.grid.grid
    rows, columns = ground.grid.shape
    room = volume.buffer_m + room_m + grid.cell_m * np.sqrt(0.5)
    area = polygon.buffer(-room) if keep_in else polygon.buffer(room)
    east = grid.east_north(np.arange(columns), np.zeros(columns))[0]
    north = grid.east_north(np.zeros(rows), np.arange(rows))[1]
    shapely.prepare(area)
    return np.asarray(shapely.contains_xy(area, east[None, :], north[:, None]))
