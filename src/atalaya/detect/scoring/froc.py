"""FROC: the share of truths found against false alarms per square kilometre and look, or per image.

Further hits on a truth already found count neither way, and claims in regions that are not judged are
swallowed (Bandos et al., Biometrics 65, 2009; the rules of the detection note). Areas are those of ground
seen, each place once per look: a union of footprints, not a sum of tiles.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.inputs import Bools, Floats, numbers, positive
from atalaya.detect.scoring.matching import Pairs, assigned

NOT_FOUND = -np.inf
_SLACK = 1.0 + 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One scene, claim by claim.

    found: (m,) score of the claim that found each truth, -inf where none did
    false: (k,) scores of false alarms      extra, swallowed: claims that count neither way
    size: square kilometres seen, or images
    """

    found: Floats
    false: Floats
    size: float = 1.0
    extra: int = 0
    swallowed: int = 0


def judged(
    score: ArrayLike, pairs: Pairs, truths: int, size: float = 1.0, ignored: Bools | None = None
) -> Judged:
    """Judge the claims of one scene.

    Args:
        score: (n,) of the claims. pairs: which claims hit which truths. truths: how many there are.
        size: square kilometres of ground seen, or number of images.
        ignored: (n,) claims in regions that are not judged; such a claim may still find a truth.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-005, the size is not above 0.
    """
    scores = numbers(score, "score")
    truth_of = assigned(pairs, scores)
    found = np.full(truths, NOT_FOUND)
    hits = truth_of >= 0
    found[truth_of[hits]] = scores[hits]
    touching = np.zeros(len(scores), np.bool_)
    touching[pairs.claim] = True
    swallowed = np.zeros(len(scores), np.bool_) if ignored is None else ignored & ~touching
    false = ~touching & ~swallowed
    counts = int((touching & ~hits).sum()), int(swallowed.sum())
    return Judged(found, scores[false], positive(size, "size"), *counts)


@dataclass(frozen=True)
class Froc:
    """A curve over several scenes; rows by falling threshold, one per distinct score.

    threshold: (k,)      found, false: (k,) truths found and false alarms at scores from the threshold on
    truths: of all scenes      size: of all scenes, square kilometres or images      per: "km2" or "image"
    """

    threshold: Floats
    found: NDArray[np.int64]
    false: NDArray[np.int64]
    truths: int
    size: float
    per: str

    @cached_property
    def pd(self) -> Floats:
        """(k,) share of truths found."""
        return np.asarray(self.found / self.truths)

    @cached_property
    def rate(self) -> Floats:
        """(k,) false alarms per square kilometre or image."""
        return np.asarray(self.false / self.size)

    def row_at(self, rate: float) -> int:
        """The lowest threshold at which false alarms are no more than `rate`; -1 for none."""
        return int(np.searchsorted(self.false, rate * self.size * _SLACK, side="right")) - 1

    def pd_at(self, rate: float) -> float:
        """Share of truths found at no more than `rate` false alarms."""
        row = self.row_at(rate)
        return float(self.pd[row]) if row >= 0 else 0.0

    def threshold_at(self, rate: float) -> float:
        """The score to ask for so that false alarms are no more than `rate`; inf where no claim may pass."""
        row = self.row_at(rate)
        return float(self.threshold[row]) if row >= 0 else float("inf")

    def upper_rate_at(self, rate: float, confidence: float = 0.95) -> float:
        """Exact Poisson upper bound of the true rate at that threshold."""
        row = self.row_at(rate)
        return poisson_upper(int(self.false[row]) if row >= 0 else 0, self.size, confidence)

    def as_json(self, rates: Iterable[float]) -> dict[str, Any]:
        """What was found at some rates, for `--json`."""
        points = [
            {
                "rate": rate,
                "pd": self.pd_at(rate),
                "threshold": self.threshold_at(rate) if self.row_at(rate) >= 0 else None,
                "rate_upper_95": self.upper_rate_at(rate),
            }
            for rate in rates
        ]
        return {"per": self.per, "truths": self.truths, "size": self.size, "points": points}


def froc(scenes: Iterable[Judged], per: str = "km2") -> Froc:
    """The curve of several judged scenes together.

    Raises:
        BadInput: SCO-004, no scene holds a truth: nothing can be found.
    """
    known = list(scenes)
    found = np.concatenate([scene.found for scene in known] or [np.zeros(0)])
    if not len(found):
        raise BadInput("SCO-004", where="truths")
    false = np.concatenate([scene.false for scene in known])
    hits = np.sort(found[found > NOT_FOUND])
    alarms = np.sort(false)
    threshold = np.unique(np.concatenate((hits, alarms)))[::-1]
    return Froc(
        threshold,
        len(hits) - np.searchsorted(hits, threshold, side="left"),
        len(alarms) - np.searchsorted(alarms, threshold, side="left"),
        len(found),
        math.fsum(scene.size for scene in known),
        per,
    )


def pd_interval(
    scenes: Iterable[Judged],
    rate: float,
    rng: np.random.Generator,
    rounds: int = 1000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Interval of the share found at a rate, when whole scenes are drawn again with replacement.

    Draws without any truth say nothing and are left out; NaN where all are.
    """
    known = list(scenes)
    truths = np.array([len(scene.found) for scene in known], np.float64)
    size = np.array([scene.size for scene in known])
    false, false_scene = _by_falling_score([scene.false for scene in known])
    found, found_scene = _by_falling_score([scene.found[scene.found > NOT_FOUND] for scene in known])
    values = np.full(rounds, np.nan)
    for turn in range(rounds if known else 0):
        weight = np.bincount(rng.integers(0, len(known), len(known)), minlength=len(known))
        if weight @ truths > 0:
            alarms = np.cumsum(weight[false_scene])
            first_over = int(np.searchsorted(alarms, rate * (weight @ size) * _SLACK, side="right"))
            limit = false[first_over] if first_over < len(false) else NOT_FOUND
            values[turn] = weight[found_scene[found > limit]].sum() / (weight @ truths)
    if np.isnan(values).all():
        return float("nan"), float("nan")
    tail = (1.0 - confidence) / 2.0
    low, high = np.nanquantile(values, (tail, 1.0 - tail))
    return float(low), float(high)


def poisson_upper(count: int, size: float = 1.0, confidence: float = 0.95) -> float:
    """Exact upper bound of a Poisson rate after `count` events (Garwood 1936): 3.00, 4.74, 7.75 for 0, 1, 3.

    Raises:
        BadInput: SCO-005, the size is not above 0.
    """
    from scipy.stats import chi2

    return float(chi2.ppf(confidence, 2 * (count + 1)) / 2.0 / positive(size, "size"))


def seen_km2(footprints_m: Iterable[Any]) -> float:
    """Ground seen in one look: the union of footprints, each place once.

    Args:
        footprints_m: shapely polygons in a plane that keeps areas, metres.
    """
    from shapely import area, make_valid, union_all

    return float(area(union_all(make_valid(list(footprints_m)))) / 1e6)


def _by_falling_score(parts: list[Floats]) -> tuple[Floats, NDArray[np.int64]]:
    scores = np.concatenate([*parts, np.zeros(0)])
    scene = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    order = np.argsort(-scores, kind="stable")
    return scores[order], scene[order]
