"""A search map from what is believed of the ground: weighted layers, scaled to a stated expectation.

Each layer is an array on the map's grid (distance to tracks or water, slope, cover, classes, past finds)
with a response that turns its values into a factor's exponent; the prior density of a cell is exp(sum of
weight x response), a log-linear model. Cells without data in a layer get that layer's mean response:
neither for nor against, and they are counted. The whole is scaled to the expected number of facilities the
analyst states; polygons with stated counts of their own are kept to those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sensing.map_grid import MapGrid
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]

STEEPEST = 50.0
"""Exponents beyond this say "impossible" or "certain": a weight typed wrongly."""

_FITTING_ROUNDS = 200
_FITTED = 1e-9


class Response(Protocol):
    """Turns a layer's values into numbers of about 0 to 1; NaN stays NaN."""

    def __call__(self, values: Floats) -> Floats:
        """(rows, columns) responses."""


@dataclass(frozen=True, slots=True)
class Within:
    """1 up to a distance (or value), 0 beyond."""

    limit: float

    def __call__(self, values: Floats) -> Floats:
        """See `Response`."""
        return np.where(np.isnan(values), np.nan, (values <= self.limit).astype(np.float64))


@dataclass(frozen=True, slots=True)
class Decay:
    """exp(-distance / scale): falls to 37 % at the scale."""

    scale: float

    def __call__(self, values: Floats) -> Floats:
        """See `Response`."""
        return np.asarray(np.exp(-np.maximum(values, 0.0) / self.scale))


@dataclass(frozen=True, slots=True)
class Range:
    """0 outside [least, most], 1 at the best value, straight in between."""

    least: float
    best: float
    most: float

    def __call__(self, values: Floats) -> Floats:
        """See `Response`."""
        known = np.interp(values, [self.least, self.best, self.most], [0.0, 1.0, 0.0])
        return np.where(np.isnan(values), np.nan, known)


@dataclass(frozen=True, slots=True)
class Classes:
    """A number for each class; classes that the table does not name count as missing data."""

    table: Mapping[int, float]

    def __call__(self, values: Floats) -> Floats:
        """See `Response`."""
        found = np.full(values.shape, np.nan)
        for name, worth in self.table.items():
            found[values == name] = worth
        return found


@dataclass(frozen=True, slots=True)
class AsIs:
    """The values themselves: a layer somebody has already made a score of."""

    def __call__(self, values: Floats) -> Floats:
        """See `Response`."""
        return np.asarray(values, np.float64)


@dataclass(frozen=True, slots=True)
class Layer:
    """One reason to look here rather than there.

    Args:
        name: for reports.
        values: (rows, columns) on the map's grid, NaN where unknown.
        response: what to make of them.
        weight: of the response in the exponent: ln 2 makes a response of 1 twice as likely as one of 0.
    """

    name: str
    values: Floats
    response: Response
    weight: float


@dataclass(frozen=True, slots=True)
class StatedArea:
    """What an analyst states of an area: so many facilities are expected in it.

    Args:
        name: for reports. share: (rows, columns) part of each cell in the area.
        expected: facilities.
    """

    name: str
    share: Floats
    expected: float


@dataclass(frozen=True, slots=True)
class LayeredMap:
    """The map, and what was not known.

    missing: cells of the area without data, by layer
    """

    map: SearchMap
    missing: Mapping[str, int]


def from_layers(
    grid: MapGrid,
    layers: Sequence[Layer],
    expected: float,
    *,
    stated: Sequence[StatedArea] = (),
    hidden: Floats | float = 0.0,
) -> LayeredMap:
    """The prior search map.

    Args:
        grid: of `make_grid`; cells count by their share in the area.
        layers: any number; none gives a uniform map.
        expected: facilities on the whole map, those of stated areas included.
        hidden: share of facilities that cover hides, by cell, for example `detection.hidden_share`.

    Raises:
        BadInput: SNS-012, a layer of another shape; SNS-013, values that are no shares; SNS-006, an
            expectation
            or weight that is no number; SNS-014, stated counts that contradict each other or the total.
    """
    if not (np.isfinite(expected) and expected >= 0.0):
        raise BadInput("SNS-006", name="expected", value=expected, allowed=">= 0")
    inside = grid.share > 0.0
    exponent, missing = np.zeros(grid.shape), {}
    for layer in layers:
        worth, unknown = _worth(layer, inside)
        exponent += layer.weight * worth
        missing[layer.name] = unknown
    rate = _scaled(_density(exponent, grid), expected, stated)
    cover = np.broadcast_to(np.asarray(hidden, np.float64), grid.shape)
    if not ((cover >= 0.0) & (cover <= 1.0)).all():
        raise BadInput("SNS-013", name="hidden")
    looks = np.zeros(grid.shape, np.int64)
    return LayeredMap(SearchMap(rate, cover.copy(), grid.grid.crs, grid.post_affine, looks), missing)


