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
    def boxes(self) -> Floats:
        """(len(areas), 4) west, south, east, north of each area."""

    def contains(self, area: int, lon_deg: Floats, lat_deg: Floats) -> Bools:
        """(n,) whether places lie in an area."""

    def depth_m(self, area: int, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """(n,) signed metres to its boundary, + inside."""

    def depth_bounds_m(self, area: int, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        """(n,) certain lower and upper bounds of `depth_m`, quickly."""

    def bound_m(self, area: int, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """(n,) how far the line near each place may be wrong."""

    def crossings(
        self, area: int, lon0_deg: Floats, lat0_deg: Floats, lon1_deg: Floats, lat1_deg: Floats
    ) -> Crossings:
        """Where geodesic segments cross its boundary, ordered by (segment, fraction)."""

    def nearest(self, area: int, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats, Floats]:
        """(n,) longitude, latitude and distance of the nearest place of its boundary."""
