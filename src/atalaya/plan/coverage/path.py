"""The result: a path with what the sensor does on each leg, what it costs, what it covers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon

from atalaya.base.finding import Finding

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CoveragePath:
    """A path over an area.

    Args:
        points: (k, 2) float64, metres in the caller's plane, in order of flight.
        sweep: (k - 1,) bool, whether the sensor works on the leg to the next point.
        cost: of the whole path, in `unit`.
        unit: "m" or "s".
        length_m: of the whole path.
        lines: how many straight lines are swept.
        headings_deg: main directions of lines, degrees anticlockwise from the first axis, in [0, 180).
        covered_share: of the area, within the bands of the swept legs.
        lower_bound_m: no path covering as much is shorter: (covered area - pi s^2 / 4) / s.
        left: what was not covered.
        findings: what a reader should know (COV codes).
    """

    points: Floats
    sweep: NDArray[np.bool_]
    cost: float
    unit: str
    length_m: float
    lines: int
    headings_deg: tuple[float, ...]
    covered_share: float
    lower_bound_m: float
    left: MultiPolygon
    findings: tuple[Finding, ...] = ()

    @property
    def track(self) -> LineString:
        """The whole path as one line."""
        return LineString(self.points if len(self.points) > 1 else self.points.repeat(2, axis=0))

    @property
    def swept(self) -> list[LineString]:
        """Legs with the sensor on."""
        return [LineString(self.points[k : k + 2]) for k in np.flatnonzero(self.sweep)]