def _density(exponent: Floats, grid: MapGrid) -> Floats:
    """exp(exponent) up to a factor, by the share of the cell in the area."""
    used = exponent[grid.share > 0.0]
    if not used.size:
        return grid.share
    if not np.isfinite(used).all() or np.ptp(used) > 2.0 * STEEPEST:
        raise BadInput("SNS-006", name="weight", value=float(np.ptp(used)), allowed=f"<= {2 * STEEPEST:g}")
    # the largest exponent is taken off: only ratios matter, and none may overflow
    return np.asarray(np.exp(np.minimum(exponent - used.max(), 0.0)) * grid.share)


def _worth(layer: Layer, inside: NDArray[np.bool_]) -> tuple[Floats, int]:
    """Responses with gaps filled by their mean, and how many gaps lie in the area."""
    values = np.asarray(layer.values, np.float64)
    if values.shape != inside.shape:
        raise BadInput("SNS-012", name=layer.name, found=values.shape, wanted=inside.shape)
    if not np.isfinite(layer.weight):
        raise BadInput("SNS-006", name=f"{layer.name}.weight", value=layer.weight, allowed="-50 ... 50")
    worth = layer.response(np.where(np.isfinite(values), values, np.nan))
    known = np.isfinite(worth)
    usual = float(worth[known & inside].mean()) if (known & inside).any() else 0.0
    return np.where(known, worth, usual), int((inside & ~known).sum())


def _scaled(density: Floats, expected: float, stated: Sequence[StatedArea]) -> Floats:
    """Proportional fitting (Deming and Stephan 1940): every stated area to its count, the rest to what is
    left.
    """
    total = float(density.sum())
    if not total > 0.0:
        if expected > 0.0:
            raise BadInput("SNS-014", name="*", found=0.0, wanted=expected)
        return np.zeros_like(density)
    rate = density * (expected / total)
    areas = [(one.name, _checked(one, density), one.expected) for one in stated]
    areas.append(("*", np.ones_like(density), expected))
    for _ in range(_FITTING_ROUNDS if stated else 0):
        for name, share, wanted in areas:
            rate = _fitted(rate, name, share, wanted)
        if all(abs(float((rate * s).sum()) - w) <= _FITTED * max(w, 1.0) for _, s, w in areas):
            break
    for name, share, wanted in areas:
        found = float((rate * share).sum())
        if abs(found - wanted) > 1e-6 * max(wanted, 1.0):
            raise BadInput("SNS-014", name=name, found=found, wanted=wanted)
    return rate


def _fitted(rate: Floats, name: str, share: Floats, wanted: float) -> Floats:
    found = float((rate * share).sum())
    if not found > 0.0:
        if wanted > 0.0:
            raise BadInput("SNS-014", name=name, found=found, wanted=wanted)
        return rate
    return np.asarray(rate * (1.0 - share + share * (wanted / found)))


def _checked(one: StatedArea, density: Floats) -> Floats:
    share = np.asarray(one.share, np.float64)
    if share.shape != density.shape:
        raise BadInput("SNS-012", name=one.name, found=share.shape, wanted=density.shape)
    if not ((share >= 0.0) & (share <= 1.0)).all():
        raise BadInput("SNS-013", name=one.name)
    if not (np.isfinite(one.expected) and one.expected >= 0.0):
        raise BadInput("SNS-006", name=one.name, value=one.expected, allowed=">= 0")
    return share
