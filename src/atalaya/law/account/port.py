"""What the account asks of a boundary layer; `atalaya.law.boundary.LayerIndex` answers it."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from atalaya.law.boundary import Crossings, LayerRecord

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Index(Protocol):
    """A layer made ready for questions; places are WGS 84 degrees, distances geodesic metres.

    record: name, edition, kind, bound and sigma of the layer. areas: code of each area
    boxes: (len(areas), 4) west, south, east, north of each area
    """

    record: LayerRecord
    areas: tuple[str, ...]

    @property
    def boxes(self) -> Floats: ...

    def contains(self, area: int, lon_deg: Floats, lat_deg: Floats) -> Bools: ...

    def depth_m(self, area: int, lon_deg: Floats, lat_deg: Floats) -> Floats: ...

    def depth_bounds_m(self, area: int, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]: ...

    def crossings(
        self, area: int, lon0_deg: Floats, lat0_deg: Floats, lon1_deg: Floats, lat1_deg: Floats
    ) -> Crossings: ...

    def nearest(self, area: int, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats, Floats]: ...
