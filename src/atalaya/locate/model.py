"""What is assumed of places: classes, how reliably each shows each kind of evidence, how long they last.

Whether a place shows a sign is a property of the place: a shed that looks like a laboratory does so on every
pass. So each class has a distribution of hit rates (a Beta, at a few nodes), drawn once per
place and kind of evidence, not once per look: repeated hits of one kind then saturate below certainty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]

CLASSES = ("facility", "confuser", "background")
"""What a place that gives tracklets may be: sought, alike, or ground that does so by chance."""


@dataclass(frozen=True, slots=True)
class HitRate:
    """Chance that a place of one class gives a tracklet in the reference look, drawn once per place.

    Args:
        mean: of the Beta, in (0, 1).
        strength: a + b of the Beta; inf for a rate all places share.
        shown: share of the places that ever show this kind of evidence.
    """

    mean: float
    strength: float = np.inf
    shown: float = 1.0

    def __post_init__(self) -> None:
        if not (0.0 < self.mean < 1.0 and self.strength > 0.0 and 0.0 <= self.shown <= 1.0):
            raise BadInput("LOC-001", mean=self.mean, strength=self.strength, shown=self.shown)


Rates = tuple[HitRate, HitRate, HitRate]

USUAL: Rates = (HitRate(0.7, 10.0), HitRate(0.3, 10.0), HitRate(0.01))
"""Starting values: facility Beta(7, 3), look-alike Beta(3, 7), background .01; fit them per detector."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Hit rates of one kind of evidence, at nodes.

    odds: (classes, nodes) u / (1 - u) of each node in the reference look; 0 for a node that never shows
    weight: (classes, nodes) adding up to 1 in each class
    """

    odds: Floats
    weight: Floats


@dataclass(frozen=True)
class SiteModel:
    """All that is assumed of places.

    Args:
        rates: by kind of evidence, one `HitRate` per class; kinds not named use `usual`.
        usual: rates of kinds not named.
        reference: chance that coverage states for the look the rates were measured in.
        half_life_days: per class; inf for what stays.
        nodes: of each Beta.
        gate: squared Mahalanobis distance beyond which a tracklet is not a site's.
        calibrated_on: places of each class for each other among those whose tracklets calibrations call real.
        one_place_m: records nearer to one another than this are of one place, however well they are placed.
        least_r: existence below which a site is given back to the undetected.
        review: chance that a reader accepts a facility, a look-alike, background, nothing at all.
    """

    rates: Mapping[str, Rates] = field(default_factory=dict)
    usual: Rates = USUAL
    reference: float = 0.7
    half_life_days: tuple[float, float, float] = (180.0, 180.0, 180.0)
    nodes: int = 8
    gate: float = 13.8
    calibrated_on: tuple[float, float, float] = (1.0, 2.0, 0.0)
    one_place_m: float = 0.0
    least_r: float = 1e-4
    review: tuple[float, float, float, float] = (0.9, 0.2, 0.05, 0.05)

    def __post_init__(self) -> None:
        if not (0.0 < self.reference < 1.0 and self.nodes > 0 and all(h > 0.0 for h in self.half_life_days)):
            raise BadInput("LOC-002", reference=self.reference, nodes=self.nodes)

    @property
    def reference_odds(self) -> float:
        """Odds of the reference chance."""
        return self.reference / (1.0 - self.reference)

    def nodes_of(self, kind: str) -> Nodes:
        """Nodes of a kind of evidence."""
        return _nodes_of(self.rates.get(kind, self.usual), self.nodes)

    def survival(self, elapsed_us: float) -> Floats:
        """(classes,) chance to be still there after a time: 2^(-t / half-life)."""
        days = max(0.0, elapsed_us) / 86_400e6
        return np.asarray(2.0 ** (-days / np.array(self.half_life_days)))


_WIDE = 200.0
"""Strength beyond which a Beta is so narrow that middles of quantiles do."""


@lru_cache(maxsize=256)
def _nodes_of(rates: Rates, count: int) -> Nodes:
    hidden = any(rate.shown < 1.0 for rate in rates)
    parts = [_nodes(rate, count, hidden) for rate in rates]
    return Nodes(*(np.stack(columns) for columns in zip(*parts, strict=True)))


@lru_cache(maxsize=256)
def _nodes(rate: HitRate, count: int, hidden: bool) -> tuple[Floats, Floats]:
    """Odds and weights: Gauss-Jacobi, which makes k hits in n looks alike exact up to n = 2 count - 1."""
    from scipy.special import betaincinv, roots_jacobi

    u, weight = np.full(count, rate.mean), np.full(count, rate.shown / count)
    a, b = rate.mean * rate.strength, (1.0 - rate.mean) * rate.strength
    if rate.strength <= _WIDE:
        # at a + b = 1 its first step divides nought by nought, and leaves the quotient out afterwards
        with np.errstate(invalid="ignore", divide="ignore"):
            x, mass = roots_jacobi(count, b - 1.0, a - 1.0)
        u, weight = (1.0 + x) / 2.0, rate.shown * mass / mass.sum()
    elif np.isfinite(rate.strength):
        u = betaincinv(a, b, (np.arange(count) + 0.5) / count)
    u = np.clip(u, 1e-9, 1.0 - 1e-9)
    odds = u / (1.0 - u)
    if hidden:
        odds, weight = np.append(odds, 0.0), np.append(weight, 1.0 - rate.shown)
    return odds, weight
