"""Places where a site might lie: spread evenly over the areas, and more of them along streams and roads."""

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sim.material import materials
from atalaya.sim.scene.ground import ROADS, WATERS, Ground, canonical_lines
from atalaya.sim.scene.recipe import Place

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_EVEN = 16_000
_ALONG = 8_000
_NEAR_M, _FAR_M = 12.0, 250.0
_GOLDEN = (0.7548776662466927, 0.5698402909980532)
"""Steps of the evenest two-dimensional sequence known (R2; Roberts 2018)."""


class Candidates:
    """Places and what the ground is like there; the same for the same seed, country and areas.

    east_m, north_m: (n,) float64, metres in the country's projection
    """

    def __init__(self, ground: Ground, area: shapely.Geometry, seed: int) -> None:
        spots = np.concatenate((_spread(area, seed), _along(ground, area, seed)))
        spots = np.round(spots, 2)
        shapely.prepare(area)
        spots = spots[shapely.contains_xy(area, spots[:, 0], spots[:, 1])]
        if not len(spots):
            raise BadInput("SCN-012")
        spots = np.unique(spots, axis=0)
        self.east_m, self.north_m = spots[:, 0], spots[:, 1]
        where = (self.east_m, self.north_m)
        self._figures: Mapping[str, Floats] = {
            "slope_deg": ground.slope_deg(*where),
            "stream_m": ground.waters.away_m(*where),
            "road_m": ground.roads.away_m(*where),
            "settlement_m": ground.settlement_m(*where),
            "houses_m": ground.houses_m(*where),
        }
        self._cover = ground.cover(*where)

    def meeting(self, place: Place, widened: frozenset[str], dropped: frozenset[str]) -> Flags:
        """(n,) which places meet the rules.

        Args:
            widened: rules whose least is halved and whose most is doubled. dropped: rules not asked.
        """
        fit = np.isfinite(self._figures["slope_deg"])
        for rule, figures in self._figures.items():
            low, high = getattr(place, rule)
            if rule in dropped:
                continue
            if rule in widened:
                low, high = 0.5 * low, 2.0 * high
            fit &= (figures >= low) & (figures <= high)
        if place.cover and "cover" not in widened | dropped:
            fit &= np.isin(self._cover, [materials()[name].code for name in place.cover])
        return np.asarray(fit & (self._cover != materials()["water"].code))


def _spread(area: shapely.Geometry, seed: int) -> Floats:
    """(n, 2) evenly over the box of the areas."""
    west, south, east, north = area.bounds
    start = np.random.default_rng([seed, 0x5CE]).random(2)
    steps = np.arange(1, _EVEN + 1)[:, None] * np.array(_GOLDEN)
    return np.asarray(
        np.array([west, south]) + (start + steps) % 1.0 * np.array([east - west, north - south])
    )


def _along(ground: Ground, area: shapely.Geometry, seed: int) -> Floats:
    """(n, 2) beside streams and roads, 12 to 250 m away."""
    generator = np.random.default_rng([seed, 0xA10])
    box = shapely.box(*area.bounds)
    lines = [
        line
        for kinds in (WATERS, ROADS)
        for line in canonical_lines(ground.country, kinds)
        if len(line.points_m) > 1
    ]
    shapes = [shapely.intersection(shapely.linestrings(line.points_m), box) for line in lines]
    lengths = np.array([one.length for one in shapes])
    total = float(lengths.sum())
    if total == 0.0:
        return np.empty((0, 2))
    found = []
    for shape, length in zip(shapes, lengths, strict=True):
        many = int(np.ceil(_ALONG * length / total)) if length > 0.0 else 0
        at = generator.random(many)
        away, turn = generator.uniform(_NEAR_M, _FAR_M, many), generator.uniform(0.0, 2.0 * np.pi, many)
        if many:
            points = shapely.get_coordinates(
                shapely.line_interpolate_point(_longest(shape), at, normalized=True)
            )
            found.append(points + away[:, None] * np.stack((np.sin(turn), np.cos(turn)), axis=1))
    return np.concatenate(found)


def _longest(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [one for one in shapely.get_parts(shape) if isinstance(one, shapely.LineString)]
    return max(parts, key=lambda one: one.length)
