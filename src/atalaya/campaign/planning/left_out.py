"""Ground of the areas that no flight may search, gathered by what closes it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from atalaya.campaign.planning.ground import SearchGround
from atalaya.campaign.planning.made_plan import LeftOut
from atalaya.campaign.planning.slots import Slot

if TYPE_CHECKING:
    from atalaya.campaign.planning.scene import Scene

Bools = NDArray[np.bool_]


def left_out(scene: "Scene", slots: Sequence[Slot]) -> tuple[LeftOut, ...]:
    """Each piece of the areas that is closed to every flight of some day, with what the gates said of it."""
    days = sorted({slot.day for slot in slots})
    closed = {day: _closed_on(scene, [slot for slot in slots if slot.day == day]) for day in days}
    found: list[LeftOut] = []
    for number, area in enumerate(scene.request.areas):
        share = scene.ground.shares[number]
        count = sum((closed[day] & (share > 0.0)).astype(np.int64) for day in days)
        if not len(days) or not np.any(count):
            continue
        found += _pieces(scene, area.name, share, np.asarray(count), slots)
    return tuple(sorted(found, key=lambda each: -each.expected))


def _closed_on(scene: "Scene", slots: Sequence[Slot]) -> Bools:
    closed = np.ones(scene.ground.grid.shape, np.bool_)
    for slot in slots:
        closed &= ~scene.flyable(slot)
    return closed


def _pieces(
    scene: "Scene", area: str, share: NDArray[np.float64], count: NDArray[np.int64], slots: Sequence[Slot]
) -> list[LeftOut]:
    state = scene.request.fleets[slots[0].fleet].operator_state
    cell_km2 = scene.ground.map.cell_m**2 / 1e6
    rate = scene.ground.map.rate
    number = scene.regions[state].number.reshape(rate.shape)
    asked = [slot for slot in slots if scene.request.fleets[slot.fleet].operator_state == state]
    found = []
    for region in np.unique(number[count > 0]).tolist():
        cells = (count > 0) & (number == region)
        by_law = [slot for slot in asked if not slot.open[region]]
        volumes = _volumes(scene, cells, slots)
        part = np.where(scene.ground.grid.share > 0.0, share / np.maximum(scene.ground.grid.share, 1e-9), 0.0)
        found.append(
            LeftOut(
                area=area,
                states=by_law[0].openings[region].answer.grounds[0].states if by_law else (),
                km2=float(share[cells].sum() * cell_km2),
                expected=float((rate * part)[cells].sum()),
                grounds=by_law[0].openings[region].closed if by_law else (),
                volumes=volumes,
                days=int(count[cells].max()),
                geometry=outline(cells, scene.ground),
            )
        )
    return found


def _volumes(scene: "Scene", cells: Bools, slots: Sequence[Slot]) -> tuple[str, ...]:
    """Names of volumes that close some of the cells to some flight."""
    names: dict[str, None] = {}
    for slot in slots:
        for name, barred in scene.barred(slot).items():
            if np.any(barred & cells):
                names[name] = None
    return tuple(names)


def outline(cells: Bools, ground: SearchGround) -> BaseGeometry:
    """Cells as one geometry over longitude and latitude."""
    from rasterio.features import shapes
    from rasterio.transform import Affine

    x0, dx, _, y0, _, dy = ground.map.post_affine
    parts = [
        shape(found)
        for found, value in shapes(
            cells.astype(np.uint8), mask=cells, transform=Affine(dx, 0.0, x0, 0.0, dy, y0)
        )
        if value
    ]
    flat = shapely.union_all(parts)
    return shapely.transform(flat, lambda xy: np.column_stack(ground.degrees(xy[:, 0], xy[:, 1])))
