"""Areas under the curve of classified chips."""

import numpy as np
from numpy.typing import NDArray

from tools.training.chips import ChipSet


def areas(chips: ChipSet, of: NDArray[np.bool_], score: NDArray[np.float64]) -> dict[str, float]:
    """Areas under the curve: all chips, without negatives drawn anywhere, against look-alikes alone."""
    label, hard, anywhere = chips.label[of], chips.hard[of], chips.random[of]
    parts = {"all": np.ones(len(label), np.bool_), "without random": ~anywhere, "look-alikes": label | hard}
    return {name: round(area_under(score[part], label[part]), 4) for name, part in parts.items()}


def area_under(score: NDArray[np.float64], label: NDArray[np.bool_]) -> float:
    """Area under the curve of hits against false alarms: how often a positive outranks a negative."""
    from scipy.stats import rankdata

    ranks = rankdata(score)
    hits, others = int(label.sum()), int((~label).sum())
    return float((ranks[label].sum() - hits * (hits + 1) / 2) / max(hits * others, 1))
