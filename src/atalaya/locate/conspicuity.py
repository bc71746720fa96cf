"""How strongly a place shows what it shows: the score of a tracklet says more than that there is one.

A place that shows drums plainly gives a strong claim on every pass, a barrel in a farmyard a faint one on
some. One latent quantity stands for both, the log-odds t of a tracklet in the reference look, drawn once per
place and kind of evidence: a tracklet at least as strong as c above the faintest comes with log-odds t - c
(proportional odds, McCullagh 1980, JRSS B 42, 109-142). So the distribution of hit rates of each class
(`model.HitRate`) tells what scores to expect of it, and repeated strong claims saturate as repeated hits do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.model import CLASSES, SiteModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cutpoint:
    """From the scores of a detector to log-odds: c = per_score (score - least).

    Args:
        least: the faintest score that makes a tracklet. per_score: log-odds per unit of the score, fitted
            with the hit rates.
    """

    least: float
    per_score: float

    def of(self, score: Floats) -> Floats:
        """(n,) cutpoints, 0 at the faintest."""
        return np.asarray(self.per_score * np.maximum(score - self.least, 0.0))


Cutpoints = Mapping[tuple[str, str], Cutpoint]
"""By detector ("name/version") and kind of evidence."""


def density(cutpoint: Floats, odds: Floats) -> Floats:
    """Density of a cutpoint given that there is a tracklet, of places of some odds; 1 where it is not known.

    With v = odds and w = v exp(-c): exp(-c) (1 + v) / (1 + w)^2. Arguments broadcast.
    """
    shrunk = np.exp(-np.nan_to_num(cutpoint))
    found = shrunk * (1.0 + odds) / (1.0 + odds * shrunk) ** 2
    return np.asarray(np.where(np.isnan(cutpoint), 1.0, found))


def typical(cutpoint: Floats, kind: str, model: SiteModel) -> Floats:
    """(m,) the same over the places that calibrations of tracklets call real: what their evidence holds."""
    if len(cutpoint) == 0:
        return np.empty(0)
    nodes = model.nodes_of(kind)
    share = np.array(model.calibrated_on)[:, None] * nodes.weight * nodes.odds / (1.0 + nodes.odds)
    found = density(np.asarray(cutpoint)[:, None, None], nodes.odds)
    return np.asarray((found * share).sum(axis=(1, 2)) / share.sum())


def relative(cutpoint: Floats, kind: str, odds: Floats, model: SiteModel) -> Floats:
    """(m, classes, nodes) by how much better nodes of odds (m, classes, nodes) explain tracklets (m,) than
    the typical place does; 1 where a cutpoint is not known.
    """
    if np.isnan(cutpoint).all():
        return np.ones((len(cutpoint), len(CLASSES), 1))
    return density(cutpoint[:, None, None], odds) / typical(cutpoint, kind, model)[:, None, None]


def heard_by(site: NDArray[np.int64], heard: Floats, cutpoint: Floats, count: int) -> Floats:
    """(count,) cutpoint of what each site heard, the mean by weight; NaN where nothing, or nothing known.

    Empty where no tracklet has one, so that nobody works with them.
    """
    if np.isnan(cutpoint).all():
        return np.empty(0)
    told = np.bincount(site, heard, count)
    whole = np.bincount(site, np.where(heard > 0.0, heard * cutpoint, 0.0), count)
    return np.asarray(np.divide(whole, told, out=np.full(count, np.nan), where=told > 0.0))
