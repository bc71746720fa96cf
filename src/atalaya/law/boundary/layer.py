"""A layer: its record and one multipolygon per area; and which edition of several is in force."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.base.errors import NotFound
from atalaya.law.boundary.record import LayerRecord


@dataclass(frozen=True, eq=False)
class Layer:
    """A boundary layer.

    Args:
        record: what it is.
        areas: State or area codes by area number (ISO 3166-1 alpha-3 for packaged sovereign layers).
        polygons: (len(areas),) valid shapely polygons or multipolygons, degrees within ±180, with edges that
            are straight in longitude and latitude (already densified to what the record says an edge means).
    """

    record: LayerRecord
    areas: tuple[str, ...]
    polygons: NDArray[np.object_] = field(repr=False)

    def area(self, code: str) -> int:
        """The number of an area.

        Raises:
            NotFound: LAY-003, the layer has no such area.
        """
        if code not in self.areas:
            raise NotFound("LAY-003", where=self.record.name, area=code, known=", ".join(self.areas[:20]))
        return self.areas.index(code)


def edition_at(layers: Iterable[Layer], t_us: int) -> Layer:
    """The edition in force at an instant; of several, the one that came into force last.

    Raises:
        NotFound: LAY-004, none was in force then.
    """
    valid = [layer for layer in layers if layer.record.in_force(t_us)]
    if not valid:
        raise NotFound("LAY-004", at=iso(t_us))
    return max(valid, key=lambda layer: (_start(layer.record), layer.record.edition))


def _start(record: LayerRecord) -> float:
    return -np.inf if record.valid_from_us is None else float(record.valid_from_us)
