"""What looks teach: the map after a look that found nothing, and after one that reported something.

Counts of facilities are Poisson and independent between cells. A look that detects each facility it could
show with chance d thins the undetected ones: of the rate, the hidden share h stays, the rest is multiplied by
1 - d. Rate and hidden share together hold all that matters of earlier looks, so that n looks find
(1 - h) (1 - (1 - d)^n) of what was there at first, in whatever order they are made.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Report:
    """What a report in one cell means.

    Args:
        chance_real: that it is a facility, and not a false alarm.
        expected_found: facilities the reports stand for, with each weighed so.
        after: the map for what is still undetected.
    """

    chance_real: float
    expected_found: float
    after: SearchMap


def after_look(prior: SearchMap, chance: ArrayLike) -> SearchMap:
    """The map after one look of every cell without a report.

    Args:
        chance: (rows, columns) or a number: chance of detection by this look of a facility that is not
            hidden;
            0 or NaN where there was no look.

    Raises:
        BadInput: SNS-012, of another shape; SNS-013, chances outside [0, 1].
    """
    from atalaya.sensing import kernels

    given = np.asarray(chance, np.float64)
    if given.shape not in ((), prior.rate.shape):
        raise BadInput("SNS-012", name="chance", found=given.shape, wanted=prior.rate.shape)
    flat = np.ascontiguousarray(np.broadcast_to(given, prior.rate.shape)).ravel()
    if not kernels.within_sight(flat):
        raise BadInput("SNS-013", name="chance")
    rate, hidden = np.empty(flat.size), np.empty(flat.size)
    kernels.thin(np.ravel(prior.rate), np.ravel(prior.hidden), flat, rate, hidden)
    shape = prior.rate.shape
    looks = None if prior.looks is None else prior.looks + (flat > 0.0).reshape(shape)
    return replace(prior, rate=rate.reshape(shape), hidden=hidden.reshape(shape), looks=looks)


def after_looks(prior: SearchMap, cells: NDArray[np.int64], chance: Floats) -> SearchMap:
    """The map after looks of some cells without a report; the given map is not changed.

    Args:
        cells: (n,) indices into the flattened map, row by row; one may stand several times.
        chance: (n,) chance of detection of each look.

    Raises:
        BadInput: SNS-012, shapes differ or a cell is outside; SNS-013, chances outside [0, 1].
    """
    from atalaya.sensing import kernels

    index, given = np.asarray(cells, np.int64).ravel(), np.asarray(chance, np.float64).ravel()
    if index.shape != given.shape or (index.size and not 0 <= index.min() <= index.max() < prior.rate.size):
        raise BadInput("SNS-012", name="cells", found=index.shape, wanted=prior.rate.shape)
    if not kernels.within_sight(given):
        raise BadInput("SNS-013", name="chance")
    rate, hidden = prior.rate.copy(), prior.hidden.copy()
    kernels.thin_some(rate.reshape(-1), hidden.reshape(-1), index, given)
    looks = prior.looks
    if looks is not None:
        looks = looks.copy()
        np.add.at(looks.reshape(-1), index[given > 0.0], 1)
    return replace(prior, rate=rate, hidden=hidden, looks=looks)


def after_report(
    prior: SearchMap, cell: tuple[int, int], *, chance: float, false_alarms: float, reports: int = 1
) -> Report:
    """What a look that reported something in a cell says of it.

    With rate L, hidden share h, chance d and false alarms f per look of the cell, reports of real
    facilities are Poisson with L (1 - h) d and independent both of false ones and of what stays undetected.
    So each report is real with L (1 - h) d / (L (1 - h) d + f), and the rest of the cell is thinned as by
    any look. Reported facilities leave the map: they are sites now.

    Args:
        cell: row and column.
        chance: of detection of a facility that is not hidden.
        false_alarms: expected number of false reports per look of a cell.
        reports: how many there were.

    Raises:
        BadInput: SNS-006, a cell outside the map or figures out of range.
    """
    row, column = cell
    rows, columns = prior.rate.shape
    if not (0 <= row < rows and 0 <= column < columns):
        raise BadInput("SNS-006", name="cell", value=cell, allowed=f"{rows} x {columns}")
    if not (0.0 <= chance <= 1.0):
        raise BadInput("SNS-006", name="chance", value=chance, allowed="0 ... 1")
    if not (0.0 <= false_alarms < math.inf and reports >= 0):
        raise BadInput("SNS-006", name="false_alarms", value=false_alarms, allowed=">= 0")
    real = float(prior.rate[row, column] * (1.0 - prior.hidden[row, column]) * chance)
    chance_real = real / (real + false_alarms) if real + false_alarms > 0.0 else 0.0
    after = after_looks(prior, np.array([row * columns + column]), np.array([chance]))
    return Report(chance_real, reports * chance_real, after)


def chance_found(chance: ArrayLike, hidden: ArrayLike, looks: ArrayLike) -> Floats:
    """POD after n looks alike: (1 - h) (1 - (1 - d)^n); arguments broadcast."""
    d, h, n = (np.asarray(part, np.float64) for part in (chance, hidden, looks))
    return np.asarray((1.0 - h) * -np.expm1(n * np.log1p(-d)))


def bayes(prior: ArrayLike, chance: ArrayLike, false_alarm: ArrayLike, *, reported: bool) -> Floats:
    """Probability that one place is a facility, after a look.

    Args:
        prior: before it. chance: of a report if it is one. false_alarm: of a report if it is none.
        reported: whether the look gave a report: odds times d / f, else odds times (1 - d) / (1 - f).
    """
    return from_log_odds(log_odds(prior) + evidence(chance, false_alarm, reported=reported))


def evidence(chance: ArrayLike, false_alarm: ArrayLike, *, reported: bool) -> Floats:
    """What one look adds to the log-odds; looks add up in any order. +inf or -inf where it proves.

    Raises:
        BadInput: SNS-013, chances outside [0, 1].
    """
    d, f = np.asarray(chance, np.float64), np.asarray(false_alarm, np.float64)
    if not (((d >= 0.0) & (d <= 1.0)).all() and ((f >= 0.0) & (f <= 1.0)).all()):
        raise BadInput("SNS-013", name="chance, false_alarm")
    with np.errstate(divide="ignore", invalid="ignore"):
        if reported:
            return np.asarray(np.where(d == f, 0.0, np.log(d) - np.log(f)))
        return np.asarray(np.where(d == f, 0.0, np.log1p(-d) - np.log1p(-f)))


def log_odds(probability: ArrayLike) -> Floats:
    """ln(p / (1 - p))."""
    p = np.asarray(probability, np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(p) - np.log1p(-p))


def from_log_odds(value: ArrayLike) -> Floats:
    """The probability of log-odds."""
    from scipy.special import expit

    return np.asarray(expit(np.asarray(value, np.float64)))
