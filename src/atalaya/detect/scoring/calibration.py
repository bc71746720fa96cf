"""Do probabilities mean what they say? Brier score, log score, reliability, expected calibration error.

ECE is gamed by keeping few claims: show it beside recall. Bins hold equal shares of the claims (Nguyen,
O'Connor 2015), which no choice of width can flatter, or have equal widths (Naeini et al. 2015).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.inputs import Bools, Floats, probabilities, whole

Bins = Literal["mass", "width"]
_LEAST = 1e-15


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Rows are bins that hold anything, by rising probability.

    stated: (b,) mean probability      came_true: (b,) share      n: (b,) how many
    low, high: (b,) 95 % Clopper-Pearson interval of the share
    """

    stated: Floats
    came_true: Floats
    n: NDArray[np.int64]
    low: Floats
    high: Floats

    @property
    def ece(self) -> float:
        """Mean gap between stated and true, bins weighted by what they hold."""
        return float(np.sum(self.n * np.abs(self.stated - self.came_true)) / self.n.sum())

    @property
    def worst(self) -> float:
        """Widest gap of a bin."""
        return float(np.abs(self.stated - self.came_true).max())


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """All figures of one set of probabilities.

    base_brier: of stating the base rate alone; a Brier score above it is worth less than nothing.
    """

    brier: float
    base_brier: float
    log_score: float
    base_rate: float
    n: int
    reliability: Reliability
    by_width: Reliability

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        rows = self.reliability
        columns = (rows.stated, rows.came_true, rows.n, rows.low, rows.high)
        names = ("stated", "came_true", "n", "low", "high")
        bins = [dict(zip(names, map(_plain, row), strict=True)) for row in zip(*columns, strict=True)]
        scores = {"brier": self.brier, "base_brier": self.base_brier, "log_score": self.log_score}
        gaps = {"ece": rows.ece, "ece_equal_width": self.by_width.ece, "worst": rows.worst}
        return {"n": self.n, "base_rate": self.base_rate, **scores, **gaps, "bins": bins}


def brier(p: ArrayLike, y: ArrayLike) -> float:
    """Mean squared gap between probability and outcome (Brier 1950).

    Raises:
        BadInput: SCO-001 to SCO-004.
    """
    stated, true = probabilities(p, y)
    return float(np.mean((stated - true) ** 2))


def log_score(p: ArrayLike, y: ArrayLike) -> float:
    """Mean of -ln of the probability given to what happened; probabilities are kept 1e-15 from 0 and 1.

    Raises:
        BadInput: SCO-001 to SCO-004.
    """
    stated, true = probabilities(p, y)
    given = np.where(true, stated, 1.0 - stated)
    return float(-np.mean(np.log(np.clip(given, _LEAST, 1.0))))


def reliability(p: ArrayLike, y: ArrayLike, bins: int = 10, kind: Bins = "mass") -> Reliability:
    """What came true, bin by bin. Equal probabilities are never parted, so row order does not matter.

    Raises:
        BadInput: SCO-001 to SCO-004; SCO-005, no bin.
    """
    from scipy.stats import beta

    stated, true = probabilities(p, y)
    if bins < 1:
        raise BadInput("SCO-005", where="bins", value=str(bins))
    place = (
        _mass_bin(stated, bins) if kind == "mass" else np.minimum((stated * bins).astype(np.int64), bins - 1)
    )
    n = np.bincount(place, minlength=bins)
    held = n > 0
    count, hits = n[held], np.bincount(place, true, minlength=bins)[held]
    mean = np.bincount(place, stated, minlength=bins)[held] / count
    low = np.where(hits > 0, beta.ppf(0.025, np.maximum(hits, 1), count - hits + 1), 0.0)
    high = np.where(hits < count, beta.ppf(0.975, hits + 1, np.maximum(count - hits, 1)), 1.0)
    return Reliability(mean, hits / count, count, low, high)


def ece(p: ArrayLike, y: ArrayLike, bins: int = 10, kind: Bins = "mass") -> float:
    """Expected calibration error.

    Raises:
        BadInput: SCO-001 to SCO-005.
    """
    return reliability(p, y, bins, kind).ece


def calibration(p: ArrayLike, y: ArrayLike, bins: int = 10) -> Calibration:
    """All of it.

    Raises:
        BadInput: SCO-001 to SCO-005.
    """
    stated, true = probabilities(p, y)
    base = float(true.mean())
    rows, by_width = (reliability(stated, true, bins, kind) for kind in ("mass", "width"))
    worth = brier(stated, true), base * (1.0 - base), log_score(stated, true)
    return Calibration(*worth, base, len(stated), rows, by_width)


def interval(
    p: ArrayLike,
    y: ArrayLike,
    statistic: Callable[[Floats, Bools], float],
    rng: np.random.Generator,
    *,
    group: ArrayLike | None = None,
    rounds: int = 1000,
) -> tuple[float, float]:
    """95 % interval of a figure such as `ece` or `brier`, when whole groups are drawn again.

    Args:
        group: (n,) scene or sortie of each claim; each claim is its own where None, which is too sure where
            claims of a scene share their errors.

    Raises:
        BadInput: SCO-001 to SCO-004.
    """
    from atalaya.earth.error.coverage import bootstrap

    stated, true = probabilities(p, y)
    names = np.arange(len(stated)) if group is None else whole(group, "group", len(stated))
    return bootstrap(lambda rows: statistic(stated[rows], true[rows]), names, rng, rounds)


def _mass_bin(stated: Floats, bins: int) -> NDArray[np.int64]:
    """Bin by the middle rank of each distinct value."""
    _, place, count = np.unique(stated, return_inverse=True, return_counts=True)
    middle = (np.cumsum(count) - count / 2.0) / len(stated)
    return np.minimum((middle * bins).astype(np.int64), bins - 1)[place]


def _plain(value: Any) -> float | int:
    return int(value) if isinstance(value, np.integer) else float(value)
